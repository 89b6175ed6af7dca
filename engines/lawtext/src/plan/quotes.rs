//! Quotations that run over several lines: the new wording of an article inside a decision that
//! amends it. Nothing in them is a provision of the text that quotes.

use std::ops::Range;

use super::{Seen, next_visible, set};
use crate::{
    number::{split_numerals, value},
    shape::Shape,
};

/// The most lines one quotation takes.
const LONGEST: usize = 2000;

/// Words of a line that says what a provision becomes.
const AMENDS: [&str; 6] = ["修改为", "改为", "修正为", "作为", "增加", "如下："];

/// Makes the lines of quotations [`Shape::Quoted`].
pub(super) fn find(seen: &mut [Seen<'_>]) {
    let closes = closing_lines(seen);
    let mut at = 0;
    while at < seen.len() {
        let next = || next_visible(seen, at + 1);
        let Some(first) = amends(&seen[at]).then(next).flatten() else {
            at += 1;
            continue;
        };
        let text = seen[at].line.text;
        let range = if leaves_open(text) {
            marked(seen, first, first, &closes)
        } else if text.ends_with(['：', ':']) && seen[first].line.text.starts_with('“') {
            marked(seen, first + 1, first, &closes)
        } else {
            text.ends_with(['：', ':'])
                .then(|| announced(seen, text, first))
                .flatten()
        };
        match range {
            Some(range) => {
                at = range.end;
                set(seen, range, &Shape::Quoted);
            }
            None => at += 1,
        }
    }
}

fn amends(seen: &Seen<'_>) -> bool {
    seen.shape != Shape::Nothing && AMENDS.iter().any(|word| seen.line.text.contains(word))
}

/// A quotation mark is still open at the end.
fn leaves_open(text: &str) -> bool {
    text.rfind('“') > text.rfind('”')
}

fn closes_last(text: &str) -> bool {
    text.rfind('”') > text.rfind('“')
}

/// For each line the next one, itself included, that ends outside quotation marks.
fn closing_lines(seen: &[Seen<'_>]) -> Vec<Option<usize>> {
    let mut next = None;
    let mut found = vec![None; seen.len()];
    for (at, seen) in seen.iter().enumerate().rev() {
        if closes_last(seen.line.text) {
            next = Some(at);
        }
        found[at] = next;
    }
    found
}

/// The lines from `first` to the one that closes the mark; `from` is where the closing may be.
/// Every paragraph of a quotation opens with a mark of its own, and only the last one closes, but
/// some writers close each: they are taken together.
fn marked(
    seen: &[Seen<'_>],
    from: usize,
    first: usize,
    closes: &[Option<usize>],
) -> Option<Range<usize>> {
    let mut end = if from > first && closes_last(seen[first].line.text) {
        first
    } else {
        (*closes.get(from)?)?
    };
    while end - first < LONGEST
        && let Some(next) = next_visible(seen, end + 1)
        && seen[next].line.text.starts_with('“')
    {
        end = closes[next]?;
    }
    // Some forget to close: the next instruction ends the quotation all the same.
    let end = (first..=end)
        .find(|&at| instructs(&seen[at]))
        .unwrap_or(end + 1);
    (first..first + LONGEST)
        .contains(&end)
        .then_some(first..end)
}

/// A point or article of the amending text that says what a provision becomes.
fn instructs(seen: &Seen<'_>) -> bool {
    let numbered = match &seen.shape {
        Shape::Marker(mark) => mark.rank == 1,
        Shape::Article(article) => article.sure,
        _ => false,
    };
    numbered && amends(seen)
}

/// Without marks: 增加五条，作为第一百二十三条至第一百二十七条： followed by these articles.
fn announced(seen: &[Seen<'_>], text: &str, first: usize) -> Option<Range<usize>> {
    let numbers = cited(text);
    let is_announced = |seen: &Seen<'_>| match &seen.shape {
        Shape::Article(article) => Some(
            numbers
                .iter()
                .any(|range| range.contains(&article.number.main)),
        ),
        _ => None,
    };
    let opens = (first..seen.len().min(first + LONGEST))
        .find(|&at| !matches!(seen[at].shape, Shape::Nothing | Shape::Group(..)))?;
    if is_announced(&seen[opens]) != Some(true) {
        return None;
    }
    let ends = |at: &usize| {
        is_announced(&seen[*at]) == Some(false)
            || matches!(&seen[*at].shape, Shape::Group(..) | Shape::Appendix(_))
            || matches!(&seen[*at].shape, Shape::Marker(mark) if mark.rank == 1)
            || resumes(&seen[*at])
    };
    let most = seen.len().min(first + LONGEST);
    Some(first..(opens..most).find(ends).unwrap_or(most))
}

/// The numbers of the articles a line speaks of: 第三条, 第五条至第九条.
fn cited(text: &str) -> Vec<std::ops::RangeInclusive<u32>> {
    let mut found: Vec<std::ops::RangeInclusive<u32>> = Vec::new();
    let mut joins = false;
    for piece in text.split('第').skip(1) {
        let (numerals, tail) = split_numerals(piece);
        let (Some(number), Some(after)) = (value(numerals), tail.strip_prefix('条')) else {
            joins = false;
            continue;
        };
        match found.last_mut().filter(|_| joins) {
            Some(range) => *range = *range.start()..=number,
            None => found.push(number..=number),
        }
        joins = after == "至";
    }
    found
}

/// The amending text goes on: 第七节相应改为第八节.
fn resumes(seen: &Seen<'_>) -> bool {
    seen.shape == Shape::Plain
        && seen.line.text.starts_with(['第', '原', '将', '删'])
        && ["改为", "作为", "删去", "调整"]
            .iter()
            .any(|word| seen.line.text.contains(word))
}
