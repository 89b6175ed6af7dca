//! The demo as people start it: it prints where it is, serves, proves a receipt over the network and
//! then offline, stops when told to, and is there again at once.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod program;
#[path = "../../engines/translog/tests/second/mod.rs"]
mod second;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use program::{Folder, quancheng, said};

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

/// Runs `quancheng log`; what it printed, when it proved what it was asked to.
fn log(args: &[&str]) -> String {
    let output = quancheng(&[&["log"], args].concat());
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

#[test]
fn the_demo_serves_proves_and_comes_back() {
    let folder = Folder::new();
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
    let json = demo.get(&format!("/receipts/{code}/file"));
    let receipt = folder.write("receipt.json", &json);
    let copy = folder.0.join("copy");
    let kept = copy.display().to_string();
    let key = demo.get("/log/key");
    let key = key.trim();
    let online = log(&["verify", "--url", &demo.url, "--receipt", &receipt]);
    assert!(online.contains("写入新版本。记在日志第"), "{online}");
    log(&["mirror", "--url", &demo.url, "--dir", &kept, "--key", key]);
    drop(demo);
    log(&[
        "verify",
        "--receipt",
        &receipt,
        "--tiles",
        &kept,
        "--key",
        key,
    ]);

    // Somebody else's verifier finds the same, in the receipt and in everything that was served.
    assert!(second::receipt(&json, key));
    let read = |name: &str| fs::read(copy.join(name)).ok();
    let note = String::from_utf8(read("checkpoint").unwrap()).unwrap();
    let entries = second::log(&note, key, read).unwrap();
    assert!(entries.len() > 1_000);
    assert!(entries.iter().all(|entry| second::entry(entry).is_some()));

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
