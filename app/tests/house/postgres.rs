//! A PostgreSQL of one test's own, which is stopped and started while the program works.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::PathBuf,
    process::Command,
};

use super::program::Folder;

/// Tells where PostgreSQL's programs are.
const PROGRAMS: &str = "QUANCHENG_TEST_POSTGRES_BIN";

/// How it is told to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// In good order; whoever is connected is put out.
    Fast,
    /// As if the machine failed: it recovers when it is started again.
    Immediate,
}

/// The server, stopped when dropped. What it has committed outlives [`Stop::Immediate`]; only a
/// machine that fails would lose it, so the disk is not waited for.
pub(crate) struct Cluster {
    folder: Folder,
    programs: PathBuf,
    port: u16,
    /// Whose it is: it does not run as root.
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
        let cluster = Self {
            folder: Folder::new(),
            programs: programs.into(),
            port: free.local_addr().unwrap().port(),
            user: system_user(),
        };
        drop(free);
        if let Some((uid, gid)) = cluster.user {
            chown(&cluster.folder.0, Some(uid), Some(gid)).unwrap();
        }
        let settings =
            "--username=quancheng --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync";
        let settings: Vec<_> = settings.split(' ').collect();
        cluster.run("initdb", &settings);
        cluster.serve();
        cluster
    }

    /// Its database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://quancheng@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it, and waits until it answers.
    pub(crate) fn serve(&self) {
        let (port, folder) = (self.port, self.folder.0.display());
        let settings = format!("-h 127.0.0.1 -p {port} -k {folder} -c fsync=off");
        let log = format!("{folder}/log");
        self.run("pg_ctl", &["start", "--wait", "-l", &log, "-o", &settings]);
    }

    /// Stops it, and waits until it is gone.
    pub(crate) fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        self.run("pg_ctl", &["stop", "--wait", "-m", mode]);
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(program));
        let command_args = command.args(args).arg("-D").arg(self.folder.0.join("data"));
        command_args.current_dir(&self.folder.0);
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    #[track_caller]
    fn run(&self, program: &str, args: &[&str]) {
        // Into a file: a server that is started would keep a pipe open.
        let file = self.folder.0.join("said");
        let said = File::create(&file).unwrap();
        let mut command = self.command(program, args);
        command.stdout(said.try_clone().unwrap()).stderr(said);
        let ended = command.status().unwrap();
        let said = fs::read_to_string(file).unwrap();
        assert!(ended.success(), "{program} {args:?}: {said}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stop = ["stop", "--wait", "-m", "immediate"];
        let _ = self.command("pg_ctl", &stop).output();
    }
}

/// The ids of Debian's user for it, where we are root.
fn system_user() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().find(|line| line.starts_with("postgres:"));
    let mut fields = user.expect("there is a user postgres").split(':').skip(2);
    let mut id = || fields.next().unwrap().parse().unwrap();
    Some((id(), id()))
}
