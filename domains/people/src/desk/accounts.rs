//! `/admin/accounts`: the accounts of the congress. The system administrator makes them, the
//! security administrator gives roles and looks after sessions.

use std::collections::HashMap;

use askama::Template;
use axum::response::Response;
use directory::{
    Action, DirectoryError, Gate,
    accounts::{self, Account, GIVEN, InitialPassword, NewAccount, Password},
    audit::{self, Event},
    oidc::{self, Identity},
    sessions::{self, Listed},
};
use kernel::{AccountId, PersonId, Role, SessionId};
use serde::Deserialize;
use uuid::Uuid;
use web::{FieldErrors, Fields, Form, Page, Path, Problem, Query, view::Choice};

use super::{SIZE, choices, nonce, outcome, people, shown};
use crate::{
    visitor::{Visitor, escape, unstored},
    words,
};

/// Events of an account that its page shows.
const EVENTS: u32 = 20;

/// What is looked for, and where the page begins.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    after: Option<AccountId>,
}

#[derive(Template)]
#[template(path = "people/desk/accounts.html")]
struct List<'a> {
    page: &'a Page,
    errors: FieldErrors,
    words: &'a str,
    accounts: Vec<Account>,
    roles: HashMap<AccountId, Vec<Role>>,
    keeps: bool,
    next: String,
}

impl List<'_> {
    /// The words for the roles of an account.
    fn roles_of(&self, id: &AccountId) -> String {
        let held = self.roles.get(id).into_iter().flatten();
        let words = held.map(|role| self.page.t.get(format!("people-role-{}", role.as_str())));
        words.collect::<Vec<_>>().join(" · ")
    }
}

/// The accounts of the congress.
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::SeeAccounts)?;
    let (db, words) = (&visitor.gate.db, asked.q.trim());
    let found = accounts::list(db, &page.actor, visitor.site, words, asked.after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let ids = found.items.iter().map(|account| account.id).collect();
    let roles = accounts::roles_of(db, ids).await.map_err(words::problem)?;
    let next = |after: AccountId| format!("/admin/accounts?q={}&after={after}", escape(words));
    Ok(page.show(&List {
        page: &page,
        errors: FieldErrors::none(),
        words,
        accounts: found.items,
        roles,
        keeps: visitor.may(&page, Action::KeepAccounts).is_ok(),
        next: found.next.map(next).unwrap_or_default(),
    }))
}

/// Makes an account for a person; its first password is handed over from its own page.
pub(super) async fn create(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    visitor.may(&page, Action::KeepAccounts)?;
    let person = form.fields.get("person").parse::<PersonId>();
    let person = person.map_err(|_| Problem::bad_request("problem-form-fields"))?;
    let made = match nonce(&form, &page) {
        Err(errors) => Err(errors),
        Ok(nonce) => outcome(make(&page, &visitor, person, nonce, &form.fields).await)?,
    };
    match made {
        Ok(id) => Ok(page.redirect_with(&format!("/admin/accounts/{id}"), "people-account-made")),
        Err(errors) => people::person_page(&page, &visitor, person, errors, &form.fields).await,
    }
}

async fn make(
    page: &Page,
    visitor: &Visitor,
    person: PersonId,
    nonce: Uuid,
    fields: &Fields,
) -> directory::Result<AccountId> {
    let gate = &visitor.gate;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let new = NewAccount {
        congress: visitor.site,
        person,
        login: fields.get("login"),
        password: Password::None,
    };
    let id = accounts::create_once(gate, &mut tx, nonce, &new).await?;
    tx.commit().await?;
    Ok(id)
}

#[derive(Template)]
#[template(path = "people/desk/account.html")]
struct One<'a> {
    page: &'a Page,
    errors: FieldErrors,
    account: Account,
    held: Vec<Choice>,
    /// Roles that can be given; none for whoever may not.
    roles: Vec<Choice>,
    /// Whether the visitor may reset and close it.
    keeps: bool,
    /// Whether it is the visitor's own.
    own: bool,
    sessions: Vec<Listed>,
    identities: Vec<Identity>,
    /// Whether the city has an identity provider.
    provider: bool,
    events: Vec<Event>,
    names: HashMap<Uuid, String>,
}

impl One<'_> {
    /// Who did something.
    fn by(&self, event: &Event) -> String {
        audit_name(self.page, &self.names, event)
    }
}

/// The sign-in name of who did something, or the word for nobody known.
pub(super) fn audit_name(page: &Page, names: &HashMap<Uuid, String>, event: &Event) -> String {
    let name = event.account_id.and_then(|id| names.get(&id.into()));
    name.cloned()
        .unwrap_or_else(|| page.t.get(format!("people-by-{}", nobody(event))))
}

fn nobody(event: &Event) -> &'static str {
    if event.role == "system" {
        "system"
    } else {
        "unknown"
    }
}

/// One account with its roles.
pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    Path(id): Path<AccountId>,
) -> Result<Response, Problem> {
    one(&page, &visitor, id, FieldErrors::none()).await
}

async fn one(
    page: &Page,
    visitor: &Visitor,
    id: AccountId,
    errors: FieldErrors,
) -> Result<Response, Problem> {
    let who = visitor.may(page, Action::SeeAccounts)?;
    let (gate, db, actor) = (&visitor.gate, &visitor.gate.db, &page.actor);
    let account = accounts::see(db, actor, visitor.site, id).await;
    let account = account.map_err(words::problem)?;
    let held = accounts::roles(db, id).await.map_err(words::problem)?;
    let grants = visitor.may(page, Action::GrantRoles).is_ok();
    let sessions = if visitor.may(page, Action::KeepSessions).is_ok() {
        sessions::of(gate, actor, &account).await
    } else {
        Ok(Vec::new())
    };
    let identities = oidc::of_account(db, actor, &account).await;
    let events = audit::of_account(db, actor, &account, None, EVENTS).await;
    let events = events.map_err(words::problem)?.items;
    let names = audit::names(db, &events).await.map_err(words::problem)?;
    let words = |roles: &[Role]| {
        let words = roles.iter().map(|role| role.as_str());
        choices(page, "people-role", words)
    };
    let view = One {
        page,
        held: words(&held),
        roles: if grants { words(&GIVEN) } else { Vec::new() },
        keeps: visitor.may(page, accounts::keeping(&held)).is_ok(),
        own: who.person == account.person_id,
        sessions: sessions.map_err(words::problem)?,
        identities: identities.map_err(words::problem)?,
        provider: visitor.oidc.is_some(),
        account,
        events,
        names,
        errors,
    };
    Ok(shown(page, &view.errors, &view))
}

#[derive(Template)]
#[template(path = "people/desk/handover.html")]
struct Handover<'a> {
    page: &'a Page,
    account: Account,
    password: &'a str,
}

/// Does what the form's button says.
pub(super) async fn act(
    page: Page,
    visitor: Visitor,
    Path((id, act)): Path<(AccountId, String)>,
    form: Form,
) -> Result<Response, Problem> {
    visitor.may(&page, Action::SeeAccounts)?;
    let nonce = match nonce(&form, &page) {
        Ok(nonce) => nonce,
        Err(errors) => return one(&page, &visitor, id, errors).await,
    };
    let seen = accounts::see(&visitor.gate.db, &page.actor, visitor.site, id).await;
    let account = seen.map_err(words::problem)?;
    if act == "password" {
        let issued = issue(&page, &visitor.gate, id, nonce).await;
        return match outcome(issued)? {
            Ok(password) => Ok(unstored(page.show(&Handover {
                page: &page,
                account,
                password: password.secret(),
            }))),
            Err(errors) => one(&page, &visitor, id, errors).await,
        };
    }
    let done = change(&page, &visitor, id, &act, &form.fields).await;
    match outcome(done)? {
        Ok(()) => Ok(page.redirect_with(&format!("/admin/accounts/{id}"), "people-saved")),
        Err(errors) => one(&page, &visitor, id, errors).await,
    }
}

async fn issue(
    page: &Page,
    gate: &Gate,
    id: AccountId,
    nonce: Uuid,
) -> directory::Result<InitialPassword> {
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let password = accounts::issue_password(gate, &mut tx, id, nonce).await?;
    tx.commit().await?;
    Ok(password)
}

async fn change(
    page: &Page,
    visitor: &Visitor,
    id: AccountId,
    act: &str,
    fields: &Fields,
) -> directory::Result<()> {
    let gate = &visitor.gate;
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    match act {
        "give-role" => accounts::give_role(gate, &mut tx, id, role(fields)?).await?,
        "take-role" => accounts::take_role(gate, &mut tx, id, role(fields)?).await?,
        "factor" => accounts::reset_second_factor(gate, &mut tx, id).await?,
        "close" => accounts::close(gate, &mut tx, id).await?,
        "end-session" => {
            let session = fields.get("session").parse::<SessionId>();
            let session = session.map_err(|_| DirectoryError::Missing("session"))?;
            sessions::end(gate, &mut tx, id, session).await?;
        }
        "bind" | "unbind" => {
            let provider = visitor.oidc.as_deref();
            let issuer = provider
                .ok_or(DirectoryError::Missing("provider"))?
                .issuer();
            let subject = fields.get("subject");
            if act == "bind" {
                oidc::bind(gate, &mut tx, id, issuer, subject).await?;
            } else {
                oidc::unbind(gate, &mut tx, id, issuer, subject).await?;
            }
        }
        _ => return Err(DirectoryError::Missing("act")),
    }
    Ok(tx.commit().await?)
}

fn role(fields: &Fields) -> directory::Result<Role> {
    Role::parse(fields.get("role")).ok_or(DirectoryError::Invalid {
        field: "role",
        reason: "not-granted",
    })
}
