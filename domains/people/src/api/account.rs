//! One's own account: password, second factor, sign-ins, identity provider.

use axum::{Json, http::StatusCode};
use directory::{audit, oidc, second_factor, sign_in};
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Page, Problem, Query, limits};

use super::{
    sessions::given,
    shapes::{
        AuditEventShape, IdentityShape, List, Paging, StageShape, TokenShape, after_number,
        role_words,
    },
};
use crate::{visitor::Visitor, words};

/// One's own account.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct OwnShape {
    id: Uuid,
    login: String,
    name: String,
    congress: Uuid,
    stage: StageShape,
    /// The roles one acts in now; none until the stage is full.
    roles: Vec<&'static str>,
    /// Whether a second factor is enrolled.
    second_factor: bool,
    recovery_codes_left: i64,
}

/// One's own account.
#[utoipa::path(get, path = "/account", tag = "account", responses((status = 200, body = OwnShape)))]
pub(super) async fn show(page: Page, visitor: Visitor) -> Result<Json<OwnShape>, Problem> {
    let session = visitor.session.as_ref().ok_or_else(Problem::unauthorized)?;
    let db = &visitor.gate.db;
    let factor = second_factor::is_confirmed(db, session.account).await;
    let left = second_factor::recovery_codes_left(db, session.account).await;
    let who = page.actor.signed_in();
    Ok(Json(OwnShape {
        id: session.account.into(),
        login: session.login.clone(),
        name: session.name.clone(),
        congress: session.congress.into(),
        stage: session.stage.into(),
        roles: who.map_or_else(Vec::new, |who| role_words(&who.roles)),
        second_factor: factor.map_err(words::problem)?,
        recovery_codes_left: left.map_err(words::problem)?,
    }))
}

/// The present password and a new one.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordShape {
    #[schema(min_length = 1, max_length = 200)]
    old: String,
    #[schema(min_length = 1, max_length = 200)]
    new: String,
}

/// Changes one's own password. All other sessions end.
#[utoipa::path(put, path = "/account/password", tag = "account", request_body = PasswordShape,
    responses((status = 200, body = TokenShape)))]
pub(super) async fn password(
    page: Page,
    visitor: Visitor,
    web::Json(typed): web::Json<PasswordShape>,
) -> Result<Json<TokenShape>, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.own()?;
    let token = sign_in::change_password(&visitor.gate, session, &typed.old, &typed.new).await;
    given(&visitor, token.map_err(words::refused)?).await
}

/// What an authenticator app needs.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct EnrolmentShape {
    /// In base32.
    secret: String,
    /// The `otpauth://` address.
    uri: String,
}

/// Starts the enrolment of a second factor; with one enrolled already, after a proof.
#[utoipa::path(post, path = "/account/second-factor", tag = "account",
    responses((status = 200, body = EnrolmentShape)))]
pub(super) async fn start_enrolment(
    page: Page,
    visitor: Visitor,
) -> Result<Json<EnrolmentShape>, Problem> {
    let (session, issuer) = (visitor.own()?, &page.site.name_zh);
    let enrolment = sign_in::start_enrolment(&visitor.gate, session, issuer).await;
    let enrolment = enrolment.map_err(words::refused)?;
    Ok(Json(EnrolmentShape {
        secret: enrolment.secret,
        uri: enrolment.uri,
    }))
}

/// A first code of the app.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstCodeShape {
    #[schema(min_length = 1, max_length = 60)]
    code: String,
}

/// An enrolled second factor.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct EnrolledShape {
    #[serde(flatten)]
    token: TokenShape,
    /// Shown once.
    recovery_codes: Vec<String>,
}

/// Confirms the enrolment with a first code. All other sessions end.
#[utoipa::path(post, path = "/account/second-factor/confirmation", tag = "account",
    request_body = FirstCodeShape, responses((status = 200, body = EnrolledShape)))]
pub(super) async fn confirm_enrolment(
    page: Page,
    visitor: Visitor,
    web::Json(typed): web::Json<FirstCodeShape>,
) -> Result<Json<EnrolledShape>, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.own()?;
    let enrolled = sign_in::confirm_enrolment(&visitor.gate, session, &typed.code).await;
    let enrolled = enrolled.map_err(words::refused)?;
    let Json(token) = given(&visitor, enrolled.token).await?;
    Ok(Json(EnrolledShape {
        token,
        recovery_codes: enrolled.recovery_codes,
    }))
}

/// Password and code, whichever the account has.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofShape {
    #[serde(default)]
    #[schema(max_length = 200)]
    password: String,
    #[serde(default)]
    #[schema(max_length = 60)]
    code: String,
}

/// Shows password and second factor again, for what a session left open alone must not do. Good for
/// ten minutes.
#[utoipa::path(post, path = "/account/proof", tag = "account", request_body = ProofShape,
    responses((status = 204)))]
pub(super) async fn prove(
    page: Page,
    visitor: Visitor,
    web::Json(typed): web::Json<ProofShape>,
) -> Result<StatusCode, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.full()?;
    let proved = sign_in::prove(&visitor.gate, session, &typed.password, &typed.code).await;
    proved.map_err(words::refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// New recovery codes.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct CodesShape {
    /// Shown once; those before are good no more.
    recovery_codes: Vec<String>,
}

/// Renews the recovery codes, after a proof.
#[utoipa::path(post, path = "/account/recovery-codes", tag = "account",
    responses((status = 200, body = CodesShape)))]
pub(super) async fn renew_codes(visitor: Visitor) -> Result<Json<CodesShape>, Problem> {
    let codes = sign_in::renew_recovery_codes(&visitor.gate, visitor.full()?).await;
    Ok(Json(CodesShape {
        recovery_codes: codes.map_err(words::refused)?,
    }))
}

/// One's own sign-ins and what failed, the latest first.
#[utoipa::path(get, path = "/account/sign-ins", tag = "account", params(Paging),
    responses((status = 200, body = List<AuditEventShape>)))]
pub(super) async fn sign_ins(
    visitor: Visitor,
    Query(paging): Query<Paging>,
) -> Result<Json<List<AuditEventShape>>, Problem> {
    let (session, after) = (visitor.full()?, paging.after_number()?);
    let found = audit::sign_ins(&visitor.gate.db, session, after, paging.size()?).await;
    Ok(Json(List::cut(
        found.map_err(words::problem)?,
        after_number,
    )))
}

/// To whom at the identity provider one's own account is bound.
#[utoipa::path(get, path = "/account/identities", tag = "account",
    responses((status = 200, body = List<IdentityShape>)))]
pub(super) async fn identities(visitor: Visitor) -> Result<Json<List<IdentityShape>>, Problem> {
    let found = oidc::of_session(&visitor.gate.db, visitor.full()?).await;
    Ok(Json(List::whole(found.map_err(words::problem)?)))
}

/// A person at the identity provider.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Bound {
    issuer: String,
    subject: String,
}

/// Lets the identity provider go.
#[utoipa::path(delete, path = "/account/identities", tag = "account", params(Bound),
    responses((status = 204)))]
pub(super) async fn unbind(
    visitor: Visitor,
    Query(bound): Query<Bound>,
) -> Result<StatusCode, Problem> {
    let session = visitor.full()?;
    let unbound = oidc::unbind_own(&visitor.gate, session, &bound.issuer, &bound.subject).await;
    unbound.map_err(words::problem)?;
    Ok(StatusCode::NO_CONTENT)
}
