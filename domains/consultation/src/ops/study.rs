//! Working through the queue: decisions, corrections, hiding, and the last word of whoever asked.

use kernel::{Actor, OpinionId};
use procedure::{Carry, Word as _};

use super::{
    Desk, OpError, Result,
    held::{advance_opinion, as_seen},
    limits, words,
};
use crate::{
    model::{OpinionMove, OpinionState, Outcome, says},
    store::Opinion,
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

/// Decides an opinion, or corrects the decision. `seen` is how many steps of it whoever decides has
/// seen; the same decision sent twice is one decision.
///
/// # Errors
/// [`OpError::Changed`] when somebody was quicker; else [`OpError`].
pub async fn decide(
    desk: &Desk,
    actor: &Actor,
    id: OpinionId,
    seen: u32,
    decision: &Decision,
) -> Result<()> {
    let reason = words("reason", &decision.reason, limits::REASON)?;
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
    let (mut tx, opinion) = desk.take_up_opinion(actor, id).await?;
    let says_so = opinion.outcome == Some(decision.outcome)
        && opinion.answer.as_ref() == Some(&reason)
        && opinion.lands_on == lands_on;
    if opinion.steps == seen + 1 && says_so {
        return Ok(tx.commit().await?);
    }
    as_seen(&opinion, seen)?;
    let made = match opinion.state {
        OpinionState::Decided => OpinionMove::Revise,
        _ => OpinionMove::Decide,
    };
    let now = desk.now();
    advance_opinion(desk, &mut tx, &opinion, (made, carry), |row| {
        row.outcome = Some(decision.outcome);
        row.answer = Some(reason);
        row.lands_on = lands_on;
        row.decided_at = Some(now);
    })
    .await?;
    Ok(tx.commit().await?)
}

/// Hides an opinion from the public, with the reason that will stand in its place. `seen` is how
/// many steps of it whoever hides has seen.
///
/// # Errors
/// [`OpError::Changed`] when somebody was quicker; else [`OpError`].
pub async fn hide(
    desk: &Desk,
    actor: &Actor,
    id: OpinionId,
    seen: u32,
    reason: &str,
) -> Result<()> {
    let reason = words("reason", reason, limits::REASON)?;
    let (mut tx, opinion) = desk.take_up_opinion(actor, id).await?;
    if opinion.steps == seen + 1 && opinion.hidden.as_ref() == Some(&reason) {
        return Ok(tx.commit().await?);
    }
    as_seen(&opinion, seen)?;
    let carry = because(&reason);
    advance_opinion(desk, &mut tx, &opinion, (OpinionMove::Hide, carry), |row| {
        row.hidden = Some(reason);
    })
    .await?;
    Ok(tx.commit().await?)
}

/// Shows a hidden opinion again. `seen` is how many steps of it whoever shows it has seen.
///
/// # Errors
/// [`OpError::Changed`] when somebody was quicker; else [`OpError`].
pub async fn show(
    desk: &Desk,
    actor: &Actor,
    id: OpinionId,
    seen: u32,
    reason: &str,
) -> Result<()> {
    let reason = words("reason", reason, limits::REASON)?;
    let (mut tx, opinion) = desk.take_up_opinion(actor, id).await?;
    if opinion.hidden.is_none() {
        return Ok(tx.commit().await?);
    }
    as_seen(&opinion, seen)?;
    let carry = because(&reason);
    advance_opinion(desk, &mut tx, &opinion, (OpinionMove::Show, carry), |row| {
        row.hidden = None;
    })
    .await?;
    Ok(tx.commit().await?)
}

fn because(reason: &str) -> Carry<OpinionState> {
    Carry {
        reason: Some(reason.to_owned()),
        ..Carry::default()
    }
}

/// Whoever holds the receipt is not content and asks for another look: once.
///
/// # Errors
/// [`OpError::AskedBefore`] the second time; else [`OpError`].
pub async fn ask_again(desk: &Desk, id: OpinionId, reason: &str) -> Result<()> {
    let reason = words("reason", reason, limits::REASON)?;
    let (mut tx, opinion) = desk.take_up_opinion(&Actor::Resident, id).await?;
    let timeline = procedure::load_timeline(&mut tx, id.into()).await?;
    let asked = |step: &procedure::Step| step.made == OpinionMove::AskAgain.word();
    if timeline.iter().any(asked) {
        return Err(OpError::AskedBefore);
    }
    let ask = (OpinionMove::AskAgain, because(&reason));
    advance_opinion(desk, &mut tx, &opinion, ask, |_: &mut Opinion| {}).await?;
    Ok(tx.commit().await?)
}

/// Whoever holds the receipt takes the opinion back before it is decided.
///
/// # Errors
/// [`OpError`].
pub async fn withdraw_opinion(desk: &Desk, id: OpinionId) -> Result<()> {
    let (mut tx, opinion) = desk.take_up_opinion(&Actor::Resident, id).await?;
    let take_back = (OpinionMove::Withdraw, Carry::default());
    advance_opinion(desk, &mut tx, &opinion, take_back, |_: &mut Opinion| {}).await?;
    Ok(tx.commit().await?)
}
