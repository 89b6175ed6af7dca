//! A spreadsheet as rows of text: CSV in UTF-8 or GB18030, or the first sheet of an .xlsx.

use std::borrow::Cow;

use tokio::sync::Semaphore;

use super::{Column, xlsx};
use crate::codes::sha256;

/// How large a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Bytes of everything packed in an .xlsx, and of all cells together.
    pub unpacked: u64,
    /// Rows below the heading.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Characters of one cell.
    pub cell: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 10 << 20,
            unpacked: 30 << 20,
            rows: 20_000,
            columns: 40,
            cell: 2_000,
        }
    }
}

/// A row with its number in the spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The heading is 1.
    pub number: usize,
    /// Its cells, trimmed.
    pub cells: Vec<String>,
}

/// A spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The headings.
    pub heading: Vec<String>,
    /// The rows below, without empty ones.
    pub rows: Vec<Row>,
    /// SHA-256 of the file.
    pub hash: [u8; 32],
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Empty, or a heading alone.
    #[error("there are no rows")]
    Empty,
    /// Larger than so many megabytes.
    #[error("more than {0} MB")]
    TooLarge(usize),
    /// What is packed in it is larger than allowed.
    #[error("too much inside")]
    TooLargeInside,
    /// More rows than allowed.
    #[error("more than {0} rows")]
    TooManyRows(usize),
    /// More columns than allowed.
    #[error("more than {0} columns")]
    TooManyColumns(usize),
    /// No text in UTF-8 or GB18030.
    #[error("no text")]
    NotText,
    /// The old Excel format.
    #[error("an old .xls")]
    OldExcel,
    /// A broken .xlsx, or another kind of file.
    #[error("neither .xlsx nor .csv")]
    Unreadable,
    /// Columns that must be there are not.
    #[error("columns are missing: {0:?}")]
    MissingColumns(Vec<&'static Column>),
    /// One heading stands twice.
    #[error("a column stands twice: {0:?}")]
    TwiceColumn(&'static Column),
}

impl FileFault {
    /// The key of the translations.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "no-rows",
            Self::TooLarge(_) => "too-large",
            Self::TooLargeInside => "too-large-inside",
            Self::TooManyRows(_) => "too-many-rows",
            Self::TooManyColumns(_) => "too-many-columns",
            Self::NotText => "not-text",
            Self::OldExcel => "old-excel",
            Self::Unreadable => "unreadable",
            Self::MissingColumns(_) => "missing-columns",
            Self::TwiceColumn(_) => "twice-column",
        }
    }
}

/// Reads a file by what it is, not by its name.
///
/// # Errors
/// [`FileFault`]: nothing of the file can be used then.
pub fn read(file: &[u8], limits: &Limits) -> Result<Table, FileFault> {
    if file.len() > limits.bytes {
        return Err(FileFault::TooLarge(limits.bytes >> 20));
    }
    let rows = match file {
        [b'P', b'K', ..] => xlsx::read(file, limits)?,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(FileFault::OldExcel),
        _ => read_csv(file, limits)?,
    };
    table(rows, sha256(file), limits)
}

/// One file at a time is unpacked, however many come.
static AT_ONCE: Semaphore = Semaphore::const_new(1);

/// [`read`], away from the threads that answer requests.
///
/// # Errors
/// [`FileFault`].
pub async fn open(
    file: impl AsRef<[u8]> + Send + 'static,
    limits: Limits,
) -> Result<Table, FileFault> {
    let permit = AT_ONCE.acquire().await.map_err(|_| FileFault::Unreadable)?;
    let read = tokio::task::spawn_blocking(move || {
        let table = read(file.as_ref(), &limits);
        drop(permit);
        table
    });
    read.await.unwrap_or(Err(FileFault::Unreadable))
}

fn table(rows: Vec<Row>, hash: [u8; 32], limits: &Limits) -> Result<Table, FileFault> {
    let mut rows = rows
        .into_iter()
        .filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
    let heading = rows.next().ok_or(FileFault::Empty)?.cells;
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() {
        return Err(FileFault::Empty);
    }
    if rows.len() > limits.rows {
        return Err(FileFault::TooManyRows(limits.rows));
    }
    Ok(Table {
        heading,
        rows,
        hash,
    })
}

fn read_csv(file: &[u8], limits: &Limits) -> Result<Vec<Row>, FileFault> {
    let mut text = decoded(file)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut rows, mut tidier) = (Vec::new(), Text::new(limits));
    let (mut record, mut number) = (csv::StringRecord::new(), 0);
    loop {
        let before = reader.position().line();
        let more = reader
            .read_record(&mut record)
            .map_err(|_| FileFault::Unreadable)?;
        if !more {
            return Ok(rows);
        }
        if record.len() > limits.columns {
            return Err(FileFault::TooManyColumns(limits.columns));
        }
        number += row_step(&record, reader.position().line() - before);
        let cells = record.iter().map(|cell| tidier.tidy(cell));
        rows.push(Row {
            number,
            cells: cells.collect::<Result<_, _>>()?,
        });
        if rows.len() > limits.rows + 1 {
            return Err(FileFault::TooManyRows(limits.rows));
        }
    }
}

/// How many rows further a record stands, as a spreadsheet counts: one a record, whatever line
/// breaks its cells hold, and one for each blank line before it.
fn row_step(record: &csv::StringRecord, lines: u64) -> usize {
    let inside = record
        .iter()
        .map(|cell| cell.bytes().filter(|byte| *byte == b'\n').count());
    let inside: usize = inside.sum();
    let lines = usize::try_from(lines).unwrap_or(usize::MAX);
    lines.saturating_sub(inside).max(1)
}

/// The text of a CSV file: UTF-8, or what Excel writes in China when nobody asks it for UTF-8.
fn decoded(file: &[u8]) -> Result<String, FileFault> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    match std::str::from_utf8(file) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(file)
            .map(Cow::into_owned)
            .ok_or(FileFault::NotText),
    }
}

/// Takes cells in, counting what they hold altogether: a text that stands once in a packed file may
/// stand in every cell.
pub(super) struct Text<'a> {
    limits: &'a Limits,
    left: usize,
}

impl<'a> Text<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            left: usize::try_from(limits.unpacked).unwrap_or(usize::MAX),
        }
    }

    /// Without NUL bytes, which no database text holds, and not longer than allowed.
    pub(super) fn tidy(&mut self, cell: &str) -> Result<String, FileFault> {
        let cell: String = cell
            .trim()
            .chars()
            .filter(|c| *c != '\0')
            .take(self.limits.cell)
            .collect();
        self.left = self
            .left
            .checked_sub(cell.len())
            .ok_or(FileFault::TooLargeInside)?;
        Ok(cell)
    }
}

/// Where the columns of a file stand.
#[derive(Debug)]
pub struct Places(Vec<(&'static Column, usize)>);

impl Places {
    /// The cell of a column; empty when there is none.
    #[must_use]
    pub fn cell<'a>(&self, row: &'a Row, column: &'static Column) -> &'a str {
        let place = self.0.iter().find(|(known, _)| *known == column);
        place
            .and_then(|(_, place)| row.cells.get(*place))
            .map_or("", String::as_str)
    }
}

impl Table {
    /// Where each of `columns` stands; those that may be missing may be missing.
    ///
    /// # Errors
    /// [`FileFault::MissingColumns`] or [`FileFault::TwiceColumn`].
    pub fn find_columns(&self, columns: &'static [&'static Column]) -> Result<Places, FileFault> {
        let (mut places, mut missing) = (Vec::with_capacity(columns.len()), Vec::new());
        for column in columns {
            let headings = self.heading.iter().enumerate();
            let mut found = headings.filter(|(_, heading)| column.is(heading));
            match (found.next(), found.next()) {
                (_, Some(_)) => return Err(FileFault::TwiceColumn(column)),
                (Some((place, _)), None) => places.push((*column, place)),
                (None, None) if column.needed == super::Needed::Always => missing.push(*column),
                (None, None) => {}
            }
        }
        if missing.is_empty() {
            Ok(Places(places))
        } else {
            Err(FileFault::MissingColumns(missing))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csv_of_excel_is_read_with_its_mark_and_its_quotes() {
        let table = read(
            "\u{feff}姓名*,单位职务\r\n\"张,伟\",\"第一行\n第二行\"\r\n,\r\n李娜\r\n".as_bytes(),
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(table.heading, ["姓名*", "单位职务"]);
        assert_eq!(
            table.rows[0],
            Row {
                number: 2,
                cells: vec!["张,伟".into(), "第一行\n第二行".into()]
            }
        );
        assert_eq!(
            table.rows[1],
            Row {
                number: 4,
                cells: vec!["李娜".into()]
            }
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_with_what_to_do() {
        let limits = Limits {
            bytes: 1 << 20,
            rows: 2,
            columns: 3,
            ..Limits::default()
        };
        let fault = |file: &[u8]| read(file, &limits).unwrap_err();
        assert_eq!(fault(b""), FileFault::Empty);
        assert_eq!(fault("姓名\n".as_bytes()), FileFault::Empty);
        assert_eq!(fault(b"\xd0\xd5\n\xff\xff\n"), FileFault::NotText);
        assert_eq!(fault(b"\xD0\xCF\x11\xE0\xA1\xB1"), FileFault::OldExcel);
        assert_eq!(fault(b"PK\x03\x04 not a zip"), FileFault::Unreadable);
        assert_eq!(fault(&vec![b'a'; (1 << 20) + 1]), FileFault::TooLarge(1));
        assert_eq!(fault(b"a\n1\n2\n3\n"), FileFault::TooManyRows(2));
        assert_eq!(fault(b"a,b,c,d\n1\n"), FileFault::TooManyColumns(3));
        assert!(read(b"a,b,c\n1\n2\n", &limits).is_ok(), "at the limit");
    }

    #[test]
    fn what_excel_saves_in_china_is_read() {
        let file = b"\xd0\xd5\xc3\xfb\r\n\xd5\xc5\xce\xb0\r\n";
        let table = read(file, &Limits::default()).unwrap();
        assert_eq!(
            (&*table.heading[0], &*table.rows[0].cells[0]),
            ("姓名", "张伟")
        );
    }

    #[test]
    fn rows_are_numbered_as_the_spreadsheet_does() {
        let numbers = |file: &str| -> Vec<usize> {
            let table = read(file.as_bytes(), &Limits::default()).unwrap();
            table.rows.iter().map(|row| row.number).collect()
        };
        assert_eq!(numbers("a\n\n\n1"), [4]);
        assert_eq!(numbers("\n\na\n1\n\n2\n"), [4, 6]);
        assert_eq!(numbers("a\r\n\r\n\"x\n\ny\"\r\n\r\n2\r\n\r\n"), [3, 5]);
        assert_eq!(numbers("a\r1\r2"), [2, 3]);
    }

    #[test]
    fn an_xlsx_gives_text_numbers_and_dates() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet
            .write(0, 0, "姓名")
            .unwrap()
            .write(0, 1, "代表证号")
            .unwrap()
            .write(0, 2, "任职日期")
            .unwrap();
        sheet.write(2, 0, "张伟").unwrap().write(2, 1, 12).unwrap();
        sheet.write_with_format(2, 2, 44_941, &date).unwrap();
        let table = read(&book.save_to_buffer().unwrap(), &Limits::default()).unwrap();
        assert_eq!(table.heading, ["姓名", "代表证号", "任职日期"]);
        assert_eq!(
            table.rows,
            [Row {
                number: 3,
                cells: vec!["张伟".into(), "12".into(), "2023-01-15".into()]
            }]
        );
    }

    #[test]
    fn a_cell_in_the_far_corner_takes_no_room() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet
            .write(0, 0, "姓名")
            .unwrap()
            .write(1_048_575, 0, "张伟")
            .unwrap();
        let table = read(&book.save_to_buffer().unwrap(), &Limits::default()).unwrap();
        assert_eq!(table.rows[0].number, 1_048_576);
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet()
            .write(0, 0, "姓名")
            .unwrap()
            .write(1, 16_383, "张伟")
            .unwrap();
        let fault = read(&book.save_to_buffer().unwrap(), &Limits::default()).unwrap_err();
        assert_eq!(fault, FileFault::TooManyColumns(40));
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_fall_over(file in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = read(&file, &Limits::default());
            let _ = read(&[b"PK\x03\x04".as_slice(), &file].concat(), &Limits::default());
        }
    }
}
