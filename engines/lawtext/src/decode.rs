//! Bytes of an uploaded text file to text.

/// Why bytes are not a text that can be read. The message is Chinese first, then English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not UTF-8 from here on.
    #[error(
        "文件不是 UTF-8 编码（第{line}行、第{offset}个字节起读不出来），可能是 GB18030（ANSI）。请另存为 UTF-8 再上传。 \
         The file is not UTF-8 (line {line}, byte {offset}); it may be GB18030 (ANSI). Save it as UTF-8 and upload again."
    )]
    NotUtf8 {
        /// Line, from 1.
        line: usize,
        /// Byte in the file, from 0.
        offset: usize,
    },
    /// It opens with the mark of UTF-16.
    #[error(
        "文件是 UTF-16（“Unicode”）编码。请另存为 UTF-8 再上传。 The file is UTF-16 (“Unicode”). Save it as UTF-8 and upload again."
    )]
    Utf16,
    /// A byte of value zero, which no text has.
    #[error(
        "文件里有空字符（第{line}行、第{offset}个字节），不是文本文件。 \
         The file has a NUL byte (line {line}, byte {offset}): it is not a text file."
    )]
    Nul {
        /// Line, from 1.
        line: usize,
        /// Byte in the file, from 0.
        offset: usize,
    },
}

/// Reads UTF-8, with or without a byte order mark (which stays, so that nothing is lost).
///
/// # Errors
/// [`DecodeError`], which names the place and what to do. GB18030 is not guessed: a guess that is
/// wrong would change the words of a law without anybody noticing.
pub fn decode(bytes: &[u8]) -> Result<String, DecodeError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(DecodeError::Utf16);
    }
    if let Some(offset) = bytes.iter().position(|&byte| byte == 0) {
        return Err(DecodeError::Nul {
            line: line_of(bytes, offset),
            offset,
        });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let offset = error.valid_up_to();
            Err(DecodeError::NotUtf8 {
                line: line_of(bytes, offset),
                offset,
            })
        }
    }
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
    fn names_the_place() {
        assert_eq!(
            decode("\u{feff}第一条".as_bytes()).unwrap(),
            "\u{feff}第一条"
        );
        assert_eq!(
            decode(b"a\n\xb5\xda"),
            Err(DecodeError::NotUtf8 { line: 2, offset: 2 })
        );
        assert_eq!(
            decode(b"a\n\n\0"),
            Err(DecodeError::Nul { line: 3, offset: 3 })
        );
        assert_eq!(decode(&[0xff, 0xfe, 0x2c, 0x7b]), Err(DecodeError::Utf16));
        assert!(decode(b"\xb5").unwrap_err().to_string().contains("UTF-8"));
    }
}
