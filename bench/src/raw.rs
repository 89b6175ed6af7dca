//! What the raw databases reach: one small row a commit, nothing else.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};

/// A row of about the size of an opinion (240 bytes).
const BODY: &str = "上夜班回来没地方扔垃圾，希望晚上留一个投放点，最好靠近小区东门，那里有灯，也有监控，老人和孩子去也安全；周末早上再晚一个小时收运，周末加班的人也能赶上。";
/// Connections to PostgreSQL that share the waits for its disk: more do not raise the rate on two cores.
const CONNECTIONS: u32 = 8;

/// Durable commits a second.
#[derive(Debug, Clone, Copy)]
pub struct Raw {
    /// Of one writer, who commits the next row when the last is on the disk.
    pub one: f64,
    /// Of several writers at once, where the database lets them share the wait for the disk.
    pub several: Option<f64>,
}

/// What the database at `url` commits.
pub async fn commits(url: &str, folder: &Path, how_long: Duration) -> anyhow::Result<Raw> {
    if url.starts_with("sqlite:") {
        let one = sqlite(folder, how_long).await?;
        return Ok(Raw { one, several: None });
    }
    Ok(Raw {
        one: postgres(url, 1, how_long).await?,
        several: Some(postgres(url, CONNECTIONS, how_long).await?),
    })
}

/// With the settings the product uses: one connection, WAL, `synchronous=FULL`.
async fn sqlite(folder: &Path, how_long: Duration) -> anyhow::Result<f64> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("raw.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let mut conn = SqliteConnection::connect_with(&options).await?;
    conn.execute("CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
        .await?;
    let start = Instant::now();
    let mut commits = 0u32;
    while start.elapsed() < how_long {
        sqlx::query("INSERT INTO raw (body) VALUES ($1)")
            .bind(BODY)
            .execute(&mut conn)
            .await?;
        commits += 1;
    }
    let rate = f64::from(commits) / start.elapsed().as_secs_f64();
    conn.close().await?;
    Ok(rate)
}

/// `writers` at once, one row a commit each, in a schema of its own.
async fn postgres(url: &str, writers: u32, how_long: Duration) -> anyhow::Result<f64> {
    let options: PgConnectOptions = url.parse()?;
    let pool = PgPoolOptions::new()
        .max_connections(writers)
        .connect_with(options.disable_statement_logging())
        .await?;
    pool.execute("CREATE SCHEMA IF NOT EXISTS raw").await?;
    pool.execute(
        "CREATE TABLE IF NOT EXISTS raw.raw (id BIGSERIAL PRIMARY KEY, body TEXT NOT NULL)",
    )
    .await?;
    let start = Instant::now();
    let workers = (0..writers).map(|_| {
        let pool = pool.clone();
        tokio::spawn(async move {
            let mut conn = pool.acquire().await?;
            let mut commits = 0u32;
            while start.elapsed() < how_long {
                sqlx::query("INSERT INTO raw.raw (body) VALUES ($1)")
                    .bind(BODY)
                    .execute(&mut *conn)
                    .await?;
                commits += 1;
            }
            anyhow::Ok(commits)
        })
    });
    let mut commits = 0u32;
    for worker in workers.collect::<Vec<_>>() {
        commits += worker.await??;
    }
    let rate = f64::from(commits) / start.elapsed().as_secs_f64();
    pool.execute("DROP SCHEMA raw CASCADE").await?;
    pool.close().await;
    Ok(rate)
}
