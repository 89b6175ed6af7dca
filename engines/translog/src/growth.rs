//! The checks of whoever keeps a copy of the log: that it only grew, that a tile belongs to the tree above it, that
//! entries are those of their tile.
//!
//! Checked from the root down, a copy is proven as a whole: the partial tiles fold into the signed root
//! ([`verify_growth`]), a full tile into one hash of the tile above it, and each entry into one hash of its leaf tile.

use crate::bundle::decode_entries;
use crate::checkpoint::Checkpoint;
use crate::hash::leaf_hash;
use crate::plan::{ProofError, consistency_plan, root_plan};
use crate::tile::{BundleRef, TileRef, TileSource, fold_tile};
use crate::verify::{VerifyError, verify_consistency};
use std::collections::BTreeSet;

/// The tiles that [`verify_growth`] needs, among them every partial tile of the later log.
///
/// # Errors
/// [`VerifyError::Shrunk`] when the later log is the shorter one.
pub fn growth_tiles(old: &Checkpoint, new: &Checkpoint) -> Result<Vec<TileRef>, VerifyError> {
    not_shorter(old, new)?;
    let plans = [root_plan(new.size), consistency_plan(old.size, new.size)];
    let tiles: BTreeSet<TileRef> = plans.iter().flat_map(|plan| plan.needs()).collect();
    Ok(tiles.into_iter().collect())
}

/// Checks that the log was only added to between two checkpoints: it is not shorter, the tiles give the later root,
/// and the later log begins with the earlier one.
///
/// # Errors
/// [`VerifyError::Shrunk`] and [`VerifyError::NotAnExtension`] say that the log contradicts itself;
/// [`VerifyError::RootMismatch`] and [`VerifyError::Tiles`] that these tiles are not the later log's.
pub fn verify_growth(
    old: &Checkpoint,
    new: &Checkpoint,
    tiles: &impl TileSource,
) -> Result<(), VerifyError> {
    not_shorter(old, new)?;
    if root_plan(new.size).prove(tiles)? != [new.root] {
        return Err(VerifyError::RootMismatch);
    }
    let proof = consistency_plan(old.size, new.size).prove(tiles)?;
    verify_consistency(old.size, old.root, new.size, new.root, &proof)
}

fn not_shorter(old: &Checkpoint, new: &Checkpoint) -> Result<(), VerifyError> {
    let (old, new) = (old.size, new.size);
    if new < old {
        Err(VerifyError::Shrunk { old, new })
    } else {
        Ok(())
    }
}

/// Checks that the 256 hashes of a full tile fold into the hash that stands for them in the tile above, in a log of
/// this size.
///
/// # Errors
/// [`VerifyError::Tiles`] when a tile is missing or of the wrong length, [`VerifyError::TileDiffers`].
pub fn verify_full_tile(
    tile: TileRef,
    bytes: &[u8],
    size: u64,
    above: &impl TileSource,
) -> Result<(), VerifyError> {
    let tile = tile.full();
    let expected = usize::from(tile.width) * 32;
    let found = bytes.len();
    if found != expected {
        return Err(VerifyError::Tiles(ProofError::Length {
            tile,
            found,
            expected,
        }));
    }
    let stands_for = tile.parent().read(size, above)?;
    if fold_tile(bytes) == Some(stands_for) {
        Ok(())
    } else {
        Err(VerifyError::TileDiffers(tile))
    }
}

/// Checks that the entries of a bundle are those whose hashes stand in its leaf tile.
///
/// # Errors
/// [`VerifyError::EntriesDiffer`] when one is missing, too many or another.
pub fn verify_entries(bundle: BundleRef, bytes: &[u8], leaves: &[u8]) -> Result<(), VerifyError> {
    let entries = decode_entries(bytes).map_err(|_| VerifyError::EntriesDiffer(bundle))?;
    let hashed: Vec<u8> = entries
        .iter()
        .flat_map(|entry| leaf_hash(entry).0)
        .collect();
    if entries.len() == usize::from(bundle.width) && hashed == leaves {
        Ok(())
    } else {
        Err(VerifyError::EntriesDiffer(bundle))
    }
}
