//! The 32-byte SHA-256 values of the tree, and their text form.
//!
//! Leaves and inner nodes are hashed with different first bytes (RFC 6962 §2.1), so neither can pass for the other.
//! A hash is standard base64 with padding wherever it is shown: in JSON, in checkpoints, on pages; so that people can
//! compare what they see.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256 value: a leaf, a node, a root or a commitment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// A proof is the list of hashes in the order of RFC 6962 (PATH or PROOF), leaf side first.
pub type Proof = Vec<Hash>;

/// Why a text or a byte string is no [`Hash`](struct@Hash).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// A hash has exactly 32 bytes.
    #[error("a hash has 32 bytes")]
    Length,
    /// The text is not hex or not canonical base64.
    #[error("the text is not a hash in the expected encoding")]
    Encoding,
}

/// The root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1).
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// The hash of a leaf: SHA-256(0x00 ‖ data) (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update([0x00]);
    sha.update(data);
    Hash(sha.finalize().into())
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut sha = Sha256::new();
    sha.update([0x01]);
    sha.update(left.0);
    sha.update(right.0);
    Hash(sha.finalize().into())
}

impl Hash {
    /// Standard base64 with padding, 44 characters (also `Display`).
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads canonical base64; a spelling that would not be written again is refused.
    ///
    /// # Errors
    /// [`HashError`] when the text is not base64 or not 32 bytes long.
    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        let bytes = STANDARD.decode(text).map_err(|_| HashError::Encoding)?;
        Self::try_from(bytes.as_slice())
    }

    /// Lower-case hex, 64 characters: how the digest of a file is customarily written, never a hash of the tree.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads lower-case hex: the form of a salt.
    ///
    /// # Errors
    /// [`HashError`] when the text is not lower-case hex or not 32 bytes long.
    pub(crate) fn from_hex(text: &str) -> Result<Self, HashError> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(HashError::Encoding);
        }
        let bytes = hex::decode(text).map_err(|_| HashError::Encoding)?;
        Self::try_from(bytes.as_slice())
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = HashError;

    fn try_from(bytes: &[u8]) -> Result<Self, HashError> {
        bytes.try_into().map(Self).map_err(|_| HashError::Length)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_hashes_of_rfc_6962() {
        // The leaf and node vectors published with Certificate Transparency.
        assert_eq!(Hash(Sha256::digest([]).into()), EMPTY_ROOT);
        let empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(leaf_hash(b""), Hash::from_hex(empty).unwrap());
        let leaf = "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56";
        assert_eq!(leaf_hash(b"L123456"), Hash::from_hex(leaf).unwrap());
    }

    #[test]
    fn both_text_forms_read_back_and_are_strict() {
        let hash = leaf_hash(b"x");
        let hex = hash.to_hex();
        assert_eq!(Hash::from_hex(&hex), Ok(hash));
        assert_eq!(
            Hash::from_hex(&hex.to_uppercase()),
            Err(HashError::Encoding)
        );
        assert_eq!(Hash::from_base64(&hash.to_string()), Ok(hash));
        assert_eq!(Hash::from_base64("AAAA"), Err(HashError::Length));
        let spare_bits = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=";
        assert_eq!(Hash::from_base64(spare_bits), Err(HashError::Encoding));
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(serde_json::from_str::<Hash>(&json).unwrap(), hash);
    }
}
