//! `/admin/divisions`: the tree of divisions, and the way to bring in more of it.

use askama::Template;
use axum::response::Response;
use directory::{
    Action,
    divisions::{self, Division},
};
use serde::Deserialize;
use web::{Page, Problem, Query, view::Crumb};

use super::{SIZE, house, staff};
use crate::{visitor::Visitor, words};

/// Under which division, and where the page begins.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    parent: String,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "people/desk/divisions.html")]
struct List<'a> {
    page: &'a Page,
    crumbs: Vec<Crumb>,
    divisions: Vec<Division>,
    keeps: bool,
    next: String,
}

impl List<'_> {
    /// The word for what kind of place it is.
    fn kind(&self, division: &Division) -> String {
        let kind = division.kind();
        match (kind, self.page.lang) {
            (Some(kind), web::Lang::Zh) => kind.zh().to_owned(),
            _ => division.kind.replace('_', " "),
        }
    }

    /// Its name in the visitor's language, where there is one.
    fn name<'d>(&self, division: &'d Division) -> &'d str {
        match (&division.name_en, self.page.lang) {
            (Some(name), web::Lang::En) => name,
            _ => &division.name,
        }
    }
}

/// The divisions right under one, or the provinces.
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    staff(&page)?;
    let db = &visitor.gate.db;
    let parent = match asked.parent.as_str() {
        "" => None,
        code => {
            let found = divisions::by_code(db, code).await.map_err(words::problem)?;
            Some(found.ok_or_else(Problem::not_found)?)
        }
    };
    let above = match &parent {
        Some(parent) => divisions::path(db, parent.id).await,
        None => Ok(Vec::new()),
    };
    let after = asked.after.as_deref();
    let found = divisions::children(db, parent.map(|parent| parent.id), after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let next = |after: String| format!("/admin/divisions?parent={}&after={after}", asked.parent);
    let mut view = List {
        page: &page,
        crumbs: Vec::new(),
        divisions: found.items,
        keeps: house::keeps_deployment(&page, &visitor, Action::KeepDivisions).await?,
        next: found.next.map(next).unwrap_or_default(),
    };
    view.crumbs = crumbs(&view, &above.map_err(words::problem)?);
    Ok(page.show(&view))
}

fn crumbs(view: &List<'_>, above: &[Division]) -> Vec<Crumb> {
    let top = Crumb {
        label: view.page.t.get("people-divisions"),
        href: if above.is_empty() {
            String::new()
        } else {
            "/admin/divisions".to_owned()
        },
    };
    let last = above.first().map(|division| division.id);
    let crumb = |division: &Division| Crumb {
        label: view.name(division).to_owned(),
        href: if Some(division.id) == last {
            String::new()
        } else {
            format!("/admin/divisions?parent={}", division.code)
        },
    };
    std::iter::once(top)
        .chain(above.iter().rev().map(crumb))
        .collect()
}
