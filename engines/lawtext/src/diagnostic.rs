//! What was odd in a text, and where, in words for the person who has to look at it.

use std::fmt;

use serde::Serialize;

use crate::ProvisionId;

/// Something a reader of the text should know. Nothing here stops the reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Line in the source, from 1.
    pub line: usize,
    /// Character in the line, from 1, where one place can be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The piece of the tree the line belongs to; none in an empty text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provision: Option<ProvisionId>,
    /// What kind of thing it is.
    pub code: Code,
    /// In Chinese.
    pub message_zh: String,
    /// In English.
    pub message_en: String,
}

/// Line and column, then what is odd, Chinese first.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        write!(f, ": {} {}", self.message_zh, self.message_en)
    }
}

/// The kinds of things told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// Numbers are missing between two provisions.
    Gap,
    /// A number appears a second time.
    Repeated,
    /// A number stands where it does not belong, between two that do.
    OutOfOrder,
    /// The first number is not 一.
    StartsLate,
    /// A line opens with 第X条 but was not taken for an article.
    DoubtfulArticle,
    /// A look-alike character stands for 第 (笫).
    LookAlike,
    /// A space stands inside `第X条`, or none after it.
    Spacing,
    /// A line looks like a heading of a provision but its number cannot be read.
    UnreadableNumber,
    /// A heading mark with no words.
    EmptyHeading,
    /// A heading with no 编, 章 or 节 number.
    UnnumberedHeading,
    /// A heading on two lines.
    WrappedHeading,
    /// Text between a heading and its first article.
    TextOutside,
    /// A 目录 whose chapters do not come again in the body.
    ContentsOnly,
    /// A control character, or one that turns the direction of the text.
    ControlCharacter,
    /// A character that takes no room: zero-width space, soft hyphen.
    InvisibleCharacter,
    /// `\u{FFFD}` or a private code: the text was damaged before it came here.
    DamagedCharacter,
    /// A break that editors do not count as a line: U+2028, a vertical tab.
    LineBreak,
    /// No 第X条 in the text.
    NoArticles,
    /// No text at all.
    Empty,
    /// The text is longer than what is read; the rest is kept as it is.
    TooLong,
    /// More was found than is listed.
    More,
}

impl Code {
    /// About the text as a whole: never left out, however much else is found.
    fn is_about_all(self) -> bool {
        matches!(
            self,
            Self::NoArticles | Self::Empty | Self::TooLong | Self::More
        )
    }
}

/// Collects diagnostics up to a bound, so that a hostile text cannot fill the memory with them.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    list: Vec<Diagnostic>,
    more: usize,
}

impl Sink {
    /// How many are listed before one [`Code::More`] ends the list.
    pub(crate) const MOST: usize = 500;

    pub(crate) fn push(
        &mut self,
        line: usize,
        code: Code,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.push_at(line, None, code, zh, en);
    }

    pub(crate) fn push_at(
        &mut self,
        line: usize,
        column: Option<usize>,
        code: Code,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        if self.list.len() >= Self::MOST && !code.is_about_all() {
            self.more += 1;
            return;
        }
        self.list.push(Diagnostic {
            line,
            column,
            provision: None,
            code,
            message_zh: zh.into(),
            message_en: en.into(),
        });
    }

    /// What was found, by line; `place` names the piece of the tree that a line belongs to.
    pub(crate) fn into_sorted(
        mut self,
        last_line: usize,
        place: impl Fn(usize) -> Option<ProvisionId>,
    ) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| diagnostic.line);
        if self.more > 0 {
            self.push(
                last_line,
                Code::More,
                format!("问题太多，还有{}处不再列出。", self.more),
                format!("{} more findings are not listed.", self.more),
            );
        }
        for diagnostic in self
            .list
            .iter_mut()
            .filter(|found| !found.code.is_about_all())
        {
            diagnostic.provision = place(diagnostic.line);
        }
        self.list
    }
}
