//! Every real law in the shared data: printed back exactly, and its provisions counted as
//! `tests/laws.txt` says. That file names each law with its counts, what is odd in it, where a
//! second, simpler reading counts otherwise, and why. `LAWTEXT_UPDATE=1` writes it anew and keeps
//! the reasons: look at the difference before keeping it. `--nocapture` shows the totals.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

mod shared;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write as _,
    fs,
    path::Path,
    time::Instant,
};

use lawtext::{Diagnostic, Document, Kind, Parsed, parse, print};

const EXPECTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/laws.txt");

const COUNTED: [Kind; 9] = [
    Kind::Article,
    Kind::Part,
    Kind::Subpart,
    Kind::Chapter,
    Kind::Section,
    Kind::Paragraph,
    Kind::Point,
    Kind::Indent,
    Kind::Quoted,
];

fn counts(document: &Document) -> HashMap<Kind, usize> {
    let mut counts = HashMap::new();
    for node in document.walk() {
        *counts.entry(node.kind).or_default() += 1;
    }
    counts
}

/// The second reading knows nothing of contexts: lines that open with 第X条 and a space, headings
/// 第X章 and list marks. In this order: 条, all groups, all list marks.
fn second_reading(source: &str) -> [usize; 3] {
    let mut found = [0; 3];
    for line in source.lines() {
        let heading = line.trim_start_matches('#').trim_start();
        if numbered(line, &["条"]) {
            found[0] += 1;
        } else if numbered(heading, &["分编", "编", "章", "节"]) {
            found[1] += 1;
        }
        found[2] += usize::from(is_listed(heading) || is_listed(after_number(line)));
    }
    found
}

fn numeral(c: char) -> bool {
    "零〇一二三四五六七八九十百千".contains(c)
}

/// 第, numerals, one of `units`, perhaps 之 and numerals, and a space or the end.
fn numbered(line: &str, units: &[&str]) -> bool {
    let Some(rest) = line.strip_prefix('第') else {
        return false;
    };
    let rest = rest.trim_start_matches(numeral);
    let Some(rest) = units.iter().find_map(|unit| rest.strip_prefix(unit)) else {
        return false;
    };
    let rest = rest
        .strip_prefix('之')
        .map_or(rest, |branch| branch.trim_start_matches(numeral));
    rest.is_empty() || rest.starts_with(char::is_whitespace)
}

/// What stands after 第X条 and a space.
fn after_number(line: &str) -> &str {
    let words = line
        .split_once(char::is_whitespace)
        .map_or("", |(_, words)| words);
    if numbered(line, &["条"]) { words } else { "" }
}

fn is_listed(text: &str) -> bool {
    let bracketed = text.strip_prefix(['（', '(']).is_some_and(|rest| {
        let tail = rest.trim_start_matches(|c: char| numeral(c) || c.is_ascii_digit());
        tail.len() < rest.len() && tail.starts_with(['）', ')'])
    });
    let tail = text.trim_start_matches(numeral);
    let pointed = tail.len() < text.len() && tail.starts_with('、');
    let figures = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let dotted = figures.len() < text.len() && figures.starts_with(['.', '．', '、']);
    bracketed || pointed || dotted || text.starts_with(|c| ('①'..='⑳').contains(&c))
}

/// What `laws.txt` says of one text, without the reason.
fn entry(name: &str, source: &str, parsed: &Parsed) -> String {
    let counts = counts(&parsed.document);
    let of = |kinds: &[Kind]| -> usize {
        kinds
            .iter()
            .map(|kind| counts.get(kind).copied().unwrap_or(0))
            .sum()
    };
    let mut out = name.to_owned();
    for kind in COUNTED.into_iter().filter(|kind| of(&[*kind]) > 0) {
        write!(out, " {} {}", kind.zh(), of(&[kind])).unwrap();
    }
    out.push('\n');
    let ours = [
        of(&[Kind::Article]),
        of(&[Kind::Part, Kind::Subpart, Kind::Chapter, Kind::Section])
            - unnumbered(&parsed.document),
        of(&[Kind::Point, Kind::Indent]),
    ];
    for ((ours, theirs), what) in
        ours.into_iter()
            .zip(second_reading(source))
            .zip(["条", "编章节", "项目"])
    {
        if ours != theirs {
            writeln!(out, "    ? {what} {theirs}").unwrap();
        }
    }
    for found in &parsed.diagnostics {
        writeln!(out, "    ! {}", shown(found)).unwrap();
    }
    out
}

/// 附则 and other headings without a number.
fn unnumbered(document: &Document) -> usize {
    let plain = |node: &&lawtext::Node| node.kind.is_group() && node.number.is_none();
    document.walk().filter(plain).count()
}

fn shown(found: &Diagnostic) -> String {
    let code = serde_json::to_value(found.code).unwrap();
    let place = found.provision.as_ref().map_or("-", |id| id.as_str());
    format!("{} {} {place}", found.line, code.as_str().unwrap())
}

/// The entries of `laws.txt` by name: what is expected, and the reason.
fn expected() -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(EXPECTED).unwrap_or_default();
    let mut found: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines().filter(|line| !line.starts_with("//")) {
        if !line.starts_with(' ') {
            name = line
                .split_inclusive(".md")
                .next()
                .unwrap_or(line)
                .to_owned();
        }
        let (facts, reason) = found.entry(name.clone()).or_default();
        match line.strip_prefix("    = ") {
            Some(why) => reason.push_str(why),
            None => facts.push_str(&format!("{line}\n")),
        }
    }
    found
}

#[test]
fn every_law_is_printed_back_and_counted_as_expected() {
    let Some(folder) = shared::laws("reading every law") else {
        return;
    };
    let (mut written, mut wrong) = (HEAD.to_owned(), Vec::new());
    let mut totals: BTreeMap<Kind, usize> = BTreeMap::new();
    let (mut known, mut bytes, mut odd) = (expected(), 0, 0);
    let started = Instant::now();
    let paths = shared::files(&folder);
    for path in &paths {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        let source = fs::read_to_string(path).unwrap();
        let parsed = parse(&source);
        assert_eq!(print(&parsed.document), source, "{name}");
        assert!(parsed.unread.is_none(), "{name}");
        assert_ids_are_unique(&parsed.document, path);
        bytes += source.len();
        for (kind, count) in counts(&parsed.document) {
            *totals.entry(kind).or_default() += count;
        }
        let facts = entry(name, &source, &parsed);
        let (before, reason) = known.remove(name).unwrap_or_default();
        let irregular = facts.lines().count() > 1;
        odd += usize::from(irregular);
        if facts != before || irregular == reason.is_empty() {
            wrong.push(format!("expected {before}{reason}\nfound {facts}"));
        }
        written.push_str(&facts);
        if irregular {
            writeln!(written, "    = {reason}").unwrap();
        }
    }
    println!(
        "{} texts, {bytes} bytes, read in {:?}; {} number cleanly, {odd} do not and are explained; {totals:?}",
        paths.len(),
        started.elapsed(),
        paths.len() - odd,
    );
    if std::env::var_os("LAWTEXT_UPDATE").is_some() {
        fs::write(EXPECTED, written).unwrap();
    }
    assert!(
        wrong.is_empty() && known.is_empty(),
        "{}\n{known:?}",
        wrong.join("\n")
    );
}

const HEAD: &str = "\
// Every shared law: how many 条, 编, 分编, 章, 节, 款, 项, 目 and quotations it has; `?` what a second reading
// counts otherwise; `!` what is odd, by line; `=` why. Written by tests/laws.rs, the reasons by hand.
";

fn assert_ids_are_unique(document: &Document, path: &Path) {
    let mut seen = HashSet::new();
    for node in document.walk() {
        assert!(
            seen.insert(&node.id),
            "{}: {} twice",
            path.display(),
            node.id
        );
        assert_eq!(node.id.as_str().parse(), Ok(node.id.clone()));
        assert_eq!(document.find(&node.id), Some(node));
    }
}
