//! What one entry of the log says: which matter (事项) made which move, in what role, when, and a commitment to what
//! was said. Never the words, never a person: kinds, moves and roles are words of closed lists, and whoever writes an
//! entry takes them from there. What is refused here is only what could never be such a word.
//!
//! The bytes are compact JSON with the keys in the order of [`Entry`]'s fields. Reading is strict: bytes that this
//! crate would not write are refused, so an entry has exactly one form.

use crate::hash::{Hash, leaf_hash};
use serde::{Deserialize, Serialize};

/// The longest entry that is read, in bytes.
pub(crate) const MAX_BYTES: usize = 2048;
/// The longest word (kind, move, role), in bytes.
const MAX_WORD: usize = 64;

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The version of this form: 1.
    pub v: u32,
    /// The matter's UUID, lower case with hyphens.
    pub matter: String,
    /// What kind of matter, for example `opinion`.
    pub kind: String,
    /// The number of the step among the steps of the matter, from 1.
    pub step: u32,
    /// The move made, for example `submit` (`move` in the bytes).
    #[serde(rename = "move")]
    pub move_name: String,
    /// In what role it was made, for example `resident`; never who.
    pub role: String,
    /// When: RFC 3339, for example `2026-03-05T01:02:03.000004Z`.
    pub at: String,
    /// The commitment to the content of the step ([`commitment`](crate::commitment())).
    pub commitment: Hash,
}

/// Why an entry cannot be written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The bytes are not an entry in its one form.
    #[error("the bytes are not an entry in its canonical form")]
    Form,
    /// The entry has a version that is not known here.
    #[error("entries of version {0} are not known here")]
    Version(u32),
    /// A field holds what it must not.
    #[error("the field “{0}” is not as it must be")]
    Field(&'static str),
}

impl EntryError {
    /// The same in Chinese, for people.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Form => "内容不是规定的格式。".to_owned(),
            Self::Version(version) => format!("版本 {version} 不认识。"),
            Self::Field(field) => format!("“{}”一项不合规定。", field_zh(field)),
        }
    }
}

/// The name of an entry's field, for people.
pub(crate) fn field_zh(field: &'static str) -> &'static str {
    match field {
        "matter" => "事项",
        "kind" => "事项种类",
        "step" => "步骤编号",
        "move" => "动作",
        "role" => "身份",
        "at" => "时间",
        other => other,
    }
}

impl Entry {
    /// The canonical bytes, which are what the log holds.
    ///
    /// # Errors
    /// [`EntryError`] when a field holds what it must not.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        self.check()?;
        serde_json::to_vec(self).map_err(|_| EntryError::Form)
    }

    /// Reads canonical bytes, and no others.
    ///
    /// # Errors
    /// [`EntryError`] when the bytes are not what [`to_bytes`](Self::to_bytes) writes.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_BYTES {
            return Err(EntryError::Form);
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(|_| EntryError::Form)?;
        if entry.to_bytes()? == bytes {
            Ok(entry)
        } else {
            Err(EntryError::Form)
        }
    }

    /// The hash of this entry as a leaf of the log.
    ///
    /// # Errors
    /// As [`to_bytes`](Self::to_bytes).
    pub fn leaf(&self) -> Result<Hash, EntryError> {
        Ok(leaf_hash(&self.to_bytes()?))
    }

    fn check(&self) -> Result<(), EntryError> {
        let fields = [
            ("matter", is_uuid(&self.matter)),
            ("kind", is_word(&self.kind)),
            ("step", self.step > 0),
            ("move", is_word(&self.move_name)),
            ("role", is_word(&self.role)),
            ("at", is_instant(&self.at)),
        ];
        if self.v != 1 {
            return Err(EntryError::Version(self.v));
        }
        match fields.into_iter().find(|(_, good)| !good) {
            Some((field, _)) => Err(EntryError::Field(field)),
            None => Ok(()),
        }
    }
}

/// Lower case, 8-4-4-4-12 hex digits.
fn is_uuid(text: &str) -> bool {
    fits(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}

/// A word of a machine's list: ASCII letters, digits and `_ - . : /`. Free text does not fit through here; a name in
/// Latin letters would, so the lists themselves must be closed.
fn is_word(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_-.:/".contains(&b);
    (1..=MAX_WORD).contains(&text.len()) && text.bytes().all(good)
}

/// RFC 3339 with seconds, up to nine digits of fraction, and `Z` or an offset. The calendar itself is not checked.
fn is_instant(text: &str) -> bool {
    let Some((seconds, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let rest = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = fraction.len() - zone.len();
            if !(1..=9).contains(&digits) {
                return false;
            }
            zone
        }
    };
    let zone = rest == "Z" || fits(rest, "+00:00") || fits(rest, "-00:00");
    zone && fits(seconds, "0000-00-00T00:00:00")
}

/// Whether a text has this shape: `0` a digit, `x` a lower-case hex digit, anything else itself.
fn fits(text: &str, shape: &str) -> bool {
    let same = |(byte, shape): (u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        other => byte == other,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commitment::commitment;

    fn entry() -> Entry {
        Entry {
            v: 1,
            matter: "01980000-0000-7000-8000-000000000001".to_owned(),
            kind: "opinion".to_owned(),
            step: 1,
            move_name: "submit".to_owned(),
            role: "resident".to_owned(),
            at: "2026-03-05T01:02:03.000004Z".to_owned(),
            commitment: commitment(&[0; 32], b""),
        }
    }

    #[test]
    fn the_bytes_are_as_described() {
        let text = String::from_utf8(entry().to_bytes().unwrap()).unwrap();
        let expected = format!(
            "{{\"v\":1,\"matter\":\"01980000-0000-7000-8000-000000000001\",\"kind\":\"opinion\",\"step\":1,\
             \"move\":\"submit\",\"role\":\"resident\",\"at\":\"2026-03-05T01:02:03.000004Z\",\"commitment\":\"{}\"}}",
            entry().commitment.to_base64()
        );
        assert_eq!(text, expected);
        assert_eq!(Entry::parse(text.as_bytes()), Ok(entry()));
        assert_eq!(entry().leaf().unwrap(), leaf_hash(text.as_bytes()));
    }

    #[test]
    fn other_forms_of_the_same_entry_are_refused() {
        let text = String::from_utf8(entry().to_bytes().unwrap()).unwrap();
        for other in [
            text.replacen(':', ": ", 1),
            format!("{text}\n"),
            text.replacen("{\"v\":1,", "{", 1),
            text.replacen("{\"v\":1", "{\"v\":1,\"v\":1", 1),
            text.replacen("{\"v\":1", "{\"v\":1.0", 1),
            text.replacen("{\"v\":1", "{\"x\":0,\"v\":1", 1),
            text.replacen("opinion", "opini\\u006fn", 1),
        ] {
            assert_eq!(
                Entry::parse(other.as_bytes()),
                Err(EntryError::Form),
                "{other}"
            );
        }
        assert_eq!(
            Entry::parse(text.replacen(":1", ":2", 1).as_bytes()),
            Err(EntryError::Version(2))
        );
        assert_eq!(Entry::parse(&vec![b'['; 100_000]), Err(EntryError::Form));
    }

    #[test]
    fn fields_hold_only_what_they_may() {
        let refused = |change: fn(&mut Entry)| {
            let mut changed = entry();
            change(&mut changed);
            changed.to_bytes().unwrap_err()
        };
        assert_eq!(
            refused(|e| e.matter = e.matter.to_uppercase() + "A"),
            EntryError::Field("matter")
        );
        assert_eq!(
            refused(|e| e.kind = "意见".to_owned()),
            EntryError::Field("kind")
        );
        assert_eq!(
            refused(|e| e.role = "Li Ming".to_owned()),
            EntryError::Field("role")
        );
        assert_eq!(
            refused(|e| e.move_name = "m".repeat(65)),
            EntryError::Field("move")
        );
        assert_eq!(refused(|e| e.step = 0), EntryError::Field("step"));
        for bad in [
            "",
            "2026-03-05",
            "2026-03-05T01:02:03",
            "2026-03-05 01:02:03Z",
            "2026-03-05T01:02:03.Z",
        ] {
            assert!(!is_instant(bad), "{bad}");
        }
        assert!(is_instant("2026-03-05T01:02:03Z") && is_instant("2026-03-05T09:02:03.5+08:00"));
    }
}
