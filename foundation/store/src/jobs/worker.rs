//! Who does the jobs.

use std::{sync::Arc, time::Duration};

use kernel::{Clock, Entropy, Timestamp};

use super::{Failure, Handlers, Job, Means, Round, queue, rounds};
use crate::{Db, Result};

/// Does jobs one after another; several may work side by side, here or in other programs.
#[derive(Clone)]
pub struct Worker {
    /// Where the jobs are.
    pub db: Db,
    /// Who does which.
    pub handlers: Handlers,
    /// What comes round by itself.
    pub rounds: Vec<Round>,
    /// Tells when a job is due.
    pub clock: Arc<dyn Clock>,
    /// Scatters retries, makes ids.
    pub entropy: Arc<dyn Entropy>,
    /// How long a job may take, in seconds. Then it is broken off, and free for another.
    pub lease_seconds: u32,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("handlers", &self.handlers)
            .finish_non_exhaustive()
    }
}

/// What a worker has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    /// Done.
    pub done: u32,
    /// Failed, to be tried again.
    pub retried: u32,
    /// Given up.
    pub dead: u32,
}

/// Between two looks for work.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The longest pause after something went wrong.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Jobs at most in one go, so that a worker asked to stop gets to hear it.
const MOST_AT_ONCE: u32 = 1_000;

impl Worker {
    /// Does what is due now, rounds included. Tests drive a worker by this and their clock.
    ///
    /// # Errors
    /// What the database says; a job that fails is no error.
    pub async fn run_due(&self) -> Result<Ran> {
        let means = Means {
            clock: &*self.clock,
            entropy: &*self.entropy,
        };
        rounds::turn(&self.db, &self.rounds, &means).await?;
        let mut ran = Ran::default();
        for _ in 0..MOST_AT_ONCE {
            let now = self.clock.now();
            let lease_until = now.plus_seconds(self.lease_seconds.into());
            let Some(job) = queue::claim(&self.db, now, lease_until).await? else {
                break;
            };
            match self.work(&job).await? {
                queue::Fate::Done => ran.done += 1,
                queue::Fate::Retried => ran.retried += 1,
                queue::Fate::Dead => ran.dead += 1,
            }
        }
        Ok(ran)
    }

    async fn work(&self, job: &Job) -> Result<queue::Fate> {
        let outcome = if job.attempts > queue::MOST_ATTEMPTS {
            // Its last tries never came to an end: whoever ran it died of it.
            Err(Failure::Hopeless(
                "did not come to an end, many times".into(),
            ))
        } else {
            self.attempt(job).await
        };
        if let Err(failure) = &outcome {
            tracing::warn!(job.id = %job.id, job.kind, job.attempts, %failure, "a job failed");
        }
        queue::settle(&self.db, job, &outcome, self.retry_at(job.attempts)).await
    }

    async fn attempt(&self, job: &Job) -> Result<(), Failure> {
        let Some(handler) = self.handlers.of(&job.kind) else {
            return Err(Failure::Passing("nobody does this kind of job".into()));
        };
        // A task of its own: a panic in it is this job's failure, not the worker's.
        let mut task = tokio::spawn(handler(job.clone(), self.db.clone()));
        let lease = Duration::from_secs(self.lease_seconds.into());
        match tokio::time::timeout(lease, &mut task).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::Passing("the handler panicked".into())),
            Err(_) => {
                task.abort();
                Err(Failure::Passing(format!(
                    "took longer than {} seconds",
                    self.lease_seconds
                )))
            }
        }
    }

    fn retry_at(&self, attempts: i64) -> Timestamp {
        let mut chance = [0u8; 4];
        self.entropy.fill(&mut chance);
        let wait = queue::backoff_micros(attempts, u32::from_le_bytes(chance));
        Timestamp::from_micros(self.clock.now().micros().saturating_add(wait))
    }

    /// Works until `stop` is ready; the job in hand is brought to its end. Whatever goes wrong, a
    /// panic included, it works on, after a while that doubles up to `LONGEST_PAUSE`.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut pause = LOOK_EVERY;
        loop {
            let worker = self.clone();
            // A task of its own, so that a panic in it ends here.
            let ran = tokio::spawn(async move { worker.run_due().await }).await;
            let well = matches!(ran, Ok(Ok(_)));
            match ran {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "no jobs were done"),
                Err(fall) => tracing::error!(%fall, "the worker fell"),
            }
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = if well {
                LOOK_EVERY
            } else {
                (pause * 2).min(LONGEST_PAUSE)
            };
        }
    }
}
