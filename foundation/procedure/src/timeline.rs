//! The way a matter has gone, step by step, with where each stands in the log.

use kernel::{MatterId, Timestamp};
use store::{Result, StoreError, Target, sql};

use crate::statements as q;

/// One step of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// From 1, without gaps.
    pub seq: u32,
    /// The move's word.
    pub made: String,
    /// The state before; `none` for the first.
    pub from: String,
    /// The state after.
    pub to: String,
    /// The role that made it.
    pub role: String,
    /// When.
    pub at: Timestamp,
    /// Why, where it says so.
    pub reason: Option<String>,
    /// What was committed to, unless redacted.
    pub content: Option<String>,
    /// The salt of the commitment, unless redacted.
    pub salt: Option<Vec<u8>>,
    /// The entry's place in the log.
    pub index: Option<u64>,
    /// The entry's bytes.
    pub entry: Option<Vec<u8>>,
}

/// A matter's steps, oldest first.
pub type Timeline = Vec<Step>;

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    r#move: String,
    from_state: String,
    to_state: String,
    role: String,
    at: Timestamp,
    reason: Option<String>,
    content: Option<String>,
    salt: Option<Vec<u8>>,
    idx: Option<i64>,
    entry: Option<Vec<u8>>,
}

/// All steps of `matter`.
///
/// # Errors
/// The store's.
pub async fn load(on: impl Target, matter: MatterId) -> Result<Timeline> {
    let rows: Vec<Row> = sql(q::TIMELINE).bind(matter).all(on).await?;
    rows.into_iter().map(step).collect()
}

fn step(row: Row) -> Result<Step> {
    let seq = u32::try_from(row.seq)
        .map_err(|_| StoreError::Inconsistent("a step without a number".into()))?;
    Ok(Step {
        seq,
        made: row.r#move,
        from: row.from_state,
        to: row.to_state,
        role: row.role,
        at: row.at,
        reason: row.reason,
        content: row.content,
        salt: row.salt,
        index: row.idx.and_then(|index| u64::try_from(index).ok()),
        entry: row.entry,
    })
}
