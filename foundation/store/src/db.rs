//! Opening a database and reading from it.

use std::{
    io,
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use kernel::Actor;
use sqlx::{
    ConnectOptions as _, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Conn, Ledger, Result, StoreError, Tx, files,
    lane::{Lane, NoLedger},
};

/// Which database this is. For the few statements that cannot be portable; domains never ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in a file.
    Sqlite,
    /// PostgreSQL, on a server.
    Postgres,
}

/// Prepared statements that a connection keeps: more than there are named ones in the house.
const STATEMENTS_KEPT: usize = 512;

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Whether a SQLite file that is not there is made, readable by its owner only.
    pub create: bool,
    /// Reading connections at most.
    pub readers: u32,
    /// How long a request waits for a connection, and for a lost server to come back, before it
    /// is refused.
    pub patience: Duration,
}

impl Options {
    /// Sensible limits for the database at `url`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            create: false,
            readers: 8,
            patience: Duration::from_secs(5),
        }
    }
}

#[derive(Debug)]
pub(crate) enum Pools {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Debug)]
pub(crate) enum ConnectHow {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

/// A database, shared by all who ask for it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pools: Pools,
    lane: Lane,
    how: Arc<ConnectHow>,
    queries: AtomicU64,
}

impl Db {
    /// Opens the database without a ledger: for tools and tests that log nothing.
    ///
    /// # Errors
    /// A URL of neither kind, or a database that cannot be reached.
    pub async fn open(options: &Options) -> Result<Self> {
        Self::open_with(options, Arc::new(NoLedger)).await
    }

    /// Opens the database; `ledger` seals what transactions stage.
    ///
    /// # Errors
    /// A URL of neither kind, or a database that cannot be reached.
    pub async fn open_with(options: &Options, ledger: Arc<dyn Ledger>) -> Result<Self> {
        let (pools, how) = match options.url.strip_prefix("sqlite:") {
            Some(path) => open_sqlite(path.trim_start_matches("//"), options).await?,
            None if options.url.starts_with("postgres") => open_postgres(options)?,
            None => {
                return Err(StoreError::Inconsistent(
                    "a database address starts with sqlite: or postgres:".into(),
                ));
            }
        };
        let how = Arc::new(how);
        let lane = Lane::new(Arc::clone(&how), options.patience, ledger);
        lane.check().await?;
        Ok(Self(Arc::new(Inner {
            pools,
            lane,
            how,
            queries: AtomicU64::new(0),
        })))
    }

    /// Which database this is.
    #[must_use]
    pub fn kind(&self) -> Engine {
        match self.0.pools {
            Pools::Sqlite(_) => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Starts a transaction for `actor`. Transactions run one after another; those that wait
    /// together are made durable together.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not come back in time.
    pub async fn begin(&self, actor: Actor) -> Result<Tx> {
        self.begin_by(actor, self.deadline()).await
    }

    /// Until when a request that comes now waits for the database.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.0.lane.patience()
    }

    /// As [`Db::begin`], for a request that has waited in a queue of its own already: what is left
    /// of its [`Db::deadline`] is how long it still waits.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database does not come back by then.
    pub async fn begin_by(&self, actor: Actor, deadline: Instant) -> Result<Tx> {
        self.0.lane.begin(actor, deadline.into()).await
    }

    /// Statements run outside transactions so far; tests compare it before and after a page.
    #[must_use]
    pub fn queries(&self) -> u64 {
        self.0.queries.load(Ordering::Relaxed)
    }

    /// Waits for the running transactions and closes all connections.
    pub async fn close(&self) {
        self.0.lane.close().await;
        match &self.0.pools {
            Pools::Sqlite(pool) => pool.close().await,
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn engine(&self) -> &Pools {
        &self.0.pools
    }

    /// A connection outside the pool, for long reading.
    pub(crate) async fn connect(&self) -> Result<Conn> {
        self.0.how.connect().await
    }

    pub(crate) fn count_query(&self) {
        self.0.queries.fetch_add(1, Ordering::Relaxed);
    }
}

async fn open_sqlite(path: &str, options: &Options) -> Result<(Pools, ConnectHow)> {
    if options.create {
        // Made here rather than by SQLite, whose own would be for everybody to read. The files
        // beside it get the same permissions.
        match files::private().create_new(true).open(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(sqlx::Error::Io(error).into());
            }
            _ => {}
        }
    }
    let how = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // A receipt is given only after the commit is on the disk.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(options.patience)
        .statement_cache_capacity(STATEMENTS_KEPT)
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
        .disable_statement_logging();
    // The writer sets the journal up before readers look at it.
    Conn::Sqlite(how.connect().await?).close().await?;
    let reading = how.clone().read_only(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(options.readers)
        .acquire_timeout(options.patience)
        // A file does not go away; asking each time would cost as much as a small query.
        .test_before_acquire(false)
        .connect_lazy_with(reading);
    Ok((Pools::Sqlite(pool), ConnectHow::Sqlite(Box::new(how))))
}

fn open_postgres(options: &Options) -> Result<(Pools, ConnectHow)> {
    let how = PgConnectOptions::from_str(&options.url)
        .map_err(StoreError::from)?
        .application_name("quancheng")
        .statement_cache_capacity(STATEMENTS_KEPT)
        // Every statement has its index. A plan that was made while a table was small, or before the
        // server has looked at what came quickly, must not read the whole of it, nor sort what another
        // index gives in its order.
        .options([
            ("enable_seqscan", "off"),
            ("enable_incremental_sort", "off"),
        ])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(options.readers)
        .acquire_timeout(options.patience)
        .connect_lazy_with(how.clone());
    Ok((Pools::Postgres(pool), ConnectHow::Postgres(Box::new(how))))
}

impl ConnectHow {
    pub(crate) async fn connect(&self) -> Result<Conn> {
        Ok(match self {
            Self::Sqlite(how) => Conn::Sqlite(how.connect().await?),
            Self::Postgres(how) => Conn::Postgres(how.connect().await?),
        })
    }
}
