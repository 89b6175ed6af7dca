//! `quancheng log` as people run it, against a server on this machine that publishes a log: one that grows, one that
//! was rewritten, one that was rolled back, one that lacks files.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "../../engines/translog/tests/common/mod.rs"]
mod common;
mod program;
#[path = "../../engines/translog/tests/second/mod.rs"]
mod second;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Output,
    sync::{Arc, Mutex},
    thread,
};

use common::{Log, opening, receipt_and_log, reprove, signer};
use program::{Folder, quancheng, said};
use translog::{Receipt, Signer};

/// What a server publishes below `/log/`, and what it was asked for.
#[derive(Default)]
struct Published {
    files: BTreeMap<String, Vec<u8>>,
    asked: Vec<String>,
    /// How many requests are told to come back later.
    busy: u32,
}

/// A server on the loopback. It lives as long as the test's process.
struct Server {
    url: String,
    published: Arc<Mutex<Published>>,
}

impl Server {
    fn publishing(log: &Log) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let published = Arc::new(Mutex::new(Published::default()));
        let served = Arc::clone(&published);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = answer(&stream.unwrap(), &served);
            }
        });
        let server = Self { url, published };
        server.publish(log);
        server
    }

    fn publish(&self, log: &Log) {
        self.change(|published| published.files = log.files());
    }

    fn change(&self, change: impl FnOnce(&mut Published)) {
        change(&mut self.published.lock().unwrap());
    }

    /// What was asked for since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.published.lock().unwrap().asked)
    }
}

fn answer(mut stream: &TcpStream, published: &Mutex<Published>) -> std::io::Result<()> {
    let lines = BufReader::new(stream).lines();
    let head: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let path = head[0].split(' ').nth(1).unwrap().to_owned();
    let mut published = published.lock().unwrap();
    published.asked.push(path.clone());
    let found = path
        .strip_prefix("/log/")
        .and_then(|path| published.files.get(path));
    let (status, body) = match found {
        _ if published.busy > 0 => ("429 Too Many Requests\r\nRetry-After: 0", &[][..]),
        Some(body) => ("200 OK", &body[..]),
        None => ("404 Not Found", &[][..]),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)?;
    published.busy = published.busy.saturating_sub(1);
    Ok(())
}

/// A receipt in a file, the log that it is from, and a folder for a copy of that log.
struct Holder {
    folder: Folder,
    receipt: Receipt,
    log: Log,
    file: String,
    copy: String,
}

impl Holder {
    fn new() -> Self {
        let (folder, (receipt, log)) = (Folder::new(), receipt_and_log());
        let file = folder.write("receipt.json", receipt.to_json().unwrap());
        let copy = folder.0.join("copy").display().to_string();
        Self {
            folder,
            receipt,
            log,
            file,
            copy,
        }
    }

    /// Saves a changed receipt; gives its file.
    fn save(&self, name: &str, change: impl FnOnce(&mut Receipt)) -> String {
        let mut receipt = self.receipt.clone();
        change(&mut receipt);
        self.folder.write(name, receipt.to_json().unwrap())
    }

    fn grow(&mut self, to: u64) {
        grow(&mut self.log, to);
    }

    fn verify(&self, args: &[&str]) -> (i32, String) {
        let verify = ["log", "verify", "--receipt", &self.file];
        done(&quancheng(&[&verify, args].concat()))
    }

    fn mirror(&self, server: &Server) -> (i32, String) {
        let (url, key) = (&server.url, signer().verifier_key());
        done(&quancheng(&[
            "log", "mirror", "--url", url, "--dir", &self.copy, "--key", &key,
        ]))
    }

    /// A file of the copy.
    fn kept(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(Path::new(&self.copy).join(name)).ok()
    }

    /// The copy holds exactly what is published, apart from the key.
    fn assert_copy_of(&self, log: &Log) {
        let mut published = log.files();
        published.remove("key");
        let mut kept = BTreeMap::new();
        let mut folders = vec![Path::new(&self.copy).to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&self.copy).unwrap();
                    kept.insert(name.display().to_string(), fs::read(&path).unwrap());
                }
            }
        }
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&kept), names(&published));
        assert!(kept == published, "other bytes");
    }
}

fn grow(log: &mut Log, to: u64) {
    for filler in log.frontier.size()..to {
        log.append(&filler.to_le_bytes());
    }
}

/// The same log with another entry at `index`.
fn rewritten(log: &Log, index: usize) -> Log {
    let mut other = Log::default();
    for (place, entry) in log.entries.iter().enumerate() {
        other.append(if place == index { b"another" } else { entry });
    }
    other
}

fn done(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), said(output))
}

/// It ended with this code, and said this.
fn assert_said((code, said): &(i32, String), expected: i32, words: &[&str]) {
    assert_eq!(*code, expected, "{said}");
    for word in words {
        assert!(said.contains(word), "no “{word}” in:\n{said}");
    }
}

#[test]
fn a_resident_sees_what_is_proven_what_was_said_and_what_is_not_proven() {
    let mut holder = Holder::new();
    holder.grow(700);
    let server = Server::publishing(&holder.log);
    let zh = holder.verify(&["--url", &server.url]);
    let told = [
        "✓ 签名有效：这张回执制作时，日志“qiming.example/log”的检查点有 313 条",
        "✓ 第 1 步：2026年3月5日 09:02（北京时间），居民，收到这条意见。记在日志第 251 条。",
        "    原文：路口太暗，\n      希望加装路灯。\n    条文：第十二条\n    态度：建议修改\n    来源：网上提出\n",
        "✓ 第 2 步：2026年3月5日 09:02（北京时间），工作人员，隐去原话。",
        "    处理决定：部分采纳\n    理由：写入第十三条。\n    写入条文：第十三条\n    此后：已答复\n",
        "✓ 以上 3 步属于同一事项，从第 1 步起编号连续，中间没有缺漏。",
        "✓ 日志从 313 条到 700 条，只增未改。",
        "! 第 2 步说了什么，回执里没有写，没有核对。",
        "! 回执签名时日志有 313 条；此后的步骤不在回执里。",
        "! 回执码、编号和标题写在回执上，日志不作证明。",
        "! 没有给出公钥",
    ];
    assert_said(&zh, 0, &told);
    let key = signer().verifier_key();
    let en = holder.verify(&["--url", &server.url, "--key", &key, "--lang", "en"]);
    let told = [
        "✓ Step 1: 5 March 2026 09:02 (Beijing time), Resident, Opinion received. It is entry 251 of the log.",
        "    Provision: Article 12\n    Stance: Suggest a change\n",
        "✓ From 313 to 700 entries, the log was only added to.",
        "! When the receipt was signed the log had 313 entries; later steps are not in the receipt.",
    ];
    assert_said(&en, 0, &told);
    assert!(!en.1.contains("No --key"), "{}", en.1);
}

#[test]
fn every_receipt_is_proven_offline_from_one_copy_of_the_log() {
    let mut holder = Holder::new();
    let server = Server::publishing(&holder.log);
    let (copy, key) = (holder.copy.clone(), signer().verifier_key());
    assert_said(&holder.mirror(&server), 0, &["共 313 条，新增 313 条"]);
    holder.assert_copy_of(&holder.log);
    // A later receipt of the same matter, at a size at which the partial tiles of the first are outgrown.
    holder.grow(600);
    let mut later = holder.receipt.clone();
    reprove(&mut later, &holder.log);
    let later = holder.folder.write("later.json", later.to_json().unwrap());
    server.publish(&holder.log);
    assert_said(&holder.mirror(&server), 0, &["新增 287 条", "只增未改"]);
    holder.grow(1_100);
    server.publish(&holder.log);
    server.asked();
    assert_said(&holder.mirror(&server), 0, &["共 1,100 条"]);
    let asked = server.asked();
    let again = |path: &str| asked.iter().any(|asked| asked == path);
    assert!(
        !again("/log/tile/entries/000") && !again("/log/tile/0/000"),
        "{asked:?}"
    );
    holder.assert_copy_of(&holder.log);
    server.change(|published| published.files.clear());
    for file in [&holder.file, &later] {
        let args = [
            "log",
            "verify",
            "--tiles",
            &copy,
            "--key",
            &key,
            "--receipt",
            file,
        ];
        assert_said(
            &done(&quancheng(&args)),
            0,
            &["到 1,100 条，只增未改", "每一步仍在原处"],
        );
    }
    let note = String::from_utf8(holder.kept("checkpoint").unwrap()).unwrap();
    let entries = second::log(&note, &key, |path| holder.kept(path)).unwrap();
    assert_eq!(
        entries, holder.log.entries,
        "the second verifier reads the copy"
    );
    server.publish(&holder.log);
    assert_said(&holder.mirror(&server), 0, &["新增 0 条", "没有改动"]);
}

#[test]
fn a_rewritten_log_is_called_that_and_the_evidence_is_kept() {
    let mut holder = Holder::new();
    let server = Server::publishing(&holder.log);
    assert_eq!(holder.mirror(&server).0, 0);
    let before = holder.log.clone();
    // Every step of the receipt is still in it; entry 7 is not.
    let mut fork = rewritten(&holder.log, 7);
    grow(&mut fork, 400);
    server.publish(&fork);
    let told = "日志被改写过";
    assert_said(&holder.verify(&["--url", &server.url]), 1, &["✗", told]);
    let mirrored = holder.mirror(&server);
    assert_said(
        &mirrored,
        1,
        &[told, "checkpoint.conflict", "这是证据", "400 条"],
    );
    let evidence = holder.kept("checkpoint.conflict").unwrap();
    assert_eq!(evidence, fork.note(&signer()).into_bytes());
    assert_said(&holder.verify(&["--tiles", &holder.copy]), 0, &[]);
    fs::remove_file(Path::new(&holder.copy).join("checkpoint.conflict")).unwrap();
    holder.assert_copy_of(&before);

    // The same on saved files that somebody exchanged.
    let exchanged = holder.folder.0.join("exchanged").display().to_string();
    for (name, bytes) in fork.files() {
        holder.folder.write(&format!("exchanged/{name}"), bytes);
    }
    let offline = holder.verify(&["--tiles", &exchanged]);
    assert_said(&offline, 1, &[told]);

    // A fork of the same size; then the log comes back, and the evidence stays.
    server.publish(&rewritten(&before, 9));
    assert_said(&holder.mirror(&server), 1, &[told]);
    let first = holder.kept("checkpoint.conflict").unwrap();
    server.publish(&fork);
    assert_eq!(holder.mirror(&server).0, 1);
    assert_eq!(holder.kept("checkpoint.conflict").unwrap(), first);
    holder.grow(450);
    server.publish(&holder.log);
    assert_said(&holder.mirror(&server), 0, &["! 以前遇到过"]);
}

#[test]
fn a_log_that_was_rolled_back_is_called_that_and_an_old_copy_only_old() {
    let mut holder = Holder::new();
    let server = Server::publishing(&holder.log);
    assert_eq!(holder.mirror(&server).0, 0);
    let mut short = Log::default();
    for entry in &holder.log.entries[..300] {
        short.append(entry);
    }
    server.publish(&short);
    let told = "日志变少了：原有 313 条，现在 300 条。";
    assert_said(&holder.verify(&["--url", &server.url]), 1, &[told]);
    assert_said(&holder.mirror(&server), 1, &[told, "checkpoint.conflict"]);
    assert_eq!(
        holder.kept("checkpoint").unwrap(),
        holder.log.note(&signer()).into_bytes()
    );

    holder.grow(500);
    let later = holder.save("receipt.json", |receipt| reprove(receipt, &holder.log));
    assert_eq!(later, holder.file);
    let old = holder.verify(&["--tiles", &holder.copy]);
    assert_said(
        &old,
        3,
        &["存好的日志只有 313 条，比回执还旧（签名时已有 500 条）"],
    );
}

#[test]
fn a_log_may_drop_its_partial_tiles_once_they_are_full() {
    let mut holder = Holder::new();
    let server = Server::publishing(&holder.log);
    holder.grow(512);
    let full = holder.log.files();
    server.change(|published| {
        published.files.retain(|name, _| !name.contains("/001.p/"));
        let kept = full.into_iter().filter(|(name, _)| name.ends_with("/001"));
        published.files.extend(kept);
    });
    assert_said(
        &holder.verify(&["--url", &server.url]),
        0,
        &["日志还是 313 条"],
    );
    assert_said(&holder.mirror(&server), 0, &["共 313 条"]);
    holder.assert_copy_of(&receipt_and_log().1);
}

#[test]
fn a_copy_that_was_cut_short_is_taken_up_again() {
    let mut holder = Holder::new();
    holder.grow(1_000);
    let server = Server::publishing(&holder.log);
    server.change(|published| drop(published.files.remove("tile/entries/002")));
    let cut = holder.mirror(&server);
    assert_said(&cut, 3, &["网站上没有", "tile/entries/002"]);
    assert_eq!(holder.kept("checkpoint"), None);
    assert!(holder.kept("tile/entries/001").is_some());
    server.publish(&holder.log);
    server.asked();
    assert_eq!(holder.mirror(&server).0, 0);
    let asked = server.asked();
    assert!(
        !asked.contains(&"/log/tile/entries/001".to_owned()),
        "{asked:?}"
    );
    holder.assert_copy_of(&holder.log);
}

#[test]
fn files_that_do_not_belong_to_the_log_are_not_kept() {
    let mut holder = Holder::new();
    holder.grow(700);
    let server = Server::publishing(&holder.log);
    let spoil = |name: &str, at: usize| {
        server.publish(&holder.log);
        server.change(|published| published.files.get_mut(name).unwrap()[at] ^= 1);
        let refused = holder.mirror(&server);
        assert_eq!(refused.0, 1, "{name}: {}", refused.1);
        assert_eq!(holder.kept("checkpoint"), None);
        assert_eq!(holder.kept("checkpoint.conflict"), None, "{name}");
        refused.1
    };
    assert!(spoil("tile/entries/001", 10).contains("不是日志登记的条目"));
    assert!(spoil("tile/0/001", 40).contains("与上一层对不上"));
    assert!(spoil("tile/0/002.p/188", 40).contains("树根不一致"));
    assert!(spoil("tile/1/000.p/2", 40).contains("树根不一致"));
    assert!(spoil("checkpoint", 30).contains("检查点有问题"));
    server.publish(&holder.log);
    server.change(|published| {
        published
            .files
            .get_mut("tile/0/001")
            .unwrap()
            .truncate(8_191)
    });
    assert_said(&holder.mirror(&server), 1, &["8191 字节，应为 8192 字节"]);
}

#[test]
fn a_folder_with_another_log_is_left_alone() {
    let holder = Holder::new();
    let server = Server::publishing(&holder.log);
    let other = Signer::new(common::ORIGIN, [8; 32]).unwrap();
    let theirs = holder.log.note(&other);
    holder.folder.write("copy/checkpoint", &theirs);
    assert_said(&holder.mirror(&server), 3, &["另一本日志"]);
    assert_eq!(holder.kept("checkpoint").unwrap(), theirs.into_bytes());
    // Under their own key the log as it is served is not theirs.
    let key = other.verifier_key();
    let args = [
        "log",
        "mirror",
        "--url",
        &server.url,
        "--dir",
        &holder.copy,
        "--key",
        &key,
    ];
    assert_said(&done(&quancheng(&args)), 1, &["没有您信任的公钥的签名"]);
}

#[test]
fn what_is_not_proven_is_named_and_nothing_is_fetched_for_it() {
    let holder = Holder::new();
    let server = Server::publishing(&holder.log);
    let key = signer().verifier_key();
    let refused = |file: &str, told: &str| {
        let args = [
            "log",
            "verify",
            "--url",
            &server.url,
            "--key",
            &key,
            "--receipt",
            file,
        ];
        assert_said(&done(&quancheng(&args)), 1, &["✗", told]);
        assert_eq!(server.asked(), Vec::<String>::new(), "{told}");
    };
    let words = holder.save("words.json", |receipt| {
        receipt.steps[0].content = Some(opening("别的话"))
    });
    refused(&words, "第 1 步的文字与日志登记的不一致");
    let gap = holder.save("gap.json", |receipt| drop(receipt.steps.remove(1)));
    refused(&gap, "中间缺了步骤");
    let time = holder.save("time.json", |receipt| {
        receipt.steps[1].at.replace_range(5..7, "04")
    });
    refused(&time, "第 2 步所写与日志条目不一致（时间）");
    let many = holder.save("many.json", |receipt| {
        receipt.steps = vec![receipt.steps[0].clone(); 1_001]
    });
    refused(&many, "超过 1,000 步");
    let long = holder.folder.write("long.json", " ".repeat((4 << 20) + 1));
    refused(&long, "超过 4 MiB");
    let bytes = holder.folder.write("bytes.json", [0xff, 0xfe]);
    refused(&bytes, "不是文本文件");
    let text = holder.folder.write("text.json", "{\n  \"format\": 1");
    refused(&text, "从第 2 行第");
    let opinion = holder.receipt.to_json().unwrap();
    let opinion = opinion.replacen('{', "{\"opinion\":{\"text\":\"\",\"salt\":\"\"},", 1);
    let opinion = holder.folder.write("opinion.json", opinion);
    refused(&opinion, "读不成回执");

    let other = Signer::new(common::ORIGIN, [8; 32]).unwrap().verifier_key();
    let foreign = holder.verify(&["--key", &other]);
    assert_said(&foreign, 1, &["不是您信任的公钥"]);
}

#[test]
fn what_could_not_be_checked_is_told_apart_from_what_is_not_proven() {
    let holder = Holder::new();
    let server = Server::publishing(&holder.log);
    let missing = quancheng(&[
        "log",
        "verify",
        "--url",
        &server.url,
        "--receipt",
        "no-such.json",
    ]);
    assert_said(&done(&missing), 3, &["? 缺少文件 no-such.json。"]);
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = format!("http://{nobody}");
    assert_said(&holder.verify(&["--url", &nobody]), 3, &["连不上这个网站"]);
    assert_said(
        &holder.verify(&["--url", "rd.example.org"]),
        3,
        &["应以 https:// 开头"],
    );
    let nothing = holder.verify(&["--tiles", "no-such-folder"]);
    assert_said(&nothing, 3, &["缺少文件 no-such-folder/checkpoint。"]);

    assert_eq!(holder.mirror(&server).0, 0);
    fs::remove_file(Path::new(&holder.copy).join("tile/0/001.p/57")).unwrap();
    let hole = holder.verify(&["--tiles", &holder.copy, "--lang", "en"]);
    assert_said(&hole, 3, &["tile/0/001.p/57 is missing"]);
    server.change(|published| published.files.get_mut("tile/0/000").unwrap().push(0));
    let long = holder.verify(&["--url", &server.url]);
    assert_said(&long, 3, &["太长"]);
    server.change(|published| drop(published.files.remove("checkpoint")));
    let none = holder.verify(&["--url", &server.url]);
    assert_said(&none, 3, &["网站上没有", "/log/checkpoint"]);

    // A receipt alone names its own key: that proves nothing, so it is not begun.
    assert_eq!(holder.verify(&[]).0, 2);
    assert_eq!(holder.verify(&["--key", "no key"]).0, 2);
    let key = signer().verifier_key();
    assert_said(
        &holder.verify(&["--key", &key]),
        0,
        &["! 回执签名时日志有 313 条"],
    );
}

#[test]
fn a_busy_server_is_asked_again() {
    let holder = Holder::new();
    let server = Server::publishing(&holder.log);
    server.change(|published| published.busy = 3);
    assert_said(&holder.verify(&["--url", &server.url]), 0, &[]);
    assert_eq!(server.asked()[..4], vec!["/log/checkpoint"; 4]);
    server.change(|published| published.busy = 1_000);
    assert_said(&holder.verify(&["--url", &server.url]), 3, &["状态 429"]);
}

#[test]
fn words_in_a_receipt_cannot_rewrite_the_terminal() {
    let (folder, (mut receipt, mut log)) = (Folder::new(), receipt_and_log());
    let text = "正常\u{1b}[2J\u{1b}[H✓ 假的\u{202e}反的";
    let mut mine = common::entry(1, text);
    mine.matter = "01980000-0000-7000-8000-000000000009".to_owned();
    receipt.steps.truncate(1);
    receipt.steps[0].entry = mine.to_bytes().unwrap();
    receipt.steps[0].content = Some(opening(text));
    receipt.steps[0].index = log.append(&receipt.steps[0].entry);
    reprove(&mut receipt, &log);
    let file = folder.write("receipt.json", receipt.to_json().unwrap());
    let key = signer().verifier_key();
    let found = done(&quancheng(&[
        "log",
        "verify",
        "--receipt",
        &file,
        "--key",
        &key,
    ]));
    assert_said(
        &found,
        0,
        &["    正常\u{fffd}[2J\u{fffd}[H✓ 假的\u{fffd}反的\n"],
    );
}

#[test]
fn the_exit_codes_stand_in_the_help() {
    for command in ["verify", "mirror"] {
        let help = done(&quancheng(&["log", command, "--help"]));
        assert_said(
            &help,
            0,
            &["0  成立 · proven", "1  不成立", "3  没有核对成"],
        );
    }
}
