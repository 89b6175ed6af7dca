//! Work that comes round by itself: every so often, or every day at a time.

use kernel::{Actor, Timestamp};

use super::{Means, NewJob};
use crate::{Db, Result, sql};

crate::statements! {
    /// When a round is due next.
    NEXT = "SELECT next_at FROM job_round WHERE name = $1";
    /// A round seen for the first time.
    START = "INSERT INTO job_round (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    /// Moves a round on, unless another program has.
    MOVE_ON = "UPDATE job_round SET next_at = $3 WHERE name = $1 AND next_at = $2";
}

const DAY: i64 = 86_400_000_000;
/// China's clock is eight hours ahead, all year.
const CHINA: i64 = 8 * 3_600_000_000;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// Every so many seconds, at least one.
    EverySeconds(u32),
    /// Every day at this minute after midnight, in China.
    DailyAtMinute(u32),
}

impl Cadence {
    /// The first time after `now`.
    #[must_use]
    pub fn next_after(self, now: Timestamp) -> Timestamp {
        let (step, start) = match self {
            Self::EverySeconds(seconds) => (i64::from(seconds.max(1)) * 1_000_000, 0),
            Self::DailyAtMinute(minute) => (DAY, i64::from(minute) * 60_000_000 - CHINA),
        };
        let past = (now.micros() - start).rem_euclid(step);
        Timestamp::from_micros(now.micros() - past + step)
    }
}

/// A job that comes round. Rounds that were missed are made up for once, not one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// The kind of job, which also names the round.
    pub kind: &'static str,
    /// How often.
    pub cadence: Cadence,
}

/// Enqueues those of `rounds` that are due.
pub(super) async fn turn(db: &Db, rounds: &[Round], means: &Means<'_>) -> Result<()> {
    let now = means.clock.now();
    for round in rounds {
        let next: Option<(Timestamp,)> = sql(NEXT).bind(round.kind).optional(db).await?;
        let after = round.cadence.next_after(now);
        match next {
            None => {
                let mut tx = db.begin(Actor::System).await?;
                sql(START)
                    .bind(round.kind)
                    .bind(after)
                    .execute(&mut tx)
                    .await?;
                tx.commit().await?;
            }
            Some((due,)) if due <= now => {
                let mut tx = db.begin(Actor::System).await?;
                let mine = sql(MOVE_ON)
                    .bind(round.kind)
                    .bind(due)
                    .bind(after)
                    .execute(&mut tx)
                    .await?
                    == 1;
                if mine {
                    let dedup_key = Some(format!("round:{}", round.kind));
                    let job = NewJob {
                        kind: round.kind,
                        payload: "null".into(),
                        run_at: due,
                        dedup_key,
                    };
                    means.enqueue(&mut tx, &job).await?;
                }
                tx.commit().await?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Clock as _, TestClock};

    #[test]
    fn a_daily_round_is_at_that_time_in_china() {
        // 09:00 in China.
        let now = TestClock::default().now();
        let at = |minute| Cadence::DailyAtMinute(minute).next_after(now).rfc3339();
        assert_eq!(at(9 * 60 + 1), "2026-07-01T01:01:00.000000Z");
        assert_eq!(at(9 * 60), "2026-07-02T01:00:00.000000Z");
        assert_eq!(at(0), "2026-07-01T16:00:00.000000Z");
        assert_eq!(
            Cadence::EverySeconds(60).next_after(now),
            now.plus_seconds(60)
        );
    }
}
