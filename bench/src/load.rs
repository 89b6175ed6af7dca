//! The load generator: plain HTTP/1.1 over connections that stay open, as a proxy in front keeps them.
//!
//! Latencies of a steady load are counted from the instant at which a request was due, not from when a
//! connection was free for it: waiting for a slow answer is part of the next person's time.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, StatusCode, client::conn::http1::SendRequest, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet, time::sleep_until};

use crate::city::{self, City};

/// Connections that carry a steady load.
const STEADY_CONNECTIONS: u32 = 128;

/// What was measured.
#[derive(Debug, Default)]
pub struct Measured {
    took: Vec<Duration>,
    over: Duration,
}

impl Measured {
    fn of(mut took: Vec<Duration>, over: Duration) -> anyhow::Result<Self> {
        ensure!(!took.is_empty(), "nothing was answered");
        took.sort_unstable();
        Ok(Self { took, over })
    }

    /// How many good answers there were.
    pub fn answers(&self) -> usize {
        self.took.len()
    }

    /// Good answers a second.
    pub fn rate(&self) -> f64 {
        self.took.len() as f64 / self.over.as_secs_f64()
    }

    /// The time in which `share` of the answers came, in milliseconds.
    pub fn within_ms(&self, share: f64) -> f64 {
        let at = ((self.took.len() - 1) as f64 * share).ceil() as usize;
        self.took[at].as_secs_f64() * 1_000.0
    }
}

/// One connection.
struct Line {
    send: SendRequest<Full<Bytes>>,
    host: String,
}

impl Line {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (send, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            send,
            host: address.to_string(),
        })
    }

    async fn ask(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<(StatusCode, Bytes)> {
        self.send.ready().await?;
        let answer = self.send.send_request(request).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    async fn get(&mut self, path: &str) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::get(path)
            .header(header::HOST, &self.host)
            .header(header::ACCEPT_LANGUAGE, "zh-CN")
            .body(Full::default())?;
        self.ask(request).await
    }

    /// Leaves the `n`th opinion; fails unless a receipt came back.
    async fn speak(&mut self, path: &str, n: u32) -> anyhow::Result<()> {
        let body = format!(
            r#"{{"text":"{}","provision":"art_{}"}}"#,
            city::words(n),
            1 + n % 40
        );
        let request = Request::post(path)
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))?;
        let (status, body) = self.ask(request).await?;
        let told = || String::from_utf8_lossy(&body).into_owned();
        ensure!(status == StatusCode::CREATED, "{status}: {}", told());
        ensure!(told().contains("\"code\""), "no receipt: {}", told());
        Ok(())
    }
}

/// Whether the server answers.
pub async fn healthy(address: SocketAddr) -> bool {
    let Ok(mut line) = Line::open(address).await else {
        return false;
    };
    matches!(line.get("/healthz").await, Ok((StatusCode::OK, _)))
}

/// `readers` at once read `path`, each as soon as the last page has come.
pub async fn read(
    address: SocketAddr,
    path: &str,
    readers: usize,
    how_long: Duration,
) -> anyhow::Result<Measured> {
    let begun = Instant::now();
    let mut crowd = JoinSet::new();
    for _ in 0..readers {
        let path = path.to_owned();
        crowd.spawn(async move {
            let mut line = Line::open(address).await?;
            let mut took = Vec::new();
            while begun.elapsed() < how_long {
                let asked = Instant::now();
                let (status, body) = line.get(&path).await?;
                ensure!(
                    status == StatusCode::OK && !body.is_empty(),
                    "{path}: {status}"
                );
                took.push(asked.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    gather(crowd, begun).await
}

/// `residents` at once speak, each as soon as the last receipt has come.
pub async fn speak(
    address: SocketAddr,
    city: &City,
    residents: usize,
    how_long: Duration,
) -> anyhow::Result<Measured> {
    let begun = Instant::now();
    let next = Arc::new(AtomicU32::new(0));
    let mut crowd = JoinSet::new();
    for _ in 0..residents {
        let (path, next) = (path(city), Arc::clone(&next));
        crowd.spawn(async move {
            let mut line = Line::open(address).await?;
            let mut took = Vec::new();
            while begun.elapsed() < how_long {
                let asked = Instant::now();
                line.speak(&path, next.fetch_add(1, Ordering::Relaxed))
                    .await?;
                took.push(asked.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    gather(crowd, begun).await
}

/// Opinions come `rate` a second, whether or not the ones before are answered.
pub async fn speak_steadily(
    address: SocketAddr,
    city: &City,
    rate: u32,
    how_long: Duration,
) -> anyhow::Result<Measured> {
    let begun = Instant::now();
    let all = u32::try_from(u64::from(rate) * how_long.as_secs())?;
    let mut crowd = JoinSet::new();
    for first in 0..STEADY_CONNECTIONS {
        let path = path(city);
        crowd.spawn(async move {
            let mut line = Line::open(address).await?;
            let mut took = Vec::new();
            for n in (first..all).step_by(STEADY_CONNECTIONS as usize) {
                let due = begun + Duration::from_secs_f64(f64::from(n) / f64::from(rate));
                sleep_until(due.into()).await;
                line.speak(&path, n).await?;
                took.push(due.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    gather(crowd, begun).await
}

fn path(city: &City) -> String {
    format!("/api/v1/consultations/{}/opinions", city.consultation)
}

async fn gather(
    mut crowd: JoinSet<anyhow::Result<Vec<Duration>>>,
    begun: Instant,
) -> anyhow::Result<Measured> {
    let mut took = Vec::new();
    while let Some(one) = crowd.join_next().await {
        took.extend(one?.context("a request failed")?);
    }
    Measured::of(took, begun.elapsed())
}
