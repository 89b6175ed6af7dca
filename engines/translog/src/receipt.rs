//! The receipt (回执) as a file: what the holder needs to prove, offline, the way of one matter.
//!
//! JSON of the form [`RECEIPT_FORMAT`]; unknown keys are refused, since a checker that passes over a part of a proof
//! proves less than it seems to. What the holder said is the content of the first step, like that of any other step.

use crate::commitment::Opening;
use crate::hash::Proof;
use crate::verify::VerifyError;
use serde::{Deserialize, Serialize};

/// The name and version of the receipt's form.
pub const RECEIPT_FORMAT: &str = "quancheng-receipt/1";
/// The longest receipt that is read, in bytes.
pub const MAX_RECEIPT_BYTES: usize = 4 * 1024 * 1024;
/// The most steps that a receipt may have: no matter has as many, and each costs a few dozen hashes.
const MAX_STEPS: usize = 1_000;

/// Why a file is no receipt of the form known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It is longer than [`MAX_RECEIPT_BYTES`].
    #[error("it is longer than 4 MiB")]
    TooLong,
    /// It is not UTF-8 text.
    #[error("it is not text")]
    NotText,
    /// It is not JSON, or not of this form.
    #[error("from line {line}, column {column} it does not read as one")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Its `format` is not [`RECEIPT_FORMAT`].
    #[error("it names another form than {RECEIPT_FORMAT}")]
    Unknown,
    /// It has more than 1,000 steps.
    #[error("it has {0} steps, more than 1,000")]
    TooManySteps(usize),
}

impl FormatError {
    /// The same in Chinese, for people.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::TooLong => "超过 4 MiB。".to_owned(),
            Self::NotText => "不是文本文件。".to_owned(),
            Self::Json { line, column } => {
                format!("从第 {line} 行第 {column} 列起，读不成回执。")
            }
            Self::Unknown => format!("写明的格式不是 {RECEIPT_FORMAT}。"),
            Self::TooManySteps(steps) => format!("有 {steps} 步，超过 1,000 步。"),
        }
    }
}

impl From<serde_json::Error> for FormatError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::Json { line, column }
    }
}

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
    /// The checkpoint under which all proofs stand: the text of the note.
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
    /// What this step says with its salt, when it may be shown: in the first step what the holder said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Opening>,
}

impl Receipt {
    /// Reads a receipt's file.
    ///
    /// # Errors
    /// [`VerifyError::Format`] when the text is too long, not JSON, or not of this form.
    pub fn from_json(text: &str) -> Result<Self, VerifyError> {
        if text.len() > MAX_RECEIPT_BYTES {
            return Err(FormatError::TooLong.into());
        }
        let receipt: Self = serde_json::from_str(text).map_err(FormatError::from)?;
        receipt.check_format()?;
        Ok(receipt)
    }

    /// The file's text, indented for people.
    ///
    /// # Errors
    /// [`VerifyError::Format`]; a receipt made of these types has no reason to fail.
    pub fn to_json(&self) -> Result<String, VerifyError> {
        Ok(serde_json::to_string_pretty(self).map_err(FormatError::from)?)
    }

    /// Whether this is of the form that this crate knows.
    pub(crate) fn check_format(&self) -> Result<(), FormatError> {
        if self.format != RECEIPT_FORMAT {
            return Err(FormatError::Unknown);
        }
        if self.steps.len() > MAX_STEPS {
            return Err(FormatError::TooManySteps(self.steps.len()));
        }
        Ok(())
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
