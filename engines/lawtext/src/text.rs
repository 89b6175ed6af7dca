//! A file that became text.

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The words.
    pub text: String,
    /// What the reader should know.
    pub notices: Vec<Notice>,
}

/// Something in a file that is not, or not as it was, in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// In Chinese.
    pub message_zh: String,
    /// In English.
    pub message_en: String,
}

impl Notice {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            message_zh: zh.into(),
            message_en: en.into(),
        }
    }
}
