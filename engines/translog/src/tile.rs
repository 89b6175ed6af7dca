//! Tiles: the pieces in which the tree is stored and published (C2SP tlog-tiles).
//!
//! A tile of level `L` and index `N` holds the hashes of up to 256 consecutive complete subtrees of `256^L` leaves,
//! `N·256` onwards. A tile narrower than 256 is partial: the right edge of a tree of some size.

use crate::entry;
use crate::hash::{Hash, node_hash};
use crate::plan::ProofError;
use std::collections::HashMap;
use std::hash::BuildHasher;

/// How many hashes (or entries) a full tile (or bundle) holds.
pub const TILE_WIDTH: u16 = 256;

/// The largest size a log may have: far beyond any real one, small enough that no sum overflows.
pub const MAX_SIZE: u64 = 1 << 62;

/// A complete subtree: `2^level` leaves from `index · 2^level` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// 0 is a leaf.
    pub level: u8,
    /// The place among the subtrees of this level, from 0.
    pub index: u64,
}

/// One tile: which, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileRef {
    /// The tile level, 0 for leaf hashes; a hash in it spans `256^level` leaves.
    pub level: u8,
    /// The place among the tiles of this level, from 0.
    pub index: u64,
    /// How many hashes it holds, 1 to 256.
    pub width: u16,
}

/// One bundle of entries: the leaves of the level-0 tile of the same index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleRef {
    /// The place among the bundles, from 0.
    pub index: u64,
    /// How many entries it holds, 1 to 256.
    pub width: u16,
}

/// Where tiles come from once they were fetched.
pub trait TileSource {
    /// The bytes of this tile (`width · 32`), or nothing when it is not at hand.
    fn tile(&self, tile: TileRef) -> Option<&[u8]>;
}

impl<S: BuildHasher> TileSource for HashMap<TileRef, Vec<u8>, S> {
    fn tile(&self, tile: TileRef) -> Option<&[u8]> {
        self.get(&tile).map(Vec::as_slice)
    }
}

/// How many complete subtrees of `256^level` leaves a log of this size has.
fn complete(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level).saturating_mul(8))
        .unwrap_or(0)
}

/// How many hashes tile `index` of a row of `count` holds, 0 to 256.
fn width_in(index: u64, count: u64) -> u16 {
    let full = u64::from(TILE_WIDTH);
    let left = count.saturating_sub(index.saturating_mul(full)).min(full);
    u16::try_from(left).unwrap_or(TILE_WIDTH)
}

impl TileRef {
    /// The tile as it stands in a log of this size; nothing when it is still empty.
    #[must_use]
    pub fn of(level: u8, index: u64, size: u64) -> Option<Self> {
        let width = width_in(index, complete(level, size));
        (width > 0).then_some(Self {
            level,
            index,
            width,
        })
    }

    /// Whether a log of this size already has all the hashes of this tile.
    #[must_use]
    pub fn exists_in(self, size: u64) -> bool {
        self.width > 0 && self.width <= width_in(self.index, complete(self.level, size))
    }

    /// All tiles of a log of this size, level by level, left to right.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        (0..8_u8).flat_map(move |level| {
            let row = complete(level, size).div_ceil(u64::from(TILE_WIDTH));
            (0..row).filter_map(move |index| Self::of(level, index, size))
        })
    }

    /// The full tile of the same place; it starts with the hashes of every partial one.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..self
        }
    }

    /// The subtree that all hashes of the full tile make up: one hash of the tile above.
    pub(crate) fn parent(self) -> NodeId {
        NodeId {
            level: self.level.saturating_add(1).saturating_mul(8),
            index: self.index,
        }
    }

    /// The subtree whose hash stands first in this tile; the others follow by index, `width` of them in all.
    /// This is how a store finds the rows: level `8 · tile level`, indices `first.index .. first.index + width`.
    #[must_use]
    pub fn first(self) -> NodeId {
        NodeId {
            level: self.level.saturating_mul(8),
            index: self.index.saturating_mul(u64::from(TILE_WIDTH)),
        }
    }
}

impl BundleRef {
    /// The bundle as it stands in a log of this size; nothing when it is still empty.
    #[must_use]
    pub fn of(index: u64, size: u64) -> Option<Self> {
        let width = width_in(index, size);
        (width > 0).then_some(Self { index, width })
    }

    /// The bundle in which the entry of this index stands, in a log of this size.
    #[must_use]
    pub fn of_entry(entry: u64, size: u64) -> Option<Self> {
        if entry < size {
            Self::of(entry / u64::from(TILE_WIDTH), size)
        } else {
            None
        }
    }

    /// Whether a log of this size already has all the entries of this bundle.
    #[must_use]
    pub fn exists_in(self, size: u64) -> bool {
        self.width > 0 && self.width <= width_in(self.index, size)
    }

    /// The longest that a bundle of [`Entry`](crate::Entry)s can be, in bytes: each after two bytes of length.
    #[must_use]
    pub fn max_bytes(self) -> usize {
        usize::from(self.width) * (2 + entry::MAX_BYTES)
    }

    /// The leaf tile with the hashes of these entries.
    #[must_use]
    pub fn leaves(self) -> TileRef {
        TileRef {
            level: 0,
            index: self.index,
            width: self.width,
        }
    }

    /// The full bundle of the same place; it starts with the entries of every partial one.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..self
        }
    }

    /// The index of its first entry.
    #[must_use]
    pub fn first(self) -> u64 {
        self.index.saturating_mul(u64::from(TILE_WIDTH))
    }
}

impl NodeId {
    /// The tile from which this subtree's hash is computed, in a log of this size.
    pub(crate) fn tile(self, size: u64) -> Option<TileRef> {
        let inside = self.level % 8;
        TileRef::of(self.level / 8, self.index >> (8 - inside), size)
    }

    /// The subtree's hash, from its tile: the `2^(level mod 8)` hashes below it, folded in pairs.
    pub(crate) fn read(self, size: u64, source: &impl TileSource) -> Result<Hash, ProofError> {
        let tile = self
            .tile(size)
            .ok_or(ProofError::NotInLog { node: self, size })?;
        let bytes = fetch(tile, source)?;
        let inside = self.level % 8;
        let count = 1_usize << inside;
        let start = usize::try_from((self.index << inside) % u64::from(TILE_WIDTH)).unwrap_or(0);
        let (hashes, _) = bytes.as_chunks::<32>();
        let row: Vec<Hash> = hashes
            .iter()
            .skip(start)
            .take(count)
            .map(|h| Hash(*h))
            .collect();
        if row.len() != count {
            return Err(ProofError::NotInLog { node: self, size });
        }
        fold(row).ok_or(ProofError::NotInLog { node: self, size })
    }
}

/// The tile's bytes; a source may hold the full tile in place of a partial one (tlog-tiles, Partial Tiles).
fn fetch(tile: TileRef, source: &impl TileSource) -> Result<&[u8], ProofError> {
    let (bytes, width) = match source.tile(tile) {
        Some(bytes) => (bytes, tile.width),
        None => match source.tile(tile.full()) {
            Some(bytes) => (bytes, TILE_WIDTH),
            None => return Err(ProofError::Missing(tile)),
        },
    };
    let expected = usize::from(width) * 32;
    if bytes.len() != expected {
        return Err(ProofError::Length {
            tile,
            found: bytes.len(),
            expected,
        });
    }
    bytes
        .get(..usize::from(tile.width) * 32)
        .ok_or(ProofError::Missing(tile))
}

/// The hash that the hashes of a full tile fold into.
pub(crate) fn fold_tile(bytes: &[u8]) -> Option<Hash> {
    let (hashes, _) = bytes.as_chunks::<32>();
    fold(hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// Folds a row of `2^n` hashes into the one above them.
fn fold(mut row: Vec<Hash>) -> Option<Hash> {
    while row.len() > 1 {
        let (pairs, _) = row.as_chunks::<2>();
        row = pairs
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    row.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tiles_of_seventy_thousand_are_those_of_the_specification() {
        let all: Vec<_> = TileRef::all(70_000).collect();
        let full = |level| {
            all.iter()
                .filter(|t| t.level == level && t.width == 256)
                .count()
        };
        assert_eq!((full(0), full(1), full(2)), (273, 1, 0));
        assert_eq!(TileRef::of(0, 273, 70_000).unwrap().width, 112);
        assert_eq!(TileRef::of(1, 1, 70_000).unwrap().width, 17);
        assert_eq!(TileRef::of(2, 0, 70_000).unwrap().width, 1);
        assert_eq!(all.len(), 273 + 1 + 1 + 1 + 1);
        let small: Vec<_> = TileRef::all(256)
            .map(|t| (t.level, t.index, t.width))
            .collect();
        assert_eq!(small, [(0, 0, 256), (1, 0, 1)]);
        assert_eq!(TileRef::all(0).count(), 0);
    }

    #[test]
    fn a_tile_exists_once_its_hashes_do() {
        let tile = TileRef {
            level: 0,
            index: 1,
            width: 5,
        };
        assert!(!tile.exists_in(260) && tile.exists_in(261) && tile.full().exists_in(512));
        assert!(
            !TileRef {
                level: 200,
                index: 0,
                width: 1
            }
            .exists_in(MAX_SIZE)
        );
        assert!(
            !TileRef {
                level: 0,
                index: u64::MAX,
                width: 1
            }
            .exists_in(MAX_SIZE)
        );
        assert_eq!(
            BundleRef::of_entry(256, 257),
            Some(BundleRef { index: 1, width: 1 })
        );
        assert_eq!(BundleRef::of_entry(257, 257), None);
        assert_eq!(BundleRef { index: 2, width: 1 }.first(), 512);
    }
}
