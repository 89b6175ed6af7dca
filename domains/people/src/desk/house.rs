//! `/admin/organs`, `/admin/congress` and `/admin/congresses`: organs, terms, and the congresses of
//! the deployment.

use askama::Template;
use axum::response::Response;
use directory::{
    Action, DirectoryError,
    congresses::{self, Congress, NewTerm, Term},
    divisions,
    organs::{self, NewOrgan, Organ, OrganKind},
};
use kernel::{CongressId, OrganId};
use serde::Deserialize;
use web::{FieldErrors, Fields, Form, Page, Problem, Query, view::Choice};

use super::{SIZE, choices, day, given, nonce, number, outcome, shown, staff};
use crate::{visitor::Visitor, words};

/// Where the page begins.
#[derive(Deserialize)]
pub(super) struct After<K> {
    after: Option<K>,
}

#[derive(Template)]
#[template(path = "people/desk/organs.html")]
struct Organs<'a> {
    page: &'a Page,
    errors: FieldErrors,
    fields: &'a Fields,
    organs: Vec<Organ>,
    kinds: Vec<Choice>,
    parents: Vec<Choice>,
    keeps: bool,
    next: String,
}

/// The organs of the congress, and the form for a new one.
pub(super) async fn organs(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<After<OrganId>>,
) -> Result<Response, Problem> {
    let none = Fields::default();
    organs_page(&page, &visitor, asked.after, FieldErrors::none(), &none).await
}

async fn organs_page(
    page: &Page,
    visitor: &Visitor,
    after: Option<OrganId>,
    errors: FieldErrors,
    fields: &Fields,
) -> Result<Response, Problem> {
    staff(page)?;
    let found = organs::list(&visitor.gate.db, visitor.site, after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let next = |after: OrganId| format!("/admin/organs?after={after}");
    let none = Choice {
        value: String::new(),
        label: page.t.get("people-none"),
        help: String::new(),
    };
    let parent = |organ: &Organ| Choice {
        value: organ.id.to_string(),
        label: organ.name.clone(),
        help: String::new(),
    };
    let view = Organs {
        page,
        fields,
        kinds: choices(page, "people-organ", OrganKind::ALL.map(OrganKind::as_str)),
        parents: std::iter::once(none)
            .chain(found.items.iter().map(parent))
            .collect(),
        keeps: visitor.may(page, Action::KeepOrgans).is_ok(),
        next: found.next.map(next).unwrap_or_default(),
        organs: found.items,
        errors,
    };
    Ok(shown(page, &view.errors, &view))
}

/// Sets up an organ.
pub(super) async fn add_organ(
    page: Page,
    visitor: Visitor,
    form: Form,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepOrgans)?;
    let done = match nonce(&form, &page) {
        Err(errors) => Err(errors),
        Ok(_) => outcome(add(&page, &visitor, &form.fields).await)?,
    };
    match done {
        Ok(()) => Ok(page.redirect_with("/admin/organs", "people-saved")),
        Err(errors) => organs_page(&page, &visitor, None, errors, &form.fields).await,
    }
}

async fn add(page: &Page, visitor: &Visitor, fields: &Fields) -> directory::Result<()> {
    let gate = &visitor.gate;
    let parent = given(fields.get("parent")).map(str::parse::<OrganId>);
    let kind = OrganKind::parse(fields.get("kind"));
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let new = NewOrgan {
        congress: visitor.site,
        parent: parent
            .transpose()
            .map_err(|_| DirectoryError::Missing("organ"))?,
        kind: kind.ok_or(DirectoryError::Invalid {
            field: "kind",
            reason: "empty",
        })?,
        name: fields.get("name"),
    };
    organs::create(gate, &mut tx, &new).await?;
    Ok(tx.commit().await?)
}

#[derive(Template)]
#[template(path = "people/desk/congress.html")]
struct CongressPage<'a> {
    page: &'a Page,
    errors: FieldErrors,
    fields: &'a Fields,
    congress: Congress,
    terms: Vec<Term>,
    keeps: bool,
}

/// The congress with its terms.
pub(super) async fn congress(page: Page, visitor: Visitor) -> Result<Response, Problem> {
    let none = Fields::default();
    congress_page(&page, &visitor, FieldErrors::none(), &none).await
}

async fn congress_page(
    page: &Page,
    visitor: &Visitor,
    errors: FieldErrors,
    fields: &Fields,
) -> Result<Response, Problem> {
    staff(page)?;
    let db = &visitor.gate.db;
    let congress = congresses::find(db, visitor.site).await;
    let terms = congresses::terms(db, visitor.site).await;
    let view = CongressPage {
        page,
        fields,
        congress: congress.map_err(words::problem)?,
        terms: terms.map_err(words::problem)?,
        keeps: visitor.may(page, Action::KeepOrgans).is_ok(),
        errors,
    };
    Ok(shown(page, &view.errors, &view))
}

/// Starts a term.
pub(super) async fn start_term(
    page: Page,
    visitor: Visitor,
    form: Form,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepOrgans)?;
    let done = match nonce(&form, &page) {
        Err(errors) => Err(errors),
        Ok(_) => outcome(start(&page, &visitor, &form.fields).await)?,
    };
    match done {
        Ok(()) => Ok(page.redirect_with("/admin/congress", "people-saved")),
        Err(errors) => congress_page(&page, &visitor, errors, &form.fields).await,
    }
}

async fn start(page: &Page, visitor: &Visitor, fields: &Fields) -> directory::Result<()> {
    let gate = &visitor.gate;
    let term = NewTerm {
        ordinal: number("ordinal", fields.get("ordinal"))?,
        starts_on: day("starts_on", fields.get("starts_on"))?,
        seats: number("seats", fields.get("seats"))?,
    };
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    congresses::start_term(gate, &mut tx, visitor.site, &term).await?;
    Ok(tx.commit().await?)
}

#[derive(Template)]
#[template(path = "people/desk/congresses.html")]
struct Congresses<'a> {
    page: &'a Page,
    errors: FieldErrors,
    fields: &'a Fields,
    congresses: Vec<Congress>,
    keeps: bool,
    next: String,
}

/// The congresses of the deployment.
pub(super) async fn congresses(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<After<CongressId>>,
) -> Result<Response, Problem> {
    let none = Fields::default();
    congresses_page(&page, &visitor, asked.after, FieldErrors::none(), &none).await
}

async fn congresses_page(
    page: &Page,
    visitor: &Visitor,
    after: Option<CongressId>,
    errors: FieldErrors,
    fields: &Fields,
) -> Result<Response, Problem> {
    staff(page)?;
    let db = &visitor.gate.db;
    let found = congresses::list(db, after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let next = |after: CongressId| format!("/admin/congresses?after={after}");
    let view = Congresses {
        page,
        fields,
        congresses: found.items,
        keeps: keeps_deployment(page, visitor, Action::KeepCongresses).await?,
        next: found.next.map(next).unwrap_or_default(),
        errors,
    };
    Ok(shown(page, &view.errors, &view))
}

/// Whether the visitor may do what concerns the whole deployment.
pub(super) async fn keeps_deployment(
    page: &Page,
    visitor: &Visitor,
    action: Action,
) -> Result<bool, Problem> {
    match directory::authorize_deployment(&visitor.gate.db, &page.actor, action).await {
        Ok(()) => Ok(true),
        Err(DirectoryError::Refused(_)) => Ok(false),
        Err(error) => Err(words::problem(error)),
    }
}

/// Sets up the congress of a division.
pub(super) async fn set_up(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    page.signed_in()?;
    if !keeps_deployment(&page, &visitor, Action::KeepCongresses).await? {
        return Err(Problem::forbidden());
    }
    let done = match nonce(&form, &page) {
        Err(errors) => Err(errors),
        Ok(_) => outcome(found(&page, &visitor, &form.fields).await)?,
    };
    match done {
        Ok(()) => Ok(page.redirect_with("/admin/congresses", "people-saved")),
        Err(errors) => congresses_page(&page, &visitor, None, errors, &form.fields).await,
    }
}

async fn found(page: &Page, visitor: &Visitor, fields: &Fields) -> directory::Result<()> {
    let gate = &visitor.gate;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let division = divisions::by_code(&mut tx, fields.get("code").trim()).await?;
    let division = division.ok_or(DirectoryError::Invalid {
        field: "code",
        reason: "no-division",
    })?;
    let name = given(fields.get("name"));
    let own = format!("{}人民代表大会", division.name);
    congresses::create(gate, &mut tx, division.id, name.unwrap_or(&own)).await?;
    Ok(tx.commit().await?)
}
