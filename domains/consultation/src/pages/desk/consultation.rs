//! One consultation at the desk: where it stands, and the one next thing to do.

use askama::Template;
use axum::{Extension, response::Response};
use kernel::ConsultationId;
use lawtext::Diagnostic;
use web::{
    Lang, Page, Path, Problem,
    view::{Crumb, Fact, Pair, Step},
};

use super::{act::Act, home, ours, staff, words};
use crate::{
    figures,
    model::{OpinionState, State},
    ops::{self, Desk},
    pages::problem,
    store::Consultation,
    tally::{self, Tallies},
};

/// Findings of the parser that are listed.
const FINDINGS: usize = 50;

/// Something that can be done: name and address.
struct Link {
    label: String,
    href: String,
}

#[derive(Template)]
#[template(path = "desk/consultation.html")]
struct Show<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    stepper: Vec<Step>,
    next: Option<Link>,
    next_text: String,
    others: Vec<Link>,
    facts: Vec<Fact>,
    summary: Vec<Pair>,
    findings: Vec<String>,
    steps: Vec<Step>,
    /// How far the writing into the new version is; empty when none is going on.
    writing: String,
}

/// The consultation's page.
pub(super) async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    let consultation = ours(&desk, who, id).await?;
    let tallies = figures::tallies(&desk.db, id).await?;
    let heads = corpus::heads(&desk.db, consultation.text).await?;
    let steps = procedure::load_timeline(&desk.db, id.into()).await?;
    let next = next(&page, &consultation, &tallies, heads.len());
    let letters = ops::takes_records(&desk, &consultation).map_err(problem)?;
    let others = others(&page, &consultation, letters, next.as_ref());
    let view = Show {
        page: &page,
        crumbs: words::crumbs(&page, &[], consultation.title.clone()),
        stepper: words::stepper(&page, consultation.state),
        next_text: words::named(
            &page,
            "desk-next",
            next_word(&consultation, &tallies, heads.len()),
        ),
        next,
        others,
        facts: facts(&page, &consultation, &tallies),
        writing: match consultation.writing {
            Some(_) => page.t.one("desk-writing", "n", tallies.to_write("")),
            None => String::new(),
        },
        summary: summary(&page, &desk, &consultation, &heads),
        findings: findings(&page, &desk, &consultation).await?,
        steps: words::way(&page, &steps),
        consultation: &consultation,
    };
    Ok(page.show(&view))
}

/// What is to be done next, in one word.
fn next_word(consultation: &Consultation, tallies: &Tallies, versions: usize) -> &'static str {
    let waiting = tallies.in_state("", OpinionState::Received) > 0;
    match consultation.state {
        State::Draft => "open",
        State::Open | State::Studying if waiting => "queue",
        State::Open => "wait",
        State::Studying if versions < 2 => "next",
        State::Studying => "report",
        State::Reported => "reported",
        State::Withdrawn => "withdrawn",
    }
}

fn next(
    page: &Page,
    consultation: &Consultation,
    tallies: &Tallies,
    versions: usize,
) -> Option<Link> {
    let id = consultation.id;
    let act = |act: Act| {
        act.allowed(consultation.state, page)
            .then(|| link(page, act, id))
    };
    match next_word(consultation, tallies, versions) {
        "open" => act(Act::Open),
        "queue" => Some(queue_link(page, id)),
        "next" => act(Act::Next),
        "report" => act(Act::Report),
        _ => None,
    }
}

fn queue_link(page: &Page, id: ConsultationId) -> Link {
    Link {
        label: page.t.get("desk-to-queue"),
        href: format!("/desk/consultations/{id}/queue"),
    }
}

fn link(page: &Page, act: Act, id: ConsultationId) -> Link {
    Link {
        label: words::named(page, "desk-act", act.word()),
        href: format!("/desk/consultations/{id}/{}", act.word()),
    }
}

/// Everything else that may be done now.
fn others(
    page: &Page,
    consultation: &Consultation,
    letters: bool,
    next: Option<&Link>,
) -> Vec<Link> {
    let id = consultation.id;
    let public = |key: &str, path: &str| Link {
        label: page.t.get(key),
        href: format!("/consultations/{id}{path}"),
    };
    let mut links = vec![match consultation.state {
        State::Draft => public("desk-preview", ""),
        _ => public("desk-public", ""),
    }];
    if consultation.state != State::Draft {
        links.push(queue_link(page, id));
        links.push(Link {
            label: page.t.get("desk-alike-title"),
            href: format!("/desk/consultations/{id}/alike"),
        });
    }
    if letters {
        links.push(Link {
            label: page.t.get("desk-letter-title"),
            href: format!("/desk/consultations/{id}/letter"),
        });
    }
    let acts = Act::ALL
        .iter()
        .filter(|act| act.allowed(consultation.state, page));
    links.extend(acts.map(|act| link(page, *act, id)));
    links.retain(|link| next.is_none_or(|next| next.href != link.href));
    links
}

fn facts(page: &Page, consultation: &Consultation, tallies: &Tallies) -> Vec<Fact> {
    if consultation.opens.is_none() {
        return Vec::new();
    }
    let queue = format!("/desk/consultations/{}/queue", consultation.id);
    let fact = |n: i64, label: &str, query: &str| Fact {
        figure: page.t.number(n),
        label: page.t.get(label),
        href: format!("{queue}?{query}"),
    };
    vec![
        fact(
            tallies.all(tally::OPINIONS),
            "desk-fact-opinions",
            "state=all",
        ),
        fact(
            tallies.in_state("", OpinionState::Received),
            "desk-fact-waiting",
            "state=received",
        ),
        fact(
            tallies.in_state("", OpinionState::Decided),
            "desk-fact-decided",
            "state=decided",
        ),
        fact(tallies.to_write(""), "desk-fact-to-write", "state=to_write"),
        fact(
            tallies.in_state("", OpinionState::Written),
            "desk-fact-written",
            "state=written",
        ),
        fact(
            tallies.all(tally::HIDDEN),
            "desk-fact-hidden",
            "state=hidden",
        ),
    ]
}

fn summary(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    heads: &[corpus::VersionHead],
) -> Vec<Pair> {
    let pair = |name: &str, value: String| Pair {
        name: page.t.get(name),
        value,
        href: String::new(),
    };
    let labels = heads
        .iter()
        .map(|head| head.label.as_str())
        .collect::<Vec<_>>()
        .join(" → ");
    let exception = consultation.exception.clone().unwrap_or_default();
    let pairs = [
        pair(
            "desk-number",
            words::number(page, "consultation", consultation.number),
        ),
        pair("desk-lead", consultation.lead.clone()),
        pair("desk-versions", labels),
        pair("desk-window", home::days(page, desk, consultation)),
        pair("desk-exception", exception),
    ];
    pairs
        .into_iter()
        .filter(|pair| !pair.value.is_empty())
        .collect()
}

/// What the parser found odd in a draft that may still be changed.
async fn findings(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
) -> Result<Vec<String>, Problem> {
    if consultation.state != State::Draft {
        return Ok(Vec::new());
    }
    let reading = desk.library.read(&desk.db, consultation.version).await?;
    Ok(said(
        page,
        &lawtext::parse(&reading.version.source).diagnostics,
    ))
}

/// Findings of the parser in the visitor's language.
pub(super) fn said(page: &Page, diagnostics: &[Diagnostic]) -> Vec<String> {
    let words = |one: &Diagnostic| {
        let what = if page.lang == Lang::Zh {
            &one.message_zh
        } else {
            &one.message_en
        };
        page.t.with(
            "desk-finding",
            &[("line", one.line.into()), ("what", what.into())],
        )
    };
    diagnostics.iter().take(FINDINGS).map(words).collect()
}
