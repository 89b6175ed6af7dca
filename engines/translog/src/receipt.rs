//! The receipt (回执) as a file: what the holder needs to prove, offline, the way of one matter.
//!
//! JSON of the form [`RECEIPT_FORMAT`]; unknown keys are refused, since a checker that passes over a part of a proof
//! proves less than it seems to. A step's content opens its commitment; that of the first step holds the opinion's own words.

use crate::commitment::Opening;
use crate::hash::Proof;
use crate::verify::VerifyError;
use serde::{Deserialize, Serialize};

/// The name and version of the receipt's form.
pub const RECEIPT_FORMAT: &str = "quancheng-receipt/1";
/// The longest receipt that is read, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A receipt (回执) with its proofs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// [`RECEIPT_FORMAT`].
    pub format: String,
    /// The log's name.
    pub origin: String,
    /// The receipt's code, as handed out. Not proven by the log.
    pub code: String,
    /// Which matter (事项), for people.
    pub matter: MatterLine,
    /// The steps of the matter, in order.
    pub steps: Vec<ReceiptStep>,
    /// The signed head of the log under which all proofs stand: the text of the note.
    pub checkpoint: String,
    /// The log's verifier key, as the log published it; trusted only where it equals the key known beforehand.
    pub log_key: String,
}

/// The matter in words for people. Only `kind` is proven by the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterLine {
    /// What kind of matter, as in its log entries.
    pub kind: String,
    /// Its number, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Its title, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// One step with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptStep {
    /// When, as in the entry.
    pub at: String,
    /// The move, as in the entry (`move` in the file).
    #[serde(rename = "move")]
    pub move_name: String,
    /// In what role, as in the entry.
    pub role: String,
    /// The bytes of the log entry, in base64 in the file.
    #[serde(with = "base64_text")]
    pub entry: Vec<u8>,
    /// The entry's index in the log, from 0.
    pub index: u64,
    /// The proof that the entry is in the log, in the order of RFC 6962.
    pub inclusion: Proof,
    /// The words of this step with their salt, when they may be shown: for example the reasons of a decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Opening>,
}

impl Receipt {
    /// Reads a receipt's file.
    ///
    /// # Errors
    /// [`VerifyError::Format`] when the text is too long, not JSON, or not of this form.
    pub fn from_json(text: &str) -> Result<Self, VerifyError> {
        if text.len() > MAX_BYTES {
            return Err(VerifyError::Format("longer than 4 MiB".to_owned()));
        }
        let receipt: Self =
            serde_json::from_str(text).map_err(|why| VerifyError::Format(why.to_string()))?;
        receipt.check_format()?;
        Ok(receipt)
    }

    /// The file's text, indented for people.
    ///
    /// # Errors
    /// [`VerifyError::Format`]; a receipt made of these types has no reason to fail.
    pub fn to_json(&self) -> Result<String, VerifyError> {
        serde_json::to_string_pretty(self).map_err(|why| VerifyError::Format(why.to_string()))
    }

    /// Whether this is the form that this crate knows.
    pub(crate) fn check_format(&self) -> Result<(), VerifyError> {
        if self.format == RECEIPT_FORMAT {
            Ok(())
        } else {
            Err(VerifyError::Format(self.format.clone()))
        }
    }
}

/// Bytes as canonical base64 text.
mod base64_text {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(de::Error::custom)
    }
}
