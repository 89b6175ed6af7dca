//! The heart of the house. A **matter** (事项) is anything with a life: a consultation, an opinion,
//! later a suggestion, a bill, a filing. A [`Procedure`] is its state machine as data: states,
//! moves, who may make each, what it must carry, which clock it starts or stops.
//!
//! From that table come the buttons each person sees, the refusals and their words, the clocks,
//! the entries of the log, the stepper on a page, the diagram in the book, and the test that tries
//! every move in every state as every role.
//!
//! Invariants:
//! * a matter changes only by a move its procedure allows, checked here and nowhere else;
//! * each move is stored together with its log entry, or not at all;
//! * the log entry holds no words of anybody, only a salted commitment to the step's [`Record`]:
//!   what was said, why, where it led and by when.

mod audit;
mod clocks;
mod draw;
mod engine;
mod feed;
mod keeper;
mod ledger;
mod links;
mod number;
mod record;
mod rules;
pub mod statements;
pub mod testing;
mod timeline;
mod ways;

pub use audit::{Audit, Finding, audit};
pub use clocks::{
    Clock, ClockKind, ClockMoves, DueMatter, DuePlace, Standing, clocks, due, due_in_congress,
};
pub use draw::{Diagram, Line, matrix};
pub use engine::{Carry, Clockwork, Made, MoveError, NewMatter, advance, open, open_all, redact};
pub use feed::{Event, feed, take};
pub use keeper::{KeeperError, LogKeeper, SignedHead, continues};
pub use ledger::{Head, MerkleLedger, entries, head, prove_inclusions, tile};
pub use links::{Link, LinkKind, link, links_from, links_to};
pub use number::Number;
pub use record::{Content, Record};
pub use rules::{Allowed, Asked, Procedure, Refusal, Rule, Target, Word, create, on};
#[doc(hidden)]
pub use serde;
pub use timeline::{Step, Timeline, load as load_timeline, load_all as load_timelines};

use store::{Check, Migration, Schema};

/// The tables of matters and of the log.
pub const MIGRATIONS: &[Migration] = &[Migration {
    id: "procedure/0001_matters_and_log",
    script: include_str!("../migrations/0001_matters_and_log.sql"),
}];

/// What this crate keeps.
pub const SCHEMA: Schema = Schema {
    name: "procedure",
    migrations: MIGRATIONS,
    statements: || statements::STATEMENTS.to_vec(),
    checks: &[Check {
        name: "log",
        says: "透明日志和每件事项前后一致 · the log and every matter hold together",
        look: |db| Box::pin(audit::told(db)),
        mend: None,
    }],
};
