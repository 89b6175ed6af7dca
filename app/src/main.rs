//! The program `quancheng`: command line, configuration, wiring, demo congress.
//!
//! Everything that a congress does lives in the domains; here they are only put together
//! ([`modules`]), given their clock, randomness and keys ([`house`]), and served ([`serve`]).

mod admin;
mod book;
mod cli;
mod config;
mod demo;
mod doctor;
mod house;
mod jobs;
mod keys;
mod law;
mod log;
mod log_pages;
mod matters;
mod modules;
mod rules;
mod secrets;
mod serve;
mod upkeep;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("quancheng: {error:#}");
            ExitCode::FAILURE
        }
    }
}
