//! What has to be known of the whole text before it is read line by line. Each step corrects the
//! looks of single lines from the lines around; all of them together take time in proportion to
//! the text.

mod articles;
mod header;
mod headings;
mod marks;
mod quotes;

use std::ops::Range;

use crate::{
    Limits, TooMuch,
    diagnostic::Sink,
    line::{Line, lines},
    shape::{Shape, is_date, shape},
};

/// A line and what it is taken for.
pub(crate) struct Seen<'a> {
    pub(crate) line: Line<'a>,
    pub(crate) shape: Shape<'a>,
}

/// The lines of a text, ready to be put into a tree.
pub(crate) struct Plan<'a> {
    pub(crate) lines: Vec<Seen<'a>>,
    /// Index of `<!-- INFO END -->`.
    pub(crate) header_end: Option<usize>,
    /// What was beyond the limits; the lines stop before it.
    pub(crate) unread: Option<TooMuch>,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(source: &'a str, limits: &Limits, sink: &mut Sink) -> Self {
        let (mut seen, mut unread) = within(source, limits);
        header::blank_front_matter(&mut seen);
        let header_end = header::end(&seen);
        let body = header_end.map_or(0, |at| at + 1);
        header::repeated(&mut seen, header_end);
        quotes::find(&mut seen[body..]);
        sign(&mut seen, header_end.map_or(1, |at| at + 1));
        articles::decide(&mut seen[body..], sink);
        headings::join(&mut seen[body..], sink);
        marks::decide(&mut seen[body..]);
        if let Some(end) = articles::beyond(&seen, limits.articles) {
            seen.truncate(end);
            unread = Some(TooMuch::Articles(limits.articles));
        }
        Self {
            lines: seen,
            header_end,
            unread,
        }
    }

    /// Where the lines that are read end in the source.
    pub(crate) fn end(&self) -> usize {
        self.lines.last().map_or(0, |seen| seen.line.end)
    }
}

/// The lines within the limits of length.
fn within<'a>(source: &'a str, limits: &Limits) -> (Vec<Seen<'a>>, Option<TooMuch>) {
    let mut found = lines(source, limits.lines);
    let mut unread = None;
    if found.last().is_some_and(|line| line.end < source.len()) {
        unread = Some(TooMuch::Lines(limits.lines));
    }
    if source.len() > limits.bytes {
        found.retain(|line| line.end <= limits.bytes);
        unread = Some(TooMuch::Bytes(limits.bytes));
    }
    let look = |line| Seen {
        shape: shape(&line),
        line,
    };
    (found.into_iter().map(look).collect(), unread)
}

/// Index of the next line with something to see, from `from` on.
fn next_visible(seen: &[Seen<'_>], from: usize) -> Option<usize> {
    (from..seen.len()).find(|&at| seen[at].shape != Shape::Nothing)
}

/// A short line of words that is no sentence: a heading, a name.
fn is_phrase(seen: &Seen<'_>) -> bool {
    const LONGEST: usize = 40;
    seen.shape == Shape::Plain
        && !seen
            .line
            .text
            .ends_with(['。', '；', '：', '？', '！', ':', '；'])
        && seen.line.text.chars().take(LONGEST + 1).count() <= LONGEST
}

/// A date alone on the last line, or on the last before an appendix, and the name above it.
fn sign(seen: &mut [Seen<'_>], from: usize) {
    let visible: Vec<usize> = (from..seen.len())
        .filter(|&at| seen[at].shape != Shape::Nothing)
        .collect();
    for (position, &at) in visible.iter().enumerate().skip(1) {
        let last = visible
            .get(position + 1)
            .is_none_or(|&next| matches!(seen[next].shape, Shape::Appendix(_)));
        if !last || !is_date(seen[at].line.text) {
            continue;
        }
        seen[at].shape = Shape::Signature;
        let above = visible[position - 1];
        if is_phrase(&seen[above]) && !seen[above].line.text.contains('，') {
            seen[above].shape = Shape::Signature;
        }
    }
}

/// Sets the shape of the visible lines of `range`.
fn set<'a>(seen: &mut [Seen<'a>], range: Range<usize>, shape: &Shape<'a>) {
    for seen in seen[range]
        .iter_mut()
        .filter(|seen| seen.shape != Shape::Nothing)
    {
        seen.shape = shape.clone();
    }
}
