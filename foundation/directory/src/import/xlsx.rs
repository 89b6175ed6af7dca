//! The first sheet of an .xlsx as rows of text.
//!
//! The packed parts are looked through before the reader gets them: it makes room for as many texts
//! as a part *says* it has, and keeps every text and style in memory, so what a part says and holds
//! is counted first, with the parser the reader uses.

use std::io::{BufReader, Cursor, Read};

use calamine::{DataRef, Reader as _, Xlsx};
use quick_xml::events::{BytesStart, Event};

use super::table::{FileFault, Limits, Row, Text};

/// Elements of parts other than sheets and texts, such as styles: an ordinary file has hundreds.
const OTHER_ELEMENTS_MOST: usize = 100_000;

/// Reads the first sheet.
pub(super) fn read(file: &[u8], limits: &Limits) -> Result<Vec<Row>, FileFault> {
    look_inside(file, limits)?;
    // The reader's arithmetic stumbles over some broken files.
    std::panic::catch_unwind(|| first_sheet(file, limits)).unwrap_or(Err(FileFault::Unreadable))
}

fn first_sheet(file: &[u8], limits: &Limits) -> Result<Vec<Row>, FileFault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(|_| FileFault::Unreadable)?;
    let sheet = book
        .sheet_names()
        .first()
        .cloned()
        .ok_or(FileFault::Empty)?;
    // Cell by cell: the ready-made table would make room for every cell between the corners.
    let mut cells = book
        .worksheet_cells_reader(&sheet)
        .map_err(|_| FileFault::Unreadable)?;
    let (mut rows, mut text) = (Vec::new(), Text::new(limits));
    while let Some(cell) = cells.next_cell().map_err(|_| FileFault::Unreadable)? {
        let (row, column) = cell.get_position();
        let shown = text.tidy(&shown(cell.get_value()))?;
        if shown.is_empty() {
            continue;
        }
        if column as usize >= limits.columns {
            return Err(FileFault::TooManyColumns(limits.columns));
        }
        place(&mut rows, row as usize + 1, column as usize, shown);
        if rows.len() > limits.rows + 1 {
            return Err(FileFault::TooManyRows(limits.rows));
        }
    }
    Ok(rows)
}

fn place(rows: &mut Vec<Row>, number: usize, column: usize, text: String) {
    if rows.last().is_none_or(|row| row.number != number) {
        rows.push(Row {
            number,
            cells: Vec::new(),
        });
    }
    if let Some(row) = rows.last_mut() {
        row.cells
            .resize(row.cells.len().max(column + 1), String::new());
        row.cells[column] = text;
    }
}

/// A cell as the spreadsheet shows it. Numbers typed where text is meant lose no digits; dates
/// become `YYYY-MM-DD`.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        // Whole numbers without the point: a card number 12 is no 12.0.
        DataRef::Float(number) => format!("{number}"),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// Unpacks and parses every part once, keeping nothing: what a file says of its size need not be
/// true.
fn look_inside(file: &[u8], limits: &Limits) -> Result<(), FileFault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).map_err(|_| FileFault::Unreadable)?;
    let mut left = limits.unpacked;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| FileFault::Unreadable)?;
        let mut part = Metered {
            part,
            left: &mut left,
            over: false,
        };
        let looked = look_at(&mut part, limits);
        // The parser stops at what is no XML; the size counts to the end.
        let rest = std::io::copy(&mut part, &mut std::io::sink());
        if part.over {
            return Err(FileFault::TooLargeInside);
        }
        looked?;
        rest.map_err(|_| FileFault::Unreadable)?;
    }
    Ok(())
}

/// A part that may only be so long.
struct Metered<'a, R> {
    part: R,
    left: &'a mut u64,
    over: bool,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.part.read(into)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => *self.left = left,
            None => {
                self.over = true;
                return Err(std::io::ErrorKind::FileTooLarge.into());
            }
        }
        Ok(read)
    }
}

/// Counts what the reader would keep of a part.
fn look_at(part: &mut impl Read, limits: &Limits) -> Result<(), FileFault> {
    let texts_most = (limits.rows + 1) * limits.columns;
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(part));
    let config = xml.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    let (mut buffer, mut texts, mut others) = (Vec::new(), 0, 0);
    let mut sheet = false;
    loop {
        buffer.clear();
        let Ok(event) = xml.read_event_into(&mut buffer) else {
            return Ok(());
        };
        match event {
            Event::Start(start) => match start.local_name().as_ref() {
                "sst" if declared(&start) > texts_most => return Err(FileFault::TooLargeInside),
                "si" => texts += 1,
                "worksheet" => sheet = true,
                _ if !sheet && texts == 0 => others += 1,
                _ => {}
            },
            Event::Eof => return Ok(()),
            _ => {}
        }
        if texts > texts_most || others > OTHER_ELEMENTS_MOST {
            return Err(FileFault::TooLargeInside);
        }
    }
}

/// How many texts a table of texts says it has.
fn declared(sst: &BytesStart<'_>) -> usize {
    let mut attributes = sst.attributes();
    let counts = attributes
        .with_checks(false)
        .flatten()
        .filter(|attribute| matches!(attribute.key.local_name().as_ref(), "count" | "uniqueCount"));
    counts
        .map(|count| {
            let digits = count.value.trim();
            // More digits than a number holds are a large number all the same.
            let number = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .parse()
                .unwrap_or(if number { usize::MAX } else { 0 })
        })
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::read;
    use std::io::Write as _;

    const TYPES: &str =
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    const BOOK_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    const SHEET: &str = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:A2"/><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row></sheetData></worksheet>"#;
    const TEXTS: &str = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="2" uniqueCount="1"><si><t>x</t></si></sst>"#;
    const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="1"><xf numFmtId="0"/></cellXfs></styleSheet>"#;

    /// A small workbook with these parts instead of its own.
    fn book(other: &[(&str, &[u8])]) -> Vec<u8> {
        let own = [
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELS),
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", BOOK_RELS),
            ("xl/worksheets/sheet1.xml", SHEET),
            ("xl/sharedStrings.xml", TEXTS),
            ("xl/styles.xml", STYLES),
        ];
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        for (name, text) in own {
            let instead = other.iter().find(|(other, _)| *other == name);
            archive.start_file(name, options).unwrap();
            archive
                .write_all(instead.map_or(text.as_bytes(), |(_, bytes)| bytes))
                .unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn fault(part: &str, text: impl AsRef<[u8]>) -> FileFault {
        read(&book(&[(part, text.as_ref())]), &Limits::default()).unwrap_err()
    }

    #[test]
    fn a_workbook_that_lies_about_its_texts_is_refused() {
        assert!(read(&book(&[]), &Limits::default()).is_ok());
        for count in ["4000000000000", "99999999999999999999999", "1000000"] {
            let lie = TEXTS.replace("uniqueCount=\"1\"", &format!("uniqueCount=\"{count}\""));
            assert_eq!(
                fault("xl/sharedStrings.xml", &lie),
                FileFault::TooLargeInside
            );
            let wide: Vec<u8> = std::iter::once(0xFEFF)
                .chain(lie.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect();
            let _ = fault("xl/sharedStrings.xml", &wide);
            let prefixed = lie.replace("<sst xmlns=", "<x:sst xmlns:x=");
            assert_eq!(
                fault("xl/sharedStrings.xml", &prefixed),
                FileFault::TooLargeInside
            );
        }
    }

    #[test]
    fn more_texts_or_styles_than_a_sheet_can_use_are_refused() {
        let texts = format!("<sst>{}</sst>", "<si/>".repeat(900_000));
        assert_eq!(
            fault("xl/sharedStrings.xml", texts),
            FileFault::TooLargeInside
        );
        let styles = format!(
            "<styleSheet><cellXfs>{}</cellXfs></styleSheet>",
            "<xf/>".repeat(OTHER_ELEMENTS_MOST)
        );
        assert_eq!(fault("xl/styles.xml", styles), FileFault::TooLargeInside);
    }

    #[test]
    fn one_long_text_in_every_cell_is_refused() {
        let text = format!("<sst><si><t>{}</t></si></sst>", "长".repeat(2_000));
        let cells = r#"<c t="s"><v>0</v></c>"#.repeat(40);
        let rows = format!("<row>{cells}</row>").repeat(500);
        let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        let file = book(&[
            ("xl/sharedStrings.xml", text.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ]);
        assert!(file.len() < 100_000, "{}", file.len());
        assert_eq!(
            read(&file, &Limits::default()),
            Err(FileFault::TooLargeInside)
        );
    }

    #[test]
    fn a_packed_bomb_is_refused_before_it_is_read() {
        let limits = Limits {
            unpacked: 10 << 20,
            ..Limits::default()
        };
        let file = book(&[("xl/worksheets/sheet1.xml", &vec![b' '; 12 << 20])]);
        assert_eq!(read(&file, &limits), Err(FileFault::TooLargeInside));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

        /// Parts of random pieces of what a workbook is made of: none takes the reader down.
        #[test]
        fn no_part_makes_it_fall_over(
            part in 0usize..4,
            pieces in proptest::collection::vec((0usize..22, proptest::num::u64::ANY), 0..40),
            cut in proptest::num::u16::ANY,
        ) {
            let (name, whole) = [
                ("xl/workbook.xml", WORKBOOK),
                ("xl/worksheets/sheet1.xml", SHEET),
                ("xl/sharedStrings.xml", TEXTS),
                ("xl/styles.xml", STYLES),
            ][part];
            let at = cut as usize % whole.len();
            let mut text = whole.as_bytes()[..at].to_vec();
            for (piece, number) in pieces {
                let piece = match piece {
                    0 => "<row>".into(), 1 => format!("<row r=\"{number}\">"), 2 => "</row>".into(),
                    3 => format!("<c r=\"A{number}\">"), 4 => format!("<c r=\"ZZZ{number}\" t=\"s\"><v>{number}</v></c>"),
                    5 => format!("<c t=\"s\"><v>{number}</v></c>"), 6 => format!("<c t=\"inlineStr\"><is><t>{number}</t></is></c>"),
                    7 => "<sheetData>".into(), 8 => format!("<sst uniqueCount=\"{number}\">"), 9 => "<si><t>".into(),
                    10 => "</t></si>".into(), 11 => format!("<dimension ref=\"B{number}:A1\"/>"), 12 => "<cellXfs><xf numFmtId=\"14\"/>".into(),
                    13 => "<![CDATA[".into(), 14 => "]]>".into(), 15 => format!("&#{number};"), 16 => "<!DOCTYPE x [<!ENTITY a \"b\">]>".into(),
                    17 => "<!--".into(), 18 => format!("<c s=\"{number}\" t=\"d\"><v>{number}</v></c>"), 19 => "\"".into(),
                    20 => format!("<c t=\"n\" s=\"1\"><v>{number}e{}</v></c>", number % 400), _ => "\u{0}".into(),
                };
                text.extend_from_slice(piece.as_bytes());
            }
            text.extend_from_slice(&whole.as_bytes()[at..]);
            let file = book(&[(name, &text)]);
            let _ = read(&file, &Limits::default());
        }
    }
}
