//! `cargo xtask bench`: the program and its workloads, built for release, on both databases as in real use.

use crate::guard::temporary;
use crate::postgres::Cluster;
use crate::run::{build, check, root, step, target_dir};
use crate::tools;
use anyhow::Result;
use clap::Args;
use std::process::Command;

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// Writes the figures to bench/RESULTS.md.
    #[arg(long)]
    write: bool,
    /// Passed on to the bench program.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Fails when a limit is not held.
pub fn run(options: &Options) -> Result<()> {
    tools::for_databases()?;
    step("build for release", || {
        build(&[
            "build",
            "--release",
            "--package",
            "quancheng",
            "--package",
            "bench",
        ])
    })?;
    let cluster = step("start PostgreSQL", Cluster::start_durable)?;
    let folder = temporary("bench")?;
    let built = target_dir()?.join("release");
    let mut bench = Command::new(built.join("bench"));
    bench.arg("--program").arg(built.join("quancheng"));
    bench
        .arg("--folder")
        .arg(&folder)
        .arg("--postgres")
        .arg(&cluster.url);
    if options.write {
        bench.arg("--write").arg(root().join("bench/RESULTS.md"));
    }
    let measured = step("measure", || check(bench.args(&options.args)));
    std::fs::remove_dir_all(&folder)?;
    measured
}
