//! The pages: what everybody reads, whoever holds a receipt, and the desks of staff and deputies.

pub mod desk;
mod look;
pub mod public;
pub mod receipts;

use axum::{Router, http::StatusCode};
use kernel::{CongressId, ConsultationId, Role, TextRefusal};
use procedure::Refusal;
use web::{App, FieldErrors, Message, Page, Problem};

use crate::{
    model::{State, WindowRefusal},
    ops::{Desk, OpError},
    store::{self, Consultation},
};

/// All pages of this domain.
pub(crate) fn routes() -> Router<App> {
    public::routes()
        .merge(receipts::routes())
        .merge(desk::routes())
}

/// Whether the visitor works for the congress.
pub(crate) fn is_staff(page: &Page, congress: CongressId) -> bool {
    page.actor.signed_in().is_some_and(|who| {
        let works = |role: &Role| matches!(role, Role::Clerk | Role::Chair);
        who.congress == congress && who.roles.iter().any(works)
    })
}

/// A consultation that the visitor may see: drafts are for the staff of its congress, as a preview.
pub(crate) async fn seen(
    page: &Page,
    desk: &Desk,
    id: ConsultationId,
) -> Result<Consultation, Problem> {
    let consultation = store::consultation(&desk.db, id).await?;
    let published = consultation.state != State::Draft && consultation.opens.is_some();
    if published || is_staff(page, consultation.congress) {
        Ok(consultation)
    } else {
        Err(Problem::not_found())
    }
}

/// A refusal of a use case as the page or the JSON that tells of it.
pub(crate) fn problem(error: OpError) -> Problem {
    match error {
        OpError::Store(error) => error.into(),
        OpError::Refused(refusal) => refused(&refusal),
        OpError::Elsewhere => Problem::forbidden().saying("wrong-elsewhere"),
        OpError::NotStaff => Problem::forbidden(),
        OpError::KeyReused => Problem::of(StatusCode::UNPROCESSABLE_ENTITY)
            .saying("wrong-key-reused")
            .coded("idempotency_key_reused"),
        OpError::NotDeputy => Problem::forbidden().saying("wrong-not-deputy"),
        OpError::Closed { since } => closed(since),
        OpError::Erased => Problem::conflict("wrong-erased").coded("erased"),
        OpError::Changed => Problem::conflict("wrong-changed").coded("changed"),
        OpError::AskedBefore => Problem::conflict("wrong-asked-before").coded("asked_before"),
        OpError::Undecided { waiting } => {
            Problem::conflict(Message::new("wrong-undecided").put("n", waiting)).coded("undecided")
        }
        OpError::StillWriting => Problem::conflict("wrong-still-writing").coded("still_writing"),
        OpError::NoRule(_) => Problem::internal(error),
        other => field(&other).into(),
    }
}

fn refused(refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::NotNow { .. } => Problem::conflict("wrong-not-now").coded("not_now"),
        Refusal::NotYou { .. } => Problem::forbidden(),
        Refusal::NoReason { .. } => FieldErrors::one("reason", "wrong-no-reason").into(),
        Refusal::NotThere { .. } => Problem::internal(*refusal),
    }
}

fn closed(since: Option<jiff::civil::Date>) -> Problem {
    let message = match since {
        Some(day) => Message::new("wrong-closed-since").put("day", day.to_string()),
        None => Message::new("wrong-closed"),
    };
    Problem::conflict(message).coded("closed")
}

/// What is wrong with which field of the form.
pub(crate) fn field(error: &OpError) -> FieldErrors {
    let (field, message) = match error {
        OpError::Text {
            field: "reason",
            refusal: TextRefusal::Empty,
        } => ("reason", Message::new("wrong-no-reason")),
        OpError::Text {
            field: "referred_to",
            refusal: TextRefusal::Empty,
        } => ("referred_to", Message::new("wrong-no-body")),
        OpError::Text { field, refusal } => (*field, text(refusal)),
        OpError::Window(refusal) => window(refusal),
        OpError::NoProvision => ("provision", Message::new("wrong-provision")),
        OpError::Heads { most } => ("heads", Message::new("wrong-heads").put("most", *most)),
        OpError::TooManyHeard { most } => (
            "opinions",
            Message::new("wrong-too-many-heard").put("most", *most),
        ),
        OpError::VisitDay => ("day", Message::new("wrong-visit-day")),
        OpError::SameText => ("source", Message::new("wrong-same-text")),
        OpError::Import(corpus::ImportRefusal::NoArticles) => {
            ("source", Message::new("wrong-no-articles"))
        }
        OpError::Import(refusal) => (
            "source",
            Message::new("wrong-import").put("what", refusal.to_string()),
        ),
        other => (
            "",
            Message::new("wrong-other").put("what", other.to_string()),
        ),
    };
    FieldErrors::one(field, message)
}

fn window(refusal: &WindowRefusal) -> (&'static str, Message) {
    match refusal {
        WindowRefusal::Backwards => ("closes", Message::new("wrong-backwards")),
        WindowRefusal::Past => ("opens", Message::new("wrong-past")),
        WindowRefusal::TooLong => ("closes", Message::new("wrong-year")),
        WindowRefusal::TooShort {
            days,
            minimum,
            basis,
        } => {
            let message = Message::new("wrong-short")
                .put("days", *days)
                .put("minimum", *minimum);
            ("reason", message.put("basis", basis.as_str()))
        }
    }
}

fn text(refusal: &TextRefusal) -> Message {
    match refusal {
        TextRefusal::Empty => Message::new("wrong-empty"),
        TextRefusal::TooShort { min, .. } => Message::new("wrong-too-short").put("min", *min),
        TextRefusal::TooLong { chars, max } => Message::new("wrong-too-long")
            .put("chars", *chars)
            .put("max", *max),
        _ => Message::new("wrong-characters"),
    }
}
