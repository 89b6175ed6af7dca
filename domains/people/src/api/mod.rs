//! The same use cases as JSON, below `/api/v1`.
//!
//! A program signs in with `POST /sessions` and sends the token as `Authorization: Bearer`; a
//! browser's cookie does as well. What is due before work (a code, an enrolment, a new password) is
//! told by `stage`. Only the way to the identity provider is the pages' alone: it needs a browser.

mod account;
mod accounts;
mod audit;
mod imports;
mod registry;
mod sessions;
mod shapes;

use utoipa_axum::{router::OpenApiRouter, routes};
use web::App;

/// The routes of this domain.
pub(crate) fn routes() -> OpenApiRouter<App> {
    let everybody = OpenApiRouter::new()
        .routes(routes!(sessions::sign_in))
        .routes(routes!(registry::deputies))
        .routes(routes!(registry::organs))
        .routes(routes!(registry::terms))
        .routes(routes!(registry::congresses))
        .routes(routes!(registry::divisions));
    let own = OpenApiRouter::new()
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::pass_code))
        .routes(routes!(account::show))
        .routes(routes!(account::password))
        .routes(routes!(account::start_enrolment))
        .routes(routes!(account::confirm_enrolment))
        .routes(routes!(account::prove))
        .routes(routes!(account::renew_codes))
        .routes(routes!(account::sign_ins))
        .routes(routes!(account::identities, account::unbind));
    let kept = OpenApiRouter::new()
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::show))
        .routes(routes!(accounts::give_role))
        .routes(routes!(accounts::take_role))
        .routes(routes!(accounts::first_password))
        .routes(routes!(accounts::remove_factor))
        .routes(routes!(accounts::close))
        .routes(routes!(accounts::sessions))
        .routes(routes!(accounts::end_session))
        .routes(routes!(accounts::events))
        .routes(routes!(
            accounts::identities,
            accounts::bind,
            accounts::unbind
        ));
    let registry = OpenApiRouter::new()
        .routes(routes!(registry::people, registry::add_person))
        .routes(routes!(registry::person))
        .routes(routes!(registry::fill_seat))
        .routes(routes!(registry::change_seat))
        .routes(routes!(registry::add_organ))
        .routes(routes!(registry::start_term))
        .routes(routes!(registry::set_up))
        .routes(routes!(imports::list, imports::run))
        .routes(routes!(imports::columns))
        .routes(routes!(imports::show))
        .routes(routes!(imports::hand_over))
        .routes(routes!(audit::list))
        .routes(routes!(audit::lockouts))
        .routes(routes!(audit::unlock));
    everybody.merge(web::behind_sign_in(own.merge(kept).merge(registry)))
}
