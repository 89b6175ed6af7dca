//! Bringing in people, deputies and accounts from a spreadsheet.
//!
//! Every row is checked before the first one is written. A file with faults changes nothing and
//! comes back as an error file that names each wrong cell; a file without goes in whole, in one
//! transaction. [`check`] is the dry run, [`run`] checks again inside the transaction it writes in.

mod accounts;
mod deputies;
mod error_file;
mod table;
mod xlsx;

use kernel::{AccountId, CongressId, DeputyId, ImportId};
use store::{Tx, sql};

pub use accounts::{ACCOUNT_COLUMNS, AccountRow};
pub use deputies::{DEPUTY_COLUMNS, DeputyRow};
pub use error_file::{error_file, handover_file, harmless};
pub use table::{FileFault, Limits, Row, Table, open, read};

use crate::{Action, DirectoryError, Gate, Result, accounts::InitialPassword, authorize};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Deputies and the people behind them (代表).
    Deputies,
    /// Accounts and their roles (账号).
    Accounts,
}

impl Kind {
    /// The word in the table and in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deputies => "deputies",
            Self::Accounts => "accounts",
        }
    }

    /// The columns of such a file.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Deputies => &DEPUTY_COLUMNS,
            Self::Accounts => &ACCOUNT_COLUMNS,
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::Deputies => Action::KeepPeople,
            Self::Accounts => Action::KeepAccounts,
        }
    }
}

/// A column of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its heading in Chinese.
    pub zh: &'static str,
    /// Its heading in English.
    pub en: &'static str,
    /// Whether each row must fill it.
    pub needed: Needed,
}

/// Whether a cell must be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// It must.
    Always,
    /// It may be empty, and the column may be missing.
    Sometimes,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The row as the spreadsheet counts it: the heading is 1.
    pub row: usize,
    /// The column's Chinese heading.
    pub column: &'static str,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
}

/// What a run made.
#[derive(Debug)]
pub struct Imported {
    /// The run.
    pub id: ImportId,
    /// Rows that went in.
    pub rows: usize,
    /// New seats.
    pub deputies: Vec<DeputyId>,
    /// New accounts with the passwords to hand over; shown once.
    pub accounts: Vec<NewLogin>,
}

/// An account made by an import.
#[derive(Debug, Clone)]
pub struct NewLogin {
    /// The account.
    pub id: AccountId,
    /// The person's name.
    pub name: String,
    /// The sign-in name.
    pub login: String,
    /// To be changed at the first sign-in.
    pub password: InitialPassword,
}

/// Why a run wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Rows are wrong; all of them are told.
    #[error("{} faults", .0.len())]
    Faults(Vec<Fault>),
    /// The directory refused or failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl From<store::StoreError> for ImportError {
    fn from(error: store::StoreError) -> Self {
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

const RECORD: &str = "INSERT INTO import_run (id, congress_id, kind, file_name, file_hash, rows, at, by_account) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// The dry run: every fault of every row, and nothing written. The number of good rows.
///
/// # Errors
/// [`ImportError::Faults`] with all of them, or what the directory says.
pub async fn check(tx: &mut Tx, upload: &Upload<'_>) -> Result<usize, ImportError> {
    authorize(tx.actor(), upload.kind.action(), Some(upload.congress))?;
    let rows = match upload.kind {
        Kind::Deputies => deputies::check(tx, upload).await?.0.len(),
        Kind::Accounts => accounts::check(tx, upload).await?.0.len(),
    };
    Ok(rows)
}

/// Brings the file in. On an error the transaction must not be committed.
///
/// # Errors
/// [`ImportError::Faults`] with all of them, or what the directory says.
pub async fn run(gate: &Gate, tx: &mut Tx, upload: &Upload<'_>) -> Result<Imported, ImportError> {
    authorize(tx.actor(), upload.kind.action(), Some(upload.congress))?;
    let id = ImportId::new(gate.clock.now(), &*gate.entropy);
    let mut imported = Imported {
        id,
        rows: 0,
        deputies: Vec::new(),
        accounts: Vec::new(),
    };
    match upload.kind {
        Kind::Deputies => {
            let (rows, term) = deputies::check(tx, upload).await?;
            imported.rows = rows.len();
            imported.deputies = deputies::write(gate, tx, upload, &rows, &term).await?;
        }
        Kind::Accounts => {
            let (rows, known) = accounts::check(tx, upload).await?;
            imported.rows = rows.len();
            imported.accounts = accounts::write(gate, tx, upload, &rows, &known).await?;
        }
    }
    record(gate, tx, upload, &imported).await?;
    Ok(imported)
}

async fn record(gate: &Gate, tx: &mut Tx, upload: &Upload<'_>, imported: &Imported) -> Result<()> {
    let by = tx.actor().signed_in().map(|who| who.account);
    let rows = i64::try_from(imported.rows).unwrap_or(i64::MAX);
    let name: String = upload
        .file_name
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let query = sql(RECORD)
        .bind(imported.id)
        .bind(upload.congress)
        .bind(upload.kind.as_str())
        .bind(name);
    query
        .bind(upload.table.hash)
        .bind(rows)
        .bind(gate.clock.now())
        .bind(by)
        .execute(tx)
        .await?;
    Ok(())
}
