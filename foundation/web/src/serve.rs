//! The router of the whole site, put together from the domains' manifests.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Extensions, HeaderMap, StatusCode, Version, header},
    middleware,
    response::IntoResponse as _,
    routing::get,
};
use tower_http::{
    compression::{CompressionLayer, DefaultPredicate, Predicate as _},
    csrf::CsrfLayer,
};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    App, BODY_BYTES_MAX, Module, Problem, Site, TextsError, assets, components, guard, openapi,
    prefs,
};

/// The whole site: pages, `/api/v1`, `/api/openapi.json`, `/healthz`, assets, and the layers
/// around them.
///
/// # Errors
/// Texts of a module that cannot be used.
///
/// # Panics
/// When two modules claim the same path, as axum's router does.
pub fn router(app: App, modules: Vec<Module>) -> Result<Router, TextsError> {
    let app = app.with_modules(&modules)?;
    let mut pages = Router::new()
        .merge(prefs::routes())
        .merge(assets::routes())
        .merge(components::routes());
    let mut api = OpenApiRouter::with_openapi(openapi::Frame::openapi());
    for module in modules {
        pages = pages.merge(module.pages);
        api = api.nest("/api/v1", module.api);
    }
    let (api, description) = api.split_for_parts();
    let site = pages
        .merge(api)
        .merge(description_route(description, &app.site))
        .route("/healthz", get(healthy))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            Problem::of(axum::http::StatusCode::METHOD_NOT_ALLOWED)
        });
    Ok(layered(site, app))
}

fn layered(site: Router<App>, app: App) -> Router {
    // The last layer is the outermost.
    site.layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(csrf(&app).with_rejection_response(|_| {
            Problem::forbidden()
                .coded("cross_site")
                .saying("problem-cross-site")
                .into_response()
        }))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(may_change_form)))
        .with_state(app)
}

/// An answer that says `no-transform` is sent as it is (RFC 9111 §5.2.2.6): hashes do not shrink.
fn may_change_form(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kept = headers.get(header::CACHE_CONTROL);
    !kept.is_some_and(|kept| {
        kept.to_str()
            .is_ok_and(|kept| kept.contains("no-transform"))
    })
}

/// Behind a proxy the host may differ from what the browser sees, so the site's own origin is
/// named.
fn csrf(app: &App) -> CsrfLayer {
    CsrfLayer::new()
        .add_trusted_origin(&app.site.base_url)
        .unwrap_or_default()
}

fn description_route(description: utoipa::openapi::OpenApi, site: &Site) -> Router<App> {
    let json: Arc<str> = openapi::finished(description, site).to_string().into();
    let answer = async move || {
        (
            [(header::CONTENT_TYPE, "application/json")],
            json.to_string(),
        )
    };
    Router::new().route("/api/openapi.json", get(answer))
}

/// For whoever watches the server: the database answers.
async fn healthy(
    axum::extract::State(app): axum::extract::State<App>,
) -> Result<&'static str, Problem> {
    let (_,): (i64,) = store::sql("SELECT CAST(1 AS BIGINT)").one(&app.db).await?;
    Ok("ok\n")
}
