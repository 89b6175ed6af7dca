//! What can be wrong with a row: a code with its values. The words are in the catalogues of whoever
//! shows it.

use std::collections::HashMap;

use super::Column;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// A kind of fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name),*
        }

        impl Code {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The key of the translations.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word),*
                }
            }
        }
    };
}

codes! {
    /// The cell must be filled.
    Empty = "empty";
    /// More than `most` characters.
    TooLong = "too-long";
    /// Line breaks and the like.
    Characters = "characters";
    /// `value` stands in row `first` already.
    Twice = "twice";
    /// An identity card's or telephone's number.
    PersonalNumber = "personal-number";
    /// The congress knows `value` as `name`.
    OtherName = "other-name";
    /// `name` has a seat in this term.
    Seated = "seated";
    /// `value` is the number of another seat in this term.
    NumberTaken = "number-taken";
    /// There is no delegation called `value`.
    NoDelegation = "no-delegation";
    /// `value` is no day.
    NoDay = "no-day";
    /// `value` is before the term starts, on `day`.
    BeforeTerm = "before-term";
    /// `value` has characters that no sign-in name has.
    LoginCharacters = "login-characters";
    /// Somebody has the sign-in name `value`.
    LoginTaken = "login-taken";
    /// `name` has an open account, called `value`.
    HasAccount = "has-account";
    /// There is no open account called `value`.
    NoAccount = "no-account";
    /// There is no role called `value`, or not for a file to give.
    NoRole = "no-role";
    /// `value` is one of the three officers'.
    Officer = "officer";
    /// `value` is one's own.
    OwnAccount = "own-account";
    /// `value` is not of `digits` digits.
    CodeForm = "code-form";
    /// There is no kind of division called `value`.
    NoKind = "no-kind";
    /// A division of this kind has the level `level`, not `value`.
    NotItsLevel = "not-its-level";
    /// A province has no division above, all others have.
    ParentOfProvince = "parent-of-province";
    /// There is no division `value`.
    NoParent = "no-parent";
    /// `value` is no higher than this one.
    ParentNotAbove = "parent-not-above";
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The row as the spreadsheet counts it: the heading is 1.
    pub row: usize,
    /// The column.
    pub column: &'static Column,
    /// What is wrong.
    pub code: Code,
    /// The values that its words name.
    pub values: Vec<(&'static str, String)>,
}

/// Collects the faults of one row.
pub(crate) struct Faults<'a> {
    pub row: usize,
    pub all: &'a mut Vec<Fault>,
}

impl Faults<'_> {
    pub fn add(&mut self, column: &'static Column, code: Code) {
        self.add_with(column, code, []);
    }

    pub fn add_with<const N: usize>(
        &mut self,
        column: &'static Column,
        code: Code,
        values: [(&'static str, &str); N],
    ) {
        let values = values.map(|(name, value)| (name, value.to_owned()));
        self.all.push(Fault {
            row: self.row,
            column,
            code,
            values: values.into(),
        });
    }

    /// A filled cell of at most `most` characters.
    pub fn needed(&mut self, column: &'static Column, cell: &str, most: usize) -> String {
        if cell.is_empty() {
            self.add(column, Code::Empty);
        }
        self.optional(column, cell, most).unwrap_or_default()
    }

    /// A cell of at most `most` characters, or nothing.
    pub fn optional(&mut self, column: &'static Column, cell: &str, most: usize) -> Option<String> {
        if cell.chars().count() > most {
            self.add_with(column, Code::TooLong, [("most", &most.to_string())]);
        } else if cell.chars().any(char::is_control) {
            self.add(column, Code::Characters);
        }
        (!cell.is_empty()).then(|| cell.to_owned())
    }
}

/// The values of a column that must not come twice, with the row each stands in.
#[derive(Default)]
pub(crate) struct Once(HashMap<String, usize>);

impl Once {
    /// Tells a value that stands in another row already.
    pub fn check(&mut self, value: &str, column: &'static Column, faults: &mut Faults<'_>) {
        if value.is_empty() {
            return;
        }
        match self.0.get(value) {
            Some(first) => {
                let first = first.to_string();
                faults.add_with(column, Code::Twice, [("value", value), ("first", &first)]);
            }
            None => {
                self.0.insert(value.to_owned(), faults.row);
            }
        }
    }
}
