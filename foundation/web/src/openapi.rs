//! The API frame: one description, one form of errors, attached to every operation once.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        Content, Ref, RefOr, ResponseBuilder,
        path::Operation,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

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
                       `POST /api/v1/sessions` sends the token it answers with as `Authorization: Bearer`."
    ),
    components(schemas(ErrorBody, ErrorDetail, FieldDetail)),
    modifiers(&Bearer),
    security((), ("session" = []))
)]
pub(crate) struct Frame;

/// How a program shows who it is.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("session", scheme);
    }
}

/// The description as it is served: every operation with the shared error response, every text that
/// is handed in with the pattern of what can be kept.
pub(crate) fn finished(mut description: utoipa::openapi::OpenApi) -> Value {
    attach_errors(&mut description);
    let mut json = serde_json::to_value(&description).unwrap_or_default();
    describe_texts(&mut json);
    json
}

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

/// Gives every operation the shared error response.
fn attach_errors(api: &mut utoipa::openapi::OpenApi) {
    for item in api.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
            &mut item.head,
        ];
        operations.into_iter().flatten().for_each(attach);
    }
}

fn attach(operation: &mut Operation) {
    let content = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    let response = ResponseBuilder::new()
        .description("Refused or failed, for the reason given")
        .content("application/json", content)
        .build();
    operation
        .responses
        .responses
        .entry("default".to_owned())
        .or_insert(RefOr::T(response));
}
