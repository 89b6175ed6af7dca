//! `/sign-in/oidc`: to the city's identity provider and back. The state goes along in a cookie of
//! this host that lives ten minutes, so that nobody is signed in by a link a stranger sends.

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
};
use directory::oidc::{ATTEMPT_SECONDS, Finished, Oidc, OidcError, Returned, Started};
use serde::Deserialize;
use web::{Message, Page, Problem, Query, limits, safe_back};

use crate::{sign_in::Back, visitor::Visitor, words};

const COOKIE: &str = "oidc";

fn provider(visitor: &Visitor) -> Result<&Oidc, Problem> {
    visitor.oidc.as_deref().ok_or_else(Problem::not_found)
}

/// Sends somebody to the provider to sign in.
pub(crate) async fn start(
    page: Page,
    visitor: Visitor,
    query: Query<Back>,
) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let back = safe_back(&query.0.back);
    let started = provider(&visitor)?.start(&visitor.gate, back).await;
    Ok(send(&page, &started.map_err(problem)?))
}

/// Sends whoever is signed in to the provider, to bind their account.
pub(crate) async fn start_binding(page: Page, visitor: Visitor) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.full()?;
    let provider = provider(&visitor)?;
    match provider
        .start_binding(&visitor.gate, session, "/account")
        .await
    {
        Ok(started) => Ok(send(&page, &started)),
        Err(OidcError::Unproved) => Ok(page.redirect("/account/proof?next=identity")),
        Err(error) => Err(problem(error)),
    }
}

fn send(page: &Page, started: &Started) -> Response {
    let mut response = Redirect::to(&started.url).into_response();
    let seconds = u32::try_from(ATTEMPT_SECONDS).unwrap_or_default();
    let cookie = web::host_cookie(&page.site, COOKIE, &started.state, seconds);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// What the provider sends along.
#[derive(Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    /// Why it sends nobody.
    #[serde(default)]
    error: String,
}

/// Takes somebody back.
pub(crate) async fn back(
    page: Page,
    visitor: Visitor,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let provider = provider(&visitor)?;
    if !answer.error.is_empty() {
        return Ok(page.redirect_with("/sign-in", "people-oidc-declined"));
    }
    let returned = Returned {
        code: &answer.code,
        state: &answer.state,
        cookie: web::read_host_cookie(&headers, &page.site, COOKIE),
    };
    let (origin, session) = (visitor.origin(), visitor.session.as_ref());
    let finished = provider.finish(&visitor.gate, &returned, &origin, session);
    let (finished, path) = finished.await.map_err(problem)?;
    let mut response = match finished {
        Finished::SignedIn(token) => visitor.lead_on(&page, &token, &path).await?,
        Finished::Bound => page.redirect_with(&path, "people-identity-bound"),
    };
    let over = web::host_cookie(&page.site, COOKIE, "", 0);
    response.headers_mut().append(header::SET_COOKIE, over);
    Ok(response)
}

fn problem(error: OidcError) -> Problem {
    let again = |problem: Problem| problem.leading_to("/sign-in", "people-sign-in");
    match error {
        OidcError::Directory(error) => words::problem(error),
        OidcError::Stale => again(Problem::bad_request("people-oidc-stale").coded("stale")),
        OidcError::Unproved => again(Problem::conflict("people-unproved").coded("unproved")),
        OidcError::Unbound { subject } => {
            let message = Message::new("people-oidc-unbound").put("subject", subject);
            again(Problem::forbidden().saying(message).coded("unbound"))
        }
        error => again(
            Problem::unavailable()
                .saying("people-oidc-unavailable")
                .because(error),
        ),
    }
}
