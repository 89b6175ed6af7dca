//! What is read, what is refused, and what is said of both.

use std::io::Write;

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

fn docx(body: &str) -> Vec<u8> {
    packed(&[(
        "word/document.xml",
        &format!(r#"<w:document xmlns:w="x"><w:body>{body}</w:body></w:document>"#),
    )])
}

fn text_of(body: &str) -> DocxText {
    read(&docx(body), &Limits::default()).unwrap()
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
fn tracked_changes_and_comments_are_reported() {
    let read = text_of(
        "<w:p><w:r><w:t>每</w:t></w:r><w:del><w:r><w:delText>月</w:delText></w:r></w:del>\
         <w:ins><w:r><w:t>年</w:t></w:r></w:ins><w:r><w:commentReference w:id=\"0\"/></w:r></w:p>",
    );
    assert_eq!(read.text, "每年\n");
    let said: Vec<&str> = read
        .notices
        .iter()
        .map(|notice| notice.message_en.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "The file has 1 tracked insertions, taken as accepted.",
            "The file has 1 tracked deletions, taken as accepted (left out).",
            "The file has 1 comments, left out.",
        ]
    );
}

#[test]
fn automatic_numbers_are_written_out() {
    let numbering = r#"<w:numbering><w:abstractNum w:abstractNumId="7">
        <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl>
        <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
        </w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>"#;
    let line = |level: u8, text: &str| {
        format!(
            r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#
        )
    };
    let body: String = [
        line(0, "甲："),
        line(1, "乙；"),
        line(1, "丙。"),
        line(0, "丁："),
        line(1, "戊。"),
    ]
    .concat();
    let document = format!("<w:document>{body}</w:document>");
    let bytes = packed(&[
        ("word/document.xml", &document),
        ("word/numbering.xml", numbering),
    ]);
    let read = read(&bytes, &Limits::default()).unwrap();
    assert_eq!(
        read.text,
        "第一条　甲：\n（一）乙；\n（二）丙。\n第二条　丁：\n（一）戊。\n"
    );
}

#[test]
fn other_files_are_named() {
    for (bytes, words) in [
        (&b"%PDF-1.7"[..], "PDF"),
        (&[0xd0, 0xcf, 0x11, 0xe0, 0][..], ".doc"),
        (b"hello", "some other file"),
        (
            &packed(&[("xl/workbook.xml", "<x/>")]),
            "another office file",
        ),
    ] {
        let error = read(bytes, &Limits::default()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    assert_eq!(
        read(b"PK\x03\x04 broken", &Limits::default()),
        Err(DocxError::Damaged)
    );
    assert_eq!(
        read(&docx("<w:p/>"), &Limits::default()),
        Err(DocxError::NoText)
    );
}

#[test]
fn limits_hold_at_the_limit_and_one_more() {
    let too_much = |bytes: &[u8], limits: &Limits| {
        matches!(read(bytes, limits), Err(DocxError::TooMuch { .. }))
    };
    let bytes = docx("<w:p><w:r><w:t>甲</w:t></w:r></w:p>");
    let limits = Limits::default();
    assert!(!too_much(
        &bytes,
        &Limits {
            file_bytes: bytes.len(),
            entries: 1,
            depth: 5,
            ..limits
        }
    ));
    assert!(too_much(
        &bytes,
        &Limits {
            file_bytes: bytes.len() - 1,
            ..limits
        }
    ));
    assert!(too_much(
        &bytes,
        &Limits {
            entries: 0,
            ..limits
        }
    ));
    assert!(too_much(&bytes, &Limits { depth: 4, ..limits }));
    assert!(too_much(
        &bytes,
        &Limits {
            part_bytes: 20,
            ..limits
        }
    ));
}

#[test]
fn bombs_are_refused() {
    let bomb = docx(&format!(
        "<w:p><w:r><w:t>{}</w:t></w:r></w:p>",
        "a".repeat(8 << 20)
    ));
    assert!(bomb.len() < 64 << 10);
    assert!(matches!(
        read(&bomb, &Limits::default()),
        Err(DocxError::TooMuch { .. })
    ));
    let entities = packed(&[(
        "word/document.xml",
        "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><w:p><w:t>&a;</w:t></w:p>",
    )]);
    assert_eq!(read(&entities, &Limits::default()), Err(DocxError::Damaged));
}
