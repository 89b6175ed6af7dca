//! `cargo xtask tidy`: house rules that no compiler checks. What it finds it names by file and line.

use crate::run::{output, root};
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Rust file longer than this is two files.
const MAX_LINES: usize = 800;

/// Marks of unfinished work, in pieces so that this file does not hold them.
const UNFINISHED: [&str; 4] = [
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("#[", "ignore"),
    concat!("FIX", "ME"),
];

/// Folders of one machine, in pieces likewise. The first two also when a word stands right before them.
const MACHINE: [&str; 4] = [
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
];

/// The check; an error lists every finding.
pub fn run() -> Result<()> {
    let files = tracked()?;
    let glossary = Glossary::read(&root().join("docs/glossary.md"))?;
    let mut findings = Vec::new();
    for file in &files {
        let Ok(text) = std::fs::read_to_string(root().join(file)) else {
            continue;
        };
        findings.extend(of_file(file, &text, &glossary));
    }
    findings.extend(arrows(&files)?);
    findings.extend(locales(&files)?);
    findings.extend(architecture()?);
    if !findings.is_empty() {
        bail!("not tidy:\n  {}", findings.join("\n  "));
    }
    println!("   {} files, all tidy", files.len());
    Ok(())
}

/// The files of the checkout that git knows, or would add.
fn tracked() -> Result<Vec<String>> {
    let listed = output(
        Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root()),
    )?;
    Ok(listed
        .split('\0')
        .filter(|file| !file.is_empty())
        .map(str::to_owned)
        .collect())
}

/// The files under a folder (or the file itself) with an extension, in order; none if there is no such folder.
pub fn files_under(path: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(if path.extension().is_some_and(|e| e == extension) {
            vec![path.to_owned()]
        } else {
            Vec::new()
        });
    }
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries = std::fs::read_dir(path)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries
        .iter()
        .map(|entry| files_under(entry, extension))
        .collect::<Result<Vec<_>>>()?
        .concat())
}

/// Everything wrong in one file.
fn of_file(file: &str, text: &str, glossary: &Glossary) -> Vec<String> {
    let mut findings = Vec::new();
    if file.ends_with(".rs") {
        findings.extend(rust(file, text));
    }
    findings.extend(lines_with(
        file,
        text,
        "names a folder of one machine",
        names_machine,
    ));
    findings.extend(glossary.synonyms(file, text));
    findings
}

fn rust(file: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    if !first.starts_with("//!") {
        findings.push(format!(
            "{file}:1: does not open with //! (what it is, its invariants, what it does not do)"
        ));
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        findings.push(format!(
            "{file}: {lines} lines, more than {MAX_LINES}: split it"
        ));
    }
    findings.extend(lines_with(file, text, "unfinished work", |line| {
        UNFINISHED.iter().any(|mark| line.contains(mark))
    }));
    findings
}

fn lines_with(file: &str, text: &str, what: &str, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| wrong(line))
        .map(|(at, line)| format!("{file}:{}: {what}: {}", at + 1, line.trim()))
        .collect()
}

/// A machine's folder, at the start of a path: `a.example/ho…me/` is an address, not a folder.
fn names_machine(line: &str) -> bool {
    let starts =
        |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_.}-".contains(c));
    MACHINE
        .iter()
        .any(|folder| line.match_indices(folder).any(|(at, _)| starts(at)))
}

/// The words not to use, from the last column of the tables in docs/glossary.md.
///
/// A plain word is banned where people read (locale files, templates, the user's and operator's books); one in backticks
/// in Rust and SQL too.
#[derive(Default)]
struct Glossary {
    /// Banned word, the term to use, whether in code too.
    banned: Vec<(String, String, bool)>,
}

impl Glossary {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let rows = text
            .lines()
            .filter(|line| line.starts_with("| ") && !line.starts_with("| English"));
        let mut banned = Vec::new();
        for row in rows {
            let cells = row
                .trim_matches('|')
                .split('|')
                .map(str::trim)
                .collect::<Vec<_>>();
            let [english, chinese, .., not] = cells[..] else {
                continue;
            };
            for word in not
                .split([',', '、'])
                .map(str::trim)
                .filter(|word| !word.is_empty() && *word != "–")
            {
                let code = word.starts_with('`');
                banned.push((
                    word.trim_matches('`').to_lowercase(),
                    format!("{english} {chinese}"),
                    code,
                ));
            }
        }
        Self { banned }
    }

    fn synonyms(&self, file: &str, text: &str) -> Vec<String> {
        let read = file.ends_with(".ftl")
            || file.ends_with(".html")
            || file.starts_with("docs/user/")
            || file.starts_with("docs/operator/");
        let code = file.ends_with(".rs") || file.ends_with(".sql");
        // This file and its neighbours name the words to check them.
        if !(read || code) || file.starts_with("xtask/") {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for (word, term, _) in self
            .banned
            .iter()
            .filter(|(_, _, in_code)| read || *in_code)
        {
            let what = format!("“{word}” is not our word, {term} is");
            findings.extend(lines_with(file, text, &what, |line| {
                let line = if file.ends_with(".md") {
                    prose(line)
                } else {
                    line.to_owned()
                };
                has_word(&line.to_lowercase(), word)
            }));
        }
        findings
    }
}

/// A line of Markdown without what stands in backticks: commands, headers and settings have names of their own.
fn prose(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// Whether a line holds a word: as a whole word in Latin script (a part of `snake_case` counts), anywhere in Chinese.
fn has_word(line: &str, word: &str) -> bool {
    let latin = word.is_ascii();
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let after = after.strip_prefix('s').unwrap_or(after);
        !latin
            || !(before.ends_with(|c: char| c.is_ascii_alphanumeric())
                || after.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

/// What the crates of each folder may stand on: arrows point one way.
const MAY_STAND_ON: [(&str, &[&str]); 3] = [
    ("engines", &[]),
    ("foundation", &["engines", "foundation"]),
    ("domains", &["engines", "foundation"]),
];

/// Crates that stand on others which they may not know.
fn arrows(files: &[String]) -> Result<Vec<String>> {
    let crates = files
        .iter()
        .filter_map(|file| file.strip_suffix("/Cargo.toml")?.split_once('/'))
        .collect::<Vec<_>>();
    let mut findings = Vec::new();
    for (folder, name) in &crates {
        let manifest = format!("{folder}/{name}/Cargo.toml");
        let text = std::fs::read_to_string(root().join(&manifest))?;
        let wrong = astray(folder, &text, &crates);
        findings.extend(wrong.map(|used| format!("{manifest}: may not stand on {used}")));
    }
    Ok(findings)
}

/// Those of the house's `crates` (folder, name) that a manifest in `folder` names and may not.
fn astray<'a>(
    folder: &str,
    manifest: &str,
    crates: &'a [(&str, &str)],
) -> impl Iterator<Item = &'a str> {
    let may = MAY_STAND_ON.iter().find(|(own, _)| *own == folder);
    let named = |name: &str| {
        manifest
            .lines()
            .any(|line| line.split(['.', ' ', '=']).next() == Some(name))
    };
    crates
        .iter()
        .filter(move |(other, name)| {
            may.is_some_and(|(_, may)| !may.contains(other)) && named(name)
        })
        .map(|(_, name)| *name)
}

/// Both languages of a crate must have the same keys.
fn locales(files: &[String]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for chinese in files.iter().filter(|file| file.ends_with("zh-CN.ftl")) {
        let english = chinese.replace("zh-CN.ftl", "en.ftl");
        let zh = keys(&std::fs::read_to_string(root().join(chinese))?);
        let en = keys(&std::fs::read_to_string(root().join(&english)).unwrap_or_default());
        findings.extend(
            zh.difference(&en)
                .map(|key| format!("{english}: lacks {key}")),
        );
        findings.extend(
            en.difference(&zh)
                .map(|key| format!("{chinese}: lacks {key}")),
        );
    }
    Ok(findings)
}

/// The message and attribute keys of a Fluent file (`message`, `-term`, `message.attribute`).
fn keys(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut message = String::new();
    for line in text.lines() {
        let Some((key, _)) = line.split_once('=') else {
            continue;
        };
        let key = key.trim_end();
        let named = |key: &str| {
            !key.is_empty()
                && key
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        if named(key) {
            message = key.to_owned();
            keys.insert(message.clone());
        } else if let Some(attribute) = key
            .trim_start()
            .strip_prefix('.')
            .filter(|attribute| named(attribute))
        {
            keys.insert(format!("{message}.{attribute}"));
        }
    }
    keys
}

/// Every path that ARCHITECTURE.md names in backticks must be there, and after `#` what its file defines.
fn architecture() -> Result<Vec<String>> {
    let Ok(text) = std::fs::read_to_string(root().join("ARCHITECTURE.md")) else {
        return Ok(Vec::new());
    };
    let missing = places_named(&text)
        .into_iter()
        .filter(|(path, item)| !is_there(path, item));
    Ok(missing
        .map(|(path, item)| format!("ARCHITECTURE.md: names {path} {item}, which is not there"))
        .collect())
}

fn is_there(path: &str, item: &str) -> bool {
    let place = root().join(path);
    if item.is_empty() {
        return place.exists();
    }
    std::fs::read_to_string(place).is_ok_and(|text| defines(&text, item))
}

/// Whether Rust text defines a function, type or constant of this name.
fn defines(text: &str, item: &str) -> bool {
    ["fn", "const", "struct", "enum", "trait"]
        .map(|kind| format!("{kind} {item}"))
        .iter()
        .any(|wanted| {
            text.match_indices(wanted).any(|(at, _)| {
                !text[at + wanted.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        })
}

/// What stands in backticks and looks like a path of this checkout, a known top folder first; with what is named after `#`.
fn places_named(text: &str) -> BTreeSet<(String, String)> {
    const TOPS: [&str; 10] = [
        "app/",
        "domains/",
        "engines/",
        "foundation/",
        "data/",
        "e2e/",
        "bench/",
        "docs/",
        "xtask/",
        ".ci/",
    ];
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|word| TOPS.iter().any(|top| word.starts_with(top)))
        .filter(|word| !word.contains(['*', '{', '<', ' ', '…', '$']))
        .map(|word| word.split_once('#').unwrap_or((word, "")))
        .map(|(path, item)| (path.to_owned(), item.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rust_file_opens_with_its_story_and_is_short() {
        assert!(rust("a.rs", "//! What it is.\nfn f() {}\n").is_empty());
        assert_eq!(rust("a.rs", "fn f() {}\n").len(), 1);
        assert_eq!(
            rust("a.rs", &format!("//! Long.\n{}", "\n".repeat(MAX_LINES))).len(),
            1
        );
        assert_eq!(
            rust(
                "a.rs",
                &format!("//! Not done.\nfn f() {{ {}) }}\n", UNFINISHED[0])
            )
            .len(),
            1
        );
    }

    #[test]
    fn folders_of_a_machine_are_found_and_addresses_are_not() {
        assert!(names_machine(&format!("see {}me/file", MACHINE[0])));
        assert!(!names_machine(&format!(
            "https://a.example{}page",
            MACHINE[1]
        )));
    }

    #[test]
    fn banned_words_are_found_where_they_count() {
        let glossary = Glossary::parse(
            "| English | 中文 | Meaning | Not |\n|---|---|---|---|\n| opinion | 意见 | What a person says | feedback, `remark`, 建言 |\n| vote | 表决 | – | – |\n",
        );
        assert_eq!(
            glossary
                .synonyms("a/templates/p.html", "<p>Your feedbacks</p>\n建言献策")
                .len(),
            2
        );
        assert_eq!(
            glossary
                .synonyms("a/src/p.rs", "let feedback = remark_id;")
                .len(),
            1
        );
        assert!(glossary.synonyms("a/src/p.rs", "remarkable").is_empty());
        let book = |text| glossary.synonyms("docs/user/p.md", text).len();
        assert_eq!((book("the feedback"), book("run `feedback`")), (1, 0));
    }

    #[test]
    fn arrows_point_one_way() {
        let crates = [
            ("domains", "people"),
            ("engines", "lawtext"),
            ("foundation", "web"),
        ];
        let of = |folder, manifest| astray(folder, manifest, &crates).collect::<Vec<_>>();
        let all = "people.workspace = true\nlawtext.workspace = true\nweb = { path = \"x\" }\nweb-sys = \"1\"";
        assert_eq!(of("engines", all), ["people", "lawtext", "web"]);
        assert_eq!(of("foundation", all), ["people"]);
        assert_eq!(of("domains", all), ["people"]);
        assert!(of("bench", all).is_empty());
        assert!(arrows(&tracked().unwrap()).unwrap().is_empty());
    }

    #[test]
    fn locale_keys_are_messages_terms_and_attributes() {
        let found = keys(
            "# a = b\none = 1 = 1\n  .label = L\n-brand = 全程\nlong =\n    text with x = y\n",
        );
        assert_eq!(
            Vec::from_iter(found),
            ["-brand", "long", "one", "one.label"]
        );
    }

    #[test]
    fn what_stands_in_backticks_must_be_there() {
        let named = places_named("`xtask/src/tidy.rs#run`, `domains/*` and `cargo demo`");
        let [(path, item)] = Vec::from_iter(named).try_into().unwrap();
        assert_eq!((&*path, &*item), ("xtask/src/tidy.rs", "run"));
        assert!(is_there(&path, &item) && is_there(&path, ""));
        assert!(!is_there(&path, "ru") && !is_there("xtask/src/untidy.rs", ""));
    }
}
