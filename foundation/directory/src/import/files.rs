//! Files that go back to who uploaded: the faults of an import, first passwords, an empty form.

use std::collections::HashMap;

use super::{Fault, Kind, Needed, NewLogin, Table};

/// Spreadsheets take a cell that begins so for a formula, wide forms and all.
const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A cell that no spreadsheet takes for a formula: a dangerous beginning gets an apostrophe.
#[must_use]
pub fn harmless(cell: &str) -> String {
    let unseen =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{feff}');
    let dangerous = cell.trim_start_matches(unseen).starts_with(FORMULA_STARTS)
        || cell.starts_with(['\t', '\r', '\n']);
    if dangerous {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The error file: a line for each fault, with the row's own cells beside it. `heading` are the
/// words for row, column and fault, `say` those for one fault's column and what is wrong. CSV with
/// the mark that makes Excel read UTF-8.
#[must_use]
pub fn error_file(
    table: &Table,
    faults: &[Fault],
    heading: [String; 3],
    say: impl Fn(&Fault) -> [String; 2],
) -> Vec<u8> {
    let mut first = heading.to_vec();
    first.extend(table.heading.iter().map(|cell| harmless(cell)));
    let rows: HashMap<usize, &[String]> = table
        .rows
        .iter()
        .map(|row| (row.number, row.cells.as_slice()))
        .collect();
    let lines = faults.iter().map(|fault| {
        let [column, wrong] = say(fault);
        let mut cells = vec![fault.row.to_string(), column, harmless(&wrong)];
        let own = rows.get(&fault.row).into_iter().flat_map(|cells| *cells);
        cells.extend(own.map(|cell| harmless(cell)));
        cells
    });
    csv_file(std::iter::once(first).chain(lines))
}

/// First passwords, to be handed over one by one and then destroyed. `heading` are the words for
/// name, sign-in name and password.
#[must_use]
pub fn handover_file(accounts: &[NewLogin], heading: [String; 3]) -> Vec<u8> {
    let rows = accounts.iter().map(|account| {
        vec![
            harmless(&account.name),
            harmless(&account.login),
            account.password.secret().to_owned(),
        ]
    });
    csv_file(std::iter::once(heading.to_vec()).chain(rows))
}

/// An empty file of `kind` to fill in, its headings in Chinese or English; a star marks what must be
/// filled.
#[must_use]
pub fn template(kind: Kind, chinese: bool) -> Vec<u8> {
    let heading = kind.columns().iter().map(|column| {
        let star = if column.needed == Needed::Always {
            "*"
        } else {
            ""
        };
        format!("{}{star}", if chinese { column.zh } else { column.en })
    });
    csv_file(std::iter::once(heading.collect()))
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
    use super::super::{Code, Row};
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
            column: Kind::Deputies.columns()[0],
            code: Code::Characters,
            values: Vec::new(),
        }];
        let heading = ["行号", "列", "问题"].map(str::to_owned);
        let say = |fault: &Fault| [fault.column.zh.to_owned(), "有不能用的字符".to_owned()];
        let text = String::from_utf8(error_file(&table, &faults, heading, say)).unwrap();
        assert_eq!(
            text,
            "\u{feff}行号,列,问题,姓名,单位职务\r\n5,姓名,有不能用的字符,\"'=HYPERLINK(\"\"x\"\")\",\"a, b\"\r\n"
        );
    }

    #[test]
    fn every_dangerous_beginning_is_made_harmless() {
        for cell in [
            "=1",
            "+1",
            "-1",
            "@a",
            "\t=1",
            " =1",
            "＝1",
            "－1",
            "＋1",
            "＠a",
            "\n1",
            "\r1",
            "\u{3000}=1",
            "\u{a0}=1",
            "\u{200b}=1",
            "\u{feff}+1",
        ] {
            assert_eq!(harmless(cell), format!("'{cell}"), "{cell:?}");
        }
        assert_eq!(harmless("张伟"), "张伟");
        assert_eq!(harmless(""), "");
    }

    #[test]
    fn an_empty_form_is_read_as_one() {
        for kind in Kind::ALL {
            for chinese in [true, false] {
                let mut file = template(kind, chinese);
                file.extend_from_slice("x\r\n".as_bytes());
                let table = super::super::read(&file, &kind.limits()).unwrap();
                let places = table.find_columns(kind.columns()).unwrap();
                assert_eq!(table.heading.len(), kind.columns().len());
                assert_eq!(places.cell(&table.rows[0], kind.columns()[0]), "x");
            }
        }
    }
}
