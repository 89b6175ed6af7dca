//! What one line looks like, decided by the line alone. [`crate::plan`] corrects it from the lines
//! around.

use crate::{
    line::{Line, is_space, squeezed},
    number::{Number, is_numeral, split_numerals, value},
    tree::Kind,
};

/// What a line looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape<'a> {
    /// Nothing to see: blank, a comment, front matter of a web page.
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
    /// 附件X, 附表, 附：, and the title on the same line.
    Appendix(&'a str),
    /// 第X条.
    Article(ArticleLine<'a>),
    /// A line that wants to be 第X条 or 第X章 but has no number.
    BadNumber,
    /// 一、 （一） 1. （1） ①.
    Marker(Mark<'a>),
    /// Anything else.
    Plain,
    /// The second line of a heading (set by the plan, as all that follow).
    HeadingTail,
    /// The title, once more.
    TitleAgain,
    /// The end of a history line.
    HistoryTail,
    /// A name or date under the text.
    Signature,
    /// A line of a quotation that runs over several lines.
    Quoted,
}

/// A line opening with 第X条.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArticleLine<'a> {
    pub(crate) number: Number,
    /// What stands after `第X条` and its space.
    pub(crate) rest: &'a str,
    /// A space or the end of the line follows.
    pub(crate) sure: bool,
    /// 笫 for 第.
    pub(crate) look_alike: bool,
    /// A space inside.
    pub(crate) spaced: bool,
    /// The list mark that `rest` opens with: 第六条 （一）…
    pub(crate) mark: Option<Mark<'a>>,
}

/// A line opening with a list mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark<'a> {
    /// 1 for 一、, 2 for （一）, 3 for 1., 4 for （1）, 5 for ①: it grows inwards.
    pub(crate) rank: u8,
    pub(crate) number: u32,
    /// What stands after the mark.
    pub(crate) words: &'a str,
    /// It may be no mark at all: 一、二级保护动物, 1.5倍.
    pub(crate) doubtful: bool,
    /// The next mark of this rank counts on from it, so that the lines between belong to it (set
    /// by the plan).
    pub(crate) continues: bool,
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
    if text.trim_start_matches('*').starts_with(['第', '笫']) {
        return numbered(text, line.heading);
    }
    named(text)
        .or_else(|| appendix(text).map(Shape::Appendix))
        .or_else(|| mark(text).map(Shape::Marker))
        .unwrap_or(Shape::Plain)
}

/// The headings that are words and not numbers.
fn named(text: &str) -> Option<Shape<'_>> {
    const LONGEST: usize = 60;
    if text.len() > LONGEST {
        return None;
    }
    match squeezed(text).as_str() {
        "附则" => Some(Shape::Supplement),
        "序言" | "前言" => Some(Shape::Preamble),
        "目录" | "目次" => Some(Shape::Contents),
        _ => None,
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
        return bad_number(numerals, rest);
    };
    let (branches, rest) = branches(rest);
    let rest = if bold {
        rest.trim_start_matches('*')
    } else {
        rest
    };
    let number = Number { main, branches };
    let sure = rest.is_empty() || rest.starts_with(is_space);
    let words = rest.trim_matches(is_space);
    if kind == Kind::Article {
        return Shape::Article(ArticleLine {
            number,
            rest: words,
            sure,
            look_alike: bare.starts_with('笫'),
            spaced: inner.len() < after.len() || unit.len() < tail.len(),
            mark: mark(words),
        });
    }
    if heading || (sure && !is_sentence(words)) || is_title(words) {
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
fn bad_number<'a>(numerals: &str, rest: &str) -> Shape<'a> {
    let sure = rest.is_empty() || rest.starts_with(is_space);
    if sure && numerals.chars().count() <= 20 {
        Shape::BadNumber
    } else {
        Shape::Plain
    }
}

/// 之一, 之二之一 after the number, and what follows them. At most three deep.
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

fn is_sentence(words: &str) -> bool {
    words.ends_with(['。', '；', '：'])
}

/// 第一章总则 with no space: short, no punctuation, not the middle of a sentence.
fn is_title(words: &str) -> bool {
    words.chars().count() <= 24
        && !words.contains(['，', '。', '；', '：', ',', ';', '”', '》'])
        && !words.starts_with([
            '的', '和', '至', '或', '与', '及', '、', '中', '规', '所', '相', '第',
        ])
}

/// The title after 附件一: empty where the line is the mark alone.
fn appendix(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('附')?;
    let colon = |rest: &str| rest.starts_with(['：', ':']);
    let Some(rest) = rest.strip_prefix(['件', '表', '录', '图']) else {
        return colon(rest).then(|| words_after(rest));
    };
    let (_, rest) = split_numerals(rest.trim_start_matches(is_space));
    (rest.is_empty() || colon(rest) || rest.starts_with(is_space)).then(|| words_after(rest))
}

fn words_after(rest: &str) -> &str {
    rest.trim_start_matches(|c| is_space(c) || matches!(c, '：' | ':'))
}

/// The list mark a text opens with, in bold or behind a bullet of Markdown too.
fn mark(text: &str) -> Option<Mark<'_>> {
    let bullet = text
        .strip_prefix(['-', '*', '+'])
        .filter(|rest| rest.starts_with(is_space));
    let text = bullet.map_or(text, |rest| rest.trim_start_matches(is_space));
    let bare = text.trim_start_matches('*');
    let mut found = bracketed(bare)
        .or_else(|| circled(bare))
        .or_else(|| listed(bare))?;
    if bare.len() < text.len() {
        found.words = found.words.trim_start_matches('*').trim_matches(is_space);
    }
    Some(found)
}

fn found(rank: u8, number: u32, rest: &str) -> Mark<'_> {
    Mark {
        rank,
        number,
        words: rest.trim_matches(is_space),
        doubtful: false,
        continues: false,
    }
}

/// （一） and （1）.
fn bracketed(text: &str) -> Option<Mark<'_>> {
    let inner = text.strip_prefix(['（', '('])?;
    let (numerals, tail) = split_numerals(inner.trim_start_matches(is_space));
    let number = value(numerals)?;
    let rest = tail
        .trim_start_matches(is_space)
        .strip_prefix(['）', ')'])?;
    let rank = if numerals.starts_with(is_figure) {
        4
    } else {
        2
    };
    Some(found(rank, number, rest))
}

fn circled(text: &str) -> Option<Mark<'_>> {
    let first = text.chars().next().filter(|c| ('①'..='⑳').contains(c))?;
    let number = u32::from(first) - u32::from('①') + 1;
    Some(found(5, number, &text[first.len_utf8()..]))
}

/// 一、 and 1. With a doubt where a number follows: 一、二级保护动物 and 1.5倍 are no marks, but
/// 一、二氧化碳 and 1.2024年 may be.
fn listed(text: &str) -> Option<Mark<'_>> {
    let (numerals, tail) = split_numerals(text);
    let number = value(numerals)?;
    let figures = numerals.starts_with(is_figure);
    let rest = if figures {
        tail.strip_prefix(['.', '．', '、'])
    } else {
        tail.strip_prefix('、')
    }?;
    let doubtful = if figures {
        rest.starts_with(is_figure)
    } else {
        value(split_numerals(rest).0) == number.checked_add(1)
    };
    Some(Mark {
        doubtful,
        ..found(if figures { 3 } else { 1 }, number, rest)
    })
}

fn is_figure(c: char) -> bool {
    is_numeral(c) && matches!(c, '0'..='9' | '０'..='９')
}

/// A date standing alone, as under a signature: 2026年3月1日, 二〇二六年三月一日.
pub(crate) fn is_date(text: &str) -> bool {
    let text = squeezed(text);
    let mut rest = text.trim_matches(['（', '）', '(', ')']);
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
    use crate::line::lines;

    fn look(text: &str) -> Shape<'_> {
        shape(&lines(text, 1)[0])
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
        let branch = Number {
            main: 1,
            branches: vec![1],
        };
        assert_eq!(
            look("第一章之一　特则"),
            Shape::Group(Kind::Chapter, branch, "特则")
        );
        assert_eq!(look("第七节相应改为第八节，其他不变。"), Shape::Plain);
        assert_eq!(look("第七节 规定的，从其规定。"), Shape::Plain);
        assert_eq!(
            look("第二分编  所有权"),
            Shape::Group(Kind::Subpart, Number::plain(2), "所有权")
        );
        let Shape::Article(article) = look("　　第十二条之一　本法") else {
            panic!()
        };
        assert_eq!(article.number.branches, [1]);
        assert_eq!(
            (article.number.main, article.rest, article.sure),
            (12, "本法", true)
        );
        let Shape::Article(article) = look("**第5条** 本法") else {
            panic!()
        };
        assert_eq!((article.number.main, article.rest), (5, "本法"));
        assert!(matches!(look("第三十一条的决定》"), Shape::Article(article) if !article.sure));
        assert_eq!(look("第百条 内容"), Shape::BadNumber);
        assert_eq!(look("第三人明知的，"), Shape::Plain);
        assert_eq!(look("第一款罪，告诉的才处理。"), Shape::Plain);
    }

    #[test]
    fn list_marks() {
        let of = |text| {
            let mark = mark(text)?;
            Some((mark.rank, mark.number, mark.words, mark.doubtful))
        };
        assert_eq!(of("（十二） 甲"), Some((2, 12, "甲", false)));
        assert_eq!(of("(1)甲"), Some((4, 1, "甲", false)));
        assert_eq!(of("一、一切单位"), Some((1, 1, "一切单位", false)));
        assert_eq!(of("1．甲"), Some((3, 1, "甲", false)));
        assert_eq!(of("1.一次性塑料"), Some((3, 1, "一次性塑料", false)));
        assert_eq!(of("⑳甲"), Some((5, 20, "甲", false)));
        assert_eq!(of("**（一）** 甲"), Some((2, 1, "甲", false)));
        assert_eq!(of("- （二）甲"), Some((2, 2, "甲", false)));
        assert_eq!(of("一、二氧化碳"), Some((1, 1, "二氧化碳", true)));
        assert_eq!(of("1.5倍以下"), Some((3, 1, "5倍以下", true)));
        assert_eq!(of("（2019年通过）"), None);
        assert_eq!(of("- 甲"), None);
    }

    #[test]
    fn appendices_contents_dates() {
        for (text, title) in [
            ("附件", ""),
            ("附件一：办法", "办法"),
            ("附件:", ""),
            ("附：", ""),
            ("附表1 税目", "税目"),
        ] {
            assert_eq!(look(text), Shape::Appendix(title), "{text}");
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
