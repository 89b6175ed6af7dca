//! What a use case works on, as it stands inside its transaction, and the one way to change it: load,
//! advance, save, count.
//!
//! Transactions run one after another, those of several programs on one database too (decision 0001).
//! What is loaded here therefore holds until the transaction ends; nothing read before it counts.

use ::store::Tx;
use kernel::{Actor, ConsultationId, OpinionId};
use procedure::Carry;

use super::{Desk, OpError, Result, at_home};
use crate::{
    model::{CONSULTATION, Move, OPINION, OpinionMove, OpinionState, State},
    store::{self, Consultation, Opinion},
    tally,
};

impl Desk {
    /// A transaction, and in it a consultation that the actor may work on.
    pub(super) async fn take_up(
        &self,
        actor: &Actor,
        id: ConsultationId,
    ) -> Result<(Tx, Consultation)> {
        let mut tx = self.db.begin(actor.clone()).await?;
        let row = store::consultation(&mut tx, id).await?;
        at_home(actor, row.congress)?;
        Ok((tx, row))
    }

    /// A transaction, and in it an opinion that the actor may work on.
    pub(super) async fn take_up_opinion(
        &self,
        actor: &Actor,
        id: OpinionId,
    ) -> Result<(Tx, Consultation, Opinion)> {
        let mut tx = self.db.begin(actor.clone()).await?;
        let row = store::opinion(&mut tx, id).await?;
        let consultation = store::consultation(&mut tx, row.consultation).await?;
        at_home(actor, consultation.congress)?;
        Ok((tx, consultation, row))
    }
}

/// Makes a move of a consultation; `row` is then as it stands after it, still to be saved.
pub(super) async fn advance(
    desk: &Desk,
    tx: &mut Tx,
    row: &mut Consultation,
    made: Move,
    carry: Carry<State>,
) -> Result<()> {
    let works = desk.works(desk.now());
    let made = procedure::advance(tx, &CONSULTATION, row.id.into(), made, carry, works).await?;
    (row.state, row.steps) = (made.state, made.seq);
    Ok(())
}

/// Makes a move of an opinion, with what else it changes about it; saves and counts.
pub(super) async fn advance_opinion(
    desk: &Desk,
    tx: &mut Tx,
    was: &Opinion,
    (made, carry): (OpinionMove, Carry<OpinionState>),
    change: impl FnOnce(&mut Opinion),
) -> Result<Opinion> {
    let works = desk.works(desk.now());
    let made = procedure::advance(tx, &OPINION, was.id.into(), made, carry, works).await?;
    let mut now = was.clone();
    (now.state, now.steps) = (made.state, made.seq);
    change(&mut now);
    store::save_opinion(tx, &now).await?;
    store::tally(tx, now.consultation, tally::difference(Some(was), &now)).await?;
    let waits = |opinion: &Opinion| i64::from(opinion.state == OpinionState::Received);
    if waits(&now) != waits(was) {
        store::count_waiting(tx, now.id, waits(&now) - waits(was)).await?;
    }
    Ok(now)
}

/// Whoever acts must have seen the opinion as it stands.
pub(super) fn as_seen(opinion: &Opinion, steps: u32) -> Result<()> {
    if opinion.steps == steps {
        Ok(())
    } else {
        Err(OpError::Changed)
    }
}
