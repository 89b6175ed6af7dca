//! One [`Db`] over SQLite (the embedded default) and PostgreSQL, with one portable SQL text.
//!
//! Invariants:
//! * every write happens in a [`Tx`], which carries the [`kernel::Actor`] who acts;
//! * [`Tx::commit`] returns only when the data is durable;
//! * what a transaction stages for the log is sealed in the same commit, by the [`Ledger`];
//! * a statement is a named const, written once for both databases; values are one of the few
//!   kinds of [`Value`].
//!
//! It deliberately has no object mapper, no lazy loading and no per-database copies of queries.

pub mod backup;
mod conn;
mod db;
mod dialect;
pub mod doctor;
mod error;
pub mod files;
pub mod jobs;
mod lane;
mod migrate;
mod query;
pub mod schema;
#[macro_use]
mod statements;
mod template;
pub mod testing;
mod value;

pub use conn::Conn;
pub use db::{Db, Engine, Options};
pub use error::StoreError;
pub use lane::{Ledger, Staged, Tx};
pub use migrate::{Migration, check as check_migrations, migrate};
pub use query::{Query, Record, Target, sql};
pub use statements::{Check, Schema, Statement};
pub use value::Value;

/// What this crate keeps itself.
pub const SCHEMA: Schema = Schema {
    name: "store",
    migrations: &[jobs::MIGRATION],
    statements: jobs::statements,
    checks: &[],
};

/// What every store function returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
