//! The code on a receipt (回执码): 60 random bits that a person can read out on the telephone.
//!
//! Twelve characters of Crockford's base 32 and one check character. The check is a weighted sum
//! over GF(32) with thirteen different weights, so it finds every single wrong character and every
//! exchange of two characters, neighbours or not. The code is a secret of the person who holds it, so
//! its bits must be such as nobody can guess: the consultation takes them from a keyed hash of the
//! form's own random number, so that a form sent twice gives one code. What is printed for debugging
//! does not show it.

use std::{fmt, str::FromStr};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DATA: usize = 12;
const LENGTH: usize = DATA + 1;
/// How much of a wrong input is looked at; a receipt is far shorter.
const MOST_READ: usize = 200;

/// A receipt's code, shown as `7K3M-QX9P-2DABC`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptCode(u64);

/// Why something typed is not a receipt code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Nothing was typed.
    #[error("no code was given")]
    Empty,
    /// A character that is in no code; `position` counts the code's characters from 1.
    #[error("the character {character:?} at place {position} is in no code")]
    UnknownCharacter {
        /// What stands there.
        character: char,
        /// Its place among the code's characters, from 1, dashes and spaces not counted.
        position: usize,
    },
    /// Too few or too many characters.
    #[error("a code has 13 characters, this has {got}")]
    WrongLength {
        /// How many there are, dashes and spaces not counted.
        got: usize,
    },
    /// The check character does not agree: one character is wrong, or two are exchanged.
    #[error("one character seems wrong, or two are exchanged")]
    CheckFailed,
}

impl ReceiptCode {
    /// The code of the low 60 bits of `bits`.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << 60) - 1))
    }

    /// The 60 bits behind the code.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The thirteen characters with no dashes, for addresses and file names.
    #[must_use]
    pub fn compact(self) -> String {
        self.digits()
            .iter()
            .map(|digit| char::from(ALPHABET[usize::from(*digit)]))
            .collect()
    }

    /// The digits with the check digit last.
    fn digits(self) -> [u8; LENGTH] {
        let mut digits = [0; LENGTH];
        for (i, digit) in digits.iter_mut().take(DATA).enumerate() {
            *digit = ((self.0 >> (5 * (DATA - 1 - i))) & 31) as u8;
        }
        digits[DATA] = check(&digits[..DATA]);
        digits
    }
}

/// Multiplication by the primitive element in GF(32), modulo x⁵+x²+1.
const fn times_alpha(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 {
        shifted
    } else {
        (shifted ^ 0b10_0101) & 31
    }
}

/// The check digit: the digits as a polynomial, evaluated at the primitive element. Each place has
/// another weight of order 31, none of them zero, which is why exchanges are found.
fn check(digits: &[u8]) -> u8 {
    digits.iter().fold(0, |sum, digit| times_alpha(sum ^ digit))
}

/// What a typed character stands for: `Ok(None)` for a separator, `Err` for what is in no code.
fn digit(typed: char) -> Result<Option<u8>, char> {
    let plain = match typed {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(typed) - 0xFEE0).unwrap_or(typed),
        _ => typed,
    };
    let wanted = match plain.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{4E00}' => {
            return Ok(None);
        }
        space if space.is_whitespace() || ('\u{200B}'..='\u{200F}').contains(&space) => {
            return Ok(None);
        }
        other => other,
    };
    ALPHABET
        .iter()
        .position(|known| char::from(*known) == wanted)
        .and_then(|at| u8::try_from(at).ok())
        .map(Some)
        .ok_or(typed)
}

impl FromStr for ReceiptCode {
    type Err = CodeError;

    /// Forgiving: lower case, `O` for 0, `I` and `L` for 1, full-width characters, any dashes and
    /// spaces. Strict about everything the check character can tell.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let mut digits = Vec::with_capacity(LENGTH);
        for typed in text.chars().take(MOST_READ) {
            match digit(typed) {
                Ok(found) => digits.extend(found),
                Err(character) => {
                    return Err(CodeError::UnknownCharacter {
                        character,
                        position: digits.len() + 1,
                    });
                }
            }
        }
        match digits.len() {
            0 => Err(CodeError::Empty),
            LENGTH if check(&digits[..DATA]) != digits[DATA] => Err(CodeError::CheckFailed),
            LENGTH => Ok(Self(
                digits[..DATA]
                    .iter()
                    .fold(0, |bits, digit| bits << 5 | u64::from(*digit)),
            )),
            got => Err(CodeError::WrongLength { got }),
        }
    }
}

impl fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptCode(hidden)")
    }
}

impl fmt::Display for ReceiptCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.compact();
        write!(f, "{}-{}-{}", &code[..4], &code[4..8], &code[8..])
    }
}

impl serde::Serialize for ReceiptCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for ReceiptCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letters(code: ReceiptCode) -> Vec<char> {
        code.compact().chars().collect()
    }

    fn read(letters: &[char]) -> Result<ReceiptCode, CodeError> {
        letters.iter().collect::<String>().parse()
    }

    #[test]
    fn every_single_wrong_character_is_found() {
        for bits in [0, 1, 0x0123_4567_89AB_CDEF, u64::MAX] {
            let code = ReceiptCode::from_bits(bits);
            for at in 0..LENGTH {
                for wrong in ALPHABET.iter().map(|c| char::from(*c)) {
                    let mut typed = letters(code);
                    let same = typed[at] == wrong;
                    typed[at] = wrong;
                    assert_eq!(
                        read(&typed),
                        if same {
                            Ok(code)
                        } else {
                            Err(CodeError::CheckFailed)
                        }
                    );
                }
            }
        }
    }

    /// For every place and every pair of digits, in a code of zeros: the check is linear, so what
    /// holds there holds in every code.
    #[test]
    fn every_exchange_of_two_characters_is_found() {
        for first in 0..LENGTH {
            for second in first + 1..LENGTH {
                for pair in 0..1024u16 {
                    let (a, b) = ((pair >> 5) as u8, (pair & 31) as u8);
                    let weight = |at: usize, value: u8| {
                        if at == DATA {
                            return value;
                        }
                        let mut digits = [0; DATA];
                        digits[at] = value;
                        check(&digits)
                    };
                    let before = weight(first, a) ^ weight(second, b);
                    let after = weight(first, b) ^ weight(second, a);
                    assert_eq!(
                        before == after,
                        a == b,
                        "places {first} and {second}, {a} and {b}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_people_type_is_understood() {
        let code = ReceiptCode::from_bits(0x0012_3456_789A_BCDE);
        let shown = code.to_string();
        assert_eq!(shown.len(), 15);
        assert_eq!(shown.to_lowercase().parse(), Ok(code));
        assert_eq!(
            format!("  {} ", shown.replace('-', " — ")).parse(),
            Ok(code)
        );
        assert_eq!(shown.replace('0', "o").replace('1', "l").parse(), Ok(code));
        let wide: String = shown
            .chars()
            .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
            .collect();
        assert_eq!(wide.parse(), Ok(code));
    }

    #[test]
    fn each_refusal_says_what_is_wrong() {
        assert_eq!(" - ".parse::<ReceiptCode>(), Err(CodeError::Empty));
        assert_eq!(
            "7K3M".parse::<ReceiptCode>(),
            Err(CodeError::WrongLength { got: 4 })
        );
        let refusal = CodeError::UnknownCharacter {
            character: '好',
            position: 3,
        };
        assert_eq!("7K-好".parse::<ReceiptCode>(), Err(refusal));
        assert_eq!(
            "0".repeat(5_000).parse::<ReceiptCode>(),
            Err(CodeError::WrongLength { got: MOST_READ })
        );
    }

    #[test]
    fn a_code_does_not_get_into_a_debug_line() {
        let code = ReceiptCode::from_bits(0x0012_3456_789A_BCDE);
        assert_eq!(format!("{:?}", Some(code)), "Some(ReceiptCode(hidden))");
    }

    #[test]
    fn a_code_is_a_string_in_json() {
        let code = ReceiptCode::from_bits(0x0012_3456_789A_BCDE);
        let json = serde_json::to_string(&code).unwrap();
        assert_eq!(json, format!("\"{code}\""));
        assert_eq!(serde_json::from_str::<ReceiptCode>(&json).unwrap(), code);
    }

    proptest! {
        #[test]
        fn codes_read_back(bits in 0u64..1 << 60) {
            let code = ReceiptCode::from_bits(bits);
            prop_assert_eq!(code.bits(), bits);
            prop_assert_eq!(code.to_string().parse(), Ok(code));
            prop_assert_eq!(code.compact().parse(), Ok(code));
        }

        #[test]
        fn nothing_typed_panics(text in ".*") {
            let _ = text.parse::<ReceiptCode>();
        }
    }
}
