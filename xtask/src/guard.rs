//! A server that never outlives us: stopped, and its folder removed, however we end (done, failed, Ctrl-C, `kill -9`).
//!
//! The server runs under a small shell that waits for the end of its standard input, a pipe whose other end only we hold.
//! When we go, for whatever reason, the pipe closes, and the shell stops the server and removes the folder. The shell has
//! a process group of its own, so that a Ctrl-C at the terminal reaches it through us alone.

use anyhow::{Context as _, Result, bail};
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// `$1` is the folder to remove, `$2` the signal that stops the server, the rest its command line.
const KEEPER: &str = r#"
folder=$1; signal=$2; shift 2
"$@" </dev/null &
server=$!
cat >/dev/null &
reader=$!
while kill -0 $server 2>/dev/null && kill -0 $reader 2>/dev/null; do sleep 0.1; done
kill -s $signal $server 2>/dev/null
wait $server
status=$?
kill $reader 2>/dev/null
rm -rf "$folder"
exit $status
"#;

/// The user (id and group) that a server runs as, where it must not be us.
pub type User = Option<(u32, u32)>;

/// A running server and its folder; dropping it stops the one and removes the other.
pub struct Guard {
    keeper: Child,
    log: PathBuf,
}

impl Guard {
    /// Starts `command` (its output goes to a file `log`) as `user`, to be stopped with `signal`.
    pub fn start(
        command: &Command,
        folder: &Path,
        log: &Path,
        user: User,
        signal: &str,
    ) -> Result<Self> {
        let output =
            File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut keeper = Command::new("sh");
        // Dash gives a background job an empty standard input, unless told which: hence descriptor 3.
        let script = format!(
            "exec 3<&0{}",
            KEEPER.replace("cat >/dev/null &", "cat <&3 >/dev/null &")
        );
        keeper
            .args(["-c", &script, "keeper"])
            .arg(folder)
            .arg(signal)
            .arg(command.get_program())
            .args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => keeper.env(name, value),
                None => keeper.env_remove(name),
            };
        }
        if let Some((uid, gid)) = user {
            keeper.uid(uid).gid(gid).current_dir("/");
        }
        keeper
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output);
        let keeper = keeper.spawn().context("cannot start sh")?;
        Ok(Self {
            keeper,
            log: log.to_owned(),
        })
    }

    /// Waits until `ready` says so; an error with the server's last words if it ends before, or takes too long.
    pub fn wait_until(&mut self, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let begun = Instant::now();
        let mut told = begun;
        loop {
            if ready() {
                return Ok(());
            }
            if let Some(status) = self.keeper.try_wait()? {
                bail!(
                    "the server ended before it was ready ({status}):\n{}",
                    self.last_words()
                );
            }
            if begun.elapsed() > limit {
                bail!(
                    "the server was not ready within {} s:\n{}",
                    limit.as_secs(),
                    self.last_words()
                );
            }
            if told.elapsed() > Duration::from_secs(10) {
                told = Instant::now();
                eprintln!("   waiting for the server, {} s", begun.elapsed().as_secs());
            }
            sleep(Duration::from_millis(100));
        }
    }

    /// The last lines that the server printed.
    pub fn last_words(&self) -> String {
        let all = std::fs::read(&self.log).unwrap_or_default();
        let all = String::from_utf8_lossy(&all);
        let lines = all.lines().collect::<Vec<_>>();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Nothing to do about a keeper that cannot be waited for.
        self.keeper.wait().ok();
    }
}

/// A port on the loopback that is free now.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// A new folder under the system's temporary folder, named for `what` and this process.
pub fn temporary(what: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("quancheng-{what}-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_the_guard_stops_the_server_and_removes_its_folder() {
        let folder = temporary("guard-test").unwrap();
        let log =
            std::env::temp_dir().join(format!("quancheng-guard-test-{}.txt", std::process::id()));
        let mut server = Command::new("sh");
        server.args(["-c", "echo started; exec sleep 600"]);
        let mut guard = Guard::start(&server, &folder, &log, None, "TERM").unwrap();
        guard
            .wait_until(Duration::from_secs(10), || {
                std::fs::read_to_string(&log).unwrap().contains("started")
            })
            .unwrap();
        drop(guard);
        std::fs::remove_file(&log).unwrap();
        assert!(!folder.exists());
    }

    #[test]
    fn a_server_that_ends_early_is_an_error_with_its_last_words() {
        let folder = temporary("guard-early").unwrap();
        let log =
            std::env::temp_dir().join(format!("quancheng-guard-early-{}.txt", std::process::id()));
        let mut server = Command::new("sh");
        server.args(["-c", "echo the port is taken; exit 3"]);
        let mut guard = Guard::start(&server, &folder, &log, None, "TERM").unwrap();
        let error = guard
            .wait_until(Duration::from_secs(10), || false)
            .unwrap_err();
        std::fs::remove_file(&log).unwrap();
        assert!(error.to_string().contains("the port is taken"), "{error}");
    }
}
