//! The draft, read as law is printed, with the voices beside each article.

use std::{collections::HashSet, sync::Arc};

use askama::Template;
use axum::{Extension, response::Response};
use corpus::{Reading, VersionHead};
use kernel::{ConsultationId, VersionId};
use lawtext::{Kind, Node, OutlineEntry, ProvisionId};
use uuid::Uuid;
use web::{
    FieldErrors, Page, Path, Problem, Query,
    view::{Choice, Crumb, Fact, Step},
};

use super::{
    opinions::{PAGE, Place},
    told::{self, Told},
};
use crate::{
    figures,
    model::{Outcome, Stance},
    ops::{self, Desk},
    pages::{
        look::{self, Voice},
        problem,
    },
    store::{self, Consultation, Filter},
    tally::{self, Tallies},
};

/// A line of the page, in reading order.
pub(super) enum Row {
    Heading { id: String, text: String },
    Line { text: String },
    Article(Article),
}

/// An article with what was said of it.
pub(super) struct Article {
    pub id: String,
    pub number: String,
    pub lines: Vec<String>,
    /// What it opens; empty when nothing.
    pub href: String,
    pub voices: Voices,
    /// In a later version: how many opinions led to it.
    pub led_to: i64,
}

/// What stands beside the articles of a version. Opinions speak of the version that was laid before
/// the people, in its numbers; a later one shows the opinions that led to it.
pub(super) struct Beside<'a> {
    id: ConsultationId,
    version: VersionId,
    later: bool,
    tallies: &'a Tallies,
}

impl Beside<'_> {
    /// How many opinions stand beside `provision`.
    fn count(&self, provision: &str) -> i64 {
        match self.later {
            true => self.tallies.landed(self.version, provision),
            false => self.tallies.of(provision, tally::OPINIONS),
        }
    }

    fn href(&self, provision: &str) -> String {
        let Self { id, version, .. } = self;
        match self.later {
            false => format!("/consultations/{id}/provisions/{provision}"),
            true if self.count(provision) == 0 => String::new(),
            true => format!("/consultations/{id}/opinions?landed={provision}&version={version}"),
        }
    }

    /// An article as it is printed.
    fn article(&self, node: &Node) -> Article {
        let number = if node.kind == Kind::Article {
            node.printed.clone()
        } else {
            String::new()
        };
        let lines = node.paragraphs().into_iter();
        let provision = node.id.as_str();
        Article {
            id: node.id.to_string(),
            number,
            lines: lines.map(|line| line.text).collect(),
            href: self.href(provision),
            voices: voices(provision, self.tallies),
            led_to: if self.later { self.count(provision) } else { 0 },
        }
    }
}

/// How many spoke of an article, and what they want.
pub(super) struct Voices {
    pub count: i64,
    pub adopted: i64,
    pub bars: Vec<Bar>,
}

/// A part of the split bar: from `x`, so wide, of 1000.
pub(super) struct Bar {
    pub kind: &'static str,
    pub x: i64,
    pub width: i64,
}

struct Chapter {
    href: String,
    label: String,
    count: i64,
}

#[derive(Template)]
#[template(path = "public/law.html")]
struct Law<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    standing: String,
    days: String,
    label: String,
    open: bool,
    preview: bool,
    /// The published versions, where there are several.
    versions: Vec<VersionLink>,
    /// Whether another version than the one laid before the people is shown.
    later: bool,
    exception: String,
    reported: bool,
    facts: Vec<Fact>,
    chapters: Vec<Chapter>,
    rows: Vec<Row>,
    steps: Vec<Step>,
}

/// A version to choose.
struct VersionLink {
    label: String,
    href: String,
    current: bool,
}

/// Which version is asked for.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    version: Option<Uuid>,
}

/// The page of a consultation. It never lists opinions: the counters say how many there are.
pub(super) async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let tallies = figures::tallies(&desk.db, id).await?;
    let heads = corpus::heads(&desk.db, consultation.text).await?;
    let version = chosen(&heads, asked.version, consultation.version)?;
    let reading = desk.library.read(&desk.db, version).await?;
    let later = heads.first().is_some_and(|first| first.id != version);
    let beside = Beside {
        id,
        version,
        later,
        tallies: &tallies,
    };
    let steps = procedure::load_timeline(&desk.db, id.into()).await?;
    let mut chapters = Vec::new();
    flatten(&reading.document.outline(), &beside, &mut chapters);
    let view = Law {
        page: &page,
        standing: look::standing(&page, &desk, &consultation),
        days: days(&page, &desk, &consultation),
        label: reading.version.label.clone(),
        open: look::takes_opinions(&desk, &consultation),
        preview: super::preview(&consultation),
        versions: version_links(id, &heads, version),
        later,
        exception: exception(&page, &desk, &consultation),
        reported: consultation.state == crate::model::State::Reported,
        facts: facts(&page, id, &tallies),
        chapters,
        rows: rows(&reading, &beside),
        steps: look::way(&page, &steps),
        consultation: &consultation,
    };
    Ok(page.show(&view))
}

/// The version asked for, else `present`; nobody sees one before it is published.
fn chosen(
    heads: &[VersionHead],
    asked: Option<Uuid>,
    present: VersionId,
) -> Result<VersionId, Problem> {
    let Some(asked) = asked.map(VersionId::from).filter(|id| *id != present) else {
        return Ok(present);
    };
    let mut published = heads.iter().filter(|head| head.published_at.is_some());
    let known = published.any(|head| head.id == asked);
    known.then_some(asked).ok_or_else(Problem::not_found)
}

fn version_links(
    id: ConsultationId,
    heads: &[VersionHead],
    current: VersionId,
) -> Vec<VersionLink> {
    let published = heads.iter().filter(|head| head.published_at.is_some());
    let links: Vec<VersionLink> = published
        .map(|head| VersionLink {
            label: head.label.clone(),
            href: format!("/consultations/{id}?version={}", head.id),
            current: head.id == current,
        })
        .collect();
    if links.len() > 1 { links } else { Vec::new() }
}

/// From when to when opinions are taken, in a sentence; empty before it is decided.
pub(super) fn days(page: &Page, desk: &Desk, consultation: &Consultation) -> String {
    let Some((opens, closes)) = consultation.opens.zip(consultation.closes) else {
        return String::new();
    };
    let (opens, closes) = (look::day(page, desk, opens), look::day(page, desk, closes));
    page.t.with(
        "consultation-days",
        &[("opens", opens.into()), ("closes", closes.into())],
    )
}

/// Why the window is short, with the article that asks for more.
fn exception(page: &Page, desk: &Desk, consultation: &Consultation) -> String {
    let Some(reason) = &consultation.exception else {
        return String::new();
    };
    let opens = consultation.opens.unwrap_or_else(|| desk.today());
    let Ok((least, zh, en)) = desk.minimum_window(opens) else {
        return page.t.one("consultation-exception-plain", "reason", reason);
    };
    let basis = if page.lang == web::Lang::En { en } else { zh };
    let args = [
        ("least", least.into()),
        ("basis", basis.into()),
        ("reason", reason.into()),
    ];
    page.t.with("consultation-exception", &args)
}

fn facts(page: &Page, id: ConsultationId, tallies: &Tallies) -> Vec<Fact> {
    const SHOWN: [&str; 5] = ["opinions", "heads", "deputies", "units", "answered_share"];
    let all = figures::figures(tallies);
    let shown = SHOWN
        .iter()
        .filter_map(|key| all.iter().find(|figure| figure.key == *key));
    shown
        .map(|figure| super::figures::fact(page, id, figure))
        .collect()
}

fn flatten(entries: &[OutlineEntry], beside: &Beside<'_>, chapters: &mut Vec<Chapter>) {
    for entry in entries {
        chapters.push(Chapter {
            href: format!("#{}", entry.id),
            label: format!("{} {}", entry.printed, entry.heading)
                .trim()
                .to_owned(),
            count: spoken(entry, beside),
        });
        flatten(&entry.children, beside, chapters);
    }
}

fn spoken(entry: &OutlineEntry, beside: &Beside<'_>) -> i64 {
    let own: i64 = entry
        .articles
        .iter()
        .map(|id| beside.count(id.as_str()))
        .sum();
    own + entry
        .children
        .iter()
        .map(|child| spoken(child, beside))
        .sum::<i64>()
}

fn rows(reading: &Reading, beside: &Beside<'_>) -> Vec<Row> {
    let provisions: HashSet<&ProvisionId> = reading
        .document
        .provisions()
        .into_iter()
        .map(|node| &node.id)
        .collect();
    let mut rows = Vec::new();
    for node in reading.document.nodes() {
        if !matches!(node.kind, Kind::Title | Kind::Contents) {
            add(node, &provisions, beside, &mut rows);
        }
    }
    rows
}

/// The parser bounds how deep a text nests.
fn add(node: &Node, provisions: &HashSet<&ProvisionId>, beside: &Beside<'_>, rows: &mut Vec<Row>) {
    if provisions.contains(&node.id) {
        rows.push(Row::Article(beside.article(node)));
        return;
    }
    let text = if node.kind.is_group() || node.kind == Kind::Appendix {
        format!("{}　{}", node.printed, node.heading)
            .trim_matches('　')
            .to_owned()
    } else {
        format!("{}{}{}", node.printed, node.heading, node.text)
    };
    match text.is_empty() {
        true => {}
        false if node.kind.is_group() || node.kind == Kind::Appendix => {
            rows.push(Row::Heading {
                id: node.id.to_string(),
                text,
            });
        }
        false => rows.push(Row::Line { text }),
    }
    for child in &node.children {
        add(child, provisions, beside, rows);
    }
}

fn voices(provision: &str, tallies: &Tallies) -> Voices {
    let count = tallies.of(provision, tally::OPINIONS);
    let adopted = tallies.with_outcome(provision, Outcome::Adopted)
        + tallies.with_outcome(provision, Outcome::PartlyAdopted);
    let kinds = [
        (Stance::Support, "teal"),
        (Stance::Amend, "gold"),
        (Stance::Oppose, "red"),
        (Stance::Other, "rest"),
    ];
    let mut bars = Vec::new();
    let mut before = 0;
    for (stance, kind) in kinds {
        let n = tallies.with_stance(provision, stance);
        if n > 0 && count > 0 {
            let (x, end) = (before * 1_000 / count, (before + n) * 1_000 / count);
            bars.push(Bar {
                kind,
                x,
                width: end - x,
            });
        }
        before += n;
    }
    Voices {
        count,
        adopted,
        bars,
    }
}

#[derive(Template)]
#[template(path = "public/provision.html")]
struct Provision<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    name: String,
    /// What the version is called.
    label: String,
    article: Article,
    open: bool,
    voices: Vec<Voice>,
    more: String,
    action: String,
    errors: FieldErrors,
    stances: Vec<Choice>,
    provisions: Vec<Choice>,
    stance: String,
    text: String,
    chosen: String,
    max: usize,
    told: Told,
}

/// The page of one article: its words, what people said of it, and the form.
pub(super) async fn provision(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path((id, provision)): Path<(ConsultationId, String)>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    // What was spoken of.
    let version = ops::laid_open(&desk, &consultation)
        .await
        .map_err(problem)?;
    let reading = desk.library.read(&desk.db, version).await?;
    let node = find(&reading, &provision).ok_or_else(Problem::not_found)?;
    let tallies = figures::tallies(&desk.db, id).await?;
    let beside = Beside {
        id,
        version,
        later: false,
        tallies: &tallies,
    };
    let filter = Filter {
        provision: Some(provision.clone()),
        ..Filter::default()
    };
    let after = place.after.map(Into::into);
    let found = store::opinions(&desk.db, id, &filter, after, PAGE).await?;
    let here = format!("/consultations/{id}/provisions/{provision}");
    let name = look::provision(&page, Some(&provision));
    let view = Provision {
        page: &page,
        crumbs: look::crumbs(&page, &consultation, name.clone()),
        name,
        article: beside.article(node),
        label: reading.version.label.clone(),
        open: look::takes_opinions(&desk, &consultation),
        more: super::opinions::more(found.next, &here, ""),
        voices: found
            .rows
            .iter()
            .map(|opinion| look::voice(&page, opinion))
            .collect(),
        action: format!("/consultations/{id}/opinions/new"),
        errors: FieldErrors::none(),
        stances: look::choices::<Stance>(&page, "stance"),
        provisions: look::provisions(&page, &reading.document),
        stance: String::new(),
        text: String::new(),
        chosen: provision,
        max: ops::limits::OPINION,
        told: told::told(&page, &desk),
        consultation: &consultation,
    };
    Ok(page.show(&view))
}

fn find<'a>(reading: &'a Arc<Reading>, provision: &str) -> Option<&'a Node> {
    reading.document.find(&provision.parse().ok()?)
}
