//! The text of a draft as it was handed in: a file, or words put into the form.

use corpus::Imported;
use web::{FieldErrors, Fields, Lang, Message, Page};

use super::{refusal, words};

/// Reads the file of the field `file`, else the words of the field `source`.
pub(super) fn read(page: &Page, fields: &Fields) -> Result<Imported, FieldErrors> {
    let refused =
        |field: &'static str, error| FieldErrors::one(field, refusal::import(&error, page.lang));
    if let Some(file) = fields.file("file") {
        return corpus::import(&file.file_name, &file.bytes)
            .map_err(|error| refused("file", error));
    }
    let typed = fields.get("source");
    if typed.trim().is_empty() {
        return Err(FieldErrors::one("file", "desk-wrong-no-text"));
    }
    corpus::import("source.txt", typed.as_bytes()).map_err(|error| refused("source", error))
}

/// The fields with the file's words in place of the file, which a browser does not send again.
pub(super) fn kept(fields: &Fields, imported: &Imported) -> Fields {
    let mut fields = fields.clone();
    fields
        .pairs
        .push(("source".to_owned(), imported.source.as_str().to_owned()));
    fields
}

/// `notice`, with what the reader of the file should know.
pub(super) fn with_notices(page: &Page, notice: &'static str, imported: &Imported) -> Message {
    if imported.notices.is_empty() {
        return Message::new(notice);
    }
    let said = imported
        .notices
        .iter()
        .map(|(zh, en)| if page.lang == Lang::Zh { zh } else { en });
    let said = said.map(String::as_str).collect::<Vec<_>>().join(" ");
    Message::new("desk-notice-imported").put("what", words::start_of(&said, 300))
}
