//! Files that go back to who uploaded: the faults of an import, the first passwords.

use super::{Fault, NewLogin, Table};

/// Spreadsheets take a cell that begins so for a formula.
const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋'];

/// A cell that no spreadsheet takes for a formula: a dangerous beginning gets an apostrophe.
#[must_use]
pub fn harmless(cell: &str) -> String {
    let dangerous = cell.trim_start_matches(' ').starts_with(FORMULA_STARTS);
    if dangerous {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The error file: a line for each fault, with the row's own cells beside it. CSV with the mark
/// that makes Excel read UTF-8.
#[must_use]
pub fn error_file(table: &Table, faults: &[Fault]) -> Vec<u8> {
    let mut heading = vec!["行号".to_owned(), "列".to_owned(), "问题".to_owned()];
    heading.extend(table.heading.iter().map(|cell| harmless(cell)));
    let rows = faults.iter().map(|fault| {
        let own = table.rows.iter().find(|row| row.number == fault.row);
        let mut cells = vec![
            fault.row.to_string(),
            fault.column.to_owned(),
            harmless(&fault.zh),
        ];
        cells.extend(
            own.into_iter()
                .flat_map(|row| &row.cells)
                .map(|cell| harmless(cell)),
        );
        cells
    });
    csv_file(std::iter::once(heading).chain(rows))
}

/// The first passwords of new accounts, to be handed over one by one and then destroyed.
#[must_use]
pub fn handover_file(accounts: &[NewLogin]) -> Vec<u8> {
    let heading = ["姓名", "登录名", "初始密码（首次登录后须修改）"]
        .map(str::to_owned)
        .to_vec();
    let rows = accounts.iter().map(|account| {
        vec![
            harmless(&account.name),
            harmless(&account.login),
            account.password.secret().to_owned(),
        ]
    });
    csv_file(std::iter::once(heading).chain(rows))
}

fn csv_file(rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xEF\xBB\xBF".to_vec());
    for row in rows {
        writer.write_record(row).expect("memory takes every row");
    }
    writer.into_inner().expect("memory takes every row")
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::*;

    #[test]
    fn a_formula_goes_back_as_text_beside_its_fault() {
        let table = Table {
            heading: vec!["姓名".into(), "单位职务".into()],
            rows: vec![Row {
                number: 5,
                cells: vec!["=HYPERLINK(\"x\")".into(), "a, b".into()],
            }],
            hash: [0; 32],
        };
        let faults = [Fault {
            row: 5,
            column: "姓名",
            zh: "姓名里有不能用的字符".into(),
        }];
        let text = String::from_utf8(error_file(&table, &faults)).unwrap();
        assert_eq!(
            text,
            "\u{feff}行号,列,问题,姓名,单位职务\r\n5,姓名,姓名里有不能用的字符,\"'=HYPERLINK(\"\"x\"\")\",\"a, b\"\r\n"
        );
    }

    #[test]
    fn every_dangerous_beginning_is_made_harmless() {
        for cell in ["=1", "+1", "-1", "@a", "\t=1", " =1", "＝1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        assert_eq!(harmless("张伟"), "张伟");
        assert_eq!(harmless(""), "");
    }
}
