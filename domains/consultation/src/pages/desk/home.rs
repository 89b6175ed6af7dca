//! The desk's first page, and beginning a consultation.

use askama::Template;
use axum::{Extension, extract::RawQuery, response::Response};
use corpus::Imported;
use web::{FieldErrors, Fields, Form, Page, Problem, limits, view::Crumb};

use super::{refusal, source, staff, words};
use crate::{
    figures,
    model::OpinionState,
    ops::{self, Desk, Draft},
    store::{self, Consultation, Scope},
    tally,
};

/// Consultations on one page.
const ROWS: usize = 30;

/// A consultation in the list.
struct Row {
    href: String,
    title: String,
    kind: &'static str,
    state: String,
    days: String,
    waiting: String,
    queue: String,
    opinions: String,
}

#[derive(Template)]
#[template(path = "desk/home.html")]
struct Home<'a> {
    page: &'a Page,
    rows: Vec<Row>,
    more: String,
}

/// What there is to do.
pub(super) async fn desk(
    page: Page,
    Extension(desk): Extension<Desk>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    let before = Fields::parse(query.unwrap_or_default().as_bytes())?
        .get("before")
        .parse()
        .ok();
    let list = store::consultations(&desk.db, who.congress, Scope::All, before, ROWS).await?;
    let more = list.next.map(|next| format!("/desk?before={next}"));
    let mut rows = Vec::with_capacity(list.rows.len());
    for consultation in &list.rows {
        rows.push(row(&page, &desk, consultation).await?);
    }
    Ok(page.show(&Home {
        page: &page,
        rows,
        more: more.unwrap_or_default(),
    }))
}

async fn row(page: &Page, desk: &Desk, consultation: &Consultation) -> Result<Row, Problem> {
    let tallies = figures::tallies(&desk.db, consultation.id).await?;
    let (waiting, all) = (
        tallies.in_state("", OpinionState::Received),
        tallies.all(tally::OPINIONS),
    );
    let href = format!("/desk/consultations/{}", consultation.id);
    Ok(Row {
        title: consultation.title.clone(),
        kind: words::consultation_kind(consultation.state),
        state: words::named(
            page,
            "consultation-state",
            procedure::Word::word(consultation.state),
        ),
        days: days(page, desk, consultation),
        waiting: if all > 0 {
            page.t.one("desk-waiting", "n", waiting)
        } else {
            String::new()
        },
        queue: format!(
            "{href}/queue?state={}",
            if waiting > 0 { "received" } else { "all" }
        ),
        opinions: page.t.one("desk-opinions", "n", all),
        href,
    })
}

/// The days on which opinions are taken, in a line; empty before they are set.
pub(super) fn days(page: &Page, desk: &Desk, consultation: &Consultation) -> String {
    if consultation.opens.is_none() {
        return String::new();
    }
    let opens = words::day(page, desk, consultation.opens);
    let closes = words::day(page, desk, consultation.closes);
    page.t.with(
        "desk-days",
        &[("opens", opens.into()), ("closes", closes.into())],
    )
}

#[derive(Template)]
#[template(path = "desk/new.html")]
struct New<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    fields: &'a Fields,
    errors: &'a FieldErrors,
}

impl<'a> New<'a> {
    fn of(page: &'a Page, fields: &'a Fields, errors: &'a FieldErrors) -> Self {
        Self {
            page,
            crumbs: words::crumbs(page, &[], page.t.get("desk-new")),
            fields,
            errors,
        }
    }
}

/// The form to begin a consultation.
pub(super) async fn blank(page: Page) -> Result<Response, Problem> {
    staff(&page)?;
    let label = ("label".to_owned(), page.t.get("desk-label-first"));
    let fields = Fields {
        pairs: vec![label],
        files: Vec::new(),
    };
    Ok(page.show(&New::of(&page, &fields, &FieldErrors::none())))
}

/// Begins a consultation on the text handed in.
pub(super) async fn begin(
    page: Page,
    Extension(desk): Extension<Desk>,
    form: Form,
) -> Result<Response, Problem> {
    let congress = staff(&page)?.congress;
    page.limit(&limits::FORM)?;
    let refuse = |fields: &Fields, errors: FieldErrors| {
        Ok(page.show_refused(&New::of(&page, fields, &errors)))
    };
    let imported = match source::read(&page, &form.fields) {
        Ok(imported) => imported,
        Err(errors) => return refuse(&form.fields, errors),
    };
    let kept = source::kept(&form.fields, &imported);
    if let Err(message) = form.nonce(&page) {
        return refuse(&kept, FieldErrors::one("", message));
    }
    match ops::prepare(&desk, &page.actor, congress, &draft(&kept, &imported)).await {
        Ok(id) => {
            let notice = source::with_notices(&page, "desk-notice-begun", &imported);
            Ok(page.redirect_with(&format!("/desk/consultations/{id}"), notice))
        }
        Err(error) => refuse(&kept, refusal::on_form(error, page.lang)?),
    }
}

/// The draft as typed, with the title of its text where none was typed.
fn draft(fields: &Fields, imported: &Imported) -> Draft {
    let typed = fields.get("title").trim();
    let title = if typed.is_empty() {
        lawtext::parse(imported.source.as_str()).document.title
    } else {
        typed.to_owned()
    };
    Draft {
        title,
        lead: fields.get("lead").to_owned(),
        label: fields.get("label").to_owned(),
        source: imported.source.as_str().to_owned(),
    }
}
