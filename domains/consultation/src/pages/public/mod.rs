//! What everybody may read without an account: consultations, the draft as law, opinions, versions
//! side by side, the response table and the figures; and the form for one's own opinion.

mod compare;
mod figures;
mod form;
mod home;
mod law;
mod opinions;
mod responses;
mod told;

use axum::{Router, routing::get};
use kernel::{ConsultationId, Role};
use web::{App, Page, Problem};

use crate::{
    model::State,
    ops::Desk,
    store::{self, Consultation},
};

/// The public pages; handlers find the [`Desk`] in the request's extensions.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::home))
        .route("/consultations", get(home::home))
        .route("/consultations/{id}", get(law::show))
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
        .route("/consultations/{id}/responses.csv", get(responses::csv))
        .route("/consultations/{id}/figures", get(figures::show))
        .route("/consultations/{id}/visits", get(figures::visits))
        .route(
            "/consultations/{id}/visiting-deputies",
            get(figures::deputies),
        )
        .route("/consultations/{id}/visited-units", get(figures::units))
}

/// A consultation that the visitor may see: drafts are for the staff of its congress, as a preview.
async fn seen(page: &Page, desk: &Desk, id: ConsultationId) -> Result<Consultation, Problem> {
    let consultation = store::consultation(&desk.db, id).await?;
    let published = consultation.state != State::Draft && consultation.opens.is_some();
    let staff = page.actor.signed_in().is_some_and(|who| {
        let works = who
            .roles
            .iter()
            .any(|role| matches!(role, Role::Clerk | Role::Chair));
        works && who.congress == consultation.congress
    });
    if published || staff {
        Ok(consultation)
    } else {
        Err(Problem::not_found())
    }
}

/// Whether the visitor sees it before the public does.
fn preview(consultation: &Consultation) -> bool {
    consultation.state == State::Draft
}
