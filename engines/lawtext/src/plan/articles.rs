//! Which lines opening with 第X条 open an article. 第三条所有单位… does, 第三条的规定… goes on with
//! the sentence of the line before.

use super::Seen;
use crate::{
    Code,
    diagnostic::Sink,
    number::{Number, split_numerals},
    polish::clip,
    shape::{ArticleLine, Shape},
};

/// How many of the following 第X条 are looked at to decide on one.
const AHEAD: usize = 8;

/// What follows 第X条 where it is cited inside a sentence.
const CITED: [&str; 20] = [
    "的",
    "之规定",
    "规定",
    "所称",
    "所列",
    "所指",
    "所述",
    "所规定",
    "中的",
    "中规定",
    "中“",
    "以外",
    "和第",
    "与第",
    "及第",
    "或第",
    "至第",
    "或者第",
    "以及第",
    "改为",
];
/// The same in amendments.
const AMENDED: [&str; 3] = ["修改为", "修正为", "删去"];

/// Lets the doubtful ones be plain lines, and says so.
pub(super) fn decide(seen: &mut [Seen<'_>], sink: &mut Sink) {
    let candidates: Vec<usize> = (0..seen.len())
        .filter(|&at| matches!(seen[at].shape, Shape::Article(_) | Shape::Appendix(_)))
        .collect();
    let mut last: Option<Number> = None;
    for position in 0..candidates.len() {
        let at = candidates[position];
        let Shape::Article(article) = &seen[at].shape else {
            last = None;
            continue;
        };
        if opens(
            article,
            last.as_ref(),
            ahead(seen, &candidates[position + 1..]),
        ) {
            last = Some(article.number.clone());
        } else {
            let words = clip(seen[at].line.text);
            sink.push(
                seen[at].line.number,
                Code::DoubtfulArticle,
                format!("“{words}”像是引用条文，没有当作新的一条。"),
                format!("“{words}” looks like a citation; it was not taken for an article."),
            );
            seen[at].shape = Shape::Plain;
        }
    }
}

/// The next lines that may open an article of the same text.
fn ahead<'s>(
    seen: &'s [Seen<'_>],
    candidates: &'s [usize],
) -> impl Iterator<Item = &'s ArticleLine<'s>> {
    candidates
        .iter()
        .take(AHEAD)
        .map_while(|&at| match &seen[at].shape {
            Shape::Article(article) => Some(article),
            _ => None,
        })
        .filter(|article| !is_cited(article.rest))
}

fn opens<'s>(
    article: &ArticleLine<'_>,
    last: Option<&Number>,
    mut ahead: impl Iterator<Item = &'s ArticleLine<'s>>,
) -> bool {
    let number = &article.number;
    let expected = last.map_or(*number == Number::plain(1), |last| number.follows(last));
    if is_cited(article.rest) {
        return article.sure && expected;
    }
    if article.sure {
        return true;
    }
    if expected {
        // Unless the real one is still to come.
        let next = ahead.find(|next| next.number == *number || next.number.follows(number));
        return next.is_none_or(|next| next.number != *number || !next.sure);
    }
    // After a gap it has to begin a run.
    last.is_none_or(|last| number > last)
        && ahead.next().is_some_and(|next| next.number.follows(number))
}

/// Whether the words after 第X条 say that it is cited.
fn is_cited(rest: &str) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| rest.starts_with(word));
    let punctuation = ['，', '、', '。', '；', '：', '）', '》', '”', '’', ')', ','];
    rest.starts_with(punctuation) || starts(&CITED) || starts(&AMENDED) || is_part(rest)
}

/// 第二款, 第（三）项: a part of the cited article.
fn is_part(rest: &str) -> bool {
    let Some(inner) = rest.strip_prefix('第') else {
        return false;
    };
    let (_, tail) = split_numerals(inner.trim_start_matches(['（', '(']));
    tail.trim_start_matches(['）', ')'])
        .starts_with(['款', '项', '目', '条'])
}

/// Index of the line on which article `most` + 1 opens.
pub(super) fn beyond(seen: &[Seen<'_>], most: usize) -> Option<usize> {
    (0..seen.len())
        .filter(|&at| matches!(seen[at].shape, Shape::Article(_)))
        .nth(most)
}
