//! `/sign-in` and `/sign-out`: name and password, then the code of the second factor.

use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use directory::{sessions::Stage, sign_in};
use serde::Deserialize;
use web::{
    FieldErrors, Fields, Form, Page, Problem, Query, clear_session_cookie, limits, safe_back,
};

use crate::{
    visitor::{Visitor, due, escape},
    words,
};

/// Where to lead after the way in.
#[derive(Deserialize, Default)]
pub(crate) struct Back {
    #[serde(default)]
    pub back: String,
}

#[derive(Template)]
#[template(path = "people/sign_in.html")]
struct SignIn<'a> {
    page: &'a Page,
    errors: FieldErrors,
    /// The name that was typed.
    typed: &'a str,
    back: &'a str,
    /// The way in by the city's identity provider; empty when there is none.
    provider: String,
}

#[derive(Template)]
#[template(path = "people/code.html")]
struct Code<'a> {
    page: &'a Page,
    errors: FieldErrors,
    back: &'a str,
}

fn form<'a>(
    page: &'a Page,
    visitor: &Visitor,
    errors: FieldErrors,
    typed: &'a str,
    back: &'a str,
) -> SignIn<'a> {
    let provider = visitor.oidc.as_ref();
    SignIn {
        page,
        errors,
        typed,
        back,
        provider: provider
            .map(|_| format!("/sign-in/oidc?back={}", escape(back)))
            .unwrap_or_default(),
    }
}

/// The form; whoever is in already, or half-way, is led on.
pub(crate) async fn show(page: Page, visitor: Visitor, query: Query<Back>) -> Response {
    let back = safe_back(&query.0.back);
    if let Some(session) = &visitor.session {
        return page.redirect(&due(session.stage, back));
    }
    page.show(&form(&page, &visitor, FieldErrors::none(), "", back))
}

/// Name and password.
pub(crate) async fn send(page: Page, visitor: Visitor, sent: Form) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)
        .map_err(|problem| problem.keeping(&sent.fields))?;
    let (name, password) = (sent.fields.get("name"), sent.fields.get("password"));
    let back = safe_back(sent.fields.get("back"));
    let refused = |errors| page.show_refused(&form(&page, &visitor, errors, name, back));
    let errors = missing(&page, &sent);
    if !errors.is_empty() {
        return Ok(refused(errors));
    }
    match sign_in::sign_in(&visitor.gate, name, password, &visitor.origin()).await {
        Ok(token) => visitor.lead_on(&page, &token, back).await,
        Err(error) => Ok(refused(words::sign_in(error, "password")?)),
    }
}

fn missing(page: &Page, form: &Form) -> FieldErrors {
    let mut errors = FieldErrors::none();
    if let Err(message) = form.nonce(page) {
        errors.add("", message);
    }
    if form.fields.get("name").trim().is_empty() {
        errors.add("name", "people-name-missing");
    }
    if form.fields.get("password").is_empty() {
        errors.add("password", "people-password-missing");
    }
    errors
}

/// The form for the code.
pub(crate) async fn show_code(
    page: Page,
    visitor: Visitor,
    query: Query<Back>,
) -> Result<Response, Problem> {
    let back = safe_back(&query.0.back);
    let session = visitor.session.ok_or_else(Problem::unauthorized)?;
    if session.stage != Stage::SecondFactor {
        return Ok(page.redirect(&due(session.stage, back)));
    }
    let errors = FieldErrors::none();
    Ok(page.show(&Code {
        page: &page,
        errors,
        back,
    }))
}

/// The code of the app, or a recovery code.
pub(crate) async fn send_code(
    page: Page,
    visitor: Visitor,
    form: Form,
) -> Result<Response, Problem> {
    page.limit(&limits::SIGN_IN)?;
    let back = safe_back(form.fields.get("back"));
    let Some(session) = &visitor.session else {
        return Ok(page.redirect("/sign-in"));
    };
    // A secret that is only being enrolled is no second factor yet.
    if session.stage != Stage::SecondFactor {
        return Ok(page.redirect(&due(session.stage, back)));
    }
    let refused = |errors| {
        page.show_refused(&Code {
            page: &page,
            errors,
            back,
        })
    };
    let errors = code_missing(&form.fields, form.nonce(&page).err());
    if !errors.is_empty() {
        return Ok(refused(errors));
    }
    match sign_in::pass_second_factor(&visitor.gate, session, form.fields.get("code")).await {
        Ok(token) => visitor.lead_on(&page, &token, back).await,
        Err(error) => Ok(refused(words::sign_in(error, "code")?)),
    }
}

/// What is wrong with a form that holds a code.
pub(crate) fn code_missing(fields: &Fields, token: Option<web::Message>) -> FieldErrors {
    let mut errors = FieldErrors::none();
    if let Some(message) = token {
        errors.add("", message);
    }
    if fields.get("code").trim().is_empty() {
        errors.add("code", "people-code-missing");
    }
    errors
}

/// Ends the session. A form whose token is too old still signs out: nobody wants to stay.
pub(crate) async fn sign_out(page: Page, visitor: Visitor) -> Result<Response, Problem> {
    if let Some(session) = &visitor.session {
        sign_in::sign_out(&visitor.gate, session)
            .await
            .map_err(words::problem)?;
    }
    let mut response = page.redirect_with("/", "people-signed-out").into_response();
    let cookie = clear_session_cookie(&page.site);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
