//! Working through the queue: decisions, corrections, hiding, and the last word of whoever asked.

use ::store::Tx;
use kernel::{Actor, OpinionId};
use lawtext::ProvisionId;
use procedure::{Carry, Word as _};

use super::{
    Desk, OpError, Result,
    held::{advance_opinion, as_seen},
    limits, words,
    write::Writing,
};
use crate::{
    model::{OpinionMove, OpinionState, Outcome, says},
    store::{self, Consultation, Opinion},
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
    /// The body that handles it (承办单位): of what is referred, always.
    pub referred_to: Option<String>,
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
    let judged = judge(decision)?;
    let (mut tx, consultation, opinion) = desk.take_up_opinion(actor, id).await?;
    let says_so = opinion.outcome == Some(judged.outcome)
        && opinion.answer.as_ref() == Some(&judged.reason)
        && opinion.lands_on == judged.lands_on
        && opinion.referred_to == judged.referred_to;
    if opinion.steps == seen + 1 && says_so {
        return Ok(tx.commit().await?);
    }
    as_seen(&opinion, seen)?;
    settle(desk, &mut tx, &consultation, &opinion, &judged).await?;
    Ok(tx.commit().await?)
}

/// A decision as it may be kept.
pub(super) fn judge(decision: &Decision) -> Result<Decision> {
    Ok(Decision {
        outcome: decision.outcome,
        reason: words("reason", &decision.reason, limits::REASON)?,
        lands_on: place(decision)?,
        referred_to: body(decision)?,
    })
}

/// Makes the move of a decision that was [judged](judge).
pub(super) async fn settle(
    desk: &Desk,
    tx: &mut Tx,
    consultation: &Consultation,
    opinion: &Opinion,
    judged: &Decision,
) -> Result<()> {
    let carry = Carry {
        reason: Some(judged.reason.clone()),
        ..Carry::saying(&says::Decide {
            outcome: judged.outcome,
            lands_on: judged.lands_on.clone(),
            referred_to: judged.referred_to.clone(),
        })?
    };
    let made = match opinion.state {
        OpinionState::Decided => OpinionMove::Revise,
        _ => OpinionMove::Decide,
    };
    let now = desk.now();
    let decided = advance_opinion(desk, tx, opinion, (made, carry), |row| {
        row.outcome = Some(judged.outcome);
        row.answer = Some(judged.reason.clone());
        row.lands_on.clone_from(&judged.lands_on);
        row.referred_to.clone_from(&judged.referred_to);
        row.decided_at = Some(now);
    })
    .await?;
    // The version that shows it may be there already.
    if judged.outcome.changes_the_draft() && consultation.version != opinion.version {
        let writing = Writing::one(&decided, consultation.version);
        writing.enqueue(desk, tx).await?;
    }
    Ok(())
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
    let (mut tx, _, opinion) = desk.take_up_opinion(actor, id).await?;
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
    let (mut tx, _, opinion) = desk.take_up_opinion(actor, id).await?;
    if opinion.hidden.is_none() {
        return Ok(tx.commit().await?);
    }
    if opinion.is_erased() {
        return Err(OpError::Erased);
    }
    as_seen(&opinion, seen)?;
    let carry = because(&reason);
    advance_opinion(desk, &mut tx, &opinion, (OpinionMove::Show, carry), |row| {
        row.hidden = None;
    })
    .await?;
    Ok(tx.commit().await?)
}

/// Erases the words of an opinion for good, because whoever wrote them asks for it (个人信息保护法
/// 第四十七条): those it came with, and those it was brought back with. What was decided stays, and so does
/// the proof that it was said, when, and what became of it. `seen` is how many steps of it whoever
/// erases has seen; what is erased already is erased once.
///
/// # Errors
/// [`OpError::Changed`] when somebody was quicker; else [`OpError`].
pub async fn erase(
    desk: &Desk,
    actor: &Actor,
    id: OpinionId,
    seen: u32,
    reason: &str,
) -> Result<()> {
    let reason = words("reason", reason, limits::REASON)?;
    let (mut tx, _, opinion) = desk.take_up_opinion(actor, id).await?;
    if opinion.is_erased() {
        return Ok(tx.commit().await?);
    }
    as_seen(&opinion, seen)?;
    let timeline = procedure::load_timeline(&mut tx, id.into()).await?;
    let own = [OpinionMove::Submit.word(), OpinionMove::AskAgain.word()];
    for step in timeline
        .iter()
        .filter(|step| own.contains(&step.made.as_str()))
    {
        procedure::redact(&mut tx, id.into(), step.seq).await?;
    }
    store::erase_words(&mut tx, id).await?;
    let carry = because(&reason);
    advance_opinion(
        desk,
        &mut tx,
        &opinion,
        (OpinionMove::Erase, carry),
        |row| {
            row.body.clear();
            row.hidden = Some(reason);
        },
    )
    .await?;
    Ok(tx.commit().await?)
}

/// The place that staff named for what changes the draft. Whether the next version has it shows when
/// that is there.
fn place(decision: &Decision) -> Result<Option<String>> {
    let named = decision.lands_on.as_deref();
    let named = named.filter(|_| decision.outcome.changes_the_draft());
    let parsed = named.map(|id| id.parse::<ProvisionId>().map_err(|_| OpError::NoProvision));
    Ok(parsed.transpose()?.map(|id| id.to_string()))
}

/// The body to which the opinion is referred. Nothing is referred to nobody.
fn body(decision: &Decision) -> Result<Option<String>> {
    let named = decision.referred_to.as_deref().unwrap_or_default();
    (decision.outcome == Outcome::Referred)
        .then(|| words("referred_to", named, limits::BODY))
        .transpose()
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
    let (mut tx, _, opinion) = desk.take_up_opinion(&Actor::Resident, id).await?;
    let timeline = procedure::load_timeline(&mut tx, id.into()).await?;
    let asked = |step: &procedure::Step| step.made == OpinionMove::AskAgain.word();
    if timeline.iter().any(asked) {
        return Err(OpError::AskedBefore);
    }
    let ask = (OpinionMove::AskAgain, because(&reason));
    // It waits for an answer again; the former one stays in its way, and its landings where they are.
    advance_opinion(desk, &mut tx, &opinion, ask, |row| {
        (row.outcome, row.answer, row.decided_at) = (None, None, None);
        (row.lands_on, row.referred_to) = (None, None);
    })
    .await?;
    Ok(tx.commit().await?)
}

/// Whoever holds the receipt takes the opinion back before it is decided.
///
/// # Errors
/// [`OpError`].
pub async fn withdraw_opinion(desk: &Desk, id: OpinionId) -> Result<()> {
    let (mut tx, _, opinion) = desk.take_up_opinion(&Actor::Resident, id).await?;
    let take_back = (OpinionMove::Withdraw, Carry::default());
    advance_opinion(desk, &mut tx, &opinion, take_back, |_| {}).await?;
    Ok(tx.commit().await?)
}
