//! Commitments: the log holds a salted hash in place of the words, so that a short text cannot be guessed from it and
//! erasing text and salt leaves an opaque mark.

use crate::hash::Hash;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::fmt;

/// Sets these hashes apart from every other use of SHA-256, leaves and nodes among them.
const DOMAIN: &[u8] = b"quancheng-commitment/1\n";

/// The 32 random bytes drawn for one content. Whoever has content and salt can show what was committed to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

/// The commitment to a content: SHA-256(`"quancheng-commitment/1\n"` ‖ salt ‖ length as u64 big-endian ‖ content).
#[must_use]
pub fn commitment(salt: &[u8; 32], content: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(DOMAIN);
    sha.update(salt);
    sha.update((content.len() as u64).to_be_bytes());
    sha.update(content);
    Hash(sha.finalize().into())
}

/// A text with its salt: what opens a commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The content, as UTF-8 text.
    pub text: String,
    /// The salt, in hex.
    pub salt: Salt,
}

impl Opening {
    /// The commitment that this opens.
    #[must_use]
    pub fn commitment(&self) -> Hash {
        commitment(&self.salt.0, self.text.as_bytes())
    }
}

impl fmt::Debug for Salt {
    /// The salt protects the content like a key; logs do not show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash = Hash::from_hex(&text)
            .map_err(|_| de::Error::custom("a salt is 64 lower-case hex digits"))?;
        Ok(Self(hash.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salt_length_and_content_all_count() {
        let one = commitment(&[1; 32], "路灯不亮".as_bytes());
        assert_eq!(one, commitment(&[1; 32], "路灯不亮".as_bytes()));
        assert_ne!(one, commitment(&[2; 32], "路灯不亮".as_bytes()));
        assert_ne!(one, commitment(&[1; 32], "路灯不亮。".as_bytes()));
        assert_ne!(commitment(&[0; 32], b""), commitment(&[0; 32], b"\0"));
    }

    #[test]
    fn an_opening_reads_back_and_hides_its_salt() {
        let opening = Opening {
            text: "甲".to_owned(),
            salt: Salt([0xab; 32]),
        };
        let json = serde_json::to_string(&opening).unwrap();
        assert_eq!(serde_json::from_str::<Opening>(&json).unwrap(), opening);
        assert!(json.contains("abab") && !format!("{opening:?}").contains("abab"));
    }
}
