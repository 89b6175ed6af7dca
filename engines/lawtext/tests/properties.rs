//! What must hold for any text at all.

use lawtext::{
    Change, Format, PairKind, ProvisionId, align, decode, docx, mark, parse, print, report,
};
use proptest::prelude::*;

/// Pieces that laws are made of, in any order, with the ends of lines that files have.
fn lawlike() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "第一条 ",
            "第二条　",
            "第十二条之一 ",
            "第三条",
            "笫四条 ",
            "第五 条",
            "第百条 ",
            "第99999999999条 ",
            "**第一条** ",
            "第一编 ",
            "第二分编 ",
            "第一章",
            "第三章　总　则",
            "第二节 ",
            "（一）",
            "（二） ",
            "(3)",
            "一、",
            "二、",
            "1.",
            "2．",
            "①",
            "# ",
            "## ",
            "##",
            "####### ",
            "附件：",
            "附件一",
            "目录",
            "目　录",
            "序言",
            "附则",
            "<!-- INFO END -->",
            "<!-- x -->",
            "---",
            "（草案）",
            "（2026年3月1日通过",
            "2026年3月1日",
            "\u{feff}",
            "\u{202e}",
            "\0",
            "　　",
            "\t",
            "甲乙丙。",
            "违反前款规定的，",
            "**",
            "，",
            "😀",
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec!["\n", "\r\n", "\n\n", "\r", " \n"]).prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn holds(source: &str) {
    let parsed = parse(source);
    assert_eq!(print(&parsed.document), source);
    let mut seen = std::collections::HashSet::new();
    let mut at = 0;
    for node in parsed.document.walk() {
        assert!(seen.insert(node.id.as_str()), "{} twice", node.id);
        assert_eq!(node.id.as_str().parse::<ProvisionId>(), Ok(node.id.clone()));
        assert_eq!(node.own.start, at, "every byte belongs to one node");
        at = node.own.end;
        assert!(node.span.start <= node.own.start && node.span.end >= node.own.end);
        assert!(!node.id.label().is_empty() && !node.id.label_en().is_empty());
    }
    assert_eq!(at, source.len());
    assert!(!report(source, Format::Json).is_empty());
    assert!(report(source, Format::Tree).lines().count() >= parsed.document.nodes.len());
}

proptest! {
    #[test]
    fn any_law_is_printed_back(source in lawlike()) {
        holds(&source);
    }

    #[test]
    fn any_text_is_printed_back(source in any::<String>()) {
        holds(&source);
    }

    #[test]
    fn a_text_is_aligned_with_itself(source in lawlike()) {
        let document = parse(&source).document;
        let pairs = align(&document, &document).pairs;
        prop_assert_eq!(pairs.len(), document.provisions().len());
        for pair in pairs {
            prop_assert_eq!(pair.kind, PairKind::Unchanged);
            prop_assert_eq!(pair.old, pair.new);
        }
    }

    #[test]
    fn alignment_loses_nothing(old in lawlike(), new in lawlike()) {
        let (old, new) = (parse(&old).document, parse(&new).document);
        let pairs = align(&old, &new).pairs;
        let news: Vec<_> = pairs.iter().filter_map(|pair| pair.new.as_ref()).collect();
        prop_assert_eq!(news, new.provisions().iter().map(|node| &node.id).collect::<Vec<_>>());
        let mut olds: Vec<_> = pairs.iter().filter_map(|pair| pair.old.as_ref()).collect();
        let mut expected: Vec<_> = old.provisions().iter().map(|node| &node.id).collect();
        olds.sort();
        expected.sort();
        prop_assert_eq!(olds, expected);
    }

    #[test]
    fn marks_give_back_both_sides(old in "[甲乙丙丁，。a-c\n]{0,80}", new in "[甲乙丙丁，。a-c\n]{0,80}") {
        let changes = mark(&old, &new);
        let (mut olds, mut news) = (String::new(), String::new());
        for change in &changes {
            let (deleted, inserted) = match change {
                Change::Same { text } => (text, text),
                Change::Edited { deleted, inserted, .. } => (deleted, inserted),
            };
            olds.push_str(deleted);
            news.push_str(inserted);
        }
        prop_assert_eq!((olds, news), (old, new));
    }

    #[test]
    fn marks_are_tight(old in "[甲乙丙，。\n]{0,60}", new in "[甲乙丙，。\n]{0,60}") {
        let changes = mark(&old, &new);
        for (at, change) in changes.iter().enumerate() {
            match change {
                // Equal neighbours would be one; a single character between two edits is no help.
                Change::Same { text } => {
                    prop_assert!(!text.is_empty());
                    let next_same = matches!(changes.get(at + 1), Some(Change::Same { .. }));
                    prop_assert!(!next_same);
                    let between = at > 0 && at + 1 < changes.len();
                    prop_assert!(!between || text.chars().count() > 1 || text == "\n", "{:?}", changes);
                }
                Change::Edited { deleted, inserted, .. } => {
                    prop_assert!(!deleted.is_empty() || !inserted.is_empty());
                    let edges = deleted.chars().next() == inserted.chars().next()
                        || deleted.chars().last() == inserted.chars().last();
                    prop_assert!(!edges, "{:?}", changes);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
        let _ = decode(&bytes);
        prop_assert!(docx::read(&bytes, &docx::Limits::default()).is_err());
    }
}

#[test]
fn huge_and_deep_texts_are_bounded() {
    holds(&"第一条 甲。\n".repeat(20_000));
    holds(&"（一）".repeat(20_000));
    holds(&"#".repeat(100_000));
    holds(&"第".repeat(100_000));
    holds(&"\n".repeat(200_001));
    holds(&format!("{}第一条 甲。", "甲\n".repeat(200_000)));
}
