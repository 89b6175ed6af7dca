//! `cargo xtask gen`: what is written from the code and kept in the repository.

use crate::run::{build, cargo, check, output, root};
use anyhow::{Result, bail};
use std::process::Command;

/// The book's pages of the procedures.
const PROCEDURES: &str = "docs/procedures";

/// Writes it anew.
pub fn run() -> Result<()> {
    build(&["build", "-p", "quancheng", "--locked"])?;
    check(
        cargo()?
            .args([
                "run",
                "--quiet",
                "-p",
                "quancheng",
                "--locked",
                "--",
                "procedures",
            ])
            .arg(root().join(PROCEDURES)),
    )
}

/// Writes it anew and fails when that changes anything.
pub fn unchanged() -> Result<()> {
    run()?;
    let changed = output(Command::new("git").current_dir(root()).args([
        "status",
        "--porcelain",
        "--",
        PROCEDURES,
    ]))?;
    if !changed.is_empty() {
        bail!("written anew by `cargo xtask gen`, to be committed:\n{changed}");
    }
    Ok(())
}
