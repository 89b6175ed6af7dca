//! The public log (透明日志): its files, as C2SP tlog-tiles asks, and a page that explains it.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Router,
    extract::Path,
    http::header,
    response::{IntoResponse as _, Response},
    routing::get,
};
use procedure::LogKeeper;
use store::{Db, StoreError};
use translog::{BundleRef, LogPath, TILE_WIDTH, TileRef};
use web::{Lang, Module, NavItem, Page, Problem, limits};

use crate::keys::{self, Break};

/// A full tile never changes: a year, the longest that caches take seriously.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// The part of a tile is replaced by a longer one before long.
const A_DAY: &str = "public, max-age=86400, immutable";
/// Hashes do not shrink, so they are not compressed either.
const AS_IT_IS: &str = ", no-transform";
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
    breaks: Vec<Break>,
}

impl Break {
    /// The old log's name.
    fn old_name(&self) -> &str {
        self.old_key.split('+').next().unwrap_or_default()
    }
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
        breaks: keys::breaks(&page.app.db).await?,
    };
    Ok(page.show(&view))
}

/// The checkpoint.
async fn checkpoint(
    page: Page,
    Extension(keeper): Extension<Arc<LogKeeper>>,
) -> Result<Response, Problem> {
    page.limit(&limits::LOG)?;
    let head = keeper.head(&page.app.db).await.map_err(StoreError::from)?;
    Ok(answer(TEXT, NOT_KEPT, head.note))
}

/// The key with which checkpoints are verified.
async fn key(
    page: Page,
    Extension(keeper): Extension<Arc<LogKeeper>>,
) -> Result<Response, Problem> {
    page.limit(&limits::LOG)?;
    let key = keeper.signer().verifier_key();
    Ok(answer(TEXT, NOT_KEPT, format!("{key}\n")))
}

/// A tile of hashes or a bundle of entries, as soon as the log is that long. The part of one that
/// has grown since is served as before.
async fn tile(page: Page, Path(path): Path<String>) -> Result<Response, Problem> {
    page.limit(&limits::LOG)?;
    let db = &page.app.db;
    let (width, found, form) = match LogPath::parse(&format!("tile/{path}")) {
        Ok(LogPath::Tile(tile)) => (tile.width, hashes(db, tile).await?, AS_IT_IS),
        Ok(LogPath::Entries(bundle)) => (bundle.width, entries(db, bundle).await?, ""),
        Ok(LogPath::Checkpoint) | Err(_) => return Err(Problem::not_found()),
    };
    let bytes = found.ok_or_else(Problem::not_found)?;
    let time = if width == TILE_WIDTH { FOREVER } else { A_DAY };
    Ok(answer(BYTES, &format!("{time}{form}"), bytes))
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
const ANYBODY: &str = "*";

fn answer(kind: &str, kept: &str, body: impl Into<axum::body::Body>) -> Response {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, kept),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY),
        ],
        body.into(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::header::HeaderValue};
    use kernel::{Actor, MoveId, SeededEntropy, TestClock};
    use procedure::MerkleLedger;
    use store::Staged;
    use translog::{Signer, open_checkpoint, verify_entries};
    use webtest::{Answer, TestSite, request};

    use super::*;

    const ORIGIN: &str = "qiming.example/log";

    fn signer() -> Signer {
        Signer::new(ORIGIN, [9; 32]).unwrap()
    }

    /// A site whose log has 300 entries.
    async fn site() -> TestSite {
        let keeper = Arc::new(LogKeeper::forgetful(signer()));
        let modules = vec![module(keeper)];
        let ledger = Arc::new(MerkleLedger);
        let site = TestSite::with_ledger(&crate::modules::migrations(), ledger, modules).await;
        grow(&site, 0, 300).await;
        site
    }

    async fn grow(site: &TestSite, from: u64, to: u64) {
        let entropy = SeededEntropy::new(from);
        let mut tx = site.app.db.begin(Actor::System).await.unwrap();
        for index in from..to {
            tx.stage(Staged {
                move_id: MoveId::new(TestClock::START, &entropy),
                entry: format!("{index:>70}").into_bytes(),
            });
        }
        tx.commit().await.unwrap();
    }

    async fn unpacked(site: &TestSite, path: &str) -> Answer {
        let mut asked = request("GET", path, Body::empty());
        let gzip = HeaderValue::from_static("gzip");
        asked.headers_mut().insert(header::ACCEPT_ENCODING, gzip);
        site.send(asked).await.ok()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn files_say_what_they_are_how_long_they_hold_and_that_anybody_may_have_them() {
        let site = site().await;
        let day = "public, max-age=86400, immutable";
        let year = "public, max-age=31536000, immutable";
        for (path, kind, kept) in [
            ("checkpoint", TEXT, "no-cache".to_owned()),
            ("key", TEXT, "no-cache".to_owned()),
            ("tile/0/000", BYTES, format!("{year}, no-transform")),
            ("tile/0/001.p/44", BYTES, format!("{day}, no-transform")),
            ("tile/1/000.p/1", BYTES, format!("{day}, no-transform")),
            ("tile/entries/000", BYTES, year.to_owned()),
            ("tile/entries/001.p/44", BYTES, day.to_owned()),
        ] {
            let file = site.get(&format!("/log/{path}")).await.ok();
            assert_eq!(file.header("content-type"), kind, "{path}");
            assert_eq!(file.header("cache-control"), kept, "{path}");
            assert_eq!(file.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(file.header("ratelimit-limit"), "1200", "{path}");
            assert_eq!(file.header("set-cookie"), "", "{path}");
        }
        let key = site.get("/log/key").await.text();
        assert_eq!(key, format!("{}\n", signer().verifier_key()));
        let note = site.get("/log/checkpoint").await.text();
        let checkpoint = open_checkpoint(&note, signer().public()).unwrap();
        assert_eq!((checkpoint.size, &*checkpoint.origin), (300, ORIGIN));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_page_explains_itself_in_both_languages() {
        let site = site().await;
        let root = site.get("/log/checkpoint").await.text();
        let root = root.lines().nth(2).unwrap();
        let key = signer().verifier_key();
        for (lang, title) in [("zh-CN", "透明日志"), ("en", "The transparency log")] {
            site.set_cookie("lang", lang);
            let page = site.get("/log").await.ok();
            assert_eq!(page.select("h1"), [title]);
            let shown = page.select(".summary dd");
            assert_eq!(
                shown,
                ["300", root],
                "the root is spelt as in the checkpoint"
            );
            let lines = page.select("pre");
            assert!(lines.iter().all(|line| line.contains(&key)), "{lines:?}");
            let says = |what: &str| lines.iter().any(|line| line.starts_with(what));
            assert!(says(
                "quancheng log verify --url http://quancheng.test --receipt"
            ));
            assert!(says("quancheng log mirror") && says("quancheng log verify --tiles"));
            for named in ["aria-labelledby", "aria-describedby"] {
                let id = page.attr("figure svg", named).remove(0);
                assert_eq!(page.select(&format!("#{id}")).len(), 1);
            }
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn entries_are_sent_compressed_and_hashes_are_not() {
        let site = site().await;
        let entries = unpacked(&site, "/log/tile/entries/000").await;
        assert_eq!(entries.header("content-encoding"), "gzip");
        assert!(entries.bytes.len() < 256 * 70 / 4);
        let hashes = unpacked(&site, "/log/tile/0/000").await;
        assert_eq!(hashes.header("content-encoding"), "");
        assert_eq!(hashes.bytes.len(), 8_192);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_the_log_does_not_have_yet_and_other_spellings_are_not_found() {
        let site = site().await;
        for path in [
            "0/001",
            "0/001.p/45",
            "0/002.p/1",
            "1/000.p/2",
            "1/001.p/1",
            "2/000.p/1",
            "entries/001",
            "entries/001.p/45",
            "entries/002.p/1",
            "0/0",
            "0/000.p/256",
            "0/000.p/0",
            "0/x000/000",
            "00/000",
            "0/000/",
            "0/%30%30%300",
            "64/000",
            "entries/000.p/044",
            "checkpoint",
        ] {
            let none = site.get(&format!("/log/tile/{path}")).await.is(404);
            assert_eq!(none.header("cache-control"), "private, no-cache", "{path}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_part_that_has_grown_is_still_there_and_is_the_beginning_of_the_whole() {
        let site = site().await;
        let of = async |path: &str| site.get(&format!("/log/tile/{path}")).await.ok().bytes;
        let (hashes, some) = (of("0/001.p/44").await, of("entries/001.p/44").await);
        grow(&site, 300, 600).await;
        assert_eq!(of("0/001.p/44").await, hashes);
        assert_eq!(of("entries/001.p/44").await, some);
        let (all_hashes, all) = (of("0/001").await, of("entries/001").await);
        assert!(all_hashes.starts_with(&hashes) && all.starts_with(&some));
        let bundle = BundleRef {
            index: 1,
            width: 256,
        };
        assert_eq!(verify_entries(bundle, &all, &all_hashes), Ok(()));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_takes_too_much_is_told_when_to_come_back() {
        let site = site().await;
        for _ in 0..limits::LOG.burst {
            let _key = site.get("/log/key").await.ok();
        }
        let refused = site.get("/log/tile/0/000").await.is(429);
        assert_eq!(refused.header("retry-after"), "1");
    }
}
