//! The API against its own description (`/api/openapi.json`), by schemathesis: generated requests, every answer checked.

use crate::browser::Demo;
use crate::guard::temporary;
use crate::postgres::Cluster;
use crate::run::{cache, check, output, root, shown, step};
use crate::tools;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Generated requests for each operation, beside the fixed ones at the edges of every schema.
const EXAMPLES: &str = "40";
/// The same requests every time, so that a failure can be looked into.
const SEED: &str = "20240312";
/// Who asks, and on which database. Each has a city of its own: whoever administers accounts also closes them.
pub const VISITORS: [(&str, Database); 4] = [
    ("resident", Database::Sqlite),
    ("deputy", Database::Sqlite),
    ("admin", Database::Postgres),
    ("clerk", Database::Postgres),
];

/// `cargo xtask schemathesis`: one check of the whole API, by every kind of visitor.
pub fn run() -> Result<()> {
    let program = installed()?;
    tools::for_databases()?;
    for (visitor, database) in VISITORS {
        let cluster = (database == Database::Postgres).then(Cluster::start);
        let cluster = cluster.transpose()?;
        let url = cluster.as_ref().map(|cluster| cluster.url.as_str());
        let demo = step("start a demo congress", || Demo::start("api", url))?;
        step(&format!("the API, asked by a {visitor}"), || {
            ask(&program, &demo, visitor)
        })
        .with_context(|| format!("what the server said last:\n{}", demo.last_words()))?;
    }
    Ok(())
}

/// Where the demo city is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// In its folder.
    Sqlite,
    /// In a private cluster.
    Postgres,
}

fn ask(program: &Path, demo: &Demo, visitor: &str) -> Result<()> {
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
    let checked = check(command.current_dir(&folder));
    std::fs::remove_dir_all(&folder)?;
    checked
}

/// The program, installed if it is not there or is of another version.
fn installed() -> Result<PathBuf> {
    let wanted = std::fs::read_to_string(root().join("xtask/schemathesis.txt"))?;
    let folder = cache()?.join("schemathesis");
    let (program, marker) = (
        folder.join("bin/schemathesis"),
        folder.join("installed.txt"),
    );
    if program.exists()
        && std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted)
    {
        return Ok(program);
    }
    tools::for_python()?;
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&folder);
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--requirement"])
        .arg(root().join("xtask/schemathesis.txt"));
    let by_hand = format!(
        "run this once, then again:\n\n    {} && {}\n",
        shown(&venv),
        shown(&pip)
    );
    step("installing schemathesis", || {
        check(&mut venv).and_then(|()| check(&mut pip))
    })
    .with_context(|| by_hand)?;
    std::fs::write(&marker, wanted)?;
    Ok(program)
}
