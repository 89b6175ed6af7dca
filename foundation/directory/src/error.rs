//! What can be refused, in the words of whoever asked.

use store::StoreError;

use crate::{Action, passwords::PasswordFault};

/// Why the directory did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DirectoryError {
    /// The actor holds no role that may do this here.
    #[error("not allowed to {}", .0.as_str())]
    Refused(Action),
    /// There is no such thing; the word says what, such as `account`.
    #[error("no such {0}")]
    Missing(&'static str),
    /// The name or number is another's already.
    #[error("{what} is taken already")]
    Taken {
        /// The field, such as `login`.
        what: &'static str,
    },
    /// A field holds what it cannot hold.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field, such as `login`.
        field: &'static str,
        /// What is wrong, as a key of the translations, such as `too-long`.
        reason: &'static str,
    },
    /// The new password breaks rules.
    #[error("the password breaks {} rules", .0.len())]
    WeakPassword(Vec<PasswordFault>),
    /// The two roles must not be in one hand (三权分立).
    #[error("{} and {} must not be in one hand", .0.as_str(), .1.as_str())]
    Incompatible(kernel::Role, kernel::Role),
    /// Nobody keeps their own account: gives it roles, resets or closes it.
    #[error("nobody keeps their own account")]
    OwnAccount,
    /// Nobody else holds this role, and without it nothing could be mended.
    #[error("nobody else is {}", .0.as_str())]
    LastOfficer(kernel::Role),
    /// Without the identity provider this account could not sign in at all.
    #[error("it is the only way in")]
    OnlyWayIn,
    /// This form was sent before, and what it did has been changed since.
    #[error("this was done before")]
    Done,
    /// Too many people sign in at this moment.
    #[error("too many sign-ins at once")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for DirectoryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl DirectoryError {
    /// Turns a violated unique key into [`DirectoryError::Taken`].
    pub(crate) fn taken(what: &'static str) -> impl Fn(StoreError) -> Self {
        move |error| match error {
            StoreError::Conflict { .. } => Self::Taken { what },
            other => Self::Store(other),
        }
    }
}

/// A name, a number: trimmed, not empty, of at most `most` characters and without control
/// characters.
///
/// # Errors
/// [`DirectoryError::Invalid`] with `empty`, `too-long` or `control-characters`.
pub(crate) fn tidy(field: &'static str, text: &str, most: usize) -> Result<String, DirectoryError> {
    let text = text.trim();
    let reason = if text.is_empty() {
        "empty"
    } else if text.chars().count() > most {
        "too-long"
    } else if text.chars().any(char::is_control) {
        "control-characters"
    } else {
        return Ok(text.to_owned());
    };
    Err(DirectoryError::Invalid { field, reason })
}
