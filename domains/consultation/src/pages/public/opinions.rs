//! The public list of opinions, narrowed as a figure or an article asks, and the page of one.

use askama::Template;
use axum::{Extension, response::Response};
use jiff::civil::Date;
use kernel::{ConsultationId, OpinionId};
use procedure::Word;
use uuid::Uuid;
use web::{
    Page, Path, Problem, Query,
    view::{Crumb, Step},
};

use crate::{
    figures,
    model::{OpinionMove, OpinionState, Outcome, Source, Stance, says},
    ops::Desk,
    pages::{
        look::{self, Voice},
        problem,
    },
    store::{self, Filter, Listed, Opinion},
    tally::Tallies,
    way,
};

/// Opinions on one page.
pub(super) const PAGE: usize = 30;

/// Where a page of a list begins.
#[derive(serde::Deserialize)]
pub(super) struct Place {
    pub after: Option<Uuid>,
}

/// What a list is narrowed to, in the address.
#[derive(serde::Deserialize, Default)]
pub(super) struct Narrow {
    provision: Option<String>,
    state: Option<String>,
    outcome: Option<String>,
    stance: Option<String>,
    source: Option<String>,
    visit: Option<Uuid>,
    landed: Option<String>,
    version: Option<Uuid>,
    #[serde(default)]
    answered: String,
    #[serde(default)]
    to_write: String,
    #[serde(default)]
    hidden: String,
    day: Option<String>,
    after: Option<Uuid>,
}

struct Tab {
    label: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "public/opinions.html")]
struct List<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    heading: String,
    counted: String,
    tabs: Vec<Tab>,
    voices: Vec<Voice>,
    more: String,
    all: String,
}

/// The address of the next page; empty on the last one.
pub(super) fn more(next: Option<impl std::fmt::Display>, path: &str, query: &str) -> String {
    let join = if query.is_empty() { "" } else { "&" };
    next.map(|next| format!("{path}?{query}{join}after={next}"))
        .unwrap_or_default()
}

/// The address of the list that `filter` narrows.
pub(super) fn href(id: ConsultationId, filter: &Filter) -> String {
    let query = query(filter);
    let join = if query.is_empty() { "" } else { "?" };
    format!("/consultations/{id}/opinions{join}{query}")
}

fn query(filter: &Filter) -> String {
    let pairs = [
        (
            "provision",
            filter
                .provision
                .as_deref()
                .map(|id| if id.is_empty() { "whole" } else { id }),
        ),
        ("state", filter.state.map(Word::word)),
        ("outcome", filter.outcome.map(Word::word)),
        ("stance", filter.stance.map(Word::word)),
        ("source", filter.source.map(Word::word)),
        ("answered", filter.answered.then_some("1")),
        ("to_write", filter.to_write.then_some("1")),
        ("hidden", filter.hidden.then_some("1")),
    ];
    let pairs = pairs
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", look::escape((*value)?))));
    let visit = filter.visit.map(|visit| format!("visit={visit}"));
    let day = filter.day.map(|day| format!("day={day}"));
    pairs.chain(visit).chain(day).collect::<Vec<_>>().join("&")
}

/// A word that is none of the list's is a page that does not exist.
fn word<W: Word>(text: Option<&String>) -> Result<Option<W>, Problem> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => W::parse(text).map(Some).ok_or_else(Problem::not_found),
        None => Ok(None),
    }
}

fn day(text: Option<&str>) -> Result<Option<Date>, Problem> {
    let day = text.map(str::parse).transpose();
    day.map_err(|_| Problem::not_found())
}

fn filter(narrow: &Narrow) -> Result<Filter, Problem> {
    let provision = narrow
        .provision
        .clone()
        .filter(|provision| !provision.is_empty());
    Ok(Filter {
        provision: provision.map(|id| if id == "whole" { String::new() } else { id }),
        state: word::<OpinionState>(narrow.state.as_ref())?,
        outcome: word::<Outcome>(narrow.outcome.as_ref())?,
        stance: word::<Stance>(narrow.stance.as_ref())?,
        source: word::<Source>(narrow.source.as_ref())?,
        visit: narrow.visit.map(Into::into),
        answered: narrow.answered == "1",
        to_write: narrow.to_write == "1",
        hidden: narrow.hidden == "1",
        day: day(narrow.day.as_deref())?,
    })
}

pub(super) async fn list(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(narrow): Query<Narrow>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    if let (Some(landed), Some(version)) = (&narrow.landed, narrow.version) {
        let place = says::Write {
            version: version.into(),
            provision: Some(landed.clone()),
        };
        return led_to(&page, &desk, &consultation, &place, narrow.after).await;
    }
    let filter = filter(&narrow)?;
    let after = narrow.after.map(Into::into);
    let found = store::opinions(&desk.db, id, &filter, after, PAGE).await?;
    let tallies = figures::tallies(&desk.db, id).await?;
    let path = format!("/consultations/{id}/opinions");
    let view = List {
        page: &page,
        crumbs: look::crumbs(&page, &consultation, page.t.get("opinions-title")),
        counted: counted(&page, &tallies, &filter, &found, after),
        heading: heading(&page, &desk, &filter),
        tabs: tabs(&page, id, &filter),
        more: more(found.next, &path, &query(&filter)),
        voices: voices(&page, &found.rows),
        all: path,
    };
    Ok(page.show(&view))
}

fn voices(page: &Page, opinions: &[Opinion]) -> Vec<Voice> {
    let voice = |opinion| look::voice(page, opinion);
    opinions.iter().map(voice).collect()
}

/// The opinions that led to a provision of a version.
async fn led_to(
    page: &Page,
    desk: &Desk,
    consultation: &store::Consultation,
    place: &says::Write,
    after: Option<Uuid>,
) -> Result<Response, Problem> {
    let after = after.map(Into::into);
    let found = store::led_to(&desk.db, consultation.id, place, after, PAGE).await?;
    let tallies = figures::tallies(&desk.db, consultation.id).await?;
    let (version, provision) = (
        place.version,
        place.provision.as_deref().unwrap_or_default(),
    );
    let path = format!("/consultations/{}/opinions", consultation.id);
    let query = format!("landed={}&version={version}", look::escape(provision));
    let place = look::provision(page, Some(provision));
    let view = List {
        page,
        crumbs: look::crumbs(page, consultation, page.t.get("opinions-title")),
        heading: page.t.one("opinions-led-to", "place", place),
        counted: page
            .t
            .one("opinions-count", "n", tallies.landed(version, provision)),
        tabs: Vec::new(),
        more: more(found.next, &path, &query),
        voices: voices(page, &found.rows),
        all: path,
    };
    Ok(page.show(&view))
}

/// What is being counted, in words: 第三条 · 部分采纳.
fn heading(page: &Page, desk: &Desk, filter: &Filter) -> String {
    let parts = [
        filter
            .provision
            .as_deref()
            .map(|id| look::provision(page, Some(id))),
        filter
            .state
            .map(|state| look::named(page, "opinion-state", state.word())),
        filter
            .outcome
            .map(|outcome| look::named(page, "outcome", outcome.word())),
        filter
            .stance
            .map(|stance| look::named(page, "stance", stance.word())),
        filter
            .source
            .map(|source| look::named(page, "source", source.word())),
        filter.visit.map(|_| page.t.get("opinions-of-visit")),
        filter.answered.then(|| page.t.get("opinions-answered")),
        filter.to_write.then(|| page.t.get("opinions-to-write")),
        filter.hidden.then(|| page.t.get("opinions-hidden")),
        filter.day.map(|day| {
            let day = look::day(page, desk, day);
            page.t.one("opinions-of-day", "day", day)
        }),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        page.t.get("opinions-all")
    } else {
        parts.join(" · ")
    }
}

/// How many there are: from the counters where they know, else from the page when it is the only one.
fn counted(
    page: &Page,
    tallies: &Tallies,
    filter: &Filter,
    found: &Listed<Opinion, OpinionId>,
    after: Option<OpinionId>,
) -> String {
    let only_page = after.is_none() && found.next.is_none();
    let on_it = only_page.then_some(found.rows.len());
    let n = tallies.count(filter);
    let n = n.or_else(|| on_it.and_then(|n| i64::try_from(n).ok()));
    n.map(|n| page.t.one("opinions-count", "n", n))
        .unwrap_or_default()
}

/// The ways to narrow further, by where opinions stand and what was decided.
fn tabs(page: &Page, id: ConsultationId, filter: &Filter) -> Vec<Tab> {
    let tab = |label: String, to: Filter| Tab {
        label,
        current: to == *filter,
        href: href(id, &to),
    };
    let base = Filter {
        provision: filter.provision.clone(),
        ..Filter::default()
    };
    let mut tabs = vec![tab(page.t.get("opinions-all"), base.clone())];
    let waiting = Filter {
        state: Some(OpinionState::Received),
        ..base.clone()
    };
    tabs.push(tab(
        look::named(page, "opinion-state", OpinionState::Received.word()),
        waiting,
    ));
    tabs.extend(Outcome::ALL.iter().map(|outcome| {
        let to = Filter {
            outcome: Some(*outcome),
            ..base.clone()
        };
        tab(look::named(page, "outcome", outcome.word()), to)
    }));
    tabs
}

#[derive(Template)]
#[template(path = "public/opinion.html")]
struct One<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    voice: Voice,
    number: String,
    provision: String,
    steps: Vec<Step>,
}

pub(super) async fn one(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<OpinionId>,
) -> Result<Response, Problem> {
    let way = way::by_id(&desk, id).await.map_err(problem)?;
    let consultation = crate::pages::seen(&page, &desk, way.consultation.id).await?;
    let provision = way.opinion.provision.as_deref();
    let view = One {
        page: &page,
        crumbs: look::crumbs(&page, &consultation, page.t.get("opinion-title")),
        voice: look::voice(&page, &way.opinion),
        number: look::number(&page, "opinion", way.opinion.number),
        provision: provision
            .map(|id| format!("/consultations/{}/provisions/{id}", consultation.id))
            .unwrap_or_default(),
        steps: public_steps(&page, &way),
    };
    Ok(page.show(&view))
}

/// The steps as everybody may see them: what a person wrote stays hidden with the opinion.
fn public_steps(page: &Page, way: &way::Way) -> Vec<Step> {
    let mut steps = look::chain(page, &way.opinion, &way.steps);
    if way.opinion.public_words().is_none() {
        for (shown, step) in steps.iter_mut().zip(&way.steps) {
            if step.made == OpinionMove::AskAgain.word() {
                shown.quote.clear();
            }
        }
    }
    steps
}
