//! Commits a second with 1, 8 and 64 writers of one row each, on SQLite with `synchronous=FULL`,
//! beside a plain loop of the driver: `cargo run --release -p store --example lane_rate [FOLDER]`.

use std::{path::Path, str::FromStr as _, time::Instant};

use kernel::Actor;
use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use store::{Db, Options, sql};

const CREATE: &str = "CREATE TABLE IF NOT EXISTS thing (id INTEGER PRIMARY KEY, name TEXT)";
const INSERT: &str = "INSERT INTO thing (name) VALUES ($1)";
const COMMITS: u32 = 4_000;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| std::env::temp_dir().display().to_string());
    let file = Path::new(&folder).join(format!("lane_rate-{}.db", std::process::id()));
    let url = format!("sqlite:{}", file.display());
    let plain = plain_loop(&url).await?;
    println!("plain loop   {plain:>8.0} commits/s");
    let db = Db::open(&Options {
        create: true,
        ..Options::new(&url)
    })
    .await?;
    for writers in [1, 8, 64] {
        println!(
            "{writers:>2} writers   {:>8.0} commits/s",
            rate(&db, writers).await?
        );
    }
    db.close().await;
    std::fs::remove_file(file)?;
    Ok(())
}

async fn plain_loop(url: &str) -> Result<f64, Box<dyn std::error::Error>> {
    let how = SqliteConnectOptions::from_str(url)?.create_if_missing(true);
    let how = how
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut conn = how.disable_statement_logging().connect().await?;
    sqlx::query(CREATE).execute(&mut conn).await?;
    let start = Instant::now();
    for _ in 0..COMMITS {
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(INSERT).bind("意见").execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(f64::from(COMMITS) / start.elapsed().as_secs_f64())
}

async fn rate(db: &Db, writers: u32) -> Result<f64, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| tokio::spawn(write(db.clone(), COMMITS / writers)))
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(f64::from(COMMITS / writers * writers) / start.elapsed().as_secs_f64())
}

async fn write(db: Db, commits: u32) -> store::Result<()> {
    for _ in 0..commits {
        let mut tx = db.begin(Actor::System).await?;
        sql(INSERT).bind("意见").execute(&mut tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
