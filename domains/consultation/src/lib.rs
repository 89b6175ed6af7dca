//! Public consultation (征求意见) on a draft: people and deputies speak, staff decide with reasons,
//! the next version shows what came of it, and every step can be proved (立法法 40; rules §3.1).
//!
//! Where an opinion becomes a decision: [`ops::decide`], by the table [`model::OPINION`].
//!
//! Invariants:
//! * a receipt is given only when the opinion and its log entry are durable;
//! * opinions are taken only while the consultation is open, by the state in the same transaction;
//! * no decision without a reason, no report while an opinion waits;
//! * hiding takes an opinion's words from the public page, never its place in the log;
//! * the counters always equal a recount ([`figures::recount`]).
//!
//! It deliberately does not know a resident: no account, no name, no address.

pub mod figures;
pub mod model;
pub mod ops;
mod rules;
pub mod store;
pub mod tally;
pub mod way;

use ::store::Migration;

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] = &[Migration {
    id: "consultation/0001_consultation",
    script: include_str!("../migrations/0001_consultation.sql"),
}];
