//! Publishing the next version: first what would change, then the word of whoever publishes it.

use askama::Template;
use axum::{Extension, response::Response};
use kernel::{ConsultationId, VersionId};
use lawtext::{Alignment, Document, Pair, PairKind};
use web::{
    FieldErrors, Fields, Form, Page, Path, Problem, limits,
    view::{Crumb, Fact},
};

use super::{act, consultation::said, ours, refusal, source, staff, words};
use crate::{
    figures,
    model::OpinionState,
    ops::{self, Desk, NextVersion, OpError},
    pages::look::{self, Marked},
    store::Consultation,
};

/// An article whose words or place change.
struct Row {
    name: String,
    kind: String,
    words: Marked,
}

#[derive(Template)]
#[template(path = "desk/next.html")]
struct Confirm<'a> {
    page: &'a Page,
    consultation: &'a Consultation,
    crumbs: Vec<Crumb>,
    facts: Vec<Fact>,
    rows: Vec<Row>,
    adopted: i64,
    waiting: i64,
    notices: Vec<String>,
    findings: Vec<String>,
    label: &'a str,
    source: &'a str,
    /// The version it is compared with.
    follows: VersionId,
    errors: &'a FieldErrors,
}

/// What would change, with the text kept in the page until it is published.
pub(super) async fn confirm(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    fields: &Fields,
) -> Result<Result<Response, FieldErrors>, Problem> {
    let imported = match source::read(page, fields) {
        Ok(imported) => imported,
        Err(errors) => return Ok(Err(errors)),
    };
    let present = desk.library.read(&desk.db, consultation.version).await?;
    let checked = ops::words("label", fields.get("label"), ops::limits::LABEL);
    let checked =
        checked.and_then(
            |label| match present.version.source == imported.source.as_str() {
                true => Err(OpError::SameText),
                false => Ok(label),
            },
        );
    match checked {
        Ok(label) => {
            let notices = imported
                .notices
                .iter()
                .map(|(zh, en)| in_language(page, zh, en))
                .collect();
            let shown = Shown {
                label: &label,
                source: imported.source.as_str(),
                notices,
                errors: &FieldErrors::none(),
            };
            Ok(Ok(render(page, desk, consultation, shown).await?))
        }
        Err(error) => Ok(Err(refusal::on_form(error, page.lang)?)),
    }
}

fn in_language(page: &Page, zh: &str, en: &str) -> String {
    if page.lang == web::Lang::Zh {
        zh.to_owned()
    } else {
        en.to_owned()
    }
}

/// Publishes the text that was shown.
pub(super) async fn publish(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    form: Form,
) -> Result<Response, Problem> {
    let who = staff(&page)?;
    page.limit(&limits::FORM)?;
    let consultation = ours(&desk, who, id).await?;
    let next = NextVersion {
        label: form.fields.get("label").to_owned(),
        source: form.fields.get("source").to_owned(),
        follows: form
            .fields
            .get("follows")
            .parse()
            .map_err(|_| Problem::not_found())?,
    };
    let errors = match form.nonce(&page) {
        Err(message) => FieldErrors::one("", message),
        Ok(_) => match ops::next_version(&desk, &page.actor, id, &next).await {
            Ok(_) => return Ok(act::finished(&page, id, "desk-done-next".into())),
            Err(error) => refusal::on_form(error, page.lang)?,
        },
    };
    let shown = Shown {
        label: &next.label,
        source: &next.source,
        notices: Vec::new(),
        errors: &errors,
    };
    render(&page, &desk, &consultation, shown).await
}

/// What is about to be published.
struct Shown<'a> {
    label: &'a str,
    source: &'a str,
    notices: Vec<String>,
    errors: &'a FieldErrors,
}

async fn render(
    page: &Page,
    desk: &Desk,
    consultation: &Consultation,
    shown: Shown<'_>,
) -> Result<Response, Problem> {
    let present = desk.library.read(&desk.db, consultation.version).await?;
    let parsed = lawtext::parse(shown.source);
    let tallies = figures::tallies(&desk.db, consultation.id).await?;
    let alignment = lawtext::align(&present.document, &parsed.document);
    let above = (
        consultation.title.clone(),
        format!("/desk/consultations/{}", consultation.id),
    );
    let view = Confirm {
        page,
        consultation,
        crumbs: words::crumbs(page, &[above], page.t.get("desk-confirm-title")),
        facts: changes(page, &alignment),
        rows: rows(page, &alignment, &present.document, &parsed.document),
        adopted: tallies.to_write(""),
        waiting: tallies.in_state("", OpinionState::Received),
        notices: shown.notices,
        findings: said(page, &parsed.diagnostics),
        label: shown.label,
        source: shown.source,
        follows: consultation.version,
        errors: shown.errors,
    };
    Ok(if shown.errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    })
}

/// How many articles changed in which way.
fn changes(page: &Page, alignment: &Alignment) -> Vec<Fact> {
    let kinds = [
        (PairKind::Changed, "desk-pair-changed"),
        (PairKind::Added, "desk-pair-added"),
        (PairKind::Removed, "desk-pair-removed"),
        (PairKind::Moved, "desk-pair-moved"),
        (PairKind::Split, "desk-pair-split"),
        (PairKind::Merged, "desk-pair-merged"),
        (PairKind::Renumbered, "desk-pair-renumbered"),
        (PairKind::Unchanged, "desk-pair-unchanged"),
    ];
    let fact = |(kind, key): &(PairKind, &str)| Fact {
        figure: page.t.number(
            alignment
                .provisions()
                .filter(|pair| pair.kind == *kind)
                .count(),
        ),
        label: page.t.get(key),
        href: String::new(),
    };
    kinds.iter().map(fact).collect()
}

/// The articles that do not stay as they are, with the changed characters marked.
fn rows(page: &Page, alignment: &Alignment, old: &Document, new: &Document) -> Vec<Row> {
    let stays = |kind| matches!(kind, PairKind::Unchanged | PairKind::Renumbered);
    let changed = alignment.provisions().filter(|pair| !stays(pair.kind));
    let row = |pair: &Pair| {
        let (before, after) = pair.words(old, new);
        let place = pair.new.as_ref().or(pair.old.as_ref());
        Row {
            name: look::provision(page, place.map(|id| id.as_str())),
            kind: look::named(page, "compare", look::pair(pair.kind)),
            words: look::marked(&lawtext::mark(&before, &after), true, true),
        }
    };
    changed.map(row).collect()
}
