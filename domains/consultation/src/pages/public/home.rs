//! The first page: what is open now, what is being studied, what has been reported.

use askama::Template;
use axum::{Extension, response::Response};
use web::{FieldErrors, Page, Problem, Query};

use crate::{
    model::State,
    ops::Desk,
    pages::look,
    store::{self, Consultation, Scope},
};

/// Consultations on one page.
const PAGE: usize = 60;

struct Entry {
    href: String,
    title: String,
    lead: String,
    standing: String,
    days: String,
}

struct Section {
    title: String,
    entries: Vec<Entry>,
}

#[derive(Template)]
#[template(path = "public/home.html")]
struct Home<'a> {
    page: &'a Page,
    sections: Vec<Section>,
    more: String,
    errors: FieldErrors,
}

#[derive(serde::Deserialize)]
pub(super) struct Place {
    before: Option<uuid::Uuid>,
}

pub(super) async fn home(
    page: Page,
    Extension(desk): Extension<Desk>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    let before = place.before.map(Into::into);
    let congress = page.site.congress;
    let all = store::consultations(&desk.db, congress, Scope::Published, before, PAGE).await?;
    let next = all.next.map(|next| format!("/consultations?before={next}"));
    let sections = [
        State::Open,
        State::Studying,
        State::Reported,
        State::Withdrawn,
    ];
    let sections = sections
        .map(|state| section(&page, &desk, state, &all.rows))
        .into_iter();
    let view = Home {
        page: &page,
        sections: sections
            .filter(|section| !section.entries.is_empty())
            .collect(),
        more: next.unwrap_or_default(),
        errors: FieldErrors::none(),
    };
    Ok(page.show(&view))
}

fn section(page: &Page, desk: &Desk, state: State, all: &[Consultation]) -> Section {
    let of_state = all
        .iter()
        .filter(|consultation| consultation.state == state);
    Section {
        title: look::named(page, "consultations", procedure::Word::word(state)),
        entries: of_state
            .map(|consultation| entry(page, desk, consultation))
            .collect(),
    }
}

fn entry(page: &Page, desk: &Desk, consultation: &Consultation) -> Entry {
    Entry {
        href: format!("/consultations/{}", consultation.id),
        title: consultation.title.clone(),
        lead: look::start_of(&consultation.lead, 120),
        standing: look::standing(page, desk, consultation),
        days: super::law::days(page, desk, consultation),
    }
}
