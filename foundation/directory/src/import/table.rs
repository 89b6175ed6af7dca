//! A spreadsheet as rows of text: CSV in UTF-8, or the first sheet of an .xlsx.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};

use super::Column;
use crate::codes::sha256;

/// How large a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Bytes of everything packed in an .xlsx.
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
            unpacked: 100 << 20,
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
    #[error("文件里没有数据，请在表头下面填写内容后再上传")]
    Empty,
    /// Larger than allowed.
    #[error("文件太大，最大{0}MB，请分成几个文件")]
    TooLarge(usize),
    /// What is packed in it is larger than allowed.
    #[error("文件解开后太大，请只保留需要的工作表后再上传")]
    TooLargeInside,
    /// More rows than allowed.
    #[error("超过{0}行，请分成几个文件")]
    TooManyRows(usize),
    /// More columns than allowed.
    #[error("超过{0}列，请删去不需要的列")]
    TooManyColumns(usize),
    /// CSV in another encoding.
    #[error(
        "文件编码不是UTF-8。请在Excel或WPS里选“另存为”，类型选“CSV UTF-8（逗号分隔）”或“Excel 工作簿（.xlsx）”，再上传"
    )]
    NotUtf8,
    /// The old Excel format.
    #[error("这是旧版.xls文件。请在Excel或WPS里选“另存为”，类型选“Excel 工作簿（.xlsx）”，再上传")]
    OldExcel,
    /// A broken .xlsx, or another kind of file.
    #[error("文件打不开，请确认是.xlsx或.csv文件")]
    Unreadable,
    /// Columns that must be there are not.
    #[error("缺少列：{0}")]
    MissingColumns(String),
    /// One heading stands twice.
    #[error("列“{0}”出现了两次")]
    TwiceColumn(String),
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
        [b'P', b'K', ..] => read_xlsx(file, limits)?,
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(FileFault::OldExcel),
        _ => read_csv(file, limits)?,
    };
    table(rows, sha256(file), limits)
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
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let text = std::str::from_utf8(file).map_err(|_| FileFault::NotUtf8)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|_| FileFault::Unreadable)?;
        if record.len() > limits.columns {
            return Err(FileFault::TooManyColumns(limits.columns));
        }
        // Counted like a spreadsheet does: one a record, whatever line breaks its cells hold.
        rows.push(Row {
            number: index + 1,
            cells: record.iter().map(|cell| tidy(cell, limits)).collect(),
        });
        if rows.len() > limits.rows + 1 {
            return Err(FileFault::TooManyRows(limits.rows));
        }
    }
    Ok(rows)
}

/// Without NUL bytes, which no database text holds, and not longer than allowed.
fn tidy(cell: &str, limits: &Limits) -> String {
    cell.trim()
        .chars()
        .filter(|c| *c != '\0')
        .take(limits.cell)
        .collect()
}

fn read_xlsx(file: &[u8], limits: &Limits) -> Result<Vec<Row>, FileFault> {
    check_size_inside(file, limits)?;
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
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(|_| FileFault::Unreadable)? {
        let (row, column) = cell.get_position();
        let text = tidy(&shown(cell.get_value()), limits);
        if text.is_empty() {
            continue;
        }
        if column as usize >= limits.columns {
            return Err(FileFault::TooManyColumns(limits.columns));
        }
        place(&mut rows, row as usize + 1, column as usize, text);
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

/// Unpacks everything once into nothing: what a packed file says of its size need not be true.
fn check_size_inside(file: &[u8], limits: &Limits) -> Result<(), FileFault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).map_err(|_| FileFault::Unreadable)?;
    let mut left = limits.unpacked;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| FileFault::Unreadable)?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let size = size.map_err(|_| FileFault::Unreadable)?;
        left = left.checked_sub(size).ok_or(FileFault::TooLargeInside)?;
    }
    Ok(())
}

impl Table {
    /// Where each of `columns` stands; `None` for one that may be missing and is.
    ///
    /// # Errors
    /// [`FileFault::MissingColumns`] or [`FileFault::TwiceColumn`].
    pub fn find_columns(&self, columns: &[Column]) -> Result<Vec<Option<usize>>, FileFault> {
        let is = |heading: &str, column: &Column| {
            let heading = heading.trim_end_matches(['*', '＊']).trim();
            heading == column.zh || heading.eq_ignore_ascii_case(column.en)
        };
        let mut places = Vec::with_capacity(columns.len());
        let mut missing = Vec::new();
        for column in columns {
            let mut found = self
                .heading
                .iter()
                .enumerate()
                .filter(|(_, heading)| is(heading, column));
            let place = found.next().map(|(place, _)| place);
            if found.next().is_some() {
                return Err(FileFault::TwiceColumn(column.zh.into()));
            }
            if place.is_none() && column.needed == super::Needed::Always {
                missing.push(column.zh);
            }
            places.push(place);
        }
        if missing.is_empty() {
            Ok(places)
        } else {
            Err(FileFault::MissingColumns(missing.join("、")))
        }
    }
}

impl Row {
    /// The cell of a column found by [`Table::find_columns`]; empty when there is none.
    #[must_use]
    pub fn cell(&self, place: Option<usize>) -> &str {
        place
            .and_then(|place| self.cells.get(place))
            .map_or("", String::as_str)
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
        assert_eq!(
            fault(b"\xd0\xd5\xc3\xfb\n\xd5\xc5\xce\xb0\n"),
            FileFault::NotUtf8
        );
        assert_eq!(fault(b"\xD0\xCF\x11\xE0\xA1\xB1"), FileFault::OldExcel);
        assert_eq!(fault(b"PK\x03\x04 not a zip"), FileFault::Unreadable);
        assert_eq!(fault(&vec![b'a'; (1 << 20) + 1]), FileFault::TooLarge(1));
        assert_eq!(fault(b"a\n1\n2\n3\n"), FileFault::TooManyRows(2));
        assert_eq!(fault(b"a,b,c,d\n1\n"), FileFault::TooManyColumns(3));
        assert!(read(b"a,b,c\n1\n2\n", &limits).is_ok(), "at the limit");
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

    #[test]
    fn a_packed_bomb_is_refused_before_it_is_read() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        archive
            .start_file("xl/worksheets/sheet1.xml", options)
            .unwrap();
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..12 {
            std::io::Write::write_all(&mut archive, &zeros).unwrap();
        }
        let file = archive.finish().unwrap().into_inner();
        let limits = Limits {
            unpacked: 10 << 20,
            ..Limits::default()
        };
        assert_eq!(read(&file, &limits).unwrap_err(), FileFault::TooLargeInside);
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_fall_over(file in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = read(&file, &Limits::default());
            let _ = read(&[b"PK\x03\x04".as_slice(), &file].concat(), &Limits::default());
        }
    }
}
