//! `/admin/people`: the people a congress knows, with their seats and the way to an account.

use askama::Template;
use axum::response::Response;
use directory::{
    Action, DirectoryError,
    accounts::{self, Account},
    congresses::{self, Term},
    deputies::{self, Deputy, NewDeputy, SeatState},
    organs,
    people::{self, NewPerson, Person},
};
use kernel::{DeputyId, OrganId, PersonId};
use serde::Deserialize;
use uuid::Uuid;
use web::{FieldErrors, Fields, Form, Page, Path, Problem, Query, view::Choice};

use super::{SIZE, day, given, nonce, outcome, shown};
use crate::{
    visitor::{Visitor, escape},
    words,
};

/// What is looked for, and where the page begins.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    after: Option<PersonId>,
}

#[derive(Template)]
#[template(path = "people/desk/people.html")]
struct List<'a> {
    page: &'a Page,
    errors: FieldErrors,
    fields: &'a Fields,
    words: &'a str,
    people: Vec<Person>,
    keeps: bool,
    next: String,
}

/// The people of the congress, and the form for a new one.
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let none = Fields::default();
    list_page(&page, &visitor, &asked, FieldErrors::none(), &none).await
}

async fn list_page(
    page: &Page,
    visitor: &Visitor,
    asked: &Asked,
    errors: FieldErrors,
    fields: &Fields,
) -> Result<Response, Problem> {
    visitor.may(page, Action::SeePeople)?;
    let (db, words) = (&visitor.gate.db, asked.q.trim());
    let found = people::list(db, &page.actor, visitor.site, words, asked.after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let next = |after: PersonId| format!("/admin/people?q={}&after={after}", escape(words));
    let view = List {
        page,
        errors,
        fields,
        words,
        people: found.items,
        keeps: visitor.may(page, Action::KeepPeople).is_ok(),
        next: found.next.map(next).unwrap_or_default(),
    };
    Ok(shown(page, &view.errors, &view))
}

/// Adds a person.
pub(super) async fn create(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepPeople)?;
    let made = match nonce(&form, &page) {
        Err(errors) => Err(errors),
        Ok(nonce) => outcome(add(&page, &visitor, nonce, &form.fields).await)?,
    };
    match made {
        Ok(id) => Ok(page.redirect_with(&format!("/admin/people/{id}"), "people-saved")),
        Err(errors) => {
            let asked = Asked {
                q: String::new(),
                after: None,
            };
            list_page(&page, &visitor, &asked, errors, &form.fields).await
        }
    }
}

async fn add(
    page: &Page,
    visitor: &Visitor,
    nonce: Uuid,
    fields: &Fields,
) -> directory::Result<PersonId> {
    let gate = &visitor.gate;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let new = NewPerson {
        name: fields.get("name"),
        post: given(fields.get("post")),
        reference: given(fields.get("reference")),
    };
    let id = people::create_once(gate, &mut tx, nonce, visitor.site, &new).await?;
    tx.commit().await?;
    Ok(id)
}

#[derive(Template)]
#[template(path = "people/desk/person.html")]
struct One<'a> {
    page: &'a Page,
    errors: FieldErrors,
    fields: &'a Fields,
    person: Person,
    seats: Vec<Deputy>,
    /// The running term; none when the congress has none.
    term: Option<Term>,
    delegations: Vec<Choice>,
    account: Option<Account>,
    keeps: bool,
    keeps_accounts: bool,
    sees_accounts: bool,
    today: String,
}

impl One<'_> {
    /// Whether a seat is this congress's and has not ended.
    fn open(&self, seat: &Deputy) -> bool {
        seat.congress_id == self.page.site.congress && seat.state != SeatState::Ended.as_str()
    }
}

/// One person.
pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    Path(id): Path<PersonId>,
) -> Result<Response, Problem> {
    let none = Fields::default();
    person_page(&page, &visitor, id, FieldErrors::none(), &none).await
}

pub(super) async fn person_page(
    page: &Page,
    visitor: &Visitor,
    id: PersonId,
    errors: FieldErrors,
    fields: &Fields,
) -> Result<Response, Problem> {
    visitor.may(page, Action::SeePeople)?;
    let (db, actor, site) = (&visitor.gate.db, &page.actor, visitor.site);
    let person = people::see(db, actor, site, id).await;
    let person = person.map_err(words::problem)?;
    let sees_accounts = visitor.may(page, Action::SeeAccounts).is_ok();
    let account = if sees_accounts {
        accounts::of_person(db, actor, site, id).await
    } else {
        Ok(None)
    };
    let seats = deputies::of_person(db, id).await.map_err(words::problem)?;
    let term = match congresses::current_term(db, site).await {
        Ok(term) => Some(term),
        Err(DirectoryError::Missing(_)) => None,
        Err(error) => return Err(words::problem(error)),
    };
    let view = One {
        page,
        fields,
        person,
        seats,
        term,
        delegations: delegations(page, visitor).await?,
        account: account.map_err(words::problem)?,
        keeps: visitor.may(page, Action::KeepPeople).is_ok(),
        keeps_accounts: visitor.may(page, Action::KeepAccounts).is_ok(),
        sees_accounts,
        today: page.now.date(&page.app.zone).to_string(),
        errors,
    };
    Ok(shown(page, &view.errors, &view))
}

async fn delegations(page: &Page, visitor: &Visitor) -> Result<Vec<Choice>, Problem> {
    let found = organs::delegations(&visitor.gate.db, visitor.site).await;
    let choice = |value: String, label: String| Choice {
        value,
        label,
        help: String::new(),
    };
    let none = choice(String::new(), page.t.get("people-none"));
    let found = found.map_err(words::problem)?.into_iter();
    let found = found.map(|organ| choice(organ.id.to_string(), organ.name));
    Ok(std::iter::once(none).chain(found).collect())
}

/// Fills a seat with a person. One whom only another congress knows comes by the id it tells.
pub(super) async fn seat(
    page: Page,
    visitor: Visitor,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepPeople)?;
    let made = match nonce(&form, &page) {
        Err(errors) => Err(errors),
        Ok(nonce) => outcome(fill(&page, &visitor, id, nonce, &form.fields).await)?,
    };
    match made {
        Ok(_) => Ok(page.redirect_with(&format!("/admin/people/{id}"), "people-saved")),
        Err(errors) => person_page(&page, &visitor, id, errors, &form.fields).await,
    }
}

async fn fill(
    page: &Page,
    visitor: &Visitor,
    person: PersonId,
    nonce: Uuid,
    fields: &Fields,
) -> directory::Result<DeputyId> {
    let gate = &visitor.gate;
    let delegation = given(fields.get("delegation")).map(str::parse::<OrganId>);
    let delegation = delegation.transpose();
    let term = congresses::current_term(&gate.db, visitor.site).await?;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let new = NewDeputy {
        person,
        congress: visitor.site,
        term: term.id,
        number: given(fields.get("number")),
        constituency: fields.get("constituency"),
        delegation: delegation.map_err(|_| DirectoryError::Missing("organ"))?,
        since: day("since", fields.get("since"))?,
    };
    let id = deputies::create_once(gate, &mut tx, nonce, &new).await?;
    tx.commit().await?;
    Ok(id)
}

/// Suspends, restores or ends a seat.
pub(super) async fn change_seat(
    page: Page,
    visitor: Visitor,
    Path(id): Path<DeputyId>,
    form: Form,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepPeople)?;
    let seat = deputies::find(&visitor.gate.db, id).await;
    let person = seat.map_err(words::problem)?.person_id;
    let done = match nonce(&form, &page) {
        Err(errors) => Err(errors),
        Ok(_) => outcome(change(&page, &visitor, id, &form.fields).await)?,
    };
    match done {
        Ok(()) => Ok(page.redirect_with(&format!("/admin/people/{person}"), "people-saved")),
        Err(errors) => person_page(&page, &visitor, person, errors, &form.fields).await,
    }
}

async fn change(
    page: &Page,
    visitor: &Visitor,
    id: DeputyId,
    fields: &Fields,
) -> directory::Result<()> {
    let gate = &visitor.gate;
    let state = SeatState::parse(fields.get("state")).ok_or(DirectoryError::Missing("state"))?;
    let on = day("on", fields.get("on"))?;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    deputies::change_state(gate, &mut tx, id, state, on).await?;
    Ok(tx.commit().await?)
}
