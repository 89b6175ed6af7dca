//! Word files (.docx) to text: the words of the paragraphs, with the numbers Word shows before
//! them. Bounded in every direction: an upload is foreign input.
//!
//! Left out, and said so: what is deleted in tracked changes, hidden text, comments, footnotes,
//! pictures. Headers and footers are no part of the text.

mod numbering;
mod package;
mod styles;
mod words;
mod xml;

use crate::Text;

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
    /// Definitions of numbered lists, and as many uses of them.
    pub lists: usize,
    /// Styles.
    pub styles: usize,
    /// Size of the text that comes out, in bytes.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 20 << 20,
            entries: 2000,
            part_bytes: 16 << 20,
            ratio: 200,
            depth: 256,
            lists: 2000,
            styles: 20_000,
            text_bytes: crate::Limits::default().bytes,
        }
    }
}

/// Why a file is not read, in the words of whoever chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} {}", self.zh(), self.en())]
pub enum DocxError {
    /// Another kind of file.
    OtherKind(FileKind),
    /// It is bigger, deeper or fuller than is read.
    TooMuch(Excess),
    /// A password is needed.
    Encrypted,
    /// It is damaged.
    Damaged,
    /// There are no words in it.
    NoText,
}

/// What a file is that is no .docx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// .doc of Word 97–2003, or any Office file with a password.
    OldWord,
    /// RTF.
    Rtf,
    /// PNG, JPEG.
    Picture,
    /// HTML, XML.
    Web,
    /// A zip archive, a spreadsheet, a presentation.
    Archive,
    /// Anything else.
    Unknown,
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// The file is too large.
    File,
    /// It has too many parts.
    Parts,
    /// A part is too large when unpacked.
    Unpacked,
    /// Its elements are nested too deep.
    Depth,
    /// It has too many numbered lists.
    Lists,
    /// It has too many styles.
    Styles,
    /// Its text is too long.
    Text,
}

impl DocxError {
    /// The reason and what to do, in Chinese.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::OtherKind(kind) => format!(
                "这不是 .docx 文件，而是{}。请在 Word 或 WPS 中另存为 .docx 再上传。",
                kind.names().0
            ),
            Self::TooMuch(excess) => format!("文件{}，没有读取。", excess.words().0),
            Self::Encrypted => "文件加了密码。请去掉密码再上传。".to_owned(),
            Self::Damaged => "文件已损坏，读不出来。".to_owned(),
            Self::NoText => "文件里没有文字（可能只有图片）。".to_owned(),
        }
    }

    /// The reason and what to do, in English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Self::OtherKind(kind) => format!(
                "This is not a .docx file but {}. Save it as .docx and upload again.",
                kind.names().1
            ),
            Self::TooMuch(excess) => format!("The file was not read: {}.", excess.words().1),
            Self::Encrypted => {
                "The file is protected by a password. Remove it and upload again.".to_owned()
            }
            Self::Damaged => "The file is damaged and cannot be read.".to_owned(),
            Self::NoText => "There is no text in the file (perhaps only pictures).".to_owned(),
        }
    }
}

impl FileKind {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Pdf => ("PDF 文件", "a PDF file"),
            Self::OldWord => (
                "旧版 .doc 文件或加了密码的文件",
                "an old .doc file or one with a password",
            ),
            Self::Rtf => ("RTF 文件", "an RTF file"),
            Self::Picture => ("图片", "a picture"),
            Self::Web => ("网页或 XML 文件", "a web page or XML file"),
            Self::Archive => ("压缩包或别的办公文件", "an archive or another office file"),
            Self::Unknown => ("别的文件", "some other file"),
        }
    }
}

impl Excess {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::File => ("太大", "it is too large"),
            Self::Parts => ("里面的部件太多", "it has too many parts"),
            Self::Unpacked => ("解压后太大", "it is too large when unpacked"),
            Self::Depth => ("嵌套太深", "its elements are nested too deep"),
            Self::Lists => ("里面的编号列表太多", "it has too many numbered lists"),
            Self::Styles => ("里面的样式太多", "it has too many styles"),
            Self::Text => ("里面的文字太长", "its text is too long"),
        }
    }
}

/// Reads the text of a Word file.
///
/// # Errors
/// [`DocxError`], in the words of whoever chose the file.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Text, DocxError> {
    let mut package = package::Package::open(bytes, limits)?;
    let document = package.document_name()?;
    let [numbering, styles] = package.parts_of(&document)?;
    // One part in memory at a time: each may be large.
    let lists = match package.part(&numbering)? {
        Some(xml) => numbering::Lists::read(&xml, limits)?,
        None => numbering::Lists::default(),
    };
    let styles = match package.part(&styles)? {
        Some(xml) => styles::Styles::read(&xml, limits)?,
        None => styles::Styles::default(),
    };
    let Some(document) = package.part(&document)? else {
        return Err(DocxError::OtherKind(FileKind::Archive));
    };
    let read = words::read(&document, numbering::Numbering::new(lists, styles), limits)?;
    if read.text.trim().is_empty() {
        Err(DocxError::NoText)
    } else {
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
