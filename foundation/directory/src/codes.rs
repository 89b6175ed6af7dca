//! Small encodings: random codes that people read and type, and hashes of them.

use kernel::Entropy;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// RFC 4648, which authenticator apps read.
pub(crate) const RFC_4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Crockford's: no I, L, O or U, which are read as others.
pub(crate) const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Five bits a character, without padding. Whole characters only: give a multiple of 5 bytes.
pub(crate) fn base32(bytes: &[u8], alphabet: &[u8; 32]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(alphabet[(held >> bits & 31) as usize]));
        }
    }
    text
}

/// Four groups of four characters: 80 random bits.
pub(crate) fn random_code(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 10];
    entropy.fill(&mut bytes);
    printed_code(bytes)
}

/// Eighty bits as four groups of four characters.
pub(crate) fn printed_code(bytes: [u8; 10]) -> String {
    let code = base32(&bytes, CROCKFORD);
    [&code[0..4], &code[4..8], &code[8..12], &code[12..16]].join("-")
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A typed code as it was printed: without spaces and dashes, letters that look alike as one, and
/// the wide letters and digits of a Chinese keyboard as plain ones.
pub(crate) fn read_code(typed: &str) -> String {
    let letter = |c: char| match c.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    typed
        .nfkc()
        .filter(char::is_ascii_alphanumeric)
        .map(letter)
        .collect()
}

/// SHA-256, for what is random enough to need no salt.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// `text` for the path or query of a URL.
pub(crate) fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededEntropy;

    #[test]
    fn base32_agrees_with_the_vectors_of_rfc_4648() {
        assert_eq!(base32(b"fooba", RFC_4648), "MZXW6YTB");
        assert_eq!(
            base32(b"12345678901234567890", RFC_4648),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = random_code(&SeededEntropy::new(3));
        assert_eq!(code.len(), 19);
        assert_eq!(read_code(&code), code.replace('-', ""));
        assert_eq!(read_code(" o1l-i "), "0111");
        assert_eq!(read_code("１２３　４５６"), "123456");
    }

    #[test]
    fn chinese_is_percent_encoded() {
        assert_eq!(percent("启 a"), "%E5%90%AF%20a");
    }
}
