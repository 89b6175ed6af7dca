//! The API against its own description (`/api/openapi.json`), by schemathesis: generated requests, every answer checked.

use crate::browser::Demo;
use crate::guard::temporary;
use crate::run::{cache, check, root, shown, step};
use crate::tools;
use anyhow::{Context as _, Result};
use std::path::PathBuf;
use std::process::Command;

/// Generated requests for each operation, beside the fixed ones at the edges of every schema.
const EXAMPLES: &str = "50";
/// The same requests every time, so that a failure can be looked into.
const SEED: &str = "20240312";

/// `cargo xtask schemathesis`: one check of the whole API.
pub fn run() -> Result<()> {
    let program = installed()?;
    let demo = step("start a demo congress", || Demo::start("api"))?;
    // It writes a cache of examples beside itself; not into the checkout.
    let folder = temporary("schemathesis")?;
    let mut command = Command::new(program);
    command
        .arg("run")
        .arg(format!("{}/api/openapi.json", demo.url))
        .current_dir(&folder);
    command.args([
        "--no-color",
        "--max-examples",
        EXAMPLES,
        "--seed",
        SEED,
        "--generation-database",
        "none",
        "--request-timeout",
        "10",
    ]);
    let checked = step("the API against its description", || check(&mut command));
    std::fs::remove_dir_all(&folder)?;
    checked.with_context(|| format!("what the server said last:\n{}", demo.last_words()))
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
