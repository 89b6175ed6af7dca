//! Word files (.docx) to text: the words of the paragraphs, with the numbers Word shows before
//! them. Bounded in every direction: an upload is foreign input.
//!
//! Left out, and said so: what is deleted in tracked changes, comments, footnotes, pictures.
//! Headers and footers are no part of the text.

mod numbering;
mod words;

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

/// How much is read of a Word file at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file, in bytes.
    pub file_bytes: usize,
    /// Files inside it.
    pub entries: usize,
    /// Size of one part after unpacking, in bytes.
    pub part_bytes: u64,
    /// How many times a part may grow on unpacking.
    pub ratio: u64,
    /// How deep the elements may be nested.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 20 << 20,
            entries: 2000,
            part_bytes: 64 << 20,
            ratio: 200,
            depth: 256,
        }
    }
}

/// Parts smaller than this may grow as they like: a short, repetitive text packs very well.
const RATIO_FROM: u64 = 1 << 20;

/// The text of a Word file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocxText {
    /// One line a paragraph.
    pub text: String,
    /// What the reader should know.
    pub notices: Vec<Notice>,
}

/// Something in the file that is not, or not as it was, in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// In Chinese.
    pub message_zh: String,
    /// In English.
    pub message_en: String,
}

/// Why a file is not read. The message is Chinese first, then English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocxError {
    /// Another kind of file, named in Chinese and English.
    #[error(
        "这不是 .docx 文件，而是{zh}。请在 Word 或 WPS 中另存为 .docx 再上传。 This is not a .docx file but {en}. Save it as .docx and upload again."
    )]
    OtherKind {
        /// What it is, in Chinese.
        zh: &'static str,
        /// What it is, in English.
        en: &'static str,
    },
    /// It is bigger, deeper or fuller than is read. What, in Chinese and English.
    #[error("文件{zh}，没有读取。 The file was not read: {en}.")]
    TooMuch {
        /// What is too much, in Chinese.
        zh: &'static str,
        /// What is too much, in English.
        en: &'static str,
    },
    /// A password is needed.
    #[error(
        "文件加了密码。请去掉密码再上传。 The file is protected by a password. Remove it and upload again."
    )]
    Encrypted,
    /// It is damaged.
    #[error("文件已损坏，读不出来。 The file is damaged and cannot be read.")]
    Damaged,
    /// There are no words in it.
    #[error(
        "文件里没有文字（可能只有图片）。 There is no text in the file (perhaps only pictures)."
    )]
    NoText,
}

/// Reads the text of a Word file.
///
/// # Errors
/// [`DocxError`], in the words of whoever chose the file.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<DocxText, DocxError> {
    if bytes.len() > limits.file_bytes {
        return Err(DocxError::TooMuch {
            zh: "太大",
            en: "it is too large",
        });
    }
    if let Some((zh, en)) = other_kind(bytes) {
        return Err(DocxError::OtherKind { zh, en });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(refused)?;
    if archive.len() > limits.entries {
        return Err(DocxError::TooMuch {
            zh: "里面的部件太多",
            en: "it has too many parts",
        });
    }
    let Some(document) = part(&mut archive, "word/document.xml", limits)? else {
        return Err(DocxError::OtherKind {
            zh: "压缩包或别的办公文件",
            en: "an archive or another office file",
        });
    };
    let numbering = part(&mut archive, "word/numbering.xml", limits)?.unwrap_or_default();
    let numbering = numbering::Numbering::read(&numbering, limits.depth)?;
    let read = words::read(&document, numbering, limits.depth)?;
    if read.text.trim().is_empty() {
        Err(DocxError::NoText)
    } else {
        Ok(read)
    }
}

/// What the first bytes say the file is, when it is no zip archive.
fn other_kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const KINDS: [(&[u8], &str, &str); 6] = [
        (b"%PDF", "PDF 文件", "a PDF file"),
        (
            &[0xd0, 0xcf, 0x11, 0xe0],
            "旧版 .doc 文件或加了密码的文件",
            "an old .doc file or one with a password",
        ),
        (b"{\\rtf", "RTF 文件", "an RTF file"),
        (&[0x89, b'P', b'N', b'G'], "图片", "a picture"),
        (&[0xff, 0xd8, 0xff], "图片", "a picture"),
        (b"<", "网页或 XML 文件", "a web page or XML file"),
    ];
    let known = KINDS
        .into_iter()
        .find(|(magic, ..)| bytes.starts_with(magic))
        .map(|(_, zh, en)| (zh, en));
    known.or_else(|| (!bytes.starts_with(b"PK")).then_some(("别的文件", "some other file")))
}

fn refused(error: ZipError) -> DocxError {
    match error {
        ZipError::UnsupportedArchive(why) if why == ZipError::PASSWORD_REQUIRED => {
            DocxError::Encrypted
        }
        _ => DocxError::Damaged,
    }
}

/// Unpacks one part, never more than the limits allow, whatever the archive declares.
fn part(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    limits: &Limits,
) -> Result<Option<String>, DocxError> {
    let entry = match archive.by_name(name) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(refused(error)),
    };
    let ratio_bytes = entry
        .compressed_size()
        .saturating_mul(limits.ratio)
        .max(RATIO_FROM);
    let most = limits.part_bytes.min(ratio_bytes);
    let mut unpacked = Vec::new();
    entry
        .take(most + 1)
        .read_to_end(&mut unpacked)
        .map_err(|_| DocxError::Damaged)?;
    if unpacked.len() as u64 > most {
        return Err(DocxError::TooMuch {
            zh: "解压后太大",
            en: "it is too large when unpacked",
        });
    }
    String::from_utf8(unpacked)
        .map(Some)
        .map_err(|_| DocxError::Damaged)
}

#[cfg(test)]
mod tests;
