//! The styles of paragraphs, as far as they number them.

use std::collections::HashMap;

use super::{
    DocxError, Excess, Limits,
    xml::{Met, number_of, value_of, walk},
};

/// How far a style is followed to the ones it is based on.
const CHAIN: usize = 16;

/// Longer names are nobody's; what has one is left out.
const LONGEST_NAME: usize = 255;

/// The numbering properties of a paragraph or style (ECMA-376 part 1, 17.9.18).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NumPr {
    /// Which list; 0 is none.
    pub(super) list: Option<u32>,
    /// Which level of it.
    pub(super) level: Option<usize>,
}

impl NumPr {
    /// What is not said here is as in `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            list: self.list.or(other.list),
            level: self.level.or(other.level),
        }
    }
}

#[derive(Debug, Default)]
struct Style {
    based_on: Option<String>,
    numbered: NumPr,
}

/// The paragraph styles of a file.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    /// That of paragraphs that name none.
    usual: Option<String>,
}

impl Styles {
    /// Reads the part with the styles.
    pub(super) fn read(xml: &str, limits: &Limits) -> Result<Self, DocxError> {
        let mut found = Self::default();
        let mut name: Option<String> = None;
        let mut changes = 0usize;
        walk(xml, limits.depth, |met| {
            match met {
                Met::Start(tag) => match tag.local_name().into_inner() {
                    "style" => {
                        name = value_of(tag, "styleId").filter(|name| name.len() <= LONGEST_NAME);
                        if let Some(name) = &name {
                            found.add(name, value_of(tag, "default").is_some(), limits)?;
                        }
                    }
                    "pPrChange" => changes += 1,
                    element if changes == 0 => {
                        let style = name.as_ref().and_then(|name| found.styles.get_mut(name));
                        if let Some(style) = style {
                            style.set(element, value_of(tag, "val"), number_of(tag));
                        }
                    }
                    _ => {}
                },
                Met::End("pPrChange") => changes = changes.saturating_sub(1),
                Met::End("style") => name = None,
                Met::End(_) | Met::Text(_) => {}
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn add(&mut self, name: &str, usual: bool, limits: &Limits) -> Result<(), DocxError> {
        if self.styles.len() >= limits.styles {
            return Err(DocxError::TooMuch(Excess::Styles));
        }
        self.styles.insert(name.to_owned(), Style::default());
        if usual && self.usual.is_none() {
            self.usual = Some(name.to_owned());
        }
        Ok(())
    }

    /// The numbering that a style gives, and the style in the chain that gives it: its level may be
    /// named by the list.
    pub(super) fn numbering(&self, style: Option<&str>) -> Option<(NumPr, &str)> {
        let mut name = style.or(self.usual.as_deref())?;
        let mut numbered = NumPr::default();
        for _ in 0..CHAIN {
            let (key, style) = self.styles.get_key_value(name)?;
            numbered = numbered.or(style.numbered);
            if numbered.list.is_some() {
                return Some((numbered, key));
            }
            name = style.based_on.as_deref()?;
        }
        None
    }
}

impl Style {
    fn set(&mut self, element: &str, value: Option<String>, number: Option<u32>) {
        match element {
            "basedOn" => self.based_on = value.filter(|name| name.len() <= LONGEST_NAME),
            "numId" => self.numbered.list = number,
            "ilvl" => self.numbered.level = number.and_then(|level| usize::try_from(level).ok()),
            _ => {}
        }
    }
}
