//! The public list of opinions, narrowed as a figure or an article asks, and the page of one.

use askama::Template;
use axum::{Extension, response::Response};
use kernel::{ConsultationId, OpinionId};
use procedure::Word;
use uuid::Uuid;
use web::{
    Page, Path, Problem, Query,
    view::{Crumb, Step},
};

use crate::{
    figures,
    model::{OpinionMove, OpinionState, Outcome, Source, Stance},
    ops::Desk,
    pages::{
        look::{self, Voice},
        problem,
    },
    store::{self, Filter, Opinion},
    way,
};

/// Opinions on one page.
pub(super) const PAGE: usize = 30;
/// One more is fetched, to know whether there is a next page.
pub(super) const FETCH: u32 = 31;

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
    hidden: String,
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
pub(super) fn more(found: &[Opinion], path: &str, query: &str) -> String {
    let last = found.get(PAGE - 1).filter(|_| found.len() > PAGE);
    let join = if query.is_empty() { "" } else { "&" };
    last.map(|last| format!("{path}?{query}{join}after={}", last.id))
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
        ("hidden", filter.hidden.then_some("1")),
    ];
    let pairs = pairs
        .iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", look::escape((*value)?))));
    let visit = filter.visit.map(|visit| format!("visit={visit}"));
    pairs.chain(visit).collect::<Vec<_>>().join("&")
}

/// A word that is none of the list's is a page that does not exist.
fn word<W: Word>(text: Option<&String>) -> Result<Option<W>, Problem> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => W::parse(text).map(Some).ok_or_else(Problem::not_found),
        None => Ok(None),
    }
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
        hidden: narrow.hidden == "1",
    })
}

pub(super) async fn list(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(narrow): Query<Narrow>,
) -> Result<Response, Problem> {
    let consultation = super::seen(&page, &desk, id).await?;
    if let (Some(landed), Some(version)) = (&narrow.landed, narrow.version) {
        return led_to(&page, &desk, &consultation, landed, version).await;
    }
    let filter = filter(&narrow)?;
    let found = store::opinions(&desk.db, id, &filter, narrow.after.map(Into::into), FETCH).await?;
    let heading = heading(&page, &filter);
    let view = List {
        page: &page,
        crumbs: look::crumbs(&page, &consultation, page.t.get("opinions-title")),
        counted: counted(&page, &desk, id, &filter, &found, narrow.after).await?,
        heading,
        tabs: tabs(&page, id, &filter),
        more: more(
            &found,
            &format!("/consultations/{id}/opinions"),
            &query(&filter),
        ),
        voices: found
            .iter()
            .take(PAGE)
            .map(|opinion| look::voice(&page, opinion))
            .collect(),
        all: format!("/consultations/{id}/opinions"),
    };
    Ok(page.show(&view))
}

/// Opinions that one provision of a version came from, at most this many on the page.
const LED_TO: u32 = 500;

async fn led_to(
    page: &Page,
    desk: &Desk,
    consultation: &store::Consultation,
    landed: &str,
    version: Uuid,
) -> Result<Response, Problem> {
    let found = store::landed(&desk.db, version.into(), landed, LED_TO).await?;
    let found: Vec<Opinion> = found
        .into_iter()
        .filter(|opinion| opinion.consultation == consultation.id)
        .collect();
    let place = look::provision(page, Some(landed));
    let view = List {
        page,
        crumbs: look::crumbs(page, consultation, page.t.get("opinions-title")),
        heading: page.t.one("opinions-led-to", "place", place),
        counted: page.t.one("opinions-count", "n", found.len()),
        tabs: Vec::new(),
        voices: found
            .iter()
            .map(|opinion| look::voice(page, opinion))
            .collect(),
        more: String::new(),
        all: format!("/consultations/{}/opinions", consultation.id),
    };
    Ok(page.show(&view))
}

/// What is being counted, in words: 第三条 · 部分采纳.
fn heading(page: &Page, filter: &Filter) -> String {
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
        filter.hidden.then(|| page.t.get("opinions-hidden")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        page.t.get("opinions-all")
    } else {
        parts.join(" · ")
    }
}

/// How many there are: from the counters where they know, else from the page when it is the only one.
async fn counted(
    page: &Page,
    desk: &Desk,
    id: ConsultationId,
    filter: &Filter,
    found: &[Opinion],
    after: Option<Uuid>,
) -> Result<String, Problem> {
    let tallies = figures::tallies(&desk.db, id).await?;
    let all = figures::figures(&tallies);
    let whole = Filter {
        provision: None,
        ..filter.clone()
    };
    let known = all.iter().find(|figure| {
        figure.key != "answered_share"
            && figure.counted == figures::Counted::Opinions(whole.clone())
    });
    let place = filter.provision.as_deref().map(|id| {
        if id.is_empty() {
            crate::tally::WHOLE_DRAFT
        } else {
            id
        }
    });
    let answered = Filter {
        answered: true,
        ..Filter::default()
    };
    let n = match (known, place) {
        _ if whole == answered => Some(tallies.answered(place.unwrap_or_default())),
        (Some(figure), None) => Some(figure.value),
        (Some(figure), Some(place)) => {
            let key = figure
                .key
                .replacen("source_", "source:", 1)
                .replacen("stance_", "stance:", 1);
            let key = key
                .replacen("state_", "state:", 1)
                .replacen("outcome_", "outcome:", 1);
            Some(tallies.of(place, &key))
        }
        (None, _) if after.is_none() && found.len() <= PAGE => i64::try_from(found.len()).ok(),
        (None, _) => None,
    };
    Ok(n.map(|n| page.t.one("opinions-count", "n", n))
        .unwrap_or_default())
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
    let consultation = super::seen(&page, &desk, way.consultation.id).await?;
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
    if way.opinion.hidden.is_some() {
        for (shown, step) in steps.iter_mut().zip(&way.steps) {
            if step.made == OpinionMove::AskAgain.word() {
                shown.quote.clear();
            }
        }
    }
    steps
}
