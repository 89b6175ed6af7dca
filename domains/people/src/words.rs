//! What the directory refuses, as texts of the catalogues.

use std::sync::Arc;

use directory::{
    DirectoryError,
    import::{Column, Fault, FileFault, ImportError},
    sign_in::SignInError,
};
use kernel::Timestamp;
use web::{FieldErrors, Lang, Message, Problem, T, Texts, TextsError};

/// A refusal that no form can show beside a field.
pub(crate) fn problem(error: DirectoryError) -> Problem {
    match error {
        DirectoryError::Refused(_) => Problem::forbidden(),
        DirectoryError::Missing(_) => Problem::not_found(),
        DirectoryError::Busy => Problem::unavailable(),
        DirectoryError::Done => Problem::conflict("people-done").coded("done"),
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
        DirectoryError::OwnAccount => Ok(FieldErrors::one("", "people-own-account")),
        DirectoryError::LastOfficer(_) => Ok(FieldErrors::one("", "people-last-officer")),
        DirectoryError::OnlyWayIn => Ok(FieldErrors::one("", "people-only-way-in")),
        other => Err(problem(other)),
    }
}

/// The form's field of what the directory names; the whole form for what has none.
fn field(what: &'static str) -> &'static str {
    match what {
        "organ" => "name",
        "seat" => "number",
        "account" | "division" | "identity" | "second-factor" => "",
        field => field,
    }
}

/// Why somebody did not get in, beside the field `name`.
///
/// # Errors
/// The problem, when it is nothing that was typed.
pub(crate) fn sign_in(error: SignInError, name: &'static str) -> Result<FieldErrors, Problem> {
    match error {
        SignInError::Wrong => Ok(FieldErrors::one(name, "people-wrong")),
        SignInError::WrongCode => Ok(FieldErrors::one("code", "people-wrong-code")),
        SignInError::Unproved => Ok(FieldErrors::one("", "people-unproved")),
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
        SignInError::Unproved => Problem::conflict("people-unproved").coded("unproved"),
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

/// What a column is called.
pub(crate) const fn column(lang: Lang, column: &Column) -> &'static str {
    match lang {
        Lang::Zh => column.zh,
        Lang::En => column.en,
    }
}

/// What is wrong with a row.
pub(crate) fn fault(fault: &Fault) -> Message {
    let message = Message::new(format!("people-fault-{}", fault.code.as_str()));
    let put = |message: Message, (name, value): &(&'static str, String)| message.put(name, value);
    fault.values.iter().fold(message, put)
}

/// What is wrong with a whole file.
pub(crate) fn file(lang: Lang, fault: &FileFault) -> Message {
    let message = Message::new(format!("people-file-{}", fault.code()));
    match fault {
        FileFault::TooLarge(n) | FileFault::TooManyRows(n) | FileFault::TooManyColumns(n) => {
            message.put("n", *n)
        }
        FileFault::MissingColumns(columns) => {
            let names: Vec<&str> = columns.iter().map(|it| column(lang, it)).collect();
            message.put("columns", names.join(" | "))
        }
        FileFault::TwiceColumn(it) => message.put("column", column(lang, it)),
        FileFault::Empty
        | FileFault::TooLargeInside
        | FileFault::NotText
        | FileFault::OldExcel
        | FileFault::Unreadable => message,
    }
}

/// What is wrong with a file, line by line in both languages, for the command line.
///
/// # Errors
/// Texts that cannot be used.
pub fn told(error: &ImportError) -> Result<Vec<String>, TextsError> {
    let texts = Arc::new(Texts::new(crate::LOCALES)?);
    let both = [Lang::Zh, Lang::En].map(|lang| {
        let now = Timestamp::from_micros(0);
        T::new(Arc::clone(&texts), lang, kernel::time::china(), now)
    });
    let say = |message: &dyn Fn(Lang) -> Message| {
        let both: Vec<String> = both.iter().map(|t| t.say(message(t.lang))).collect();
        both.join(" · ")
    };
    Ok(match error {
        ImportError::File(it) => vec![say(&|lang| file(lang, it))],
        ImportError::Faults(faults) => {
            let line = |it: &Fault| {
                let words = say(&|_| fault(it));
                format!("{} {}/{}: {words}", it.row, it.column.zh, it.column.en)
            };
            faults.iter().map(line).collect()
        }
        ImportError::Directory(error) => vec![error.to_string()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use directory::{accounts::GIVEN, audit::Act, import::Code, organs::OrganKind};

    #[test]
    fn every_word_of_the_directory_has_its_text() {
        let texts = Texts::new(crate::LOCALES).unwrap();
        let files = [
            FileFault::Empty,
            FileFault::TooLarge(1),
            FileFault::TooLargeInside,
            FileFault::TooManyRows(1),
            FileFault::TooManyColumns(1),
            FileFault::NotText,
            FileFault::OldExcel,
            FileFault::Unreadable,
            FileFault::MissingColumns(Vec::new()),
            FileFault::TwiceColumn(directory::import::Kind::Roles.columns()[0]),
        ];
        let words = Code::ALL
            .iter()
            .map(|code| format!("fault-{}", code.as_str()));
        let words = words
            .chain(Act::ALL.iter().map(|act| format!("act-{}", act.as_str())))
            .chain(files.iter().map(|file| format!("file-{}", file.code())))
            .chain(GIVEN.iter().map(|role| format!("role-{}", role.as_str())))
            .chain(
                OrganKind::ALL
                    .iter()
                    .map(|kind| format!("organ-{}", kind.as_str())),
            );
        for word in words {
            for lang in Lang::ALL {
                let key = format!("people-{word}");
                assert!(texts.keys(lang).contains(&*key), "{} {key}", lang.tag());
            }
        }
        for key in texts.keys(Lang::Zh) {
            let prefix = ["people-fault-", "people-act-", "people-file-"];
            let known = |key: &str| {
                let codes = Code::ALL.iter().map(|code| code.as_str());
                let acts = Act::ALL.iter().map(|act| act.as_str());
                let files = files.iter().map(FileFault::code);
                codes.chain(acts).chain(files).any(|word| word == key)
            };
            if let Some(word) = prefix.iter().find_map(|prefix| key.strip_prefix(prefix)) {
                assert!(known(word), "{key} is nothing's text");
            }
        }
    }
}
