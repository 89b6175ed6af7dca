//! `cargo xtask test`: all tests, on both databases and in the browser, with nothing skipped silently.

use crate::run::{build, cargo, root, step};
use crate::tally::Tally;
use crate::{browser, postgres, schemathesis, tools};
use anyhow::{Result, bail};
use clap::Args;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What to run.
#[derive(Args, Default)]
pub struct Options {
    /// Leave out the browser and the API check.
    #[arg(long)]
    no_browser: bool,
    /// Only Rust tests whose name holds this text (and no others).
    #[arg(long)]
    only: Option<String>,
}

/// All tests; an error if any failed, or any that should run did not.
pub fn run(options: &Options) -> Result<()> {
    let mut tally = Tally::default();
    rust(&mut tally, options.only.as_deref())?;
    if options.only.is_none() {
        docs(&mut tally)?;
        everything_ran_on_both(&mut tally);
        if options.no_browser {
            tally
                .left_out
                .insert("the browser and the API check, by --no-browser".to_owned());
        } else {
            served(&mut tally);
        }
    }
    println!("\n{}", tally.report());
    if tally.failures() > 0 {
        bail!("{} failed", tally.failures());
    }
    Ok(())
}

/// Unit, property, store, page and scenario tests, against a PostgreSQL of their own.
fn rust(tally: &mut Tally, only: Option<&str>) -> Result<()> {
    tools::for_databases()?;
    let runner: &[&str] = if has_nextest() {
        &["nextest", "run"]
    } else {
        &["test"]
    };
    step("build the tests", || {
        build(&[runner, &["--workspace", "--no-run"]].concat())
    })?;
    let cluster = step("start PostgreSQL", postgres::Cluster::start)?;
    let mut tests = cargo()?;
    tests
        .args(runner)
        .arg("--workspace")
        .env(postgres::ADDRESS, &cluster.url)
        .env(postgres::PROGRAMS, &cluster.programs);
    step("Rust tests", || {
        if has_nextest() {
            nextest(&mut tests, tally, only)
        } else {
            libtest(&mut tests, tally, only)
        }
    })
}

fn has_nextest() -> bool {
    let asked = cargo().and_then(|mut cargo| Ok(cargo.args(["nextest", "--version"]).output()?));
    asked.is_ok_and(|asked| asked.status.success())
}

fn nextest(tests: &mut Command, tally: &mut Tally, only: Option<&str>) -> Result<()> {
    // nextest keeps its reports below the workspace, wherever cargo builds.
    let report = root().join("target/nextest/xtask/junit.xml");
    std::fs::remove_file(&report).ok();
    let config = format!("xtask:{}", root().join("xtask/nextest.toml").display());
    tests
        .args([
            "--tool-config-file",
            &config,
            "--profile",
            "xtask",
            "--no-tests",
            "pass",
        ])
        .args(only);
    let status = tests.status()?;
    tally.add_junit(&std::fs::read_to_string(&report).unwrap_or_default());
    // A run that broke before or beside its tests has no failure in the report.
    if !status.success() && tally.failures() == 0 {
        tally.not_run.push(format!("cargo nextest ({status})"));
    }
    Ok(())
}

/// The plain runner; its own `ok` lines are for us, not for the reader.
fn libtest(tests: &mut Command, tally: &mut Tally, only: Option<&str>) -> Result<()> {
    tests
        .args(["--lib", "--bins", "--tests", "--no-fail-fast"])
        .args(only)
        .args(["--", "--show-output"]);
    let (text, passed) = overheard(tests)?;
    tally.add_libtest(&text);
    if !passed && tally.failures() == 0 {
        tally.not_run.push("cargo test".to_owned());
    }
    Ok(())
}

/// Runs a command and shows what it prints, but for lines of passing tests; answers with all of it.
fn overheard(command: &mut Command) -> Result<(String, bool)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut text = String::new();
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines())
    {
        let line = line?;
        if !line.ends_with(" ... ok") {
            println!("{line}");
        }
        text.push_str(&line);
        text.push('\n');
    }
    Ok((text, child.wait()?.success()))
}

/// The examples in documentation, of the crates that have any: each costs a build of its own.
fn docs(tally: &mut Tally) -> Result<()> {
    let crates = crates_with_examples()?;
    if crates.is_empty() {
        return Ok(());
    }
    let mut tests = cargo()?;
    tests
        .args(["test", "--doc", "--no-fail-fast"])
        .args(crates.iter().flat_map(|name| ["--package", name]));
    let (text, passed) = step("documentation tests", || overheard(&mut tests))?;
    tally.add_docs(&text);
    if !passed && tally.failures() == 0 {
        tally.not_run.push("cargo test --doc".to_owned());
    }
    Ok(())
}

fn crates_with_examples() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for package in crate::deps::metadata()?.workspace() {
        let sources = package.folder().join("src");
        if sources.join("lib.rs").exists()
            && crate::tidy::files_under(&sources, "rs")?
                .iter()
                .any(|file| has_example(file))
        {
            names.push(package.name.clone());
        }
    }
    Ok(names)
}

/// Whether a file's documentation opens a code block that rustdoc would run.
fn has_example(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let mut inside = false;
    for line in text.lines().map(str::trim_start).filter_map(|line| {
        line.strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"))
    }) {
        let Some(language) = line.trim().strip_prefix("```") else {
            continue;
        };
        if !inside
            && matches!(
                language,
                "" | "rust" | "should_panic" | "no_run" | "compile_fail"
            )
        {
            return true;
        }
        inside = !inside;
    }
    false
}

/// A test that ran on one database alone is a failure, and so is a run in which PostgreSQL had no test.
fn everything_ran_on_both(tally: &mut Tally) {
    let missing = tally.unpaired();
    tally.not_run.extend(missing);
    if tally.postgres == 0 {
        tally.not_run.push("any test on PostgreSQL".to_owned());
    }
}

/// What needs a running Quancheng. A fault in one does not keep the other from running.
fn served(tally: &mut Tally) {
    schemathesis::run(tally);
    if let Err(error) = browser::run(tally, None) {
        eprintln!("the browser: {error:#}");
        tally.not_run.push("the journeys in the browser".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_that_rustdoc_runs_is_an_example() {
        let file = crate::guard::temporary("examples").unwrap().join("lib.rs");
        std::fs::write(&file, "//! ```text\n//! a table\n//! ```\n").unwrap();
        assert!(!has_example(&file));
        std::fs::write(&file, "/// ```\n/// assert!(true);\n/// ```\n").unwrap();
        assert!(has_example(&file));
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }
}
