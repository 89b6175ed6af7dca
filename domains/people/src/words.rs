//! What the directory refuses, as texts of the catalogues.

use directory::{DirectoryError, sign_in::SignInError};
use web::{FieldErrors, Message, Problem};

/// A refusal that no form can show beside a field.
pub(crate) fn problem(error: DirectoryError) -> Problem {
    match error {
        DirectoryError::Refused(_) => Problem::forbidden(),
        DirectoryError::Missing(_) => Problem::not_found(),
        DirectoryError::Busy => Problem::unavailable(),
        DirectoryError::Store(error) => error.into(),
        other => match form(other) {
            Ok(errors) => Problem::refused(errors),
            Err(problem) => problem,
        },
    }
}

/// A refusal of something typed, beside its field.
///
/// # Errors
/// The problem, when it is nothing that was typed.
pub(crate) fn form(error: DirectoryError) -> Result<FieldErrors, Problem> {
    match error {
        DirectoryError::WeakPassword(faults) => {
            let mut errors = FieldErrors::none();
            for fault in faults {
                errors.add(
                    "new",
                    Message::new(format!("people-password-{}", fault.as_str())),
                );
            }
            Ok(errors)
        }
        DirectoryError::Taken { what } => Ok(FieldErrors::one(
            field(what),
            Message::new(format!("people-taken-{what}")),
        )),
        DirectoryError::Invalid {
            field: name,
            reason,
        } => Ok(FieldErrors::one(
            field(name),
            Message::new(format!("people-invalid-{reason}")),
        )),
        DirectoryError::Incompatible(_, _) => Ok(FieldErrors::one("role", "people-incompatible")),
        DirectoryError::OwnRoles => Ok(FieldErrors::one("role", "people-own-roles")),
        other => Err(problem(other)),
    }
}

/// The form's field of what the directory names.
fn field(what: &'static str) -> &'static str {
    match what {
        "login" | "name" | "role" => what,
        _ => "",
    }
}

/// Why somebody did not get in, beside the field `name`.
///
/// # Errors
/// The problem, when it is nothing that was typed.
pub(crate) fn sign_in(error: SignInError, name: &'static str) -> Result<FieldErrors, Problem> {
    match error {
        SignInError::Wrong => Ok(FieldErrors::one(name, "people-wrong")),
        SignInError::WrongCode => Ok(FieldErrors::one(name, "people-wrong-code")),
        SignInError::Wait(seconds) => Ok(FieldErrors::one("", wait(seconds))),
        SignInError::Directory(DirectoryError::Busy) => Ok(FieldErrors::one("", "people-busy")),
        SignInError::Directory(error) => form(error),
    }
}

/// Why somebody did not get in, for programs.
pub(crate) fn refused(error: SignInError) -> Problem {
    match error {
        SignInError::Wrong => Problem::unauthorized().saying("people-wrong"),
        SignInError::WrongCode => Problem::unauthorized().saying("people-wrong-code"),
        SignInError::Wait(seconds) => {
            Problem::too_many(u32::try_from(seconds).unwrap_or(u32::MAX)).saying(wait(seconds))
        }
        SignInError::Directory(error) => problem(error),
    }
}

/// How long to wait, in the unit people use for it.
fn wait(seconds: i64) -> Message {
    if seconds < 60 {
        Message::new("people-wait-seconds").put("n", seconds)
    } else {
        Message::new("people-wait-minutes").put("n", (seconds + 59) / 60)
    }
}
