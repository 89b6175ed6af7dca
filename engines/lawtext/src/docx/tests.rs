//! What is read, what is refused, and what is said of both.

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn whole(body: &str) -> String {
    format!(r#"<w:document xmlns:w="x"><w:body>{body}</w:body></w:document>"#)
}

fn docx(body: &str) -> Vec<u8> {
    packed(&[("word/document.xml", &whole(body))])
}

fn text_of(body: &str) -> Text {
    read(&docx(body), &Limits::default()).unwrap()
}

fn said(read: &Text) -> Vec<&str> {
    read.notices
        .iter()
        .map(|notice| notice.message_en.as_str())
        .collect()
}

/// A paragraph of one run.
fn p(text: &str, properties: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn in_list(list: u32, level: u8) -> String {
    format!(r#"<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list}"/></w:numPr>"#)
}

fn lvl(level: u8, text: &str, more: &str) -> String {
    format!(
        r#"<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="{text}"/>{more}</w:lvl>"#
    )
}

/// List 0 is 第一章, 第一条 (which goes on from chapter to chapter), （一）; use 1 is it as it is, use 2
/// starts its items anew, use 3 has a level of its own.
fn numbering() -> String {
    let levels = [
        lvl(0, "第%1章", ""),
        lvl(
            1,
            "第%2条",
            r#"<w:lvlRestart w:val="0"/><w:pStyle w:val="Tiao"/>"#,
        ),
        lvl(2, "（%3）", ""),
    ];
    let own = lvl(2, "%3、", "");
    let used = |id: u8, more: &str| {
        format!(r#"<w:num w:numId="{id}"><w:abstractNumId w:val="0"/>{more}</w:num>"#)
    };
    [
        r#"<w:numbering xmlns:w="x"><w:abstractNum w:abstractNumId="0">"#,
        &levels.concat(),
        "</w:abstractNum>",
        &used(1, ""),
        &used(
            2,
            r#"<w:lvlOverride w:ilvl="2"><w:startOverride w:val="1"/></w:lvlOverride>"#,
        ),
        &used(
            3,
            &format!(r#"<w:lvlOverride w:ilvl="2">{own}</w:lvlOverride>"#),
        ),
        "</w:numbering>",
    ]
    .concat()
}

fn numbered(body: &str, styles: &str) -> Text {
    let styles = format!(r#"<w:styles xmlns:w="x">{styles}</w:styles>"#);
    let bytes = packed(&[
        ("word/document.xml", &whole(body)),
        ("word/numbering.xml", &numbering()),
        ("word/styles.xml", &styles),
    ]);
    read(&bytes, &Limits::default()).unwrap()
}

#[test]
fn paragraphs_become_lines() {
    let read = text_of(
        "<w:p><w:r><w:t>第一条　为了</w:t></w:r><w:r><w:t>保护 &lt;环境&gt;&#x3002;</w:t></w:r></w:p>\
         <w:p/><w:p><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r></w:p>",
    );
    assert_eq!(read.text, "第一条　为了保护 <环境>。\n\n甲　乙\n丙\n");
    assert_eq!(read.notices, []);
    assert_eq!(crate::parse(&read.text).document.articles().count(), 1);
}

#[test]
fn tab_stops_are_no_characters() {
    let stops =
        r#"<w:tabs><w:tab w:val="left" w:pos="420"/><w:tab w:val="left" w:pos="840"/></w:tabs>"#;
    assert_eq!(text_of(&p("第一条　甲。", stops)).text, "第一条　甲。\n");
}

#[test]
fn tracked_changes_and_comments_are_reported() {
    let read = text_of(
        "<w:p><w:r><w:t>每</w:t></w:r><w:del><w:r><w:delText>月</w:delText></w:r></w:del>\
         <w:ins><w:r><w:t>年</w:t></w:r></w:ins><w:r><w:commentReference w:id=\"0\"/></w:r></w:p>",
    );
    assert_eq!(read.text, "每年\n");
    assert_eq!(
        said(&read),
        [
            "The file has 1 tracked insertions, taken as accepted.",
            "The file has 1 tracked deletions, taken as accepted (left out).",
            "The file has 1 comments, left out.",
        ]
    );
}

#[test]
fn a_deleted_end_joins_two_paragraphs() {
    let deleted = r#"<w:rPr><w:del w:id="1"/></w:rPr>"#;
    let read = numbered(
        &[
            p("前言", deleted),
            p("说明。", ""),
            p("甲，", &(in_list(1, 1) + deleted)),
            p("乙。", &in_list(1, 1)),
            p("末尾", deleted),
        ]
        .concat(),
        "",
    );
    assert_eq!(read.text, "前言说明。\n第一条　甲，乙。\n末尾\n");
    assert_eq!(said(&read).len(), 1);
}

#[test]
fn what_is_not_seen_is_not_read_and_said() {
    let read = text_of(
        r#"<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>
        <w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>
        <w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>第一条　</w:t></w:r>
        <w:r><w:ruby><w:rt><w:r><w:t>ní</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>坭</w:t></w:r></w:rubyBase></w:ruby></w:r>
        <w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="SimSun" w:char="2103"/></w:r></w:p>"#,
    );
    assert_eq!(read.text, "第一条　坭〓℃\n");
    assert_eq!(
        said(&read),
        [
            "The file has 1 hidden runs, left out.",
            "The file has 1 readings above characters, left out.",
            "The file has 1 signs without a common code, replaced by 〓; please check.",
        ]
    );
}

#[test]
fn automatic_numbers_are_written_out() {
    let body = [
        p("总则", &in_list(1, 0)),
        p("甲：", &in_list(1, 1)),
        p("乙；", &in_list(1, 2)),
        p("丙。", &in_list(1, 2)),
        p("附则", &in_list(1, 0)),
        p("丁：", &in_list(1, 1)),
        p("戊。", &in_list(1, 2)),
        p("没有编号。", ""),
    ];
    assert_eq!(
        numbered(&body.concat(), "").text,
        "第一章　总则\n第一条　甲：\n（一）乙；\n（二）丙。\n第二章　附则\n第二条　丁：\n（一）戊。\n没有编号。\n"
    );
}

#[test]
fn a_use_of_a_list_may_start_anew_and_have_its_own_levels() {
    let body = [
        p("甲；", &in_list(1, 2)),
        p("乙。", &in_list(1, 2)),
        p("丙；", &in_list(2, 2)),
        p("丁。", &in_list(2, 2)),
        p("戊。", &in_list(3, 2)),
    ];
    assert_eq!(
        numbered(&body.concat(), "").text,
        "（一）甲；\n（二）乙。\n（一）丙；\n（二）丁。\n三、戊。\n"
    );
}

#[test]
fn old_properties_do_not_count() {
    let change = |old: &str| format!("<w:pPrChange><w:pPr>{old}</w:pPr></w:pPrChange>");
    let body = [
        p("前言。", &change(&in_list(1, 1))),
        p("甲：", &(in_list(1, 1) + &change(&in_list(1, 2)))),
        p("乙。", &in_list(1, 1)),
    ];
    assert_eq!(
        numbered(&body.concat(), "").text,
        "前言。\n第一条　甲：\n第二条　乙。\n"
    );
}

#[test]
fn styles_number_their_paragraphs() {
    let styles = r#"<w:style w:type="paragraph" w:default="1" w:styleId="Normal"/>
        <w:style w:styleId="Tiao"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
        <w:style w:styleId="Sub"><w:basedOn w:val="Tiao"/></w:style>
        <w:style w:styleId="Xiang"><w:pPr><w:numPr><w:ilvl w:val="2"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
        <w:style w:styleId="Round"><w:basedOn w:val="Circle"/></w:style>
        <w:style w:styleId="Circle"><w:basedOn w:val="Round"/></w:style>"#;
    let style = |name: &str| format!(r#"<w:pStyle w:val="{name}"/>"#);
    let none = r#"<w:numPr><w:numId w:val="0"/></w:numPr>"#;
    let body = [
        p("题目", ""),
        p("甲：", &style("Tiao")),
        p("乙。", &style("Xiang")),
        p("丙。", &style("Sub")),
        p("丁。", &(style("Tiao") + none)),
        p("戊。", &style("Round")),
        p("己。", &style("Unknown")),
    ];
    assert_eq!(
        numbered(&body.concat(), styles).text,
        "题目\n第一条　甲：\n（一）乙。\n第二条　丙。\n丁。\n戊。\n己。\n"
    );
}

#[test]
fn numbers_that_cannot_be_written_are_reported() {
    let read = numbered(
        &(p("甲。", &in_list(9, 0)) + &p("乙。", &in_list(1, 8))),
        "",
    );
    assert_eq!(read.text, "甲。\n乙。\n");
    assert_eq!(
        said(&read),
        ["The file has 2 automatic numbers that could not be read; please check."]
    );
}

#[test]
fn parts_are_found_where_the_package_says() {
    let relation = |kind: &str, target: &str| {
        format!(r#"<r><Relationship Id="1" Type="http://x/{kind}" Target="{target}"/></r>"#)
    };
    let bytes = packed(&[
        (
            "_rels/.rels",
            &relation("officeDocument", "/text/document2.xml"),
        ),
        ("text/document2.xml", &whole(&p("甲。", &in_list(1, 1)))),
        (
            "text/_rels/document2.xml.rels",
            &relation("numbering", "../lists/n.xml"),
        ),
        ("lists/n.xml", &numbering()),
    ]);
    assert_eq!(
        read(&bytes, &Limits::default()).unwrap().text,
        "第一条　甲。\n"
    );
    let sheet = packed(&[
        (
            "_rels/.rels",
            &relation("officeDocument", "xl/workbook.xml"),
        ),
        ("xl/workbook.xml", "<workbook/>"),
    ]);
    assert_eq!(
        read(&sheet, &Limits::default()),
        Err(DocxError::OtherKind(FileKind::Archive))
    );
}

#[test]
fn other_files_are_named() {
    for (bytes, kind) in [
        (&b"%PDF-1.7"[..], FileKind::Pdf),
        (&[0xd0, 0xcf, 0x11, 0xe0, 0][..], FileKind::OldWord),
        (b"hello", FileKind::Unknown),
        (&packed(&[("xl/workbook.xml", "<x/>")]), FileKind::Archive),
    ] {
        assert_eq!(
            read(bytes, &Limits::default()),
            Err(DocxError::OtherKind(kind))
        );
    }
    assert_eq!(
        read(b"PK\x03\x04 broken", &Limits::default()),
        Err(DocxError::Damaged)
    );
    assert_eq!(
        read(&docx("<w:p/>"), &Limits::default()),
        Err(DocxError::NoText)
    );
    assert_eq!(
        read(&docx("<w:p><w:r></w:p>"), &Limits::default()),
        Err(DocxError::Damaged)
    );
    let error = DocxError::OtherKind(FileKind::Pdf);
    assert!(error.zh().contains("PDF 文件") && error.en().contains("a PDF file"));
}

/// Read under these limits, `bytes` is refused for this.
fn too_much(bytes: &[u8], limits: Limits, excess: Excess) -> bool {
    match read(bytes, &limits) {
        Err(error) => {
            assert_eq!(error, DocxError::TooMuch(excess));
            true
        }
        Ok(_) => false,
    }
}

#[test]
fn limits_hold_at_the_limit_and_one_more() {
    let styles = r#"<w:styles><w:style w:styleId="a"/><w:style w:styleId="b"/></w:styles>"#;
    let bytes = packed(&[
        ("word/document.xml", &whole(&p("甲", ""))),
        ("word/numbering.xml", &numbering()),
        ("word/styles.xml", styles),
    ]);
    let limits = Limits::default();
    let part = numbering().len() as u64;
    type Limit = fn(&mut Limits) -> &mut usize;
    let cases: [(Excess, Limit, usize); 6] = [
        (Excess::File, |limits| &mut limits.file_bytes, bytes.len()),
        (Excess::Parts, |limits| &mut limits.entries, 3),
        (Excess::Depth, |limits| &mut limits.depth, 5),
        (Excess::Lists, |limits| &mut limits.lists, 3),
        (Excess::Styles, |limits| &mut limits.styles, 2),
        (Excess::Text, |limits| &mut limits.text_bytes, "甲\n".len()),
    ];
    for (excess, limit, exactly) in cases {
        let mut tight = limits;
        *limit(&mut tight) = exactly;
        assert!(!too_much(&bytes, tight, excess), "{excess:?}");
        *limit(&mut tight) = exactly - 1;
        assert!(too_much(&bytes, tight, excess), "{excess:?}");
    }
    let parts = |part_bytes| Limits {
        part_bytes,
        ..limits
    };
    assert!(!too_much(&bytes, parts(part), Excess::Unpacked));
    assert!(too_much(&bytes, parts(part - 1), Excess::Unpacked));
}

#[test]
fn a_list_text_is_written_up_to_64_characters() {
    let with = |length: usize| {
        let text = format!("{}%1", "长".repeat(length - 2));
        let numbering = format!(
            r#"<w:numbering><w:abstractNum w:abstractNumId="0">{}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#,
            lvl(0, &text, "")
        );
        let bytes = packed(&[
            ("word/document.xml", &whole(&p("甲。", &in_list(1, 0)))),
            ("word/numbering.xml", &numbering),
        ]);
        read(&bytes, &Limits::default()).unwrap()
    };
    assert_eq!(with(64).text, format!("{}一甲。\n", "长".repeat(62)));
    let over = with(65);
    assert_eq!((over.text.as_str(), over.notices.len()), ("甲。\n", 1));
}

#[test]
fn bombs_are_refused() {
    let bomb = docx(&p(&"a".repeat(8 << 20), ""));
    assert!(bomb.len() < 64 << 10);
    assert_eq!(
        read(&bomb, &Limits::default()),
        Err(DocxError::TooMuch(Excess::Unpacked))
    );
    let entities = packed(&[(
        "word/document.xml",
        "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><w:p><w:t>&a;</w:t></w:p>",
    )]);
    assert_eq!(read(&entities, &Limits::default()), Err(DocxError::Damaged));
}
