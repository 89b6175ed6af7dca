//! The characters that changed between two wordings of one provision.
//!
//! The lines (款, 项) are paired first, then the characters inside a pair, so that an inserted 款
//! is shown as one insertion and not as scattered letters.
//!
//! Written here rather than taken from `similar`: that crate bounds its work by a clock, and the
//! same two texts must be marked the same way on a busy machine and an idle one, because people
//! cite what they see. Here the bound is a number of edits.

mod lines;
mod myers;

use serde::Serialize;

use self::{
    lines::{Block, blocks},
    myers::{Step, shortest},
};
use crate::number::is_numeral;

/// A run of characters that stayed, or one that gave way to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// In both wordings.
    Same {
        /// The words.
        text: String,
    },
    /// `inserted` stands where `deleted` stood; one of them may be empty. They neither begin nor
    /// end alike.
    Edited {
        /// Only in the old wording.
        deleted: String,
        /// Only in the new wording.
        inserted: String,
        /// What was touched.
        nature: Nature,
    },
}

/// What an edit touches, so that a reader can pass over the small ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Words.
    Words,
    /// Nothing but numerals, such as the number of another article, a period, an amount.
    Number,
    /// Nothing but punctuation and space.
    Punctuation,
}

/// The most edits looked for in one line. Beyond, whole sentences are compared, then nothing: all
/// out, all in.
const MAX_EDITS: usize = 1500;

/// An equal run of this many characters between two longer edits reads better as changed.
const ISLAND: usize = 2;

/// Marks what changed from `old` to `new`. [`Change::Same`] and `deleted` together are `old`,
/// [`Change::Same`] and `inserted` together are `new`, in order.
///
/// ```
/// use lawtext::{Change, Nature, mark};
///
/// let changes = mark("处五百元罚款。", "处一千元罚款。");
/// assert_eq!(changes.len(), 3);
/// assert!(matches!(&changes[1], Change::Edited { deleted, inserted, nature: Nature::Number }
///     if deleted == "五百" && inserted == "一千"));
/// ```
#[must_use]
pub fn mark(old: &str, new: &str) -> Vec<Change> {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let mut pieces = Pieces::default();
    for block in blocks(&old, &new) {
        match block {
            Block::Same(line) => pieces.same(line),
            Block::Pair(old, new) => {
                pieces.cut();
                characters(old, new, &mut pieces);
            }
            Block::Deleted(line) => pieces.deleted(line),
            Block::Inserted(line) => pieces.inserted(line),
        }
    }
    pieces.into_changes()
}

/// Marks the characters between the equal head and the equal tail of two lines.
fn characters(old: &[char], new: &[char], pieces: &mut Pieces) {
    let head = common(old.iter(), new.iter());
    let tail = common(old[head..].iter().rev(), new[head..].iter().rev());
    pieces.same(&old[..head]);
    middle(
        &old[head..old.len() - tail],
        &new[head..new.len() - tail],
        pieces,
    );
    pieces.same(&old[old.len() - tail..]);
}

fn common<'t>(a: impl Iterator<Item = &'t char>, b: impl Iterator<Item = &'t char>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
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

    /// Whether what stayed before this edit is too little to be worth showing between two edits.
    /// The end of a line always is: it holds the pairs of lines apart.
    fn is_island_after(&self, before: &Self) -> bool {
        let length = self.same.len();
        let small =
            length == 1 || (length == ISLAND && length < before.edit() && length < self.edit());
        small && before.edit() > 0 && self.edit() > 0 && !self.same.contains(&'\n')
    }

    fn swallow(&mut self, after: &Self) {
        self.deleted.extend(after.same.iter().chain(&after.deleted));
        self.inserted
            .extend(after.same.iter().chain(&after.inserted));
    }

    /// Gives the common beginning of the edit to what stayed before, and returns the common end.
    fn trim(&mut self) -> Vec<char> {
        let head = common(self.deleted.iter(), self.inserted.iter());
        self.same.extend(self.deleted.drain(..head));
        self.inserted.drain(..head);
        let tail = common(self.deleted.iter().rev(), self.inserted.iter().rev());
        self.inserted.truncate(self.inserted.len() - tail);
        self.deleted.split_off(self.deleted.len() - tail)
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

    /// What follows is another edit, even when nothing stays between.
    fn cut(&mut self) {
        if self.last().edit() > 0 {
            self.list.push(Piece::default());
        }
    }

    fn same(&mut self, text: &[char]) {
        if !text.is_empty() {
            self.cut();
            self.last().same.extend(text);
        }
    }

    fn deleted(&mut self, text: &[char]) {
        self.last().deleted.extend(text);
    }

    fn inserted(&mut self, text: &[char]) {
        self.last().inserted.extend(text);
    }

    fn into_changes(self) -> Vec<Change> {
        let mut merged: Vec<Piece> = Vec::new();
        for piece in self.list {
            match merged.last_mut() {
                Some(before) if piece.is_island_after(before) => before.swallow(&piece),
                _ => merged.push(piece),
            }
        }
        let mut changes = Vec::new();
        let mut carried = Vec::new();
        for mut piece in merged {
            carried.append(&mut piece.same);
            piece.same = carried;
            carried = piece.trim();
            push_same(&mut changes, &piece.same);
            if piece.edit() > 0 {
                changes.push(edited(&piece));
            }
        }
        push_same(&mut changes, &carried);
        changes
    }
}

/// What stays is joined with what stayed before it.
fn push_same(changes: &mut Vec<Change>, same: &[char]) {
    match changes.last_mut() {
        _ if same.is_empty() => {}
        Some(Change::Same { text }) => text.extend(same),
        _ => changes.push(Change::Same {
            text: same.iter().collect(),
        }),
    }
}

fn edited(piece: &Piece) -> Change {
    Change::Edited {
        deleted: piece.deleted.iter().collect(),
        inserted: piece.inserted.iter().collect(),
        nature: nature(piece),
    }
}

fn nature(piece: &Piece) -> Nature {
    let touched = || piece.deleted.iter().chain(&piece.inserted);
    if !touched().all(|&c| is_numeral(c) || is_punctuation(c)) {
        Nature::Words
    } else if touched().any(|&c| is_numeral(c)) {
        Nature::Number
    } else {
        Nature::Punctuation
    }
}

fn is_punctuation(c: char) -> bool {
    c.is_whitespace()
        || c.is_ascii_punctuation()
        || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301f}' | '\u{2010}'..='\u{2027}'
            | '·' | '！' | '（' | '）' | '，' | '．' | '／' | '：' | '；' | '？' | '［' | '］' | '％')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let wrapped = |sign: char, text: &str| match text {
            "" => String::new(),
            _ => format!("[{sign}{text}{sign}]"),
        };
        let show = |change| match change {
            Change::Same { text } => text,
            Change::Edited {
                deleted, inserted, ..
            } => wrapped('-', &deleted) + &wrapped('+', &inserted),
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
        assert_eq!(shown("始十五日终", "始三十日终"), "始[-十五-][+三十+]日终");
    }

    #[test]
    fn merged_edits_neither_begin_nor_end_alike() {
        // The island 一 joins two edits that then both open with 二.
        assert_eq!(
            shown("前乙一甲后后", "前乙子一乙后后"),
            "前乙[-一甲-][+子一乙+]后后"
        );
    }

    #[test]
    fn lines_are_paired_before_characters() {
        assert_eq!(
            shown(
                "县政府管理垃圾。\n违反的处罚款。",
                "县政府管理垃圾。\n居民应当分类。\n违反的处罚款。"
            ),
            "县政府管理垃圾。\n[+居民应当分类。\n+]违反的处罚款。"
        );
        assert_eq!(
            shown(
                "县政府管理城市垃圾。\n第二款。",
                "第一款。\n市政府管理城市垃圾。"
            ),
            "[+第一款。\n+][-县-][+市+]政府管理城市垃圾。[-\n第二款。-]",
        );
    }

    #[test]
    fn small_changes_are_told_apart() {
        let natures = |old, new| -> Vec<Nature> {
            mark(old, new)
                .into_iter()
                .filter_map(|change| match change {
                    Change::Same { .. } => None,
                    Change::Edited { nature, .. } => Some(nature),
                })
                .collect()
        };
        assert_eq!(
            natures("依照第三十条处理", "依照第三十二条处理"),
            [Nature::Number]
        );
        assert_eq!(natures("甲、乙和丙", "甲，乙和丙"), [Nature::Punctuation]);
        assert_eq!(natures("甲、乙和丙", "甲及乙和丙"), [Nature::Words]);
        assert_eq!(
            natures("罚款1.5万元。应当公开", "罚款2万元。可以公开"),
            [Nature::Number, Nature::Words]
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
        let [
            _,
            Change::Edited {
                deleted, inserted, ..
            },
        ] = changes.as_slice()
        else {
            panic!("{} changes", changes.len())
        };
        assert_eq!((deleted, inserted), (&rest(&old), &rest(&new)));
    }
}
