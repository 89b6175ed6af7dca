//! Working through the queue: decisions, corrections, hiding, and the last word of whoever asked.

use ::store::Tx;
use kernel::{Actor, OpinionId};
use procedure::{Carry, Word as _};

use super::{Desk, OpError, Result, at_home, limits, words};
use crate::{
    model::{OPINION, OpinionMove, OpinionState, Outcome, says},
    store::{self, Opinion},
    tally,
};

/// A decision on an opinion, always with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub outcome: Outcome,
    /// Why, in words the person will read.
    pub reason: String,
    /// The provision of the next version that will show it, where it is another one.
    pub lands_on: Option<String>,
}

/// Decides an opinion, or corrects the decision.
///
/// # Errors
/// [`OpError`].
pub async fn decide(desk: &Desk, actor: &Actor, id: OpinionId, decision: &Decision) -> Result<()> {
    let opinion = at_my_congress(desk, actor, id).await?;
    let reason = words("reason", &decision.reason, limits::REASON)?;
    let made = match opinion.state {
        OpinionState::Decided => OpinionMove::Revise,
        _ => OpinionMove::Decide,
    };
    let lands_on = decision
        .lands_on
        .clone()
        .filter(|_| decision.outcome.changes_the_draft());
    let carry = Carry {
        reason: Some(reason.clone()),
        ..Carry::saying(&says::Decide {
            outcome: decision.outcome,
            lands_on: lands_on.clone(),
        })?
    };
    let mut tx = desk.db.begin(actor.clone()).await?;
    let now = desk.now();
    procedure::advance(&mut tx, &OPINION, id.into(), made, carry, desk.works(now)).await?;
    store::decide(
        &mut tx,
        id,
        decision.outcome,
        &reason,
        lands_on.as_deref(),
        now,
    )
    .await?;
    count(
        &mut tx,
        &opinion,
        OpinionState::Decided,
        Some(decision.outcome),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Hides an opinion from the public, with the reason that will stand in its place.
///
/// # Errors
/// [`OpError`].
pub async fn hide(desk: &Desk, actor: &Actor, id: OpinionId, reason: &str) -> Result<()> {
    set_hidden(desk, actor, id, OpinionMove::Hide, reason).await
}

/// Shows a hidden opinion again.
///
/// # Errors
/// [`OpError`].
pub async fn show(desk: &Desk, actor: &Actor, id: OpinionId, reason: &str) -> Result<()> {
    set_hidden(desk, actor, id, OpinionMove::Show, reason).await
}

async fn set_hidden(
    desk: &Desk,
    actor: &Actor,
    id: OpinionId,
    made: OpinionMove,
    reason: &str,
) -> Result<()> {
    let opinion = at_my_congress(desk, actor, id).await?;
    let reason = words("reason", reason, limits::REASON)?;
    let hiding = made == OpinionMove::Hide;
    if opinion.hidden.is_some() == hiding {
        return Ok(());
    }
    let carry = Carry {
        reason: Some(reason.clone()),
        ..Carry::default()
    };
    let mut tx = desk.db.begin(actor.clone()).await?;
    procedure::advance(
        &mut tx,
        &OPINION,
        id.into(),
        made,
        carry,
        desk.works(desk.now()),
    )
    .await?;
    store::set_hidden(&mut tx, id, hiding.then_some(reason.as_str())).await?;
    let by = if hiding { 1 } else { -1 };
    store::tally(&mut tx, opinion.consultation, tally::hidden(&opinion, by)).await?;
    tx.commit().await?;
    Ok(())
}

/// Whoever holds the receipt is not content and asks for another look: once.
///
/// # Errors
/// [`OpError::AskedBefore`] the second time; else [`OpError`].
pub async fn ask_again(desk: &Desk, id: OpinionId, reason: &str) -> Result<()> {
    let opinion = store::opinion(&desk.db, id).await?;
    let reason = words("reason", reason, limits::REASON)?;
    let timeline = procedure::load_timeline(&desk.db, id.into()).await?;
    if timeline
        .iter()
        .any(|step| step.made == OpinionMove::AskAgain.word())
    {
        return Err(OpError::AskedBefore);
    }
    let carry = Carry {
        reason: Some(reason),
        ..Carry::default()
    };
    move_by_holder(
        desk,
        &opinion,
        OpinionMove::AskAgain,
        OpinionState::Received,
        carry,
    )
    .await
}

/// Whoever holds the receipt takes the opinion back before it is decided.
///
/// # Errors
/// [`OpError`].
pub async fn withdraw_opinion(desk: &Desk, id: OpinionId) -> Result<()> {
    let opinion = store::opinion(&desk.db, id).await?;
    move_by_holder(
        desk,
        &opinion,
        OpinionMove::Withdraw,
        OpinionState::Withdrawn,
        Carry::default(),
    )
    .await
}

async fn move_by_holder(
    desk: &Desk,
    opinion: &Opinion,
    made: OpinionMove,
    to: OpinionState,
    carry: Carry<OpinionState>,
) -> Result<()> {
    let mut tx = desk.db.begin(Actor::Resident).await?;
    procedure::advance(
        &mut tx,
        &OPINION,
        opinion.id.into(),
        made,
        carry,
        desk.works(desk.now()),
    )
    .await?;
    store::set_opinion_state(&mut tx, opinion.id, to).await?;
    count(&mut tx, opinion, to, opinion.outcome).await?;
    tx.commit().await?;
    Ok(())
}

async fn at_my_congress(desk: &Desk, actor: &Actor, id: OpinionId) -> Result<Opinion> {
    let opinion = store::opinion(&desk.db, id).await?;
    let consultation = store::consultation(&desk.db, opinion.consultation).await?;
    at_home(actor, consultation.congress)?;
    Ok(opinion)
}

pub(super) async fn count(
    tx: &mut Tx,
    was: &Opinion,
    state: OpinionState,
    outcome: Option<Outcome>,
) -> Result<(), OpError> {
    Ok(store::tally(tx, was.consultation, tally::moved(was, state, outcome)).await?)
}
