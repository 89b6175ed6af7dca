//! The directory on both databases.

mod common;
mod divisions;
mod import;
mod sign_in;
