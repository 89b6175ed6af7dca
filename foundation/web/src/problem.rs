//! [`Problem`]: every refusal and every failure, for pages and API alike.
//!
//! A handler returns it without knowing the visitor's language; [`crate::guard`] turns it into a
//! page or into JSON at the rim.

use std::{error::Error, ops::Deref, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use store::StoreError;

use crate::{FieldErrors, Fields, Message};

/// A refusal or failure. Cheap to hand on.
#[derive(Clone, Debug)]
pub struct Problem(Box<Details>);

/// What a [`Problem`] knows.
#[derive(Clone, Debug)]
pub struct Details {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable word for programs, such as `not_found`.
    pub code: &'static str,
    /// What happened, for people.
    pub message: Message,
    /// What is wrong with which field.
    pub fields: FieldErrors,
    /// What was typed, shown again so that it is not lost.
    pub typed: Vec<(String, String)>,
    /// After how many seconds it is worth trying again.
    pub retry_after_seconds: Option<u32>,
    /// Where to go from here: address and the name of the link.
    pub next: Option<(String, Message)>,
    /// The cause of an internal failure; logged once, never shown.
    pub cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Deref for Problem {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

/// The statuses that have their own words: status, code, key of the message.
const KINDS: &[(StatusCode, &str, &str)] = &[
    (
        StatusCode::BAD_REQUEST,
        "bad_request",
        "problem-bad-request",
    ),
    (
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        "problem-unauthorized",
    ),
    (StatusCode::FORBIDDEN, "forbidden", "problem-forbidden"),
    (StatusCode::NOT_FOUND, "not_found", "problem-not-found"),
    (
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "problem-method",
    ),
    (StatusCode::CONFLICT, "conflict", "problem-conflict"),
    (StatusCode::GONE, "gone", "problem-gone"),
    (
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media",
        "problem-media",
    ),
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        "refused",
        "problem-refused",
    ),
    (
        StatusCode::TOO_MANY_REQUESTS,
        "too_many",
        "problem-unavailable",
    ),
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "problem-unavailable",
    ),
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "problem-internal",
    ),
];

impl Problem {
    /// The problem that belongs to an HTTP status; unknown ones are told as their class.
    #[must_use]
    pub fn of(status: StatusCode) -> Self {
        let class = if status.is_server_error() {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::BAD_REQUEST
        };
        let kind = |wanted: StatusCode| KINDS.iter().find(|kind| kind.0 == wanted);
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::too_large();
        }
        Self::plain(status, kind(status).or_else(|| kind(class)).copied())
    }

    fn plain(status: StatusCode, kind: Option<(StatusCode, &'static str, &'static str)>) -> Self {
        let (_, code, key) = kind.unwrap_or((status, "internal", "problem-internal"));
        Self(Box::new(Details {
            status,
            code,
            message: Message::new(key),
            fields: FieldErrors::none(),
            typed: Vec::new(),
            retry_after_seconds: None,
            next: None,
            cause: None,
        }))
    }

    /// 400: the request itself cannot be read.
    #[must_use]
    pub fn bad_request(message: impl Into<Message>) -> Self {
        Self::of(StatusCode::BAD_REQUEST).saying(message)
    }

    /// 401: sign in first. A page request is led to the sign-in page, and back afterwards.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::of(StatusCode::UNAUTHORIZED)
    }

    /// 403: not yours to do or see.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::of(StatusCode::FORBIDDEN)
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND)
    }

    /// 409: it has changed meanwhile, or is there already.
    #[must_use]
    pub fn conflict(message: impl Into<Message>) -> Self {
        Self::of(StatusCode::CONFLICT).saying(message)
    }

    /// 410: it was there, and is closed or taken away.
    #[must_use]
    pub fn gone(message: impl Into<Message>) -> Self {
        Self::of(StatusCode::GONE).saying(message)
    }

    /// 413: more bytes than the route takes.
    #[must_use]
    pub fn too_large() -> Self {
        let limit = crate::BODY_BYTES_MAX / (1024 * 1024);
        let kind = (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "problem-too-large",
        );
        Self::plain(kind.0, Some(kind)).saying(Message::new(kind.2).put("mb", limit))
    }

    /// 415: a kind of body that is not read here.
    #[must_use]
    pub fn unsupported_media() -> Self {
        Self::of(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }

    /// 422: understood, and not possible, for these reasons.
    #[must_use]
    pub fn refused(fields: FieldErrors) -> Self {
        let mut problem = Self::of(StatusCode::UNPROCESSABLE_ENTITY);
        if let Some(whole) = fields.of("") {
            problem.0.message = whole.clone();
        }
        problem.0.fields = fields;
        problem
    }

    /// 429: asked too often; worth trying again after so many seconds.
    #[must_use]
    pub fn too_many(retry_after_seconds: u32) -> Self {
        let message = Message::new("problem-too-many").put("seconds", retry_after_seconds);
        Self::of(StatusCode::TOO_MANY_REQUESTS)
            .saying(message)
            .retrying(retry_after_seconds)
    }

    /// 503: not now; the same request may succeed shortly.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE).retrying(5)
    }

    /// 500: our own fault. The visitor sees a number under which `cause` is logged.
    #[must_use]
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR).because(cause)
    }

    /// The same problem in other words.
    #[must_use]
    pub fn saying(mut self, message: impl Into<Message>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The same problem with another word for programs.
    #[must_use]
    pub fn coded(mut self, code: &'static str) -> Self {
        self.0.code = code;
        self
    }

    /// The same problem with a link that leads on.
    #[must_use]
    pub fn leading_to(mut self, href: impl Into<String>, name: impl Into<Message>) -> Self {
        self.0.next = Some((href.into(), name.into()));
        self
    }

    /// The same problem, showing what was typed.
    #[must_use]
    pub fn keeping(mut self, fields: &Fields) -> Self {
        let hidden =
            |name: &str| name == "token" || name.contains("password") || name.contains("code");
        self.0.typed = fields
            .pairs
            .iter()
            .filter(|(name, value)| !hidden(name) && !value.is_empty())
            .cloned()
            .collect();
        self
    }

    /// The same problem with its cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// The key of the page's heading.
    #[must_use]
    pub fn title_key(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => "problem-title-missing",
            status if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE => {
                "problem-title-failed"
            }
            _ => "problem-title",
        }
    }

    fn retrying(mut self, seconds: u32) -> Self {
        self.0.retry_after_seconds = Some(seconds);
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.code, self.message.key)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable().because(error),
            StoreError::Missing => Self::not_found(),
            StoreError::Conflict { .. } => Self::of(StatusCode::CONFLICT).because(error),
            _ => Self::internal(error),
        }
    }
}

impl From<FieldErrors> for Problem {
    fn from(fields: FieldErrors) -> Self {
        Self::refused(fields)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
