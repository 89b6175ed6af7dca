//! The accounts of the congress, for those who keep them.

use axum::{Json, http::StatusCode, response::IntoResponse};
use directory::{
    Action,
    accounts::{self, Account, NewAccount, Password},
    audit, oidc, sessions,
};
use kernel::AccountId;
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Page, Path, Problem, Query};

use super::shapes::{
    AccountShape, AuditEventShape, IdentityShape, List, Paging, RoleShape, SessionShape, Words,
    after_number,
};
use crate::{visitor::Visitor, words};

/// The accounts of the congress, in the order they were made.
#[utoipa::path(get, path = "/accounts", tag = "accounts", params(Words, Paging),
    responses((status = 200, body = List<AccountShape>)))]
pub(super) async fn list(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Words>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<AccountShape>>, Problem> {
    visitor.may(&page, Action::SeeAccounts)?;
    let (db, size, q) = (&visitor.gate.db, paging.size()?, asked.read()?);
    let after = paging.after()?;
    let found = accounts::list(db, &page.actor, visitor.site, q, after, size).await;
    let found = found.map_err(words::problem)?;
    let ids = found.items.iter().map(|account| account.id).collect();
    let mut roles = accounts::roles_of(db, ids).await.map_err(words::problem)?;
    let items = found.items.into_iter().map(|account| {
        let held = roles.remove(&account.id).unwrap_or_default();
        AccountShape::new(account, &held)
    });
    let shown = directory::Page {
        items: items.collect::<Vec<_>>(),
        next: found.next,
    };
    Ok(Json(List::page(shown)))
}

async fn seen(page: &Page, visitor: &Visitor, id: Uuid) -> Result<Account, Problem> {
    visitor.may(page, Action::SeeAccounts)?;
    let (db, id) = (&visitor.gate.db, AccountId::from(id));
    let account = accounts::see(db, &page.actor, visitor.site, id).await;
    account.map_err(words::problem)
}

async fn shown(page: &Page, visitor: &Visitor, id: Uuid) -> Result<Json<AccountShape>, Problem> {
    let account = seen(page, visitor, id).await?;
    let roles = accounts::roles(&visitor.gate.db, account.id).await;
    let roles = roles.map_err(words::problem)?;
    Ok(Json(AccountShape::new(account, &roles)))
}

/// One account.
#[utoipa::path(get, path = "/accounts/{id}", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 200, body = AccountShape)))]
pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Json<AccountShape>, Problem> {
    shown(&page, &visitor, id).await
}

/// An account to be made.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccountShape {
    /// A person of the congress.
    person: Uuid,
    #[schema(min_length = 1, max_length = 64)]
    login: String,
}

/// Makes an account without roles and without a password.
#[utoipa::path(post, path = "/accounts", tag = "accounts", request_body = NewAccountShape,
    responses((status = 201, body = AccountShape)))]
pub(super) async fn create(
    page: Page,
    visitor: Visitor,
    web::Json(new): web::Json<NewAccountShape>,
) -> Result<impl IntoResponse, Problem> {
    visitor.may(&page, Action::KeepAccounts)?;
    let mut tx = begin(&page, &visitor).await?;
    let new = NewAccount {
        congress: visitor.site,
        person: new.person.into(),
        login: &new.login,
        password: Password::None,
    };
    let made = accounts::create(&visitor.gate, &mut tx, &new).await;
    let id = made.map_err(words::problem)?;
    tx.commit().await?;
    let shown = shown(&page, &visitor, id.into()).await?;
    Ok((StatusCode::CREATED, shown))
}

async fn begin(page: &Page, visitor: &Visitor) -> Result<Tx, Problem> {
    Ok(visitor.gate.db.begin(page.actor.clone()).await?)
}

/// A role to be given.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRoleShape {
    role: RoleShape,
}

/// Gives a role. The account's sessions end.
#[utoipa::path(post, path = "/accounts/{id}/roles", tag = "accounts", params(("id" = Uuid, Path)),
    request_body = NewRoleShape, responses((status = 200, body = AccountShape)))]
pub(super) async fn give_role(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    web::Json(new): web::Json<NewRoleShape>,
) -> Result<Json<AccountShape>, Problem> {
    visitor.may(&page, Action::GrantRoles)?;
    let mut tx = begin(&page, &visitor).await?;
    let given = accounts::give_role(&visitor.gate, &mut tx, id.into(), new.role.into()).await;
    given.map_err(words::problem)?;
    tx.commit().await?;
    shown(&page, &visitor, id).await
}

/// Takes a role. The account's sessions end.
#[utoipa::path(delete, path = "/accounts/{id}/roles/{role}", tag = "accounts",
    params(("id" = Uuid, Path), ("role" = RoleShape, Path)), responses((status = 204)))]
pub(super) async fn take_role(
    page: Page,
    visitor: Visitor,
    Path((id, role)): Path<(Uuid, RoleShape)>,
) -> Result<StatusCode, Problem> {
    visitor.may(&page, Action::GrantRoles)?;
    let mut tx = begin(&page, &visitor).await?;
    let taken = accounts::take_role(&visitor.gate, &mut tx, id.into(), role.into()).await;
    taken.map_err(words::problem)?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A first password.
#[derive(serde::Serialize, ToSchema)]
pub(super) struct FirstPasswordShape {
    /// To be handed over, and changed at the first sign-in.
    password: String,
}

/// Gives the account a fresh first password. Its sessions end.
#[utoipa::path(post, path = "/accounts/{id}/first-password", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 200, body = FirstPasswordShape)))]
pub(super) async fn first_password(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Json<FirstPasswordShape>, Problem> {
    visitor.may(&page, Action::SeeAccounts)?;
    let (gate, mut tx) = (&visitor.gate, begin(&page, &visitor).await?);
    let issued = accounts::issue_password(gate, &mut tx, id.into(), gate.nonce()).await;
    let password = issued.map_err(words::problem)?.secret().to_owned();
    tx.commit().await?;
    Ok(Json(FirstPasswordShape { password }))
}

/// Takes the second factor away. The sessions end, and the person enrols anew.
#[utoipa::path(delete, path = "/accounts/{id}/second-factor", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(super) async fn remove_factor(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    visitor.may(&page, Action::SeeAccounts)?;
    let mut tx = begin(&page, &visitor).await?;
    let removed = accounts::reset_second_factor(&visitor.gate, &mut tx, id.into()).await;
    removed.map_err(words::problem)?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes the account for good.
#[utoipa::path(post, path = "/accounts/{id}/close", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 200, body = AccountShape)))]
pub(super) async fn close(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Json<AccountShape>, Problem> {
    visitor.may(&page, Action::SeeAccounts)?;
    let mut tx = begin(&page, &visitor).await?;
    let closed = accounts::close(&visitor.gate, &mut tx, id.into()).await;
    closed.map_err(words::problem)?;
    tx.commit().await?;
    shown(&page, &visitor, id).await
}

/// The sessions of an account that run.
#[utoipa::path(get, path = "/accounts/{id}/sessions", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 200, body = List<SessionShape>)))]
pub(super) async fn sessions(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Json<List<SessionShape>>, Problem> {
    visitor.may(&page, Action::KeepSessions)?;
    let account = seen(&page, &visitor, id).await?;
    let running = sessions::of(&visitor.gate, &page.actor, &account).await;
    Ok(Json(List::whole(running.map_err(words::problem)?)))
}

/// Ends a session of an account.
#[utoipa::path(delete, path = "/accounts/{id}/sessions/{session}", tag = "accounts",
    params(("id" = Uuid, Path), ("session" = Uuid, Path)), responses((status = 204)))]
pub(super) async fn end_session(
    page: Page,
    visitor: Visitor,
    Path((id, session)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, Problem> {
    visitor.may(&page, Action::KeepSessions)?;
    let mut tx = begin(&page, &visitor).await?;
    let ended = sessions::end(&visitor.gate, &mut tx, id.into(), session.into()).await;
    ended.map_err(words::problem)?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What happened to an account, the latest first.
#[utoipa::path(get, path = "/accounts/{id}/events", tag = "accounts", params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = List<AuditEventShape>)))]
pub(super) async fn events(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<AuditEventShape>>, Problem> {
    let account = seen(&page, &visitor, id).await?;
    let (db, after, size) = (&visitor.gate.db, paging.after_number()?, paging.size()?);
    let found = audit::of_account(db, &page.actor, &account, after, size).await;
    Ok(Json(List::cut(
        found.map_err(words::problem)?,
        after_number,
    )))
}

/// To whom at the identity provider an account is bound.
#[utoipa::path(get, path = "/accounts/{id}/identities", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 200, body = List<IdentityShape>)))]
pub(super) async fn identities(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<Json<List<IdentityShape>>, Problem> {
    let account = seen(&page, &visitor, id).await?;
    let found = oidc::of_account(&visitor.gate.db, &page.actor, &account).await;
    Ok(Json(List::whole(found.map_err(words::problem)?)))
}

/// The provider's name for a person.
#[derive(Debug, serde::Deserialize, ToSchema, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SubjectShape {
    #[schema(min_length = 1, max_length = 255)]
    subject: String,
}

fn issuer(visitor: &Visitor) -> Result<&str, Problem> {
    let provider = visitor.oidc.as_deref().ok_or_else(Problem::not_found)?;
    Ok(provider.issuer())
}

/// Binds an account to a person at the identity provider.
#[utoipa::path(post, path = "/accounts/{id}/identities", tag = "accounts", params(("id" = Uuid, Path)),
    request_body = SubjectShape, responses((status = 204)))]
pub(super) async fn bind(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    web::Json(new): web::Json<SubjectShape>,
) -> Result<StatusCode, Problem> {
    visitor.may(&page, Action::SeeAccounts)?;
    let (gate, issuer) = (&visitor.gate, issuer(&visitor)?);
    let mut tx = begin(&page, &visitor).await?;
    let bound = oidc::bind(gate, &mut tx, id.into(), issuer, &new.subject).await;
    bound.map_err(words::problem)?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a binding of an account away.
#[utoipa::path(delete, path = "/accounts/{id}/identities", tag = "accounts",
    params(("id" = Uuid, Path), SubjectShape), responses((status = 204)))]
pub(super) async fn unbind(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
    Query(bound): Query<SubjectShape>,
) -> Result<StatusCode, Problem> {
    visitor.may(&page, Action::SeeAccounts)?;
    let (gate, issuer) = (&visitor.gate, issuer(&visitor)?);
    let mut tx = begin(&page, &visitor).await?;
    let unbound = oidc::unbind(gate, &mut tx, id.into(), issuer, &bound.subject).await;
    unbound.map_err(words::problem)?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
