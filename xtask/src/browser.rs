//! The demo congress as a running server, and the journeys in a real browser against it.

use crate::guard::{Guard, free_port, temporary};
use crate::run::{build, env, root, step, target_dir};
use crate::tally::Tally;
use crate::tools;
use anyhow::{Context as _, Result, bail};
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Where `cargo demo` serves, unless told otherwise.
const ADDRESS: &str = "127.0.0.1:8080";
/// Making the demo city on a busy machine takes a while.
const START_LIMIT: Duration = Duration::from_secs(300);

/// `cargo demo`: builds, then becomes `quancheng demo`.
pub fn demo(args: &[String]) -> Result<()> {
    step("build quancheng", || {
        build(&["build", "--package", "quancheng"])
    })?;
    let mut demo = Command::new(program()?);
    demo.arg("demo").current_dir(root());
    let given = |flag: &str| {
        args.iter()
            .any(|arg| arg == flag || arg.starts_with(&format!("{flag}=")))
    };
    if !given("--data") {
        let data = root().join(".quancheng/demo");
        std::fs::create_dir_all(&data)?;
        demo.arg("--data").arg(data);
    }
    if !given("--listen") {
        demo.args(["--listen", ADDRESS]);
    }
    demo.args(args.iter().filter(|arg| *arg != "--"));
    Err(demo.exec()).context("cannot start quancheng")
}

/// `cargo xtask e2e`.
pub fn e2e(grep: Option<&str>) -> Result<()> {
    let mut tally = Tally::default();
    run(&mut tally, grep)?;
    println!("\n{}", tally.report());
    match tally.failures() {
        0 => Ok(()),
        failures => bail!("{failures} failed"),
    }
}

/// The harness's proof of itself, then the journeys.
pub fn run(tally: &mut Tally, grep: Option<&str>) -> Result<()> {
    tools::for_browser()?;
    if grep.is_none() {
        step("the harness in the browser", || {
            node(tally, &[root().join("e2e/harness.test.mjs")], &[], None)
        })?;
    }
    let journeys = journeys()?;
    if journeys.is_empty() {
        bail!("there is no journey in e2e/journeys");
    }
    let demo = step("start a demo congress", || Demo::start("journeys", None))?;
    let surroundings = [
        ("QUANCHENG_URL", OsStr::new(&demo.url)),
        ("QUANCHENG_DATA", demo.data.as_os_str()),
        ("QUANCHENG_LOG", demo.log.as_os_str()),
    ];
    let ran = step("the journeys in the browser", || {
        node(tally, &journeys, &surroundings, grep)
    });
    if !tally.failed.is_empty() {
        eprintln!("what the server said last:\n{}", demo.last_words());
    }
    ran
}

fn journeys() -> Result<Vec<PathBuf>> {
    crate::tidy::files_under(&root().join("e2e/journeys"), "mjs")
}

/// Runs test files with node, one after the other: one-time codes are used once, and two cores serve the browser and us.
fn node(
    tally: &mut Tally,
    files: &[PathBuf],
    surroundings: &[(&str, &OsStr)],
    grep: Option<&str>,
) -> Result<()> {
    let report = std::env::temp_dir().join(format!("quancheng-tap-{}.txt", std::process::id()));
    let mut node = Command::new("node");
    node.args([
        "--test",
        "--test-concurrency=1",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
    ]);
    node.arg("--test-reporter=tap")
        .arg(format!("--test-reporter-destination={}", report.display()));
    node.args(grep.map(|pattern| format!("--test-name-pattern={pattern}")))
        .args(files);
    node.current_dir(root().join("e2e"))
        .envs(surroundings.iter().copied());
    if env("QUANCHENG_CHROMIUM").is_none() {
        node.env("QUANCHENG_CHROMIUM", tools::CHROMIUM);
    }
    let status = node.status().context("cannot start node")?;
    let before = tally.failures();
    tally.add_tap(&std::fs::read_to_string(&report).unwrap_or_default());
    std::fs::remove_file(&report).ok();
    if !status.success() && tally.failures() == before {
        tally.not_run.push(format!("browser: node ({status})"));
    }
    Ok(())
}

/// The program as built for development.
fn program() -> Result<PathBuf> {
    Ok(target_dir()?.join("debug/quancheng"))
}

/// A demo congress that serves until dropped.
pub struct Demo {
    /// Its origin, `http://127.0.0.1:PORT`.
    pub url: String,
    /// Its data folder.
    pub data: PathBuf,
    /// What it prints.
    pub log: PathBuf,
    guard: Guard,
}

impl Demo {
    /// Builds Quancheng, makes a small demo city in a temporary folder (and in an empty `database`, where one is
    /// given), and waits until it answers. It is as patient with one address as a whole city needs.
    pub fn start(what: &str, database: Option<&str>) -> Result<Self> {
        build(&["build", "--package", "quancheng"])?;
        let folder = temporary(&format!("demo-{what}"))?;
        let (data, log) = (folder.join("data"), folder.join("log.txt"));
        std::fs::create_dir(&data)?;
        let listen = format!("127.0.0.1:{}", free_port()?);
        let mut command = Command::new(program()?);
        command
            .arg("demo")
            .arg("--data")
            .arg(&data)
            .args(["--listen", &listen, "--scale", "town"])
            .args(["--rate-times", "10000"])
            .args(database.iter().flat_map(|url| ["--database", url]));
        let guard = Guard::start(&command, &folder, &log, None, "TERM")?;
        let mut demo = Self {
            url: format!("http://{listen}"),
            data,
            log,
            guard,
        };
        demo.guard
            .wait_until(START_LIMIT, || status(&listen, "/healthz") == Some(200))?;
        Ok(demo)
    }

    /// The last lines that the server printed.
    pub fn last_words(&self) -> String {
        self.guard.last_words()
    }
}

/// The status with which a server answers a GET; `None` when it does not answer.
fn status(address: &str, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    std::str::from_utf8(&head)
        .ok()?
        .strip_prefix("HTTP/1.1 ")?
        .parse()
        .ok()
}
