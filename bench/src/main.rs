//! Workloads, and the limits they are measured against, in one run on one machine.
//!
//! For each database: what it commits by itself, one small row a commit (`raw`); then the real program
//! is set up with a consultation of 240,000 opinions, one article with 10,000 of them (`city`), started
//! (`server`), read from and spoken to over HTTP by a load generator on the same cores (`load`). The
//! report puts each figure beside its limit (`report`).

mod city;
mod load;
mod raw;
mod report;
mod server;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Parser;

use crate::{city::City, report::Report, server::Server};

/// Measures the house.
#[derive(Debug, Parser)]
struct Cli {
    /// The program to measure, built for release.
    #[arg(long)]
    program: PathBuf,
    /// An empty folder on the disk to measure.
    #[arg(long)]
    folder: PathBuf,
    /// A PostgreSQL with the settings of real use, holding nothing yet; left out when absent.
    #[arg(long)]
    postgres: Option<String>,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Opinions of the large consultation.
    #[arg(long, default_value_t = 240_000)]
    opinions: u32,
    /// Writes the report to this file too.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// Opinions on the most spoken-of article.
const ON_ONE_ARTICLE: u32 = 10_000;
/// Residents who speak at once when the limit is looked for.
const RESIDENTS: usize = 64;
/// Readers at once.
const READERS: usize = 4;
/// Opinions a second that must be answered quickly.
const STEADY_RATE: u32 = 1_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let mut report = Report::of_this_machine(cli.opinions)?;
    let sqlite = cli.folder.join("sqlite");
    std::fs::create_dir_all(&sqlite)?;
    let url = format!("sqlite:{}", sqlite.join("bench.db").display());
    measure(&cli, &mut report, "SQLite", &sqlite, &url).await?;
    match &cli.postgres {
        Some(url) => {
            let folder = cli.folder.join("postgres");
            std::fs::create_dir_all(&folder)?;
            measure(&cli, &mut report, "PostgreSQL", &folder, url).await?;
        }
        None => println!("left out: PostgreSQL (no --postgres)"),
    }
    let text = report.to_string();
    println!("\n{text}");
    if let Some(file) = &cli.write {
        std::fs::write(file, text)?;
    }
    report.judge()
}

async fn measure(
    cli: &Cli,
    report: &mut Report,
    database: &'static str,
    folder: &Path,
    url: &str,
) -> anyhow::Result<()> {
    let how_long = Duration::from_secs(cli.seconds);
    told(database, "what the database commits by itself");
    let before = raw::commits(url, folder, how_long).await?;
    told(database, "setting up the city");
    let city = City::settle(&cli.program, folder, url, cli.opinions, ON_ONE_ARTICLE).await?;
    report.seeded(database, cli.opinions, city.seeding);
    told(database, "starting");
    let mut server = Server::start(&cli.program, folder, url).await?;
    report.started(database, server.start_took);
    for (name, path) in city.pages() {
        told(database, name);
        let read = load::read(server.address, &path, READERS, how_long).await?;
        report.page(database, name, &read);
    }
    told(database, "opinions as fast as they are answered");
    let flood = load::speak(server.address, &city, RESIDENTS, how_long).await?;
    let after = raw::commits(url, folder, how_long).await?;
    report.flood(database, &flood, &[before, after]);
    told(database, "1,000 opinions a second");
    let steady = load::speak_steadily(server.address, &city, STEADY_RATE, how_long).await?;
    report.steady(database, STEADY_RATE, &steady);
    report.memory(database, server.memory_peak()?);
    server.stop().await?;
    city.nothing_is_lost(url, flood.answers() + steady.answers())
        .await
}

fn told(database: &str, what: &str) {
    println!("── {database}: {what}");
}
