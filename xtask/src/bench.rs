//! `cargo xtask bench`: the workloads, built for release.

use crate::guard::temporary;
use crate::postgres::Cluster;
use crate::run::{build, check, root, step, target_dir};
use crate::tools;
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::process::Command;

/// A workload.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workload {
    /// The program on both databases, as in real use.
    House,
    /// Opinions that say almost the same, brought together beside Python's datasketch.
    Alike,
}

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// The workload.
    #[arg(default_value = "house")]
    workload: Workload,
    /// Writes the figures to bench/RESULTS.md, or to the file of the workload beside it.
    #[arg(long)]
    write: bool,
    /// Passed on to the bench program.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Fails when a limit is not held.
pub fn run(options: &Options) -> Result<()> {
    match options.workload {
        Workload::House => house(options),
        Workload::Alike => alike(options),
    }
}

fn alike(options: &Options) -> Result<()> {
    let python = tools::python_packages("datasketch")?.join("python");
    step("build for release", || {
        build(&["build", "--release", "--package", "bench", "--bin", "alike"])
    })?;
    let folder = temporary("alike")?;
    let mut bench = Command::new(target_dir()?.join("release/alike"));
    bench.arg("--folder").arg(&folder);
    bench.arg("--python").arg(python);
    bench
        .arg("--peer")
        .arg(root().join("bench/peers/minhash.py"));
    if options.write {
        bench.arg("--write").arg(root().join("bench/ALIKE.md"));
    }
    let measured = step("measure", || check(bench.args(&options.args)));
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn house(options: &Options) -> Result<()> {
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
