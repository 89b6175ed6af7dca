//! Title, history and contents: what stands before the body.

use super::{Builder, Zone};
use crate::{
    Code,
    line::{Line, squeezed},
    plan::Seen,
    polish::{ends_like_a_title, tells_history},
    shape::Shape,
    tree::Kind,
};

impl<'a> Builder<'a> {
    /// Takes a line of the header; false when the body begins with it.
    pub(super) fn header(
        &mut self,
        index: usize,
        seen: &Seen<'a>,
        header_end: Option<usize>,
    ) -> bool {
        let line = &seen.line;
        let inside = header_end.is_some_and(|end| index < end);
        let plain = seen.shape == Shape::Plain;
        let name = if inside {
            self.title.is_empty() || line.top_heading
        } else {
            plain && self.is_name(line)
        };
        if name {
            self.title.push_str(line.text);
        }
        if name || seen.shape == Shape::TitleAgain {
            self.leaf(Kind::Title, "title".to_owned(), line, line.text, "");
        } else if inside
            || seen.shape == Shape::HistoryTail
            || (plain && header_end.is_none() && self.is_history(line.text))
        {
            self.counted(Kind::History, "hist", line);
        } else {
            return false;
        }
        true
    }

    /// The title where no mark says so: the first line, short; a second one that ends it; and
    /// （草案） under it.
    fn is_name(&self, line: &Line<'_>) -> bool {
        const LONGEST: usize = 60;
        let text = line.text;
        if text.chars().count() > LONGEST || text.ends_with(['。', '；', '，', '：']) {
            return false;
        }
        let bracketed = text.starts_with(['（', '(']) && text.ends_with(['）', ')']);
        let draft = bracketed && text.contains(['稿', '案']) && !tells_history(text);
        self.title.is_empty() || line.top_heading || draft || self.ends_the_title(text)
    }

    /// 启明市人民代表大会常务委员会 on one line, 关于…的决定 on the next.
    fn ends_the_title(&self, text: &str) -> bool {
        !ends_like_a_title(&self.title)
            && !self.title.ends_with(['）', ')'])
            && (text.starts_with("关于") || ends_like_a_title(text))
    }

    fn is_history(&mut self, text: &str) -> bool {
        const LONGEST: usize = 300;
        let opens = text.starts_with(['（', '(']);
        let dated = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('年');
        let takes = self.in_bracket
            || ((opens || dated) && tells_history(text) && text.chars().count() <= LONGEST);
        if takes && (opens || self.in_bracket) {
            self.in_bracket = !text.ends_with(['）', ')']);
        }
        takes
    }

    /// Takes an entry of the 目录; false when the body begins with this line.
    pub(super) fn contents(&mut self, seen: &Seen<'a>) -> bool {
        const LONGEST: usize = 60;
        let line = &seen.line;
        let short = line.text.chars().count() <= LONGEST && !line.text.contains('。');
        let key = match &seen.shape {
            Shape::Article(_) => {
                self.sink.push(
                    line.number,
                    Code::ContentsOnly,
                    "目录之后没有再出现章节标题，条文不知属于哪一章。",
                    "After the contents no heading comes again: the articles belong to no known chapter.",
                );
                return false;
            }
            Shape::Group(kind, number, _) => format!("{kind:?}{number:?}"),
            _ if short => squeezed(line.text)
                .trim_end_matches(|c: char| c.is_ascii_digit() || ".…·".contains(c))
                .to_owned(),
            _ => return false,
        };
        match &mut self.zone {
            Zone::Contents(Some(first)) if *first == key => return false,
            Zone::Contents(first @ None) => *first = Some(key),
            _ => {}
        }
        self.paragraph(line, line.text, line.start..line.end);
        true
    }
}
