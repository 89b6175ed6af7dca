//! Proofs in two steps, so that reading the store stays with the caller: a plan says which tiles it needs, then
//! makes the proof from their bytes.
//!
//! Every hash of a proof is the Merkle tree hash of a run of leaves; a run is a few complete subtrees, largest
//! first, and each subtree's hash is folded from a part of one tile. A plan cannot know whether the tiles are honest:
//! that is for [`verify_inclusion`](crate::verify_inclusion) against a signed root.

use crate::hash::{EMPTY_ROOT, Hash, Proof, node_hash};
use crate::tile::{MAX_SIZE, NodeId, TileRef, TileSource};
use std::collections::BTreeSet;

/// A proof to be made: for each of its hashes the subtrees of which it is folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The size of the log in which the subtrees stand.
    size: u64,
    /// One run of subtrees for each hash of the proof, in the order of the proof.
    runs: Vec<Vec<NodeId>>,
    /// Set when what was asked for does not exist; `prove` then says so.
    refused: Option<ProofError>,
}

/// Why a proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no entry of this index in a log of this size.
    #[error("there is no entry {index} in a log of {size} entries")]
    NoSuchEntry {
        /// The index asked for.
        index: u64,
        /// The size of the log.
        size: u64,
    },
    /// A log does not shrink.
    #[error("a log of {old} entries cannot have grown into one of {new}")]
    Shrinks {
        /// The earlier size.
        old: u64,
        /// The later size.
        new: u64,
    },
    /// The size is beyond [`MAX_SIZE`].
    #[error("no log has {0} entries")]
    Size(u64),
    /// A needed tile was not given.
    #[error("the tile {} is missing", .0.path())]
    Missing(TileRef),
    /// A tile has the wrong length.
    #[error("the tile {} has {found} bytes where {expected} were expected", .tile.path())]
    Length {
        /// Which tile.
        tile: TileRef,
        /// Its length in bytes.
        found: usize,
        /// The length its width asks for, in bytes.
        expected: usize,
    },
    /// The subtree is not complete in a log of this size.
    #[error("the subtree {} of level {} is not complete in a log of {size} entries", .node.index, .node.level)]
    NotInLog {
        /// Which subtree.
        node: NodeId,
        /// The size of the log.
        size: u64,
    },
}

impl ProofError {
    /// The same in Chinese, for people.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::NoSuchEntry { index, size } => {
                format!("日志只有 {size} 条，没有序号为 {index} 的条目。")
            }
            Self::Shrinks { old, new } => format!("{old} 条的日志不可能变成 {new} 条。"),
            Self::Size(size) => format!("没有哪本日志有 {size} 条。"),
            Self::Missing(tile) => format!("缺少 {}。", tile.path()),
            Self::Length {
                tile,
                found,
                expected,
            } => format!("{} 有 {found} 字节，应为 {expected} 字节。", tile.path()),
            Self::NotInLog { node, size } => format!(
                "{size} 条的日志里没有第 {} 层第 {} 号子树。",
                node.level, node.index
            ),
        }
    }
}

impl Plan {
    /// The tiles to fetch, each once, as they stand in a log of the plan's size.
    #[must_use]
    pub fn needs(&self) -> Vec<TileRef> {
        let tiles: BTreeSet<TileRef> = self
            .runs
            .iter()
            .flatten()
            .filter_map(|node| node.tile(self.size))
            .collect();
        tiles.into_iter().collect()
    }

    /// Makes the proof from the tiles' bytes.
    ///
    /// # Errors
    /// [`ProofError`] when a tile is missing or has the wrong length, or when the plan asked for what does not exist.
    pub fn prove(&self, source: &impl TileSource) -> Result<Proof, ProofError> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        self.runs.iter().map(|run| self.fold(run, source)).collect()
    }

    /// The Merkle tree hash of one run: the smallest subtree first, the larger ones to its left.
    fn fold(&self, run: &[NodeId], source: &impl TileSource) -> Result<Hash, ProofError> {
        let mut folded = None;
        for node in run.iter().rev() {
            let left = node.read(self.size, source)?;
            folded = Some(folded.map_or(left, |right| node_hash(&left, &right)));
        }
        Ok(folded.unwrap_or(EMPTY_ROOT))
    }

    fn of(size: u64, runs: Vec<Vec<NodeId>>) -> Self {
        Self {
            size,
            runs,
            refused: None,
        }
    }

    fn refuse(size: u64, why: ProofError) -> Self {
        Self {
            size,
            runs: Vec::new(),
            refused: Some(why),
        }
    }
}

/// The plan of the proof that the entry `index` is in the log of `size` entries: `PATH(index, D[size])` of RFC 6962
/// §2.1.1. An entry that does not exist gives a plan that needs nothing and whose `prove` says why.
#[must_use]
pub fn inclusion_plan(index: u64, size: u64) -> Plan {
    if size > MAX_SIZE {
        return Plan::refuse(size, ProofError::Size(size));
    }
    if index >= size {
        return Plan::refuse(size, ProofError::NoSuchEntry { index, size });
    }
    let (mut low, mut high, mut runs) = (0, size, Vec::new());
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            runs.push(subtrees(middle, high));
            high = middle;
        } else {
            runs.push(subtrees(low, middle));
            low = middle;
        }
    }
    runs.reverse();
    Plan::of(size, runs)
}

/// The plan of the proof that the log of `new` entries begins with the log of `old` ones: `PROOF(old, D[new])` of
/// RFC 6962 §2.1.2. From an empty log, and from a log to itself, the proof is empty.
#[must_use]
pub fn consistency_plan(old: u64, new: u64) -> Plan {
    if new > MAX_SIZE {
        return Plan::refuse(new, ProofError::Size(new));
    }
    if old > new {
        return Plan::refuse(new, ProofError::Shrinks { old, new });
    }
    let (mut low, mut high, mut runs) = (0, new, Vec::new());
    while old > 0 && old < high {
        let middle = low + split(high - low);
        if old <= middle {
            runs.push(subtrees(middle, high));
            high = middle;
        } else {
            runs.push(subtrees(low, middle));
            low = middle;
        }
    }
    // The verifier knows the old root already, so it is left out when it is itself a node on the way (b = true).
    if old > 0 && low > 0 {
        runs.push(subtrees(low, high));
    }
    runs.reverse();
    Plan::of(new, runs)
}

/// The plan whose "proof" is one hash: the root of the log of `size` entries, computed from its tiles.
#[must_use]
pub fn root_plan(size: u64) -> Plan {
    if size > MAX_SIZE {
        return Plan::refuse(size, ProofError::Size(size));
    }
    Plan::of(size, vec![subtrees(0, size)])
}

/// The largest power of two smaller than `n`, for `n` of at least 2 (RFC 6962 §2.1).
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The complete subtrees of the leaves `low..high`, largest first; `low` is a multiple of the largest.
fn subtrees(mut low: u64, high: u64) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    while low < high {
        let level = (high - low).ilog2();
        nodes.push(NodeId {
            level: u8::try_from(level).unwrap_or(u8::MAX),
            index: low >> level,
        });
        low += 1 << level;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn what_does_not_exist_is_refused_in_words() {
        let none: HashMap<TileRef, Vec<u8>> = HashMap::new();
        let text = |plan: Plan| {
            assert!(plan.needs().is_empty());
            plan.prove(&none).unwrap_err().to_string()
        };
        assert_eq!(
            text(inclusion_plan(5, 5)),
            "there is no entry 5 in a log of 5 entries"
        );
        assert_eq!(
            text(consistency_plan(6, 5)),
            "a log of 6 entries cannot have grown into one of 5"
        );
        assert!(text(inclusion_plan(0, u64::MAX)).starts_with("no log has"));
        assert!(text(root_plan(u64::MAX)).starts_with("no log has"));
        assert_eq!(root_plan(0).prove(&none), Ok(vec![EMPTY_ROOT]));
        assert_eq!(consistency_plan(0, 9).prove(&none), Ok(vec![]));
        assert_eq!(consistency_plan(9, 9).prove(&none), Ok(vec![]));
    }

    #[test]
    fn missing_and_short_tiles_are_named() {
        let plan = inclusion_plan(0, 300);
        let paths: Vec<_> = plan.needs().into_iter().map(TileRef::path).collect();
        assert_eq!(paths, ["tile/0/000", "tile/0/001.p/44"]);
        let mut tiles: HashMap<TileRef, Vec<u8>> = HashMap::new();
        let missing = plan.prove(&tiles).unwrap_err();
        assert_eq!(missing.to_string(), "the tile tile/0/000 is missing");
        for tile in plan.needs() {
            tiles.insert(tile, vec![0; 33]);
        }
        let short = plan.prove(&tiles).unwrap_err().to_string();
        assert_eq!(
            short,
            "the tile tile/0/000 has 33 bytes where 8192 were expected"
        );
        for tile in plan.needs() {
            tiles.insert(tile.full(), vec![0; 8192]);
            tiles.remove(&TileRef { width: 44, ..tile });
        }
        assert_eq!(
            plan.prove(&tiles).unwrap().len(),
            9,
            "a full tile stands in for a partial one"
        );
    }
}
