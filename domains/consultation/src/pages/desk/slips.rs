//! Receipts to hand out: of what others have recorded for those who spoke.

use askama::Template;
use axum::response::Response;
use kernel::ReceiptCode;
use web::{Page, view::Crumb};

use super::words;

/// A receipt to hand out.
pub(super) struct Slip {
    code: String,
    text: String,
}

impl Slip {
    pub(super) fn new(code: ReceiptCode, text: &str) -> Self {
        Self {
            code: code.to_string(),
            text: words::start_of(text, 60),
        }
    }
}

/// What has been recorded.
#[derive(Template)]
#[template(path = "desk/receipts.html")]
pub(super) struct Recorded<'a> {
    pub page: &'a Page,
    pub crumbs: Vec<Crumb>,
    pub title: String,
    pub lead: String,
    pub slips: Vec<Slip>,
    pub repeated: bool,
    /// Name and address of the form, for the next one.
    pub another: (String, String),
}

impl Recorded<'_> {
    pub(super) fn show(&self) -> Response {
        self.page.show(self)
    }
}
