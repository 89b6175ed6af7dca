//! Who and where: divisions (行政区划), congresses and terms, organs, people and seats, accounts,
//! roles and sessions.
//!
//! Invariants:
//! * one natural person may hold seats in several congresses; persons and seats are counted apart;
//! * a role is held in one congress, and [`authorize()`] denies whatever its table does not allow;
//! * passwords, session tokens and recovery codes are stored only as hashes; second-factor secrets
//!   only sealed;
//! * no answer of the sign-in tells whether an account exists;
//! * an import goes in whole or not at all.
//!
//! It deliberately keeps no identity-card number, telephone number or home address.

pub mod accounts;
pub mod authorize;
mod codes;
pub mod congresses;
pub mod deputies;
pub mod divisions;
mod error;
pub mod import;
pub mod lockout;
pub mod oidc;
pub mod organs;
mod paging;
pub mod passwords;
pub mod people;
mod seal;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;

pub use authorize::{Action, authorize};
pub use error::DirectoryError;
pub use paging::{PAGE_MOST, Page};
pub use seal::SealKey;
pub use sign_in::{Gate, GateRules};

/// What most directory functions return.
pub type Result<T, E = DirectoryError> = std::result::Result<T, E>;

/// The tables of the directory, in order.
pub const MIGRATIONS: &[store::Migration] = &[store::Migration {
    id: "directory/0001_directory",
    script: include_str!("../migrations/0001_directory.sql"),
}];
