//! The program under test, as an operator runs it.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use tokio::time::sleep;

use crate::load;

/// How long a start may take before we give up.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How wide the limits on one address are: the whole load comes from one.
const RATE_TIMES: &str = "1000000";

/// A running server; dropping it kills it.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to its first good answer.
    pub start_took: Duration,
    child: Child,
}

/// The program with its configuration in the environment.
pub fn command(program: &Path, folder: &Path, url: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env("QUANCHENG_DATA__FOLDER", folder)
        .env("QUANCHENG_DATABASE__URL", url)
        .env("QUANCHENG_SERVER__TRACE", "warn")
        .env("QUANCHENG_LIMITS__RATE_TIMES", RATE_TIMES)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

impl Server {
    /// Starts it on a free port and waits for its first good answer.
    pub async fn start(program: &Path, folder: &Path, url: &str) -> anyhow::Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let begun = Instant::now();
        let child = command(program, folder, url)
            .arg("serve")
            .env("QUANCHENG_SERVER__LISTEN", address.to_string())
            .env("QUANCHENG_SITE__BASE_URL", format!("http://{address}"))
            .spawn()
            .context("cannot start the program")?;
        let mut server = Self {
            address,
            start_took: Duration::ZERO,
            child,
        };
        while !load::healthy(address).await {
            if let Some(status) = server.child.try_wait()? {
                bail!("the program ended ({status})");
            }
            ensure!(begun.elapsed() < START_LIMIT, "the program does not answer");
            sleep(Duration::from_millis(2)).await;
        }
        server.start_took = begun.elapsed();
        Ok(server)
    }

    /// The most memory it has held, in bytes.
    pub fn memory_peak(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|rest| rest.split_whitespace().next());
        let kilobytes: u64 = kilobytes.context("no VmHWM")?.parse()?;
        Ok(kilobytes * 1024)
    }

    /// Tells it to stop and waits for its orderly end.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        Command::new("kill")
            .arg(self.child.id().to_string())
            .status()?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(begun.elapsed() < START_LIMIT, "the program does not stop");
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
