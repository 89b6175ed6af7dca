//! How much text is read at most.

use serde::Serialize;

/// How much of a text is read. The rest stays in the tree, unread, and [`crate::Parsed::unread`]
/// says so; whoever takes texts from strangers refuses them then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length, in bytes of UTF-8.
    pub bytes: usize,
    /// Lines.
    pub lines: usize,
    /// 条.
    pub articles: usize,
}

/// Several times the longest text there is (民法典: 1,260 articles, 330 KB).
impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 4 << 20,
            lines: 50_000,
            articles: 5_000,
        }
    }
}

/// A text is longer than what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{} {}", self.zh(), self.en())]
#[serde(rename_all = "snake_case", tag = "what", content = "limit")]
pub enum TooMuch {
    /// More bytes than this.
    Bytes(usize),
    /// More lines than this.
    Lines(usize),
    /// More 条 than this.
    Articles(usize),
}

impl TooMuch {
    /// What is too much, in Chinese.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Bytes(most) => format!("文本太长，最多读{}。", size(most)),
            Self::Lines(most) => format!("行数太多，最多读{most}行。"),
            Self::Articles(most) => format!("条文太多，最多读{most}条。"),
        }
    }

    /// What is too much, in English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Self::Bytes(most) => format!("The text is too long: at most {} are read.", size(most)),
            Self::Lines(most) => format!("There are too many lines: at most {most} are read."),
            Self::Articles(most) => {
                format!("There are too many articles: at most {most} are read.")
            }
        }
    }
}

/// 4 MB, 900 KB, 20 B.
fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes >> 10),
        _ => format!("{} MB", bytes >> 20),
    }
}
