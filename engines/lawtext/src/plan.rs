//! What has to be known of the whole text before it is read line by line.

use std::collections::HashSet;

use crate::line::{Line, Shape, is_date};

/// What is known about the text before the pass: where the header ends, which lines sign it.
pub(crate) struct Plan {
    /// Index of `<!-- INFO END -->`.
    pub(crate) header_end: Option<usize>,
    /// Lines before this index are front matter of a web page.
    pub(crate) front_matter: usize,
    /// Lines of a signature: a name, a date.
    pub(crate) signatures: HashSet<usize>,
}

impl Plan {
    pub(crate) fn of(read: &[(Line<'_>, Shape<'_>)]) -> Self {
        let header_end = read
            .iter()
            .position(|(line, _)| line.text == "<!-- INFO END -->");
        let is_rule = |(line, _): &(Line<'_>, Shape<'_>)| line.text == "---";
        let opens = read.first().is_some_and(is_rule);
        let closes = read.iter().skip(1).take(50).position(is_rule);
        let front_matter = if opens {
            closes.map_or(0, |at| at + 2)
        } else {
            0
        };
        Self {
            header_end,
            front_matter,
            signatures: signatures(read, header_end.map_or(1, |at| at + 1)),
        }
    }
}

/// A date alone on the last line, or on the last before an appendix, and the name above it.
fn signatures(read: &[(Line<'_>, Shape<'_>)], from: usize) -> HashSet<usize> {
    let seen: Vec<usize> = (from..read.len())
        .filter(|&at| read[at].1 != Shape::Nothing)
        .collect();
    let mut found = HashSet::new();
    for (position, &at) in seen.iter().enumerate() {
        let last = seen
            .get(position + 1)
            .is_none_or(|&next| read[next].1 == Shape::Appendix);
        if position == 0 || !last || !is_date(read[at].0.text) {
            continue;
        }
        found.insert(at);
        let above = seen[position - 1];
        let text = read[above].0.text;
        if read[above].1 == Shape::Plain
            && text.chars().count() <= 30
            && !text.contains(['。', '；', '：', '，'])
        {
            found.insert(above);
        }
    }
    found
}
