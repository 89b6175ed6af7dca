//! `/admin/accounts`: the accounts of the congress, for its system administrator (系统管理员).

use askama::Template;
use axum::response::Response;
use directory::{
    DirectoryError, Gate,
    accounts::{self, Account, Grant, InitialPassword, NewAccount, PasswordState},
    passwords,
    people::{self, NewPerson},
};
use kernel::{AccountId, Role};
use serde::Deserialize;
use web::{FieldErrors, Fields, Form, Page, Path, Problem, Query, view::Choice};

use crate::{
    SIGNED_IN,
    visitor::{Visitor, unstored},
    words,
};

/// Accounts of one page.
const SIZE: u32 = 50;

/// Where the page begins.
#[derive(Deserialize)]
pub(crate) struct Asked {
    after: Option<AccountId>,
}

#[derive(Template)]
#[template(path = "people/accounts.html")]
struct List<'a> {
    page: &'a Page,
    errors: FieldErrors,
    fields: &'a Fields,
    accounts: Vec<Account>,
    roles: Vec<Choice>,
    next: String,
}

#[derive(Template)]
#[template(path = "people/account_admin.html")]
struct One<'a> {
    page: &'a Page,
    errors: FieldErrors,
    account: Account,
    held: Vec<Choice>,
    roles: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "people/handover.html")]
struct Handover<'a> {
    page: &'a Page,
    account: Account,
    password: &'a str,
}

fn role_choice(page: &Page, role: Role) -> Choice {
    Choice {
        value: role.as_str().to_owned(),
        label: page.t.get(format!("people-role-{}", role.as_str())),
        help: String::new(),
    }
}

fn role_choices(page: &Page) -> Vec<Choice> {
    SIGNED_IN
        .iter()
        .map(|role| role_choice(page, *role))
        .collect()
}

/// The accounts that hold a role here, and the form for a new one.
pub(crate) async fn list(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    page.require(&[Role::Admin])?;
    let none = Fields::default();
    let view = list_view(
        &page,
        &visitor.gate,
        asked.after,
        FieldErrors::none(),
        &none,
    )
    .await?;
    Ok(page.show(&view))
}

async fn list_view<'a>(
    page: &'a Page,
    gate: &Gate,
    after: Option<AccountId>,
    errors: FieldErrors,
    fields: &'a Fields,
) -> Result<List<'a>, Problem> {
    let congress = page.signed_in()?.congress;
    let found = accounts::list(&gate.db, congress, after, SIZE)
        .await
        .map_err(words::problem)?;
    let next = |after: AccountId| format!("/admin/accounts?after={after}");
    Ok(List {
        page,
        errors,
        fields,
        accounts: found.items,
        roles: role_choices(page),
        next: found.next.map(next).unwrap_or_default(),
    })
}

/// Makes an account; its first password is shown once.
pub(crate) async fn create(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    page.require(&[Role::Admin])?;
    let made = match form.nonce(&page) {
        Err(message) => Err(FieldErrors::one("", message)),
        Ok(_) => match make(&page, &visitor.gate, &form.fields).await {
            Ok(made) => Ok(made),
            Err(error) => Err(words::form(error)?),
        },
    };
    match made {
        Ok((id, password)) => handover(&page, &visitor.gate, id, &password).await,
        Err(errors) => {
            let view = list_view(&page, &visitor.gate, None, errors, &form.fields).await?;
            Ok(page.show_refused(&view))
        }
    }
}

async fn make(
    page: &Page,
    gate: &Gate,
    fields: &Fields,
) -> directory::Result<(AccountId, InitialPassword)> {
    let grant = grant(page, fields)?;
    let password = InitialPassword::new(&*gate.entropy);
    let hash = passwords::hash_initial(&password, &*gate.entropy);
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    let new = NewPerson {
        name: fields.get("name"),
        ..NewPerson::default()
    };
    let person = people::create(&mut tx, &new, &*gate.clock, &*gate.entropy).await?;
    let new = NewAccount {
        person,
        login: fields.get("login"),
        password_hash: Some(&hash),
        password: PasswordState::Initial,
        grants: &[grant],
    };
    let id = accounts::create(gate, &mut tx, &new).await?;
    tx.commit().await?;
    Ok((id, password))
}

fn grant(page: &Page, fields: &Fields) -> directory::Result<Grant> {
    let chosen = Role::parse(fields.get("role")).filter(|role| SIGNED_IN.contains(role));
    let role = chosen.ok_or(DirectoryError::Invalid {
        field: "role",
        reason: "not-granted",
    })?;
    let congress = page.site.congress;
    Ok(Grant { congress, role })
}

async fn handover(
    page: &Page,
    gate: &Gate,
    id: AccountId,
    password: &InitialPassword,
) -> Result<Response, Problem> {
    let account = accounts::find(&gate.db, id).await;
    Ok(unstored(page.show(&Handover {
        page,
        account: account.map_err(words::problem)?,
        password: password.secret(),
    })))
}

/// One account with its roles.
pub(crate) async fn show(
    page: Page,
    visitor: Visitor,
    Path(id): Path<AccountId>,
) -> Result<Response, Problem> {
    let view = one(&page, &visitor.gate, id, FieldErrors::none()).await?;
    Ok(page.show(&view))
}

/// The account, when it belongs to the administrator's own congress.
async fn one<'a>(
    page: &'a Page,
    gate: &Gate,
    id: AccountId,
    errors: FieldErrors,
) -> Result<One<'a>, Problem> {
    let congress = page.require(&[Role::Admin])?.congress;
    let account = accounts::find(&gate.db, id).await.map_err(words::problem)?;
    let grants = accounts::roles(&gate.db, id)
        .await
        .map_err(words::problem)?;
    // An account without any role is nobody's else.
    if !grants.is_empty() && !grants.iter().any(|grant| grant.congress == congress) {
        return Err(Problem::not_found());
    }
    let here = grants.iter().filter(|grant| grant.congress == congress);
    Ok(One {
        page,
        errors,
        account,
        held: here.map(|grant| role_choice(page, grant.role)).collect(),
        roles: role_choices(page),
    })
}

/// Does what the form's button says.
pub(crate) async fn act(
    page: Page,
    visitor: Visitor,
    Path((id, act)): Path<(AccountId, String)>,
    form: Form,
) -> Result<Response, Problem> {
    let gate = &visitor.gate;
    one(&page, gate, id, FieldErrors::none()).await?;
    form.nonce(&page).map_err(Problem::bad_request)?;
    if act == "password" {
        let password = new_password(&page, gate, id)
            .await
            .map_err(words::problem)?;
        return handover(&page, gate, id, &password).await;
    }
    let done = match act.as_str() {
        "give-role" | "take-role" | "factor" | "close" => {
            change(&page, gate, id, &act, &form.fields).await
        }
        _ => return Err(Problem::not_found()),
    };
    match done {
        Ok(()) => Ok(page.redirect_with(&format!("/admin/accounts/{id}"), "people-saved")),
        Err(error) => {
            let view = one(&page, gate, id, words::form(error)?).await?;
            Ok(page.show_refused(&view))
        }
    }
}

async fn change(
    page: &Page,
    gate: &Gate,
    id: AccountId,
    act: &str,
    fields: &Fields,
) -> directory::Result<()> {
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    match act {
        "give-role" => accounts::give_role(gate, &mut tx, id, &grant(page, fields)?).await?,
        "take-role" => accounts::take_role(gate, &mut tx, id, &grant(page, fields)?).await?,
        "factor" => accounts::reset_second_factor(gate, &mut tx, id).await?,
        _ => accounts::close(gate, &mut tx, id).await?,
    }
    Ok(tx.commit().await?)
}

async fn new_password(
    page: &Page,
    gate: &Gate,
    id: AccountId,
) -> directory::Result<InitialPassword> {
    let password = InitialPassword::new(&*gate.entropy);
    let hash = passwords::hash_initial(&password, &*gate.entropy);
    let mut tx = gate.db.begin(page.actor.clone()).await?;
    accounts::reset_password(gate, &mut tx, id, &hash).await?;
    tx.commit().await?;
    Ok(password)
}
