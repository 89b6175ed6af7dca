//! Turning an uploaded file into a text: `.md`, `.txt` and `.docx`, within limits.

use lawtext::{DecodeError, docx};

/// A file that became a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The text.
    pub source: String,
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
    let imported = match kind.as_str() {
        "md" | "txt" => Imported {
            source: lawtext::decode(bytes)?,
            notices: Vec::new(),
        },
        "docx" => from_docx(bytes)?,
        _ => return Err(ImportRefusal::Kind(name.to_owned())),
    };
    if lawtext::parse(&imported.source)
        .document
        .articles()
        .next()
        .is_none()
    {
        return Err(ImportRefusal::NoArticles);
    }
    Ok(imported)
}

fn from_docx(bytes: &[u8]) -> Result<Imported, docx::DocxError> {
    let read = docx::read(bytes, &docx::Limits::default())?;
    let notices = read
        .notices
        .into_iter()
        .map(|notice| (notice.message_zh, notice.message_en))
        .collect();
    Ok(Imported {
        source: read.text,
        notices,
    })
}
