//! `/deputies`: 找代表, the public list (代表法 58: name, post, constituency).

use askama::Template;
use axum::response::Response;
use directory::deputies::{self, Deputy};
use kernel::DeputyId;
use serde::Deserialize;
use web::{FieldErrors, Page, Problem, Query};

use crate::{
    visitor::{Visitor, escape},
    words,
};

/// Deputies of one page.
const SIZE: u32 = 50;

/// What is looked for, and where the page begins.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    after: Option<DeputyId>,
}

#[derive(Template)]
#[template(path = "people/deputies.html")]
struct List<'a> {
    page: &'a Page,
    errors: FieldErrors,
    words: &'a str,
    deputies: &'a [Deputy],
    /// Seats of the whole congress.
    seats: i64,
    next: String,
}

/// The deputies of this site's congress whose name or constituency holds the words.
pub(crate) async fn list(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let db = &visitor.gate.db;
    let words = asked.q.trim();
    let found = deputies::list(db, visitor.site, words, asked.after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let count = deputies::count(db, Some(visitor.site)).await;
    let next = |after: DeputyId| format!("/deputies?q={}&after={after}", escape(words));
    Ok(page.show(&List {
        page: &page,
        errors: FieldErrors::none(),
        words,
        deputies: &found.items,
        seats: count.map_err(words::problem)?.seats,
        next: found.next.map(next).unwrap_or_default(),
    }))
}
