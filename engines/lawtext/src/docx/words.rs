//! The words of `word/document.xml`.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{DocxError, DocxText, Notice, numbering::Numbering};

/// One step down or up the elements; refuses what is too deep, and document types, which can
/// define entities that grow without end.
pub(super) fn deeper(event: &Event<'_>, depth: &mut usize, most: usize) -> Result<(), DocxError> {
    match event {
        Event::Start(_) => *depth += 1,
        Event::End(_) => *depth = depth.saturating_sub(1),
        Event::DocType(_) => return Err(DocxError::Damaged),
        _ => {}
    }
    if *depth > most {
        Err(DocxError::TooMuch {
            zh: "嵌套太深",
            en: "its elements are nested too deep",
        })
    } else {
        Ok(())
    }
}

/// The attribute with this local name: the prefix is the writer's choice.
pub(super) fn value_of(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag
        .attributes()
        .flatten()
        .find(|attribute| attribute.key.local_name().into_inner() == name)?;
    Some(
        found
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()?
            .into_owned(),
    )
}

/// A paragraph being read. Text boxes put paragraphs inside paragraphs.
#[derive(Default)]
struct Paragraph {
    text: String,
    list: Option<String>,
    level: usize,
}

#[derive(Default)]
struct Counts {
    inserted: usize,
    deleted: usize,
    comments: usize,
    notes: usize,
    tables: usize,
    pictures: usize,
}

struct Words {
    lines: Vec<String>,
    open: Vec<Paragraph>,
    numbering: Numbering,
    counts: Counts,
    in_text: bool,
    /// Inside tracked deletions, old copies of drawings: nothing of it is text.
    hidden: usize,
}

/// Reads the paragraphs.
pub(super) fn read(
    xml: &str,
    numbering: Numbering,
    max_depth: usize,
) -> Result<DocxText, DocxError> {
    let mut words = Words {
        lines: Vec::new(),
        open: Vec::new(),
        numbering,
        counts: Counts::default(),
        in_text: false,
        hidden: 0,
    };
    let mut reader = Reader::from_str(xml);
    let mut depth = 0;
    loop {
        let event = reader.read_event().map_err(|_| DocxError::Damaged)?;
        deeper(&event, &mut depth, max_depth)?;
        match event {
            Event::Eof if depth > 0 => return Err(DocxError::Damaged),
            Event::Eof => break,
            Event::Start(tag) => words.start(&tag),
            Event::Empty(tag) => {
                words.start(&tag);
                words.end(tag.local_name().into_inner());
            }
            Event::End(tag) => words.end(tag.local_name().into_inner()),
            Event::Text(text) => words.text(&text.xml10_content()),
            Event::CData(text) => words.text(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    Ok(None) => predefined(&reference.xml10_content()),
                    Err(_) => None,
                };
                words.text(&character.map_or(String::new(), String::from));
            }
            _ => {}
        }
    }
    let notices = words.notices();
    let mut text = words.lines.join("\n");
    text.push('\n');
    Ok(DocxText { text, notices })
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

impl Words {
    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().into_inner() {
            "p" => self.open.push(Paragraph::default()),
            "t" => self.in_text = true,
            "tab" => self.text_anywhere("　", self.open.len()),
            "br" | "cr" => self.text_anywhere("\n", self.open.len()),
            "noBreakHyphen" => self.text_anywhere("-", self.open.len()),
            "numId" => self.paragraph(|paragraph| paragraph.list = value_of(tag, "val")),
            "ilvl" => {
                let level = value_of(tag, "val")
                    .and_then(|level| level.parse().ok())
                    .unwrap_or(0);
                self.paragraph(|paragraph| paragraph.level = level);
            }
            name @ ("del" | "moveFrom" | "Fallback") => {
                self.hidden += 1;
                self.counts.deleted += usize::from(name != "Fallback");
            }
            "ins" | "moveTo" => self.counts.inserted += 1,
            "commentReference" => self.counts.comments += 1,
            "footnoteReference" | "endnoteReference" => self.counts.notes += 1,
            "tbl" => self.counts.tables += 1,
            "drawing" | "pict" => self.counts.pictures += 1,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => self.close(),
            "t" => self.in_text = false,
            "del" | "moveFrom" | "Fallback" => self.hidden = self.hidden.saturating_sub(1),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text {
            self.text_anywhere(text, 1);
        }
    }

    /// A tab in the tab stops of a style, outside any paragraph, is no text.
    fn text_anywhere(&mut self, text: &str, paragraphs: usize) {
        if self.hidden == 0 && paragraphs > 0 {
            self.paragraph(|paragraph| paragraph.text.push_str(text));
        }
    }

    fn paragraph(&mut self, change: impl FnOnce(&mut Paragraph)) {
        if let Some(paragraph) = self.open.last_mut() {
            change(paragraph);
        }
    }

    fn close(&mut self) {
        let Some(paragraph) = self.open.pop() else {
            return;
        };
        if self.hidden > 0 && paragraph.text.is_empty() {
            return;
        }
        let number = paragraph
            .list
            .as_ref()
            .filter(|_| !paragraph.text.trim().is_empty());
        let number = number
            .and_then(|list| self.numbering.next(list, paragraph.level))
            .unwrap_or_default();
        self.lines.push(format!("{number}{}", paragraph.text));
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
        let notice = |(count, zh, en): (usize, &str, &str)| Notice {
            message_zh: format!("文件中有{count}{zh}。"),
            message_en: format!("The file has {count} {en}."),
        };
        said.into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(notice)
            .collect()
    }
}
