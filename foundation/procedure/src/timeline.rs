//! The way a matter has gone, step by step, with where each stands in the log.

use std::collections::HashMap;

use kernel::{AccountId, MatterId, Timestamp};
use serde::de::DeserializeOwned;
use store::{Result, StoreError, Target, sql};
use translog::{Opening, Salt};

use crate::{Record, statements as q};

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
    /// The account that made it, for staff's eyes only; `None` for residents and the system.
    pub account: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// Why, where it says so.
    pub reason: Option<String>,
    /// What was said with it, unless redacted.
    pub record: Option<Record>,
    /// What opens the entry's commitment: the record's text to the byte, and its salt; unless
    /// redacted.
    pub opening: Option<Opening>,
    /// The entry's place in the log.
    pub index: Option<u64>,
    /// The entry's bytes.
    pub entry: Option<Vec<u8>>,
}

impl Step {
    /// What the move said, as its domain's struct for it; `None` when redacted or of another form.
    #[must_use]
    pub fn says<T: DeserializeOwned>(&self) -> Option<T> {
        self.record.as_ref()?.says()
    }
}

/// A matter's steps, oldest first.
pub type Timeline = Vec<Step>;

#[derive(sqlx::FromRow)]
struct Row {
    matter_id: MatterId,
    seq: i64,
    r#move: String,
    from_state: String,
    to_state: String,
    role: String,
    account_id: Option<AccountId>,
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
/// The store's, or [`StoreError::Inconsistent`] when what a step said cannot be read.
pub async fn load(on: impl Target, matter: MatterId) -> Result<Timeline> {
    let rows: Vec<Row> = sql(q::TIMELINE).bind(matter).all(on).await?;
    rows.into_iter().map(step).collect()
}

/// All steps of each of `matters`; one without steps is left out.
///
/// # Errors
/// As [`load`].
pub async fn load_all(
    on: impl Target,
    matters: &[MatterId],
) -> Result<HashMap<MatterId, Timeline>> {
    let mut found: HashMap<MatterId, Timeline> = HashMap::new();
    if matters.is_empty() {
        return Ok(found);
    }
    let mut query = sql(q::TIMELINES);
    for (n, matter) in matters.iter().enumerate() {
        query = query
            .push(if n == 0 { "" } else { ", " })
            .push_bind(*matter);
    }
    let rows: Vec<Row> = query.push(") ORDER BY m.matter_id, m.seq").all(on).await?;
    for row in rows {
        found.entry(row.matter_id).or_default().push(step(row)?);
    }
    Ok(found)
}

fn step(row: Row) -> Result<Step> {
    let seq = u32::try_from(row.seq)
        .map_err(|_| StoreError::Inconsistent("a step without a number".into()))?;
    let opening = row
        .content
        .zip(row.salt)
        .map(|(text, salt)| opening(text, &salt))
        .transpose()?;
    let record = opening
        .as_ref()
        .map(|opening| Record::parse(&opening.text))
        .transpose()?;
    Ok(Step {
        seq,
        made: row.r#move,
        from: row.from_state,
        to: row.to_state,
        role: row.role,
        account: row.account_id,
        at: row.at,
        reason: row.reason,
        record,
        opening,
        index: row.idx.and_then(|index| u64::try_from(index).ok()),
        entry: row.entry,
    })
}

fn opening(text: String, salt: &[u8]) -> Result<Opening> {
    let salt = <[u8; 32]>::try_from(salt)
        .map_err(|_| StoreError::Inconsistent("a salt that is not 32 bytes long".into()))?;
    Ok(Opening {
        text,
        salt: Salt(salt),
    })
}
