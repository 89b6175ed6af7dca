//! What people type, made safe to keep and to show, without changing what they said.
//!
//! The text comes out in NFC with `\n` line ends. Refused, with the place: NUL and the other control
//! characters, and code points that are not characters. Taken out silently: byte-order marks and the
//! bidirectional embeddings, overrides and isolates (U+202A–202E, U+2066–2069), because they can make
//! a sentence show in another order than it is stored; and of combining marks all after the
//! thirtieth in a row, which no script uses and which would cover the lines around. Kept: emoji with
//! their joiners, and the plain direction marks (U+200E, U+200F, U+061C), which only help Arabic and
//! Uyghur words to stand right and cannot turn their neighbours round. A text in which nothing can be
//! seen is empty. Nothing here escapes for HTML: that is the page's work.

use std::{fmt, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// How long a text may be, in characters (Unicode scalar values after NFC), ends trimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLimits {
    /// The least; 0 allows an empty text.
    pub min: usize,
    /// The most.
    pub max: usize,
    /// Whether line breaks stay. Where they do not, each becomes one space.
    pub lines: Lines,
}

/// Whether a text has one line or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// A name, a title: line breaks and tabs become spaces.
    One,
    /// An opinion, a reason: line breaks and tabs stay.
    Many,
}

impl TextLimits {
    /// A required text of many lines.
    #[must_use]
    pub const fn many_lines(max: usize) -> Self {
        Self {
            min: 1,
            max,
            lines: Lines::Many,
        }
    }

    /// A required text of one line.
    #[must_use]
    pub const fn one_line(max: usize) -> Self {
        Self {
            min: 1,
            max,
            lines: Lines::One,
        }
    }

    /// The same, and empty is allowed.
    #[must_use]
    pub const fn or_empty(self) -> Self {
        Self { min: 0, ..self }
    }
}

/// A text that passed [`clean_input`]: NFC, `\n` line ends, trimmed, within its limits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct CleanText(String);

impl CleanText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, given away.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Its length in characters.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for CleanText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is refused. The pages put it into words in the reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextRefusal {
    /// Nothing but space.
    #[error("the text is empty")]
    Empty,
    /// Fewer characters than asked for.
    #[error("the text has {chars} characters, at least {min} are needed")]
    TooShort {
        /// How many there are.
        chars: usize,
        /// How many are needed.
        min: usize,
    },
    /// More characters than fit.
    #[error("the text has {chars} characters, at most {max} fit")]
    TooLong {
        /// How many there are.
        chars: usize,
        /// How many fit.
        max: usize,
    },
    /// A control character, NUL among them.
    #[error("control character U+{code:04X} in line {line}, place {column}")]
    ControlCharacter {
        /// The code point.
        code: u32,
        /// The line, from 1.
        line: usize,
        /// The place in the line in characters, from 1.
        column: usize,
    },
    /// A code point that Unicode says is not a character.
    #[error("U+{code:04X} in line {line}, place {column} is not a character")]
    NotACharacter {
        /// The code point.
        code: u32,
        /// The line, from 1.
        line: usize,
        /// The place in the line in characters, from 1.
        column: usize,
    },
}

/// Combining marks that stay in a row: the most that the stream-safe form of Unicode (UAX #15) has.
const MARKS_IN_A_ROW: usize = 30;

/// Cleans `text` as the module says, and holds it to `limits`. Cleaning twice changes nothing more.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn clean_input(text: &str, limits: TextLimits) -> Result<CleanText, TextRefusal> {
    let lines = unify_newlines(text);
    if let Some((c, line, column)) = first(&lines, |c| is_control(c) || is_no_character(c)) {
        let code = u32::from(c);
        return Err(match is_control(c) {
            true => TextRefusal::ControlCharacter { code, line, column },
            false => TextRefusal::NotACharacter { code, line, column },
        });
    }
    let kept = lines.chars().filter(|c| !is_taken_out(*c));
    let single = limits.lines == Lines::One;
    let joined = kept.map(|c| {
        if single && matches!(c, '\n' | '\t') {
            ' '
        } else {
            c
        }
    });
    let normal = without_towers(joined.nfc());
    within(normal.trim(), limits)
}

/// The first character of `text` that would make it show otherwise than it is stored, with its line
/// and its place in the line, both from 1: a control character, what is no character, what turns the
/// direction of its neighbours. For texts that are kept to the byte and so cannot be cleaned.
#[must_use]
pub fn unshowable(text: &str) -> Option<(char, usize, usize)> {
    let turns = |c| c != BYTE_ORDER_MARK && is_taken_out(c);
    first(text, |c| is_control(c) || is_no_character(c) || turns(c))
}

/// Without the combining marks after the thirtieth in a row.
fn without_towers(text: impl Iterator<Item = char>) -> String {
    let mut marks = 0;
    text.filter(|c| {
        marks = if is_combining_mark(*c) { marks + 1 } else { 0 };
        marks <= MARKS_IN_A_ROW
    })
    .collect()
}

/// Every kind of line end becomes `\n`.
fn unify_newlines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n")
}

/// The first character for which `wrong` holds, with its line and place.
fn first(text: &str, wrong: impl Fn(char) -> bool) -> Option<(char, usize, usize)> {
    let (mut line, mut column) = (1, 0);
    for c in text.chars() {
        column += 1;
        if wrong(c) {
            return Some((c, line, column));
        }
        if c == '\n' {
            (line, column) = (line + 1, 0);
        }
    }
    None
}

/// Characters from the first to the last.
type Run = (char, char);

fn within_runs(runs: &[Run], c: char) -> bool {
    runs.iter()
        .any(|(first, last)| (*first..=*last).contains(&c))
}

/// Control characters but for tabs and what ends a line.
const CONTROLS: [Run; 5] = [
    ('\0', '\u{8}'),
    ('\u{B}', '\u{C}'),
    ('\u{E}', '\u{1F}'),
    ('\u{7F}', '\u{84}'),
    ('\u{86}', '\u{9F}'),
];

fn is_control(c: char) -> bool {
    within_runs(&CONTROLS, c)
}

/// What Unicode says will never be a character.
const fn is_no_character(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || c as u32 & 0xFFFE == 0xFFFE
}

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Byte-order marks and what turns the direction of its neighbours.
const fn is_taken_out(c: char) -> bool {
    matches!(c, BYTE_ORDER_MARK | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn within(text: &str, limits: TextLimits) -> Result<CleanText, TextRefusal> {
    let chars = text.chars().count();
    let visible = text.chars().any(is_visible);
    match chars {
        _ if !visible && limits.min > 0 => Err(TextRefusal::Empty),
        _ if chars < limits.min => Err(TextRefusal::TooShort {
            chars,
            min: limits.min,
        }),
        _ if chars > limits.max => Err(TextRefusal::TooLong {
            chars,
            max: limits.max,
        }),
        _ => Ok(CleanText(text.to_owned())),
    }
}

/// Whether it makes a text more than empty.
fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !is_invisible(c)
}

/// Characters that show nothing by themselves: those Unicode calls default-ignorable, the marks of
/// interlinear annotation, and the braille pattern with no dots. A text of these alone is empty.
const INVISIBLE: [Run; 18] = [
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{FFF0}', '\u{FFFB}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0000}', '\u{E0FFF}'),
];

fn is_invisible(c: char) -> bool {
    within_runs(&INVISIBLE, c)
}

/// The characters that are refused, and those with which a text may still be empty, as the insides of
/// two character classes.
static CLASSES: LazyLock<(String, String)> = LazyLock::new(|| {
    let ends = (0..=0x10_u32).filter_map(|plane| {
        let end = |low| char::from_u32(plane << 16 | low);
        Some((end(0xFFFE)?, end(0xFFFF)?))
    });
    let refused = CONTROLS
        .into_iter()
        .chain([('\u{FDD0}', '\u{FDEF}')])
        .chain(ends);
    let refused = class(refused);
    // Every space that Unicode has, and what is taken out stands among the invisible.
    let spaces = ('\0'..='\u{3000}').filter(|c| c.is_whitespace());
    let unseen = class(INVISIBLE.into_iter().chain(spaces.map(|c| (c, c))));
    (refused.clone(), refused + &unseen)
});

/// A regular expression, in the syntax that ECMA 262, Python and Rust share, of the texts that
/// [`clean_input`] takes where their length is right: for descriptions of interfaces.
#[must_use]
pub fn pattern(required: bool) -> String {
    let (refused, plain) = &*CLASSES;
    if required {
        format!("^[^{refused}]*[^{plain}][^{refused}]*$")
    } else {
        format!("^[^{refused}]*$")
    }
}

/// Runs of characters as the inside of a character class.
fn class(runs: impl Iterator<Item = Run>) -> String {
    let mut out = String::new();
    for (first, last) in runs {
        write_one(&mut out, first);
        if first != last {
            out.push('-');
            write_one(&mut out, last);
        }
    }
    out
}

/// Beyond the first 65,536 code points the three syntaxes share no escape.
fn write_one(out: &mut String, c: char) {
    match u32::from(c) {
        code @ 0..=0xFFFF => out.push_str(&format!("\\u{code:04X}")),
        _ => out.push(c),
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
