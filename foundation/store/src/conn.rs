//! One connection to either database.

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqlSafeStr as _, SqliteConnection,
};

use crate::{Engine, Result, StoreError};

/// One connection.
#[derive(Debug)]
pub enum Conn {
    /// To a file.
    Sqlite(SqliteConnection),
    /// To a server.
    Postgres(PgConnection),
}

impl Conn {
    /// Which database this is.
    pub(crate) const fn kind(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs statements that take no values, such as a migration.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run_script(&mut self, script: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.execute(sqlx::raw_sql(script)).await.map(drop)?,
            Self::Postgres(conn) => conn.execute(sqlx::raw_sql(script)).await.map(drop)?,
        }
        Ok(())
    }

    /// Runs a script put together at run time, such as a restored table's; never from a request.
    pub(crate) async fn run_trusted(&mut self, script: String) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn
                .execute(sqlx::raw_sql(AssertSqlSafe(script)))
                .await
                .map(drop)?,
            Self::Postgres(conn) => conn
                .execute(sqlx::raw_sql(AssertSqlSafe(script)))
                .await
                .map(drop)?,
        }
        Ok(())
    }

    /// Runs a statement that steers a transaction. SQLite keeps it prepared; to PostgreSQL it
    /// is one message either way.
    pub(crate) async fn control(&mut self, statement: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.execute(sqlx::query(statement)).await.map(drop)?,
            Self::Postgres(conn) => conn.execute(sqlx::raw_sql(statement)).await.map(drop)?,
        }
        Ok(())
    }

    /// Has the database read a statement without running it.
    pub(crate) async fn prepare(&mut self, statement: &str) -> Result<()> {
        let text = AssertSqlSafe(statement.to_owned()).into_sql_str();
        match self {
            Self::Sqlite(conn) => conn.prepare(text).await.map(drop)?,
            Self::Postgres(conn) => conn.prepare(text).await.map(drop)?,
        }
        Ok(())
    }

    /// Hears the rest of a statement that was broken off, so that its failure is not taken for
    /// the next one's.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        match self {
            // The worker thread ends or resets a statement that nobody listens to.
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(conn) => match conn.ping().await.map_err(StoreError::from) {
                Err(error) if !error.is_unavailable() => Ok(conn.ping().await?),
                outcome => outcome,
            },
        }
    }

    /// Starts a transaction that means to write.
    pub(crate) async fn begin_write(&mut self) -> Result<()> {
        match self {
            // IMMEDIATE: a deferred transaction that turns into a writing one fails at once when
            // another writes, whatever the busy timeout says.
            Self::Sqlite(_) => self.control("BEGIN IMMEDIATE").await,
            // PostgreSQL gets the same: programs that share a database take one lane, so that what a
            // transaction has read holds until it ends. The lock goes with the transaction.
            Self::Postgres(_) => {
                self.control("BEGIN; SELECT pg_advisory_xact_lock(20260701)")
                    .await
            }
        }
    }

    /// Closes it politely.
    pub(crate) async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.close().await?,
            Self::Postgres(conn) => conn.close().await?,
        }
        Ok(())
    }
}
