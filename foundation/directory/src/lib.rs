//! Who and where: divisions (行政区划), congresses and terms, organs, people and seats, accounts,
//! roles, sessions and the audit trail.
//!
//! Invariants:
//! * one natural person may hold seats in several congresses; persons and seats are counted apart;
//! * an account is a way into one congress, a person has one open account there, and
//!   [`authorize()`] denies whatever its table does not allow;
//! * the three officers and whoever handles matters are different people, over all open accounts of
//!   a person;
//! * passwords, session tokens and recovery codes are stored only as hashes; second-factor secrets
//!   only sealed;
//! * no answer of the sign-in tells whether an account exists;
//! * what is done to accounts, roles, seats and the tree is in the audit trail ([`audit`]), in the
//!   same transaction;
//! * an import goes in whole or not at all.
//!
//! It deliberately keeps no identity-card number, telephone number or home address.

pub mod accounts;
pub mod audit;
pub mod authorize;
mod codes;
pub mod congresses;
pub mod deputies;
pub mod divisions;
mod error;
pub mod import;
pub mod lockout;
pub mod oidc;
mod once;
pub mod organs;
mod paging;
pub mod passwords;
pub mod people;
mod seal;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;

pub use authorize::{Action, authorize, authorize_deployment};
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

/// Removes what is over: sessions, faded failures, forms too old to be sent, and audit events older
/// than `audit_days`. For a daily job; how many rows went.
///
/// # Errors
/// What the database says.
pub async fn purge(gate: &Gate, audit_days: u32) -> Result<u64> {
    let now = gate.clock.now();
    let mut tx = gate.db.begin(kernel::Actor::System).await?;
    let gone = [
        sessions::purge(&mut tx, now).await?,
        lockout::purge(&mut tx, now).await?,
        once::purge(&mut tx, now).await?,
        audit::purge(gate, &mut tx, audit_days).await?,
    ];
    tx.commit().await?;
    Ok(gone.iter().sum())
}

/// What this crate keeps.
pub const SCHEMA: store::Schema = store::Schema {
    name: "directory",
    migrations: MIGRATIONS,
    statements: || {
        [
            accounts::STATEMENTS,
            audit::STATEMENTS,
            authorize::STATEMENTS,
            congresses::STATEMENTS,
            deputies::STATEMENTS,
            divisions::STATEMENTS,
            import::STATEMENTS,
            lockout::STATEMENTS,
            oidc::STATEMENTS,
            oidc::IDENTITY_STATEMENTS,
            once::STATEMENTS,
            organs::STATEMENTS,
            people::STATEMENTS,
            second_factor::STATEMENTS,
            sessions::STATEMENTS,
            sign_in::STATEMENTS,
        ]
        .concat()
    },
    checks: &[audit::CHECK],
};
