//! The program as people run it: law texts, the configuration, and what it says when something is
//! wrong. What it does with the log is in `log.rs`.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{io::Write as _, path::Path};

mod program;

use program::{Folder, quancheng, said, start};

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

/// A Word file with one automatic number and one comment.
fn word() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let text = "<w:document><w:p><w:r><w:t>第一条　甲。</w:t><w:commentReference/></w:r></w:p></w:document>";
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file("word/document.xml", options).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn what_is_left_out_of_a_word_file_is_said_beside_the_tree() {
    let folder = Folder::new();
    let file = folder.write("LAW.DOCX", word());
    let read = quancheng(&["law", "parse", &file]);
    let (tree, notices) = (
        String::from_utf8_lossy(&read.stdout),
        String::from_utf8_lossy(&read.stderr),
    );
    assert!(read.status.success() && tree.contains("art_1") && !tree.contains("批注"));
    assert!(
        notices.contains("1条批注") && notices.contains("1 comments"),
        "{notices}"
    );
    let quiet = quancheng(&["law", "parse", "--quiet", &file]);
    assert_eq!((quiet.stdout, quiet.stderr), (read.stdout, Vec::new()));
}

#[test]
fn a_law_is_read_from_standard_input() {
    for (text, odd) in [
        ("第一条　甲。\n第三条　乙。\n".as_bytes().to_vec(), true),
        (word(), false),
    ] {
        let mut program = start(&["law", "parse", "-"]);
        program.stdin.take().unwrap().write_all(&text).unwrap();
        let read = program.wait_with_output().unwrap();
        assert!(
            read.status.success() && said(&read).contains("art_1"),
            "{}",
            said(&read)
        );
        assert_eq!(said(&read).contains("缺第二条"), odd);
    }
}

/// `quancheng law parse law.md | head -1` ends without a complaint.
#[test]
fn whoever_has_seen_enough_may_close_the_pipe() {
    let folder = Folder::new();
    let file = folder.write("law.md", "第一条　甲。\n".repeat(4_000));
    let mut program = start(&["law", "parse", "--quiet", &file]);
    drop(program.stdout.take());
    let ended = program.wait_with_output().unwrap();
    assert!(
        ended.status.success() && ended.stderr.is_empty(),
        "{}",
        said(&ended)
    );
}

#[test]
fn a_text_that_is_too_long_is_refused_and_the_exit_codes_stand_in_the_help() {
    let folder = Folder::new();
    let file = folder.write("law.md", "第一条　甲。\n".repeat(6_000));
    let refused = quancheng(&["law", "parse", &file]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty() && said(&refused).contains("条文太多"));
    assert_eq!(quancheng(&["law", "parse"]).status.code(), Some(2));
    let help = said(&quancheng(&["law", "parse", "--help"]));
    assert!(help.contains("0  读完 · read"), "{help}");
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
