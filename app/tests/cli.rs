//! The program as people run it: law texts, the configuration, and what it says when something is
//! wrong. What it does with the log is in `log.rs`.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::path::Path;

mod program;

use program::{Folder, quancheng, said};

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
