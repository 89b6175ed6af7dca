//! The public log (透明日志): its files, as C2SP tlog-tiles asks, and a page that explains it.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Router,
    extract::{Path, State},
    http::{HeaderName, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use procedure::LogKeeper;
use store::{Db, StoreError};
use translog::{BundleRef, LogPath, TileRef};
use web::{App, Lang, Module, NavItem, Page, Problem};

/// A full tile never changes: a year, the longest that caches take seriously.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// The part of a tile is replaced by a longer one before long.
const A_DAY: &str = "public, max-age=86400, immutable";
const NOT_KEPT: &str = "no-cache";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// The texts of the log's pages and of `quancheng log`.
pub const LOCALES: &[(Lang, &str)] = &[
    (Lang::Zh, include_str!("../locales/zh-CN.ftl")),
    (Lang::En, include_str!("../locales/en.ftl")),
];

/// The log's pages and files.
#[must_use]
pub fn module(keeper: Arc<LogKeeper>) -> Module {
    let pages = Router::new()
        .route("/log", get(explain))
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/key", get(key))
        .route("/log/tile/{*path}", get(tile))
        .layer(Extension(keeper));
    Module {
        pages,
        locales: LOCALES,
        nav: vec![NavItem {
            key: "log-nav",
            href: "/log",
            order: 900,
            roles: &[],
        }],
        ..Module::new("log")
    }
}

#[derive(Template)]
#[template(path = "log/explain.html")]
struct Explain<'a> {
    page: &'a Page,
    size: u64,
    root: String,
    key: String,
    base: &'a str,
}

/// What the log is, in plain words, and how it stands.
async fn explain(
    page: Page,
    Extension(keeper): Extension<Arc<LogKeeper>>,
) -> Result<Response, Problem> {
    let head = procedure::head(&page.app.db).await?;
    let view = Explain {
        page: &page,
        size: head.size,
        root: head.frontier.root().to_base64(),
        key: keeper.signer().verifier_key(),
        base: &page.app.site.base_url,
    };
    Ok(page.show(&view))
}

/// The signed head.
async fn checkpoint(
    State(app): State<App>,
    Extension(keeper): Extension<Arc<LogKeeper>>,
) -> Result<Response, Problem> {
    let head = keeper.head(&app.db).await.map_err(StoreError::from)?;
    Ok(answer(TEXT, NOT_KEPT, head.note))
}

/// The key with which checkpoints are verified.
async fn key(Extension(keeper): Extension<Arc<LogKeeper>>) -> Response {
    let key = keeper.signer().verifier_key();
    answer(TEXT, NOT_KEPT, format!("{key}\n"))
}

/// A tile of hashes or a bundle of entries.
async fn tile(State(app): State<App>, Path(path): Path<String>) -> Result<Response, Problem> {
    let found = match LogPath::parse(&format!("tile/{path}")) {
        Ok(LogPath::Tile(tile)) => hashes(&app.db, tile)
            .await?
            .map(|bytes| (tile.width, bytes)),
        Ok(LogPath::Entries(bundle)) => entries(&app.db, bundle)
            .await?
            .map(|bytes| (bundle.width, bytes)),
        Ok(LogPath::Checkpoint) | Err(_) => None,
    };
    let (width, bytes) = found.ok_or_else(Problem::not_found)?;
    let kept = if width == translog::TILE_WIDTH {
        FOREVER
    } else {
        A_DAY
    };
    Ok(answer(BYTES, kept, bytes))
}

async fn hashes(db: &Db, tile: TileRef) -> Result<Option<Vec<u8>>, StoreError> {
    let head = procedure::head(db).await?;
    if tile.exists_in(head.size) {
        procedure::tile(db, tile).await
    } else {
        Ok(None)
    }
}

async fn entries(db: &Db, bundle: BundleRef) -> Result<Option<Vec<u8>>, StoreError> {
    let head = procedure::head(db).await?;
    if !bundle.exists_in(head.size) {
        return Ok(None);
    }
    let start = bundle.first();
    let entries = procedure::entries(db, start, start + u64::from(bundle.width)).await?;
    let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    let bytes = translog::encode_entries(&slices)
        .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    Ok(Some(bytes))
}

/// Anybody may mirror the log, other sites' pages too.
const ANYBODY: (HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

fn answer(kind: &'static str, kept: &'static str, body: impl Into<axum::body::Body>) -> Response {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, kept),
            ANYBODY,
        ],
        body.into(),
    )
        .into_response()
}
