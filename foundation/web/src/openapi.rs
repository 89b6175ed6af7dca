//! The API frame: one description, one form of errors, attached to every operation once.

use std::collections::BTreeSet;

use axum::{
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Content, Ref, RefOr, ResponseBuilder,
        path::Operation,
        security::{
            ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
        },
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::{App, Problem, Site, cookie::session_name, limits};

/// The one form of errors under `/api`.
#[derive(Debug, serde::Serialize, serde::Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What happened.
    pub error: ErrorDetail,
}

/// What happened.
#[derive(Debug, serde::Serialize, serde::Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// A stable word for programs, such as `not_found`.
    pub code: String,
    /// A sentence for people, in the language asked for with `Accept-Language`.
    pub message: String,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDetail>,
    /// The number under which a failure of the server is logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// What is wrong with a field.
#[derive(Debug, serde::Serialize, serde::Deserialize, ToSchema)]
pub struct FieldDetail {
    /// The field's name; empty for the whole body.
    pub field: String,
    /// A sentence for people.
    pub message: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "全程 Quancheng",
        description = "The public API of a people's congress: everything a page does. Lists are paged by `cursor`. \
                       Every response states its rate limit in `RateLimit-Limit`, `RateLimit-Remaining` and \
                       `RateLimit-Reset`; one too many is answered with 429 and `Retry-After`. Whoever signs in with \
                       `POST /api/v1/sessions` sends the token it answers with as `Authorization: Bearer`; a browser's \
                       cookie does as well."
    ),
    components(schemas(ErrorBody, ErrorDetail, FieldDetail))
)]
pub(crate) struct Frame;

/// How a program shows who it is: the names of the schemes, either of which will do.
const SCHEMES: [&str; 2] = ["session", "cookie"];

/// Whether a request shows a session, good or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionShown(pub bool);

/// The operations of `router`, for those who are signed in: to nobody they answer 401 before what
/// was sent is read, and the description says so. Whether the session is good, and what it may do,
/// each operation asks for itself.
#[must_use]
pub fn behind_sign_in(mut router: OpenApiRouter<App>) -> OpenApiRouter<App> {
    let either = SCHEMES.map(|scheme| SecurityRequirement::new(scheme, [""; 0]));
    for operation in operations(router.get_openapi_mut()) {
        operation.security = Some(either.to_vec());
    }
    router.route_layer(middleware::from_fn(door))
}

async fn door(request: Request, next: Next) -> Response {
    match request.extensions().get() {
        Some(SessionShown(true)) => next.run(request).await,
        _ => Problem::unauthorized().into_response(),
    }
}

/// The description as it is served: every operation with the shared error responses, every text that
/// is handed in with the pattern of what can be kept.
pub(crate) fn finished(mut description: utoipa::openapi::OpenApi, site: &Site) -> Value {
    operations(&mut description).for_each(attach);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let cookie = ApiKeyValue::new(session_name(site));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
    let components = description.components.get_or_insert_default();
    for (name, scheme) in SCHEMES.into_iter().zip([bearer, cookie]) {
        components.add_security_scheme(name, scheme);
    }
    let mut json = serde_json::to_value(&description).unwrap_or_default();
    describe_texts(&mut json);
    describe_limits(&mut json);
    json
}

/// The limits of the table, and the answer of whoever has used one up.
fn describe_limits(json: &mut Value) {
    let one = |rule: &limits::Rule| {
        let (name, of, burst, seconds) = (rule.name, rule.of, rule.burst, rule.seconds);
        format!("\n* `{name}`, {of}: {burst} at once, all of them again after {seconds} seconds")
    };
    let table: String = limits::RULES.iter().map(one).collect();
    if let Some(Value::String(told)) = json.pointer_mut("/info/description") {
        told.push_str("\n\nThe limits, for each address:\n");
        told.push_str(&table);
    }
    json["components"]["responses"][TOO_MANY] = json!({
        "description": "Asked too often; worth trying again after `Retry-After`",
        "headers": {"Retry-After": {
            "description": "Seconds", "required": true, "schema": {"type": "integer", "minimum": 1}
        }},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    });
}

/// The shared response of whoever asks too often.
const TOO_MANY: &str = "TooMany";

/// Texts are cleaned alike everywhere (`kernel::clean_input`), so what they must be is said once.
fn describe_texts(json: &mut Value) {
    let handed_in = handed_in(json);
    let Some(Value::Object(schemas)) = json.pointer_mut("/components/schemas") else {
        return;
    };
    let shapes = schemas
        .iter_mut()
        .filter(|(name, _)| handed_in.contains(*name));
    for (_, shape) in shapes {
        if let Some(Value::Object(properties)) = shape.get_mut("properties") {
            properties.values_mut().for_each(describe_text);
        }
    }
}

fn describe_text(property: &mut Value) {
    let Value::Object(property) = property else {
        return;
    };
    let of_text = |kind: &Value| kind == "string" || kind == &serde_json::json!(["string", "null"]);
    let plain = ["pattern", "format", "enum"]
        .iter()
        .all(|key| !property.contains_key(*key));
    if plain && property.get("type").is_some_and(of_text) {
        let least = property.get("minLength").and_then(Value::as_u64);
        let pattern = kernel::text::pattern(least.is_some_and(|least| least > 0));
        property.insert("pattern".to_owned(), Value::String(pattern));
    }
}

/// The names of the shapes that requests are made of, those inside of others too.
fn handed_in(json: &Value) -> BTreeSet<String> {
    let mut open = Vec::new();
    if let Some(Value::Object(paths)) = json.get("paths") {
        let operations = paths.values().filter_map(Value::as_object);
        let bodies = operations.flat_map(Map::values);
        bodies
            .filter_map(|operation| operation.get("requestBody"))
            .for_each(|body| references(body, &mut open));
    }
    let mut names = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some(shape) = json.pointer(&format!("/components/schemas/{name}"))
            && names.insert(name)
        {
            references(shape, &mut open);
        }
    }
    names
}

fn references(of: &Value, names: &mut Vec<String>) {
    match of {
        Value::Object(map) => {
            let name = map
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix("#/components/schemas/"));
            names.extend(name.map(str::to_owned));
            map.values().for_each(|value| references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

/// Every operation of a description.
fn operations(api: &mut utoipa::openapi::OpenApi) -> impl Iterator<Item = &mut Operation> {
    let all = api.paths.paths.values_mut().flat_map(|item| {
        [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
            &mut item.head,
        ]
    });
    all.flatten()
}

/// Gives an operation the shared error responses.
fn attach(operation: &mut Operation) {
    let content = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    let response = ResponseBuilder::new()
        .description("Refused or failed, for the reason given")
        .content("application/json", content)
        .build();
    let too_many = RefOr::Ref(Ref::from_response_name(TOO_MANY));
    let responses = &mut operation.responses.responses;
    responses.insert("429".to_owned(), too_many);
    responses
        .entry("default".to_owned())
        .or_insert(RefOr::T(response));
}
