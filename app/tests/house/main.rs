//! A house as its operator runs it: the real program, with its files, its databases and its keys.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "../program/mod.rs"]
mod program;

mod cluster;
mod common;
mod crowd;
mod faults;
mod setup;
