//! The words of the main part.

use quick_xml::events::BytesStart;

use super::{
    DocxError, Excess, FileKind, Limits,
    numbering::Numbering,
    styles::NumPr,
    xml::{Met, is_on, number_of, value_of, walk},
};
use crate::{Notice, Text};

/// Nothing inside these is text or a property of the paragraph as it stands: tracked deletions, old
/// properties, old copies of drawings, the readings above characters.
const PASSED_OVER: [&str; 8] = [
    "del",
    "moveFrom",
    "pPrChange",
    "rPrChange",
    "sectPrChange",
    "numberingChange",
    "Fallback",
    "rt",
];

/// Stands for a character that has no code: printers' sign for a missing one.
const MISSING: char = '〓';

/// A paragraph being read. Text boxes put paragraphs inside paragraphs.
#[derive(Default)]
struct Paragraph {
    text: String,
    numbered: NumPr,
    style: Option<String>,
    /// Its end is deleted: the words go on in the next one.
    joined: bool,
}

#[derive(Default)]
struct Counts {
    inserted: usize,
    deleted: usize,
    hidden: usize,
    readings: usize,
    symbols: usize,
    comments: usize,
    notes: usize,
    tables: usize,
    pictures: usize,
}

struct Words<'l> {
    out: String,
    limits: &'l Limits,
    open: Vec<Paragraph>,
    /// For each open run whether it is hidden.
    runs: Vec<bool>,
    numbering: Numbering,
    counts: Counts,
    in_text: bool,
    /// Inside the properties of a paragraph.
    in_properties: bool,
    /// How many elements are open whose inside is passed over.
    passed_over: usize,
    /// Words of a paragraph whose end is deleted.
    carried: String,
    seen_root: bool,
}

/// Reads the paragraphs.
pub(super) fn read(xml: &str, numbering: Numbering, limits: &Limits) -> Result<Text, DocxError> {
    let mut words = Words {
        out: String::new(),
        limits,
        open: Vec::new(),
        runs: Vec::new(),
        numbering,
        counts: Counts::default(),
        in_text: false,
        in_properties: false,
        passed_over: 0,
        carried: String::new(),
        seen_root: false,
    };
    walk(xml, limits.depth, |met| match met {
        Met::Start(tag) => words.start(tag),
        Met::End(name) => words.end(name),
        Met::Text(text) => words.text(text),
    })?;
    if !words.carried.is_empty() {
        words.open.push(Paragraph::default());
        words.close()?;
    }
    let notices = words.notices();
    Ok(Text {
        text: words.out,
        notices,
    })
}

impl Words<'_> {
    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), DocxError> {
        let name = tag.local_name().into_inner();
        if !std::mem::replace(&mut self.seen_root, true) && name != "document" {
            return Err(DocxError::OtherKind(FileKind::Archive));
        }
        if PASSED_OVER.contains(&name) {
            self.pass_over(name);
        } else if self.passed_over == 0 && self.in_properties {
            self.property(name, tag);
        } else if self.passed_over == 0 {
            return self.element(name, tag);
        }
        Ok(())
    }

    fn pass_over(&mut self, name: &str) {
        if self.passed_over == 0 {
            self.counts.deleted += usize::from(matches!(name, "del" | "moveFrom"));
            self.counts.readings += usize::from(name == "rt");
            if self.in_properties && matches!(name, "del" | "moveFrom") {
                self.paragraph(|paragraph| paragraph.joined = true);
            }
        }
        self.passed_over += 1;
    }

    fn property(&mut self, name: &str, tag: &BytesStart<'_>) {
        match name {
            "numId" => self.paragraph(|paragraph| paragraph.numbered.list = number_of(tag)),
            "ilvl" => {
                let level = number_of(tag).and_then(|level| usize::try_from(level).ok());
                self.paragraph(|paragraph| paragraph.numbered.level = level);
            }
            "pStyle" => self.paragraph(|paragraph| paragraph.style = value_of(tag, "val")),
            "ins" | "moveTo" => self.counts.inserted += 1,
            _ => {}
        }
    }

    fn element(&mut self, name: &str, tag: &BytesStart<'_>) -> Result<(), DocxError> {
        match name {
            "p" => self.open.push(Paragraph::default()),
            "pPr" => self.in_properties = !self.open.is_empty(),
            "r" => self.runs.push(false),
            "vanish" if is_on(tag) => {
                if let Some(hidden) = self.runs.last_mut() {
                    *hidden = true;
                    self.counts.hidden += 1;
                }
            }
            "t" => self.in_text = true,
            "tab" | "ptab" => return self.words("　"),
            "br" | "cr" => return self.words("\n"),
            "noBreakHyphen" => return self.words("-"),
            "sym" => return self.symbol(tag),
            "ins" | "moveTo" => self.counts.inserted += 1,
            "commentReference" => self.counts.comments += 1,
            "footnoteReference" | "endnoteReference" => self.counts.notes += 1,
            "tbl" => self.counts.tables += 1,
            "drawing" | "pict" => self.counts.pictures += 1,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), DocxError> {
        if PASSED_OVER.contains(&name) {
            self.passed_over = self.passed_over.saturating_sub(1);
        } else if self.passed_over == 0 {
            match name {
                "p" => return self.close(),
                "pPr" => self.in_properties = false,
                "r" => {
                    self.runs.pop();
                }
                "t" => self.in_text = false,
                _ => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), DocxError> {
        if self.in_text && self.passed_over == 0 {
            self.words(text)?;
        }
        Ok(())
    }

    /// A character of a font of signs; only those with a code in Unicode can be kept.
    fn symbol(&mut self, tag: &BytesStart<'_>) -> Result<(), DocxError> {
        let code = value_of(tag, "char").and_then(|code| u32::from_str_radix(&code, 16).ok());
        let known = code
            .and_then(char::from_u32)
            .filter(|c| !c.is_control() && !('\u{e000}'..='\u{f8ff}').contains(c));
        self.counts.symbols += usize::from(known.is_none());
        self.words(known.unwrap_or(MISSING).encode_utf8(&mut [0; 4]))
    }

    fn words(&mut self, text: &str) -> Result<(), DocxError> {
        if self.runs.last() == Some(&true) {
            return Ok(());
        }
        let mut length = self.out.len() + self.carried.len();
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.text.push_str(text);
            length += paragraph.text.len();
        }
        self.bounded(length)
    }

    fn bounded(&self, length: usize) -> Result<(), DocxError> {
        if length > self.limits.text_bytes {
            Err(DocxError::TooMuch(Excess::Text))
        } else {
            Ok(())
        }
    }

    fn paragraph(&mut self, change: impl FnOnce(&mut Paragraph)) {
        if let Some(paragraph) = self.open.last_mut() {
            change(paragraph);
        }
    }

    fn close(&mut self) -> Result<(), DocxError> {
        let Some(paragraph) = self.open.pop() else {
            return Ok(());
        };
        if paragraph.joined {
            self.carried.push_str(&paragraph.text);
            return Ok(());
        }
        let text = std::mem::take(&mut self.carried) + &paragraph.text;
        if !text.trim().is_empty() {
            let number = self
                .numbering
                .resolve(paragraph.numbered, paragraph.style.as_deref());
            self.out.push_str(&number);
        }
        self.out.push_str(&text);
        self.out.push('\n');
        self.bounded(self.out.len())
    }

    fn notices(&self) -> Vec<Notice> {
        let counts = &self.counts;
        let said = [
            (
                counts.inserted,
                "处修订插入，已按接受处理",
                "tracked insertions, taken as accepted",
            ),
            (
                counts.deleted,
                "处修订删除，已按接受处理（没有读入）",
                "tracked deletions, taken as accepted (left out)",
            ),
            (
                counts.hidden,
                "处隐藏文字，没有读入",
                "hidden runs, left out",
            ),
            (
                counts.readings,
                "处注音，没有读入",
                "readings above characters, left out",
            ),
            (
                counts.symbols,
                "个符号没有通用编码，以“〓”代替，请核对",
                "signs without a common code, replaced by 〓; please check",
            ),
            (counts.comments, "条批注，没有读入", "comments, left out"),
            (
                counts.notes,
                "个脚注或尾注，没有读入",
                "footnotes or endnotes, left out",
            ),
            (
                counts.tables,
                "个表格，已按单元格逐行读入",
                "tables, read cell by cell",
            ),
            (
                counts.pictures,
                "个图片或文本框，其中的图没有读入",
                "pictures or text boxes; pictures are left out",
            ),
            (
                self.numbering.unread,
                "个自动编号读不出来，请核对",
                "automatic numbers that could not be read; please check",
            ),
        ];
        said.into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, zh, en)| {
                Notice::new(
                    format!("文件中有{count}{zh}。"),
                    format!("The file has {count} {en}."),
                )
            })
            .collect()
    }
}
