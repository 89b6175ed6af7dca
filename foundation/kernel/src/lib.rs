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
pub mod election;
pub mod entropy;
pub mod level;
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
pub use election::ElectionLaw;
pub use entropy::{Entropy, OsEntropy, SeededEntropy};
pub use ids::*;
pub use level::{DivisionKind, Level};
pub use money::{Fen, FenError};
pub use period::{Due, EndOnFreeDay, Period, days_between, due, latest_before};
pub use phrase::{Claim, More, PercentPhrase, Phrase, grouped};
pub use rulebook::{
    Basis, Bound, Kind, Question, Rule, RuleError, RuleFault, RuleFaults, RuleValue, Rulebook,
};
pub use text::{CleanText, Lines, TextLimits, TextRefusal, clean_input};
pub use time::{Clock, SystemClock, TestClock, Timestamp};
pub use votes::{
    Cosignature, Deciding, Denominator, Majority, Needed, Outcome, Seats, Share, Tally, WrongTally,
    valid_cosigners,
};
