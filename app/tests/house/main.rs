//! A house as its operator runs it: the real program, with its files, its databases and its keys.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "../program/mod.rs"]
mod program;

mod away;
mod clerk;
mod common;
mod killed;
mod postgres;
mod residents;
mod setup;
