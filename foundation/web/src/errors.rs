//! Messages made where the visitor's language is not known, and the errors of a form.

use std::borrow::Cow;

use crate::Arg;

/// A text to be said later: a key with its values.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// The key in the catalogues.
    pub key: Cow<'static, str>,
    /// The values put in, by name.
    pub args: Vec<(Cow<'static, str>, Arg)>,
}

impl Message {
    /// A text without values.
    #[must_use]
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self {
            key: key.into(),
            args: Vec::new(),
        }
    }

    /// The same text with one more value.
    #[must_use]
    pub fn put(mut self, name: &'static str, value: impl Into<Arg>) -> Self {
        self.args.push((Cow::Borrowed(name), value.into()));
        self
    }
}

impl AsRef<Self> for Message {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl From<&'static str> for Message {
    fn from(key: &'static str) -> Self {
        Self::new(key)
    }
}

/// What is wrong with what was typed, field by field. An empty field name means the whole form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    /// Field name and what to say of it, in the order of the form.
    pub list: Vec<(Cow<'static, str>, Message)>,
}

impl FieldErrors {
    /// No errors.
    #[must_use]
    pub const fn none() -> Self {
        Self { list: Vec::new() }
    }

    /// One error on `field`.
    #[must_use]
    pub fn one(field: impl Into<Cow<'static, str>>, message: impl Into<Message>) -> Self {
        let mut errors = Self::none();
        errors.add(field, message);
        errors
    }

    /// Adds an error on `field`; only the first one of a field is shown.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<Message>) {
        self.list.push((field.into(), message.into()));
    }

    /// Whether there is nothing to complain of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first error of `field`.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&Message> {
        self.list
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, message)| message)
    }

    /// `Ok` when nothing is wrong.
    ///
    /// # Errors
    /// Itself, when something is.
    pub fn done(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}
