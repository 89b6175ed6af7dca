//! What was odd in a text, and where, in words for the person who has to look at it.

use serde::Serialize;

/// Something a reader of the text should know. Nothing here stops the reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Line in the source, from 1.
    pub line: usize,
    /// Character in the line, from 1, where one place can be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What kind of thing it is.
    pub code: Code,
    /// In Chinese.
    pub message_zh: String,
    /// In English.
    pub message_en: String,
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
    /// A number is smaller than the one before it.
    OutOfOrder,
    /// The first number is not 一.
    StartsLate,
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
    /// Text between a heading and its first article.
    TextOutside,
    /// A 目录 whose chapters do not come again in the body.
    ContentsOnly,
    /// A control character, or one that turns the direction of the text.
    ControlCharacter,
    /// `\u{FFFD}`: the text was damaged before it came here.
    DamagedCharacter,
    /// No 第X条 in the text.
    NoArticles,
    /// No text at all.
    Empty,
    /// The text is longer than what is read; the rest is kept as it is.
    TooLong,
    /// More was found than is listed.
    More,
}

/// Collects diagnostics up to a bound, so that a hostile text cannot fill the memory with them.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    list: Vec<Diagnostic>,
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
        if self.list.len() < Self::MOST {
            self.list.push(Diagnostic {
                line,
                column,
                code,
                message_zh: zh.into(),
                message_en: en.into(),
            });
        } else if self.list.len() == Self::MOST {
            self.list.push(Diagnostic {
                line,
                column: None,
                code: Code::More,
                message_zh: "问题太多，后面的不再列出。".to_owned(),
                message_en: "Too many findings; the rest is not listed.".to_owned(),
            });
        }
    }

    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| diagnostic.line);
        self.list
    }
}
