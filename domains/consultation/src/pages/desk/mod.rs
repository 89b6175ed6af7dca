//! The pages of those who work: the desk of staff (工作台), and the visits of deputies (走访).
//!
//! Every page asks for its roles; the procedure asks again when something is done.

mod act;
mod alike;
mod consultation;
mod decide;
mod decision;
mod home;
mod letter;
mod narrow;
mod next;
mod queue;
mod refusal;
mod slips;
mod source;
mod visit;
mod words;

use axum::{
    Router,
    routing::{get, post},
};
use kernel::{ConsultationId, Role, actor::SignedIn};
use web::{App, Page, Problem};

use crate::{
    ops::Desk,
    store::{self, Consultation},
};

/// Staff who work through consultations.
const STAFF: &[Role] = &[Role::Clerk, Role::Chair];

/// The pages of staff and deputies; handlers find the [`Desk`] in the request's extensions.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/desk", get(home::desk))
        .route(
            "/desk/consultations/new",
            get(home::blank).post(home::begin),
        )
        .route("/desk/consultations/{id}", get(consultation::show))
        .route("/desk/consultations/{id}/queue", get(queue::show))
        .route(
            "/desk/consultations/{id}/letter",
            get(letter::blank).post(letter::send),
        )
        .route(
            "/desk/consultations/{id}/alike",
            get(alike::list).post(alike::find),
        )
        .route(
            "/desk/consultations/{id}/alike/{first}",
            get(alike::show).post(alike::decide),
        )
        .route("/desk/consultations/{id}/publish", post(next::publish))
        .route(
            "/desk/consultations/{id}/{act}",
            get(act::show).post(act::send),
        )
        .route("/desk/opinions/{id}/decide", post(decide::decide))
        .route("/desk/opinions/{id}/hide", post(decide::hide))
        .route("/desk/opinions/{id}/erase", post(decide::erase))
        .route("/desk/opinions/{id}/show", post(decide::show_again))
        .route("/visits/new", get(visit::blank).post(visit::send))
}

/// The member of staff who asks.
fn staff(page: &Page) -> Result<&SignedIn, Problem> {
    page.require(STAFF)
}

/// A consultation of the congress for which `who` acts; those of others do not exist here.
async fn ours(desk: &Desk, who: &SignedIn, id: ConsultationId) -> Result<Consultation, Problem> {
    let consultation = store::consultation(&desk.db, id).await?;
    if consultation.congress == who.congress {
        Ok(consultation)
    } else {
        Err(Problem::not_found())
    }
}
