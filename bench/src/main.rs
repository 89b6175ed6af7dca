//! Workloads, and the limits they are measured against, in one run on one machine.
//!
//! `opinions`: durable opinions a second through the use case, beside what the raw database commits
//! with the same driver and the same settings.

mod opinions;
mod raw;

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};

/// Measures the house.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    work: Work,
}

#[derive(Debug, Subcommand)]
enum Work {
    /// Opinions accepted durably, beside raw commits.
    Opinions {
        /// An empty folder on the disk to measure.
        #[arg(long)]
        folder: PathBuf,
        /// An empty PostgreSQL database; left out when absent.
        #[arg(long)]
        postgres: Option<String>,
        /// Seconds for each measurement.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// Residents who speak at once.
        #[arg(long, default_value_t = 64)]
        residents: u32,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Work::Opinions {
        folder,
        postgres,
        seconds,
        residents,
    } = Cli::parse().work;
    let how_long = Duration::from_secs(seconds);
    let raw = raw::sqlite(&folder, how_long).await?;
    let url = format!("sqlite:{}", folder.join("opinions.db").display());
    opinions::measure("SQLite", &url, residents, how_long)
        .await?
        .print(raw);
    match postgres {
        Some(url) => {
            let raw = raw::postgres(&url, 8, how_long).await?;
            opinions::measure("PostgreSQL", &url, residents, how_long)
                .await?
                .print(raw);
        }
        None => println!("left out: PostgreSQL (no --postgres)"),
    }
    Ok(())
}
