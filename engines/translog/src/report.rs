//! The check of a receipt (回执), and what it found in words.
//!
//! All or nothing: the first thing that does not hold ends the check with a [`VerifyError`]; a [`Report`] is only
//! given when everything held. It says what was proven and, just as plainly, what was not.

use crate::checkpoint::{Checkpoint, open_checkpoint};
use crate::entry::Entry;
use crate::hash::{Hash, leaf_hash};
use crate::note::VerifierKey;
use crate::plan::{consistency_plan, inclusion_plan, root_plan};
use crate::receipt::{Receipt, ReceiptStep};
use crate::tile::{TileRef, TileSource};
use crate::verify::{VerifyError, verify_consistency, verify_inclusion};
use std::collections::BTreeSet;

/// One sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The signed head of the log under which everything was checked.
    pub checkpoint: Checkpoint,
    /// The steps, as their log entries state them.
    pub steps: Vec<VerifiedStep>,
    /// The findings, one sentence each, in order.
    pub lines: Vec<Line>,
}

/// A step that is proven to be in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedStep {
    /// Where in the log, from 0.
    pub index: u64,
    /// What the log says of it.
    pub entry: Entry,
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
    let lines = describe(receipt, &checkpoint, &steps)?;
    Ok(Report {
        checkpoint,
        steps,
        lines,
    })
}

/// Checks a receipt by itself and then once more against saved tiles under a checkpoint of their own: each step's
/// place is proven anew from the tiles, the tiles give the signed root, and the log has only grown since the receipt.
///
/// # Errors
/// [`VerifyError`] names the first thing that does not hold.
pub fn verify_receipt_with_tiles(
    receipt: &Receipt,
    checkpoint: &str,
    tiles: &impl TileSource,
    trusted: &VerifierKey,
) -> Result<Report, VerifyError> {
    let mut report = verify_receipt(receipt, trusted)?;
    let saved = open_checkpoint(checkpoint, trusted)?;
    if saved.size < report.checkpoint.size {
        let receipt = report.checkpoint.size;
        return Err(VerifyError::SavedLogOlder {
            saved: saved.size,
            receipt,
        });
    }
    if root_plan(saved.size).prove(tiles)? != [saved.root] {
        return Err(VerifyError::RootMismatch);
    }
    for (before, (step, file)) in report.steps.iter().zip(&receipt.steps).enumerate() {
        let proof = inclusion_plan(step.index, saved.size).prove(tiles)?;
        let leaf = leaf_hash(&file.entry);
        verify_inclusion(leaf, step.index, saved.size, &proof, saved.root)
            .map_err(|why| at_step(before + 1, why))?;
    }
    let old = &report.checkpoint;
    let proof = consistency_plan(old.size, saved.size).prove(tiles)?;
    verify_consistency(old.size, old.root, saved.size, saved.root, &proof)?;
    let line = grown(old.size, saved.size);
    report.lines.push(Line {
        zh: "用保存的日志文件重新计算，结论相同。".to_owned(),
        en: "Computed again from the saved pieces of the log, with the same result.".to_owned(),
    });
    report.lines.push(line);
    Ok(report)
}

/// The tiles that [`verify_receipt_with_tiles`] needs for this receipt under this checkpoint.
///
/// # Errors
/// [`VerifyError`] when either checkpoint does not open, or the saved one is older than the receipt.
pub fn receipt_tiles(
    receipt: &Receipt,
    checkpoint: &str,
    trusted: &VerifierKey,
) -> Result<Vec<TileRef>, VerifyError> {
    let saved = open_checkpoint(checkpoint, trusted)?;
    let old = open_checkpoint(&receipt.checkpoint, trusted)?;
    if saved.size < old.size {
        return Err(VerifyError::SavedLogOlder {
            saved: saved.size,
            receipt: old.size,
        });
    }
    let mut plans = vec![
        root_plan(saved.size),
        consistency_plan(old.size, saved.size),
    ];
    plans.extend(
        receipt
            .steps
            .iter()
            .map(|step| inclusion_plan(step.index, saved.size)),
    );
    let tiles: BTreeSet<TileRef> = plans.iter().flat_map(|plan| plan.needs()).collect();
    Ok(tiles.into_iter().collect())
}

/// Checks that the log was only added to between two checkpoints; gives the finding in words.
///
/// # Errors
/// [`VerifyError`] when a note does not open or the proof does not hold.
pub fn verify_growth(
    old_note: &str,
    new_note: &str,
    proof: &[Hash],
    trusted: &VerifierKey,
) -> Result<Line, VerifyError> {
    let old = open_checkpoint(old_note, trusted)?;
    let new = open_checkpoint(new_note, trusted)?;
    verify_consistency(old.size, old.root, new.size, new.root, proof)?;
    Ok(grown(old.size, new.size))
}

/// Checks one step by itself: its entry, what the file says of it, its place in the log, its words.
fn verify_step(
    number: usize,
    step: &ReceiptStep,
    receipt: &Receipt,
    checkpoint: &Checkpoint,
) -> Result<VerifiedStep, VerifyError> {
    let entry =
        Entry::parse(&step.entry).map_err(|why| VerifyError::Entry { step: number, why })?;
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
    let leaf = leaf_hash(&step.entry);
    verify_inclusion(
        leaf,
        step.index,
        checkpoint.size,
        &step.inclusion,
        checkpoint.root,
    )
    .map_err(|why| at_step(number, why))?;
    match &step.content {
        Some(content) if content.commitment() != entry.commitment => {
            Err(VerifyError::Opening(number))
        }
        _ => Ok(VerifiedStep {
            index: step.index,
            entry,
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

/// The findings on a receipt, for people.
fn describe(
    receipt: &Receipt,
    checkpoint: &Checkpoint,
    steps: &[VerifiedStep],
) -> Result<Vec<Line>, VerifyError> {
    let Some(first) = steps.first() else {
        return Err(VerifyError::NoSteps);
    };
    let (origin, size) = (&checkpoint.origin, checkpoint.size);
    let mut lines = vec![Line {
        zh: format!("签名有效：日志“{origin}”签名时共有 {size} 条。"),
        en: format!(
            "The signature holds: the log “{origin}” had {size} entries when it was signed."
        ),
    }];
    lines.extend(steps.iter().zip(&receipt.steps).map(step_line));
    let (matter, count) = (&first.entry.matter, steps.len());
    lines.push(Line {
        zh: format!("以上 {count} 步都属于同一事项（{matter}），从第 1 步起连续，没有缺漏。"),
        en: format!(
            "All {count} steps are of one matter ({matter}), numbered from 1 without a gap."
        ),
    });
    let worded = receipt
        .steps
        .first()
        .is_some_and(|step| step.content.is_some());
    lines.push(opinion_line(worded));
    lines.push(Line {
        zh: "回执码、编号和标题写在回执上，日志不作证明。".to_owned(),
        en: "The code, number and title are written on the receipt; the log does not prove them."
            .to_owned(),
    });
    Ok(lines)
}

fn step_line((step, file): (&VerifiedStep, &ReceiptStep)) -> Line {
    let Entry {
        step: number,
        at,
        move_name,
        role,
        ..
    } = &step.entry;
    let index = step.index;
    let (zh, en) = if file.content.is_some() {
        (
            "，所附文字与登记的一致",
            ", and its words are those that were registered",
        )
    } else {
        ("", "")
    };
    Line {
        zh: format!("第 {number} 步：{at}，{move_name}（{role}），在日志中，序号 {index}{zh}。"),
        en: format!(
            "Step {number}: {at}, {move_name} ({role}), is in the log as entry {index}{en}."
        ),
    }
}

fn opinion_line(worded: bool) -> Line {
    if worded {
        Line {
            zh: "意见原文与第 1 步登记的一致，一字未改。".to_owned(),
            en: "The opinion's words are those registered in step 1, to the letter.".to_owned(),
        }
    } else {
        Line {
            zh: "回执文件里没有意见原文，原文未核对。".to_owned(),
            en: "The file does not hold the opinion's words, so they were not checked.".to_owned(),
        }
    }
}

fn grown(old: u64, new: u64) -> Line {
    Line {
        zh: format!("日志从 {old} 条到 {new} 条，只增未改。"),
        en: format!("From {old} to {new} entries, the log was only added to."),
    }
}
