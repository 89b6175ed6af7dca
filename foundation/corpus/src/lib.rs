//! Texts as works and dated versions (FRBR: work and expression), and their parsed form.
//!
//! Invariants: a version's source is kept to the byte; a published version never changes; parsing
//! is a pure function of the source, so that only sources are stored and trees are cached.

mod cache;
mod import;
mod versions;

pub use cache::{Library, Reading};
pub use import::{ImportRefusal, Imported, Readable, import};
pub use versions::{NewVersion, Version, VersionHead, add, create, heads, load, publish, replace};

use store::{Migration, Schema};

/// The tables of texts.
pub const MIGRATIONS: &[Migration] = &[Migration {
    id: "corpus/0001_texts",
    script: include_str!("../migrations/0001_texts.sql"),
}];

/// What this crate keeps.
pub const SCHEMA: Schema = Schema {
    name: "corpus",
    migrations: MIGRATIONS,
    statements: || versions::STATEMENTS.to_vec(),
    checks: &[],
};
