//! A PostgreSQL of one test's own, which is stopped and started while the program works.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt as _},
    path::PathBuf,
    process::Command,
};

use super::program::Folder;

/// Tells where PostgreSQL's programs are.
const PROGRAMS: &str = "QUANCHENG_TEST_POSTGRES_BIN";

/// How a server is told to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    /// Every session is broken off in good order.
    Fast,
    /// As when the power fails: it recovers at the next start.
    Immediate,
}

/// The cluster; it keeps what it has committed, and is gone afterwards.
pub(crate) struct Cluster {
    folder: Folder,
    programs: PathBuf,
    port: u16,
    /// PostgreSQL does not run as root.
    user: Option<(u32, u32)>,
}

impl Cluster {
    /// Makes and starts one.
    ///
    /// # Panics
    /// When there is no PostgreSQL: a database that did not run is a failure, never a skip.
    pub(crate) fn start() -> Self {
        let programs = std::env::var_os(PROGRAMS)
            .unwrap_or_else(|| panic!("{PROGRAMS} is not set: run `cargo xtask test`"));
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let cluster = Self {
            folder: Folder::new(),
            programs: programs.into(),
            port,
            user: postgres_user(),
        };
        if let Some((uid, gid)) = cluster.user {
            chown(&cluster.folder.0, Some(uid), Some(gid)).unwrap();
        }
        let data = cluster.data();
        let auth = ["-A", "trust", "-U", "quancheng", "-E", "UTF8"];
        cluster.run(
            "initdb",
            &[&["-D", &data, "--no-locale", "--no-sync"], &auth[..]].concat(),
        );
        cluster.up();
        cluster
    }

    fn data(&self) -> String {
        self.folder.0.join("data").display().to_string()
    }

    /// Where its one database answers.
    pub(crate) fn url(&self) -> String {
        format!("postgres://quancheng@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it again.
    pub(crate) fn up(&self) {
        let folder = self.folder.0.display();
        let settings = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1", self.port);
        let (data, log) = (self.data(), format!("{folder}/log"));
        self.run(
            "pg_ctl",
            &["-D", &data, "-l", &log, "-o", &settings, "-w", "start"],
        );
    }

    /// Stops it.
    pub(crate) fn down(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        self.run("pg_ctl", &["-D", &self.data(), "-m", mode, "-w", "stop"]);
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(args).current_dir(&self.folder.0);
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    #[track_caller]
    fn run(&self, program: &str, args: &[&str]) {
        // A server that is started keeps what it was given: its words go to its own file.
        let said = fs::File::create(self.folder.0.join("said")).unwrap();
        let mut command = self.command(program, args);
        let ran = command
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .status();
        let said = ["said", "log"].map(|file| fs::read_to_string(self.folder.0.join(file)));
        assert!(ran.unwrap().success(), "{program} {args:?}: {said:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self
            .command("pg_ctl", &["-D", &data, "-m", "immediate", "stop"])
            .output();
    }
}

/// The ids of the user `postgres`, where the test runs as root.
fn postgres_user() -> Option<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let ids = |line: &str| {
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let root =
        fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let line = passwd.lines().find(|line| line.starts_with("postgres:"));
    root.then_some(line).flatten().and_then(ids)
}
