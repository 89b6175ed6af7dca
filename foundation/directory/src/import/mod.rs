//! Bringing in people, seats, accounts, roles and divisions from a spreadsheet.
//!
//! Every row is checked before the first one is written. A file with faults changes nothing and
//! comes back as an error file that names each wrong cell; a file without goes in whole, in one
//! transaction. Checking reads only what the file names and takes no transaction, so that nobody
//! waits for it; when somebody was quicker and took a name meanwhile, the file is checked again.

mod accounts;
mod deputies;
mod divisions;
mod fault;
mod files;
mod people;
mod roles;
mod runs;
mod table;
mod xlsx;

use kernel::{Actor, CongressId, ImportId};
use store::{Db, StoreError, Tx, Value, sql};
use uuid::Uuid;

pub use fault::{Code, Fault};
pub use files::{error_file, handover_file, harmless, template};
pub use runs::{NewLogin, Run, STATEMENTS, find, hand_over, list};
pub use table::{FileFault, Limits, Places, Row, Table, open, read};

pub(crate) use fault::{Faults, Once};

use crate::{
    Action, DirectoryError, Gate, Result, audit,
    audit::{Act, Object},
    authorize, authorize_deployment, once,
};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Deputies and the people behind them (代表).
    Deputies,
    /// Accounts and the people behind them, without roles (账号).
    Accounts,
    /// Roles of accounts (角色).
    Roles,
    /// Divisions of the country (行政区划).
    Divisions,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Deputies, Self::Accounts, Self::Roles, Self::Divisions];

    /// The word in the table and in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deputies => "deputies",
            Self::Accounts => "accounts",
            Self::Roles => "roles",
            Self::Divisions => "divisions",
        }
    }

    /// Reads [`Kind::as_str`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The columns of such a file.
    #[must_use]
    pub fn columns(self) -> &'static [&'static Column] {
        match self {
            Self::Deputies => &deputies::COLUMNS,
            Self::Accounts => &accounts::COLUMNS,
            Self::Roles => &roles::COLUMNS,
            Self::Divisions => &crate::divisions::COLUMNS,
        }
    }

    /// How large such a file may be.
    #[must_use]
    pub fn limits(self) -> Limits {
        match self {
            // The whole country has about 45,000 down to townships.
            Self::Divisions => Limits {
                rows: 100_000,
                columns: 12,
                ..Limits::default()
            },
            _ => Limits::default(),
        }
    }

    /// What it takes to bring such a file in.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Deputies => Action::KeepPeople,
            Self::Accounts => Action::KeepAccounts,
            Self::Roles => Action::GrantRoles,
            Self::Divisions => Action::KeepDivisions,
        }
    }

    /// Lets `actor` bring such a file in for `congress`, or refuses.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`]; what the database says.
    pub async fn authorize(self, db: &Db, actor: &Actor, congress: CongressId) -> Result<()> {
        if self == Self::Divisions {
            authorize_deployment(db, actor, self.action()).await
        } else {
            authorize(actor, self.action(), congress)
        }
    }
}

/// A column of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading in Chinese.
    pub zh: &'static str,
    /// Its heading in English, and its word in the API.
    pub en: &'static str,
    /// Whether each row must fill it.
    pub needed: Needed,
}

impl Column {
    pub(crate) const fn needed(zh: &'static str, en: &'static str) -> Self {
        Self {
            zh,
            en,
            needed: Needed::Always,
        }
    }

    pub(crate) const fn optional(zh: &'static str, en: &'static str) -> Self {
        Self {
            zh,
            en,
            needed: Needed::Sometimes,
        }
    }

    /// Whether a heading is this column's; a star marks those that must be filled.
    fn is(&self, heading: &str) -> bool {
        let heading = heading.trim_end_matches(['*', '＊']).trim();
        heading == self.zh || heading.eq_ignore_ascii_case(self.en)
    }
}

/// Whether a cell must be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// It must.
    Always,
    /// It may be empty, and the column may be missing.
    Sometimes,
}

/// What a run made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// The run.
    pub id: ImportId,
    /// Rows that went in.
    pub rows: usize,
}

/// Why a run wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file as a whole is wrong.
    #[error(transparent)]
    File(#[from] FileFault),
    /// Rows are wrong; all of them are told.
    #[error("{} faults", .0.len())]
    Faults(Vec<Fault>),
    /// The directory refused or failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Directory(error.into())
    }
}

/// A file to bring in.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// For which congress.
    pub congress: CongressId,
    /// What it holds.
    pub kind: Kind,
    /// Its name, for the record.
    pub file_name: &'a str,
    /// Its rows.
    pub table: &'a Table,
}

/// Rows that are right, ready to be written.
enum Ready {
    Deputies(deputies::Ready),
    Accounts(accounts::Ready),
    Roles(roles::Ready),
    Divisions(crate::divisions::Ready),
}

impl Ready {
    fn len(&self) -> usize {
        match self {
            Self::Deputies(ready) => ready.rows.len(),
            Self::Accounts(ready) => ready.rows.len(),
            Self::Roles(ready) => ready.rows.len(),
            Self::Divisions(ready) => ready.len(),
        }
    }
}

/// The dry run: every fault of every row, and nothing written. The number of good rows.
///
/// # Errors
/// [`ImportError::File`], [`ImportError::Faults`] with all of them, or what the directory says.
pub async fn check(gate: &Gate, actor: &Actor, upload: &Upload<'_>) -> Result<usize, ImportError> {
    Ok(ready(gate, actor, upload).await?.len())
}

async fn ready(gate: &Gate, actor: &Actor, upload: &Upload<'_>) -> Result<Ready, ImportError> {
    let (kind, congress) = (upload.kind, upload.congress);
    kind.authorize(&gate.db, actor, congress).await?;
    Ok(match kind {
        Kind::Deputies => Ready::Deputies(deputies::check(gate, upload).await?),
        Kind::Accounts => Ready::Accounts(accounts::check(gate, upload).await?),
        Kind::Roles => Ready::Roles(roles::check(gate, actor, upload).await?),
        Kind::Divisions => Ready::Divisions(divisions::check(gate, upload).await?),
    })
}

/// Brings the file in; `nonce` is the form's: sent again, it does nothing more.
///
/// # Errors
/// [`ImportError::File`], [`ImportError::Faults`] with all of them, or what the directory says.
pub async fn run(
    gate: &Gate,
    actor: &Actor,
    upload: &Upload<'_>,
    nonce: Uuid,
) -> Result<Imported, ImportError> {
    let first = ready(gate, actor, upload).await?;
    match write(gate, actor, upload, &first, nonce).await {
        // Somebody was quicker: once their commit is through, it shows as a fault.
        Err(DirectoryError::Store(StoreError::Conflict { .. })) => {
            gate.db.begin(actor.clone()).await?.commit().await?;
            let second = ready(gate, actor, upload).await?;
            Ok(write(gate, actor, upload, &second, nonce).await?)
        }
        written => Ok(written?),
    }
}

async fn write(
    gate: &Gate,
    actor: &Actor,
    upload: &Upload<'_>,
    ready: &Ready,
    nonce: Uuid,
) -> Result<Imported> {
    let mut tx = gate.db.begin(actor.clone()).await?;
    let rows = ready.len();
    if let Some(made) = once::made(&mut tx, nonce).await? {
        let id = made.into();
        return Ok(Imported { id, rows });
    }
    let id = ImportId::new(gate.clock.now(), &*gate.entropy);
    runs::record(gate, &mut tx, upload, id, rows).await?;
    match ready {
        Ready::Deputies(ready) => deputies::write(gate, &mut tx, upload, ready).await?,
        Ready::Accounts(ready) => accounts::write(gate, &mut tx, upload, ready, id).await?,
        Ready::Roles(ready) => roles::write(gate, &mut tx, ready).await?,
        Ready::Divisions(ready) => crate::divisions::write(&mut tx, ready).await?,
    }
    once::keep(gate, &mut tx, nonce, id.into()).await?;
    let told = format!("{} {rows} {}", upload.kind.as_str(), upload.file_name);
    let object = Object::new(Some(upload.congress), id);
    audit::note(gate, &mut tx, Act::Imported, object, &told).await?;
    tx.commit().await?;
    Ok(Imported { id, rows })
}

/// Values of one statement at most: more make SQLite look longer for each.
const VALUES_AT_ONCE: usize = 1_000;

/// Writes many rows, in as few statements as is quick.
pub(crate) async fn insert<const N: usize>(
    tx: &mut Tx,
    statement: &'static str,
    rows: Vec<[Value; N]>,
    after: &'static str,
) -> Result<()> {
    for some in rows.chunks(VALUES_AT_ONCE / N) {
        let query = sql(statement).push_rows(some.iter().cloned()).push(after);
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Looks up many keys; `statement` ends where they are to stand.
pub(crate) async fn look_up<T: store::Record>(
    db: &Db,
    statement: &'static str,
    first: Option<Value>,
    keys: Vec<Value>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for some in keys.chunks(VALUES_AT_ONCE) {
        let mut query = sql(statement);
        if let Some(first) = first.clone() {
            query = query.bind(first);
        }
        let query = query
            .push_rows(some.iter().map(|key| [key.clone()]))
            .push(")");
        found.extend(query.all::<T>(db).await?);
    }
    Ok(found)
}

/// The cells of a column, without empty ones.
pub(crate) fn keys<'a>(
    table: &'a Table,
    places: &'a Places,
    column: &'static Column,
) -> impl Iterator<Item = &'a str> {
    let cells = table.rows.iter().map(move |row| places.cell(row, column));
    cells.filter(|cell| !cell.is_empty())
}
