//! A deployment: its configuration, its data folder, and the program over them.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use super::program;

/// How a run of the program ended, and what it said.
pub(crate) struct Ran {
    pub(crate) well: bool,
    pub(crate) said: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        Self {
            well: output.status.success(),
            said,
        }
    }

    /// What it said, after it ended well.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert!(self.well, "{}", self.said);
        self.said
    }

    /// It refused, in words that hold `why`.
    #[track_caller]
    pub(crate) fn refused(self, why: &str) -> String {
        assert!(!self.well && self.said.contains(why), "{}", self.said);
        self.said
    }
}

/// Runs the program.
pub(crate) fn quancheng(args: &[&str]) -> Ran {
    Ran::of(&program::quancheng(args))
}

/// A deployment: a configuration file and a data folder beside it.
pub(crate) struct House {
    pub(crate) config: PathBuf,
    pub(crate) data: PathBuf,
}

impl House {
    /// A deployment in `folder` with `more` in its configuration.
    pub(crate) fn new(folder: &Path, more: &str) -> Self {
        fs::create_dir_all(folder).unwrap();
        let (config, data) = (folder.join("quancheng.toml"), folder.join("data"));
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\ntrace = \"warn\"\n[data]\nfolder = {:?}\n{more}",
            data.display().to_string()
        );
        fs::write(&config, text).unwrap();
        Self { config, data }
    }

    /// Runs a command over it.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let config = self.config.display().to_string();
        quancheng(&[args, &["--config", &config]].concat())
    }

    /// Sets up the congress of Beijing and an administrator.
    pub(crate) fn set_up(&self) {
        let congress = [
            "congress",
            "create",
            "--code",
            "110000",
            "--since",
            "2023-01-15",
            "--seats",
            "770",
        ];
        self.run(&congress).done();
        self.run(&["account", "create", "--login", "first", "--name", "管理员"])
            .done();
    }

    /// The doctor finds nothing wrong: counters, log and matters included.
    #[track_caller]
    pub(crate) fn is_well(&self) {
        let found = self.run(&["doctor"]).done();
        assert!(!found.contains('✗'), "{found}");
    }

    /// A folder `name` beside it with the same files in its data folder.
    pub(crate) fn copied(&self, name: &str) -> Self {
        let other = Self::new(&self.config.parent().unwrap().join(name), "");
        fs::create_dir_all(&other.data).unwrap();
        for file in fs::read_dir(&self.data).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), other.data.join(file.file_name())).unwrap();
        }
        other
    }

    /// Serves it.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self)
    }
}

/// The program while it serves; killed when dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Server {
    fn start(house: &House) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quancheng"));
        command.arg("serve").arg("--config").arg(&house.config);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut url).unwrap();
        assert!(url.starts_with("http://"), "it does not serve: {url}");
        let url = url.trim().to_owned();
        Self { child, url }
    }

    /// A page or a file.
    pub(crate) fn get(&self, path: &str) -> String {
        let answer = ureq::get(format!("{}{path}", self.url)).call();
        let mut answer = answer.unwrap_or_else(|error| panic!("{path}: {error}"));
        answer.body_mut().read_to_string().unwrap()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
