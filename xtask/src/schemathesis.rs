//! The API against its own description (`/api/openapi.json`), by schemathesis: generated requests, every answer checked.

use crate::browser::Demo;
use crate::guard::temporary;
use crate::postgres::Cluster;
use crate::run::{check, output, root, step};
use crate::tally::Tally;
use crate::tools;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// Generated requests for each operation, beside the fixed ones at the edges of every schema.
const EXAMPLES: &str = "40";
/// The same requests every time, so that a failure can be looked into.
const SEED: &str = "20240312";
/// Whoever has no account.
const RESIDENT: &str = "resident";
/// Who asks, and on which database. Each has a city of its own: whoever administers accounts also closes them.
const VISITORS: [(&str, Database); 4] = [
    (RESIDENT, Database::Sqlite),
    ("deputy", Database::Sqlite),
    ("admin", Database::Postgres),
    ("clerk", Database::Postgres),
];

/// `cargo xtask schemathesis`.
pub fn check_api() -> Result<()> {
    let mut tally = Tally::default();
    run(&mut tally);
    println!("\n{}", tally.report());
    match tally.failures() {
        0 => Ok(()),
        failures => bail!("{failures} failed"),
    }
}

/// One check of the whole API by every kind of visitor. A fault in one does not keep the others from asking, and
/// whoever could not ask is counted as not run.
pub fn run(tally: &mut Tally) {
    let mut asked = Vec::new();
    if let Err(error) = ask_all(&mut asked) {
        eprintln!("the API: {error:#}");
    }
    let visitors = VISITORS.map(|(visitor, _)| visitor);
    tally.add_api(&visitors, &asked);
}

/// Adds every visitor who asked, and whether all the answers were right.
fn ask_all(asked: &mut Vec<(&'static str, bool)>) -> Result<()> {
    let program = tools::python_packages("schemathesis")?.join("schemathesis");
    tools::for_databases()?;
    for (visitor, database) in VISITORS {
        match ask_as(&program, visitor, database) {
            Ok(right) => asked.push((visitor, right)),
            Err(error) => eprintln!("the API: {error:#}"),
        }
    }
    Ok(())
}

/// Whether all answers to a visitor were right, in a demo city of their own; an error when they could not ask.
fn ask_as(program: &Path, visitor: &str, database: Database) -> Result<bool> {
    let cluster = (database == Database::Postgres).then(Cluster::start);
    let cluster = cluster.transpose()?;
    let url = cluster.as_ref().map(|cluster| cluster.url.as_str());
    let demo = step("start a demo congress", || Demo::start("api", url))?;
    if visitor == RESIDENT {
        step("feeds and calendars, by their readers", || read(&demo))?;
    }
    let name = format!("the API, asked as {visitor}");
    let asked = step(&name, || ask(program, &demo, visitor));
    if !matches!(asked, Ok(true)) {
        eprintln!("what the server said last:\n{}", demo.last_words());
    }
    asked
}

/// What can be subscribed to, read by programs that people subscribe with.
fn read(demo: &Demo) -> Result<()> {
    let python = tools::python_packages("readers")?.join("python");
    let script = root().join("xtask/readers.py");
    check(Command::new(python).arg(script).arg(&demo.url))
}

/// Where the demo city is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// In its folder.
    Sqlite,
    /// In a private cluster.
    Postgres,
}

/// Whether all answers to a visitor were right; an error when the visitor could not ask.
fn ask(program: &Path, demo: &Demo, visitor: &str) -> Result<bool> {
    // It writes a cache of examples beside itself; not into the checkout.
    let folder = temporary("schemathesis")?;
    let config = folder.join("config.toml");
    let mut writer = Command::new(program.with_file_name("python"));
    writer
        .arg(root().join("xtask/api_config.py"))
        .arg(&demo.url);
    writer.arg(demo.data.join("demo.json")).arg(visitor);
    std::fs::write(&config, output(&mut writer)?)?;
    let mut command = Command::new(program);
    command.arg("--config-file").arg(&config).arg("--no-color");
    command
        .arg("run")
        .arg(format!("{}/api/openapi.json", demo.url));
    command.args(["--max-examples", EXAMPLES, "--seed", SEED]);
    command.args([
        "--generation-database",
        "none",
        "--output-truncate",
        "false",
    ]);
    let status = command.current_dir(&folder).status();
    std::fs::remove_dir_all(&folder)?;
    // 1 when answers were wrong; anything else, such as 2 for a configuration it cannot read, before it asked.
    match status?.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        code => bail!("schemathesis ended with {code:?}"),
    }
}
