//! The form for one's own opinion: no account, and a receipt at the end.

use askama::Template;
use axum::{Extension, http::StatusCode, response::Response};
use kernel::ConsultationId;
use procedure::Word as _;
use web::{
    FieldErrors, Form, Page, Path, Problem, Query, limits,
    view::{Choice, Crumb},
};

use super::told::{self, Told};
use crate::{
    model::Stance,
    ops::{self, Desk, NewOpinion, OpError, SendKey},
    pages::{field, look, problem},
    store::Consultation,
};

#[derive(serde::Deserialize, Default)]
pub(super) struct Asked {
    provision: Option<String>,
}

/// What is typed, as it was typed.
#[derive(serde::Deserialize, Default)]
pub(super) struct Typed {
    #[serde(default)]
    text: String,
    #[serde(default)]
    stance: String,
    #[serde(default)]
    provision: String,
}

#[derive(Template)]
#[template(path = "public/opinion_form.html")]
struct OpinionForm<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    action: String,
    errors: FieldErrors,
    stances: Vec<Choice>,
    provisions: Vec<Choice>,
    stance: String,
    text: String,
    chosen: String,
    max: usize,
    told: Told,
    /// Why nothing is taken now; empty while it is.
    closed: String,
}

pub(super) async fn blank(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let typed = Typed {
        provision: asked.provision.unwrap_or_default(),
        ..Typed::default()
    };
    let view = view(&page, &desk, &consultation, typed, FieldErrors::none()).await?;
    Ok(page.show(&view))
}

pub(super) async fn send(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    form: Form<Typed>,
) -> Result<Response, Problem> {
    page.limit(&limits::OPINION)
        .map_err(|problem| problem.keeping(&form.fields))?;
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let new = match read(&page, &form) {
        Ok(new) => new,
        Err(errors) => return refuse(&page, &desk, &consultation, form.value, errors).await,
    };
    // Whoever speaks here speaks as a resident, signed in or not: the log keeps no name of theirs.
    match ops::submit(&desk, id, &new).await {
        Ok(receipt) => Ok(page.redirect(&format!("/receipts/{}?new=1", receipt.code))),
        Err(OpError::Closed { .. }) => {
            let view = view(&page, &desk, &consultation, form.value, FieldErrors::none()).await?;
            Ok(page.show_as(StatusCode::CONFLICT, &view))
        }
        Err(error @ (OpError::Text { .. } | OpError::NoProvision)) => {
            refuse(&page, &desk, &consultation, form.value, field(&error)).await
        }
        Err(error) => Err(problem(error).keeping(&form.fields)),
    }
}

fn read(page: &Page, form: &Form<Typed>) -> Result<NewOpinion, FieldErrors> {
    let mut errors = FieldErrors::none();
    let nonce = form
        .nonce(page)
        .map_err(|message| FieldErrors::one("", message))?;
    let stance = Stance::parse(&form.value.stance);
    if stance.is_none() {
        errors.add("stance", "opinion-stance-wrong");
    }
    if form.value.text.trim().is_empty() {
        errors.add("text", "opinion-text-wrong");
    }
    errors.done()?;
    let stance = stance.ok_or_else(|| FieldErrors::one("stance", "opinion-stance-wrong"))?;
    Ok(NewOpinion {
        text: form.value.text.clone(),
        provision: Some(form.value.provision.clone()).filter(|provision| !provision.is_empty()),
        stance,
        key: SendKey::Form(nonce.as_bytes().to_vec()),
    })
}

async fn refuse(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    typed: Typed,
    errors: FieldErrors,
) -> Result<Response, Problem> {
    let view = view(page, desk, consultation, typed, errors).await?;
    Ok(page.show_refused(&view))
}

async fn view<'a>(
    page: &'a Page,
    desk: &Desk,
    consultation: &'a Consultation,
    typed: Typed,
    errors: FieldErrors,
) -> Result<OpinionForm<'a>, Problem> {
    let reading = desk.library.read(&desk.db, consultation.version).await?;
    Ok(OpinionForm {
        page,
        consultation,
        crumbs: look::crumbs(page, consultation, page.t.get("opinion-form-title")),
        action: format!("/consultations/{}/opinions/new", consultation.id),
        errors,
        stances: look::choices::<Stance>(page, "stance"),
        provisions: look::provisions(page, &reading.document),
        stance: typed.stance,
        text: typed.text,
        chosen: typed.provision,
        max: ops::limits::OPINION,
        told: told::told(page, desk),
        closed: closed(page, desk, consultation),
    })
}

fn closed(page: &Page, desk: &Desk, consultation: &Consultation) -> String {
    if look::takes_opinions(desk, consultation) {
        return String::new();
    }
    match (consultation.opens, consultation.closes) {
        (Some(opens), _) if desk.today() < opens => {
            page.t
                .one("opinion-not-yet", "day", look::day(page, desk, opens))
        }
        (_, Some(closes)) if closes < desk.today() => {
            page.t
                .one("opinion-closed", "day", look::day(page, desk, closes))
        }
        _ => page.t.get("opinion-closed-plain"),
    }
}
