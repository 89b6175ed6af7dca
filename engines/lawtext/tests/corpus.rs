//! Every real law in the shared data: printed back exactly, articles counted as a second, simpler
//! reading counts them, versions aligned. Run with `--nocapture` to see the totals.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use lawtext::{Code, Diagnostic, Document, PairKind, align, parse, print};

const LAWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/laws");

/// The laws' folder, or `None` with a line that says the test did not run.
fn laws() -> Option<PathBuf> {
    let folder = PathBuf::from(LAWS);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("left out: the shared laws are not here");
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "md") {
            found.push(path);
        }
    }
}

/// The second reading: lines that open with 第, numerals, 条, perhaps 之 and numerals, and a space.
fn counted(source: &str) -> usize {
    let numeral = |c: char| "零〇一二三四五六七八九十百千".contains(c);
    let is_article = |line: &&str| {
        let Some(rest) = line.strip_prefix('第') else {
            return false;
        };
        let Some(rest) = rest.trim_start_matches(numeral).strip_prefix('条') else {
            return false;
        };
        let rest = rest
            .strip_prefix('之')
            .map_or(rest, |branch| branch.trim_start_matches(numeral));
        rest.starts_with([' ', '　'])
    };
    source.lines().filter(is_article).count()
}

/// Files whose articles do not run 1, 2, 3 …: how many articles the tree has, how many the second
/// reading sees, and why. Everything else must number cleanly.
const IRREGULAR: [(&str, usize, usize, &str); 14] = [
    (
        "宪法修正案（1993年）.md",
        9,
        9,
        "amendments are numbered on from the year before",
    ),
    (
        "宪法修正案（1999年）.md",
        6,
        6,
        "amendments are numbered on from the year before",
    ),
    (
        "宪法修正案（2004年）.md",
        14,
        14,
        "amendments are numbered on from the year before",
    ),
    (
        "宪法修正案（2018年）.md",
        26,
        26,
        "numbered on, and five articles of the constitution are quoted whole",
    ),
    (
        "人格权编.md",
        51,
        51,
        "a book of the civil code, numbered through the code",
    ),
    (
        "侵权责任编.md",
        95,
        95,
        "a book of the civil code, numbered through the code",
    ),
    (
        "合同编.md",
        526,
        526,
        "a book of the civil code, numbered through the code",
    ),
    (
        "婚姻家庭编.md",
        79,
        79,
        "a book of the civil code, numbered through the code",
    ),
    (
        "物权编.md",
        258,
        258,
        "a book of the civil code, numbered through the code",
    ),
    (
        "继承编.md",
        45,
        45,
        "a book of the civil code, numbered through the code",
    ),
    (
        "附则.md",
        2,
        2,
        "a book of the civil code, numbered through the code",
    ),
    (
        "农民专业合作社法(2017-12-27).md",
        74,
        73,
        "笫五十四条 is written with a look-alike of 第",
    ),
    (
        "刑事诉讼法(2018-10-26).md",
        308,
        307,
        "第一百二十八 条 has its space before 条",
    ),
    (
        "全国人民代表大会常务委员会关于县级以下人民代表大会代表直接选举的若干规定(1983-03-05).md",
        0,
        0,
        "numbered 一、二、 without 条",
    ),
];

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Front pages of folders, the README and the amendments of the criminal law have no 第X条.
fn has_no_articles(path: &Path) -> bool {
    let name = name(path);
    name == "_index.md" || name == "README.md" || name.starts_with("刑法修正案")
}

/// The findings that make the numbering of articles irregular. One about a list mark on the line
/// of an article quotes its bracket and is not about the article.
fn article_findings<'a>(document: &Document, diagnostics: &'a [Diagnostic]) -> Vec<&'a Diagnostic> {
    let lines: HashSet<usize> = document.articles().map(|node| node.line).collect();
    let odd = |code| {
        matches!(
            code,
            Code::Gap
                | Code::Repeated
                | Code::OutOfOrder
                | Code::StartsLate
                | Code::LookAlike
                | Code::Spacing
        )
    };
    diagnostics
        .iter()
        .filter(|found| {
            found.code == Code::UnreadableNumber
                || found.code == Code::NoArticles
                || (odd(found.code)
                    && lines.contains(&found.line)
                    && !found.message_zh.contains('（'))
        })
        .collect()
}

#[test]
fn every_law_is_printed_back_and_counted_right() {
    let Some(folder) = laws() else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let irregular: HashMap<&str, (usize, usize, &str)> = IRREGULAR
        .into_iter()
        .map(|(name, tree, seen, why)| (name, (tree, seen, why)))
        .collect();
    let (mut articles, mut bytes, mut clean) = (0, 0, 0);
    let mut codes: BTreeMap<Code, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let started = Instant::now();
    for path in &paths {
        let source = fs::read_to_string(path).unwrap();
        let parsed = parse(&source);
        assert_eq!(print(&parsed.document), source, "{}", path.display());
        assert_ids_are_unique(&parsed.document, path);
        for found in &parsed.diagnostics {
            *codes.entry(found.code).or_default() += 1;
        }
        let (tree, seen) = (parsed.document.articles().count(), counted(&source));
        let findings = article_findings(&parsed.document, &parsed.diagnostics);
        articles += tree;
        bytes += source.len();
        let right = match irregular.get(name(path)) {
            Some(&(of_tree, of_scan, why)) => {
                println!("irregular: {} ({tree} articles): {why}", name(path));
                for found in &findings {
                    println!("    line {}: {}", found.line, found.message_zh);
                }
                (tree, seen) == (of_tree, of_scan) && !findings.is_empty()
            }
            None if has_no_articles(path) => tree == 0 && seen == 0,
            None => {
                clean += 1;
                tree == seen && tree > 0 && findings.is_empty()
            }
        };
        if !right {
            wrong.push(format!(
                "{}: tree {tree}, scan {seen}, {findings:?}",
                path.display()
            ));
        }
    }
    println!(
        "{} files, {bytes} bytes, {articles} articles, {clean} number cleanly, read in {:?}; findings {codes:?}",
        paths.len(),
        started.elapsed()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

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
    }
}

#[test]
fn versions_are_aligned() {
    let Some(folder) = laws() else { return };
    let list: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("version-pairs.json")).unwrap())
            .unwrap();
    let read = |entry: &serde_json::Value, side: &str| {
        parse(&fs::read_to_string(folder.join(entry[side].as_str().unwrap())).unwrap()).document
    };
    for entry in list.as_array().unwrap() {
        let (old, new) = (read(entry, "old"), read(entry, "new"));
        let started = Instant::now();
        let pairs = align(&old, &new).pairs;
        let took = started.elapsed();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for pair in &pairs {
            *kinds.entry(format!("{:?}", pair.kind)).or_default() += 1;
        }
        println!("{} {took:?} {kinds:?}", entry["law"].as_str().unwrap());
        assert_complete(&old, &new, &pairs);
        assert_equal_text_is_found(&old, &new, &pairs);
    }
}

/// Every provision of both sides is in exactly one pair; the new ones in their order.
fn assert_complete(old: &Document, new: &Document, pairs: &[lawtext::Pair]) {
    let mut olds: Vec<_> = pairs.iter().filter_map(|pair| pair.old.clone()).collect();
    let news: Vec<_> = pairs.iter().filter_map(|pair| pair.new.clone()).collect();
    assert_eq!(
        news,
        new.provisions()
            .iter()
            .map(|node| node.id.clone())
            .collect::<Vec<_>>()
    );
    let mut expected: Vec<_> = old
        .provisions()
        .iter()
        .map(|node| node.id.clone())
        .collect();
    olds.sort();
    expected.sort();
    assert_eq!(olds, expected);
}

/// Every article whose words stand once in both versions is paired with its like.
fn assert_equal_text_is_found(old: &Document, new: &Document, pairs: &[lawtext::Pair]) {
    let once = |document: &Document| {
        let mut by_text: HashMap<String, Vec<lawtext::ProvisionId>> = HashMap::new();
        for node in document.articles() {
            let text = node
                .plain_text()
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect();
            by_text.entry(text).or_default().push(node.id.clone());
        }
        by_text
    };
    let (olds, news) = (once(old), once(new));
    for (text, ids) in olds {
        let Some([to]) = news.get(&text).map(Vec::as_slice) else {
            continue;
        };
        let [from] = ids.as_slice() else { continue };
        let pair = pairs
            .iter()
            .find(|pair| pair.old.as_ref() == Some(from))
            .unwrap();
        assert_eq!(pair.new.as_ref(), Some(to), "{from}");
        assert_ne!(pair.kind, PairKind::Changed, "{from}");
        assert_eq!(
            pair.kind == PairKind::Unchanged,
            from == to && pair.kind != PairKind::Moved
        );
    }
}

#[test]
fn a_code_of_1260_articles_is_aligned_quickly() {
    let Some(folder) = laws() else { return };
    let mut paths = Vec::new();
    files(&folder.join("national/民法典"), &mut paths);
    let code: String = paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    // Every article lightly changed: nothing is equal, everything must be weighed.
    let changed = code
        .replace("应当", "须")
        .replace("的，", "者，")
        .replace('。', "！");
    let (old, new) = (parse(&code).document, parse(&changed).document);
    let started = Instant::now();
    let pairs = align(&old, &new).pairs;
    println!(
        "{} articles, nearly all changed: {:?}",
        old.articles().count(),
        started.elapsed()
    );
    assert!(old.articles().count() >= 1200);
    let wrong = pairs.iter().filter(|pair| pair.old != pair.new).count();
    assert!(wrong * 100 < pairs.len(), "{wrong} of {}", pairs.len());
}
