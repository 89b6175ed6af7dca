//! The schema as it really is, in one form for both databases.

use std::fmt;

use crate::{Conn, Db, Engine, Result, StoreError, dialect};

/// The kinds of column that both databases hold alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `BIGINT`.
    Int,
    /// `TEXT`.
    Text,
    /// `BYTEA`.
    Bytes,
    /// `UUID`.
    Uuid,
    /// `BOOLEAN`.
    Bool,
}

impl Kind {
    fn parse(table: &str, column: &str, declared: &str) -> Result<Self> {
        Ok(match declared {
            "bigint" => Self::Int,
            "text" => Self::Text,
            "bytea" => Self::Bytes,
            "uuid" => Self::Uuid,
            "boolean" => Self::Bool,
            other => {
                return Err(StoreError::Inconsistent(format!(
                    "{table}.{column} is {other}, which is not portable"
                )));
            }
        })
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it refuses `NULL`; a primary key always does.
    pub required: bool,
}

/// An index, without its name: what it does counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// Whether it lets a value in only once.
    pub unique: bool,
    /// Whether it covers only some of the rows.
    pub partial: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    pub primary_key: Vec<String>,
    /// The other indexes, sorted.
    pub indexes: Vec<Index>,
    /// Columns that refer to another table, with its name; sorted.
    pub references: Vec<(String, String)>,
}

/// All tables, sorted by name.
///
/// # Errors
/// What the database says, or a column of a kind that is not portable.
pub async fn tables(db: &Db) -> Result<Vec<Table>> {
    let mut conn = db.connect().await?;
    let tables = tables_of(&mut conn).await;
    conn.close().await?;
    tables
}

/// All tables as this connection sees them.
pub(crate) async fn tables_of(conn: &mut Conn) -> Result<Vec<Table>> {
    let engine = conn.kind();
    let names: Vec<(String,)> = dialect::tables(engine).all(&mut *conn).await?;
    let mut tables = Vec::with_capacity(names.len());
    for (name,) in names {
        tables.push(table(conn, engine, name).await?);
    }
    Ok(tables)
}

async fn table(conn: &mut Conn, engine: Engine, name: String) -> Result<Table> {
    let rows: Vec<(String, String, i64)> = dialect::columns(engine, &name).all(&mut *conn).await?;
    let column = |(column, declared, required): (String, String, i64)| {
        Ok(Column {
            kind: Kind::parse(&name, &column, &declared)?,
            name: column,
            required: required != 0,
        })
    };
    let columns = rows.into_iter().map(column).collect::<Result<_>>()?;
    let rows: Vec<(String, String, i64, String)> =
        dialect::indexes(engine, &name).all(&mut *conn).await?;
    let (primary_key, indexes) = gather(rows);
    let references = dialect::references(engine, &name).all(&mut *conn).await?;
    Ok(Table {
        name,
        columns,
        primary_key,
        indexes,
        references,
    })
}

/// Puts the columns of each index together.
fn gather(rows: Vec<(String, String, i64, String)>) -> (Vec<String>, Vec<Index>) {
    let (mut primary_key, mut indexes, mut last) = (Vec::new(), Vec::<Index>::new(), None);
    for (name, kind, partial, column) in rows {
        if kind == "primary" {
            primary_key.push(column);
            continue;
        }
        if last.as_ref() != Some(&name) {
            indexes.push(Index {
                columns: Vec::new(),
                unique: kind == "unique",
                partial: partial != 0,
            });
            last = Some(name);
        }
        if let Some(index) = indexes.last_mut() {
            index.columns.push(column);
        }
    }
    indexes.sort();
    (primary_key, indexes)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.name, self.primary_key.join(", "))?;
        for Column {
            name,
            kind,
            required,
        } in &self.columns
        {
            writeln!(
                f,
                "  {name} {kind:?}{}",
                if *required { " required" } else { "" }
            )?;
        }
        for Index {
            columns,
            unique,
            partial,
        } in &self.indexes
        {
            let (unique, partial) = (
                if *unique { "unique" } else { "index" },
                if *partial { " partial" } else { "" },
            );
            writeln!(f, "  {unique}{partial} ({})", columns.join(", "))?;
        }
        for (column, table) in &self.references {
            writeln!(f, "  {column} -> {table}")?;
        }
        Ok(())
    }
}
