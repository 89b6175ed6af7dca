//! The program in a test, and a folder to work in.
#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use kernel::Entropy as _;

/// A folder of one test's own, removed afterwards.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        let mut name = [0u8; 8];
        kernel::OsEntropy.fill(&mut name);
        let path =
            std::env::temp_dir().join(format!("quancheng-cli-{:016x}", u64::from_le_bytes(name)));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes a file; gives its path.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the program.
pub fn quancheng(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quancheng"))
        .args(args)
        .output()
        .unwrap()
}

/// Starts the program with pipes for all it reads and prints.
pub fn start(args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_quancheng"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What it printed, on both outputs.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
