//! Which node a line of the body becomes.

use std::ops::Range;

use super::{Builder, New, level};
use crate::{
    Code,
    line::Line,
    number::Number,
    plan::Seen,
    polish::{before, clip, heading_words, is_closing},
    shape::{ArticleLine, Mark, Shape},
    tree::Kind,
};

impl<'a> Builder<'a> {
    pub(super) fn body(&mut self, seen: &Seen<'a>) {
        let line = &seen.line;
        match &seen.shape {
            Shape::Group(kind, number, heading) => self.group(line, *kind, number, heading),
            Shape::Supplement if !self.inside(Kind::Appendix) => self.supplement(line),
            Shape::Preamble if !self.inside(Kind::Article) => {
                self.leaf(Kind::Preamble, "pre".to_owned(), line, line.text, "")
            }
            Shape::Appendix(title) if !self.drafts.is_empty() => self.appendix_line(line, title),
            Shape::Article(article) => self.article(line, article),
            Shape::BadNumber => self.unreadable(line),
            Shape::Marker(mark) => self.item(line, mark, line.text, line.start..line.end),
            Shape::Quoted => self.quoted(line),
            _ if line.heading => self.unnumbered(line),
            _ => self.paragraph(line, line.text, line.start..line.end),
        }
    }

    fn group(&mut self, line: &Line<'a>, kind: Kind, number: &Number, heading: &str) {
        let (level, word) = match kind {
            Kind::Part => (1, "part"),
            Kind::Subpart => (2, "subpart"),
            Kind::Chapter => (3, "chp"),
            _ => (4, "sec"),
        };
        let at = self.add(New {
            kind,
            level,
            segment: format!("{word}_{}", number.figures()),
            number: Some(number.clone()),
            printed: before(line.text, heading),
            heading,
            text: "",
            own: line.start..line.end,
            line: line.number,
        });
        // It counts in the 编 or 章 around, and may go on from the number in the one before that.
        let wider = (self.appendix(), word);
        let after = self.last_of.insert(wider, number.clone());
        let scope = (self.drafts[at].parent, word);
        let series = self.note(scope, kind, number, line.number);
        if series.members.len() == 1 {
            series.after = after;
        }
    }

    fn supplement(&mut self, line: &Line<'a>) {
        let (kind, level) = if self.inside(Kind::Part) {
            (Kind::Part, 1)
        } else {
            (Kind::Chapter, 3)
        };
        // 附则 closes its siblings: the level decides, the id has no path.
        self.heading_node(line, kind, level, "supp".to_owned());
    }

    fn unnumbered(&mut self, line: &Line<'a>) {
        self.sink.push(
            line.number,
            Code::UnnumberedHeading,
            format!("标题“{}”没有编、章、节的编号。", clip(line.text)),
            "A heading without the number of a part, chapter or section.",
        );
        let segment = self.count(None, "head");
        self.heading_node(line, Kind::Chapter, 3, segment);
    }

    fn heading_node(&mut self, line: &Line<'a>, kind: Kind, level: u8, segment: String) {
        self.add(New {
            kind,
            level,
            segment,
            number: None,
            printed: "",
            heading: line.text,
            text: "",
            own: line.start..line.end,
            line: line.number,
        });
    }

    /// The second line of the heading that was added last.
    pub(super) fn heading_tail(&mut self, line: &Line<'a>) {
        let words = self.place(line.text, line.end);
        let Some(draft) = self.drafts.last_mut() else {
            return;
        };
        let node = &mut draft.node;
        node.own.end = line.end;
        node.words = if node.heading.is_empty() {
            words
        } else {
            node.words.start..words.end
        };
        node.heading.push_str(&heading_words(line.text));
    }

    fn appendix_line(&mut self, line: &Line<'a>, title: &str) {
        let segment = self.count(None, "app");
        self.add(New {
            kind: Kind::Appendix,
            level: level::TOP,
            segment,
            number: None,
            printed: before(line.text, title),
            heading: title,
            text: "",
            own: line.start..line.end,
            line: line.number,
        });
    }

    fn article(&mut self, line: &Line<'a>, article: &ArticleLine<'a>) {
        let printed = before(line.text, article.rest);
        self.check_article(line, article, printed);
        let rest = self.place(article.rest, line.end);
        self.add(New {
            kind: Kind::Article,
            level: level::ARTICLE,
            segment: format!("art_{}", article.number.figures()),
            number: Some(article.number.clone()),
            printed,
            heading: "",
            text: "",
            own: line.start..rest.start,
            line: line.number,
        });
        let scope = (self.appendix(), "art");
        self.note(scope, Kind::Article, &article.number, line.number);
        let own = rest.start..line.end;
        match &article.mark {
            _ if article.rest.is_empty() => {}
            Some(mark) => self.item(line, mark, article.rest, own),
            None => self.paragraph(line, article.rest, own),
        }
    }

    fn check_article(&mut self, line: &Line<'a>, article: &ArticleLine<'a>, printed: &str) {
        if article.look_alike {
            self.sink.push_at(
                line.number,
                self.column(line, printed),
                Code::LookAlike,
                "“笫”应为“第”，按“第”读取。",
                "笫 stands where 第 should; read as 第.",
            );
        }
        // A text without these spaces has none anywhere: once is enough.
        let first_tight = !article.sure && !std::mem::replace(&mut self.told_of_tight, true);
        if article.spaced || first_tight {
            self.sink.push(
                line.number,
                Code::Spacing,
                format!("“{printed}”的空格不规范，仍按条文读取。"),
                format!("The spaces of {printed} are irregular; read as an article."),
            );
        }
    }

    /// Where a piece of a line stands in it, in characters from 1.
    fn column(&self, line: &Line<'_>, piece: &str) -> Option<usize> {
        let place = self.place(piece, line.start);
        let before = self.source.get(line.start..place.start)?;
        Some(line.column + before.chars().count() + 1)
    }

    fn unreadable(&mut self, line: &Line<'a>) {
        let words = clip(line.text);
        self.sink.push_at(
            line.number,
            self.column(line, line.text),
            Code::UnreadableNumber,
            format!("“{words}”的编号读不出来，原样保留。"),
            format!("The number of “{words}” cannot be read; the line is kept as it is."),
        );
        let segment = self.count(None, "unk");
        self.add(New {
            kind: Kind::Unknown,
            level: level::ARTICLE,
            segment,
            number: None,
            printed: "",
            heading: "",
            text: line.text,
            own: line.start..line.end,
            line: line.number,
        });
    }

    fn item(&mut self, line: &Line<'a>, mark: &Mark<'a>, whole: &str, own: Range<usize>) {
        let in_article = self.inside(Kind::Article) || self.inside(Kind::Unknown);
        let level = if mark.rank == 1 && !in_article {
            level::POINT
        } else {
            level::LIST + mark.rank
        };
        if level > level::POINT {
            self.ensure_parent(line);
        }
        self.close(Kind::Point, level);
        let (kind, word) = if self.inside(Kind::Point) {
            (Kind::Indent, "indent")
        } else {
            (Kind::Point, "point")
        };
        let number = Number::plain(mark.number);
        let at = self.add(New {
            kind,
            level,
            segment: format!("{word}_{}", mark.number),
            number: Some(number.clone()),
            printed: before(whole, mark.words),
            heading: "",
            text: mark.words,
            own,
            line: line.number,
        });
        self.drafts[at].continues = mark.continues;
        self.note_item(at, mark, &number, line.number);
    }

    fn note_item(&mut self, at: usize, mark: &Mark<'a>, number: &Number, line: usize) {
        const LISTS: [&str; 6] = ["list", "list 1", "list 2", "list 3", "list 4", "list 5"];
        let kind = self.drafts[at].node.kind;
        let scope = (self.drafts[at].parent, LISTS[usize::from(mark.rank).min(5)]);
        // Outside the articles one list may follow another.
        if mark.number == 1 && !self.inside(Kind::Article) {
            self.series_of.remove(&scope);
        }
        self.note(scope, kind, number, line);
    }

    pub(super) fn paragraph(&mut self, line: &Line<'a>, text: &str, own: Range<usize>) {
        let level = self.paragraph_level(text);
        if level > level::TOP {
            self.ensure_parent(line);
        }
        self.close(Kind::Paragraph, level);
        self.check_place(line);
        let segment = self.count(self.open.last().copied(), "para");
        self.add(New {
            kind: Kind::Paragraph,
            level,
            segment,
            number: None,
            printed: "",
            heading: "",
            text,
            own,
            line: line.number,
        });
    }

    /// Inside an item whose list goes on below; after the last point of a decision at the top; else
    /// in the article. Closes the items that have ended.
    fn paragraph_level(&mut self, text: &str) -> u8 {
        if let Some(keep) = self.open.iter().rposition(|&at| self.drafts[at].continues) {
            let in_list = self.drafts[self.open[keep]].level > level::POINT;
            if in_list {
                self.open.truncate(keep + 1);
                return level::INNER;
            }
        } else if self.ends_points(text) {
            return level::TOP;
        }
        level::PARAGRAPH
    }

    fn ends_points(&self, text: &str) -> bool {
        let root = self.open.first().map(|&at| &self.drafts[at]);
        root.is_some_and(|root| {
            (root.level == level::POINT && is_closing(text)) || root.node.kind == Kind::Paragraph
        })
    }

    /// Text under the heading of a chapter belongs to no article.
    fn check_place(&mut self, line: &Line<'a>) {
        let Some(node) = self.top().map(|draft| &draft.node) else {
            return;
        };
        if node.kind.is_group() && node.number.is_some() {
            let (zh, en) = (
                format!("“{}”之下、条文之外有文字。", node.printed),
                format!("Text under {} that is in no article.", node.printed),
            );
            self.sink.push(line.number, Code::TextOutside, zh, en);
        }
    }

    fn quoted(&mut self, line: &Line<'a>) {
        self.ensure_parent(line);
        if !self.inside(Kind::Quoted) {
            let parent = self.open.last().copied();
            let segment = self.count(parent, "quote");
            self.empty_node(Kind::Quoted, level::QUOTE, segment, line);
        }
        self.close(Kind::Paragraph, level::QUOTED_LINE);
        let segment = self.count(self.open.last().copied(), "para");
        self.add(New {
            kind: Kind::Paragraph,
            level: level::QUOTED_LINE,
            segment,
            number: None,
            printed: "",
            heading: "",
            text: line.text,
            own: line.start..line.end,
            line: line.number,
        });
    }

    /// Words before the first chapter or article belong to a preamble, whether it has a heading or
    /// not.
    fn ensure_parent(&mut self, line: &Line<'a>) {
        if self.top().is_none_or(super::is_leaf) {
            self.empty_node(Kind::Preamble, level::TOP, "pre".to_owned(), line);
        }
    }

    /// A node without words of its own.
    fn empty_node(&mut self, kind: Kind, level: u8, segment: String, line: &Line<'a>) {
        self.add(New {
            kind,
            level,
            segment,
            number: None,
            printed: "",
            heading: "",
            text: "",
            own: line.start..line.start,
            line: line.number,
        });
    }

    pub(super) fn counted(&mut self, kind: Kind, word: &'static str, line: &Line<'a>) {
        let segment = self.count(None, word);
        self.leaf(kind, segment, line, "", line.text);
    }

    /// A node at the top that takes the whole line.
    pub(super) fn leaf(
        &mut self,
        kind: Kind,
        segment: String,
        line: &Line<'a>,
        heading: &str,
        text: &str,
    ) {
        self.add(New {
            kind,
            level: level::TOP,
            segment,
            number: None,
            printed: "",
            heading,
            text,
            own: line.start..line.end,
            line: line.number,
        });
    }

    /// A line with nothing to see goes with the node before it.
    pub(super) fn trivia(&mut self, line: &Line<'_>) {
        if let Some(last) = self.drafts.last_mut() {
            last.node.own.end = line.end;
        }
    }
}
