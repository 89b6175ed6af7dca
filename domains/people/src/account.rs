//! `/account`: one's own sessions, password, second factor and sign-ins. The pages for password and
//! second factor also serve whoever has to pass them on the way in.

use askama::Template;
use axum::{
    Router,
    response::Response,
    routing::{get, post},
};
use directory::{
    audit::{self, Event},
    oidc::{self, Identity},
    second_factor::{self, Enrolment},
    sessions::{self, Listed, Session, Stage},
    sign_in::{self, SignInError},
};
use kernel::SessionId;
use serde::Deserialize;
use web::{App, FieldErrors, Form, Page, Path, Problem, Query, limits, safe_back};

use crate::{
    sign_in::{Back, code_missing},
    visitor::{Visitor, due, unstored},
    words,
};

/// Sign-ins of one page.
const SIZE: u32 = 20;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(show))
        .route("/account/sessions/{id}/end", post(end_session))
        .route("/account/password", get(show_password).post(send_password))
        .route("/account/second-factor", get(show_factor).post(send_factor))
        .route("/account/proof", get(show_proof).post(send_proof))
        .route("/account/recovery-codes", get(show_codes).post(renew_codes))
        .route("/account/identity", get(show_identity))
        .route("/account/identity/start", get(crate::oidc::start_binding))
        .route("/account/identity/unbind", post(unbind))
        .route("/account/sign-ins", get(sign_ins))
}

#[derive(Template)]
#[template(path = "people/account.html")]
struct Account<'a> {
    page: &'a Page,
    session: &'a Session,
    sessions: &'a [Listed],
    /// Whether a second factor is confirmed.
    factor: bool,
    recovery_codes_left: i64,
    /// Whether the city has an identity provider.
    provider: bool,
    identities: &'a [Identity],
}

/// The sessions that run, and the ways to the rest.
async fn show(page: Page, visitor: Visitor) -> Result<Response, Problem> {
    page.signed_in()?;
    let session = visitor.full()?;
    let gate = &visitor.gate;
    let list = sessions::own(gate, session).await;
    let factor = second_factor::is_confirmed(&gate.db, session.account).await;
    let left = second_factor::recovery_codes_left(&gate.db, session.account).await;
    let identities = oidc::of_session(&gate.db, session).await;
    Ok(page.show(&Account {
        page: &page,
        session,
        sessions: &list.map_err(words::problem)?,
        factor: factor.map_err(words::problem)?,
        recovery_codes_left: left.map_err(words::problem)?,
        provider: visitor.oidc.is_some(),
        identities: &identities.map_err(words::problem)?,
    }))
}

/// Ends one of one's own sessions.
async fn end_session(
    page: Page,
    visitor: Visitor,
    Path(id): Path<SessionId>,
    form: Form,
) -> Result<Response, Problem> {
    let session = visitor.full()?;
    form.nonce(&page).map_err(Problem::bad_request)?;
    let ended = sessions::end_own(&visitor.gate, session, id).await;
    ended.map_err(words::problem)?;
    Ok(page.redirect_with("/account", "people-session-ended"))
}

#[derive(Template)]
#[template(path = "people/sign_ins.html")]
struct SignIns<'a> {
    page: &'a Page,
    events: &'a [Event],
    next: String,
}

/// Where the page begins.
#[derive(Deserialize)]
pub(crate) struct After {
    after: Option<i64>,
}

/// One's own sign-ins, and what failed.
async fn sign_ins(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<After>,
) -> Result<Response, Problem> {
    let session = visitor.full()?;
    let found = audit::sign_ins(&visitor.gate.db, session, asked.after, SIZE).await;
    let found = found.map_err(words::problem)?;
    let next = |after: i64| format!("/account/sign-ins?after={after}");
    Ok(page.show(&SignIns {
        page: &page,
        events: &found.items,
        next: found.next.map(next).unwrap_or_default(),
    }))
}

#[derive(Template)]
#[template(path = "people/password.html")]
struct Password<'a> {
    page: &'a Page,
    errors: FieldErrors,
    session: &'a Session,
    /// Whether it has to be changed before anything else.
    forced: bool,
    back: &'a str,
}

/// The form for a new password.
async fn show_password(
    page: Page,
    visitor: Visitor,
    query: Query<Back>,
) -> Result<Response, Problem> {
    let session = visitor.own()?;
    if session.stage == Stage::Enrol {
        return Ok(page.redirect(&due(session.stage, &query.0.back)));
    }
    Ok(page.show(&password(
        &page,
        session,
        FieldErrors::none(),
        &query.0.back,
    )))
}

fn password<'a>(
    page: &'a Page,
    session: &'a Session,
    errors: FieldErrors,
    back: &'a str,
) -> Password<'a> {
    Password {
        page,
        errors,
        session,
        forced: session.stage == Stage::NewPassword,
        back: safe_back(back),
    }
}

/// Changes one's own password; all other sessions end.
async fn send_password(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.own()?;
    let back = form.fields.get("back");
    let errors = password_missing(&page, &form);
    if !errors.is_empty() {
        return Ok(page.show_refused(&password(&page, session, errors, back)));
    }
    let (old, new) = (form.fields.get("old"), form.fields.get("new"));
    match sign_in::change_password(&visitor.gate, session, old, new).await {
        Ok(token) => {
            let back = if session.stage == Stage::Full {
                "/account"
            } else {
                back
            };
            let mut response = page.redirect_with(safe_back(back), "people-password-changed");
            let renewed = visitor.renewed(&token).await?;
            visitor.keep(&page, &token, &renewed, &mut response);
            Ok(response)
        }
        Err(SignInError::Wrong) => {
            let errors = FieldErrors::one("old", "people-old-wrong");
            Ok(page.show_refused(&password(&page, session, errors, back)))
        }
        Err(error) => {
            let errors = words::sign_in(error, "old")?;
            Ok(page.show_refused(&password(&page, session, errors, back)))
        }
    }
}

fn password_missing(page: &Page, form: &Form) -> FieldErrors {
    let mut errors = FieldErrors::none();
    if let Err(message) = form.nonce(page) {
        errors.add("", message);
    }
    if form.fields.get("old").is_empty() {
        errors.add("old", "people-password-missing");
    }
    if form.fields.get("new") != form.fields.get("again") {
        errors.add("again", "people-again-differs");
    }
    errors
}

#[derive(Template)]
#[template(path = "people/factor.html")]
struct Factor<'a> {
    page: &'a Page,
    errors: FieldErrors,
    enrolment: &'a Enrolment,
    forced: bool,
    back: &'a str,
}

/// The QR code to enrol with; whoever has a telephone enrolled shows it first.
async fn show_factor(
    page: Page,
    visitor: Visitor,
    query: Query<Back>,
) -> Result<Response, Problem> {
    let session = visitor.own()?;
    factor_page(&page, &visitor, session, FieldErrors::none(), &query.0.back).await
}

async fn factor_page(
    page: &Page,
    visitor: &Visitor,
    session: &Session,
    errors: FieldErrors,
    back: &str,
) -> Result<Response, Problem> {
    let issuer = &page.site.name_zh;
    let enrolment = match sign_in::start_enrolment(&visitor.gate, session, issuer).await {
        Ok(enrolment) => enrolment,
        Err(SignInError::Unproved) => return Ok(page.redirect("/account/proof?next=factor")),
        Err(error) => return Err(words::refused(error)),
    };
    let view = Factor {
        page,
        enrolment: &enrolment,
        forced: session.stage == Stage::Enrol,
        back: safe_back(back),
        errors,
    };
    Ok(unstored(if view.errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    }))
}

/// Confirms the enrolment; the recovery codes are shown now and never again.
async fn send_factor(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.own()?;
    let back = safe_back(form.fields.get("back"));
    let errors = code_missing(&form.fields, form.nonce(&page).err());
    if !errors.is_empty() {
        return factor_page(&page, &visitor, session, errors, back).await;
    }
    let code = form.fields.get("code");
    let enrolled = match sign_in::confirm_enrolment(&visitor.gate, session, code).await {
        Ok(enrolled) => enrolled,
        Err(SignInError::Unproved) => return Ok(page.redirect("/account/proof?next=factor")),
        Err(error) => {
            let errors = words::sign_in(error, "code")?;
            return factor_page(&page, &visitor, session, errors, back).await;
        }
    };
    let renewed = visitor.renewed(&enrolled.token).await?;
    let mut response = recovery(&page, &enrolled.recovery_codes, due(renewed.stage, back));
    visitor.keep(&page, &enrolled.token, &renewed, &mut response);
    Ok(response)
}

#[derive(Template)]
#[template(path = "people/recovery.html")]
struct Recovery<'a> {
    page: &'a Page,
    codes: &'a [String],
    next: String,
}

fn recovery(page: &Page, codes: &[String], next: String) -> Response {
    unstored(page.show(&Recovery { page, codes, next }))
}

#[derive(Template)]
#[template(path = "people/renew.html")]
struct Renew<'a> {
    page: &'a Page,
}

/// Whether to renew the recovery codes.
async fn show_codes(page: Page, visitor: Visitor) -> Result<Response, Problem> {
    if visitor.full()?.proved {
        Ok(page.show(&Renew { page: &page }))
    } else {
        Ok(page.redirect("/account/proof?next=codes"))
    }
}

/// Renews the recovery codes; they are shown now and never again.
async fn renew_codes(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    let session = visitor.full()?;
    form.nonce(&page).map_err(Problem::bad_request)?;
    match sign_in::renew_recovery_codes(&visitor.gate, session).await {
        Ok(codes) => Ok(recovery(&page, &codes, "/account".to_owned())),
        Err(SignInError::Unproved) => Ok(page.redirect("/account/proof?next=codes")),
        Err(error) => Err(words::refused(error)),
    }
}

/// What the proof is for.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "people/proof.html")]
struct Proof<'a> {
    page: &'a Page,
    errors: FieldErrors,
    session: &'a Session,
    factor: bool,
    next: &'a str,
}

/// Where a proof leads.
fn proved(next: &str) -> &'static str {
    match next {
        "factor" => "/account/second-factor?back=/account",
        "codes" => "/account/recovery-codes",
        "identity" => "/account/identity",
        _ => "/account",
    }
}

/// The form that asks for password and code again.
async fn show_proof(
    page: Page,
    visitor: Visitor,
    Query(asked): Query<Next>,
) -> Result<Response, Problem> {
    proof_page(&page, &visitor, FieldErrors::none(), &asked.next).await
}

async fn proof_page(
    page: &Page,
    visitor: &Visitor,
    errors: FieldErrors,
    next: &str,
) -> Result<Response, Problem> {
    let session = visitor.full()?;
    let factor = second_factor::is_confirmed(&visitor.gate.db, session.account).await;
    let view = Proof {
        page,
        session,
        factor: factor.map_err(words::problem)?,
        next,
        errors,
    };
    Ok(if view.errors.is_empty() {
        page.show(&view)
    } else {
        page.show_refused(&view)
    })
}

/// Password and code.
async fn send_proof(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let session = visitor.full()?;
    let next = form.fields.get("next");
    if let Err(message) = form.nonce(&page) {
        return proof_page(&page, &visitor, FieldErrors::one("", message), next).await;
    }
    let (password, code) = (form.fields.get("password"), form.fields.get("code"));
    match sign_in::prove(&visitor.gate, session, password, code).await {
        Ok(()) => Ok(page.redirect(proved(next))),
        Err(SignInError::Wrong) => {
            let errors = FieldErrors::one("password", "people-old-wrong");
            proof_page(&page, &visitor, errors, next).await
        }
        Err(error) => {
            let errors = words::sign_in(error, "password")?;
            proof_page(&page, &visitor, errors, next).await
        }
    }
}

#[derive(Template)]
#[template(path = "people/identity.html")]
struct IdentityPage<'a> {
    page: &'a Page,
}

/// The way to the identity provider. A link: a form may not lead to another site.
async fn show_identity(page: Page, visitor: Visitor) -> Result<Response, Problem> {
    let session = visitor.full()?;
    if visitor.oidc.is_none() {
        return Err(Problem::not_found());
    }
    if session.proved {
        Ok(page.show(&IdentityPage { page: &page }))
    } else {
        Ok(page.redirect("/account/proof?next=identity"))
    }
}

/// Lets the identity provider go.
async fn unbind(page: Page, visitor: Visitor, form: Form) -> Result<Response, Problem> {
    let session = visitor.full()?;
    form.nonce(&page).map_err(Problem::bad_request)?;
    let (issuer, subject) = (form.fields.get("issuer"), form.fields.get("subject"));
    let unbound = oidc::unbind_own(&visitor.gate, session, issuer, subject).await;
    unbound.map_err(words::problem)?;
    Ok(page.redirect_with("/account", "people-identity-unbound"))
}
