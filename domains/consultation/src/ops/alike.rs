//! Opinions that say almost the same (相近意见): found by a job, looked at together, answered in one act.
//!
//! Each of them keeps its own receipt, its own way and its own decision; only the clerk writes the
//! answer once. What belongs together is found anew whenever staff ask for it.

use ::store::jobs::{self, NewJob};
use kernel::{Actor, ConsultationId, OpinionId};
use textmine::Likeness;

use super::{
    Desk, OpError, Result, at_home, staff,
    study::{self, Decision},
};
use crate::store::{self, Members, Spoken};

/// The kind of the job.
pub const GATHER: &str = "consultation.gather_alike";

/// How like the first of its group an opinion is at least, in thousandths: of the pairs of
/// neighbouring characters in either, so many stand in both. At 600 a greeting more, a name or some other words
/// do not part what was copied, and what merely speaks of the same matter stays apart.
pub const LIKE: Likeness = match Likeness::new(600) {
    Some(likeness) => likeness,
    None => Likeness::SAME,
};

/// Opinions that one act decides at most; those that are left wait for the next.
pub const ALIKE_AT_ONCE: usize = 500;

/// Opinions that one transaction decides.
const DECIDED_AT_ONCE: u32 = 100;
/// Groups that one transaction keeps or takes away, and members at most.
const GROUPS_AT_ONCE: u32 = 200;
const MEMBERS_AT_ONCE: usize = 1_000;

/// What the job is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Gathering {
    consultation: ConsultationId,
}

/// Asks for the groups to be found anew.
///
/// # Errors
/// [`OpError`].
pub async fn ask_to_gather(desk: &Desk, actor: &Actor, id: ConsultationId) -> Result<()> {
    staff(actor)?;
    let (mut tx, _) = desk.take_up(actor, id).await?;
    let now = desk.now();
    let mut job = NewJob::new(GATHER, &Gathering { consultation: id }, now)?;
    job.dedup_key = Some(format!("{GATHER} {id}"));
    jobs::enqueue(&mut tx, &job, now, &*desk.entropy).await?;
    Ok(tx.commit().await?)
}

/// Finds the groups of a consultation and shows them in place of those found before. Each run has a
/// number of its own, so that two at the same time do not mix.
///
/// # Errors
/// [`OpError`].
pub async fn gather(desk: &Desk, job: Gathering) -> Result<()> {
    let id = job.consultation;
    let said = store::spoken(&desk.db, id).await?;
    let compared = said.len();
    let sorted = tokio::task::spawn_blocking(move || groups(&said));
    let groups = sorted.await.map_err(|error| {
        ::store::StoreError::Inconsistent(format!("opinions could not be compared: {error}"))
    })?;
    let mut tx = desk.db.begin(Actor::System).await?;
    let run = (id, store::begin_gathering(&mut tx, id).await?);
    tx.commit().await?;
    let mut groups = groups.as_slice();
    while !groups.is_empty() {
        let (some, others) = groups.split_at(at_once(groups));
        let mut tx = desk.db.begin(Actor::System).await?;
        for members in some {
            store::keep_alike(&mut tx, run, members).await?;
        }
        tx.commit().await?;
        groups = others;
    }
    let mut tx = desk.db.begin(Actor::System).await?;
    store::show_gathering(&mut tx, run, desk.now(), compared).await?;
    tx.commit().await?;
    loop {
        let mut tx = desk.db.begin(Actor::System).await?;
        let more = store::forget_former(&mut tx, run, GROUPS_AT_ONCE).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// How many of these groups one transaction keeps: at least one.
fn at_once(groups: &[Members]) -> usize {
    let mut members = 0;
    let some = groups
        .iter()
        .take(GROUPS_AT_ONCE as usize)
        .take_while(|group| {
            let first = members == 0;
            members += group.len();
            first || members <= MEMBERS_AT_ONCE
        });
    some.count()
}

/// The groups of two or more: opinions on the same provision, sorted by it, that say almost the same.
fn groups(said: &[Spoken]) -> Vec<Members> {
    let same = |one: &Spoken, other: &Spoken| one.provision == other.provision;
    said.chunk_by(same).flat_map(groups_on_one).collect()
}

fn groups_on_one(said: &[Spoken]) -> Vec<Members> {
    let members = textmine::gather(said.iter().map(|one| one.text.as_str()), LIKE);
    let mut groups: Vec<Members> = vec![Vec::new(); said.len()];
    for (one, member) in said.iter().zip(members) {
        let likeness = member.likeness.unwrap_or(Likeness::SAME);
        if let Some(group) = groups.get_mut(member.first) {
            group.push((one.id, likeness.per_mille()));
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// Decides all that wait in a group of the run `run`, as if each were decided by itself, [`ALIKE_AT_ONCE`]
/// at most; how many it were. Those that somebody decided before stay as they are.
///
/// # Errors
/// [`OpError::Changed`] when the groups were found anew since; else [`OpError`]. What was decided before
/// an error stays decided.
pub async fn decide_alike(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    (run, first): (i64, OpinionId),
    decision: &Decision,
) -> Result<usize> {
    staff(actor)?;
    let judged = study::judge(decision)?;
    let (mut decided, mut after) = (0, None);
    while decided < ALIKE_AT_ONCE {
        let mut tx = desk.db.begin(actor.clone()).await?;
        let consultation = store::consultation(&mut tx, id).await?;
        at_home(actor, consultation.congress)?;
        let shown = store::gathering(&mut tx, id).await?;
        if shown.is_none_or(|shown| shown.run != run) {
            return Err(OpError::Changed);
        }
        let place = (id, run);
        let some = store::waiting_alike(&mut tx, place, first, after, DECIDED_AT_ONCE).await?;
        for opinion in &some {
            let opinion = store::opinion(&mut tx, *opinion).await?;
            study::settle(desk, &mut tx, &consultation, &opinion, &judged).await?;
        }
        tx.commit().await?;
        decided += some.len();
        after = some.last().copied();
        if some.len() < DECIDED_AT_ONCE as usize {
            break;
        }
    }
    Ok(decided)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(size: usize) -> Members {
        vec![(OpinionId::from(uuid::Uuid::nil()), 1000); size]
    }

    #[test]
    fn a_transaction_keeps_some_groups_and_never_none() {
        assert_eq!(at_once(&[group(MEMBERS_AT_ONCE + 1), group(2)]), 1);
        assert_eq!(at_once(&[group(2), group(MEMBERS_AT_ONCE), group(2)]), 1);
        assert_eq!(at_once(&vec![group(2); 1_000]), 200);
        assert_eq!(at_once(&vec![group(10); 1_000]), 100);
    }
}
