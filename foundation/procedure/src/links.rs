//! Links between matters: what led to what, kept for ever. A link is only added, never changed, so
//! that whoever walks the chain later finds every place it once led to.

use kernel::{LinkId, MatterId, Timestamp};
use store::{Result, StoreError, Target, Tx, sql};

use crate::{Clockwork, Word, statements as q};

crate::words! {
    /// What one matter is to another. One list for the whole house, so that domains that do not know
    /// each other mean the same by a word.
    pub enum LinkKind {
        /// 促成: something in the other matter is there because of this one.
        LedTo = "led_to",
    }
}

/// A link from one matter to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id; links sort by it in the order in which they were made.
    pub id: LinkId,
    /// Where it starts.
    pub from: MatterId,
    /// Where it leads.
    pub to: MatterId,
    /// What the one is to the other.
    pub kind: LinkKind,
    /// The place within the other matter, in its domain's words; empty for the whole.
    pub anchor: String,
    /// When it was made.
    pub made_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: LinkId,
    from_matter: MatterId,
    to_matter: MatterId,
    kind: String,
    anchor: String,
    made_at: Timestamp,
}

impl TryFrom<Row> for Link {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let kind = LinkKind::parse(&row.kind)
            .ok_or_else(|| StoreError::Inconsistent(format!("a link of the kind {}", row.kind)))?;
        Ok(Self {
            id: row.id,
            from: row.from_matter,
            to: row.to_matter,
            kind,
            anchor: row.anchor,
            made_at: row.made_at,
        })
    }
}

/// Links `from` to the place `anchor` of `to`; the same link made again changes nothing.
///
/// # Errors
/// The store's.
pub async fn link(
    tx: &mut Tx,
    from: MatterId,
    to: MatterId,
    kind: LinkKind,
    anchor: &str,
    works: Clockwork<'_>,
) -> Result<()> {
    sql(q::INSERT_LINK)
        .bind(LinkId::new(works.now, works.entropy))
        .bind(from)
        .bind(to)
        .bind(kind.word())
        .bind(anchor)
        .bind(works.now)
        .execute(tx)
        .await
        .map(drop)
}

/// `limit` links that start at `from`, oldest first, after `after`.
///
/// # Errors
/// The store's.
pub async fn links_from(
    on: impl Target,
    from: MatterId,
    after: Option<LinkId>,
    limit: u32,
) -> Result<Vec<Link>> {
    let query = sql(q::LINKS_FROM).bind(from).bind(begin_after(after));
    let rows: Vec<Row> = query.bind(limit).all(on).await?;
    rows.into_iter().map(Link::try_from).collect()
}

/// `limit` links of one kind that lead to the place `anchor` of `to`, oldest first, after `after`.
///
/// # Errors
/// The store's.
pub async fn links_to(
    on: impl Target,
    to: MatterId,
    kind: LinkKind,
    anchor: &str,
    after: Option<LinkId>,
    limit: u32,
) -> Result<Vec<Link>> {
    let query = sql(q::LINKS_TO).bind(to).bind(kind.word()).bind(anchor);
    let rows: Vec<Row> = query.bind(begin_after(after)).bind(limit).all(on).await?;
    rows.into_iter().map(Link::try_from).collect()
}

fn begin_after(after: Option<LinkId>) -> LinkId {
    after.unwrap_or_else(|| uuid::Uuid::nil().into())
}
