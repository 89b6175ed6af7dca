//! The pages of the directory: the way in, one's own account, the public list of deputies, and the
//! desk of those who keep accounts, people, organs and divisions and who read the audit trail.
//!
//! Invariants:
//! * no answer tells whether an account exists;
//! * a session that still waits for its second factor, its enrolment or a new password is nobody's
//!   everywhere else, and the sign-in page leads it to what is due;
//! * who may do what is [`directory::Action`]'s table, for pages and API alike;
//! * recovery codes are shown once, first passwords on the page that made them.

mod account;
mod api;
mod deputies;
mod desk;
mod oidc;
mod sign_in;
mod visitor;
mod words;

use std::sync::Arc;

use axum::{
    Extension,
    routing::{get, post},
};
use directory::{DirectoryError, Gate, oidc::Oidc};
use kernel::{CongressId, Role, Timestamp};
use store::{
    Schema, StoreError,
    jobs::{Cadence, Failure, Handlers, Round},
};
use web::{App, Found, Lang, Module, NavItem, Sessions};

pub use words::told;

/// Who has an account.
const SIGNED_IN: &[Role] = &directory::accounts::GIVEN;

/// This domain's texts.
pub const LOCALES: &[(Lang, &str)] = &[
    (Lang::Zh, include_str!("../locales/zh-CN.ftl")),
    (Lang::Zh, include_str!("../locales/desk-zh-CN.ftl")),
    (Lang::En, include_str!("../locales/en.ftl")),
    (Lang::En, include_str!("../locales/desk-en.ftl")),
];

/// A session's token looked up in the directory.
#[derive(Debug, Clone)]
pub struct DirectorySessions {
    /// The directory.
    pub gate: Gate,
    /// The congress whose site it is: another's sessions are nobody's here.
    pub site: CongressId,
}

impl Sessions for DirectorySessions {
    fn find<'a>(&'a self, token: &'a str, _now: Timestamp) -> Found<'a> {
        Box::pin(async move {
            match directory::sign_in::session(&self.gate, self.site, token).await {
                Ok(session) => Ok(session.map(|session| session.actor)),
                Err(DirectoryError::Store(error)) => Err(error),
                // Looking up a session refuses nothing else.
                Err(_) => Err(StoreError::Missing),
            }
        })
    }
}

/// What the handlers of this domain work with.
#[derive(Clone)]
pub(crate) struct House {
    gate: Gate,
    oidc: Option<Arc<Oidc>>,
}

/// What this domain keeps: nothing of its own.
pub const SCHEMA: Schema = Schema {
    name: "people",
    migrations: &[],
    statements: Vec::new,
    checks: &[],
};

/// The job that removes sessions, failures and audit events whose time is over.
const PURGE: &str = "people.purge";
/// When it runs: in the small hours, in China.
const AT_NIGHT: Cadence = Cadence::DailyAtMinute(3 * 60 + 10);

/// The pages and the API over `gate`, with the city's identity provider if it has one. The audit
/// trail is kept for `audit_days`. The directory's tables are the directory's own to bring
/// ([`directory::MIGRATIONS`]).
#[must_use]
pub fn module(gate: Gate, oidc: Option<Arc<Oidc>>, audit_days: u32) -> Module {
    let house = House {
        gate: gate.clone(),
        oidc,
    };
    let mut module = Module::new("people");
    module.pages = pages().layer(Extension(house.clone()));
    module.api = api::routes().layer(Extension(house));
    module.locales = LOCALES;
    module.nav = nav();
    module.jobs = jobs(gate, audit_days);
    module.rounds = vec![Round {
        kind: PURGE,
        cadence: AT_NIGHT,
    }];
    module
}

fn jobs(gate: Gate, audit_days: u32) -> Handlers {
    Handlers::default().on(PURGE, move |_, _| {
        let gate = gate.clone();
        async move {
            let purged = directory::purge(&gate, audit_days).await;
            purged
                .map(drop)
                .map_err(|error| Failure::Passing(error.to_string()))
        }
    })
}

fn pages() -> axum::Router<App> {
    axum::Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::send))
        .route(
            "/sign-in/code",
            get(sign_in::show_code).post(sign_in::send_code),
        )
        .route("/sign-in/oidc", get(oidc::start))
        .route("/sign-in/oidc/back", get(oidc::back))
        .route("/sign-out", post(sign_in::sign_out))
        .merge(account::routes())
        .route("/deputies", get(deputies::list))
        .merge(desk::routes())
}

fn nav() -> Vec<NavItem> {
    let item = |key, href, order, roles| NavItem {
        key,
        href,
        order,
        roles,
    };
    vec![
        item("people-nav-deputies", "/deputies", 30, &[]),
        item("people-nav-desk", "/admin", 90, desk::ROLES),
        item("people-nav-audit", "/audit", 92, &[Role::Auditor]),
        item("people-nav-account", "/account", 95, SIGNED_IN),
    ]
}
