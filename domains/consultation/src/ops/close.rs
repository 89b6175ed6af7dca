//! The end of a consultation: in time, by staff, with a report, or withdrawn.

use ::store::Tx;
use jiff::{Span, civil::Date};
use kernel::{Actor, ConsultationId};
use procedure::Carry;

use super::{Desk, OpError, Result, held::advance, limits, words};
use crate::{
    model::{LONGEST_WINDOW, Move, OpinionState, State, WINDOW, WindowRefusal, says},
    store::{self, Consultation},
    tally::Tallies,
};

/// How many that are due are read at once.
const AT_ONCE: u32 = 50;

/// Closes every consultation whose last day is over; how many. Run by the system, often.
///
/// # Errors
/// [`OpError`].
pub async fn close_overdue(desk: &Desk) -> Result<usize> {
    let today = desk.today();
    let yesterday = today.saturating_sub(Span::new().days(1));
    let (mut after, mut closed) = (None, 0);
    loop {
        let overdue = procedure::due(&desk.db, WINDOW, yesterday, after, AT_ONCE).await?;
        let Some(last) = overdue.last() else {
            return Ok(closed);
        };
        after = Some(last.place());
        for clock in overdue {
            let id = ConsultationId::from(uuid::Uuid::from(clock.matter));
            let (tx, row) = desk.take_up(&Actor::System, id).await?;
            // Meanwhile somebody may have given more time, or another program may have closed it.
            if row.state == State::Open && row.closes.is_some_and(|closes| closes < today) {
                change(desk, tx, row, Move::Close, Carry::default()).await?;
                closed += 1;
            }
        }
    }
}

/// Closes a consultation before its last day is over. What people were told does not hold then, so it
/// needs a reason; where less time was given than the law asks, everybody reads it.
///
/// # Errors
/// [`OpError`]; [`WindowRefusal::Backwards`] before its first day.
pub async fn close(desk: &Desk, actor: &Actor, id: ConsultationId, reason: &str) -> Result<()> {
    let reason = words("reason", reason, limits::REASON)?;
    let (tx, mut row) = desk.take_up(actor, id).await?;
    let today = desk.today();
    let opens = row.opens.unwrap_or(today);
    if today < opens {
        return Err(WindowRefusal::Backwards.into());
    }
    let (least, ..) = desk.minimum_window(opens)?;
    let short = (today - opens).get_days() < i32::try_from(least).unwrap_or(i32::MAX);
    row.closes = row.closes.map(|closes| closes.min(today));
    row.exception = short.then(|| reason.clone()).or(row.exception);
    let carry = Carry {
        reason: Some(reason),
        ..Carry::default()
    };
    change(desk, tx, row, Move::Close, carry).await
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
    let reason = words("reason", reason, limits::REASON)?;
    let (mut tx, mut row) = desk.take_up(actor, id).await?;
    let opens = row.opens.unwrap_or_else(|| desk.today());
    if row.closes.is_some_and(|old| closes <= old) {
        return Err(WindowRefusal::Backwards.into());
    }
    if (closes - opens).get_days() > i32::try_from(LONGEST_WINDOW).unwrap_or(i32::MAX) {
        return Err(WindowRefusal::TooLong.into());
    }
    let (least, basis, _) = desk.minimum_window(opens)?;
    let still_short = (closes - opens).get_days() < i32::try_from(least).unwrap_or(i32::MAX);
    let carry = Carry {
        reason: Some(reason),
        due: Some((closes, basis)),
        ..Carry::saying(&says::Extend {
            closes: closes.to_string(),
        })?
    };
    advance(desk, &mut tx, &mut row, Move::Extend, carry).await?;
    row.closes = Some(closes);
    row.exception = row.exception.filter(|_| still_short);
    store::save_consultation(&mut tx, &row).await?;
    Ok(tx.commit().await?)
}

/// Publishes what became of the opinions (采纳情况). Every opinion must be decided first: nothing
/// is left out silently.
///
/// # Errors
/// [`OpError::Undecided`] while opinions wait, [`OpError::StillWriting`] while a new version is being
/// written; else [`OpError`].
pub async fn report(desk: &Desk, actor: &Actor, id: ConsultationId) -> Result<()> {
    let (mut tx, row) = desk.take_up(actor, id).await?;
    let tallies = Tallies::new(store::tallies(&mut tx, id).await?);
    let waiting = tallies.in_state("", OpinionState::Received);
    if waiting > 0 {
        return Err(OpError::Undecided { waiting });
    }
    if row.writing.is_some() {
        return Err(OpError::StillWriting);
    }
    change(desk, tx, row, Move::Report, Carry::default()).await
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
    let (tx, row) = desk.take_up(actor, id).await?;
    change(desk, tx, row, Move::Withdraw, carry).await
}

/// Makes a move that only changes the state.
async fn change(
    desk: &Desk,
    mut tx: Tx,
    mut row: Consultation,
    made: Move,
    carry: Carry<State>,
) -> Result<()> {
    advance(desk, &mut tx, &mut row, made, carry).await?;
    store::save_consultation(&mut tx, &row).await?;
    Ok(tx.commit().await?)
}
