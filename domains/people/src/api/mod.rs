//! The same use cases as JSON, below `/api/v1`.
//!
//! A program signs in with `POST /sessions` and sends the token as `Authorization: Bearer`; a
//! browser's cookie does as well. What is due before work (a code, an enrolment, a new password) is
//! told by `stage`.

mod sessions;
mod shapes;

use utoipa_axum::{router::OpenApiRouter, routes};
use web::App;

/// The routes of this domain.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sessions::list, sessions::sign_in))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::pass_code))
}
