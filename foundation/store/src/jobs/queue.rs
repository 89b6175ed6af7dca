//! The job table: in, claimed, out, back in, or dead.

use kernel::{Actor, Entropy, JobId, Timestamp};
use uuid::Uuid;

use super::{Failure, Job, NewJob};
use crate::{Db, Result, Target, Tx, dialect, sql};

crate::statements! {
    /// Takes a job unless its key is there already; a dead one begins anew.
    ENQUEUE = "INSERT INTO job (id, kind, payload, state, run_at, attempts, dedup_key)
        VALUES ($1, $2, $3, 'waiting', $4, 0, $5) ON CONFLICT (dedup_key) DO UPDATE
            SET kind = excluded.kind, payload = excluded.payload, state = 'waiting', run_at = excluded.run_at, attempts = 0
            WHERE job.state = 'dead'";
    /// Whether looking for work is worth a transaction.
    ANY_DUE = "SELECT id FROM job WHERE state <> 'dead' AND run_at <= $1 LIMIT 1";
    /// Done. The number of tries tells the present holder from a former one.
    FINISH = "DELETE FROM job WHERE id = $1 AND attempts = $2 AND state = 'running'";
    /// Back in, or dead.
    PUT_BACK = "UPDATE job SET state = $3, run_at = $4, last_error = $5, lease_until = NULL
        WHERE id = $1 AND attempts = $2 AND state = 'running'";
    /// Those that failed, after the one given, by when they are or were due.
    TROUBLES = "SELECT id, kind, payload, state, attempts, run_at, last_error FROM job
        WHERE last_error IS NOT NULL AND (run_at, id) > ($1, $2) ORDER BY run_at, id LIMIT $3";
    /// Another chance.
    RETRY = "UPDATE job SET state = 'waiting', attempts = 0, run_at = $2 WHERE id = $1 AND state <> 'running'";
    /// Given up for good.
    DROP_DEAD = "DELETE FROM job WHERE id = $1 AND state = 'dead'";
    /// How many in which state; `$1` is when one counts as late.
    COUNT = "SELECT state, COUNT(*), CAST(COALESCE(SUM(CASE WHEN run_at <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT)
        FROM job GROUP BY state";
}

/// After this many tries a job is dead.
pub(super) const MOST_ATTEMPTS: i64 = 12;
/// The first wait after a failure, and the longest: 10 seconds and one hour.
const FIRST_WAIT: i64 = 10_000_000;
const LONGEST_WAIT: i64 = 3_600_000_000;

/// Takes a job in; whether it is new. `now` and `entropy` make its id.
///
/// # Errors
/// What the database says.
pub async fn enqueue(
    tx: &mut Tx,
    job: &NewJob,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<bool> {
    let insert = sql(ENQUEUE)
        .bind(JobId::new(now, entropy))
        .bind(job.kind)
        .bind(&job.payload);
    let taken = insert
        .bind(job.run_at)
        .bind(job.dedup_key.clone())
        .execute(tx)
        .await?;
    Ok(taken == 1)
}

/// How long to wait after the `attempts`-th failure, in microseconds: twice as long each time, of
/// which the second half is left to `chance`, so that what failed together does not come back
/// together.
#[must_use]
pub fn backoff_micros(attempts: i64, chance: u32) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let wait = (FIRST_WAIT << doublings).min(LONGEST_WAIT);
    wait / 2 + (wait / 2) * i64::from(chance) / i64::from(u32::MAX)
}

/// Claims the job that is due first, until `lease_until`.
pub(super) async fn claim(db: &Db, now: Timestamp, lease_until: Timestamp) -> Result<Option<Job>> {
    if sql(ANY_DUE)
        .bind(now)
        .optional::<(JobId,)>(db)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let mut tx = db.begin(Actor::System).await?;
    let claim = sql(dialect::claim_job(db.kind()))
        .bind(now)
        .bind(lease_until);
    let claimed: Option<(JobId, String, String, i64)> = claim.optional(&mut tx).await?;
    tx.commit().await?;
    Ok(claimed.map(|(id, kind, payload, attempts)| Job {
        id,
        kind,
        payload,
        attempts,
    }))
}

/// Where a job goes after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Done,
    Retried,
    Dead,
}

pub(super) fn fate(attempts: i64, outcome: &Result<(), Failure>) -> Fate {
    match outcome {
        Ok(()) => Fate::Done,
        Err(Failure::Passing(_)) if attempts < MOST_ATTEMPTS => Fate::Retried,
        Err(_) => Fate::Dead,
    }
}

/// Records how a try ended, unless the lease has run out and somebody else has the job.
pub(super) async fn settle(
    db: &Db,
    job: &Job,
    outcome: &Result<(), Failure>,
    retry_at: Timestamp,
) -> Result<Fate> {
    let fate = fate(job.attempts, outcome);
    let mut tx = db.begin(Actor::System).await?;
    let statement = match outcome {
        Ok(()) => sql(FINISH).bind(job.id).bind(job.attempts),
        Err(failure) => {
            let state = if fate == Fate::Dead {
                "dead"
            } else {
                "waiting"
            };
            let back = sql(PUT_BACK).bind(job.id).bind(job.attempts).bind(state);
            back.bind(retry_at).bind(short(&failure.to_string()))
        }
    };
    statement.execute(&mut tx).await?;
    tx.commit().await?;
    Ok(fate)
}

/// An error's first two thousand characters: enough to understand it, never a whole document.
fn short(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(2_000).collect()
}

/// A job that failed: to be tried again, or dead.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Trouble {
    /// Which one.
    pub id: JobId,
    /// Which handler failed.
    pub kind: String,
    /// JSON, as it was enqueued.
    pub payload: String,
    /// `waiting`, `running` or `dead`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next; of a dead one, when it would have been.
    pub run_at: Timestamp,
    /// What the last failure said.
    pub last_error: String,
}

impl Trouble {
    /// Whether nobody tries it any more.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.state == "dead"
    }
}

/// The jobs that failed, in the order in which they are or were due: `limit` at most, beginning after
/// `last`.
///
/// # Errors
/// What the database says.
pub async fn troubles(on: impl Target, last: Option<&Trouble>, limit: u32) -> Result<Vec<Trouble>> {
    let (run_at, id) = last.map_or((i64::MIN, Uuid::nil()), |last| {
        (last.run_at.micros(), last.id.into())
    });
    sql(TROUBLES)
        .bind(run_at)
        .bind(id)
        .bind(limit)
        .all(on)
        .await
}

/// Gives a job that failed all its tries again, now; whether it was there.
///
/// # Errors
/// What the database says.
pub async fn retry(tx: &mut Tx, id: JobId, now: Timestamp) -> Result<bool> {
    Ok(sql(RETRY).bind(id).bind(now).execute(tx).await? == 1)
}

/// Removes a dead job; whether it was there.
///
/// # Errors
/// What the database says.
pub async fn drop_dead(tx: &mut Tx, id: JobId) -> Result<bool> {
    Ok(sql(DROP_DEAD).bind(id).execute(tx).await? == 1)
}

/// How many jobs there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting for their time or their turn.
    pub waiting: i64,
    /// Of the waiting and running, those that were due by the given instant.
    pub late: i64,
    /// In somebody's hands.
    pub running: i64,
    /// Given up.
    pub dead: i64,
}

/// Counts the jobs; those due by `late` count as late too.
///
/// # Errors
/// What the database says.
pub async fn counts(on: impl Target, late: Timestamp) -> Result<Counts> {
    let rows: Vec<(String, i64, i64)> = sql(COUNT).bind(late).all(on).await?;
    let mut counts = Counts::default();
    for (state, all, due) in rows {
        match state.as_str() {
            "waiting" => (counts.waiting, counts.late) = (all, counts.late + due),
            "running" => (counts.running, counts.late) = (all, counts.late + due),
            _ => counts.dead += all,
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let least: Vec<_> = (1..=11).map(|n| backoff_micros(n, 0) / 1_000_000).collect();
        assert_eq!(least, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]);
        assert_eq!(backoff_micros(1, u32::MAX), FIRST_WAIT);
        assert_eq!(backoff_micros(i64::MAX, u32::MAX), LONGEST_WAIT);
        assert_eq!(backoff_micros(0, 0), FIRST_WAIT / 2);
    }

    crate::on_both! {
        [&[crate::jobs::MIGRATION], None]

        async fn claiming_sorts_nothing_however_many_wait(test: TestDb) {
            let now = kernel::TestClock::START;
            let row = |n: u32| {
                let id = Uuid::from_u128(n.into());
                let run_at = now.plus_seconds(-i64::from(n % 97));
                [id.into(), "k".into(), "null".into(), "waiting".into(), run_at.into(), 0i64.into()]
            };
            let insert = "INSERT INTO job (id, kind, payload, state, run_at, attempts) VALUES ";
            let mut tx = crate::testing::begin(&test.db).await;
            for part in 0..20 {
                let rows = (part * 1_000..(part + 1) * 1_000).map(row);
                sql(insert).push_rows(rows).execute(&mut tx).await.unwrap();
            }
            sql("ANALYZE").execute(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            let plan = crate::testing::plan(&test.db, dialect::claim_job(test.db.kind()), [now.into(), now.into()]).await;
            let sorts = ["TEMP B-TREE", "Sort"].iter().any(|word| plan.contains(word));
            assert!(plan.contains("job_due") && !sorts, "{plan}");
        }
    }

    #[test]
    fn the_last_try_and_a_hopeless_one_are_dead() {
        let passing = Err(Failure::Passing(String::new()));
        assert_eq!(fate(MOST_ATTEMPTS - 1, &passing), Fate::Retried);
        assert_eq!(fate(MOST_ATTEMPTS, &passing), Fate::Dead);
        assert_eq!(fate(1, &Err(Failure::Hopeless(String::new()))), Fate::Dead);
        assert_eq!(fate(MOST_ATTEMPTS + 5, &Ok(())), Fate::Done);
    }
}
