//! What everybody may read without an account: consultations, the draft as law, opinions, versions
//! side by side, the response table and the figures; and the form for one's own opinion.

mod compare;
mod csv;
mod data;
mod figures;
mod form;
mod home;
mod law;
mod news;
mod opinions;
mod responses;
mod told;

use axum::{Router, routing::get};

use web::App;

use crate::{model::State, store::Consultation};

/// The public pages; handlers find the [`crate::ops::Desk`] in the request's extensions.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::home))
        .route("/consultations", get(home::home))
        .route("/consultations.atom", get(news::all))
        .route("/consultations.ics", get(news::last_days))
        .route("/consultations/{id}", get(law::show))
        .route("/consultations/{id}/feed.atom", get(news::one))
        .route(
            "/consultations/{id}/provisions/{provision}",
            get(law::provision),
        )
        .route(
            "/consultations/{id}/opinions/new",
            get(form::blank).post(form::send),
        )
        .route("/consultations/{id}/opinions", get(opinions::list))
        .route("/opinions/{id}", get(opinions::one))
        .route("/consultations/{id}/compare", get(compare::show))
        .route("/consultations/{id}/responses", get(responses::table))
        .route("/consultations/{id}/responses.csv", get(responses::file))
        .route("/consultations/{id}/figures", get(figures::show))
        .route(
            "/consultations/{id}/data/datapackage.json",
            get(data::package),
        )
        .route("/consultations/{id}/data/opinions.csv", get(data::opinions))
        .route("/consultations/{id}/data/figures.csv", get(data::figures))
        .route("/consultations/{id}/visits", get(figures::visits))
        .route(
            "/consultations/{id}/visiting-deputies",
            get(figures::deputies),
        )
        .route("/consultations/{id}/visited-units", get(figures::units))
}

/// Whether the visitor sees it before the public does.
fn preview(consultation: &Consultation) -> bool {
    consultation.state == State::Draft
}
