//! The directory on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod audit;
mod common;
mod divisions;
mod import;
mod lockout;
mod oidc;
#[path = "../provider/mod.rs"]
mod provider;
mod seats;
mod sign_in;
