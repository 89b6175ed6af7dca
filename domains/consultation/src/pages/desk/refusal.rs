//! Refusals of use cases as errors of the form that was sent, so that what was typed stays.

use corpus::ImportRefusal;
use web::{FieldErrors, Lang, Message, Problem};

use crate::{
    ops::OpError,
    pages::{field, problem},
};

/// What is wrong with which field; or the problem, when the form cannot help it.
pub(super) fn on_form(error: OpError, lang: Lang) -> Result<FieldErrors, Problem> {
    match error {
        OpError::Import(refusal) => Ok(FieldErrors::one("file", import(&refusal, lang))),
        OpError::StillWriting => Ok(FieldErrors::one("", "wrong-still-writing")),
        OpError::Changed => Ok(FieldErrors::one("", "wrong-changed")),
        OpError::KeyReused => Ok(FieldErrors::one("", "desk-wrong-sent-before")),
        OpError::NoProvision => Ok(FieldErrors::one("lands_on", "wrong-provision")),
        OpError::Undecided { waiting } => Ok(FieldErrors::one(
            "",
            Message::new("wrong-undecided").put("n", waiting),
        )),
        OpError::Text { .. }
        | OpError::Window(_)
        | OpError::SameText
        | OpError::Heads { .. }
        | OpError::TooManyHeard { .. }
        | OpError::VisitDay => Ok(field(&error)),
        other => Err(problem(other)),
    }
}

/// Why a file did not become a text.
pub(super) fn import(refusal: &ImportRefusal, lang: Lang) -> Message {
    match refusal {
        ImportRefusal::Empty => Message::new("desk-wrong-file-empty"),
        ImportRefusal::Kind(name) => {
            Message::new("desk-wrong-file-kind").put("name", name.as_str())
        }
        ImportRefusal::NoArticles => Message::new("desk-wrong-file-articles"),
        other => {
            Message::new("desk-wrong-file").put("what", in_one_language(&other.to_string(), lang))
        }
    }
}

/// The half of a text that is Chinese first, then English.
fn in_one_language(both: &str, lang: Lang) -> String {
    match (both.split_once("。 "), lang) {
        (Some((zh, _)), Lang::Zh) => format!("{zh}。"),
        (Some((_, en)), Lang::En) => en.to_owned(),
        (None, _) => both.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_gets_one_language() {
        let damaged = ImportRefusal::Docx(lawtext::docx::DocxError::Damaged).to_string();
        assert_eq!(
            in_one_language(&damaged, Lang::Zh),
            "文件已损坏，读不出来。"
        );
        assert_eq!(
            in_one_language(&damaged, Lang::En),
            "The file is damaged and cannot be read."
        );
    }
}
