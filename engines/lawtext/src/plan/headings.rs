//! Headings printed on two lines.

use super::{Seen, is_phrase, next_visible};
use crate::{Code, diagnostic::Sink, shape::Shape};

/// Joins a short line to the heading before it: to that of a 章 when an article or another heading
/// follows, to a bare 附件一 always.
pub(super) fn join(seen: &mut [Seen<'_>], sink: &mut Sink) {
    for at in 0..seen.len() {
        let (group, bare) = match seen[at].shape {
            Shape::Group(..) => (true, false),
            Shape::Appendix(title) => (false, title.is_empty() && seen[at].line.text != "附："),
            _ => continue,
        };
        let Some(tail) = next_visible(seen, at + 1).filter(|&tail| is_phrase(&seen[tail])) else {
            continue;
        };
        let opens = next_visible(seen, tail + 1)
            .is_some_and(|next| matches!(seen[next].shape, Shape::Article(_) | Shape::Group(..)));
        if (group && opens) || bare {
            seen[tail].shape = Shape::HeadingTail;
        }
        if group && opens {
            sink.push(
                seen[at].line.number,
                Code::WrappedHeading,
                "标题分成了两行，已合在一起。",
                "A heading on two lines, joined.",
            );
        }
    }
}
