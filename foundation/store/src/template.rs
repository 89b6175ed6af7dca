//! PostgreSQL databases for tests, copied from a template that has the migrations already.

use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{Db, Migration, Options, Result, StoreError, migrate};

const LOCK: &str = "SELECT pg_advisory_lock(7238461)";
const EXISTS: &str = "SELECT 1 FROM pg_database WHERE datname = $1";

/// The address of another database on the same server.
pub(crate) fn address(server: &str, name: &str) -> String {
    let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
    format!("{base}/{name}")
}

/// The template's name: a digest of the migrations, so that a changed script gets a new one.
fn name(migrations: &[Migration]) -> String {
    let mut digest = Sha256::new();
    for migration in migrations {
        for part in [migration.id, migration.script] {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
    }
    let hex: String = digest
        .finalize()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("template_{hex}")
}

/// Makes the template if no test process has made it yet; its name.
pub(crate) async fn ready(server: &str, migrations: &[Migration]) -> Result<String> {
    let name = name(migrations);
    let mut conn = PgConnection::connect(server).await?;
    if exists(&mut conn, &name).await? {
        return Ok(name);
    }
    // Held until the connection closes.
    conn.execute(LOCK).await?;
    if !exists(&mut conn, &name).await? {
        let building = format!("{name}_building");
        run(
            &mut conn,
            format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)"),
        )
        .await?;
        run(&mut conn, format!("CREATE DATABASE {building}")).await?;
        let db = Db::open(&Options::new(address(server, &building))).await?;
        let migrated = migrate(&db, migrations, &kernel::TestClock::default()).await;
        db.close().await;
        migrated?;
        // Only a whole template ever bears the name.
        run(
            &mut conn,
            format!("ALTER DATABASE {building} RENAME TO {name}"),
        )
        .await?;
    }
    conn.close().await?;
    Ok(name)
}

async fn exists(conn: &mut PgConnection, name: &str) -> Result<bool> {
    let found: Option<(i32,)> = sqlx::query_as(EXISTS)
        .bind(name)
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}

/// Copies the template.
pub(crate) async fn copy(server: &str, template: &str, name: &str) -> Result<()> {
    let mut conn = PgConnection::connect(server).await?;
    run(
        &mut conn,
        format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await?;
    Ok(conn.close().await?)
}

/// Removes a test's database, whoever is still connected to it.
pub(crate) fn remove(server: &str, name: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| StoreError::from(sqlx::Error::Io(error)))?;
    runtime.block_on(async {
        let mut conn = PgConnection::connect(server).await?;
        run(
            &mut conn,
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await?;
        Ok(conn.close().await?)
    })
}

async fn run(conn: &mut PgConnection, statement: String) -> Result<()> {
    conn.execute(sqlx::raw_sql(AssertSqlSafe(statement)))
        .await?;
    Ok(())
}
