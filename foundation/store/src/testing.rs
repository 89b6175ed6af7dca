//! A database of its own for every test, on both engines.

use std::sync::Arc;

use kernel::{Actor, TestClock};

use crate::{Db, Ledger, Migration, Options, Result, StoreError, migrate, sql};

/// Where the tests' PostgreSQL is told: `postgres://USER@HOST:PORT/DATABASE`, a superuser's.
pub const POSTGRES_VARIABLE: &str = "QUANCHENG_TEST_POSTGRES";

/// An empty, migrated database that belongs to one test.
#[derive(Debug)]
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// Its address, to open it a second time.
    pub url: String,
    folder: Option<std::path::PathBuf>,
}

impl TestDb {
    /// A SQLite file in a temporary folder, removed afterwards.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn sqlite(migrations: &[Migration], ledger: Option<Arc<dyn Ledger>>) -> Self {
        let folder = std::env::temp_dir().join(format!("quancheng-test-{}", unique()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let url = format!("sqlite:{}", folder.join("test.db").display());
        let db = open(&url, migrations, ledger)
            .await
            .expect("a SQLite file can be opened");
        Self {
            db,
            url,
            folder: Some(folder),
        }
    }

    /// A PostgreSQL database, copied from a template that has the migrations.
    ///
    /// # Panics
    /// When there is no PostgreSQL: a database that did not run is a failure, never a skip.
    pub async fn postgres(migrations: &[Migration], ledger: Option<Arc<dyn Ledger>>) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the test harness is told by its environment"
        )]
        let server = std::env::var(POSTGRES_VARIABLE)
            .unwrap_or_else(|_| panic!("{POSTGRES_VARIABLE} is not set: run `cargo xtask test`"));
        let name = format!("test_{}", unique());
        create_database(&server, &name)
            .await
            .expect("PostgreSQL makes a database");
        let base = server
            .rsplit_once('/')
            .map_or(server.as_str(), |(base, _)| base);
        let url = format!("{base}/{name}");
        let db = open(&url, migrations, ledger)
            .await
            .expect("PostgreSQL can be reached");
        Self {
            db,
            url,
            folder: None,
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

async fn open(url: &str, migrations: &[Migration], ledger: Option<Arc<dyn Ledger>>) -> Result<Db> {
    let options = Options {
        readers: 3,
        ..Options::new(url)
    };
    let db = match ledger {
        Some(ledger) => Db::open_with(&options, ledger).await?,
        None => Db::open(&options).await?,
    };
    migrate(&db, migrations, &TestClock::default()).await?;
    Ok(db)
}

async fn create_database(server: &str, name: &str) -> Result<()> {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
    let mut conn = sqlx::PgConnection::connect(server).await?;
    conn.execute(sqlx::raw_sql(AssertSqlSafe(format!(
        "CREATE DATABASE {name}"
    ))))
    .await?;
    conn.close().await?;
    Ok(())
}

fn unique() -> String {
    use kernel::Entropy as _;
    let mut bytes = [0u8; 8];
    kernel::OsEntropy.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Counts the rows of a table that a test names.
///
/// # Errors
/// What the database says.
pub async fn count(db: &Db, query: &'static str) -> Result<i64, StoreError> {
    let (count,): (i64,) = sql(query).one(db).await?;
    Ok(count)
}

/// Starts a transaction nobody in particular answers for.
///
/// # Panics
/// When the database cannot be reached.
pub async fn begin(db: &Db) -> crate::Tx {
    db.begin(Actor::System)
        .await
        .expect("the database can be reached")
}

/// Writes each test once and runs it on both databases: `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// store::on_both! {
///     [MIGRATIONS, None]
///     async fn an_opinion_is_counted_once(test: TestDb) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_both {
    ([$migrations:expr, $ledger:expr] $($(#[$meta:meta])* async fn $name:ident($test:ident: TestDb) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn body($test: $crate::testing::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body($crate::testing::TestDb::sqlite($migrations, $ledger).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                body($crate::testing::TestDb::postgres($migrations, $ledger).await).await;
            }
        }
    )*};
}
