//! Which lines open with a list mark, and which plain lines belong to the item above them.

use super::Seen;
use crate::shape::{ArticleLine, Mark, Shape};

/// For each rank the number of a mark.
type Numbers = [Option<u32>; 6];

/// Settles the doubtful marks, then notes where a list goes on after plain lines.
pub(super) fn decide(seen: &mut [Seen<'_>]) {
    doubts(seen);
    continuations(seen);
}

/// A list never goes on across one of these.
fn ends_lists(shape: &Shape<'_>) -> bool {
    matches!(
        shape,
        Shape::Article(_)
            | Shape::Group(..)
            | Shape::Appendix(_)
            | Shape::Supplement
            | Shape::Preamble
            | Shape::Contents
    )
}

/// The mark on a line: that of a list, or the one right after 第X条.
fn on<'s, 'a>(shape: &'s Shape<'a>) -> Option<&'s Mark<'a>> {
    match shape {
        Shape::Marker(mark) => Some(mark),
        Shape::Article(article) => article.mark.as_ref(),
        _ => None,
    }
}

/// Takes note of a mark: those of inner ranks begin anew.
fn note(numbers: &mut Numbers, mark: &Mark<'_>) {
    let rank = usize::from(mark.rank);
    numbers[rank] = Some(mark.number);
    numbers[rank + 1..].fill(None);
}

/// 二、 after 一、, or 一、 before 二、, is a mark whatever follows it.
fn doubts(seen: &mut [Seen<'_>]) {
    let after = following(seen);
    let mut last = Numbers::default();
    for (seen, after) in seen.iter_mut().zip(after) {
        if ends_lists(&seen.shape) {
            last = Numbers::default();
        }
        let Some(mark) = on(&seen.shape) else {
            continue;
        };
        let counts_on = last[usize::from(mark.rank)]
            .is_some_and(|last| last.checked_add(1) == Some(mark.number));
        let begins = mark.number == 1 && after == Some(2);
        if !mark.doubtful || counts_on || begins {
            note(&mut last, mark);
        } else {
            unmark(&mut seen.shape);
        }
    }
}

fn unmark(shape: &mut Shape<'_>) {
    match shape {
        Shape::Article(article) => article.mark = None,
        _ => *shape = Shape::Plain,
    }
}

/// For each line with a mark the number of the next mark of its rank in the same list.
fn following(seen: &[Seen<'_>]) -> Vec<Option<u32>> {
    let mut next = Numbers::default();
    let mut found = vec![None; seen.len()];
    for (at, seen) in seen.iter().enumerate().rev() {
        if let Some(mark) = on(&seen.shape) {
            found[at] = next[usize::from(mark.rank)];
            note(&mut next, mark);
        }
        if ends_lists(&seen.shape) {
            next = Numbers::default();
        }
    }
    found
}

fn continuations(seen: &mut [Seen<'_>]) {
    let after = following(seen);
    for (seen, after) in seen.iter_mut().zip(after) {
        if let Shape::Marker(mark)
        | Shape::Article(ArticleLine {
            mark: Some(mark), ..
        }) = &mut seen.shape
        {
            mark.continues = after.is_some() && after == mark.number.checked_add(1);
        }
    }
}
