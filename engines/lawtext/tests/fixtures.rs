//! Small texts and the trees they become. `LAWTEXT_UPDATE=1` writes the trees anew: look at the
//! difference before keeping it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

use std::{fs, path::Path};

use lawtext::{Code, Limits, TooMuch, json, parse, parse_within};

fn check(folder: &str, odd: bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "tree") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let parsed = parse(&source);
        assert_eq!(parsed.document.to_string(), source);
        assert_eq!(
            !parsed.diagnostics.is_empty(),
            odd,
            "{}: {:?}",
            path.display(),
            parsed.diagnostics
        );
        let odd = parsed.diagnostics.iter().map(|odd| format!("! {odd}\n"));
        let tree = lawtext::tree(&parsed.document) + &odd.collect::<String>();
        let expected = path.with_extension("tree");
        if std::env::var_os("LAWTEXT_UPDATE").is_some() {
            fs::write(&expected, &tree).unwrap();
        }
        assert_eq!(
            tree,
            fs::read_to_string(&expected).unwrap_or_default(),
            "{}",
            path.display()
        );
        seen += 1;
    }
    assert!(seen >= 3);
}

#[test]
fn ordinary_texts_become_their_trees() {
    check("ok", false);
}

#[test]
fn odd_texts_are_read_and_explained() {
    check("err", true);
}

#[test]
fn json_names_every_provision() {
    let json: serde_json::Value =
        serde_json::from_str(&json(&parse("# 条例\n\n第一条 甲。\n"))).unwrap();
    assert_eq!(json["title"], "条例");
    assert_eq!(json["nodes"][1]["id"], "art_1");
    assert_eq!(json["nodes"][1]["children"][0]["text"], "甲。");
    assert_eq!(json["diagnostics"], serde_json::json!([]));
}

#[test]
fn a_provision_is_found_shown_and_cited() {
    let source = "第一条　甲：\n（一）乙；\n（二）丙。\n第二条　丁。\n戊。\n";
    let document = parse(source).document;
    let article = document.find(&"art_1".parse().unwrap()).unwrap();
    assert_eq!(article.plain_text(), "甲：\n（一）乙；\n（二）丙。");
    let lines: Vec<&str> = article
        .paragraphs()
        .iter()
        .map(|line| line.id.as_str())
        .collect::<Vec<_>>();
    assert_eq!(
        lines,
        [
            "art_1__para_1",
            "art_1__para_1__point_1",
            "art_1__para_1__point_2"
        ]
    );
    assert_eq!(
        document.cite(&"art_1__para_1__point_2".parse().unwrap()),
        "第一条第二项"
    );
    assert_eq!(
        document.cite(&"art_2__para_2".parse().unwrap()),
        "第二条第二款"
    );
    assert_eq!(document.cite(&"art_1__para_1".parse().unwrap()), "第一条");
}

#[test]
fn the_outline_holds_the_articles() {
    let source = "# 条例\n## 第一章 总则\n第一条 甲。\n## 第二章 管理\n### 第一节 登记\n第二条 乙。\n第三条 丙。\n";
    let outline = parse(source).document.outline();
    assert_eq!(
        (
            outline.len(),
            outline[0].printed.as_str(),
            outline[0].heading.as_str()
        ),
        (2, "第一章", "总则")
    );
    let ids: Vec<&str> = outline[1].children[0]
        .articles
        .iter()
        .map(lawtext::ProvisionId::as_str)
        .collect();
    assert_eq!(
        (outline[1].children[0].id.as_str(), ids),
        ("chp_2__sec_1", vec!["art_2", "art_3"])
    );
}

#[test]
fn what_is_beyond_the_limits_is_kept_and_said() {
    let source = "第一条　甲。\n第二条　乙。\n第三条　丙。\n";
    let exactly = Limits {
        bytes: source.len(),
        lines: 3,
        articles: 3,
    };
    let whole = parse_within(source, &exactly);
    assert_eq!((whole.unread, whole.diagnostics.len()), (None, 0));
    for (limits, excess) in [
        (
            Limits {
                bytes: source.len() - 1,
                ..exactly
            },
            TooMuch::Bytes(source.len() - 1),
        ),
        (
            Limits {
                lines: 2,
                ..exactly
            },
            TooMuch::Lines(2),
        ),
        (
            Limits {
                articles: 2,
                ..exactly
            },
            TooMuch::Articles(2),
        ),
    ] {
        let parsed = parse_within(source, &limits);
        assert_eq!(parsed.unread, Some(excess));
        assert_eq!(parsed.document.articles().count(), 2, "{excess}");
        assert_eq!(parsed.document.to_string(), source);
        assert_eq!(parsed.diagnostics[0].message_zh, excess.zh());
    }
}

#[test]
fn findings_about_the_whole_are_never_left_out() {
    let source = format!("{}甲", "甲\u{1}乙\n".repeat(600));
    let limits = Limits {
        lines: 600,
        ..Limits::default()
    };
    let found = parse_within(&source, &limits).diagnostics;
    let count = |code| found.iter().filter(|found| found.code == code).count();
    assert_eq!(count(Code::ControlCharacter), 500);
    assert_eq!(
        [Code::NoArticles, Code::TooLong, Code::More].map(count),
        [1, 1, 1]
    );
    assert!(found.last().unwrap().message_zh.contains("还有100处"));
}

#[test]
fn a_finding_names_its_place() {
    let found = parse("条例\n第一条　甲。\n　　乙\u{200b}丙。\n").diagnostics;
    let [odd] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((odd.line, odd.column), (3, Some(4)));
    assert_eq!(odd.provision, Some("art_1__para_2".parse().unwrap()));
}

#[test]
fn words_are_found_in_the_source() {
    let source = "# 条例\n## 第一章　总　则\n**第一条** 甲：\n（一）**乙**；\n";
    let document = parse(source).document;
    let words = |id: &str| &source[document.find(&id.parse().unwrap()).unwrap().words.clone()];
    assert_eq!(words("chp_1"), "总　则");
    assert_eq!(words("art_1__para_1"), "甲：");
    assert_eq!(words("art_1__para_1__point_1"), "**乙**；");
    assert_eq!(words("art_1"), "");
}
