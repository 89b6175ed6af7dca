//! `/admin/lockouts`: who has to wait after failed sign-ins, for the security administrator.

use askama::Template;
use axum::response::Response;
use directory::{
    Action,
    lockout::{self, Locked},
};
use serde::Deserialize;
use web::{Form, Page, Problem, Query};

use super::SIZE;
use crate::{visitor::Visitor, words};

/// Where the page begins.
#[derive(Deserialize)]
pub(super) struct After {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "people/desk/lockouts.html")]
struct List<'a> {
    page: &'a Page,
    locked: Vec<Locked>,
    next: String,
}

/// Who has to wait at this moment.
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<After>,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepSessions)?;
    let (db, after) = (&visitor.gate.db, asked.after.as_deref());
    let found = lockout::list(db, &page.actor, visitor.site, page.now, after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let next = |after: String| format!("/admin/lockouts?after={after}");
    Ok(page.show(&List {
        page: &page,
        locked: found.items,
        next: found.next.map(next).unwrap_or_default(),
    }))
}

/// Lets somebody try again at once.
pub(super) async fn unlock(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepSessions)?;
    form.nonce(&page).map_err(Problem::bad_request)?;
    let gate = &visitor.gate;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let subject = form.fields.get("subject");
    let unlocked = lockout::unlock(gate, &mut tx, visitor.site, subject).await;
    unlocked.map_err(words::problem)?;
    tx.commit().await?;
    Ok(page.redirect_with("/admin/lockouts", "people-unlocked"))
}
