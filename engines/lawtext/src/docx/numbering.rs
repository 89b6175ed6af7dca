//! The numbers Word shows before paragraphs without storing them in the text: 第%1条, （%1）.

use std::collections::HashMap;

use quick_xml::{Reader, events::Event};

use super::{
    DocxError,
    words::{deeper, value_of},
};
use crate::number::chinese;

/// Word knows nine levels.
const LEVELS: usize = 9;

/// One level of a list.
#[derive(Debug, Clone, Default)]
struct Level {
    format: String,
    text: String,
    start: u32,
}

/// The lists of a file and how far each has been counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    lists: HashMap<String, [Level; LEVELS]>,
    list_of: HashMap<String, String>,
    counts: HashMap<String, [u32; LEVELS]>,
    /// Paragraphs whose number could not be written.
    pub(super) unread: usize,
}

impl Numbering {
    /// Reads `word/numbering.xml`; an empty text is no lists.
    pub(super) fn read(xml: &str, max_depth: usize) -> Result<Self, DocxError> {
        let mut numbering = Self::default();
        let (mut list, mut number, mut level, mut depth) = (None, None, 0, 0);
        let mut reader = Reader::from_str(xml);
        loop {
            let event = reader.read_event().map_err(|_| DocxError::Damaged)?;
            deeper(&event, &mut depth, max_depth)?;
            let (Event::Start(tag) | Event::Empty(tag)) = event else {
                if matches!(event, Event::Eof) {
                    return Ok(numbering);
                }
                continue;
            };
            let value = |name: &str| value_of(&tag, name);
            match tag.local_name().into_inner() {
                "abstractNum" => (list, number) = (value("abstractNumId"), None),
                "num" => (list, number) = (None, value("numId")),
                "abstractNumId" => {
                    if let (Some(number), Some(list)) = (&number, value("val")) {
                        numbering.list_of.insert(number.clone(), list);
                    }
                }
                "lvl" => level = value("ilvl").and_then(|n| n.parse().ok()).unwrap_or(0),
                name @ ("start" | "numFmt" | "lvlText") => {
                    let slot = list.as_ref().and_then(|list| {
                        numbering
                            .lists
                            .entry(list.clone())
                            .or_default()
                            .get_mut(level)
                    });
                    if let (Some(slot), Some(value)) = (slot, value("val")) {
                        slot.set(name, value);
                    }
                }
                _ => {}
            }
        }
    }

    /// The number of the next paragraph of list `number` at `level`, as Word shows it.
    pub(super) fn next(&mut self, number: &str, level: usize) -> Option<String> {
        if number == "0" {
            return None;
        }
        let Some((list, levels)) = self
            .list_of
            .get(number)
            .and_then(|list| Some((list, self.lists.get(list)?)))
        else {
            self.unread += 1;
            return None;
        };
        let shape = levels.get(level)?;
        let counts = self.counts.entry(list.clone()).or_default();
        counts[level] = if counts[level] == 0 {
            shape.start.max(1)
        } else {
            counts[level].saturating_add(1)
        };
        counts[level + 1..].fill(0);
        let written = shape.write(levels, counts);
        self.unread += usize::from(written.is_none());
        written
    }
}

impl Level {
    fn set(&mut self, name: &str, value: String) {
        match name {
            "start" => self.start = value.parse().unwrap_or(1),
            "numFmt" => self.format = value,
            _ => self.text = value,
        }
    }

    fn write(&self, levels: &[Level; LEVELS], counts: &[u32; LEVELS]) -> Option<String> {
        let mut text = self.text.clone();
        for (level, count) in levels
            .iter()
            .zip(counts)
            .enumerate()
            .map(|(at, (level, count))| ((at, level), count))
        {
            let place = format!("%{}", level.0 + 1);
            if text.contains(&place) {
                text = text.replace(&place, &level.1.figure((*count).max(1))?);
            }
        }
        // Word puts a tab after the number; laws put a space after 条, 章, 节.
        if text.ends_with(['条', '章', '节', '编']) {
            text.push('　');
        }
        Some(text)
    }

    fn figure(&self, count: u32) -> Option<String> {
        match self.format.as_str() {
            "decimal" | "decimalFullWidth" => Some(count.to_string()),
            "chineseCounting"
            | "chineseCountingThousand"
            | "japaneseCounting"
            | "taiwaneseCountingThousand"
            | "ideographDigital" => Some(chinese(count)),
            "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if count <= 20 => {
                char::from_u32('①' as u32 + count - 1).map(String::from)
            }
            "none" | "bullet" => Some(String::new()),
            _ => None,
        }
    }
}
