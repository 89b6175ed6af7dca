//! What a step commits to: one record of everything that was said with the move.
//!
//! The engine writes it once, as JSON text with sorted keys; that text is stored, and the log entry
//! commits to exactly its bytes. So no part of a step, its reason or its deadline among them, can be
//! changed behind the log's back.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use store::{Result, StoreError};

/// What a move says in its own words, made from the domain's struct for that move.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content(Value);

impl Content {
    /// The content as `said` serializes: an object of texts, whole numbers, and lists of those.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for what JSON cannot hold, and for numbers with a fraction: they
    /// are not written alike everywhere, and a record must have one form.
    pub fn of(said: &impl Serialize) -> Result<Self> {
        let mut value = serde_json::to_value(said).map_err(|error| {
            StoreError::Inconsistent(format!("a move's content cannot be written: {error}"))
        })?;
        if has_fraction(&value) {
            return Err(StoreError::Inconsistent(
                "a move's content holds a number with a fraction".into(),
            ));
        }
        value.sort_all_objects();
        Ok(Self(value))
    }
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(fields) => fields.values().any(has_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// The record of one step. The fields stand in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The article of the deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// What the move said, as its domain's struct for the move; null when it said nothing.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub content: Value,
    /// The last day of the clock that the move started, ISO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Why, in the words everybody concerned reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The state after the move.
    pub to: String,
}

impl Record {
    pub(crate) fn new(
        to: &str,
        content: Content,
        reason: Option<&str>,
        due: Option<&(jiff::civil::Date, String)>,
    ) -> Self {
        Self {
            basis: due.map(|(_, basis)| basis.clone()),
            content: content.0,
            due: due.map(|(day, _)| day.to_string()),
            reason: reason.map(str::to_owned),
            to: to.to_owned(),
        }
    }

    /// The text that is stored and committed to.
    pub(crate) fn to_text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| {
            StoreError::Inconsistent(format!("a move's record cannot be written: {error}"))
        })
    }

    /// Reads the committed text of a step.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] when it is no record.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            StoreError::Inconsistent(format!("a move's record cannot be read: {error}"))
        })
    }

    /// The content as its domain's struct; `None` when it is of another form.
    #[must_use]
    pub fn says<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.content).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Said {
        zebra: u32,
        apple: String,
    }

    #[test]
    fn a_record_has_one_form_with_sorted_keys_and_only_what_is_there() {
        let said = Said {
            zebra: 3,
            apple: "“灯”\n".into(),
        };
        let day = (jiff::civil::date(2026, 7, 31), "立法法第四十条".to_owned());
        let full = Record::new(
            "open",
            Content::of(&said).unwrap(),
            Some("汛期"),
            Some(&day),
        );
        let text = full.to_text().unwrap();
        assert_eq!(
            text,
            r#"{"basis":"立法法第四十条","content":{"apple":"“灯”\n","zebra":3},"due":"2026-07-31","reason":"汛期","to":"open"}"#
        );
        assert_eq!(Record::parse(&text).unwrap(), full);
        assert_eq!(full.says::<Said>(), Some(said));
        let bare = Record::new("closed", Content::default(), None, None);
        assert_eq!(bare.to_text().unwrap(), r#"{"to":"closed"}"#);
        assert_eq!(Record::parse(r#"{"to":"closed"}"#).unwrap(), bare);
        assert_eq!(bare.says::<Said>(), None);
        assert!(Record::parse("采纳").is_err());
    }

    #[test]
    fn numbers_with_a_fraction_are_refused_wherever_they_stand() {
        for said in [
            serde_json::json!(1.5),
            serde_json::json!({"a": [1, {"b": 0.1}]}),
        ] {
            assert!(Content::of(&said).is_err(), "{said}");
        }
        assert!(Content::of(&serde_json::json!({"a": [1, -2]})).is_ok());
    }
}
