//! A statement with its values, run on either database.

use std::borrow::Cow;

use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow, sqlite::SqliteRow};

use crate::{Conn, Db, Result, StoreError, Tx, Value};

/// A row type both databases can fill: `#[derive(sqlx::FromRow)]` on a plain struct, or a tuple.
pub trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Record for T {}

/// Where a statement runs: `&Db` for reading outside a transaction, `&mut Tx` inside one.
pub trait Target: Send {
    /// The place itself.
    fn place(&mut self) -> Place<'_>;

    /// Hears that a statement starts.
    fn starts(&mut self) {}

    /// Hears that it ended well. A transaction that does not hear it will not commit.
    fn ends_well(&mut self) {}
}

/// See [`Target`].
#[derive(Debug)]
pub enum Place<'a> {
    /// Any reading connection of the pool.
    Pool(&'a Db),
    /// This connection.
    Conn(&'a mut Conn),
}

impl Target for &Db {
    fn place(&mut self) -> Place<'_> {
        Place::Pool(self)
    }
}

impl Target for &mut Tx {
    fn place(&mut self) -> Place<'_> {
        Place::Conn(self.conn())
    }

    fn starts(&mut self) {
        self.statement_starts();
    }

    fn ends_well(&mut self) {
        self.statement_ends();
    }
}

impl Target for &mut Conn {
    fn place(&mut self) -> Place<'_> {
        Place::Conn(self)
    }
}

/// A statement being put together. All its text is `'static`: what people type only ever gets in
/// as a bound value.
#[derive(Debug, Clone)]
pub struct Query {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

/// Starts a statement. Parameters are `$1`, `$2`, … on both databases.
#[must_use]
pub fn sql(text: &'static str) -> Query {
    Query {
        text: Cow::Borrowed(text),
        values: Vec::new(),
    }
}

macro_rules! run {
    ($query:ident, $target:ident, |$made:ident, $on:ident| $body:expr) => {{
        let values = $query.values;
        $target.starts();
        let ended = match $target.place() {
            Place::Pool(db) => {
                db.count_query();
                match db.engine() {
                    crate::db::Pools::Sqlite(pool) => {
                        let $made = bind_all!(sqlx::Sqlite, $query.text, values);
                        let $on = pool;
                        $body
                    }
                    crate::db::Pools::Postgres(pool) => {
                        let $made = bind_all!(sqlx::Postgres, $query.text, values);
                        let $on = pool;
                        $body
                    }
                }
            }
            Place::Conn(Conn::Sqlite(conn)) => {
                let $made = bind_all!(sqlx::Sqlite, $query.text, values);
                let $on = conn;
                $body
            }
            Place::Conn(Conn::Postgres(conn)) => {
                let $made = bind_all!(sqlx::Postgres, $query.text, values);
                let $on = conn;
                $body
            }
        };
        if ended.is_ok() {
            $target.ends_well();
        }
        ended
    }};
}

macro_rules! bind_all {
    ($database:ty, $text:expr, $values:ident) => {{
        let mut query = match $text {
            Cow::Borrowed(text) => sqlx::query::<$database>(text),
            // Made only of 'static pieces, see `Query::push`.
            Cow::Owned(text) => sqlx::query::<$database>(AssertSqlSafe(text)),
        };
        for value in $values {
            query = match value {
                Value::Int(v) => query.bind(v),
                Value::Text(v) => query.bind(v),
                Value::Bytes(v) => query.bind(v),
                Value::Uuid(v) => query.bind(v),
                Value::Bool(v) => query.bind(v),
            };
        }
        query
    }};
}

impl Query {
    /// Starts a statement with names out of the schema; never with anything from a request.
    pub(crate) fn trusted(text: String) -> Self {
        Self {
            text: Cow::Owned(text),
            values: Vec::new(),
        }
    }

    /// Binds the next parameter.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds text, for lists whose filters vary.
    #[must_use]
    pub fn push(mut self, text: &'static str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Adds a parameter to the text and binds it.
    #[must_use]
    pub fn push_bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        let place = format!("${}", self.values.len());
        self.text.to_mut().push_str(&place);
        self
    }

    /// Adds `items` as `($1, $2), ($3, $4), …`: one statement for many rows. Stay under
    /// [`Query::MOST_VALUES`]; about a thousand values at once are the quickest, because SQLite looks
    /// each parameter up among all before it.
    #[must_use]
    pub fn push_rows<const N: usize>(self, items: impl IntoIterator<Item = [Value; N]>) -> Self {
        self.push_all(items)
    }

    pub(crate) fn push_all<I: IntoIterator<Item = Value>>(
        mut self,
        items: impl IntoIterator<Item = I>,
    ) -> Self {
        for (row, values) in items.into_iter().enumerate() {
            self.text
                .to_mut()
                .push_str(if row == 0 { "(" } else { ", (" });
            for (column, value) in values.into_iter().enumerate() {
                if column > 0 {
                    self.text.to_mut().push_str(", ");
                }
                self = self.push_bind(value);
            }
            self.text.to_mut().push(')');
        }
        self
    }

    /// The most values one statement may bind on both databases (SQLite's limit).
    pub const MOST_VALUES: usize = 32_766;

    /// The text as it will be run, for snapshot tests of lists that vary.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as it will be run, for the list of a crate's statements.
    #[must_use]
    pub fn into_text(self) -> Cow<'static, str> {
        self.text
    }

    /// Runs it; the number of rows it changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute(self, mut on: impl Target) -> Result<u64> {
        run!(self, on, |query, conn| query
            .execute(conn)
            .await
            .map(|done| done.rows_affected())
            .map_err(StoreError::from))
    }

    /// All rows.
    ///
    /// # Errors
    /// What the database says, or a row that does not fit `T`.
    pub async fn all<T: Record>(self, mut on: impl Target) -> Result<Vec<T>> {
        run!(self, on, |query, conn| {
            let rows = query.fetch_all(conn).await.map_err(StoreError::from);
            rows.and_then(|rows| rows.iter().map(|row| Ok(T::from_row(row)?)).collect())
        })
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// What the database says, or a row that does not fit `T`.
    pub async fn optional<T: Record>(self, mut on: impl Target) -> Result<Option<T>> {
        run!(self, on, |query, conn| {
            let row = query.fetch_optional(conn).await.map_err(StoreError::from);
            row.and_then(|row| row.map(|row| Ok(T::from_row(&row)?)).transpose())
        })
    }

    /// The one row there must be.
    ///
    /// # Errors
    /// [`crate::StoreError::Missing`] when there is none; else what the database says.
    pub async fn one<T: Record>(self, on: impl Target) -> Result<T> {
        self.optional(on).await?.ok_or(StoreError::Missing)
    }
}
