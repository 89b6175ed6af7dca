//! Whether the counters equal a recount, and how to make them equal again.

use std::collections::BTreeMap;

use ::store::{Check, Db, Result, sql};
use kernel::{Actor, ConsultationId};

use crate::{figures, store};

::store::statements! {
    /// Consultations after one.
    NEXT = "SELECT id FROM consultation WHERE id > $1 ORDER BY id LIMIT 100";
}

/// The counters equal a recount.
pub(crate) const COUNTERS: Check = Check {
    name: "counters",
    says: "征求意见的计数与重新清点一致 · the counters of consultations equal a recount",
    look: |db| Box::pin(look(db)),
    mend: Some(|db| Box::pin(mend(db))),
};

async fn look(db: &Db) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for id in all(db).await? {
        // A move between the two looks is no fault: what seems wrong is counted once more while
        // nobody writes.
        let stored = store::tallies(db, id).await?;
        if differences(stored, figures::recount(db, id).await?).is_empty() {
            continue;
        }
        let mut tx = db.begin(Actor::System).await?;
        let stored = store::tallies(&mut tx, id).await?;
        let counted = figures::recount_in(&mut tx, id).await?;
        tx.roll_back().await;
        let changes = differences(stored, counted);
        wrong.extend(changes.iter().map(|change| told(id, change)));
    }
    Ok(wrong)
}

fn told(id: ConsultationId, change: &store::Tally) -> String {
    let store::Tally { provision, key, by } = change;
    format!("{id} {provision} {key} {by:+}")
}

async fn mend(db: &Db) -> Result<u64> {
    let mut mended = 0;
    for id in all(db).await? {
        let mut tx = db.begin(Actor::System).await?;
        let stored = store::tallies(&mut tx, id).await?;
        let changes = differences(stored, figures::recount_in(&mut tx, id).await?);
        mended += changes.len() as u64;
        store::tally(&mut tx, id, changes).await?;
        tx.commit().await?;
    }
    Ok(mended)
}

async fn all(db: &Db) -> Result<Vec<ConsultationId>> {
    let mut all: Vec<ConsultationId> = Vec::new();
    loop {
        let after = all.last().map_or(uuid::Uuid::nil(), |id| (*id).into());
        let page: Vec<(ConsultationId,)> = sql(NEXT).bind(after).all(db).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page.into_iter().map(|(id,)| id));
    }
}

/// By how much each counter is to change to be what was counted.
fn differences(stored: figures::Numbers, counted: figures::Numbers) -> Vec<store::Tally> {
    let mut by: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (provision, key, n) in counted {
        *by.entry((provision, key)).or_default() += n;
    }
    for (provision, key, n) in stored {
        *by.entry((provision, key)).or_default() -= n;
    }
    let changed = by.into_iter().filter(|(_, by)| *by != 0);
    changed
        .map(|((provision, key), by)| store::Tally { provision, key, by })
        .collect()
}
