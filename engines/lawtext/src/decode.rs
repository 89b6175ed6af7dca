//! Bytes of an uploaded text file to text.

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

use crate::{Notice, Text};

/// Why bytes are not a text that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} {}", self.zh(), self.en())]
pub enum DecodeError {
    /// Neither UTF-8, from here on, nor a Chinese text in GB18030.
    Unknown {
        /// Line, from 1.
        line: usize,
        /// Byte in the file, from 0.
        offset: usize,
    },
    /// It opens with the mark of UTF-16 but is not UTF-16.
    BrokenUtf16,
    /// A byte of value zero, which no text has.
    Nul {
        /// Line, from 1.
        line: usize,
        /// Byte in the file, from 0.
        offset: usize,
    },
}

impl DecodeError {
    /// The reason and what to do, in Chinese.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Unknown { line, offset } => format!(
                "文件的编码读不出来（第{line}行、第{offset}个字节起不是 UTF-8，也不像 GB18030 中文文本）。请另存为 UTF-8 再上传。"
            ),
            Self::BrokenUtf16 => {
                "文件标明是 UTF-16（“Unicode”）编码，但已损坏。请另存为 UTF-8 再上传。".to_owned()
            }
            Self::Nul { line, offset } => {
                format!("文件里有空字符（第{line}行、第{offset}个字节），不是文本文件。")
            }
        }
    }

    /// The reason and what to do, in English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Self::Unknown { line, offset } => format!(
                "The encoding of the file cannot be read (not UTF-8 from line {line}, byte {offset}, and not a Chinese text in GB18030). Save it as UTF-8 and upload again."
            ),
            Self::BrokenUtf16 => {
                "The file says that it is UTF-16 (“Unicode”) but is damaged. Save it as UTF-8 and upload again."
                    .to_owned()
            }
            Self::Nul { line, offset } => format!(
                "The file has a NUL byte (line {line}, byte {offset}): it is not a text file."
            ),
        }
    }
}

/// Reads UTF-8, with or without a byte order mark (which stays, so that nothing is lost), UTF-16
/// with its mark, and GB18030 where the result is plainly a Chinese text. Nothing is replaced: what
/// does not decode whole is refused. A notice says when it was not UTF-8.
///
/// # Errors
/// [`DecodeError`], which names the place and what to do.
pub fn decode(bytes: &[u8]) -> Result<Text, DecodeError> {
    for (mark, encoding) in [([0xff, 0xfe], UTF_16LE), ([0xfe, 0xff], UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(&mark) {
            let text = strictly(encoding, rest).filter(|text| !text.contains('\0'));
            return text
                .map(|text| foreign(text, "UTF-16"))
                .ok_or(DecodeError::BrokenUtf16);
        }
    }
    if let Some(offset) = bytes.iter().position(|&byte| byte == 0) {
        return Err(DecodeError::Nul {
            line: line_of(bytes, offset),
            offset,
        });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text {
            text: text.to_owned(),
            notices: Vec::new(),
        }),
        Err(error) => {
            let offset = error.valid_up_to();
            strictly(GB18030, bytes)
                .filter(|text| is_chinese(text))
                .map(|text| foreign(text, "GB18030"))
                .ok_or(DecodeError::Unknown {
                    line: line_of(bytes, offset),
                    offset,
                })
        }
    }
}

fn strictly(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
}

fn foreign(text: String, encoding: &str) -> Text {
    let notice = Notice::new(
        format!("文件是 {encoding} 编码，已转成 UTF-8，请核对文字。"),
        format!("The file was in {encoding} and was converted to UTF-8; please check the words."),
    );
    Text {
        text,
        notices: vec![notice],
    }
}

/// Almost any bytes decode as GB18030; only a Chinese text gives common characters throughout, and
/// the commonest ones often.
fn is_chinese(text: &str) -> bool {
    const COMMONEST: &str = "的第条一二三人民国法规定应当有关不和或以上下部门政府单位为在可将其";
    let usual = |c: char| {
        c.is_ascii() && (!c.is_control() || matches!(c, '\t' | '\r' | '\n'))
            || matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff5e}'
                | '\u{2010}'..='\u{2027}' | '\u{2160}'..='\u{216b}' | '\u{2460}'..='\u{249b}' | '·' | '×' | '℃' | '‰')
    };
    let (mut characters, mut common) = (0usize, 0usize);
    for c in text.chars() {
        if !usual(c) {
            return false;
        }
        characters += usize::from(!c.is_ascii());
        common += usize::from(COMMONEST.contains(c));
    }
    common * 10 >= characters
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    1 + bytes[..offset]
        .iter()
        .filter(|&&byte| byte == b'\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_stays_as_it_is() {
        let text = "\u{feff}第一条　为了保护环境。\r\n";
        assert_eq!(
            decode(text.as_bytes()),
            Ok(Text {
                text: text.to_owned(),
                notices: Vec::new()
            })
        );
    }

    #[test]
    fn what_windows_saves_is_converted_and_said() {
        let text = "第一条　为了保护环境，制定“本条例”。\r\n第二条　处１％的罚款。\r\n";
        let utf16: Vec<u8> = std::iter::once('\u{feff}')
            .chain(text.chars())
            .flat_map(|c| (c as u16).to_le_bytes())
            .collect();
        for (bytes, name) in [
            (GB18030.encode(text).0.into_owned(), "GB18030"),
            (utf16, "UTF-16"),
        ] {
            let read = decode(&bytes).unwrap();
            assert_eq!(read.text, text);
            assert!(
                read.notices[0].message_zh.contains(name),
                "{:?}",
                read.notices
            );
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        assert_eq!(
            decode(b"a\n\xb5\xda\xff"),
            Err(DecodeError::Unknown { line: 2, offset: 2 })
        );
        assert_eq!(
            decode(b"a\n\n\0"),
            Err(DecodeError::Nul { line: 3, offset: 3 })
        );
        assert_eq!(
            decode(&[0xff, 0xfe, 0x00, 0xd8]),
            Err(DecodeError::BrokenUtf16)
        );
        // Latin-1 and Shift JIS decode as GB18030 but give no Chinese text.
        for bytes in [
            &b"caf\xe9 cr\xe8me br\xfbl\xe9e"[..],
            b"\x91\xe6\x88\xea\x8f\xf0\x82\xb1\x82\xcc\x96\x40\x97\xa5",
        ] {
            assert!(matches!(decode(bytes), Err(DecodeError::Unknown { .. })));
        }
        let error = decode(b"\xb5").unwrap_err();
        assert!(error.zh().contains("UTF-8") && error.to_string().contains("Save it as UTF-8"));
    }
}
