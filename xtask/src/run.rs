//! Running other programs: cargo with the shared target folder, a progress line while it builds, steps with their times.

use anyhow::{Context as _, Result, bail};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// An environment variable, if set and not empty.
pub fn env(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether a machine is watching rather than a person: plain lines, and fewer of them.
pub fn in_ci() -> bool {
    env("CI").is_some_and(|value| value == "true")
}

/// The root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
}

/// The folder that outlives a checkout: builds, and tools fetched once. `~/.cache/quancheng`.
pub fn cache() -> Result<PathBuf> {
    Ok(PathBuf::from(env("HOME").context("HOME is not set")?).join(".cache/quancheng"))
}

/// Where cargo builds: `CARGO_TARGET_DIR`, or a folder shared by all checkouts.
pub fn target_dir() -> Result<PathBuf> {
    env("CARGO_TARGET_DIR")
        .map_or_else(|| Ok(cache()?.join("target")), |dir| Ok(PathBuf::from(dir)))
}

/// A cargo command at the root of the workspace.
pub fn cargo() -> Result<Command> {
    let mut cargo = Command::new(env("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target_dir()?);
    // Set by the cargo that runs us; they would make every child build everything anew.
    for name in [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
    ] {
        cargo.env_remove(name);
    }
    Ok(cargo)
}

/// Runs a step with its name before and its time after.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("── {name}");
    let begun = Instant::now();
    let done = work().with_context(|| format!("{name}: failed after {}", clock(begun.elapsed())));
    if done.is_ok() {
        println!("── {name}: {}", clock(begun.elapsed()));
    }
    done
}

/// `1m05s`.
pub fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1}s", time.as_secs_f64())
    } else {
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    }
}

/// Runs a command to its end; an error names it if it fails.
pub fn check(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// The standard output of a command that must succeed.
pub fn output(command: &mut Command) -> Result<String> {
    let out = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !out.status.success() {
        bail!("`{}` failed ({})", shown(command), out.status);
    }
    String::from_utf8(out.stdout).context("output is not UTF-8")
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words
        .map(|word| word.display().to_string())
        .collect::<Vec<_>>();
    words.join(" ")
}

/// Runs a cargo command that builds, with a progress line in place of cargo's own; warnings and errors pass through.
pub fn build(args: &[&str]) -> Result<()> {
    watched(cargo()?.args(args))
}

/// Runs a prepared cargo command as `build` does.
pub fn watched(cargo: &mut Command) -> Result<()> {
    let mut child = cargo
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let lines = lines_of(child.stderr.take().context("cargo has no standard error")?);
    Progress::new().follow(&lines);
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(cargo));
    }
    Ok(())
}

/// The lines of a stream, as they come.
fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

/// What is being built, told every few seconds.
struct Progress {
    begun: Instant,
    told: Instant,
    built: usize,
    latest: VecDeque<String>,
    waiting: bool,
    terminal: bool,
}

impl Progress {
    /// As many crates as cargo compiles at once: those named last are those under way.
    const SHOWN: usize = 2;

    fn new() -> Self {
        let now = Instant::now();
        let terminal = std::io::stderr().is_terminal() && !in_ci();
        Self {
            begun: now,
            told: now,
            built: 0,
            latest: VecDeque::new(),
            waiting: false,
            terminal,
        }
    }

    fn every(&self) -> Duration {
        match (self.terminal, in_ci()) {
            (true, _) => Duration::from_secs(1),
            (false, false) => Duration::from_secs(5),
            (false, true) => Duration::from_secs(30),
        }
    }

    fn follow(&mut self, lines: &Receiver<String>) {
        loop {
            match lines.recv_timeout(Duration::from_millis(500)) {
                Ok(line) => self.read(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.told.elapsed() >= self.every() {
                self.tell();
            }
        }
        self.wipe();
        if self.built > 0 {
            eprintln!(
                "   built {} crates in {}",
                self.built,
                clock(self.begun.elapsed())
            );
        }
    }

    fn read(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("Compiling" | "Checking" | "Documenting"), Some(name)) => self.names(name),
            (Some("Blocking"), _) => self.waiting = true,
            (
                Some(
                    "Finished" | "Fresh" | "Updating" | "Locking" | "Downloading" | "Downloaded"
                    | "Executable" | "Generated",
                ),
                _,
            ) => {}
            _ => {
                self.wipe();
                eprintln!("{line}");
            }
        }
    }

    fn names(&mut self, name: &str) {
        self.waiting = false;
        self.built += 1;
        self.latest.push_back(name.to_owned());
        if self.latest.len() > Self::SHOWN {
            self.latest.pop_front();
        }
    }

    fn tell(&mut self) {
        self.told = Instant::now();
        let what = if self.waiting {
            "waiting for another cargo".to_owned()
        } else {
            let names = self.latest.iter().map(String::as_str).collect::<Vec<_>>();
            format!("{} crates so far, now {}", self.built, names.join(", "))
        };
        let line = format!("   building, {}: {what}", clock(self.begun.elapsed()));
        if self.terminal {
            eprint!("\r\x1b[K{line}");
            // A progress line that cannot be shown is no reason to stop.
            std::io::stderr().flush().ok();
        } else {
            eprintln!("{line}");
        }
    }

    fn wipe(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_as_a_person_would() {
        assert_eq!(clock(Duration::from_millis(1_230)), "1.2s");
        assert_eq!(clock(Duration::from_secs(65)), "1m05s");
    }

    #[test]
    fn progress_names_the_crates_under_way() {
        let mut progress = Progress::new();
        for line in [
            "   Compiling sqlx v0.9.0",
            "   Compiling axum v0.8.9",
            "   Compiling store v0.1.0 (here)",
        ] {
            progress.read(line);
        }
        assert_eq!(
            (progress.built, Vec::from(progress.latest)),
            (3, vec!["axum".to_owned(), "store".to_owned()])
        );
    }
}
