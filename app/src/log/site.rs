//! The log that a server publishes, fetched file by file. It is never trusted, only read: every answer is bounded.

use std::{io::Read as _, time::Duration};

use translog::{BundleRef, MAX_NOTE_BYTES, TILE_WIDTH, TileRef, decode_entries, encode_entries};
use ureq::{Body, Error, http::Response};
use web::Message;

use super::Trouble;

/// For one answer.
const ANSWER: Duration = Duration::from_secs(30);
/// How often one file is asked for again when the server says that it was asked too much.
const TRIES: u32 = 20;
/// The longest that is waited before asking again, in seconds.
const WAIT_SECONDS: u64 = 60;

/// The log at an address.
pub(super) struct Site {
    agent: ureq::Agent,
    base: String,
}

impl Site {
    /// The log of the site at `url`; the address of the log itself (`…/log`) is understood too.
    pub(super) fn new(url: &str) -> Result<Self, Trouble> {
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            let wrong = Message::new("log-url-wrong").put("url", url);
            return Err(Trouble::NotChecked(wrong));
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER))
            .http_status_as_error(false)
            .user_agent(concat!("quancheng/", env!("CARGO_PKG_VERSION")))
            .build();
        let base = url.trim_end_matches('/').trim_end_matches("/log");
        Ok(Self {
            agent: config.into(),
            base: format!("{base}/log"),
        })
    }

    /// The text of the checkpoint.
    pub(super) fn checkpoint(&self) -> Result<String, Trouble> {
        let url = self.url("checkpoint");
        let bytes = self.get(&url, MAX_NOTE_BYTES)?;
        let bytes = bytes.ok_or_else(|| trouble("log-net-missing", &url))?;
        String::from_utf8(bytes).map_err(|_| translog::NoteError::Malformed.into())
    }

    /// The hashes of a tile. A log may have dropped the part once the tile is full (tlog-tiles, Partial Tiles).
    pub(super) fn tile(&self, tile: TileRef) -> Result<Vec<u8>, Trouble> {
        let of = |tile: TileRef| self.get(&self.url(&tile.path()), usize::from(tile.width) * 32);
        let mut bytes = match of(tile)? {
            None if tile.width < TILE_WIDTH => of(tile.full())?,
            found => found,
        };
        if let Some(bytes) = &mut bytes {
            bytes.truncate(usize::from(tile.width) * 32);
        }
        bytes.ok_or_else(|| trouble("log-net-missing", &self.url(&tile.path())))
    }

    /// A bundle of entries, likewise.
    pub(super) fn entries(&self, bundle: BundleRef) -> Result<Vec<u8>, Trouble> {
        let of = |bundle: BundleRef| self.get(&self.url(&bundle.path()), bundle.max_bytes());
        let bytes = match of(bundle)? {
            None if bundle.width < TILE_WIDTH => of(bundle.full())?.map(|full| first(bundle, full)),
            found => found,
        };
        bytes.ok_or_else(|| trouble("log-net-missing", &self.url(&bundle.path())))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// What stands at `url`, of at most `max` bytes; nothing when the server does not have it.
    fn get(&self, url: &str, max: usize) -> Result<Option<Vec<u8>>, Trouble> {
        let answer = self.ask(url)?;
        match answer.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            status => {
                let refused = Message::new("log-net-status").put("url", url);
                return Err(Trouble::NotChecked(
                    refused.put("status", status.to_string()),
                ));
            }
        }
        let mut bytes = Vec::new();
        let mut body = answer.into_body();
        let body = body.as_reader().take(max as u64 + 1);
        let read = { body }.read_to_end(&mut bytes);
        read.map_err(|error| unreachable(url, &Error::from(error)))?;
        if bytes.len() > max {
            return Err(trouble("log-net-long", url));
        }
        Ok(Some(bytes))
    }

    /// Asks, and asks again as often as the server says that it was asked too much and when to come back.
    fn ask(&self, url: &str) -> Result<Response<Body>, Trouble> {
        let ask = || self.agent.get(url).call();
        let mut answer = ask().map_err(|error| unreachable(url, &error))?;
        for _ in 1..TRIES {
            if answer.status() != 429 {
                break;
            }
            std::thread::sleep(pause(&answer));
            answer = ask().map_err(|error| unreachable(url, &error))?;
        }
        Ok(answer)
    }
}

fn pause(answer: &Response<Body>) -> Duration {
    let named = answer.headers().get("retry-after");
    let seconds = named.and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1).min(WAIT_SECONDS))
}

/// The first entries of a full bundle. One that cannot be read stays as it is, for the check to refuse.
fn first(bundle: BundleRef, full: Vec<u8>) -> Vec<u8> {
    let part = decode_entries(&full).ok().and_then(|entries| {
        let part = entries.get(..usize::from(bundle.width))?;
        encode_entries(part).ok()
    });
    part.unwrap_or(full)
}

fn trouble(key: &'static str, url: &str) -> Trouble {
    Trouble::NotChecked(Message::new(key).put("url", url))
}

fn unreachable(url: &str, error: &Error) -> Trouble {
    let key = match error {
        Error::Timeout(_) => "log-net-timeout",
        Error::HostNotFound => "log-net-host",
        Error::ConnectionFailed => "log-net-refused",
        Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            "log-net-refused"
        }
        Error::BadUri(_) => "log-url-wrong",
        Error::Tls(_) | Error::Rustls(_) => "log-net-tls",
        other => {
            let told = Message::new("log-net-other").put("url", url);
            return Trouble::NotChecked(told.put("system", other.to_string()));
        }
    };
    trouble(key, url)
}
