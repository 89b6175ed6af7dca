//! A whole database as one portable file, and back, on either kind of database.
//!
//! The file is a ZIP: `tables/NAME.jsonl` with one JSON array a row, sorted by primary key, and
//! `manifest.json` with the migrations, and for each table its columns, row count and SHA-256.
//! The same data gives the same digests on both databases, so a move from one to the other can
//! be checked.
//!
//! Invariants: all tables are read at one moment; memory use does not grow with the data;
//! restoring happens in one transaction, into an empty database, and is read back and compared
//! before it is committed.

use std::{io, path::Path};

use kernel::Timestamp;

use crate::{StoreError, schema::Kind};

mod cells;
mod restore;
mod write;

pub use restore::{inspect, restore};
pub use write::write;

/// The version of the file's form that this program writes and reads.
pub const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";

/// Hears how far it is: a table's name and how many of its rows are through.
pub type Progress<'a> = &'a (dyn Fn(&str, u64) + Send + Sync);

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Manifest {
    /// See [`FORMAT`].
    pub format: u32,
    /// When it was made, in microseconds since 1970.
    pub made_at: Timestamp,
    /// The migrations the database had, sorted.
    pub migrations: Vec<String>,
    /// Its tables, sorted by name.
    pub tables: Vec<TableNote>,
}

/// What a backup holds of one table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TableNote {
    /// Its name.
    pub name: String,
    /// Its columns, in the order of the rows' cells.
    pub columns: Vec<ColumnNote>,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 of all lines, each with its line feed, in hexadecimal.
    pub sha256: String,
}

/// A column in a backup.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ColumnNote {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file cannot be written or read.
    #[error("the backup file cannot be written or read")]
    File(#[from] io::Error),
    /// The database did not do its part.
    #[error("the database did not do its part")]
    Store(#[from] StoreError),
    /// The file is no backup, or of a form this program does not know.
    #[error("not a backup that can be read: {0}")]
    Unreadable(String),
    /// The file's contents are not what its manifest says.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// The database to restore into has tables already.
    #[error("the database is not empty")]
    NotEmpty,
    /// The backup comes from a newer program, or from another one.
    #[error("the backup has a migration that this program does not know: {0}")]
    UnknownMigration(String),
}

impl From<zip::result::ZipError> for BackupError {
    fn from(error: zip::result::ZipError) -> Self {
        match error {
            zip::result::ZipError::Io(error) => Self::File(error),
            other => Self::Unreadable(other.to_string()),
        }
    }
}

/// A thread of the blocking kind that did not come back.
fn gone() -> BackupError {
    BackupError::File(io::Error::other("the file's thread ended early"))
}

fn entry_of(table: &str) -> String {
    format!("tables/{table}.jsonl")
}

/// Where the file grows until it is whole.
fn partial(file: &Path) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}
