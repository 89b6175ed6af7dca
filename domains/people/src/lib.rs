//! The pages of the directory: the way in, one's own account, the public list of deputies, and
//! for administrators accounts and imports.
//!
//! Invariants:
//! * no answer tells whether an account exists;
//! * a session that still waits for its second factor, its enrolment or a new password is nobody's
//!   everywhere else, and the sign-in page leads it to what is due;
//! * first passwords and recovery codes are shown once, on the page that made them.

mod account;
mod admin;
mod api;
mod deputies;
mod import;
mod sign_in;
mod visitor;
mod words;

use axum::{
    Extension,
    routing::{get, post},
};
use directory::{DirectoryError, Gate};
use kernel::{Role, Timestamp};
use store::StoreError;
use web::{App, Found, Lang, Module, NavItem, Sessions};

/// Who may have something to do on `/account`: everybody with an account.
const SIGNED_IN: &[Role] = &[
    Role::Deputy,
    Role::Clerk,
    Role::Chair,
    Role::Admin,
    Role::Auditor,
];

/// This domain's texts.
const LOCALES: &[(Lang, &str)] = &[
    (Lang::Zh, include_str!("../locales/zh-CN.ftl")),
    (Lang::En, include_str!("../locales/en.ftl")),
];

/// The cookie's token looked up in the directory.
#[derive(Debug, Clone)]
pub struct DirectorySessions(pub Gate);

impl Sessions for DirectorySessions {
    fn find<'a>(&'a self, token: &'a str, _now: Timestamp) -> Found<'a> {
        Box::pin(async move {
            match directory::sign_in::session(&self.0, token).await {
                Ok(session) => Ok(session.map(|session| session.actor)),
                Err(DirectoryError::Store(error)) => Err(error),
                // Looking up a session refuses nothing else.
                Err(_) => Err(StoreError::Missing),
            }
        })
    }
}

/// The pages over `gate`. The directory's tables are the directory's own to bring
/// ([`directory::MIGRATIONS`]).
#[must_use]
pub fn module(gate: Gate) -> Module {
    let mut module = Module::new("people");
    module.pages = pages().layer(Extension(gate.clone()));
    module.api = api::routes().layer(Extension(gate));
    module.locales = LOCALES;
    module.nav = nav();
    module
}

fn pages() -> axum::Router<App> {
    axum::Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::send))
        .route(
            "/sign-in/code",
            get(sign_in::show_code).post(sign_in::send_code),
        )
        .route("/sign-out", post(sign_in::sign_out))
        .route("/account", get(account::show))
        .route("/account/sessions/{id}/end", post(account::end_session))
        .route(
            "/account/password",
            get(account::show_password).post(account::send_password),
        )
        .route(
            "/account/second-factor",
            get(account::show_factor).post(account::send_factor),
        )
        .route("/deputies", get(deputies::list))
        .route("/admin/accounts", get(admin::list).post(admin::create))
        .route("/admin/accounts/{id}", get(admin::show))
        .route("/admin/accounts/{id}/{act}", post(admin::act))
        .route("/admin/import", get(import::show).post(import::send))
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
        item("people-nav-accounts", "/admin/accounts", 90, &[Role::Admin]),
        item("people-nav-account", "/account", 95, SIGNED_IN),
    ]
}
