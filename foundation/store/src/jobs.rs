//! Work that is asked for in one transaction and done after it: sending, building, clearing up.
//!
//! Invariants:
//! * a job is enqueued in the transaction that is its cause: both happen or neither;
//! * a job runs at least once. A worker holds it under a lease; when the worker dies, it runs
//!   again after the lease. Handlers therefore must stand being run twice;
//! * only the holder of the latest lease can finish a job;
//! * a job that fails too often is dead: it keeps nobody waiting, and its key does not keep the next
//!   one out.
//!
//! What is to be delivered to the outside is a job too: this table is the outbox.

use std::{collections::BTreeMap, fmt, pin::Pin, sync::Arc};

use kernel::{Clock, Entropy, JobId, Timestamp};

use crate::{Db, Migration, Result, StoreError, Tx};

mod queue;
mod rounds;
mod worker;

pub use queue::{Counts, Trouble, backoff_micros, counts, drop_dead, enqueue, retry, troubles};
pub use rounds::{Cadence, Round};
pub use worker::{Ran, Worker};

/// The tables of this module.
pub const MIGRATION: Migration = Migration {
    id: "store/0001_jobs",
    script: include_str!("../migrations/0001_jobs.sql"),
};

/// Every statement of this module.
#[must_use]
pub fn statements() -> Vec<crate::Statement> {
    [queue::STATEMENTS, rounds::STATEMENTS].concat()
}

/// A job to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Which handler does it: `domain.verb_thing`.
    pub kind: &'static str,
    /// What the handler needs, as JSON; ids rather than copies.
    pub payload: String,
    /// Not before this instant.
    pub run_at: Timestamp,
    /// While a job with this key is waiting or running, a second one is not taken; a dead one begins
    /// anew.
    pub dedup_key: Option<String>,
}

impl NewJob {
    /// A job with `payload` for `kind`, due at `run_at`.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a payload that JSON cannot hold.
    pub fn new(
        kind: &'static str,
        payload: &impl serde::Serialize,
        run_at: Timestamp,
    ) -> Result<Self> {
        let payload = serde_json::to_string(payload)
            .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        Ok(Self {
            kind,
            payload,
            run_at,
            dedup_key: None,
        })
    }
}

/// A job that has been claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which one.
    pub id: JobId,
    /// Which handler does it.
    pub kind: String,
    /// JSON, as it was enqueued.
    pub payload: String,
    /// The how-manieth try this is, from 1.
    pub attempts: i64,
}

impl Job {
    /// Reads the payload.
    ///
    /// # Errors
    /// [`Failure::Hopeless`]: a payload that cannot be read now never will be.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.payload).map_err(|error| Failure::Hopeless(error.to_string()))
    }
}

/// Why a handler did not do its job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Later it may work.
    #[error("{0}")]
    Passing(String),
    /// It never will: straight to the dead list.
    #[error("{0}")]
    Hopeless(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let source = std::error::Error::source(&error);
        Self::Passing(
            source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
        )
    }
}

type Doing = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type Handler = Arc<dyn Fn(Job, Db) -> Doing + Send + Sync>;

/// Who does which kind of job.
#[derive(Clone, Default)]
pub struct Handlers(BTreeMap<&'static str, Handler>);

impl Handlers {
    /// Has `handler` do the jobs of `kind`.
    #[must_use]
    pub fn on<F, D>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Job, Db) -> D + Send + Sync + 'static,
        D: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.0
            .insert(kind, Arc::new(move |job, db| Box::pin(handler(job, db))));
        self
    }

    /// These and the others.
    ///
    /// # Panics
    /// When both do the same kind.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for (kind, handler) in others.0 {
            let twice = self.0.insert(kind, handler).is_some();
            assert!(!twice, "two handlers do {kind}");
        }
        self
    }

    /// The kinds that somebody does.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.keys().copied()
    }

    fn of(&self, kind: &str) -> Option<&Handler> {
        self.0.get(kind)
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.kinds()).finish()
    }
}

/// Keeps the one-line signature of what needs time and chance together.
pub(crate) struct Means<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) entropy: &'a dyn Entropy,
}

impl Means<'_> {
    pub(crate) async fn enqueue(&self, tx: &mut Tx, job: &NewJob) -> Result<bool> {
        enqueue(tx, job, self.clock.now(), self.entropy).await
    }
}
