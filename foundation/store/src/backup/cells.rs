//! Rows as lines of JSON, and back.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::TryStreamExt as _;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Row as _, postgres::PgRow, sqlite::SqliteRow};
use tokio::sync::mpsc;

use super::{BackupError, ColumnNote, TableNote, gone, write::Order};
use crate::{
    Conn, Result, StoreError, Value, dialect,
    schema::{Kind, Table},
};

macro_rules! read_row {
    ($name:ident, $row:ty) => {
        fn $name(row: &$row, columns: &[ColumnNote]) -> Result<Vec<Value>> {
            let cell = |(place, column): (usize, &ColumnNote)| -> Result<Value> {
                Ok(match column.kind {
                    Kind::Int => Value::Int(row.try_get(place)?),
                    Kind::Text => Value::Text(row.try_get(place)?),
                    Kind::Bytes => Value::Bytes(row.try_get(place)?),
                    Kind::Uuid => Value::Uuid(row.try_get(place)?),
                    Kind::Bool => Value::Bool(row.try_get(place)?),
                })
            };
            columns.iter().enumerate().map(cell).collect()
        }
    };
}

read_row!(read_sqlite, SqliteRow);
read_row!(read_postgres, PgRow);

fn to_json(value: Value) -> Json {
    match value {
        Value::Int(v) => v.map(Json::from),
        Value::Text(v) => v.map(Json::from),
        Value::Bytes(v) => v.map(|bytes| Json::from(STANDARD.encode(bytes))),
        Value::Uuid(v) => v.map(|id| Json::from(id.to_string())),
        Value::Bool(v) => v.map(Json::from),
    }
    .unwrap_or(Json::Null)
}

/// Reads one cell; `None` when it is not of its kind.
fn from_json(kind: Kind, cell: &Json) -> Option<Value> {
    let text = cell.as_str();
    let null = cell.is_null();
    Some(match kind {
        Kind::Int => Value::Int(if null { None } else { Some(cell.as_i64()?) }),
        Kind::Text => Value::Text(if null { None } else { Some(text?.to_owned()) }),
        Kind::Bytes => Value::Bytes(if null {
            None
        } else {
            Some(STANDARD.decode(text?).ok()?)
        }),
        Kind::Uuid => Value::Uuid(if null {
            None
        } else {
            Some(text?.parse().ok()?)
        }),
        Kind::Bool => Value::Bool(if null { None } else { Some(cell.as_bool()?) }),
    })
}

/// Writes one row as a line.
pub(super) fn to_line(row: Vec<Value>) -> String {
    let mut line = Json::Array(row.into_iter().map(to_json).collect()).to_string();
    line.push('\n');
    line
}

/// Reads one line; `None` when it is no row of these columns.
pub(super) fn from_line(line: &str, columns: &[ColumnNote]) -> Option<Vec<Value>> {
    let cells: Vec<Json> = serde_json::from_str(line).ok()?;
    if cells.len() != columns.len() {
        return None;
    }
    cells
        .iter()
        .zip(columns)
        .map(|(cell, column)| from_json(column.kind, cell))
        .collect()
}

/// Takes lines, hashes and counts them, and passes them on in pieces if somebody wants them.
pub(super) struct Lines {
    digest: Sha256,
    rows: u64,
    piece: Vec<u8>,
    to: Option<mpsc::Sender<Order>>,
}

/// What is passed on at once, in bytes.
const PIECE: usize = 64 * 1024;

impl Lines {
    pub(super) fn new(to: Option<mpsc::Sender<Order>>) -> Self {
        Self {
            digest: Sha256::new(),
            rows: 0,
            piece: Vec::new(),
            to,
        }
    }

    async fn take(&mut self, line: &str) -> Result<(), BackupError> {
        self.digest.update(line);
        self.rows += 1;
        if self.to.is_some() {
            self.piece.extend_from_slice(line.as_bytes());
            if self.piece.len() >= PIECE {
                self.pass_on().await?;
            }
        }
        Ok(())
    }

    async fn pass_on(&mut self) -> Result<(), BackupError> {
        let piece = std::mem::take(&mut self.piece);
        match &self.to {
            Some(to) => to.send(Order::Piece(piece)).await.map_err(|_| gone()),
            None => Ok(()),
        }
    }

    async fn end(mut self) -> Result<(u64, String), BackupError> {
        self.pass_on().await?;
        Ok((self.rows, hex(&self.digest.finalize())))
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn notes(table: &Table) -> Vec<ColumnNote> {
    table
        .columns
        .iter()
        .map(|column| ColumnNote {
            name: column.name.clone(),
            kind: column.kind,
        })
        .collect()
}

/// A name of the schema inside a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Reads a table from first row to last, by primary key, or by all columns where there is none.
fn select(conn: &Conn, table: &Table) -> String {
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| quoted(&column.name))
        .collect();
    let in_order = |name: &&crate::schema::Column| {
        table.primary_key.is_empty() || table.primary_key.contains(&name.name)
    };
    let by = |column: &crate::schema::Column| {
        format!(
            "{}{}",
            quoted(&column.name),
            dialect::by_bytes(conn.kind(), column.kind == Kind::Text)
        )
    };
    let order: Vec<_> = table.columns.iter().filter(in_order).map(by).collect();
    format!(
        "SELECT {} FROM {} ORDER BY {}",
        columns.join(", "),
        quoted(&table.name),
        order.join(", ")
    )
}

/// Sends a table's rows through `lines`; what is to be noted of it.
pub(super) async fn each_row(
    conn: &mut Conn,
    table: &Table,
    mut lines: Lines,
    progress: super::Progress<'_>,
) -> Result<TableNote, BackupError> {
    let (text, columns) = (AssertSqlSafe(select(conn, table)), notes(table));
    macro_rules! read {
        ($conn:ident, $read:ident) => {{
            let mut rows = sqlx::query(text).fetch($conn);
            while let Some(row) = rows.try_next().await.map_err(StoreError::from)? {
                lines.take(&to_line($read(&row, &columns)?)).await?;
                if lines.rows % 1_000 == 0 {
                    progress(&table.name, lines.rows);
                }
            }
        }};
    }
    match conn {
        Conn::Sqlite(conn) => read!(conn, read_sqlite),
        Conn::Postgres(conn) => read!(conn, read_postgres),
    }
    let (rows, sha256) = lines.end().await?;
    progress(&table.name, rows);
    Ok(TableNote {
        name: table.name.clone(),
        columns,
        rows,
        sha256,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [Kind; 5] = [Kind::Int, Kind::Text, Kind::Bytes, Kind::Uuid, Kind::Bool];

    fn columns() -> Vec<ColumnNote> {
        KINDS
            .into_iter()
            .map(|kind| ColumnNote {
                name: "c".into(),
                kind,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn every_row_comes_back(
            int in any::<Option<i64>>(), text in any::<Option<String>>(), bytes in any::<Option<Vec<u8>>>(),
            id in any::<Option<u128>>(), yes in any::<Option<bool>>(),
        ) {
            let id = id.map(uuid::Uuid::from_u128);
            let row = vec![Value::Int(int), Value::Text(text), Value::Bytes(bytes), Value::Uuid(id), Value::Bool(yes)];
            let line = to_line(row.clone());
            prop_assert_eq!(line.matches('\n').count(), 1);
            prop_assert_eq!(from_line(&line, &columns()), Some(row));
        }
    }

    #[test]
    fn a_line_that_is_no_row_is_refused() {
        for line in [
            "",
            "[]",
            "[1,2,3,4,5]",
            "[1,\"t\",\"%\",null,true]",
            "[1.5,null,null,null,null]",
        ] {
            assert_eq!(from_line(line, &columns()), None, "{line}");
        }
    }
}
