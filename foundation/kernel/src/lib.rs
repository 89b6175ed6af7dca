//! What every domain stands on: typed ids, time and randomness as parameters, who acts, the
//! counting rules of votes, the working calendar, money, and the [`Rulebook`] of thresholds.
//!
//! Invariants: nothing here reads a clock, a random source, a file or the network by itself; every
//! statutory number comes from the Rulebook with its article.

#[macro_use]
mod ids;
pub mod actor;
pub mod calendar;
pub mod code;
pub mod entropy;
pub mod level;
pub mod mask;
pub mod money;
pub mod period;
pub mod phrase;
pub mod rulebook;
pub mod text;
pub mod time;
pub mod votes;

pub use actor::{Actor, Role};
pub use calendar::{CalendarError, Counted, Holiday, OutsideCalendar, WorkCalendar};
pub use code::{CodeError, ReceiptCode};
pub use entropy::{Entropy, OsEntropy, SeededEntropy};
pub use ids::*;
pub use level::{DivisionKind, Level};
pub use mask::{mask_email, mask_name, mask_phone};
pub use money::{Fen, FenError};
pub use period::{Due, EndOnFreeDay, Period, days_between, due, due_with, latest_date_before};
pub use phrase::{Claim, More, PercentPhrase, Phrase, grouped, percent};
pub use rulebook::{Basis, Rule, RuleError, RuleValue, Rulebook, RulebookError};
pub use text::{CleanText, Lines, TextLimits, TextRefusal, clean_input};
pub use time::{Clock, SystemClock, TestClock, Timestamp};
pub use votes::{
    Denominator, ElectionKind, Majority, Outcome, Seats, Share, Tally, WrongTally, turnout_suffices,
};
