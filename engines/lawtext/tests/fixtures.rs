//! Small texts and the trees they become. `LAWTEXT_UPDATE=1` writes the trees anew: look at the
//! difference before keeping it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

use std::{fs, path::Path};

use lawtext::{Format, parse, report};

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
        let (tree, expected) = (report(&source, Format::Tree), path.with_extension("tree"));
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
        serde_json::from_str(&report("# 条例\n\n第一条 甲。\n", Format::Json)).unwrap();
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
