//! The real laws, where the shared data is.

use std::{
    fs,
    path::{Path, PathBuf},
};

const LAWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/laws");

/// The laws' folder, or `None` with a line that says what was left out.
pub fn laws(left_out: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(LAWS);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("left out: {left_out}: the shared laws are not here");
    None
}

/// Every Markdown file under `folder`, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder of laws")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|kind| kind == "md") {
            found.push(path);
        }
    }
    found
}
