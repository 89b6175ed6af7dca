//! The program as people run it: law texts, receipts, the configuration, and what it says when
//! something is wrong.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kernel::Entropy as _;
use translog::{
    Checkpoint, Entry, Frontier, MatterLine, Opening, RECEIPT_FORMAT, Receipt, ReceiptStep, Salt,
    Signer, TileRef, inclusion_plan, leaf_hash, sign_checkpoint,
};

/// A folder of one test's own, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let mut name = [0u8; 8];
        kernel::OsEntropy.fill(&mut name);
        let path =
            std::env::temp_dir().join(format!("quancheng-cli-{:016x}", u64::from_le_bytes(name)));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
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

fn quancheng(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quancheng"))
        .args(args)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_law_is_shown_as_a_tree_and_as_json() {
    let law = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/demo/drafts/elevator-1.md");
    let law = law.display().to_string();
    let tree = quancheng(&["law", "parse", &law]);
    assert!(
        tree.status.success() && said(&tree).contains("art_22"),
        "{}",
        said(&tree)
    );
    let json = quancheng(&["law", "parse", &law, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), 0);
    let missing = quancheng(&["law", "parse", "no-such-law.md"]);
    assert!(
        !missing.status.success() && said(&missing).contains("no-such-law.md"),
        "{}",
        said(&missing)
    );
}

#[test]
fn a_file_that_is_no_text_is_refused_in_words() {
    let folder = Folder::new();
    let picture = folder.write("law.md", [0xff, 0xfe, 0x00, 0xd8, 0x00]);
    let refused = quancheng(&["law", "parse", &picture]);
    assert!(!refused.status.success());
    let broken = folder.write("law.docx", b"PK\x03\x04 no archive");
    let refused = quancheng(&["law", "parse", &broken]);
    assert!(
        !refused.status.success() && !said(&refused).contains("panicked"),
        "{}",
        said(&refused)
    );
}

/// A log of `others` foreign entries around the two steps of one opinion, as files.
struct SavedLog {
    receipt: Receipt,
    key: String,
    checkpoint: String,
    tile: (TileRef, Vec<u8>),
}

fn entry(matter: &str, step: u32, text: &str) -> (Vec<u8>, Opening) {
    let opening = Opening {
        text: text.to_owned(),
        salt: Salt([u8::try_from(step).unwrap(); 32]),
    };
    let entry = Entry {
        v: 1,
        matter: matter.to_owned(),
        kind: "opinion".to_owned(),
        step,
        move_name: if step == 1 { "submit" } else { "decide" }.to_owned(),
        role: if step == 1 { "resident" } else { "clerk" }.to_owned(),
        at: format!("2026-07-0{step}T01:00:00.000000Z"),
        commitment: opening.commitment(),
    };
    (entry.to_bytes().unwrap(), opening)
}

fn saved_log() -> SavedLog {
    let signer = Signer::new("test.example/log", [7; 32]).unwrap();
    let mine = [entry(MINE, 1, "建议夜里也能扔垃圾"), entry(MINE, 2, "采纳")];
    let mut entries: Vec<Vec<u8>> = (1..=9).map(|step| entry(OTHER, step, "…").0).collect();
    entries.insert(3, mine[0].0.clone());
    entries.insert(7, mine[1].0.clone());
    let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let mut frontier = Frontier::new();
    for leaf in &leaves {
        frontier.append(*leaf);
    }
    let size = frontier.size();
    let tile = TileRef::of(0, 0, size).unwrap();
    let bytes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
    let tiles = HashMap::from([(tile, bytes.clone())]);
    let checkpoint = Checkpoint {
        origin: signer.name().to_owned(),
        size,
        root: frontier.root(),
    };
    let checkpoint = sign_checkpoint(&checkpoint, &signer).unwrap();
    let step =
        |index: u64, at: &str, name: &str, role: &str, (entry, opening): (Vec<u8>, Opening)| {
            ReceiptStep {
                at: at.to_owned(),
                move_name: name.to_owned(),
                role: role.to_owned(),
                entry,
                index,
                inclusion: inclusion_plan(index, size).prove(&tiles).unwrap(),
                content: Some(opening),
            }
        };
    let [first, second] = mine;
    let receipt = Receipt {
        format: RECEIPT_FORMAT.to_owned(),
        origin: signer.name().to_owned(),
        code: "TEST".to_owned(),
        matter: MatterLine {
            kind: "opinion".to_owned(),
            number: None,
            title: None,
        },
        steps: vec![
            step(
                3,
                "2026-07-01T01:00:00.000000Z",
                "submit",
                "resident",
                first,
            ),
            step(7, "2026-07-02T01:00:00.000000Z", "decide", "clerk", second),
        ],
        checkpoint: checkpoint.clone(),
        log_key: signer.verifier_key(),
    };
    SavedLog {
        receipt,
        key: signer.verifier_key(),
        checkpoint,
        tile: (tile, bytes),
    }
}

const MINE: &str = "0197c5a0-0000-7000-8000-000000000001";
const OTHER: &str = "0197c5a0-0000-7000-8000-000000000002";

#[test]
fn a_receipt_is_proven_offline() {
    let (folder, log) = (Folder::new(), saved_log());
    let file = folder.write("receipt.json", log.receipt.to_json().unwrap());
    let alone = quancheng(&["log", "verify", "--receipt", &file, "--key", &log.key]);
    assert!(alone.status.success(), "{}", said(&alone));
    let without_key = quancheng(&["log", "verify", "--receipt", &file, "--lang", "en"]);
    assert!(
        without_key.status.success() && said(&without_key).contains("No --key"),
        "{}",
        said(&without_key)
    );

    folder.write("log/checkpoint", &log.checkpoint);
    let missing = quancheng(&[
        "log",
        "verify",
        "--receipt",
        &file,
        "--tiles",
        &folder.0.join("log").display().to_string(),
    ]);
    assert!(
        !missing.status.success() && said(&missing).contains("is missing"),
        "{}",
        said(&missing)
    );
    folder.write(&format!("log/{}", log.tile.0.path()), &log.tile.1);
    let tiles = folder.0.join("log").display().to_string();
    let saved = quancheng(&[
        "log",
        "verify",
        "--receipt",
        &file,
        "--tiles",
        &tiles,
        "--key",
        &log.key,
    ]);
    assert!(saved.status.success(), "{}", said(&saved));
}

#[test]
fn a_receipt_with_other_words_or_another_key_is_not_proven() {
    let (folder, log) = (Folder::new(), saved_log());
    let mut forged = log.receipt.clone();
    forged.steps[0].content = Some(Opening {
        text: "我什么也没说".into(),
        salt: Salt([1; 32]),
    });
    let forged = folder.write("forged.json", forged.to_json().unwrap());
    let refused = quancheng(&["log", "verify", "--receipt", &forged, "--key", &log.key]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains('✗'), "{}", said(&refused));

    let mine = folder.write("receipt.json", log.receipt.to_json().unwrap());
    let other = Signer::new("test.example/log", [8; 32])
        .unwrap()
        .verifier_key();
    assert_eq!(
        quancheng(&["log", "verify", "--receipt", &mine, "--key", &other])
            .status
            .code(),
        Some(1)
    );

    folder.write("log/checkpoint", &log.checkpoint);
    let mut tile = log.tile.1.clone();
    tile[40] ^= 1;
    folder.write(&format!("log/{}", log.tile.0.path()), tile);
    let tiles = folder.0.join("log").display().to_string();
    let refused = quancheng(&[
        "log",
        "verify",
        "--receipt",
        &mine,
        "--tiles",
        &tiles,
        "--key",
        &log.key,
    ]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
}

#[test]
fn the_configuration_explains_itself_and_its_faults() {
    let printed = quancheng(&["config", "print"]);
    assert!(printed.status.success() && said(&printed).contains("base_url"));
    let folder = Folder::new();
    let file = folder.write("quancheng.toml", "[database]\nurl = \"mysql://x\"\n");
    let refused = quancheng(&["doctor", "--config", &file]);
    assert!(
        !refused.status.success() && said(&refused).contains("database.url"),
        "{}",
        said(&refused)
    );
    let refused = quancheng(&["serve", "--config", "no-such.toml"]);
    assert!(
        !refused.status.success() && said(&refused).contains("no-such.toml"),
        "{}",
        said(&refused)
    );
}

#[test]
fn a_new_house_is_set_up_from_the_command_line() {
    let folder = Folder::new();
    let config = format!(
        "[data]\nfolder = {:?}\n",
        folder.0.join("data").display().to_string()
    );
    let config = folder.write("quancheng.toml", config);
    let with = |args: &[&str]| quancheng(&[args, &["--config", &config]].concat());
    fs::create_dir_all(folder.0.join("data")).unwrap();
    let migrated = with(&["migrate"]);
    assert!(migrated.status.success(), "{}", said(&migrated));
    let early = with(&["serve"]);
    assert!(
        !early.status.success() && said(&early).contains("congress create"),
        "{}",
        said(&early)
    );
    let congress = with(&[
        "congress",
        "create",
        "--code",
        "110000",
        "--since",
        "2023-01-15",
        "--seats",
        "770",
        "--term",
        "16",
    ]);
    assert!(
        congress.status.success() && said(&congress).contains("人民代表大会"),
        "{}",
        said(&congress)
    );
    let account = with(&["account", "create", "--login", "first", "--name", "管理员"]);
    assert!(
        account.status.success() && said(&account).contains("first password"),
        "{}",
        said(&account)
    );
    let twice = with(&["account", "create", "--login", "first", "--name", "管理员"]);
    assert!(
        !twice.status.success() && said(&twice).contains("login"),
        "{}",
        said(&twice)
    );
    let reset = with(&["account", "reset", "--login", "first", "--second-factor"]);
    assert!(reset.status.success(), "{}", said(&reset));
    let doctor = with(&["doctor"]);
    assert!(
        doctor.status.success() && !said(&doctor).contains('✗'),
        "{}",
        said(&doctor)
    );

    let saved = folder.0.join("saved.zip").display().to_string();
    let backup = with(&["backup", &saved]);
    assert!(backup.status.success(), "{}", said(&backup));
    let occupied = with(&["restore", &saved]);
    assert!(
        !occupied.status.success() && said(&occupied).contains("not empty"),
        "{}",
        said(&occupied)
    );
    let other = format!(
        "[data]\nfolder = {:?}\n",
        folder.0.join("other").display().to_string()
    );
    let other = folder.write("other.toml", other);
    let restored = quancheng(&["restore", &saved, "--config", &other]);
    assert!(restored.status.success(), "{}", said(&restored));
    let doctor = quancheng(&["doctor", "--config", &other]);
    assert!(doctor.status.success(), "{}", said(&doctor));
}
