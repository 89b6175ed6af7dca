//! Pages and API, driven in process over the real directory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod common;
mod desk;
mod oidc;
mod own;
#[path = "../../../../foundation/directory/tests/provider/mod.rs"]
mod provider;
mod sign_in;
