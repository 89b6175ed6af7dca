//! Migrations: append-only scripts, each run once, the same text on both databases.

use kernel::{Actor, Clock, Timestamp};

use crate::{Db, Result, StoreError, Tx, sql};

/// One step of the schema. Scripts are never changed once they have landed.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Unique and telling, such as `consultation/0001_opinions`.
    pub id: &'static str,
    /// Portable DDL.
    pub script: &'static str,
}

pub(crate) const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS schema_migration (id TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)";
const IS_APPLIED: &str = "SELECT applied_at FROM schema_migration WHERE id = $1";
const MARK_APPLIED: &str = "INSERT INTO schema_migration (id, applied_at) VALUES ($1, $2)";

/// Runs those of `migrations` that have not run yet, in order, each in its own transaction; the
/// ids of those it ran.
///
/// # Errors
/// A script that fails; it leaves nothing behind.
pub async fn migrate(
    db: &Db,
    migrations: &[Migration],
    clock: &dyn Clock,
) -> Result<Vec<&'static str>> {
    let mut tx = db.begin(Actor::System).await?;
    sql(CREATE).execute(&mut tx).await?;
    tx.commit().await?;
    let mut ran = Vec::new();
    for migration in migrations {
        let mut tx = db.begin(Actor::System).await?;
        let applied: Option<(i64,)> = sql(IS_APPLIED).bind(migration.id).optional(&mut tx).await?;
        if applied.is_some() {
            tx.roll_back().await;
            continue;
        }
        apply(&mut tx, migration, clock.now()).await?;
        tx.commit().await?;
        ran.push(migration.id);
    }
    Ok(ran)
}

/// Runs one step and notes it.
pub(crate) async fn apply(tx: &mut Tx, migration: &Migration, at: Timestamp) -> Result<()> {
    tx.conn().run_script(migration.script).await?;
    sql(MARK_APPLIED)
        .bind(migration.id)
        .bind(at)
        .execute(tx)
        .await
        .map(drop)
}

/// Refuses to go on when `migrations` has steps that the database has not had.
///
/// # Errors
/// [`StoreError::Inconsistent`], naming the first step that is missing.
pub async fn check(db: &Db, migrations: &[Migration]) -> Result<()> {
    for migration in migrations {
        let applied: Option<(i64,)> = sql(IS_APPLIED).bind(migration.id).optional(db).await?;
        if applied.is_none() {
            return Err(StoreError::Inconsistent(format!(
                "migration {} has not run",
                migration.id
            )));
        }
    }
    Ok(())
}
