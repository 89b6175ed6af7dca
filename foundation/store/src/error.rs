//! What can go wrong between a use case and its database.

/// A failure of the store, in the words of whoever asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached now; the same request may succeed shortly.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Shared),
    /// A unique key is taken already; `constraint` names it where the database tells.
    #[error("already there: {constraint}")]
    Conflict {
        /// The violated key, as the database names it.
        constraint: String,
    },
    /// A row that must be there is not.
    #[error("no such row")]
    Missing,
    /// A row breaks what the schema or the code promises.
    #[error("inconsistent data: {0}")]
    Inconsistent(String),
    /// Anything else the database refused.
    #[error("the database refused a statement")]
    Database(#[source] Shared),
}

/// A driver's error that several waiting transactions share.
pub type Shared = std::sync::Arc<sqlx::Error>;

impl StoreError {
    /// Whether trying again later may help.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => return Self::Missing,
            sqlx::Error::Database(db) if db.is_unique_violation() => {
                let constraint = db.constraint().unwrap_or_else(|| db.message()).to_owned();
                return Self::Conflict { constraint };
            }
            _ => {}
        }
        let lost = lost_connection(&error);
        let shared = Shared::new(error);
        if lost {
            Self::Unavailable(shared)
        } else {
            Self::Database(shared)
        }
    }
}

/// Errors that say nothing about the statement: the connection is gone, or another is in the way.
pub(crate) fn lost_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(db) => db.code().is_some_and(|code| passing(&code)),
        _ => false,
    }
}

/// Codes of troubles that pass. PostgreSQL (five places): 08 connection, 40 lost against another
/// transaction, 53300 too many connections, 55P03 lock, 57P0x going down or not up yet. SQLite
/// (numbers, the lowest byte counts): 5 busy, 6 locked.
fn passing(code: &str) -> bool {
    if code.len() == 5 {
        let classes = ["08", "40", "53300", "55P03", "57P0"];
        return classes.iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6))
}
