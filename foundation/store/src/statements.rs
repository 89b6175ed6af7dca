//! Named statements that list themselves, and what a crate keeps in the database.

use std::borrow::Cow;

use futures_util::future::BoxFuture;

use crate::{Db, Migration, Result};

/// A statement's name and text.
pub type Statement = (&'static str, Cow<'static, str>);

/// What a crate keeps in the database.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The crate.
    pub name: &'static str,
    /// Its tables.
    pub migrations: &'static [Migration],
    /// Every statement it runs, so that one test has both databases read them all. Where it puts
    /// statements together, each way it does so.
    pub statements: fn() -> Vec<Statement>,
    /// What it can say of the health of its data.
    pub checks: &'static [Check],
}

/// What a look at the data brings to light.
pub type Finding<'a, T> = BoxFuture<'a, Result<T>>;

/// Something that must hold in a crate's data, looked at by `quancheng doctor` and every night.
#[derive(Clone, Copy)]
pub struct Check {
    /// A fixed word.
    pub name: &'static str,
    /// What holds, in Chinese and English: the operator reads it.
    pub says: &'static str,
    /// What does not hold, a line each; nothing when all is well.
    pub look: for<'a> fn(&'a Db) -> Finding<'a, Vec<String>>,
    /// Puts it right where that needs no decision; how much was wrong.
    pub mend: Option<for<'a> fn(&'a Db) -> Finding<'a, u64>>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Check").field(&self.name).finish()
    }
}

/// Declares a module's SQL as named consts and lists them all as `STATEMENTS`, so that one test
/// can have both databases read every one:
///
/// ```
/// store::statements! {
///     /// The newest first.
///     pub(crate) NEWEST = "SELECT id FROM thing ORDER BY made_at DESC LIMIT $1";
///     /// Rows are pushed.
///     pub(crate) INSERT = "INSERT INTO thing (id, made_at) VALUES ";
/// }
/// # fn main() { assert_eq!(STATEMENTS[0].0, "NEWEST"); assert_eq!(STATEMENTS[1].1, INSERT); let _ = NEWEST; }
/// ```
///
/// The crate's [`Schema`] names the lists of all its modules.
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $text:expr;)*) => {
        $($(#[$meta])* $vis const $name: &str = $text;)*

        /// Every statement of this module with its name, for the test that prepares them all.
        pub const STATEMENTS: &[$crate::Statement] =
            &[$((stringify!($name), ::std::borrow::Cow::Borrowed($name))),*];
    };
}
