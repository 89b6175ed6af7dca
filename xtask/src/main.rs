//! Every developer command: `cargo xtask …`, and `cargo demo`.
//!
//! It needs nothing but the Rust toolchain. What the tests need beyond that (PostgreSQL, Chromium, Node packages) it
//! installs itself when it may, and otherwise says the one command to run. It deliberately stands on few crates, so that
//! it is built in seconds.

mod bench;
mod browser;
mod ci;
mod deps;
mod drawn;
mod guard;
mod licence;
mod postgres;
mod run;
mod schemathesis;
mod tally;
mod test;
mod tidy;
mod tools;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Every developer command of Quancheng.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds and serves the demo congress on 127.0.0.1:8080 (data in .quancheng/demo).
    Demo {
        /// Passed on to `quancheng demo`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// All tests: both databases, documentation, API, browser.
    Test(test::Options),
    /// Formatting, lints, documentation, dependencies, tidiness and all tests: what must pass before anything lands.
    Ci,
    /// Writes what is drawn from the code: docs/procedures.
    Gen,
    /// Licences, sources and duplicate versions of the dependencies, and dependencies that nothing uses.
    Deps,
    /// House rules that no compiler checks.
    Tidy,
    /// The journeys in a real browser, against a demo congress of their own.
    E2e {
        /// Only journeys whose name matches this pattern.
        #[arg(long)]
        grep: Option<String>,
    },
    /// The API against its own description.
    Schemathesis,
    /// The workloads of bench/, built for release, beside what the raw databases reach.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo { args } => browser::demo(&args),
        Command::Test(options) => test::run(&options),
        Command::Ci => ci::run(),
        Command::Gen => drawn::run(),
        Command::Deps => deps::run(),
        Command::Tidy => tidy::run(),
        Command::E2e { grep } => browser::e2e(grep.as_deref()),
        Command::Schemathesis => schemathesis::check_api(),
        Command::Bench(options) => bench::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
