//! The demo as people start it: it prints where it is, serves, proves a receipt over the network and
//! then offline, stops when told to, and is there again at once.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use kernel::Entropy as _;

/// A running demo, killed when dropped; and its folder, removed.
struct Demo {
    child: Child,
    url: String,
    said: Vec<String>,
}

impl Demo {
    fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quancheng"));
        command
            .args([
                "demo",
                "--scale",
                "town",
                "--listen",
                "127.0.0.1:0",
                "--data",
            ])
            .arg(data)
            .args(more);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            said.push(line.unwrap());
            if said.last().unwrap().contains("Ctrl-C") {
                break;
            }
        }
        let url = said
            .iter()
            .find_map(|line| line.trim().strip_prefix("http://"))
            .unwrap();
        Self {
            url: format!("http://{url}"),
            child,
            said,
        }
    }

    fn get(&self, path: &str) -> String {
        let answer = ureq::get(format!("{}{path}", self.url)).call();
        answer
            .unwrap_or_else(|error| panic!("{path}: {error}"))
            .body_mut()
            .read_to_string()
            .unwrap()
    }

    /// The code printed in the line that says `what`.
    fn code(&self, what: &str) -> String {
        let line = self.said.iter().find(|line| line.contains(what)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn folder() -> Folder {
    let mut name = [0u8; 8];
    kernel::OsEntropy.fill(&mut name);
    let path =
        std::env::temp_dir().join(format!("quancheng-demo-{:016x}", u64::from_le_bytes(name)));
    fs::create_dir_all(&path).unwrap();
    Folder(path)
}

fn verify(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_quancheng"))
        .args(["log", "verify"])
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn the_demo_serves_proves_and_comes_back() {
    let folder = folder();
    let data = folder.0.join("data");
    let demo = Demo::start(&data, &[]);
    for path in [
        "/",
        "/consultations",
        "/receipts",
        "/deputies",
        "/log",
        "/sign-in",
        "/components",
    ] {
        assert!(demo.get(path).contains("</html>"), "{path}");
    }
    let code = demo.code("written into the next version");
    let receipt = folder.0.join("receipt.json");
    fs::write(&receipt, demo.get(&format!("/receipts/{code}/file"))).unwrap();
    let (receipt, saved) = (
        receipt.display().to_string(),
        folder.0.join("saved").display().to_string(),
    );
    let key = demo.get("/log/key");
    let key = key.trim();
    verify(&[
        "--receipt",
        &receipt,
        "--url",
        &demo.url,
        "--key",
        key,
        "--save",
        &saved,
    ]);
    drop(demo);
    verify(&["--receipt", &receipt, "--tiles", &saved, "--key", key]);

    let again = Demo::start(&data, &["--rate-times", "50"]);
    let asked = ureq::get(format!("{}/api/v1/consultations", again.url)).call();
    assert_eq!(asked.unwrap().headers()["ratelimit-limit"], "30000");
    assert!(
        !again.said.iter().any(|line| line.contains("Making")),
        "{:?}",
        again.said
    );
    assert_eq!(again.code("written into the next version"), code);
    drop(again);

    fs::remove_file(data.join("demo.json")).unwrap();
    let anew = Demo::start(&data, &[]);
    assert!(
        anew.said.iter().any(|line| line.contains("Making")),
        "{:?}",
        anew.said
    );
    assert_eq!(
        anew.get("/log/key").trim(),
        key,
        "the same seed makes the same city"
    );
}
