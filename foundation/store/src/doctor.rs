//! What only the store can see of its health.

use std::fmt::Write as _;

use kernel::{Actor, Timestamp};

use crate::{Db, Engine, Migration, Result, StoreError, jobs, sql};

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether all is well.
    pub ok: bool,
    /// What was looked at: a fixed word, for which pages and the command line have a sentence.
    pub name: &'static str,
    /// Numbers and names for whoever mends it; empty when there is nothing to say.
    pub detail: String,
}

const PROBE: &str = "INSERT INTO schema_migration (id, applied_at) VALUES ('doctor/probe', 0)";
const APPLIED: &str = "SELECT id FROM schema_migration ORDER BY id";
const QUICK_CHECK: &str = "SELECT quick_check FROM pragma_quick_check LIMIT 20";
const FOREIGN_KEYS: &str = "SELECT COUNT(*) FROM pragma_foreign_key_check";
/// A job that waits longer than this for its turn, in seconds, says that no worker runs.
const LATE_AFTER: i64 = 600;
/// A job that failed so often is told, dead or not.
const MANY_ATTEMPTS: i64 = 4;
/// So many failed jobs are looked at by name.
const NAMED: u32 = 20;

/// Looks at everything. Nothing is changed; a database that cannot be reached is the only finding
/// then.
pub async fn look(db: &Db, migrations: &[Migration], now: Timestamp) -> Vec<Finding> {
    let reachable = finding(
        "reachable",
        sql("SELECT CAST(1 AS BIGINT)")
            .one::<(i64,)>(db)
            .await
            .map(|_| String::new()),
    );
    if !reachable.ok {
        return vec![reachable];
    }
    let mut findings = vec![
        reachable,
        finding("writable", writable(db).await),
        finding("migrations", migrated(db, migrations).await),
        finding("jobs", jobs_run(db, now).await),
    ];
    // A server checks its pages by itself; a file has nobody else.
    if db.kind() == Engine::Sqlite {
        findings.push(finding("file", file_is_whole(db).await));
    }
    findings
}

fn finding(name: &'static str, outcome: Result<String>) -> Finding {
    match outcome {
        Ok(detail) => Finding {
            ok: true,
            name,
            detail,
        },
        Err(StoreError::Inconsistent(detail)) => Finding {
            ok: false,
            name,
            detail,
        },
        Err(error) => Finding {
            ok: false,
            name,
            detail: with_causes(&error),
        },
    }
}

fn with_causes(error: &StoreError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

/// Writes a row and takes it back.
async fn writable(db: &Db) -> Result<String> {
    let mut tx = db.begin(Actor::System).await?;
    let written = sql(PROBE).execute(&mut tx).await;
    tx.roll_back().await;
    written.map(|_| String::new())
}

async fn migrated(db: &Db, migrations: &[Migration]) -> Result<String> {
    let applied: Vec<(String,)> = sql(APPLIED).all(db).await?;
    let has = |id: &str| applied.iter().any(|(known,)| known == id);
    let missing: Vec<_> = migrations
        .iter()
        .map(|step| step.id)
        .filter(|id| !has(id))
        .collect();
    let known = |id: &str| migrations.iter().any(|step| step.id == id);
    let newer: Vec<_> = applied
        .iter()
        .map(|(id,)| id.as_str())
        .filter(|id| !known(id))
        .collect();
    if missing.is_empty() && newer.is_empty() {
        return Ok(applied.len().to_string());
    }
    let detail = format!(
        "not run: [{}]; unknown to this program: [{}]",
        missing.join(", "),
        newer.join(", ")
    );
    Err(StoreError::Inconsistent(detail))
}

async fn jobs_run(db: &Db, now: Timestamp) -> Result<String> {
    let counts = jobs::counts(db, now.plus_seconds(-LATE_AFTER)).await?;
    let mut detail = format!(
        "waiting {}, late {}, dead {}",
        counts.waiting, counts.late, counts.dead
    );
    let failed = jobs::troubles(db, None, NAMED).await?;
    let stuck = |job: &&jobs::Trouble| job.is_dead() || job.attempts >= MANY_ATTEMPTS;
    let mut stuck = failed.iter().filter(stuck).peekable();
    let well = counts.late == 0 && counts.dead == 0 && stuck.peek().is_none();
    for job in stuck {
        let _ = write!(detail, "; {} {}: {}", job.kind, job.id, job.last_error);
    }
    if well {
        Ok(detail)
    } else {
        Err(StoreError::Inconsistent(detail))
    }
}

async fn file_is_whole(db: &Db) -> Result<String> {
    let said: Vec<(String,)> = sql(QUICK_CHECK).all(db).await?;
    let (dangling,): (i64,) = sql(FOREIGN_KEYS).one(db).await?;
    let said: Vec<_> = said
        .into_iter()
        .map(|(line,)| line)
        .filter(|line| line != "ok")
        .collect();
    if said.is_empty() && dangling == 0 {
        return Ok(String::new());
    }
    Err(StoreError::Inconsistent(format!(
        "{}; rows that refer to nothing: {dangling}",
        said.join("; ")
    )))
}
