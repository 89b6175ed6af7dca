//! The transparency log in the database: sealing what transactions staged, and reading tiles and
//! proofs back.
//!
//! Kept are the leaf hash of every entry and the roots of complete subtrees at the tile levels, so
//! that any tile is one range of rows, and any proof a handful of tiles.

use std::collections::{BTreeSet, HashMap};

use futures_util::future::BoxFuture;
use store::{Conn, Ledger, Query, Result, Staged, StoreError, Target, Value, sql};
use translog::{Frontier, Plan, Proof, TileRef, inclusion_plan, leaf_hash};

use crate::statements as q;

/// How many entries one statement writes, four values each: SQLite finds parameters in time that
/// grows with the square of their number.
const ENTRIES_A_STATEMENT: usize = 250;

/// Levels of hashes that a tile spans.
pub(crate) const TILE_HEIGHT: u8 = 8;

/// Seals staged entries into the RFC 6962 tree.
#[derive(Debug, Default, Clone, Copy)]
pub struct MerkleLedger;

impl Ledger for MerkleLedger {
    fn seal<'a>(&'a self, conn: &'a mut Conn, staged: &'a [Staged]) -> BoxFuture<'a, Result<()>> {
        Box::pin(append(conn, staged))
    }
}

/// How long the log is, and its compact form.
#[derive(Debug, Clone)]
pub struct Head {
    /// Entries in the log.
    pub size: u64,
    /// The roots of its complete subtrees, from which the next entries go on.
    pub frontier: Frontier,
}

async fn append(conn: &mut Conn, staged: &[Staged]) -> Result<()> {
    let Head { size, mut frontier } = read_head(q::LOCK_HEAD, &mut *conn).await?;
    let mut entries: Vec<[Value; 4]> = Vec::with_capacity(staged.len());
    let mut nodes: Vec<[Value; 3]> = Vec::new();
    for (index, staged) in (size..).zip(staged) {
        let leaf = leaf_hash(&staged.entry);
        entries.push([
            int(index)?.into(),
            staged.move_id.into(),
            leaf.0.into(),
            staged.entry.clone().into(),
        ]);
        for (level, index, hash) in frontier.append(leaf) {
            if level > 0 && level % TILE_HEIGHT == 0 {
                nodes.push([i64::from(level).into(), int(index)?.into(), hash.0.into()]);
            }
        }
    }
    let mut entries = entries.into_iter().peekable();
    while entries.peek().is_some() {
        let some = entries.by_ref().take(ENTRIES_A_STATEMENT);
        sql(q::INSERT_ENTRIES)
            .push_rows(some)
            .execute(&mut *conn)
            .await?;
    }
    if !nodes.is_empty() {
        sql(q::INSERT_NODES)
            .push_rows(nodes)
            .execute(&mut *conn)
            .await?;
    }
    let moved = move_head(size, &frontier)?.execute(&mut *conn).await?;
    if moved == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict {
            constraint: "log_head.size".into(),
        })
    }
}

fn move_head(before: u64, frontier: &Frontier) -> Result<Query> {
    Ok(sql(q::MOVE_HEAD)
        .bind(int(frontier.size())?)
        .bind(frontier.to_bytes())
        .bind(int(before)?))
}

/// An index or size as the database holds it.
pub(crate) fn int(number: u64) -> Result<i64> {
    i64::try_from(number)
        .map_err(|_| StoreError::Inconsistent(format!("the log cannot hold entry {number}")))
}

async fn read_head(query: &'static str, on: impl Target) -> Result<Head> {
    let (size, frontier): (i64, Vec<u8>) = sql(query).one(on).await?;
    let frontier = if frontier.is_empty() {
        Frontier::new()
    } else {
        Frontier::from_bytes(&frontier).map_err(|error| {
            StoreError::Inconsistent(format!("the log's head cannot be read: {error}"))
        })?
    };
    if u64::try_from(size) == Ok(frontier.size()) {
        Ok(Head {
            size: frontier.size(),
            frontier,
        })
    } else {
        Err(StoreError::Inconsistent(format!(
            "the log's head says {size} and {}",
            frontier.size()
        )))
    }
}

/// The log as it stands.
///
/// # Errors
/// The store's.
pub async fn head(on: impl Target) -> Result<Head> {
    read_head(q::READ_HEAD, on).await
}

/// The hashes of a tile, side by side; `None` when the log is not that long yet.
///
/// # Errors
/// The store's.
pub async fn tile(on: impl Target, tile: TileRef) -> Result<Option<Vec<u8>>> {
    let start = tile.index.saturating_mul(256);
    let end = start.saturating_add(u64::from(tile.width));
    let query = match tile.level {
        0 => sql(q::LEAVES),
        level => sql(q::NODES).bind(i64::from(level) * i64::from(TILE_HEIGHT)),
    };
    let rows: Vec<(Vec<u8>,)> = query.bind(int(start)?).bind(int(end)?).all(on).await?;
    let whole = rows.len() as u64 == u64::from(tile.width);
    Ok(whole.then(|| rows.into_iter().flat_map(|(hash,)| hash).collect()))
}

/// The entries `start..end`, as they were written.
///
/// # Errors
/// The store's.
pub async fn entries(on: impl Target, start: u64, end: u64) -> Result<Vec<Vec<u8>>> {
    let rows: Vec<(Vec<u8>,)> = sql(q::ENTRIES)
        .bind(int(start)?)
        .bind(int(end)?)
        .all(on)
        .await?;
    Ok(rows.into_iter().map(|(entry,)| entry).collect())
}

/// Those of the `wanted` tiles that the log has, each read once.
pub(crate) async fn tiles(
    db: &store::Db,
    wanted: impl IntoIterator<Item = TileRef>,
) -> Result<HashMap<TileRef, Vec<u8>>> {
    let mut tiles = HashMap::new();
    for wanted in wanted.into_iter().collect::<BTreeSet<_>>() {
        if let Some(hashes) = tile(db, wanted).await? {
            tiles.insert(wanted, hashes);
        }
    }
    Ok(tiles)
}

/// The hashes that prove each of the entries `indices` to be in the log of `size` entries; a tile that
/// several of them need is read once.
///
/// # Errors
/// The store's, or [`StoreError::Inconsistent`] when the stored tree has a hole.
pub async fn prove_inclusions(db: &store::Db, indices: &[u64], size: u64) -> Result<Vec<Proof>> {
    let plans: Vec<Plan> = indices
        .iter()
        .map(|index| inclusion_plan(*index, size))
        .collect();
    let tiles = tiles(db, plans.iter().flat_map(Plan::needs)).await?;
    let hole = |error: translog::ProofError| StoreError::Inconsistent(error.to_string());
    plans
        .iter()
        .map(|plan| plan.prove(&tiles).map_err(hole))
        .collect()
}
