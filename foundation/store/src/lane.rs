//! The one lane that writing transactions take, and their common commit.
//!
//! Transactions run one after another on one connection. The first to finish asks to close the
//! group; because the lane is first come, first served, all who were waiting by then take their
//! turn inside the same database transaction before it is closed by one `COMMIT`, and so by one
//! wait for the disk. Each gets its answer only after that. A transaction that fails is rolled
//! back to its savepoint and takes nothing of the others with it.
//!
//! Invariants:
//! * a step that changes where the group stands (open, join, undo, close) runs in a task of its
//!   own: a request that is broken off cannot leave it half done;
//! * the connection is out of the lane's hands while it seals and commits, so that a panic there
//!   closes it, and the database forgets the group;
//! * whoever waits, waits at most the lane's patience.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use kernel::{Actor, MoveId};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    time::{Instant, timeout_at},
};

use crate::{Conn, Result, StoreError, db::ConnectHow};

/// An entry that a transaction adds to the transparency log when it commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// The move it records.
    pub move_id: MoveId,
    /// Its canonical bytes.
    pub entry: Vec<u8>,
}

/// Seals what a group of transactions staged, in the same commit.
pub trait Ledger: Send + Sync {
    /// Appends `staged`, in order. A failure undoes the whole group.
    fn seal<'a>(&'a self, conn: &'a mut Conn, staged: &'a [Staged]) -> BoxFuture<'a, Result<()>>;
}

/// Refuses to log: for tools and tests that have nothing to log.
#[derive(Debug)]
pub(crate) struct NoLedger;

impl Ledger for NoLedger {
    fn seal<'a>(&'a self, _: &'a mut Conn, staged: &'a [Staged]) -> BoxFuture<'a, Result<()>> {
        let refused = (!staged.is_empty())
            .then(|| StoreError::Inconsistent("there is no ledger to log to".into()));
        Box::pin(async move { refused.map_or(Ok(()), Err) })
    }
}

const SAVEPOINT: &str = "SAVEPOINT member";
const RELEASE: &str = "RELEASE SAVEPOINT member";
const UNDO: &str = "ROLLBACK TO SAVEPOINT member";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

/// Between two tries to reach a server that is restarting.
const RETRY_EVERY: Duration = Duration::from_millis(100);

type Outcome = Option<Result<()>>;
type Held = OwnedMutexGuard<State>;

/// The transactions that will share a commit.
struct Group {
    staged: Vec<Staged>,
    members: u32,
    done: watch::Sender<Outcome>,
}

#[derive(Default)]
struct State {
    conn: Option<Conn>,
    group: Option<Group>,
    closed: bool,
}

#[derive(Clone)]
pub(crate) struct Lane {
    state: Arc<Mutex<State>>,
    how: Arc<ConnectHow>,
    patience: Duration,
    ledger: Arc<dyn Ledger>,
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(Arc::new(error))
}

/// Runs a step to its end, even if whoever asked for it goes away.
async fn to_the_end<T: Send + 'static>(
    step: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(step)
        .await
        .unwrap_or_else(|_| Err(unavailable(sqlx::Error::WorkerCrashed)))
}

impl Lane {
    pub(crate) fn new(how: Arc<ConnectHow>, patience: Duration, ledger: Arc<dyn Ledger>) -> Self {
        Self {
            state: Arc::default(),
            how,
            patience,
            ledger,
        }
    }

    /// Connects once, so that a wrong address shows at start.
    pub(crate) async fn check(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        state.conn = Some(self.connect(Instant::now() + self.patience).await?);
        Ok(())
    }

    /// Connects, waiting until `deadline` for a server that is restarting.
    async fn connect(&self, deadline: Instant) -> Result<Conn> {
        loop {
            let tried = timeout_at(deadline, self.how.connect()).await;
            match tried.unwrap_or_else(|_| Err(unavailable(sqlx::Error::PoolTimedOut))) {
                Err(error) if error.is_unavailable() && Instant::now() + RETRY_EVERY < deadline => {
                    tokio::time::sleep(RETRY_EVERY).await;
                }
                outcome => return outcome,
            }
        }
    }

    pub(crate) const fn patience(&self) -> Duration {
        self.patience
    }

    pub(crate) async fn begin(&self, actor: Actor, deadline: Instant) -> Result<Tx> {
        let lock = Arc::clone(&self.state).lock_owned();
        let state = timeout_at(deadline, lock)
            .await
            .map_err(|_| unavailable(sqlx::Error::PoolTimedOut))?;
        let lane = self.clone();
        // The transaction comes back out of the task; when nobody takes it, it is dropped and undone.
        to_the_end(lane.start_member(state, actor, deadline)).await
    }

    async fn start_member(self, mut state: Held, actor: Actor, deadline: Instant) -> Result<Tx> {
        if state.closed {
            return Err(unavailable(sqlx::Error::PoolClosed));
        }
        if Instant::now() >= deadline {
            // Before a connection is broken off for somebody who is refused all the same.
            return Err(unavailable(sqlx::Error::PoolTimedOut));
        }
        if state.group.is_none() {
            self.open_group(&mut state, deadline).await?;
        } else if let Err(error) = state.conn()?.control(SAVEPOINT).await {
            // Nobody is in the group's way but a broken connection.
            state.fail_group(error.clone()).await;
            if !error.is_unavailable() {
                return Err(error);
            }
            self.open_group(&mut state, deadline).await?;
        }
        Ok(Tx {
            lane: self,
            state: Some(state),
            actor,
            staged: Vec::new(),
            unfinished: 0,
        })
    }

    async fn open_group(&self, state: &mut State, deadline: Instant) -> Result<()> {
        let opened = timeout_at(deadline, self.begun(state.conn.take(), deadline)).await;
        state.conn = Some(opened.unwrap_or_else(|_| Err(unavailable(sqlx::Error::PoolTimedOut)))?);
        let (done, _) = watch::channel(None);
        state.group = Some(Group {
            staged: Vec::new(),
            members: 0,
            done,
        });
        Ok(())
    }

    /// A connection with an open transaction. The old one may have died since its last use.
    async fn begun(&self, old: Option<Conn>, deadline: Instant) -> Result<Conn> {
        if let Some(mut conn) = old
            && conn.begin_write().await.is_ok()
        {
            return Ok(conn);
        }
        let mut conn = self.connect(deadline).await?;
        conn.begin_write().await?;
        Ok(conn)
    }

    /// Lets the present member into the group; the first sees to it that the group is closed.
    async fn join(
        self,
        mut state: Held,
        mut staged: Vec<Staged>,
    ) -> Result<watch::Receiver<Outcome>> {
        let first = state.is_first();
        if !first {
            let released = match state.conn() {
                Ok(conn) => conn.control(RELEASE).await,
                Err(error) => Err(error),
            };
            if let Err(error) = released {
                state.undo_member().await;
                return Err(error);
            }
        }
        let group = state
            .group
            .as_mut()
            .ok_or_else(|| StoreError::Inconsistent("no open group".into()))?;
        group.members += 1;
        group.staged.append(&mut staged);
        let done = group.done.subscribe();
        drop(state);
        if first {
            tokio::spawn(async move { self.close_group().await });
        }
        Ok(done)
    }

    /// Commits the group, unless it has ended already.
    async fn close_group(&self) {
        let mut state = self.state.lock().await;
        self.commit_group(&mut state).await;
    }

    async fn commit_group(&self, state: &mut State) {
        let (Some(group), Some(conn)) = (state.group.take(), state.conn.take()) else {
            return;
        };
        let outcome = match self.seal_and_commit(conn, &group.staged).await {
            Ok(conn) => {
                state.conn = Some(conn);
                Ok(())
            }
            Err(error) => Err(error),
        };
        group.done.send_replace(Some(outcome));
    }

    /// Gives the connection back when all is well; otherwise drops it, and the database forgets.
    async fn seal_and_commit(&self, mut conn: Conn, staged: &[Staged]) -> Result<Conn> {
        if !staged.is_empty() {
            self.ledger.seal(&mut conn, staged).await?;
        }
        conn.control(COMMIT).await?;
        Ok(conn)
    }

    /// Ends the running group and refuses further transactions.
    pub(crate) async fn close(&self) {
        let mut state = self.state.lock().await;
        state.closed = true;
        self.commit_group(&mut state).await;
        if let Some(conn) = state.conn.take() {
            let _ = conn.close().await;
        }
    }
}

impl State {
    fn conn(&mut self) -> Result<&mut Conn> {
        self.conn
            .as_mut()
            .ok_or_else(|| unavailable(sqlx::Error::WorkerCrashed))
    }

    /// Whether the present member opened the group. It needs no savepoint: its failure is the
    /// end of a group that has nobody else in it.
    fn is_first(&self) -> bool {
        self.group.as_ref().is_none_or(|group| group.members == 0)
    }

    /// Rolls everything back; a connection that cannot even do that is dropped.
    async fn abandon(&mut self) {
        if let Some(mut conn) = self.conn.take()
            && conn.settle().await.is_ok()
            && conn.control(ROLLBACK).await.is_ok()
        {
            self.conn = Some(conn);
        }
    }

    /// Tells all members that it failed, and starts afresh.
    async fn fail_group(&mut self, error: StoreError) {
        if let Some(group) = self.group.take() {
            group.done.send_replace(Some(Err(error)));
        }
        self.abandon().await;
    }

    /// Undoes the present member only; when that is impossible, the whole group fails.
    async fn undo_member(&mut self) {
        if self.is_first() {
            self.group = None;
            self.abandon().await;
        } else if let Err(error) = self.undo_savepoint().await {
            self.fail_group(error).await;
        }
    }

    async fn undo_savepoint(&mut self) -> Result<()> {
        let conn = self.conn()?;
        conn.settle().await?;
        conn.control(UNDO).await?;
        conn.control(RELEASE).await
    }
}

/// One use case's transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    lane: Lane,
    state: Option<Held>,
    actor: Actor,
    staged: Vec<Staged>,
    /// Statements that failed or were broken off.
    unfinished: u32,
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx")
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}

impl Tx {
    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Adds an entry to the log when this commits.
    pub fn stage(&mut self, staged: Staged) {
        self.staged.push(staged);
    }

    /// The connection. It is there from `begin` to `commit`.
    pub(crate) fn conn(&mut self) -> &mut Conn {
        let state = self
            .state
            .as_mut()
            .expect("a transaction holds the lane until it ends");
        state.conn.as_mut().expect("an open group has a connection")
    }

    /// Notes that a statement starts ...
    pub(crate) fn statement_starts(&mut self) {
        self.unfinished += 1;
    }

    /// ... and that it ended well.
    pub(crate) fn statement_ends(&mut self) {
        self.unfinished -= 1;
    }

    /// Makes everything durable, log entries included, and only then returns.
    ///
    /// # Errors
    /// When it could not be made durable. Then nothing of it remains, with one exception that no
    /// database can avoid: a connection lost while the commit was under way leaves it open
    /// ([`StoreError::Unavailable`]), so a use case must be able to stand being asked again.
    /// [`StoreError::Inconsistent`] after a statement that failed, even if its error was ignored:
    /// PostgreSQL would throw everything away and say nothing.
    pub async fn commit(mut self) -> Result<()> {
        if self.unfinished > 0 {
            self.roll_back().await;
            return Err(StoreError::Inconsistent(
                "commit after a failed statement".into(),
            ));
        }
        let state = self
            .state
            .take()
            .expect("a transaction holds the lane until it ends");
        let (lane, staged) = (self.lane.clone(), std::mem::take(&mut self.staged));
        let mut done = to_the_end(lane.join(state, staged)).await?;
        match done.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Ok(())),
            Err(_) => Err(unavailable(sqlx::Error::WorkerCrashed)),
        }
    }

    /// Ends the transaction, leaving nothing behind. Dropping does the same in the background.
    pub async fn roll_back(mut self) {
        if let Some(mut state) = self.state.take() {
            let undo = async move {
                state.undo_member().await;
                Ok(())
            };
            let _ = to_the_end(undo).await;
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut state) = self.state.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move { state.undo_member().await })),
            // The run time is gone: closing the connection makes the database forget the group.
            Err(_) => (state.group, state.conn) = (None, None),
        }
    }
}
