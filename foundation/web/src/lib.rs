//! What every domain's pages and API stand on: layout, component vocabulary, forms, translations,
//! errors, rate limits, and the router that puts all domains together.
//!
//! Invariants:
//! * pages work without JavaScript; nothing is asked of another origin; no inline script or style;
//! * no prose in Rust or in templates: words come from the Fluent catalogues, by [`T`];
//! * every refusal is a [`Problem`]: a page in the visitor's language, or one JSON form under `/api`;
//! * no personal data, no concrete path (a receipt's code is a secret) in what the server logs.
//!
//! # How a domain uses it
//! A domain's `askama.toml` names both folders, relative to the domain's crate:
//! ```toml
//! [general]
//! dirs = ["templates", "../../foundation/web/templates"]
//! ```
//! Its templates begin with `{% extends "layout.html" %}{% import "components.html" as c %}`, fill
//! the blocks `title` and `main`, and read everything of the request from the field `page`:
//! ```ignore
//! #[derive(askama::Template)]
//! #[template(path = "consultations.html", blocks = ["rows"])]
//! struct List<'a> { page: &'a Page, rows: &'a [Row] }
//!
//! async fn list(page: Page) -> Result<Response, Problem> {
//!     let rows = ops::list(&page.app.db).await?;
//!     Ok(page.show(&List { page: &page, rows: &rows }))
//! }
//! ```
//! `blocks` gives `view.as_rows()`, the fragment alone. In templates: `{{ page.t.get("key") }}`,
//! `{{ page.t.one("key", "n", rows.len()) }}`, `{{ page.t.date(row.at) }}`, and for several values
//! `{{ page.t.with("key", [("n", n.into()), ("m", m.into())]) }}` (askama itself adds the `&`).
//! Keys begin with the domain's name, because all catalogues share one space. Every form carries
//! `<input type="hidden" name="token" value="{{ page.token() }}">` (the component `c::token`), and
//! its handler asks [`Form::nonce`].

mod app;
mod assets;
pub mod calendar;
pub mod chart;
mod client;
mod components;
mod cookie;
mod errors;
mod extract;
pub mod feed;
mod fields;
mod form;
mod guard;
mod lang;
pub mod limits;
mod module;
mod openapi;
mod page;
mod paging;
mod prefs;
mod problem;
pub mod serve;
mod texts;
mod token;
pub mod view;

pub use app::{App, Found, NoSessions, Secret, Sessions, Site};
pub use client::{ClientKey, client_address};
pub use cookie::{
    clear_session_cookie, host_cookie, read_host_cookie, session_cookie, session_token,
};
pub use errors::{FieldErrors, Message};
pub use extract::{Json, Path, Query};
pub use fields::{Fields, Upload};
pub use form::Form;
pub use lang::Lang;
pub use limits::{RateLimits, Rule};
pub use module::{Module, NavItem};
pub use openapi::{ErrorBody, ErrorDetail, FieldDetail, behind_sign_in};
pub use page::{Page, Theme, safe_back};
pub use paging::{Cursor, Paged, asked_size, page_size};
pub use problem::Problem;
pub use texts::{Arg, T, Texts, TextsError};
pub use token::{FormToken, TokenFault};

/// Largest body of a request in bytes, where a route does not say otherwise: 12 MB.
pub const BODY_BYTES_MAX: usize = 12 * 1024 * 1024;
/// How long a request may take, in seconds.
pub const REQUEST_SECONDS_MAX: u64 = 30;
