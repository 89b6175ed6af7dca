//! The same use cases as JSON, below `/api/v1`.
//!
//! House rules of the API: plural nouns, snake_case, instants in RFC 3339 (UTC), days as
//! `2026-07-01`, lists paged by `cursor`, one form of errors. Staff and deputies use the session of
//! the pages.

mod alike;
mod public;
mod shapes;
mod staff;

use axum::middleware::map_response;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::App;

use crate::pages::receipts::secret;

/// The routes of this domain.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(public::consultations))
        .routes(routes!(public::consultation))
        .routes(routes!(public::text))
        .routes(routes!(public::opinions, public::submit))
        .routes(routes!(public::opinion))
        .routes(routes!(public::figures))
        .routes(routes!(public::versions))
        .routes(routes!(public::comparison))
        .routes(routes!(public::led_to))
        .routes(routes!(public::visits))
        .routes(routes!(public::visiting_deputies))
        .routes(routes!(public::visited_units))
        .merge(receipts())
        .merge(web::behind_sign_in(work()))
}

/// What staff and deputies do.
fn work() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(staff::prepare))
        .routes(routes!(staff::edit))
        .routes(routes!(staff::replace_text))
        .routes(routes!(staff::preview))
        .routes(routes!(staff::next_version))
        .routes(routes!(staff::record_visit))
        .routes(routes!(staff::record_letter))
        .routes(routes!(staff::open))
        .routes(routes!(staff::extend))
        .routes(routes!(staff::close))
        .routes(routes!(staff::withdraw))
        .routes(routes!(staff::report))
        .routes(routes!(staff::decide))
        .routes(routes!(alike::groups, alike::find))
        .routes(routes!(alike::members))
        .routes(routes!(alike::decide))
        .routes(routes!(staff::hide))
        .routes(routes!(staff::erase))
        .routes(routes!(staff::show))
}

/// What is told for a receipt's code is kept by nobody on the way.
fn receipts() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(public::receipt))
        .routes(routes!(public::receipt_file))
        .routes(routes!(public::ask_again))
        .routes(routes!(public::withdraw_opinion))
        .layer(map_response(async |response| secret(response)))
}
