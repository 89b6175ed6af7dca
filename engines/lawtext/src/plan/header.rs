//! The header: front matter, where it ends, and what of it comes again after the end.

use super::{Seen, next_visible, set};
use crate::{line::squeezed, polish::tells_history, shape::Shape};

/// The most lines that the front matter of a web page takes.
const FRONT_MATTER: usize = 50;
/// The most lines over which a title is repeated.
const TITLE_LINES: usize = 3;

/// Front matter between two `---` at the top is no text.
pub(super) fn blank_front_matter(seen: &mut [Seen<'_>]) {
    let is_rule = |seen: &Seen<'_>| seen.line.text == "---";
    if !seen.first().is_some_and(is_rule) {
        return;
    }
    if let Some(closes) = seen.iter().skip(1).take(FRONT_MATTER).position(is_rule) {
        for seen in &mut seen[..closes + 2] {
            seen.shape = Shape::Nothing;
        }
    }
}

/// Index of `<!-- INFO END -->`.
pub(super) fn end(seen: &[Seen<'_>]) -> Option<usize> {
    seen.iter()
        .position(|seen| seen.line.text == "<!-- INFO END -->")
}

/// After the end of the header some texts close the bracket of the history, and give the title
/// once more, on one line or several.
pub(super) fn repeated(seen: &mut [Seen<'_>], header_end: Option<usize>) {
    let Some(end) = header_end else { return };
    let title: String = seen[..end]
        .iter()
        .filter(|seen| seen.line.top_heading)
        .map(|seen| squeezed(seen.line.text))
        .collect();
    let Some(mut at) = next_visible(seen, end + 1) else {
        return;
    };
    let text = seen[at].line.text;
    if seen[at].shape == Shape::Plain && closes_bracket(text) && tells_history(text) {
        seen[at].shape = Shape::HistoryTail;
        match next_visible(seen, at + 1) {
            Some(next) => at = next,
            None => return,
        }
    }
    if let Some(last) = title_ends(seen, at, &title) {
        set(seen, at..last + 1, &Shape::TitleAgain);
    }
}

fn closes_bracket(text: &str) -> bool {
    text.ends_with(['）', ')']) && !text.contains(['（', '('])
}

/// The line on which the title, begun at `from`, has been said in full.
fn title_ends(seen: &[Seen<'_>], from: usize, title: &str) -> Option<usize> {
    let (mut said, mut at) = (String::new(), from);
    for _ in 0..TITLE_LINES {
        if seen[at].shape != Shape::Plain {
            return None;
        }
        said.push_str(&squeezed(seen[at].line.text));
        // The one may leave out 中华人民共和国.
        if !said.is_empty()
            && !title.is_empty()
            && (title.ends_with(&said) || said.ends_with(title))
        {
            let whole = said.len() * 2 >= title.len();
            if whole {
                return Some(at);
            }
        }
        at = next_visible(seen, at + 1)?;
    }
    None
}
