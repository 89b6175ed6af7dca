//! The directory on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
mod divisions;
mod import;
mod oidc;
mod sign_in;
