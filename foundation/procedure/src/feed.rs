//! The event feed: every move in the order of the log, for domains that act on what others did and
//! for mirrors. The index in the log is the cursor: it has no gaps, and what stands there never changes.

use kernel::{CongressId, MatterId, Timestamp};
use store::{Result, StoreError, Target, Tx, sql};

use crate::{ledger::int, statements as q};

/// A move as the feed tells it: what happened to which matter, and nothing of what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The entry's index in the log, from 0.
    pub index: u64,
    /// The matter.
    pub matter: MatterId,
    /// The kind of matter.
    pub kind: String,
    /// The congress it belongs to.
    pub congress: CongressId,
    /// Which step of the matter it is, from 1.
    pub step: u32,
    /// The move's word.
    pub made: String,
    /// The role that made it.
    pub role: String,
    /// The state after it.
    pub state: String,
    /// When.
    pub at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    idx: i64,
    matter_id: MatterId,
    kind: String,
    congress_id: CongressId,
    seq: i64,
    r#move: String,
    role: String,
    to_state: String,
    at: Timestamp,
}

/// At most `limit` events from index `from` on, without gaps.
///
/// # Errors
/// The store's, or [`StoreError::Inconsistent`] when an entry or its move is missing: a reader that
/// went on over a gap would never hear of what stood there.
pub async fn feed(on: impl Target, from: u64, limit: u32) -> Result<Vec<Event>> {
    let rows: Vec<Row> = sql(q::FEED).bind(int(from)?).bind(limit).all(on).await?;
    (from..)
        .zip(rows)
        .map(|(index, row)| event(index, row))
        .collect()
}

fn event(index: u64, row: Row) -> Result<Event> {
    let missing = || StoreError::Inconsistent(format!("entry {index} of the log has no move"));
    if u64::try_from(row.idx) != Ok(index) {
        return Err(missing());
    }
    Ok(Event {
        index,
        matter: row.matter_id,
        kind: row.kind,
        congress: row.congress_id,
        step: u32::try_from(row.seq).map_err(|_| missing())?,
        made: row.r#move,
        role: row.role,
        state: row.to_state,
        at: row.at,
    })
}

/// At most `limit` events that the reader called `name` has not taken yet. They count as taken when
/// the transaction commits, together with what the reader made of them: each exactly once.
///
/// # Errors
/// As [`feed`].
pub async fn take(tx: &mut Tx, name: &'static str, limit: u32) -> Result<Vec<Event>> {
    let (next,): (i64,) = sql(q::LOCK_CURSOR).bind(name).one(&mut *tx).await?;
    let next = u64::try_from(next).map_err(|_| {
        StoreError::Inconsistent(format!("the reader {name} stands before the log"))
    })?;
    let events = feed(&mut *tx, next, limit).await?;
    if let Some(last) = events.last() {
        let after = int(last.index + 1)?;
        sql(q::MOVE_CURSOR)
            .bind(name)
            .bind(after)
            .execute(tx)
            .await?;
    }
    Ok(events)
}
