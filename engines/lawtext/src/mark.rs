//! The characters that changed between two wordings of one provision.
//!
//! Written here rather than taken from `similar`: that crate bounds its work by a clock, and the
//! same two texts must be marked the same way on a busy machine and an idle one, because people
//! cite what they see. Here the bound is a number of edits.

use serde::Serialize;

/// A run of characters, and whether it stayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
pub enum Change {
    /// In both.
    Same(String),
    /// Only in the old wording.
    Deleted(String),
    /// Only in the new wording.
    Inserted(String),
}

/// The most edits looked for. Beyond, whole sentences are compared, then nothing: all out, all in.
const MAX_EDITS: usize = 1500;

/// An equal run of at most this many characters between two longer edits reads better as changed.
const ISLAND: usize = 2;

/// Marks what changed from `old` to `new`. [`Change::Same`] and [`Change::Deleted`] together are
/// `old`, [`Change::Same`] and [`Change::Inserted`] together are `new`, in order.
#[must_use]
pub fn mark(old: &str, new: &str) -> Vec<Change> {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut pieces = Pieces::default();
    pieces.same(&old[..head]);
    middle(old_middle, new_middle, &mut pieces);
    pieces.same(&old[old.len() - tail..]);
    pieces.into_changes()
}

fn middle(old: &[char], new: &[char], pieces: &mut Pieces) {
    if let Some(steps) = shortest(old, new, MAX_EDITS) {
        return play(
            &steps,
            old.iter().map(std::slice::from_ref),
            new.iter().map(std::slice::from_ref),
            pieces,
        );
    }
    let (old_sentences, new_sentences) = (sentences(old), sentences(new));
    match shortest(&old_sentences, &new_sentences, MAX_EDITS) {
        Some(steps) => play(
            &steps,
            old_sentences.into_iter(),
            new_sentences.into_iter(),
            pieces,
        ),
        None => {
            pieces.deleted(old);
            pieces.inserted(new);
        }
    }
}

fn sentences(text: &[char]) -> Vec<&[char]> {
    text.split_inclusive(|c| matches!(c, '。' | '；' | '，' | '\n'))
        .collect()
}

fn play<'t>(
    steps: &[Step],
    mut old: impl Iterator<Item = &'t [char]>,
    mut new: impl Iterator<Item = &'t [char]>,
    pieces: &mut Pieces,
) {
    for step in steps {
        match step {
            Step::Keep => {
                pieces.same(old.next().unwrap_or_default());
                new.next();
            }
            Step::Delete => pieces.deleted(old.next().unwrap_or_default()),
            Step::Insert => pieces.inserted(new.next().unwrap_or_default()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Keep,
    Delete,
    Insert,
}

/// Myers, "An O(ND) Difference Algorithm" (1986), greedy, giving up after `most` edits.
fn shortest<T: PartialEq>(old: &[T], new: &[T], most: usize) -> Option<Vec<Step>> {
    let most = most.min(old.len() + new.len());
    let zero = most + 2;
    let mut reach = vec![0usize; 2 * most + 5];
    let mut trace = Vec::new();
    for edits in 0..=most {
        // Diagonals edits+1 on both sides are read below; each snapshot keeps just those.
        trace.push(reach[zero - edits - 1..=zero + edits + 1].to_vec());
        for slot in (zero - edits..=zero + edits).step_by(2) {
            let down =
                slot == zero - edits || (slot != zero + edits && reach[slot - 1] < reach[slot + 1]);
            let mut x = if down {
                reach[slot + 1]
            } else {
                reach[slot - 1] + 1
            };
            if x > old.len() || x + zero < slot {
                reach[slot] = x;
                continue;
            }
            let mut y = x + zero - slot;
            while x < old.len() && y < new.len() && old[x] == new[y] {
                x += 1;
                y += 1;
            }
            reach[slot] = x;
            if x >= old.len() && y >= new.len() {
                return Some(walk_back(&trace, old.len(), new.len()));
            }
        }
    }
    None
}

fn walk_back(trace: &[Vec<usize>], mut x: usize, mut y: usize) -> Vec<Step> {
    let mut steps = Vec::with_capacity(x + y);
    for (edits, reach) in trace.iter().enumerate().skip(1).rev() {
        // Slot of diagonal x - y in a snapshot whose middle is edits + 1.
        let slot = edits + 1 + x - y;
        let down = slot == 1 || (slot != 2 * edits + 1 && reach[slot - 1] < reach[slot + 1]);
        let (before_x, before_slot) = if down {
            (reach[slot + 1], slot + 1)
        } else {
            (reach[slot - 1], slot - 1)
        };
        let before_y = before_x + edits + 1 - before_slot;
        while x > before_x && y > before_y {
            steps.push(Step::Keep);
            x -= 1;
            y -= 1;
        }
        steps.push(if down { Step::Insert } else { Step::Delete });
        (x, y) = (before_x, before_y);
    }
    steps.extend(std::iter::repeat_n(Step::Keep, x));
    steps.reverse();
    steps
}

/// Runs of kept text, each followed by one edit.
#[derive(Default)]
struct Pieces {
    list: Vec<Piece>,
}

#[derive(Default)]
struct Piece {
    same: Vec<char>,
    deleted: Vec<char>,
    inserted: Vec<char>,
}

impl Piece {
    fn edit(&self) -> usize {
        self.deleted.len().max(self.inserted.len())
    }
}

impl Pieces {
    fn last(&mut self) -> &mut Piece {
        if self.list.is_empty() {
            self.list.push(Piece::default());
        }
        let at = self.list.len() - 1;
        &mut self.list[at]
    }

    fn same(&mut self, text: &[char]) {
        if text.is_empty() {
            return;
        }
        if self.last().edit() > 0 {
            self.list.push(Piece::default());
        }
        self.last().same.extend(text);
    }

    fn deleted(&mut self, text: &[char]) {
        self.last().deleted.extend(text);
    }

    fn inserted(&mut self, text: &[char]) {
        self.last().inserted.extend(text);
    }

    /// Merges the islands and writes the changes out, deleted before inserted.
    fn into_changes(self) -> Vec<Change> {
        let mut merged: Vec<Piece> = Vec::new();
        for piece in self.list {
            let length = piece.same.len();
            match merged.last_mut() {
                Some(before)
                    if length <= ISLAND && length < before.edit() && length < piece.edit() =>
                {
                    before
                        .deleted
                        .extend(piece.same.iter().chain(&piece.deleted));
                    before
                        .inserted
                        .extend(piece.same.iter().chain(&piece.inserted));
                }
                _ => merged.push(piece),
            }
        }
        let mut changes = Vec::new();
        let mut push = |make: fn(String) -> Change, text: &[char]| {
            if !text.is_empty() {
                changes.push(make(text.iter().collect()));
            }
        };
        for piece in &merged {
            push(Change::Same, &piece.same);
            push(Change::Deleted, &piece.deleted);
            push(Change::Inserted, &piece.inserted);
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let show = |change| match change {
            Change::Same(text) => text,
            Change::Deleted(text) => format!("[-{text}-]"),
            Change::Inserted(text) => format!("[+{text}+]"),
        };
        mark(old, new).into_iter().map(show).collect()
    }

    #[test]
    fn marks_what_changed() {
        assert_eq!(shown("", ""), "");
        assert_eq!(shown("每月一次", "每月一次"), "每月一次");
        assert_eq!(
            shown("应当每月公开一次", "应当每季度公开一次"),
            "应当每[-月-][+季度+]公开一次"
        );
        assert_eq!(shown("处五百元罚款", "处罚款"), "处[-五百元-]罚款");
        assert_eq!(shown("", "新增"), "[+新增+]");
    }

    #[test]
    fn tiny_equal_islands_are_merged() {
        assert_eq!(
            shown("甲乙丙的丁戊己", "子丑寅的卯辰巳"),
            "[-甲乙丙的丁戊己-][+子丑寅的卯辰巳+]"
        );
    }

    #[test]
    fn hostile_texts_are_bounded() {
        let old: String = (0..60_000u32)
            .filter_map(|n| char::from_u32(0x4e00 + n * 7919 % 20_000))
            .collect();
        let new: String = (0..60_000u32)
            .filter_map(|n| char::from_u32(0x4e00 + n * 10_007 % 19_997))
            .collect();
        let changes = mark(&old, &new);
        // The first character is the same; beyond the bound all else is out and in.
        let rest = |text: &str| text.chars().skip(1).collect::<String>();
        assert_eq!(
            changes[1..],
            [Change::Deleted(rest(&old)), Change::Inserted(rest(&new))]
        );
    }
}
