//! The end of a consultation: in time, by staff, with a report, or withdrawn.

use jiff::civil::Date;
use kernel::{Actor, ConsultationId};
use procedure::Carry;

use super::{Desk, OpError, Result, at_home, limits, words};
use crate::{
    model::{CONSULTATION, Move, OpinionState, State, Window, WindowRefusal, says},
    store,
    tally::Tallies,
};

/// Closes every consultation whose last day is over; how many. Run by the system, often.
///
/// # Errors
/// [`OpError`].
pub async fn close_overdue(desk: &Desk) -> Result<usize> {
    let overdue = store::overdue(&desk.db, desk.today()).await?;
    for consultation in &overdue {
        change(
            desk,
            &Actor::System,
            consultation.id,
            Move::Close,
            State::Studying,
            Carry::default(),
        )
        .await?;
    }
    Ok(overdue.len())
}

/// Gives people more time.
///
/// # Errors
/// [`OpError`].
pub async fn extend(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    closes: Date,
    reason: &str,
) -> Result<()> {
    let consultation = store::consultation(&desk.db, id).await?;
    at_home(actor, consultation.congress)?;
    let reason = words("reason", reason, limits::REASON)?;
    let opens = consultation.opens.unwrap_or(closes);
    if consultation.closes.is_some_and(|old| closes <= old) {
        return Err(WindowRefusal::Backwards.into());
    }
    if (closes - opens).get_days() > i32::try_from(crate::model::LONGEST_WINDOW).unwrap_or(i32::MAX)
    {
        return Err(WindowRefusal::TooLong.into());
    }
    let (least, basis, _) = desk.minimum_window()?;
    let still_short = (closes - opens).get_days() < i32::try_from(least).unwrap_or(i32::MAX);
    let exception = consultation.exception.filter(|_| still_short);
    let carry = Carry {
        reason: Some(reason),
        due: Some((closes, basis)),
        ..Carry::saying(&says::Extend {
            closes: closes.to_string(),
        })?
    };
    let mut tx = desk.db.begin(actor.clone()).await?;
    procedure::advance(
        &mut tx,
        &CONSULTATION,
        id.into(),
        Move::Extend,
        carry,
        desk.works(desk.now()),
    )
    .await?;
    store::set_window(
        &mut tx,
        id,
        &Window {
            opens,
            closes,
            exception,
        },
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Publishes what became of the opinions (采纳情况). Every opinion must be decided first: nothing
/// is left out silently.
///
/// # Errors
/// [`OpError::Undecided`] while opinions wait; else [`OpError`].
pub async fn report(desk: &Desk, actor: &Actor, id: ConsultationId) -> Result<()> {
    let tallies = Tallies::new(store::tallies(&desk.db, id).await?);
    let waiting = tallies.in_state("", OpinionState::Received);
    if waiting > 0 {
        return Err(OpError::Undecided { waiting });
    }
    change(
        desk,
        actor,
        id,
        Move::Report,
        State::Reported,
        Carry::default(),
    )
    .await
}

/// Withdraws a consultation.
///
/// # Errors
/// [`OpError`].
pub async fn withdraw(desk: &Desk, actor: &Actor, id: ConsultationId, reason: &str) -> Result<()> {
    let reason = words("reason", reason, limits::REASON)?;
    let carry = Carry {
        reason: Some(reason),
        ..Carry::default()
    };
    change(desk, actor, id, Move::Withdraw, State::Withdrawn, carry).await
}

/// Makes a move that only changes the state.
async fn change(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    made: Move,
    to: State,
    carry: Carry<State>,
) -> Result<()> {
    let consultation = store::consultation(&desk.db, id).await?;
    at_home(actor, consultation.congress)?;
    let mut tx = desk.db.begin(actor.clone()).await?;
    procedure::advance(
        &mut tx,
        &CONSULTATION,
        id.into(),
        made,
        carry,
        desk.works(desk.now()),
    )
    .await?;
    store::set_state(&mut tx, id, to).await?;
    tx.commit().await?;
    Ok(())
}
