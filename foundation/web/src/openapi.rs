//! The API frame: one description, one form of errors, attached to every operation once.

use utoipa::{
    OpenApi, ToSchema,
    openapi::{Content, Ref, RefOr, ResponseBuilder, path::Operation},
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
                       `RateLimit-Reset`; one too many is answered with 429 and `Retry-After`."
    ),
    components(schemas(ErrorBody, ErrorDetail, FieldDetail))
)]
pub(crate) struct Frame;

/// Gives every operation the shared error response.
pub(crate) fn attach_errors(api: &mut utoipa::openapi::OpenApi) {
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
