//! Forms of pages.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{App, Fields, FormToken, Message, Page, Problem, TokenFault};

/// A form that was sent. `T` has only fields of type `String` (with `#[serde(default)]`) and
/// `Option<String>`; what they mean is decided by the handler, which still has `fields` to show
/// again.
#[derive(Clone, Debug)]
pub struct Form<T = BTreeMap<String, String>> {
    /// The fields by name.
    pub value: T,
    /// The fields as they came, and the files.
    pub fields: Fields,
}

impl<T> Form<T> {
    /// The nonce of the form's token: the idempotency key of what the form does.
    ///
    /// # Errors
    /// What to say, above the same form with what was typed and a new token.
    pub fn nonce(&self, page: &Page) -> Result<Uuid, Message> {
        let read = FormToken::read(
            &page.site.secret,
            &page.binding(),
            self.fields.get("token"),
            page.now,
        );
        match read {
            Ok(token) => Ok(token.nonce),
            Err(TokenFault::Expired) => Err(Message::new("form-expired")),
            Err(TokenFault::Forged) => Err(Message::new("form-forged")),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let fields = Fields::from_request(request, app).await?;
        let named = fields
            .pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        match serde_json::from_value(serde_json::Value::Object(named)) {
            Ok(value) => Ok(Self { value, fields }),
            Err(_) => Err(Problem::bad_request("problem-form-fields").keeping(&fields)),
        }
    }
}
