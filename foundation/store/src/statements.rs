//! Named statements that list themselves.

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
/// In a test: `store::testing::prepare_all(&test, my_module::STATEMENTS).await`.
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $text:expr;)*) => {
        $($(#[$meta])* $vis const $name: &str = $text;)*

        /// Every statement of this module with its name, for the test that prepares them all.
        pub const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}
