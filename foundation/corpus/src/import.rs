//! Turning an uploaded file into a text: `.md`, `.txt` and `.docx`, within limits.

use lawtext::{DecodeError, TooMuch, docx};

/// A text that may become a version: it has an article at least, and it shows in the order in which
/// it is stored, with nothing in it that cannot be seen to act on its neighbours. Made only by
/// [`import`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable(String);

impl Readable {
    /// The text, to the byte.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A file that became a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The text.
    pub source: Readable,
    /// What the reader should know: tracked changes, comments, things left out. Chinese, English.
    pub notices: Vec<(String, String)>,
}

/// Why a file did not become a text.
#[derive(Debug, thiserror::Error)]
pub enum ImportRefusal {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Its name ends in something we do not read.
    #[error("{0} is not a kind of file that can be read: .md, .txt or .docx is needed")]
    Kind(String),
    /// A text file that is not readable text.
    #[error(transparent)]
    Text(#[from] DecodeError),
    /// A Word file that cannot be read.
    #[error(transparent)]
    Docx(#[from] docx::DocxError),
    /// More text than is read.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// A character that would make the law show otherwise than it is stored: a control character, or
    /// one that turns the direction of its neighbours. It is not taken out, because a version is kept
    /// to the byte.
    #[error(
        "第{line}行第{column}个字符（U+{code:04X}）看不见，却会改变文字的显示，请删去。 The character U+{code:04X} in line {line}, place {column} cannot be seen and changes how the text shows: remove it."
    )]
    Unshowable {
        /// Its code point.
        code: u32,
        /// The line, from 1.
        line: usize,
        /// The place in the line in characters, from 1.
        column: usize,
    },
    /// No article was found in it.
    #[error("no article (第一条…) was found in the text")]
    NoArticles,
}

/// Reads the file called `name`.
///
/// # Errors
/// [`ImportRefusal`], in the words of whoever chose the file.
pub fn import(name: &str, bytes: &[u8]) -> Result<Imported, ImportRefusal> {
    if bytes.is_empty() {
        return Err(ImportRefusal::Empty);
    }
    let kind = name
        .rsplit_once('.')
        .map_or("", |(_, kind)| kind)
        .to_lowercase();
    let read = match kind.as_str() {
        "md" | "txt" => lawtext::decode(bytes)?,
        "docx" => docx::read(bytes, &docx::Limits::default())?,
        _ => return Err(ImportRefusal::Kind(name.to_owned())),
    };
    let source = readable(read.text)?;
    let notices = read
        .notices
        .into_iter()
        .map(|notice| (notice.message_zh, notice.message_en))
        .collect();
    Ok(Imported { source, notices })
}

fn readable(source: String) -> Result<Readable, ImportRefusal> {
    if let Some((found, line, column)) = kernel::text::unshowable(&source) {
        let code = u32::from(found);
        return Err(ImportRefusal::Unshowable { code, line, column });
    }
    let parsed = lawtext::parse(&source);
    if let Some(unread) = parsed.unread {
        return Err(unread.into());
    }
    match parsed.document.articles().next() {
        Some(_) => Ok(Readable(source)),
        None => Err(ImportRefusal::NoArticles),
    }
}
