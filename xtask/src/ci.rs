//! `cargo xtask ci`: everything that must pass before a change lands, cheapest first.

use crate::run::{build, cargo, check, env, step, watched};
use crate::{deps, drawn, test, tidy};
use anyhow::Result;

/// Every step, with its time; the first that fails ends it and says what to run.
pub fn run() -> Result<()> {
    step("format (mended by `cargo fmt`)", || {
        check(cargo()?.args(["fmt", "--all", "--check"]))
    })?;
    step("tidy", tidy::run)?;
    step("clippy", || {
        build(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ])
    })?;
    step("dependencies", deps::run)?;
    step("documentation", documentation)?;
    step(
        "drawn from the code (mended by `cargo xtask gen`)",
        drawn::unchanged,
    )?;
    step("tests", || test::run(&test::Options::default()))
}

/// The books of all crates, private items too, with every warning an error.
fn documentation() -> Result<()> {
    let flags = env("RUSTDOCFLAGS")
        .map(|flags| format!("{} ", flags.display()))
        .unwrap_or_default();
    watched(
        cargo()?
            .args([
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
                "--locked",
            ])
            .env("RUSTDOCFLAGS", format!("{flags}-D warnings")),
    )
}
