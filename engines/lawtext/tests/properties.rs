//! What must hold for any text at all.

use std::io::Write as _;

use lawtext::{
    Change, Document, PairKind, ProvisionId, align, decode, docx, json, mark, parse, print, tree,
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
    assert!(serde_json::from_str::<serde_json::Value>(&json(&parsed)).is_ok());
    assert_eq!(
        tree(&parsed.document).lines().count(),
        parsed.document.walk().count()
    );
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
        let alignment = align(&document, &document);
        prop_assert_eq!(alignment.provisions().count(), document.provisions().len());
        for pair in alignment.pairs {
            prop_assert_eq!(pair.kind, PairKind::Unchanged);
            prop_assert_eq!(pair.old, pair.new);
        }
    }

    /// Everything of both sides is somewhere, the new side in its order.
    #[test]
    fn alignment_loses_nothing(old in lawlike(), new in lawlike()) {
        let (old, new) = (parse(&old).document, parse(&new).document);
        let alignment = align(&old, &new);
        let (mut olds, mut news) = (Vec::new(), Vec::new());
        for pair in &alignment.pairs {
            let node = |document: &Document, id: &Option<ProvisionId>| {
                let node = id.as_ref().and_then(|id| document.find(id));
                node.map(|node| (node.own.start, pair.scope.words(node)))
            };
            olds.extend(node(&old, &pair.old));
            news.extend(node(&new, &pair.new));
            let divided = matches!(pair.kind, PairKind::Split | PairKind::Merged);
            prop_assert!(!pair.part || divided, "{:?}", pair);
            let words = pair.words(&old, &new);
            prop_assert!(pair.old.is_some() || words.0.is_empty());
            prop_assert!(pair.new.is_some() || words.1.is_empty());
        }
        prop_assert!(news.is_sorted_by_key(|(start, _)| *start));
        olds.sort();
        for (found, document) in [(olds, &old), (news, &new)] {
            let mut found = found;
            found.dedup();
            let words: Vec<String> = found.into_iter().map(|(_, words)| words).filter(|words| !words.is_empty()).collect();
            let all: Vec<String> = document.walk().map(lawtext::Node::own_line).filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(words.join("\n"), all.join("\n"));
        }
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

/// A Word file with all that is read in one, to be damaged.
const DOCUMENT: &str = r#"<w:document xmlns:w="x"><w:body><w:p><w:pPr><w:pStyle w:val="T"/><w:tabs><w:tab w:val="left"/></w:tabs><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr><w:rPr><w:del w:id="1"/></w:rPr><w:pPrChange><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:pPrChange></w:pPr><w:r><w:rPr><w:vanish/></w:rPr><w:t>甲</w:t></w:r><w:ins><w:r><w:t>乙&amp;</w:t><w:tab/><w:br/></w:r></w:ins><w:del><w:r><w:delText>丙</w:delText></w:r></w:del></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:ruby><w:rt><w:r><w:t>a</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>丁</w:t></w:r></w:rubyBase></w:ruby><w:sym w:char="F0FE"/></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"#;
const NUMBERING: &str = r#"<w:numbering xmlns:w="x"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/><w:lvlRestart w:val="0"/><w:isLgl/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="1"><w:startOverride w:val="4"/></w:lvlOverride></w:num></w:numbering>"#;
const STYLES: &str = r#"<w:styles xmlns:w="x"><w:style w:default="1" w:styleId="N"/><w:style w:styleId="T"><w:basedOn w:val="N"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>"#;

/// One damage: at this share of the text, this many characters give way to these.
fn damage() -> impl Strategy<Value = (f64, usize, String)> {
    let piece = prop::sample::select(vec![
        "",
        "<w:p>",
        "</w:p>",
        "<w:p/>",
        "<w:r>",
        "</w:r>",
        "<w:t>",
        "<w:pPr>",
        "</w:pPr>",
        "<w:del>",
        "</w:del>",
        "<w:rt>",
        "<w:lvl w:ilvl=\"8\">",
        "<w:num w:numId=\"1\">",
        "w:val=\"4294967295\"",
        "w:val=\"-1\"",
        "%9%0%",
        "&#x0;",
        "&#xD800;",
        "&a;",
        "<![CDATA[甲]]>",
        "<!--",
        "\"",
        ">",
        "<",
        "\0",
        "😀",
    ]);
    let piece = prop_oneof![piece.prop_map(str::to_owned), "\\PC{0,3}"];
    (0.0..1.0, 0usize..12, piece)
}

fn damaged(whole: &str, damages: &[(f64, usize, String)]) -> String {
    let mut characters: Vec<char> = whole.chars().collect();
    for (at, length, piece) in damages {
        let start = (*at * characters.len() as f64) as usize;
        let end = (start + length).min(characters.len());
        characters.splice(start..end, piece.chars());
    }
    characters.into_iter().collect()
}

fn word(parts: [(&str, String); 3]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(name, options).expect("room in memory");
        writer.write_all(text.as_bytes()).expect("room in memory");
    }
    writer.finish().expect("room in memory").into_inner()
}

proptest! {
    #[test]
    fn a_damaged_word_file_is_read_or_refused(
        document in prop::collection::vec(damage(), 0..4),
        numbering in prop::collection::vec(damage(), 0..3),
        styles in prop::collection::vec(damage(), 0..2),
    ) {
        let bytes = word([
            ("word/document.xml", damaged(DOCUMENT, &document)),
            ("word/numbering.xml", damaged(NUMBERING, &numbering)),
            ("word/styles.xml", damaged(STYLES, &styles)),
        ]);
        if let Ok(read) = docx::read(&bytes, &docx::Limits::default()) {
            prop_assert!(read.text.ends_with('\n'));
            holds(&read.text);
        }
    }
}
