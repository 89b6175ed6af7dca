//! Two versions of the draft, article by article, with what changed and the opinions it came from.

use std::collections::HashSet;

use askama::Template;
use axum::{Extension, response::Response};
use corpus::{Reading, VersionHead};
use kernel::{ConsultationId, VersionId};
use lawtext::{Pair, PairKind, ProvisionId};
use uuid::Uuid;
use web::{
    Page, Path, Problem, Query,
    view::{Choice, Crumb},
};

use crate::{
    figures,
    model::says,
    ops::Desk,
    pages::look::{self, Marked, Voice},
    store,
    tally::Tallies,
};

/// Opinions quoted under one article.
const QUOTED: usize = 3;
/// Articles of a page under which opinions are quoted.
const QUOTED_UNDER: usize = 60;

#[derive(serde::Deserialize)]
pub(super) struct Asked {
    old: Option<Uuid>,
    new: Option<Uuid>,
    kind: Option<String>,
}

struct Row {
    anchor: String,
    kind: String,
    colour: &'static str,
    old_name: String,
    old: Marked,
    new_name: String,
    new: Marked,
    same: bool,
    count: i64,
    href: String,
    voices: Vec<Voice>,
}

struct Tab {
    label: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "public/compare.html")]
struct Compare<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    old_label: String,
    new_label: String,
    old: String,
    new: String,
    versions: Vec<Choice>,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

pub(super) async fn show(
    page: Page,
    Extension(desk): Extension<Desk>,
    Path(id): Path<ConsultationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let consultation = crate::pages::seen(&page, &desk, id).await?;
    let mut heads = corpus::heads(&desk.db, consultation.text).await?;
    heads.retain(|head| head.published_at.is_some());
    let (old, new) = chosen(&heads, &asked)?;
    let (old, new) = (
        desk.library.read(&desk.db, old).await?,
        desk.library.read(&desk.db, new).await?,
    );
    let alignment = lawtext::align(&old.document, &new.document);
    let pairs: Vec<Pair> = alignment.provisions().cloned().collect();
    let tallies = figures::tallies(&desk.db, id).await?;
    let both = Both {
        page: &page,
        id,
        old: &old,
        new: &new,
        tallies,
    };
    let kind = asked.kind.filter(|kind| !kind.is_empty());
    let shown = pairs.iter().filter(|pair| {
        kind.as_deref()
            .is_none_or(|kind| look::pair(pair.kind) == kind)
    });
    let mut rows: Vec<Row> = shown.map(|pair| both.row(pair)).collect();
    tell_apart(&mut rows);
    quote(&both, &desk, &mut rows).await?;
    let view = Compare {
        page: &page,
        crumbs: look::crumbs(&page, &consultation, page.t.get("compare-title")),
        old_label: old.version.label.clone(),
        new_label: new.version.label.clone(),
        old: old.version.id.to_string(),
        new: new.version.id.to_string(),
        versions: heads
            .iter()
            .map(|head| look::choice(head.id.to_string(), head.label.clone()))
            .collect(),
        tabs: both.tabs(&pairs, kind.as_deref()),
        rows,
    };
    Ok(page.show(&view))
}

/// The versions asked for; without a wish, the last two.
fn chosen(heads: &[VersionHead], asked: &Asked) -> Result<(VersionId, VersionId), Problem> {
    let known = |id: Uuid| {
        heads
            .iter()
            .find(|head| head.id == VersionId::from(id))
            .map(|head| head.id)
    };
    let [.., before, last] = heads else {
        return Err(Problem::not_found());
    };
    let pick = |id: Option<Uuid>, usual: VersionId| {
        id.map_or(Some(usual), known).ok_or_else(Problem::not_found)
    };
    Ok((pick(asked.old, before.id)?, pick(asked.new, last.id)?))
}

const KINDS: [PairKind; 8] = [
    PairKind::Changed,
    PairKind::Added,
    PairKind::Removed,
    PairKind::Moved,
    PairKind::Split,
    PairKind::Merged,
    PairKind::Renumbered,
    PairKind::Unchanged,
];

const fn colour(kind: PairKind) -> &'static str {
    match kind {
        PairKind::Unchanged => "",
        PairKind::Renumbered | PairKind::Moved => "blue",
        PairKind::Changed | PairKind::Split | PairKind::Merged => "gold",
        PairKind::Added => "teal",
        PairKind::Removed => "red",
    }
}

/// What the rows of a comparison are drawn from.
struct Both<'a> {
    page: &'a Page,
    id: ConsultationId,
    old: &'a Reading,
    new: &'a Reading,
    tallies: Tallies,
}

impl Both<'_> {
    fn row(&self, pair: &Pair) -> Row {
        let (old, new) = pair.words(&self.old.document, &self.new.document);
        let changes = lawtext::mark(&old, &new);
        let name = |id: Option<&ProvisionId>| {
            id.map(|id| look::provision(self.page, Some(id.as_str())))
                .unwrap_or_default()
        };
        let landed = pair
            .new
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let version = self.new.version.id;
        Row {
            anchor: pair.new.as_ref().map_or_else(
                || {
                    pair.old
                        .as_ref()
                        .map_or_else(String::new, |id| format!("old-{id}"))
                },
                ToString::to_string,
            ),
            kind: look::named(self.page, "compare", look::pair(pair.kind)),
            colour: colour(pair.kind),
            old_name: name(pair.old.as_ref()),
            old: look::marked(&changes, true, false),
            new_name: name(pair.new.as_ref()),
            // What is gone is in here too: a phone shows this column alone.
            new: look::marked(&changes, true, true),
            same: old == new,
            count: self.tallies.landed(version, &landed),
            href: format!(
                "/consultations/{}/opinions?landed={landed}&version={version}",
                self.id
            ),
            voices: Vec::new(),
        }
    }

    fn tabs(&self, pairs: &[Pair], chosen: Option<&str>) -> Vec<Tab> {
        let base = format!(
            "/consultations/{}/compare?old={}&new={}",
            self.id, self.old.version.id, self.new.version.id
        );
        let label = |name: String, n: usize| {
            self.page
                .t
                .with("compare-tab", &[("kind", name.into()), ("n", n.into())])
        };
        let all = label(self.page.t.get("compare-all"), pairs.len());
        let mut tabs = vec![Tab {
            label: all,
            href: base.clone(),
            current: chosen.is_none(),
        }];
        for kind in KINDS {
            let n = pairs.iter().filter(|pair| pair.kind == kind).count();
            if n > 0 {
                tabs.push(Tab {
                    label: label(look::named(self.page, "compare", look::pair(kind)), n),
                    href: format!("{base}&kind={}", look::pair(kind)),
                    current: chosen == Some(look::pair(kind)),
                });
            }
        }
        tabs
    }
}

/// Several articles merged into one are several rows: the first is what links lead to, and tells of
/// the opinions.
fn tell_apart(rows: &mut [Row]) {
    let mut seen = HashSet::new();
    for (at, row) in rows.iter_mut().enumerate() {
        if !seen.insert(row.anchor.clone()) {
            row.anchor = format!("{}-row-{at}", row.anchor);
            row.count = 0;
        }
    }
}

/// The first few opinions under the articles that came from them.
async fn quote(both: &Both<'_>, desk: &Desk, rows: &mut [Row]) -> Result<(), Problem> {
    for row in rows
        .iter_mut()
        .filter(|row| row.count > 0)
        .take(QUOTED_UNDER)
    {
        let place = says::Write {
            version: both.new.version.id,
            provision: Some(row.anchor.clone()),
        };
        let found = store::led_to(&desk.db, both.id, &place, None, QUOTED).await?;
        row.voices = found
            .rows
            .iter()
            .map(|opinion| look::voice(both.page, opinion))
            .collect();
    }
    Ok(())
}
