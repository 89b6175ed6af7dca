//! What stands around every handler: the request's number, its time limit, panics turned into
//! answers, problems turned into pages or JSON, security headers, and one line in the log.
//!
//! The log names the route's pattern, never the concrete path: a receipt's code is a secret.

use std::{
    panic::AssertUnwindSafe,
    sync::OnceLock,
    time::{Duration, Instant},
};

use askama::Template;
use axum::{
    body::Bytes,
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use futures_util::FutureExt as _;

use crate::{
    App, ErrorBody, ErrorDetail, FieldDetail, Fields, Page, Problem, REQUEST_SECONDS_MAX, fields,
    limits,
    openapi::SessionShown,
    page::{RequestId, Slot},
    session_token,
};

/// Headers of every response. The policy allows nothing but this origin, and no inline code.
const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
];
const HSTS: &str = "max-age=31536000";

/// The middleware itself.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    let (id, slot) = (new_id(&app), Slot::default());
    parts.extensions.insert(RequestId(id.clone()));
    parts.extensions.insert(slot.clone());
    let shown = session_token(&parts.headers, &app.site).is_some();
    parts.extensions.insert(SessionShown(shown));
    let head = parts.clone();
    let refused = baseline(&head).and_then(|rule| Page::anonymous(&head, &app).limit(rule).err());
    let typed = Typed::default();
    let response = match refused {
        Some(problem) => problem.into_response(),
        None => run(Request::from_parts(parts, body), next, &typed).await,
    };
    let response = typed.kept_in(response);
    let mut response = render(&app, head.clone(), response).await;
    if let Some(allowance) = slot.take() {
        allowance.write(response.headers_mut());
    }
    finish(&app, &head, &id, &mut response);
    log(&head, &id, &response, started);
    response
}

fn new_id(app: &App) -> String {
    let mut bytes = [0u8; 8];
    app.entropy.fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// The limit that holds whatever is asked for: any use of the API, any form that is sent.
fn baseline(head: &Parts) -> Option<&'static limits::Rule> {
    if is_api(head) {
        return Some(&limits::API);
    }
    (head.method == Method::POST).then_some(&limits::FORM)
}

fn is_api(head: &Parts) -> bool {
    head.uri.path().starts_with("/api/")
}

/// What a form sent, for a refusal that came before anybody read it, such as that the database is
/// away. What came with files is not kept twice.
#[derive(Default)]
struct Typed(OnceLock<Bytes>);

impl Typed {
    /// Reads the form; the request is as it was.
    async fn read(&self, request: Request) -> Result<Request, Problem> {
        if request.method() != Method::POST || !fields::is_plain_form(request.headers()) {
            return Ok(request);
        }
        let (parts, body) = request.into_parts();
        let read = axum::body::to_bytes(body, crate::BODY_BYTES_MAX).await;
        let bytes = read.map_err(|_| Problem::too_large())?;
        let bytes = self.0.get_or_init(|| bytes).clone();
        Ok(Request::from_parts(parts, bytes.into()))
    }

    /// The refusal with what was typed, where it has not got it.
    fn kept_in(&self, mut response: Response) -> Response {
        let problem = response.extensions_mut().get_mut::<Problem>();
        if let (Some(problem), Some(bytes)) = (problem, self.0.get())
            && problem.typed.is_empty()
            && let Ok(fields) = Fields::parse(bytes)
        {
            *problem = problem.clone().keeping(&fields);
        }
        response
    }
}

async fn run(request: Request, next: Next, typed: &Typed) -> Response {
    let answer = async {
        match typed.read(request).await {
            Ok(request) => next.run(request).await,
            Err(problem) => problem.into_response(),
        }
    };
    let handler = AssertUnwindSafe(answer).catch_unwind();
    match tokio::time::timeout(Duration::from_secs(REQUEST_SECONDS_MAX), handler).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => Problem::internal(Panicked).into_response(),
        Err(_elapsed) => Problem::unavailable()
            .saying("problem-timeout")
            .into_response(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

/// Turns a problem, or a bare refusal of a layer below, into what the visitor can read.
async fn render(app: &App, mut head: Parts, mut response: Response) -> Response {
    let bare = |response: &Response| {
        let status = response.status();
        let kind = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let told = kind.is_some_and(|kind| !kind.starts_with("text/plain"));
        ((status.is_client_error() || status.is_server_error()) && !told)
            .then(|| Problem::of(status))
    };
    let Some(problem) = response
        .extensions_mut()
        .remove::<Problem>()
        .or_else(|| bare(&response))
    else {
        return response;
    };
    log_cause(&problem, &head);
    let page = match problem.status {
        // To look up who asks would be to wait for the same database once more.
        StatusCode::SERVICE_UNAVAILABLE => Page::anonymous(&head, app),
        _ => <Page as FromRequestParts<App>>::from_request_parts(&mut head, app)
            .await
            .unwrap_or_else(|_| Page::anonymous(&head, app)),
    };
    let rendered = if is_api(&head) {
        as_json(&page, &problem)
    } else if problem.status == StatusCode::UNAUTHORIZED
        && head.method == Method::GET
        && !page.partial
    {
        Redirect::to(&page.sign_in()).into_response()
    } else {
        page.show_as(
            problem.status,
            &ProblemPage {
                page: &page,
                problem: &problem,
            },
        )
    };
    carry_over(response, rendered)
}

/// Keeps the headers that the refusal came with, such as `Allow` and `Retry-After`.
fn carry_over(from: Response, mut to: Response) -> Response {
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = from.headers().get(&name) {
            to.headers_mut().insert(name, value.clone());
        }
    }
    to
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    page: &'a Page,
    problem: &'a Problem,
}

fn as_json(page: &Page, problem: &Problem) -> Response {
    let fields = problem.fields.list.iter();
    let fields = fields.map(|(field, message)| FieldDetail {
        field: field.to_string(),
        message: page.t.say(message),
    });
    let operation = problem
        .status
        .is_server_error()
        .then(|| page.request_id.clone());
    let error = ErrorDetail {
        code: problem.code.to_owned(),
        message: page.t.say(&problem.message),
        fields: fields.collect(),
        operation,
    };
    (problem.status, axum::Json(ErrorBody { error })).into_response()
}

fn finish(app: &App, head: &Parts, id: &str, response: &mut Response) {
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    if app.site.secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(HSTS),
        );
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
    if html || is_api(head) {
        headers.append(
            header::VARY,
            HeaderValue::from_static("Accept-Language, Cookie, HX-Request"),
        );
    }
    // What a visitor sees may depend on who it is; only assets say otherwise.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
}

fn log_cause(problem: &Problem, head: &Parts) {
    let Some(cause) = &problem.cause else { return };
    let mut chain = cause.to_string();
    let mut next = cause.source();
    while let Some(error) = next {
        chain = format!("{chain}: {error}");
        next = error.source();
    }
    let request_id = head
        .extensions
        .get::<RequestId>()
        .map_or("", |id| id.0.as_str());
    if problem.status.is_server_error() {
        tracing::error!(request.id = request_id, error = chain, "a request failed");
    } else {
        tracing::debug!(
            request.id = request_id,
            error = chain,
            "a request was refused"
        );
    }
}

fn log(head: &Parts, id: &str, response: &Response, started: Instant) {
    let route = head
        .extensions
        .get::<MatchedPath>()
        .map_or("(none)", |path| path.as_str());
    tracing::info!(
        request.id = id,
        http.method = head.method.as_str(),
        http.route = route,
        http.status = response.status().as_u16(),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request answered"
    );
}
