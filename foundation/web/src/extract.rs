//! Axum's extractors with refusals that are [`Problem`]s.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{header, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::{App, FieldErrors, Message, Problem, fields};

/// A part of the path; one that cannot be read is a page that does not exist.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        path.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Problem::not_found())
    }
}

/// What stands behind the question mark.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // NUL is the one character that an address can write and PostgreSQL cannot store.
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Problem::refused(FieldErrors::one("", "problem-nul")));
        }
        let query = axum::extract::Query::<T>::from_request_parts(parts, app).await;
        query
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| {
                Problem::bad_request(
                    Message::new("problem-query").put("what", rejection.body_text()),
                )
            })
    }
}

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let kind = kind
            .and_then(|kind| kind.split(';').next())
            .unwrap_or_default()
            .trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::unsupported_media());
        }
        let bytes = fields::body(request, app).await?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Problem::bad_request("problem-utf8"))?;
        refuse_nul(text)?;
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| json_problem(&error))
    }
}

fn json_problem(error: &serde_json::Error) -> Problem {
    let what = Message::new("problem-json").put("what", error.to_string());
    match error.classify() {
        serde_json::error::Category::Data => Problem::refused(FieldErrors::one("", what)),
        _ => Problem::bad_request(what),
    }
}

/// NUL is the one character that JSON can write and PostgreSQL cannot store. The escape is looked
/// for first, so that ordinary bodies are read only once.
fn refuse_nul(text: &str) -> Result<(), Problem> {
    let suspect = text.contains("\\u0000");
    let value = suspect
        .then(|| serde_json::from_str::<serde_json::Value>(text).ok())
        .flatten();
    if value.is_some_and(|value| holds_nul(&value)) {
        return Err(Problem::refused(FieldErrors::one("", "problem-nul")));
    }
    Ok(())
}

fn holds_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(holds_nul),
        serde_json::Value::Object(map) => map
            .iter()
            .any(|(key, item)| key.contains('\0') || holds_nul(item)),
        _ => false,
    }
}
