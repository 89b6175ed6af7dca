//! The figures of a consultation: each opens the list it counts and says how it is counted.

use std::fmt::Display;

use askama::Template;
use axum::{Extension, response::Response};
use kernel::ConsultationId;
use uuid::Uuid;
use web::{
    Page, Path, Problem, Query,
    chart::{BarChart, LineChart},
    view::{Crumb, Fact},
};

use crate::{
    figures::{self, Counted, Figure, Unit},
    ops::Desk,
    pages::look,
    store::{self, Listed, Visited},
};

mod charts;

struct Row {
    name: String,
    value: String,
    how: String,
    href: String,
}

#[derive(Template)]
#[template(path = "public/figures.html")]
struct Figures<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    facts: Vec<Fact>,
    /// Where the data is, for programs.
    data: String,
    days: LineChart,
    bars: Vec<BarChart>,
    rows: Vec<Row>,
}

/// A figure that opens its list.
pub(super) fn fact(page: &Page, id: ConsultationId, figure: &Figure) -> Fact {
    Fact {
        figure: value(page, figure),
        label: name(page, figure),
        href: href(id, figure),
    }
}

pub(super) fn name(page: &Page, figure: &Figure) -> String {
    look::named(page, "figure", &figure.key)
}

fn value(page: &Page, figure: &Figure) -> String {
    match figure.unit {
        Unit::PerMille => format!("{}.{}%", figure.value / 10, figure.value % 10),
        _ => page.t.number(figure.value),
    }
}

fn href(id: ConsultationId, figure: &Figure) -> String {
    match &figure.counted {
        Counted::Opinions(filter) => super::opinions::href(id, filter),
        Counted::Visits => format!("/consultations/{id}/visits"),
        Counted::Deputies => format!("/consultations/{id}/visiting-deputies"),
        Counted::Units => format!("/consultations/{id}/visited-units"),
    }
}

fn how(page: &Page, figure: &Figure) -> String {
    let key = match figure.key.as_str() {
        "opinions" | "hidden" | "answered_share" | "heads" | "deputies" | "units" | "visits" => {
            figure.key.replace('_', "-")
        }
        key => key.split('_').next().unwrap_or_default().to_owned(),
    };
    page.t.get(format!("figure-how-{key}"))
}

pub(super) async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let tallies = figures::tallies(&desk.db, id).await?;
    let mut all = figures::figures(&tallies);
    let days = charts::days(&page, &desk, id, &tallies);
    let bars = charts::bars(&page, id, &tallies, &all);
    // The days have their own table below their line.
    all.retain(|figure| !figure.key.starts_with(figures::DAY));
    let row = |figure: &Figure| Row {
        name: name(&page, figure),
        value: format!(
            "{} {}",
            value(&page, figure),
            look::named(&page, "unit", figure.unit.word())
        ),
        how: how(&page, figure),
        href: href(id, figure),
    };
    let view = Figures {
        page: &page,
        data: format!("/consultations/{id}/data"),
        crumbs: look::crumbs(&page, &consultation, page.t.get("figures-title")),
        facts: all
            .iter()
            .take(5)
            .map(|figure| fact(&page, id, figure))
            .collect(),
        days,
        bars,
        rows: all.iter().map(row).collect(),
    };
    Ok(page.show(&view))
}

/// Visits on one page.
const PAGE: usize = 50;

struct VisitRow {
    unit: String,
    day: String,
    heads: String,
    href: String,
}

#[derive(Template)]
#[template(path = "public/visits.html")]
struct VisitList<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    title: String,
    rows: Vec<VisitRow>,
    more: String,
}

#[derive(serde::Deserialize)]
pub(super) struct Place {
    after: Option<Uuid>,
}

/// Which visits are listed.
#[derive(serde::Deserialize)]
pub(super) struct Narrow {
    deputy: Option<Uuid>,
    unit: Option<Uuid>,
    before: Option<Uuid>,
}

impl Narrow {
    fn whose(&self) -> store::Visits {
        match (self.deputy, self.unit) {
            (Some(deputy), _) => store::Visits::By(deputy.into()),
            (None, Some(unit)) => store::Visits::To(unit.into()),
            (None, None) => store::Visits::All,
        }
    }

    /// The address of the list from `before` on.
    fn href(&self, id: ConsultationId, before: impl Display) -> String {
        let narrow = match (self.deputy, self.unit) {
            (Some(deputy), _) => format!("deputy={deputy}&"),
            (None, Some(unit)) => format!("unit={unit}&"),
            (None, None) => String::new(),
        };
        format!("/consultations/{id}/visits?{narrow}before={before}")
    }
}

pub(super) async fn visits(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(narrow): Query<Narrow>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let before = narrow.before.map(Into::into);
    let found = store::visits(&desk.db, id, narrow.whose(), before, PAGE).await?;
    let next = found.next.map(|next| narrow.href(id, next));
    let row = |visit: &store::Visit| VisitRow {
        unit: visit.unit_name.clone(),
        day: visit.visited_on.parse().map_or_else(
            |_| visit.visited_on.clone(),
            |day| look::day(&page, &desk, day),
        ),
        heads: page.t.number(visit.heads),
        href: format!("/consultations/{id}/opinions?visit={}", visit.id),
    };
    let title = match narrow.whose() {
        store::Visits::All => page.t.get("visits-title"),
        store::Visits::By(deputy) => {
            let name = store::visiting_deputy(&desk.db, id, deputy).await?;
            page.t.one("visits-by", "name", name)
        }
        store::Visits::To(unit) => {
            let name = store::visited_unit(&desk.db, id, unit).await?;
            page.t.one("visits-to", "name", name)
        }
    };
    let view = VisitList {
        page: &page,
        crumbs: look::crumbs(&page, &consultation, title.clone()),
        title,
        rows: found.rows.iter().map(row).collect(),
        more: next.unwrap_or_default(),
    };
    Ok(page.show(&view))
}

/// A deputy or a unit, with how often and how many were heard.
struct VisitedRow {
    name: String,
    visits: String,
    heads: String,
    /// The list of these visits.
    href: String,
}

#[derive(Template)]
#[template(path = "public/visited.html")]
struct VisitedList<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    title: String,
    /// What the names are.
    who: String,
    rows: Vec<VisitedRow>,
    more: String,
}

pub(super) async fn deputies(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let found = store::visiting_deputies(&desk.db, id, place.after, PAGE).await?;
    let what = ("visiting-deputies", "deputy");
    Ok(visited(&page, &consultation, what, found))
}

pub(super) async fn units(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let found = store::visited_units(&desk.db, id, place.after, PAGE).await?;
    let what = ("visited-units", "unit");
    Ok(visited(&page, &consultation, what, found))
}

/// A page of those who visited or were visited: the word in the address and in the texts, and that by
/// which the list of visits is narrowed to one of them.
fn visited(
    page: &Page,
    consultation: &store::Consultation,
    (what, one_of): (&str, &str),
    found: Listed<Visited, Uuid>,
) -> Response {
    let title = page.t.get(format!("{what}-title"));
    let more = |next| format!("/consultations/{}/{what}?after={next}", consultation.id);
    let row = |one: &Visited| VisitedRow {
        name: one.name.clone(),
        visits: page.t.number(one.visits),
        heads: page.t.number(one.heads),
        href: format!(
            "/consultations/{}/visits?{one_of}={}",
            consultation.id, one.id
        ),
    };
    page.show(&VisitedList {
        page,
        crumbs: look::crumbs(page, consultation, title.clone()),
        title,
        who: page.t.get(format!("{what}-who")),
        rows: found.rows.iter().map(row).collect(),
        more: found.next.map(more).unwrap_or_default(),
    })
}
