//! The few files that pages load, embedded in the program and served under a hash of their
//! content, so that browsers may keep them for ever.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sha2::{Digest as _, Sha256};

use crate::{App, Path, Problem};

struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static str,
}

const ASSETS: &[Asset] = &[
    Asset {
        name: "app.css",
        kind: "text/css; charset=utf-8",
        body: include_str!("../assets/app.css"),
    },
    Asset {
        name: "app.js",
        kind: "text/javascript; charset=utf-8",
        body: include_str!("../assets/app.js"),
    },
    Asset {
        name: "mark.svg",
        kind: "image/svg+xml",
        body: include_str!("../assets/mark.svg"),
    },
];

/// One hash over all files: they change together.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = Sha256::new();
    for asset in ASSETS {
        hasher.update(asset.name);
        hasher.update(asset.body);
    }
    hasher
        .finalize()
        .iter()
        .take(6)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
});

/// Where the file `name` is.
pub(crate) fn url(name: &str) -> String {
    format!("/assets/{}/{name}", *HASH)
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/assets/{hash}/{name}", get(serve))
}

async fn serve(
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asset = ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .ok_or_else(Problem::not_found)?;
    if hash != *HASH {
        // A page that was open across an update asks for the file it knows.
        return Ok(Redirect::temporary(&url(asset.name)).into_response());
    }
    let etag =
        HeaderValue::try_from(format!("\"{}\"", *HASH)).unwrap_or(HeaderValue::from_static("\"\""));
    let cache = HeaderValue::from_static("public, max-age=31536000, immutable");
    if headers.get(header::IF_NONE_MATCH) == Some(&etag) {
        return Ok((
            StatusCode::NOT_MODIFIED,
            [(header::ETAG, etag), (header::CACHE_CONTROL, cache)],
        )
            .into_response());
    }
    let kind = HeaderValue::from_static(asset.kind);
    let head = [
        (header::CONTENT_TYPE, kind),
        (header::ETAG, etag),
        (header::CACHE_CONTROL, cache),
    ];
    Ok((head, asset.body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stays_small_and_nothing_leaves_the_origin() {
        for asset in ASSETS {
            assert!(
                !asset
                    .body
                    .replace("http://www.w3.org/2000/svg", "")
                    .contains("http"),
                "{}",
                asset.name
            );
        }
        let script = ASSETS.iter().find(|asset| asset.name == "app.js").unwrap();
        assert!(script.body.lines().count() <= 150);
    }
}
