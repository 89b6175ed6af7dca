//! `/admin`: the desk of those who keep accounts, people, organs and divisions, and `/audit`.

mod accounts;
mod audit;
mod divisions;
mod house;
mod import;
mod lockouts;
mod people;

use askama::Template;
use axum::{
    Router,
    http::header,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use directory::{Action, DirectoryError};
use kernel::Role;
use web::{App, FieldErrors, Form, Page, Problem, view::Choice};

use crate::{visitor::Visitor, words};

/// Who has something to do at the desk.
pub(crate) const ROLES: &[Role] = &[Role::Clerk, Role::Admin, Role::Security, Role::Auditor];

/// Items of one page.
const SIZE: u32 = 50;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin", get(hub))
        .route(
            "/admin/accounts",
            get(accounts::list).post(accounts::create),
        )
        .route("/admin/accounts/{id}", get(accounts::show))
        .route("/admin/accounts/{id}/{act}", post(accounts::act))
        .route("/admin/people", get(people::list).post(people::create))
        .route("/admin/people/{id}", get(people::show))
        .route("/admin/people/{id}/seats", post(people::seat))
        .route("/admin/seats/{id}", post(people::change_seat))
        .route("/admin/organs", get(house::organs).post(house::add_organ))
        .route("/admin/congress", get(house::congress))
        .route("/admin/congress/terms", post(house::start_term))
        .route(
            "/admin/congresses",
            get(house::congresses).post(house::set_up),
        )
        .route("/admin/divisions", get(divisions::list))
        .route("/admin/import", get(import::show).post(import::send))
        .route("/admin/import/template", get(import::template))
        .route("/admin/imports/{id}", get(import::run))
        .route("/admin/imports/{id}/handover", post(import::hand_over))
        .route(
            "/admin/lockouts",
            get(lockouts::list).post(lockouts::unlock),
        )
        .route("/audit", get(audit::list))
        .route("/audit/file", post(audit::file))
}

/// A place of the desk.
struct Place {
    href: &'static str,
    name: String,
    help: String,
}

#[derive(Template)]
#[template(path = "people/desk/hub.html")]
struct Hub<'a> {
    page: &'a Page,
    places: Vec<Place>,
}

/// The places of the desk with what it takes to see each; `None` is for whoever has an account.
const PLACES: [(&str, &str, Option<Action>); 8] = [
    ("people", "/admin/people", Some(Action::SeePeople)),
    ("accounts", "/admin/accounts", Some(Action::SeeAccounts)),
    ("import", "/admin/import", Some(Action::SeePeople)),
    ("organs", "/admin/organs", None),
    ("congress", "/admin/congress", None),
    ("divisions", "/admin/divisions", None),
    ("lockouts", "/admin/lockouts", Some(Action::KeepSessions)),
    ("audit", "/audit", Some(Action::SeeAudit)),
];

/// The places of the desk that the visitor may see.
async fn hub(page: Page, visitor: Visitor) -> Result<Response, Problem> {
    page.require(ROLES)?;
    let seen =
        |action: Option<Action>| action.is_none_or(|action| visitor.may(&page, action).is_ok());
    let place = |(word, href, _): (&str, &'static str, _)| Place {
        href,
        name: page.t.get(format!("people-desk-{word}")),
        help: page.t.get(format!("people-desk-{word}-help")),
    };
    let places = PLACES.into_iter().filter(|(.., action)| seen(*action));
    Ok(page.show(&Hub {
        page: &page,
        places: places.map(place).collect(),
    }))
}

/// Whoever is signed in on this site.
fn staff(page: &Page) -> Result<(), Problem> {
    page.require(ROLES).map(drop)
}

/// What a form's use case came to: what to say beside its fields, when it was refused.
fn outcome<T>(done: directory::Result<T>) -> Result<Result<T, FieldErrors>, Problem> {
    match done {
        Ok(made) => Ok(Ok(made)),
        Err(error @ (DirectoryError::Refused(_) | DirectoryError::Done)) => {
            Err(words::problem(error))
        }
        Err(error) => words::form(error).map(Err),
    }
}

/// The nonce of a form, or what to say above it.
fn nonce(form: &Form, page: &Page) -> Result<uuid::Uuid, FieldErrors> {
    form.nonce(page)
        .map_err(|message| FieldErrors::one("", message))
}

/// Renders a view, as refused when it has something to complain of.
fn shown(page: &Page, errors: &FieldErrors, view: &impl Template) -> Response {
    if errors.is_empty() {
        page.show(view)
    } else {
        page.show_refused(view)
    }
}

/// Choices whose words are `prefix-VALUE`.
fn choices<'a>(
    page: &Page,
    prefix: &str,
    values: impl IntoIterator<Item = &'a str>,
) -> Vec<Choice> {
    let choice = |value: &str| Choice {
        value: value.to_owned(),
        label: page.t.get(format!("{prefix}-{value}")),
        help: String::new(),
    };
    values.into_iter().map(choice).collect()
}

/// A field that may be left empty.
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A day as a date field holds it.
fn day(field: &'static str, text: &str) -> directory::Result<jiff::civil::Date> {
    text.trim().parse().map_err(|_| DirectoryError::Invalid {
        field,
        reason: "no-day",
    })
}

/// A whole number.
fn number(field: &'static str, text: &str) -> directory::Result<i64> {
    text.trim().parse().map_err(|_| DirectoryError::Invalid {
        field,
        reason: "no-number",
    })
}

/// A CSV file to save; nobody keeps it on the way.
fn csv(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
