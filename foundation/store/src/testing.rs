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
    server: Option<(String, String)>,
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
            server: None,
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
        let template = crate::template::ready(&server, migrations)
            .await
            .expect("PostgreSQL makes a template");
        let name = format!("test_{}", unique());
        crate::template::copy(&server, &template, &name)
            .await
            .expect("PostgreSQL makes a database");
        let url = crate::template::address(&server, &name);
        let db = open(&url, migrations, ledger)
            .await
            .expect("PostgreSQL can be reached");
        Self {
            db,
            url,
            folder: None,
            server: Some((server, name)),
        }
    }

    /// A SQLite file without even the table of migrations, to restore into.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn empty_sqlite() -> Self {
        let test = Self::sqlite(&[], None).await;
        test.emptied().await
    }

    /// A PostgreSQL database without even the table of migrations, to restore into.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn empty_postgres() -> Self {
        let test = Self::postgres(&[], None).await;
        test.emptied().await
    }

    async fn emptied(self) -> Self {
        let mut tx = begin(&self.db).await;
        sql("DROP TABLE schema_migration")
            .execute(&mut tx)
            .await
            .expect("a table can be dropped");
        tx.commit().await.expect("a dropped table stays dropped");
        self
    }

    /// The database opened once more, as a second program would, with a patience of its own.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open_again(&self, patience: std::time::Duration) -> Db {
        let options = Options {
            readers: 1,
            patience,
            ..Options::new(&self.url)
        };
        Db::open(&options)
            .await
            .expect("what was opened once can be opened twice")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
        if let Some((server, name)) = self.server.take() {
            // A thread with a run time of its own: the test's may be ending.
            let dropped = std::thread::spawn(move || crate::template::remove(&server, &name));
            let _ = dropped.join();
        }
    }
}

async fn open(url: &str, migrations: &[Migration], ledger: Option<Arc<dyn Ledger>>) -> Result<Db> {
    let options = Options {
        create: true,
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

/// Has both databases read every statement of a crate (see [`crate::statements!`]), so that a slip
/// in one that no test runs is found. A beginning such as `INSERT INTO t (a, b) VALUES ` is
/// completed with one row.
///
/// # Panics
/// With the statement's name and what the database says.
pub async fn prepare_all(test: &TestDb, statements: &[crate::Statement]) {
    let mut conn = test
        .db
        .connect()
        .await
        .expect("the database can be reached");
    for (name, text) in statements {
        if let Err(error) = conn.prepare(&completed(text)).await {
            panic!("{name}: {error:?}\n{text}");
        }
    }
}

/// How the database would run a statement, in its own words.
///
/// # Panics
/// With what the database says.
pub async fn plan<const N: usize>(
    db: &Db,
    statement: &'static str,
    values: [crate::Value; N],
) -> String {
    let explain = crate::dialect::explain(db.kind());
    let query = sql(explain).push(statement);
    let query = values.into_iter().fold(query, crate::Query::bind);
    let lines = match db.kind() {
        crate::Engine::Sqlite => {
            let rows = query.all::<(i64, i64, i64, String)>(db).await;
            rows.map(|rows| rows.into_iter().map(|row| row.3).collect::<Vec<_>>())
        }
        crate::Engine::Postgres => {
            let rows = query.all::<(String,)>(db).await;
            rows.map(|rows| rows.into_iter().map(|row| row.0).collect())
        }
    };
    lines.expect("the database tells its plan").join("\n")
}

fn completed(text: &str) -> String {
    let columns = text
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    match columns {
        Some((columns, _)) if text.trim_end().ends_with("VALUES") => {
            let row: Vec<_> = (1..=columns.split(',').count())
                .map(|n| format!("${n}"))
                .collect();
            format!("{text}({})", row.join(", "))
        }
        _ => text.to_owned(),
    }
}

/// Runs `migrations` on both databases and compares what became of them.
///
/// # Panics
/// With both schemas, when they differ, or when a column is of a kind that is not portable.
pub async fn compare_schemas(migrations: &[Migration]) {
    let (file, server) = (
        TestDb::sqlite(migrations, None).await,
        TestDb::postgres(migrations, None).await,
    );
    let on_file = written(
        &crate::schema::tables(&file.db)
            .await
            .expect("SQLite tells its schema"),
    );
    let on_server = written(
        &crate::schema::tables(&server.db)
            .await
            .expect("PostgreSQL tells its schema"),
    );
    assert_eq!(
        on_file, on_server,
        "SQLite (left) and PostgreSQL (right) differ"
    );
}

fn written(tables: &[crate::schema::Table]) -> String {
    tables.iter().map(ToString::to_string).collect()
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
/// ```text
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
