//! Which line of the old wording is which of the new one.

use crate::words::{runs_of, similarity};

/// A piece of the way from the old wording to the new one.
pub(super) enum Block<'t> {
    /// In both.
    Same(&'t [char]),
    /// One line in two wordings.
    Pair(&'t [char], &'t [char]),
    /// Only in the old wording.
    Deleted(&'t [char]),
    /// Only in the new wording.
    Inserted(&'t [char]),
}

/// Lines that share less than this are not one line in two wordings.
const SIMILAR: f32 = 0.3;

/// The most pairs of lines weighed; beyond, all of it is compared as one line.
const MAX_PAIRS: usize = 10_000;

/// Pairs the lines, in order.
pub(super) fn blocks<'t>(old: &'t [char], new: &'t [char]) -> Vec<Block<'t>> {
    let (old_lines, new_lines) = (lines(old), lines(new));
    let head = common(old_lines.iter(), new_lines.iter());
    let tail = common(
        old_lines[head..].iter().rev(),
        new_lines[head..].iter().rev(),
    );
    let old_middle = &old_lines[head..old_lines.len() - tail];
    let new_middle = &new_lines[head..new_lines.len() - tail];
    let mut found: Vec<Block<'t>> = old_lines[..head]
        .iter()
        .map(|line| Block::Same(line))
        .collect();
    if (old_middle.len(), new_middle.len()) == (1, 1)
        || old_middle.len() * new_middle.len() > MAX_PAIRS
    {
        let length = |lines: &[&[char]]| lines.iter().map(|line| line.len()).sum::<usize>();
        let start = length(&old_lines[..head]);
        found.push(Block::Pair(
            &old[start..start + length(old_middle)],
            &new[start..start + length(new_middle)],
        ));
    } else {
        in_order(old_middle, new_middle, &mut found);
    }
    found.extend(
        old_lines[old_lines.len() - tail..]
            .iter()
            .map(|line| Block::Same(line)),
    );
    found
}

fn lines(text: &[char]) -> Vec<&[char]> {
    text.split_inclusive(|&c| c == '\n').collect()
}

fn common<'t>(
    a: impl Iterator<Item = &'t &'t [char]>,
    b: impl Iterator<Item = &'t &'t [char]>,
) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// The pairing with the most in common that keeps the order of both sides.
fn in_order<'t>(old: &[&'t [char]], new: &[&'t [char]], found: &mut Vec<Block<'t>>) {
    let runs = |lines: &[&[char]]| -> Vec<Vec<u64>> {
        lines
            .iter()
            .map(|line| runs_of(line.iter().copied()))
            .collect()
    };
    let (old_runs, new_runs) = (runs(old), runs(new));
    let width = new.len() + 1;
    // `best[i * width + j]`: the most that the lines from i and j on can have in common.
    let mut best = vec![0.0f32; (old.len() + 1) * width];
    let mut alike = vec![0.0f32; old.len() * new.len()];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let share = if old[i] == new[j] {
                1.0
            } else {
                similarity(&old_runs[i], &new_runs[j])
            };
            alike[i * new.len() + j] = share;
            let paired = if share >= SIMILAR {
                share + best[(i + 1) * width + j + 1]
            } else {
                0.0
            };
            best[i * width + j] = paired
                .max(best[(i + 1) * width + j])
                .max(best[i * width + j + 1]);
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        let here = best[i * width + j];
        if here == best[(i + 1) * width + j] {
            found.push(Block::Deleted(old[i]));
            i += 1;
        } else if here == best[i * width + j + 1] {
            found.push(Block::Inserted(new[j]));
            j += 1;
        } else {
            found.push(Block::Pair(old[i], new[j]));
            (i, j) = (i + 1, j + 1);
        }
    }
    found.extend(old[i..].iter().map(|line| Block::Deleted(line)));
    found.extend(new[j..].iter().map(|line| Block::Inserted(line)));
}
