//! The numbers Word shows before paragraphs without storing them in the text: 第%1条, （%1）
//! (ECMA-376 part 1, 17.9).

use std::collections::{HashMap, HashSet};

use quick_xml::events::BytesStart;

use super::{
    DocxError, Excess, Limits,
    styles::{NumPr, Styles},
    xml::{Met, is_on, number_of, value_of, walk},
};
use crate::number::chinese;

/// Word knows nine levels.
const LEVELS: usize = 9;

/// A longer text before a paragraph is no number, and is not written.
const LONGEST_TEXT: usize = 64;

/// How a number is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Decimal,
    Chinese,
    /// 一〇八.
    Digits,
    Circled,
    Lower,
    Upper,
    /// A sign, which is no number and is not written.
    Bullet,
    /// The text around, without a number.
    None,
    /// One we cannot write.
    Other,
}

impl Format {
    fn named(name: &str) -> Self {
        match name {
            "decimal" | "decimalFullWidth" | "decimalHalfWidth" => Self::Decimal,
            "chineseCounting"
            | "chineseCountingThousand"
            | "japaneseCounting"
            | "taiwaneseCounting"
            | "taiwaneseCountingThousand" => Self::Chinese,
            "ideographDigital" | "taiwaneseDigital" | "japaneseDigitalTenThousand" => Self::Digits,
            "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => Self::Circled,
            "lowerLetter" => Self::Lower,
            "upperLetter" => Self::Upper,
            "none" => Self::None,
            "bullet" => Self::Bullet,
            _ => Self::Other,
        }
    }

    fn write(self, count: u32) -> Option<String> {
        let letter = |first: u8| {
            let at = u8::try_from(count.checked_sub(1)?)
                .ok()
                .filter(|&at| at < 26)?;
            Some(char::from(first + at).to_string())
        };
        match self {
            Self::Decimal => Some(count.to_string()),
            Self::Chinese => Some(chinese(count)),
            Self::Digits => Some(
                count
                    .to_string()
                    .bytes()
                    .filter_map(|digit| {
                        "〇一二三四五六七八九"
                            .chars()
                            .nth(usize::from(digit - b'0'))
                    })
                    .collect(),
            ),
            Self::Circled => ('①'..='⑳')
                .nth(usize::try_from(count.checked_sub(1)?).ok()?)
                .map(String::from),
            Self::Lower => letter(b'a'),
            Self::Upper => letter(b'A'),
            Self::None | Self::Bullet => Some(String::new()),
            Self::Other => None,
        }
    }
}

/// One level of a list.
#[derive(Debug, Clone, Default)]
struct Level {
    format: Format,
    /// `None` when it is too long to be a number.
    text: Option<String>,
    start: Option<u32>,
    /// The level from which on it begins anew: 0 for never.
    restart: Option<usize>,
    /// Nothing stands between number and words.
    tight: bool,
    /// All numbers in decimals, whatever their own levels say.
    legal: bool,
    /// The style of paragraphs that it numbers.
    style: Option<String>,
}

impl Level {
    fn set(&mut self, element: &str, tag: &BytesStart<'_>) {
        let value = || value_of(tag, "val");
        let short = |text: &String| text.chars().nth(LONGEST_TEXT).is_none();
        match element {
            "start" => self.start = number_of(tag),
            "numFmt" => self.format = Format::named(&value().unwrap_or_default()),
            "lvlText" => self.text = value().filter(short),
            "lvlRestart" => self.restart = number_of(tag).and_then(|n| usize::try_from(n).ok()),
            "suff" => self.tight = value().is_some_and(|suff| suff == "nothing"),
            "isLgl" => self.legal = is_on(tag),
            "pStyle" => self.style = value().filter(short),
            _ => {}
        }
    }
}

type Levels = [Level; LEVELS];

/// A use of a list: with levels of its own, or starting anew.
#[derive(Debug, Default)]
struct Use {
    list: u32,
    levels: Vec<(usize, Level)>,
    starts: Vec<(usize, u32)>,
}

/// The lists of a file and their uses.
#[derive(Debug, Default)]
pub(super) struct Lists {
    lists: HashMap<u32, Box<Levels>>,
    uses: HashMap<u32, Use>,
}

/// Where in the part the reader is.
#[derive(Default)]
struct Place {
    list: Option<u32>,
    used: Option<u32>,
    /// The level, and whether it is one that a use has of its own.
    level: Option<(usize, bool)>,
    overridden: Option<usize>,
}

impl Lists {
    /// Reads the part with the numbering.
    pub(super) fn read(xml: &str, limits: &Limits) -> Result<Self, DocxError> {
        let mut lists = Self::default();
        let mut place = Place::default();
        walk(xml, limits.depth, |met| {
            match met {
                Met::Start(tag) => lists.start(tag, &mut place)?,
                Met::End("abstractNum" | "num") => place = Place::default(),
                Met::End("lvl") => place.level = None,
                Met::End("lvlOverride") => place.overridden = None,
                Met::End(_) | Met::Text(_) => {}
            }
            if lists.lists.len() > limits.lists || lists.uses.len() > limits.lists {
                return Err(DocxError::TooMuch(Excess::Lists));
            }
            Ok(())
        })?;
        Ok(lists)
    }

    fn start(&mut self, tag: &BytesStart<'_>, place: &mut Place) -> Result<(), DocxError> {
        let id = |name: &str| value_of(tag, name).and_then(|id| id.parse::<u32>().ok());
        let level = || {
            id("ilvl")
                .and_then(|at| usize::try_from(at).ok())
                .filter(|&at| at < LEVELS)
        };
        match tag.local_name().into_inner() {
            "abstractNum" => {
                place.list = id("abstractNumId");
                if let Some(list) = place.list {
                    self.lists.insert(list, Box::default());
                }
            }
            "num" => {
                place.used = id("numId");
                if let Some(used) = place.used {
                    self.uses.insert(used, Use::default());
                }
            }
            "abstractNumId" => {
                if let (Some(used), Some(list)) = (self.used(place), number_of(tag)) {
                    used.list = list;
                }
            }
            "lvlOverride" => place.overridden = level(),
            "startOverride" => {
                let (at, start) = (place.overridden, number_of(tag));
                if let (Some(used), Some(at), Some(start)) = (self.used(place), at, start)
                    && used.starts.len() < LEVELS
                {
                    used.starts.push((at, start));
                }
            }
            "lvl" => {
                place.level = level().map(|at| (at, place.used.is_some()));
                if let (Some(used), Some((at, true))) = (self.used(place), place.level)
                    && used.levels.len() < LEVELS
                {
                    used.levels.push((at, Level::default()));
                }
            }
            element => {
                if let Some(level) = self.level(place) {
                    level.set(element, tag);
                }
            }
        }
        Ok(())
    }

    fn used(&mut self, place: &Place) -> Option<&mut Use> {
        self.uses.get_mut(&place.used?)
    }

    fn level(&mut self, place: &Place) -> Option<&mut Level> {
        match place.level? {
            (at, true) => {
                let own = self.uses.get_mut(&place.used?)?.levels.iter_mut();
                own.rev()
                    .find(|(own, _)| *own == at)
                    .map(|(_, level)| level)
            }
            (at, false) => self.lists.get_mut(&place.list?)?.get_mut(at),
        }
    }
}

/// Counts the paragraphs of a document and says what stands before each.
pub(super) struct Numbering {
    lists: Lists,
    styles: Styles,
    /// For each list how far each level has been counted.
    counts: HashMap<u32, [Option<u32>; LEVELS]>,
    /// The starts of uses that have taken effect.
    started: HashSet<(u32, usize)>,
    /// Paragraphs whose number could not be written.
    pub(super) unread: usize,
}

impl Numbering {
    pub(super) fn new(lists: Lists, styles: Styles) -> Self {
        Self {
            lists,
            styles,
            counts: HashMap::new(),
            started: HashSet::new(),
            unread: 0,
        }
    }

    /// What Word shows before the next paragraph with these properties: nothing, where it is in no
    /// list.
    pub(super) fn resolve(&mut self, own: NumPr, style: Option<&str>) -> String {
        let (numbered, by_style) = match self.styles.numbering(style) {
            Some((numbered, name)) => (own.or(numbered), Some(name)),
            None => (own, None),
        };
        let Some(list) = numbered.list.filter(|&list| list != 0) else {
            return String::new();
        };
        let level = numbered
            .level
            .or_else(|| self.lists.level_of_style(list, by_style?))
            .unwrap_or(0);
        let written = self.next(list, level);
        self.unread += usize::from(written.is_none());
        written.unwrap_or_default()
    }

    fn next(&mut self, number: u32, level: usize) -> Option<String> {
        let used = self.lists.uses.get(&number)?;
        let list = self.lists.lists.get(&used.list)?;
        let shape = |at: usize| {
            let own = used.levels.iter().rev().find(|(own, _)| *own == at);
            own.map_or(&list[at], |(_, level)| level)
        };
        if level >= LEVELS {
            return None;
        }
        let counts = self.counts.entry(used.list).or_default();
        let anew = used.starts.iter().rev().find(|(at, _)| *at == level);
        let anew = anew.filter(|_| self.started.insert((number, level)));
        counts[level] = Some(match (anew, counts[level]) {
            (Some((_, start)), _) => *start,
            (None, Some(count)) => count.saturating_add(1),
            (None, None) => shape(level).start.unwrap_or(1),
        });
        for (inner, count) in counts.iter_mut().enumerate().skip(level + 1) {
            if shape(inner).restart.is_none_or(|from| level < from) {
                *count = None;
            }
        }
        write(shape(level), |at| {
            let count = counts[at].or(shape(at).start).unwrap_or(1);
            let format = if shape(level).legal {
                Format::Decimal
            } else {
                shape(at).format
            };
            format.write(count)
        })
    }
}

impl Lists {
    /// The level that numbers paragraphs of this style.
    fn level_of_style(&self, number: u32, style: &str) -> Option<usize> {
        let list = self.lists.get(&self.uses.get(&number)?.list)?;
        list.iter()
            .position(|level| level.style.as_deref() == Some(style))
    }
}

/// The text of a level with its places filled in; none when one of them cannot be.
fn write(level: &Level, figure: impl Fn(usize) -> Option<String>) -> Option<String> {
    if level.format == Format::Bullet {
        return Some(String::new());
    }
    let mut text = String::new();
    let mut rest = level.text.as_deref()?;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let place = after.chars().next().and_then(|c| c.to_digit(10));
        match place {
            Some(place @ 1..=9) => {
                text.push_str(&figure(place as usize - 1)?);
                rest = &after[1..];
            }
            _ => {
                text.push('%');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    // Word puts a tab after the number; laws put a space after 条, 章, 节.
    if !level.tight && text.ends_with(['条', '章', '节', '编']) {
        text.push('　');
    }
    Some(text)
}
