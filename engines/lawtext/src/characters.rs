//! Characters that are not seen, or not what they seem.

use crate::{
    Code,
    diagnostic::Sink,
    line::{Line, is_break, is_invisible},
};

/// Reports every odd character of a line. Those around its words do no harm and are passed over.
pub(crate) fn check(source: &str, line: &Line<'_>, sink: &mut Sink) {
    let raw = &source[line.start..line.end];
    let words = line.text.as_ptr() as usize - raw.as_ptr() as usize;
    let words = words..words + line.text.len();
    for (column, (at, c)) in (line.column + 1..).zip(raw.char_indices()) {
        let code = match c {
            '\n' | '\r' => None,
            _ if is_break(c) => Some(Code::LineBreak),
            _ if words.contains(&at) => odd(c),
            _ => None,
        };
        if let Some(code) = code {
            report(line.number, column, c, code, sink);
        }
    }
}

fn odd(c: char) -> Option<Code> {
    match c {
        _ if is_direction(c) => Some(Code::ControlCharacter),
        '\t' => None,
        _ if c.is_control() => Some(Code::ControlCharacter),
        _ if is_invisible(c) => Some(Code::InvisibleCharacter),
        '\u{fffd}' | '\u{e000}'..='\u{f8ff}' => Some(Code::DamagedCharacter),
        _ => None,
    }
}

/// Marks that turn the direction of the text and can make it read differently than it is.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn report(line: usize, column: usize, c: char, code: Code, sink: &mut Sink) {
    let (zh, en) = match code {
        Code::ControlCharacter => ("看不见的控制字符", "A control character"),
        Code::InvisibleCharacter => ("不占位置的字符", "A character that takes no room"),
        Code::LineBreak => (
            "特殊的换行符，按换行读取",
            "An unusual line break, read as one",
        ),
        _ => (
            "损坏的或没有公认含义的字符",
            "A damaged character, or one without a common meaning",
        ),
    };
    let code_point = u32::from(c);
    sink.push_at(
        line,
        Some(column),
        code,
        format!("有{zh}（U+{code_point:04X}）。"),
        format!("{en} (U+{code_point:04X})."),
    );
}
