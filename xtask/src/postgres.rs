//! A private PostgreSQL for the tests: its own cluster in a temporary folder, on a free loopback port, gone afterwards.

use crate::guard::{Guard, User, free_port, temporary};
use crate::run::{check, env, output};
use anyhow::{Context as _, Result};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The name by which tests find it.
pub const ADDRESS: &str = "QUANCHENG_TEST_POSTGRES";
/// The folder of PostgreSQL's programs, for tests that stop and start a cluster of their own.
pub const PROGRAMS: &str = "QUANCHENG_TEST_POSTGRES_BIN";

/// The owner of the cluster: PostgreSQL refuses to run as root, and Debian's package brings this user.
const SYSTEM_USERS: [&str; 2] = ["postgres", "nobody"];
const START_LIMIT: Duration = Duration::from_secs(60);

/// Of every cluster.
const SETTINGS: [&str; 3] = [
    "max_connections=300",
    "shared_buffers=128MB",
    "log_min_messages=fatal",
];
/// Speed over safety: a test cluster does not outlive its tests.
const HASTY: [&str; 3] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

/// A running cluster; dropping it stops and removes it.
pub struct Cluster {
    /// Where it answers, as a superuser without password.
    pub url: String,
    /// The folder of PostgreSQL's programs.
    pub programs: PathBuf,
    _guard: Guard,
}

/// The folder of `initdb` and `postgres`, newest version first; `None` when PostgreSQL is not installed.
pub fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut versions = versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect::<Vec<_>>();
    versions.sort();
    let on_path = env("PATH")
        .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .map(|(_, bin)| bin)
        .chain(on_path)
        .find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
}

impl Cluster {
    /// Makes and starts a cluster for tests.
    pub fn start() -> Result<Self> {
        Self::start_with(&HASTY)
    }

    /// Makes and starts a cluster that keeps what it has committed, as in real use.
    pub fn start_durable() -> Result<Self> {
        Self::start_with(&[])
    }

    fn start_with(more: &[&str]) -> Result<Self> {
        let programs = programs().context("PostgreSQL is not installed")?;
        let folder = temporary("postgres")?;
        let user = owner()?;
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid))?;
        }
        let made =
            init(&programs, &folder, user).and_then(|()| serve(&programs, &folder, user, more));
        if made.is_err() {
            std::fs::remove_dir_all(&folder).ok();
        }
        made
    }
}

/// Whom the cluster belongs to: us, or a system user when we are root.
fn owner() -> Result<User> {
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    let found = SYSTEM_USERS.iter().find_map(|name| ids_of(&passwd, name));
    found.map(Some).with_context(|| {
        format!(
            "PostgreSQL does not run as root, and there is no user {}",
            SYSTEM_USERS.join(" or ")
        )
    })
}

/// The ids of a user in the form of `/etc/passwd`.
fn ids_of(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn init(programs: &Path, folder: &Path, user: User) -> Result<()> {
    let mut initdb = Command::new(programs.join("initdb"));
    initdb
        .arg("--pgdata")
        .arg(folder.join("data"))
        .current_dir("/")
        .stdout(Stdio::null());
    initdb.args([
        "--username=quancheng",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        "--no-instructions",
    ]);
    if let Some((uid, gid)) = user {
        initdb.uid(uid).gid(gid);
    }
    check(&mut initdb).context("making the PostgreSQL cluster")
}

fn serve(programs: &Path, folder: &Path, user: User, more: &[&str]) -> Result<Cluster> {
    let port = free_port()?.to_string();
    let mut server = Command::new(programs.join("postgres"));
    server
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-h", "127.0.0.1", "-p", &port, "-k"])
        .arg(folder);
    let settings = SETTINGS.iter().chain(more);
    server.args(settings.flat_map(|setting| ["-c", setting]));
    // SIGINT is PostgreSQL's fast shutdown.
    let mut guard = Guard::start(&server, folder, &folder.join("log.txt"), user, "INT")?;
    let ready = || {
        Command::new(programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &port])
            .status()
            .is_ok_and(|status| status.success())
    };
    guard
        .wait_until(START_LIMIT, ready)
        .context("starting PostgreSQL")?;
    let url = format!("postgres://quancheng@127.0.0.1:{port}/postgres");
    Ok(Cluster {
        url,
        programs: programs.to_owned(),
        _guard: guard,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd = "postgresx:x:7:8::/:/bin/sh\npostgres:x:101:104:admin:/var:/bin/bash\n";
        assert_eq!(ids_of(passwd, "postgres"), Some((101, 104)));
        assert_eq!(ids_of(passwd, "nobody"), None);
    }

    #[test]
    fn a_cluster_answers_and_leaves_nothing() {
        if programs().is_none() {
            println!("left out: starting a cluster, PostgreSQL is not installed");
            return;
        }
        let cluster = Cluster::start().unwrap();
        let asked = Command::new(cluster.programs.join("psql"))
            .args(["-Atc", "show max_connections", &cluster.url])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&asked.stdout).trim(), "300");
        drop(cluster);
        let folder = format!("quancheng-postgres-{}", std::process::id());
        assert!(!std::env::temp_dir().join(folder).exists());
    }
}
