//! The report: each figure beside the limit it is held to.

use std::{fmt, process::Command, time::Duration};

use anyhow::bail;

use crate::{load::Measured, raw::Raw};

/// The least share of the raw database's commits.
const SHARE_LEAST: f64 = 0.5;
/// How soon 99 of 100 opinions of a steady load are answered, in milliseconds.
const STEADY_P99_MS: f64 = 250.0;
/// How soon 95 of 100 pages are there, in milliseconds.
const PAGE_P95_MS: f64 = 50.0;
/// The most memory, in bytes.
const MEMORY_MOST: u64 = 300 * 1024 * 1024;
/// The longest start.
const START_MOST: Duration = Duration::from_secs(1);

struct Row {
    database: &'static str,
    what: String,
    figure: String,
    limit: String,
    held: bool,
}

/// All that was measured in one run.
pub struct Report {
    head: String,
    rows: Vec<Row>,
}

impl Report {
    /// An empty report that names the machine.
    pub fn of_this_machine(opinions: u32) -> anyhow::Result<Self> {
        let cpu = std::fs::read_to_string("/proc/cpuinfo")?;
        let cores = cpu
            .lines()
            .filter(|line| line.starts_with("processor"))
            .count();
        let name = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map_or("unknown processor", |rest| {
                rest.trim_start_matches(['\t', ' ', ':'])
            });
        let memory = std::fs::read_to_string("/proc/meminfo")?;
        let gigabytes = memory
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
            .map_or(0, |kilobytes| kilobytes / 1024 / 1024);
        let kernel = Command::new("uname").args(["-s", "-r"]).output()?;
        let kernel = String::from_utf8_lossy(&kernel.stdout).trim().to_owned();
        let head = format!(
            "# Results\n\nOne run of `cargo xtask bench`, server, database and load generator on the same \
             {cores} cores.\n\n* Machine: {name}, {gigabytes} GiB, {kernel}.\n\
             * Consultation: {opinions} opinions on 40 articles, 10,000 of them on one.\n\
             * Raw commits: one row of about 240 bytes a commit, durable (SQLite: WAL, `synchronous=FULL`; \
             PostgreSQL: `fsync` and `synchronous_commit` on), by one writer who waits for each, measured before and \
             after; the higher counts. PostgreSQL lets writers share a wait for the disk: what eight at once \
             reach stands beside it.\n"
        );
        Ok(Self {
            head,
            rows: Vec::new(),
        })
    }

    fn add(&mut self, database: &'static str, what: &str, figure: String, limit: &str, held: bool) {
        println!(
            "   {what}: {figure}{}",
            if held { "" } else { "  ← NOT HELD" }
        );
        self.rows.push(Row {
            database,
            what: what.to_owned(),
            figure,
            limit: limit.to_owned(),
            held,
        });
    }

    /// How long the opinions took that were there before.
    pub fn seeded(&mut self, database: &'static str, opinions: u32, took: Duration) {
        let rate = f64::from(opinions) / took.as_secs_f64();
        let figure = format!("{:.0} s, {rate:.0}/s", took.as_secs_f64());
        self.add(
            database,
            "setting up, through the use case",
            figure,
            "",
            true,
        );
    }

    /// From the start of the process to its first good answer.
    pub fn started(&mut self, database: &'static str, took: Duration) {
        let figure = format!("{:.0} ms", took.as_secs_f64() * 1_000.0);
        self.add(database, "start", figure, "under 1 s", took < START_MOST);
    }

    /// A page that was read.
    pub fn page(&mut self, database: &'static str, name: &str, read: &Measured) {
        let p95 = read.within_ms(0.95);
        let figure = format!(
            "p50 {:.1} ms, p95 {p95:.1} ms, {:.0}/s",
            read.within_ms(0.5),
            read.rate()
        );
        let what = format!("page: {name}, 4 readers");
        self.add(
            database,
            &what,
            figure,
            "p95 under 50 ms",
            p95 < PAGE_P95_MS,
        );
    }

    /// Opinions as fast as they are answered, beside what the raw database commits.
    pub fn flood(&mut self, database: &'static str, flood: &Measured, raw: &[Raw]) {
        let ones: Vec<f64> = raw.iter().map(|raw| raw.one).collect();
        let (of_one, one) = share(flood, &ones);
        let several: Vec<f64> = raw.iter().filter_map(|raw| raw.several).collect();
        let several = if several.is_empty() {
            String::new()
        } else {
            let (of_several, told) = share(flood, &several);
            format!(", {:.0} % of eight writers' ({told})", of_several * 100.0)
        };
        let figure = format!(
            "{:.0}/s = {:.0} % of raw ({one} commits/s){several}; p50 {:.0} ms, p99 {:.0} ms",
            flood.rate(),
            of_one * 100.0,
            flood.within_ms(0.5),
            flood.within_ms(0.99)
        );
        self.add(
            database,
            "opinions accepted durably, 64 residents at once",
            figure,
            "at least 50 % of raw",
            of_one >= SHARE_LEAST,
        );
    }

    /// A steady load.
    pub fn steady(&mut self, database: &'static str, rate: u32, steady: &Measured) {
        let p99 = steady.within_ms(0.99);
        let figure = format!(
            "{:.0}/s answered; p50 {:.1} ms, p99 {p99:.1} ms",
            steady.rate(),
            steady.within_ms(0.5)
        );
        // An answer that comes long after the last request was due lowers the rate.
        let kept_up = steady.rate() > f64::from(rate) * 0.97;
        self.add(
            database,
            "opinions at 1,000 a second",
            figure,
            "p99 under 250 ms",
            p99 < STEADY_P99_MS && kept_up,
        );
    }

    /// The most memory the server held in the whole run.
    pub fn memory(&mut self, database: &'static str, bytes: u64) {
        let figure = format!("{} MB", bytes / 1024 / 1024);
        self.add(
            database,
            "memory of the server, peak",
            figure,
            "under 300 MB",
            bytes < MEMORY_MOST,
        );
    }

    /// An error that names what was not held.
    pub fn judge(&self) -> anyhow::Result<()> {
        let broken: Vec<String> = self
            .rows
            .iter()
            .filter(|row| !row.held)
            .map(|row| {
                format!(
                    "{}, {}: {} (limit: {})",
                    row.database, row.what, row.figure, row.limit
                )
            })
            .collect();
        if broken.is_empty() {
            Ok(())
        } else {
            bail!("not held:\n{}", broken.join("\n"))
        }
    }
}

/// The share of the higher of the rates that were measured before and after, and both in words.
fn share(flood: &Measured, rates: &[f64]) -> (f64, String) {
    let best = rates.iter().copied().fold(0.0, f64::max);
    let told: Vec<String> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
    (flood.rate() / best, told.join(" and "))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head)?;
        writeln!(
            f,
            "| database | what | measured | limit |\n|---|---|---|---|"
        )?;
        for row in &self.rows {
            let limit = match (row.limit.is_empty(), row.held) {
                (true, _) => "–".to_owned(),
                (false, true) => format!("{}: held", row.limit),
                (false, false) => format!("{}: **not held**", row.limit),
            };
            writeln!(
                f,
                "| {} | {} | {} | {limit} |",
                row.database, row.what, row.figure
            )?;
        }
        Ok(())
    }
}
