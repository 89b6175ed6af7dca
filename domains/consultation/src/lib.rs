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

mod api;
mod check;
pub mod figures;
pub mod jobs;
pub mod model;
pub mod ops;
pub mod pages;
mod rules;
pub mod store;
pub mod tally;
pub mod way;

use ::store::{
    Migration, Schema,
    jobs::{Cadence, Round},
};
use axum::Extension;
use kernel::Role;
use procedure::Diagram;
use web::{Lang, Module, NavItem};

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] = &[Migration {
    id: "consultation/0001_consultation",
    script: include_str!("../migrations/0001_consultation.sql"),
}];

/// What this domain keeps.
pub const SCHEMA: Schema = Schema {
    name: "consultation",
    migrations: MIGRATIONS,
    statements: || {
        let mut all = store::statements();
        all.extend_from_slice(figures::STATEMENTS);
        all.extend_from_slice(check::STATEMENTS);
        all
    },
    checks: &[check::COUNTERS],
};

/// The life of what this domain keeps.
pub const PROCEDURES: &[&dyn Diagram] = &[&model::CONSULTATION, &model::OPINION];

/// Everything this domain adds to the program.
#[must_use]
pub fn module(desk: ops::Desk) -> Module {
    let everywhere = |key, href, order| NavItem {
        key,
        href,
        order,
        roles: &[],
    };
    let staff = |key, href, order, roles| NavItem {
        key,
        href,
        order,
        roles,
    };
    Module {
        pages: pages::routes().layer(Extension(desk.clone())),
        api: api::routes().layer(Extension(desk.clone())),
        jobs: jobs::handlers(&desk),
        rounds: vec![Round {
            kind: jobs::CLOSE_OVERDUE,
            cadence: Cadence::EverySeconds(60),
        }],
        locales: LOCALES,
        nav: vec![
            everywhere("nav-consultations", "/consultations", 10),
            everywhere("nav-receipts", "/receipts", 20),
            staff("nav-desk", "/desk", 80, &[Role::Clerk, Role::Chair]),
            staff("nav-visits", "/visits/new", 85, &[Role::Deputy]),
        ],
        ..Module::new("consultation")
    }
}

/// The texts of this domain: what its moves, roles and words are called, on pages and elsewhere.
pub const LOCALES: &[(Lang, &str)] = &[
    (Lang::Zh, include_str!("../locales/zh-CN.ftl")),
    (Lang::Zh, include_str!("../locales/desk-zh-CN.ftl")),
    (Lang::En, include_str!("../locales/en.ftl")),
    (Lang::En, include_str!("../locales/desk-en.ftl")),
];
