//! Files made to cost as much as they can: what reading them takes at most, in time and memory.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

use std::{
    io::{Cursor, Write},
    time::{Duration, Instant},
};

use lawtext::{align, docx, mark, parse, print};
use peak_alloc::PeakAlloc;
use zip::{ZipWriter, write::SimpleFileOptions};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The server as a whole may take 300 MB.
const MOST_MB: f32 = 150.0;

/// Hundreds of times what an optimised build takes; a loop in a loop would take minutes.
const LONGEST: Duration = Duration::from_secs(20);

/// Runs `work` on what has been made already, and says what it cost.
fn costs<T>(name: &str, work: impl FnOnce() -> T) -> T {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage_as_mb();
    let started = Instant::now();
    let done = work();
    let (took, memory) = (started.elapsed(), MEMORY.peak_usage_as_mb() - before);
    println!("{name}: {took:?}, {memory:.1} MB");
    assert!(took < LONGEST, "{name}: {took:?}");
    assert!(memory < MOST_MB, "{name}: {memory} MB");
    done
}

fn numbered(from: usize, to: usize, line: impl Fn(usize) -> String) -> String {
    (from..to).map(line).collect()
}

/// A character that depends on `n`, without a pattern that compresses or repeats.
fn character(n: usize) -> char {
    let scattered = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    char::from_u32(0x4e00 + (scattered % 20_000) as u32).unwrap()
}

fn texts() -> Vec<(&'static str, String)> {
    let articles = |line: &dyn Fn(usize) -> String| numbered(1, 190_000, line);
    vec![
        (
            "short articles",
            articles(&|n| format!("第{n}条 甲{}。\n", character(n))),
        ),
        ("short items", articles(&|n| format!("（{n}）甲\n"))),
        ("nothing but lines", "\n".repeat(4 << 20)),
        (
            "one long line",
            format!("第一条 {}", "甲".repeat(1_390_000)),
        ),
        (
            "one number without end",
            format!("第{}", "一".repeat(1_390_000)),
        ),
        ("brackets", "（".repeat(1_390_000)),
        ("deep lists", "一、\n（一）\n1.\n（1）\n①\n".repeat(10_000)),
        (
            "lists that never go on",
            "第一条 a\n（一）b\n（一）c\n1.d\n1.e\n".repeat(10_000),
        ),
        (
            "items before plain lines",
            format!("（一）甲\n{}（二）乙", "丙\n".repeat(49_000)),
        ),
        (
            "the same chapter again",
            "第一章 甲\n第一节 乙\n".repeat(25_000),
        ),
        (
            "contents without end",
            format!("条例\n目录\n{}", "第一章 甲\n第二章 乙\n".repeat(25_000)),
        ),
        (
            "quotations never closed",
            "一、修改为：“甲\n“乙\n".repeat(25_000),
        ),
        (
            "instructions without end",
            format!(
                "作为第一条：\n{}",
                "作为第二条：\n第二条 甲\n".repeat(25_000)
            ),
        ),
        (
            "blank lines between headings",
            format!("第一章 甲\n{}", "\n".repeat(49_000)).repeat(2),
        ),
        (
            "invisible characters",
            format!("第一条 {}", "甲\u{200b}\u{2028}".repeat(40_000)),
        ),
        (
            "tight articles",
            numbered(1, 49_000, |_| "第一条甲乙\n".to_owned()),
        ),
    ]
}

fn packed(parts: &[(&str, String)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn word(body: &str, numbering: String, styles: String) -> Vec<u8> {
    packed(&[
        (
            "word/document.xml",
            format!(r#"<w:document xmlns:w="x"><w:body>{body}</w:body></w:document>"#),
        ),
        (
            "word/numbering.xml",
            format!(r#"<w:numbering xmlns:w="x">{numbering}</w:numbering>"#),
        ),
        (
            "word/styles.xml",
            format!(r#"<w:styles xmlns:w="x">{styles}</w:styles>"#),
        ),
    ])
}

const IN_LIST: &str = r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>"#;

fn list(id: usize, text: &str) -> String {
    format!(
        r#"<w:abstractNum w:abstractNumId="{id}"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>"#
    )
}

/// The files, and whether they are read.
fn word_files() -> Vec<(&'static str, Vec<u8>, bool)> {
    let used = r#"<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>"#;
    let plain = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let scattered = |count: usize| -> String { (0..count).map(character).collect() };
    vec![
        (
            "a number of 900,000 characters before each paragraph",
            word(
                &IN_LIST.repeat(20_000),
                list(0, &"a".repeat(900_000)) + used,
                String::new(),
            ),
            true,
        ),
        (
            "a number of 64 characters before each paragraph",
            word(
                &IN_LIST.repeat(50_000),
                list(0, &"a".repeat(64)) + used,
                String::new(),
            ),
            true,
        ),
        (
            "half a million lists",
            word(
                &plain("x"),
                numbered(0, 500_000, |n| {
                    format!(r#"<w:abstractNum w:abstractNumId="{n}"/>"#)
                }),
                String::new(),
            ),
            false,
        ),
        (
            "half a million styles",
            word(
                &plain("x"),
                String::new(),
                numbered(0, 500_000, |n| format!(r#"<w:style w:styleId="{n}"/>"#)),
            ),
            false,
        ),
        (
            "as much text as is read, in short paragraphs",
            word(
                &numbered(0, 370_000, |n| plain(&character(n).to_string())),
                String::new(),
                String::new(),
            ),
            true,
        ),
        (
            "more text than is read",
            word(&plain(&scattered(1_400_000)), String::new(), String::new()),
            false,
        ),
        (
            "a bomb",
            word(&plain(&"a".repeat(17 << 20)), String::new(), String::new()),
            false,
        ),
        (
            "a hundred thousand parts",
            packed(&vec![("x", String::new()); 1])
                .into_iter()
                .chain(end_of_archive(u16::MAX))
                .collect(),
            false,
        ),
    ]
}

/// The end record of an archive that claims to have so many parts.
fn end_of_archive(entries: u16) -> Vec<u8> {
    let mut record = b"PK\x05\x06\0\0\0\0".to_vec();
    record.extend(entries.to_le_bytes());
    record.extend(entries.to_le_bytes());
    record.extend([0; 10]);
    record
}

/// One test, so that what one file costs is not laid to another's charge.
#[test]
fn no_file_costs_more_than_its_share() {
    for (name, text) in texts() {
        let document = costs(name, || parse(&text).document);
        assert!(print(&document) == text, "{name}");
        costs(&format!("{name}, every provision looked up"), || {
            for node in document.walk() {
                assert!(document.find(&node.id).is_some());
            }
        });
    }
    for (name, bytes, is_read) in word_files() {
        let read = costs(name, || docx::read(&bytes, &docx::Limits::default()));
        assert_eq!(read.is_ok(), is_read, "{name}: {:?}", read.err());
    }
    comparisons();
}

fn comparisons() {
    let short = |shift: usize| {
        numbered(1, 5_001, |n| {
            format!("第{n}条 {}{}。\n", character(n), character(n + shift))
        })
    };
    let rewritten = |shift: usize| {
        numbered(1, 1_001, |n| {
            let kept: String = (0..200).map(|k| character(n * 1_000 + k)).collect();
            let changed: String = (0..300).map(|k| character(n * 7_000 + k * shift)).collect();
            format!("第{n}条 {kept}{changed}。\n")
        })
    };
    for (name, old, new) in [
        ("many short articles", short(1), short(2)),
        (
            "a thousand half-rewritten articles",
            rewritten(1),
            rewritten(3),
        ),
        (
            "nothing in common",
            "第一条 甲乙。\n".repeat(5_000),
            "第一条 丙丁。\n".repeat(5_000),
        ),
        (
            "all the same",
            "第一条 甲乙。\n".repeat(5_000),
            "第一条 甲乙。\n".repeat(4_999),
        ),
    ] {
        let (old, new) = (parse(&old).document, parse(&new).document);
        costs(&format!("aligning {name}"), || align(&old, &new));
    }
    let long = |shift: usize| -> String {
        (0..1_000_000)
            .map(|n| character(n + n / 1_000 * shift))
            .collect()
    };
    let lines = |shift: usize| -> String {
        (0..100_000)
            .map(|n| format!("{}\n", character(n * shift)))
            .collect()
    };
    for (name, old, new) in [
        ("a long line", long(0), long(1)),
        ("many lines", lines(1), lines(3)),
        (
            "a shifted pattern",
            "甲乙".repeat(200_000),
            "乙甲".repeat(200_000),
        ),
    ] {
        costs(&format!("marking {name}"), || mark(&old, &new));
    }
}
