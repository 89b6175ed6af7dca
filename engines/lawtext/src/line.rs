//! One line of a law, and what it looks like. Decided by the line alone; [`crate::build`] decides
//! what it is from the lines before it.

use crate::{
    number::{Number, is_numeral, split_numerals, value},
    tree::Kind,
};

/// A line of the source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: usize,
    /// Where it starts in the source, in bytes.
    pub(crate) start: usize,
    /// Where the next one starts.
    pub(crate) end: usize,
    /// What is seen of it: without markdown marks and surrounding space.
    pub(crate) text: &'a str,
    /// Whether it opens with `#`.
    pub(crate) heading: bool,
    /// Whether it opens with exactly one `#`.
    pub(crate) top_heading: bool,
}

/// What a line looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape<'a> {
    /// Nothing to see: blank, a comment.
    Nothing,
    /// `##` alone.
    EmptyHeading,
    /// 第X编, 分编, 章, 节.
    Group(Kind, Number, &'a str),
    /// 附则 as a heading without number.
    Supplement,
    /// 序言 as a heading.
    Preamble,
    /// 目录.
    Contents,
    /// 附件X, 附表, 附：.
    Appendix,
    /// 第X条.
    Article(ArticleLine<'a>),
    /// A line that wants to be 第X条 or 第X章 but has no number.
    BadNumber(&'a str),
    /// 一、 （一） 1. （1） ①: the rank grows inwards.
    Marker(u8, u32, &'a str),
    /// Anything else.
    Plain,
}

/// A line opening with 第X条.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArticleLine<'a> {
    pub(crate) number: Number,
    /// What stands after `第X条` and its space.
    pub(crate) rest: &'a str,
    /// A space or the end of the line follows, so that it can be nothing else.
    pub(crate) sure: bool,
    /// 笫 for 第.
    pub(crate) look_alike: bool,
    /// A space inside.
    pub(crate) spaced: bool,
}

/// Splits the source into lines, each with its end mark.
pub(crate) fn lines(source: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    source
        .split_inclusive('\n')
        .enumerate()
        .map(move |(index, raw)| {
            let begin = start;
            start += raw.len();
            let seen = raw.trim_matches(is_space);
            let marks = seen.len() - seen.trim_start_matches('#').len();
            let heading = marks > 0
                && marks <= 6
                && (seen.len() == marks || seen[marks..].starts_with(is_space));
            let text = if heading {
                seen[marks..].trim_matches(is_space)
            } else {
                seen
            };
            Line {
                number: index + 1,
                start: begin,
                end: start,
                text,
                heading,
                top_heading: heading && marks == 1,
            }
        })
}

/// White space, with the byte order mark and the invisible characters that editors leave behind.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

/// Everything but the space: for comparing headings and texts.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|&c| !is_space(c)).collect()
}

/// The look of a line.
pub(crate) fn shape<'a>(line: &Line<'a>) -> Shape<'a> {
    let text = line.text;
    if text.is_empty() {
        return if line.heading {
            Shape::EmptyHeading
        } else {
            Shape::Nothing
        };
    }
    if text.starts_with("<!--") && text.ends_with("-->") {
        return Shape::Nothing;
    }
    if text.starts_with(['第', '笫', '*']) {
        return numbered(text, line.heading);
    }
    if text.chars().count() <= 8 || line.heading {
        match squeezed(text).as_str() {
            "附则" => return Shape::Supplement,
            "序言" | "前言" => return Shape::Preamble,
            "目录" | "目次" => return Shape::Contents,
            _ => {}
        }
    }
    if is_appendix(text) {
        Shape::Appendix
    } else {
        marker(text)
    }
}

fn numbered(text: &str, heading: bool) -> Shape<'_> {
    let bare = text.trim_start_matches('*');
    let bold = bare.len() < text.len();
    let Some(after) = bare.strip_prefix(['第', '笫']) else {
        return Shape::Plain;
    };
    let inner = after.trim_start_matches(is_space);
    let (numerals, tail) = split_numerals(inner);
    let unit = tail.trim_start_matches(is_space);
    let Some((kind, rest)) = unit_of(unit) else {
        return Shape::Plain;
    };
    let Some(main) = value(numerals) else {
        return bad_number(text, numerals, rest);
    };
    let (branches, rest) = if kind == Kind::Article {
        branches(rest)
    } else {
        (Vec::new(), rest)
    };
    let rest = if bold {
        rest.trim_start_matches('*')
    } else {
        rest
    };
    let number = Number { main, branches };
    let spaced = inner.len() < after.len() || unit.len() < tail.len();
    let sure = rest.is_empty() || rest.starts_with(is_space);
    let words = rest.trim_matches(is_space);
    if kind == Kind::Article {
        let look_alike = bare.starts_with('笫');
        return Shape::Article(ArticleLine {
            number,
            rest: words,
            sure,
            look_alike,
            spaced,
        });
    }
    if sure || heading || is_title(words) {
        Shape::Group(kind, number, words)
    } else {
        Shape::Plain
    }
}

fn unit_of(text: &str) -> Option<(Kind, &str)> {
    [
        ("分编", Kind::Subpart),
        ("编", Kind::Part),
        ("章", Kind::Chapter),
        ("节", Kind::Section),
        ("条", Kind::Article),
    ]
    .into_iter()
    .find_map(|(word, kind)| Some((kind, text.strip_prefix(word)?)))
}

/// 第条, 第百条 … with the boundary of a heading: nobody writes that inside a sentence.
fn bad_number<'a>(text: &'a str, numerals: &str, rest: &str) -> Shape<'a> {
    let sure = rest.is_empty() || rest.starts_with(is_space);
    if sure && numerals.chars().count() <= 20 {
        Shape::BadNumber(text)
    } else {
        Shape::Plain
    }
}

/// 之一, 之二之一 after 条, and what follows them. At most three deep.
fn branches(mut rest: &str) -> (Vec<u32>, &str) {
    let mut found = Vec::new();
    while found.len() < 3 {
        let Some(after) = rest.strip_prefix('之') else {
            break;
        };
        let (numerals, tail) = split_numerals(after);
        let Some(branch) = value(numerals) else { break };
        found.push(branch);
        rest = tail;
    }
    (found, rest)
}

/// 第一章总则 with no space: short, no punctuation, not the middle of a sentence.
fn is_title(words: &str) -> bool {
    words.chars().count() <= 24
        && !words.contains(['，', '。', '；', '：', ',', ';', '”', '》'])
        && !words.starts_with([
            '的', '和', '至', '或', '与', '及', '、', '中', '规', '所', '相', '第',
        ])
}

fn is_appendix(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('附') else {
        return false;
    };
    let named = rest.strip_prefix(['件', '表', '录', '图']);
    let rest = named.unwrap_or(rest);
    if named.is_none() {
        return rest.starts_with(['：', ':']);
    }
    let (_, rest) = split_numerals(rest.trim_start_matches(is_space));
    rest.is_empty() || rest.starts_with(['：', ':']) || rest.starts_with(is_space)
}

pub(crate) fn marker(text: &str) -> Shape<'_> {
    if let Some(inner) = text.strip_prefix(['（', '(']) {
        let (numerals, tail) = split_numerals(inner.trim_start_matches(is_space));
        let close = tail.trim_start_matches(is_space).strip_prefix(['）', ')']);
        return match (value(numerals), close) {
            (Some(n), Some(rest)) => {
                let rank = if numerals.starts_with(is_figure) {
                    4
                } else {
                    2
                };
                Shape::Marker(rank, n, rest.trim_matches(is_space))
            }
            _ => Shape::Plain,
        };
    }
    if let Some(first @ '①'..='⑳') = text.chars().next() {
        return Shape::Marker(
            5,
            first as u32 - '①' as u32 + 1,
            text[first.len_utf8()..].trim_matches(is_space),
        );
    }
    listed(text)
}

/// 一、 and 1. — but not 一、二级保护 nor 1.5倍.
fn listed(text: &str) -> Shape<'_> {
    let (numerals, tail) = split_numerals(text);
    let Some(n) = value(numerals) else {
        return Shape::Plain;
    };
    let figures = numerals.starts_with(is_figure);
    let rest = if figures {
        tail.strip_prefix(['.', '．', '、'])
    } else {
        tail.strip_prefix('、')
    };
    let Some(rest) = rest else {
        return Shape::Plain;
    };
    let next = value(split_numerals(rest).0);
    let runs_on = if figures {
        next.is_some()
    } else {
        next == n.checked_add(1)
    };
    if runs_on || (figures && rest.starts_with(is_numeral)) {
        return Shape::Plain;
    }
    Shape::Marker(if figures { 3 } else { 1 }, n, rest.trim_matches(is_space))
}

fn is_figure(c: char) -> bool {
    matches!(c, '0'..='9' | '０'..='９')
}

/// A date standing alone, as under a signature: 2026年3月1日, 二〇二六年三月一日.
pub(crate) fn is_date(text: &str) -> bool {
    let text = squeezed(text);
    let text = text.trim_matches(['（', '）', '(', ')']);
    let mut rest = text;
    for unit in ['年', '月', '日'] {
        let (numerals, tail) = split_numerals(rest);
        let Some(tail) = tail.strip_prefix(unit) else {
            return false;
        };
        if numerals.is_empty() {
            return false;
        }
        rest = tail;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Shape<'_> {
        shape(&lines(text).next().unwrap())
    }

    #[test]
    fn headings_and_articles() {
        assert_eq!(
            look("## 第一章  总　　则"),
            Shape::Group(Kind::Chapter, Number::plain(1), "总　　则")
        );
        assert_eq!(
            look("第一章总则"),
            Shape::Group(Kind::Chapter, Number::plain(1), "总则")
        );
        assert_eq!(look("第七节相应改为第八节，其他不变。"), Shape::Plain);
        assert_eq!(
            look("第二分编  所有权"),
            Shape::Group(Kind::Subpart, Number::plain(2), "所有权")
        );
        let Shape::Article(article) = look("　　第十二条之一　本法") else {
            panic!()
        };
        assert_eq!(
            (article.number, article.rest, article.sure),
            (
                Number {
                    main: 12,
                    branches: vec![1]
                },
                "本法",
                true
            )
        );
        let Shape::Article(article) = look("**第5条** 本法") else {
            panic!()
        };
        assert_eq!((article.number.main, article.rest), (5, "本法"));
        let Shape::Article(article) = look("第三十一条的决定》") else {
            panic!()
        };
        assert!(!article.sure);
        assert!(matches!(look("第百条 内容"), Shape::BadNumber(_)));
        assert_eq!(look("第三人明知的，"), Shape::Plain);
        assert_eq!(look("第一款罪，告诉的才处理。"), Shape::Plain);
    }

    #[test]
    fn list_marks() {
        assert_eq!(look("（十二） 甲"), Shape::Marker(2, 12, "甲"));
        assert_eq!(look("(1)甲"), Shape::Marker(4, 1, "甲"));
        assert_eq!(look("一、一切单位"), Shape::Marker(1, 1, "一切单位"));
        assert_eq!(look("一、二级保护动物"), Shape::Plain);
        assert_eq!(look("1.5倍以下"), Shape::Plain);
        assert_eq!(look("1．甲"), Shape::Marker(3, 1, "甲"));
        assert_eq!(look("（2019年通过）"), Shape::Plain);
    }

    #[test]
    fn appendices_contents_dates() {
        for text in ["附件", "附件一：办法", "附件:", "附：", "附表1 税目"] {
            assert_eq!(look(text), Shape::Appendix, "{text}");
        }
        for text in [
            "附件三所列全国性法律",
            "附加刑也可以独立适用。",
            "附条件不起诉",
        ] {
            assert_eq!(look(text), Shape::Plain, "{text}");
        }
        assert_eq!(look("目　　录"), Shape::Contents);
        assert!(is_date("二〇二六年三月一日") && is_date("2026 年 3 月 1 日"));
        assert!(!is_date("2026年3月1日起施行"));
    }
}
