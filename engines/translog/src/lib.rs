//! An append-only transparency log: what was written stays written, and anyone can check it.
//!
//! * [`Hash`](struct@Hash), [`leaf_hash`], [`node_hash`]: the hashes of an RFC 6962 Merkle tree.
//! * [`Frontier`]: the growing edge of the tree, all that a writer must remember.
//! * [`TileRef`], [`BundleRef`], [`LogPath`]: the files in which the tree is published (C2SP tlog-tiles).
//! * [`inclusion_plan`], [`consistency_plan`]: which tiles a proof needs, and the proof made from them.
//! * [`verify_inclusion`], [`verify_consistency`]: the checks, which trust nobody.
//! * [`Signer`], [`VerifierKey`], [`Checkpoint`]: the log's signed state (C2SP signed-note, tlog-checkpoint).
//! * [`verify_growth`], [`verify_full_tile`], [`verify_entries`]: the checks of whoever keeps a copy of the log.
//! * [`Entry`], [`commitment()`]: what one entry says; never the words themselves.
//! * [`Receipt`] (回执) and [`verify_receipt`]: the file that a resident keeps, and its offline check.
//!
//! Pure: no files, no network, no clock, no randomness. The formats are described in the crate's README,
//! exactly enough for a third party to write another verifier; `tests/second/mod.rs` is one.
//!
//! Invariants: nothing in here panics on any input, every reader is bounded, and every text form has exactly one
//! accepted spelling (a changed byte is a refused file).
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod bundle;
mod checkpoint;
mod commitment;
mod entry;
mod frontier;
mod growth;
mod hash;
mod note;
mod path;
mod plan;
mod receipt;
mod report;
mod tile;
mod verify;

pub use bundle::{BundleError, MAX_ENTRY_BYTES, decode_entries, encode_entries};
pub use checkpoint::{Checkpoint, open_checkpoint, sign_checkpoint};
pub use commitment::{Opening, Salt, commitment};
pub use entry::{Entry, EntryError};
pub use frontier::{Frontier, FrontierError};
pub use growth::{growth_tiles, verify_entries, verify_full_tile, verify_growth};
pub use hash::{EMPTY_ROOT, Hash, HashError, Proof, leaf_hash, node_hash};
pub use note::{MAX_NOTE_BYTES, NoteError, Signer, VerifierKey, open_note, sign_note};
pub use path::{LogPath, PathError};
pub use plan::{Plan, ProofError, consistency_plan, inclusion_plan, root_plan};
pub use receipt::{
    FormatError, MAX_RECEIPT_BYTES, MatterLine, RECEIPT_FORMAT, Receipt, ReceiptStep,
};
pub use report::{Report, VerifiedStep, verify_receipt};
pub use tile::{BundleRef, MAX_SIZE, NodeId, TILE_WIDTH, TileRef, TileSource};
pub use verify::{VerifyError, verify_consistency, verify_inclusion};
