//! Signing in and out, and one's own sessions.

use axum::{Json, http::StatusCode, response::IntoResponse};
use directory::{
    sessions::{self, Token},
    sign_in,
};
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Page, Path, Problem, limits};

use super::shapes::{List, SessionShape, StageShape, TokenShape};
use crate::{visitor::Visitor, words};

/// A name and its password.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInShape {
    #[schema(min_length = 1, max_length = 200)]
    login: String,
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

/// Signs in with name and password.
#[utoipa::path(post, path = "/sessions", tag = "account", request_body = SignInShape,
    responses((status = 201, body = TokenShape)))]
pub(super) async fn sign_in(
    page: Page,
    visitor: Visitor,
    web::Json(typed): web::Json<SignInShape>,
) -> Result<impl IntoResponse, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let from = visitor.origin();
    let token = sign_in::sign_in(&visitor.gate, &typed.login, &typed.password, &from);
    let token = token.await.map_err(words::refused)?;
    Ok((StatusCode::CREATED, given(&visitor, token).await?))
}

/// A new token with what its session still waits for.
pub(super) async fn given(visitor: &Visitor, token: Token) -> Result<Json<TokenShape>, Problem> {
    let session = visitor.renewed(&token).await?;
    Ok(Json(TokenShape::new(&token, &session)))
}

/// A code.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeShape {
    /// Of the authenticator app, or a recovery code.
    #[schema(min_length = 1, max_length = 60)]
    code: String,
}

/// Passes the second factor.
#[utoipa::path(post, path = "/sessions/current/code", tag = "account", request_body = CodeShape,
    responses((status = 200, body = TokenShape)))]
pub(super) async fn pass_code(
    page: Page,
    visitor: Visitor,
    web::Json(typed): web::Json<CodeShape>,
) -> Result<Json<TokenShape>, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.half_way()?;
    let token = sign_in::pass_second_factor(&visitor.gate, session, &typed.code).await;
    given(&visitor, token.map_err(words::refused)?).await
}

/// One's own sessions that run.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct OwnSessionsShape {
    /// The one that asks.
    current: Uuid,
    stage: StageShape,
    #[serde(flatten)]
    sessions: List<SessionShape>,
}

/// One's own sessions that run, the latest first.
#[utoipa::path(get, path = "/sessions", tag = "account",
    responses((status = 200, body = OwnSessionsShape)))]
pub(super) async fn list(page: Page, visitor: Visitor) -> Result<Json<OwnSessionsShape>, Problem> {
    page.signed_in()?;
    let session = visitor.full()?;
    let running = sessions::own(&visitor.gate, session).await;
    Ok(Json(OwnSessionsShape {
        current: session.id.into(),
        stage: session.stage.into(),
        sessions: List::whole(running.map_err(words::problem)?),
    }))
}

/// Signs out.
#[utoipa::path(delete, path = "/sessions/current", tag = "account", responses((status = 204)))]
pub(super) async fn sign_out(visitor: Visitor) -> Result<StatusCode, Problem> {
    let session = visitor.session.as_ref().ok_or_else(Problem::unauthorized)?;
    let ended = sign_in::sign_out(&visitor.gate, session).await;
    ended.map_err(words::problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "account", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(super) async fn end(
    page: Page,
    visitor: Visitor,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    page.signed_in()?;
    let ended = sessions::end_own(&visitor.gate, visitor.full()?, id.into()).await;
    ended.map_err(words::problem)?;
    Ok(StatusCode::NO_CONTENT)
}
