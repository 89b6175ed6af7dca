//! The check of a receipt (回执), and what it proved.
//!
//! All or nothing: the first thing that does not hold ends the check with a [`VerifyError`]; a [`Report`] is only
//! given when everything held. It holds facts, not sentences: what they are called is for the reader's program, which
//! knows the domain and the language.

use crate::checkpoint::{Checkpoint, open_checkpoint};
use crate::entry::Entry;
use crate::growth::{growth_tiles, verify_growth};
use crate::hash::Hash;
use crate::note::VerifierKey;
use crate::plan::inclusion_plan;
use crate::receipt::{Receipt, ReceiptStep};
use crate::tile::{TileRef, TileSource};
use crate::verify::{VerifyError, verify_inclusion};
use std::collections::BTreeSet;

/// What was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The checkpoint under which the receipt was made.
    pub checkpoint: Checkpoint,
    /// The steps, as their log entries state them, from the first on without a gap.
    pub steps: Vec<VerifiedStep>,
}

/// A step that is proven to be in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedStep {
    /// Where in the log, from 0.
    pub index: u64,
    /// What the log says of it.
    pub entry: Entry,
    /// The entry's hash as a leaf of the log.
    pub leaf: Hash,
    /// The words that the entry commits to; nothing when the receipt does not hold them, so that they were not checked.
    pub content: Option<String>,
}

/// Checks a receipt by itself: the signature, every step's place in the log, that all steps are of one matter and
/// numbered 1, 2, 3 …, and that the words in the file are the words that were registered.
///
/// # Errors
/// [`VerifyError`] names the first thing that does not hold.
pub fn verify_receipt(receipt: &Receipt, trusted: &VerifierKey) -> Result<Report, VerifyError> {
    receipt.check_format()?;
    if receipt.log_key != trusted.to_string() {
        return Err(VerifyError::OtherKey);
    }
    let checkpoint = open_checkpoint(&receipt.checkpoint, trusted)?;
    if receipt.origin != checkpoint.origin {
        let (receipt, checkpoint) = (receipt.origin.clone(), checkpoint.origin);
        return Err(VerifyError::Origin {
            receipt,
            checkpoint,
        });
    }
    if receipt.steps.is_empty() {
        return Err(VerifyError::NoSteps);
    }
    let mut steps: Vec<VerifiedStep> = Vec::with_capacity(receipt.steps.len());
    for (before, step) in receipt.steps.iter().enumerate() {
        let verified = verify_step(before + 1, step, receipt, &checkpoint)?;
        follows(before + 1, &verified, &steps)?;
        steps.push(verified);
    }
    Ok(Report { checkpoint, steps })
}

impl Report {
    /// The tiles that [`check_in`](Self::check_in) needs: a few dozen, however long the log is.
    ///
    /// # Errors
    /// [`VerifyError::Shrunk`] when the log is shorter than it was when the receipt was made.
    pub fn tiles_in(&self, later: &Checkpoint) -> Result<Vec<TileRef>, VerifyError> {
        let mut tiles: BTreeSet<TileRef> =
            growth_tiles(&self.checkpoint, later)?.into_iter().collect();
        for step in &self.steps {
            tiles.extend(inclusion_plan(step.index, later.size).needs());
        }
        Ok(tiles.into_iter().collect())
    }

    /// Checks the receipt once more against the log as it stood later: that it has not shrunk, that its tiles give its
    /// root, that it only grew since the receipt, and that every step is still in its place. In this order, so that a
    /// log that was rewritten is called that.
    ///
    /// # Errors
    /// [`VerifyError`] names the first thing that does not hold.
    pub fn check_in(&self, later: &Checkpoint, tiles: &impl TileSource) -> Result<(), VerifyError> {
        verify_growth(&self.checkpoint, later, tiles)?;
        for (before, step) in self.steps.iter().enumerate() {
            let proof = inclusion_plan(step.index, later.size).prove(tiles)?;
            verify_inclusion(step.leaf, step.index, later.size, &proof, later.root)
                .map_err(|why| at_step(before + 1, why))?;
        }
        Ok(())
    }
}

/// Checks one step by itself: its entry, what the file says of it, its place in the log, its words.
fn verify_step(
    number: usize,
    step: &ReceiptStep,
    receipt: &Receipt,
    checkpoint: &Checkpoint,
) -> Result<VerifiedStep, VerifyError> {
    let wrong = |why| VerifyError::Entry { step: number, why };
    let entry = Entry::parse(&step.entry).map_err(wrong)?;
    let fields = [
        ("kind", entry.kind == receipt.matter.kind),
        ("at", entry.at == step.at),
        ("move", entry.move_name == step.move_name),
        ("role", entry.role == step.role),
    ];
    if let Some((field, _)) = fields.into_iter().find(|(_, same)| !same) {
        return Err(VerifyError::StepDiffers {
            step: number,
            field,
        });
    }
    let leaf = entry.leaf().map_err(wrong)?;
    let (size, root) = (checkpoint.size, checkpoint.root);
    verify_inclusion(leaf, step.index, size, &step.inclusion, root)
        .map_err(|why| at_step(number, why))?;
    match &step.content {
        Some(content) if content.commitment() != entry.commitment => {
            Err(VerifyError::OtherWords(number))
        }
        content => Ok(VerifiedStep {
            index: step.index,
            entry,
            leaf,
            content: content.as_ref().map(|content| content.text.clone()),
        }),
    }
}

/// Checks a step against those before it: the same matter, the next number, later in the log.
fn follows(number: usize, step: &VerifiedStep, before: &[VerifiedStep]) -> Result<(), VerifyError> {
    let found = step.entry.step;
    if usize::try_from(found) != Ok(number) {
        return Err(VerifyError::Gap {
            step: number,
            found,
        });
    }
    match before.last() {
        Some(last) if last.entry.matter != step.entry.matter => {
            Err(VerifyError::OtherMatter(number))
        }
        Some(last) if last.index >= step.index => Err(VerifyError::Order(number)),
        _ => Ok(()),
    }
}

fn at_step(step: usize, why: VerifyError) -> VerifyError {
    VerifyError::Step {
        step,
        why: Box::new(why),
    }
}
