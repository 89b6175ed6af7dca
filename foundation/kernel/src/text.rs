//! What people type, made safe to keep and to show, without changing what they said.
//!
//! The text comes out in NFC with `\n` line ends. Refused, with the place: NUL and the other control
//! characters, and code points that are not characters. Taken out silently: byte-order marks and the
//! bidirectional embeddings, overrides and isolates (U+202A–202E, U+2066–2069), because they can make
//! a sentence show in another order than it is stored. Kept: emoji with their joiners, and the plain
//! direction marks (U+200E, U+200F, U+061C), which only help Arabic and Uyghur words to stand right
//! and cannot turn their neighbours round. Nothing here escapes for HTML: that is the page's work.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

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
    /// Bytes that are not UTF-8.
    #[error("the bytes are not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// The first wrong byte, from 0.
        at: usize,
    },
}

/// Reads bytes as UTF-8.
///
/// # Errors
/// [`TextRefusal::NotUtf8`] with the first wrong byte.
pub fn decode_utf8(bytes: &[u8]) -> Result<&str, TextRefusal> {
    std::str::from_utf8(bytes).map_err(|wrong| TextRefusal::NotUtf8 {
        at: wrong.valid_up_to(),
    })
}

/// Cleans `text` as the module says, and holds it to `limits`. Cleaning twice changes nothing more.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn clean_input(text: &str, limits: TextLimits) -> Result<CleanText, TextRefusal> {
    let lines = unify_newlines(text);
    refuse_controls(&lines)?;
    let kept = lines.chars().filter(|c| !is_taken_out(*c));
    let single = limits.lines == Lines::One;
    let joined = kept.map(|c| {
        if single && matches!(c, '\n' | '\t') {
            ' '
        } else {
            c
        }
    });
    let normal: String = joined.nfc().collect();
    within(normal.trim(), limits)
}

/// Every kind of line end becomes `\n`.
fn unify_newlines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n")
}

/// Finds the first character that may not be there.
fn refuse_controls(text: &str) -> Result<(), TextRefusal> {
    let (mut line, mut column) = (1, 0);
    for c in text.chars() {
        column += 1;
        let code = u32::from(c);
        if c == '\n' {
            (line, column) = (line + 1, 0);
        } else if is_control(c) {
            return Err(TextRefusal::ControlCharacter { code, line, column });
        } else if is_no_character(c) {
            return Err(TextRefusal::NotACharacter { code, line, column });
        }
    }
    Ok(())
}

/// Control characters but for tabs and what ends a line.
fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
}

/// What Unicode says will never be a character.
const fn is_no_character(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || c as u32 & 0xFFFE == 0xFFFE
}

/// Byte-order marks and what turns the direction of its neighbours.
const fn is_taken_out(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
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

/// Marks that show nothing by themselves: a text of these alone is empty.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}')
}

/// A regular expression, in the syntax that ECMA 262, Python and Rust share, of the texts that
/// [`clean_input`] takes where their length is right: for descriptions of interfaces.
#[must_use]
pub fn pattern(required: bool) -> String {
    let refused = class(|c| is_control(c) || is_no_character(c));
    if required {
        let plain =
            class(|c| is_control(c) || is_no_character(c) || is_taken_out(c) || !is_visible(c));
        format!("^[^{refused}]*[^{plain}][^{refused}]*$")
    } else {
        format!("^[^{refused}]*$")
    }
}

/// The characters for which `holds` does, as the inside of a character class.
fn class(holds: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut run: Option<(char, char)> = None;
    for c in ('\0'..=char::MAX).filter(|c| holds(*c)) {
        run = match run {
            Some((first, last)) if u32::from(c) == u32::from(last) + 1 => Some((first, c)),
            Some((first, last)) => {
                write_run(&mut out, first, last);
                Some((c, c))
            }
            None => Some((c, c)),
        };
    }
    if let Some((first, last)) = run {
        write_run(&mut out, first, last);
    }
    out
}

fn write_run(out: &mut String, first: char, last: char) {
    write_one(out, first);
    if first != last {
        out.push('-');
        write_one(out, last);
    }
}

/// Beyond the first 65,536 code points the three syntaxes share no escape.
fn write_one(out: &mut String, c: char) {
    match u32::from(c) {
        code @ 0..=0xFFFF => out.push_str(&format!("\\u{code:04X}")),
        _ => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MANY: TextLimits = TextLimits::many_lines(10);

    fn clean(text: &str) -> Result<String, TextRefusal> {
        clean_input(text, MANY).map(CleanText::into_string)
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        assert_eq!(clean("严\n👨‍👩‍👧").unwrap(), "严\n👨‍👩‍👧");
        assert_eq!(
            clean("  一\r\n二\r三\u{2028}四 ").unwrap(),
            "一\n二\n三\n四"
        );
        assert_eq!(clean("e\u{301}").unwrap(), "é");
    }

    #[test]
    fn what_turns_text_round_is_taken_out_and_plain_marks_stay() {
        assert_eq!(
            clean("同意\u{202E}不\u{202C}是\u{2066}a\u{2069}").unwrap(),
            "同意不是a"
        );
        assert_eq!(clean("ئا\u{200F}1").unwrap(), "ئا\u{200F}1");
        assert_eq!(clean("\u{FEFF}好").unwrap(), "好");
    }

    #[test]
    fn control_characters_are_refused_with_their_place() {
        let refusal = TextRefusal::ControlCharacter {
            code: 0,
            line: 2,
            column: 3,
        };
        assert_eq!(clean("一\n二三\0"), Err(refusal));
        assert_eq!(
            clean("\u{9B}1m"),
            Err(TextRefusal::ControlCharacter {
                code: 0x9B,
                line: 1,
                column: 1
            })
        );
        assert_eq!(
            clean("\u{FFFF}"),
            Err(TextRefusal::NotACharacter {
                code: 0xFFFF,
                line: 1,
                column: 1
            })
        );
        assert_eq!(decode_utf8(b"ok\xFF"), Err(TextRefusal::NotUtf8 { at: 2 }));
    }

    #[test]
    fn limits_hold_at_the_edge() {
        assert!(clean(&"字".repeat(10)).is_ok());
        assert_eq!(
            clean(&"字".repeat(11)),
            Err(TextRefusal::TooLong { chars: 11, max: 10 })
        );
        assert_eq!(clean(" \u{3000}\n"), Err(TextRefusal::Empty));
        assert_eq!(clean("\u{200B}\u{200D}"), Err(TextRefusal::Empty));
        let name = TextLimits {
            min: 2,
            ..TextLimits::one_line(4)
        };
        assert_eq!(
            clean_input("张", name),
            Err(TextRefusal::TooShort { chars: 1, min: 2 })
        );
        assert_eq!(clean_input("张\n三", name).unwrap().as_str(), "张 三");
        assert!(
            clean_input("", TextLimits::one_line(4).or_empty())
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn the_pattern_of_a_text_refuses_what_cleaning_refuses() {
        let (some, any) = (pattern(true), pattern(false));
        let (some, any) = (
            regex::Regex::new(&some).unwrap(),
            regex::Regex::new(&any).unwrap(),
        );
        let limits = TextLimits::many_lines(10);
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            let (taken, empty) = (clean_input(&text, limits), limits.or_empty());
            assert_eq!(some.is_match(&text), taken.is_ok(), "{c:?}");
            assert_eq!(
                any.is_match(&text),
                clean_input(&text, empty).is_ok(),
                "{c:?}"
            );
        }
        assert!(some.is_match("\n 一\u{200B}\r\n") && any.is_match(""));
        assert!(!some.is_match("一\0") && !some.is_match(""));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(text in any::<String>()) {
            let limits = TextLimits::many_lines(10_000).or_empty();
            if let Ok(once) = clean_input(&text, limits) {
                prop_assert_eq!(clean_input(once.as_str(), limits).unwrap(), once);
            }
        }
    }
}
