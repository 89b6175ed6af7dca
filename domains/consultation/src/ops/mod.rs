//! Use cases: authorize, load, decide, save, tell; each in one transaction.

mod again;
mod alike;
mod close;
mod hear;
mod held;
mod intake;
mod prepare;
mod study;
mod submit;
mod version;
mod write;

use std::sync::Arc;

use corpus::{ImportRefusal, Library};
use jiff::{civil::Date, tz::TimeZone};
use kernel::{Actor, Clock, CongressId, Entropy, Level, Role, Rulebook, TextLimits, Timestamp};
use procedure::{Clockwork, LogKeeper, MoveError, Refusal};
use store::{Db, StoreError};

pub use again::SendKey;
pub(crate) use again::code_hash;
pub use alike::{ALIKE_AT_ONCE, GATHER, Gathering, LIKE, ask_to_gather, decide_alike, gather};
pub use close::{close, close_overdue, extend, report, withdraw};
pub use hear::{
    Heard, HeardOpinion, Letter, NewVisit, laid_open, record_letter, record_visit, takes_records,
    taking_records,
};
pub use intake::Intake;
pub use prepare::{Draft, WindowForm, edit, open, prepare, replace_text};
pub use study::{Decision, ask_again, decide, erase, hide, show, withdraw_opinion};
pub use submit::{NewOpinion, Receipt, submit};
pub use version::{NextVersion, next_version};
pub use write::{WRITE_OPINIONS, Writing, write_opinions};

use crate::model::WindowRefusal;

/// What every use case of this domain is given.
#[derive(Clone)]
pub struct Desk {
    /// Where everything is kept.
    pub db: Db,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids and salts come from.
    pub entropy: Arc<dyn Entropy>,
    /// The zone in which a day begins and ends.
    pub zone: TimeZone,
    /// Parsed texts.
    pub library: Arc<Library>,
    /// Thresholds and deadlines with their articles.
    pub rulebook: Arc<Rulebook>,
    /// The congress's level.
    pub level: Level,
    /// The place, from the tightest division code to the widest, whose rules apply.
    pub place: Arc<[String]>,
    /// The key from which receipt codes are made.
    pub secret: Arc<[u8; 32]>,
    /// Who signs the log's head.
    pub log: Arc<LogKeeper>,
    /// Opinions on their way in.
    pub intake: Arc<Intake>,
}

impl Desk {
    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Today, where the congress sits.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().date(&self.zone)
    }

    pub(crate) fn works(&self, now: Timestamp) -> Clockwork<'_> {
        Clockwork {
            now,
            entropy: &*self.entropy,
        }
    }
}

/// Why a use case did not happen, in the words of whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum OpError {
    /// The procedure does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It belongs to another congress.
    #[error("this belongs to another congress")]
    Elsewhere,
    /// The words were erased for good.
    #[error("the words were erased for good")]
    Erased,
    /// Opinions are not being taken now.
    #[error("opinions are not being taken now")]
    Closed {
        /// The last day on which they were.
        since: Option<Date>,
    },
    /// The provision is not in this version of the draft.
    #[error("there is no such provision in this version")]
    NoProvision,
    /// What was typed cannot be kept.
    #[error("{field} cannot be kept")]
    Text {
        /// The field it was typed in.
        field: &'static str,
        /// Why.
        #[source]
        refusal: kernel::TextRefusal,
    },
    /// The days of the window do not fit.
    #[error(transparent)]
    Window(#[from] WindowRefusal),
    /// The file did not become a text.
    #[error(transparent)]
    Import(#[from] ImportRefusal),
    /// The next version says the same as the last.
    #[error("this version says the same as the one before")]
    SameText,
    /// Adopted opinions are still being written into the new version.
    #[error("opinions are still being written into the new version")]
    StillWriting,
    /// Opinions still wait for a decision.
    #[error("{waiting} opinions still wait for a decision")]
    Undecided {
        /// How many.
        waiting: i64,
    },
    /// A visit needs at least one person heard, and not more than can be.
    #[error("the number of persons heard must be from 1 to {most}")]
    Heads {
        /// The most one visit may record (人次).
        most: u32,
    },
    /// The day of the visit, or on which the letter arrived, is not within the window, or to come.
    #[error("the day is not within the consultation")]
    VisitDay,
    /// More opinions than one visit may bring.
    #[error("one visit may bring {most} opinions")]
    TooManyHeard {
        /// The most.
        most: usize,
    },
    /// The key was used before, for something else.
    #[error("this key was used before, for something else")]
    KeyReused,
    /// Only staff do this.
    #[error("only staff do this")]
    NotStaff,
    /// Only deputies record visits.
    #[error("only deputies record visits")]
    NotDeputy,
    /// Somebody has changed it since whoever asks saw it.
    #[error("somebody has just worked on this; look at it again")]
    Changed,
    /// This was asked to be looked at again before.
    #[error("this opinion was looked at again already")]
    AskedBefore,
    /// The Rulebook has no rule that is needed.
    #[error("the rulebook has no rule for {0}")]
    NoRule(String),
}

impl From<MoveError> for OpError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Refused(refusal) => Self::Refused(refusal),
            MoveError::Store(error) => Self::Store(error),
        }
    }
}

/// What every use case returns.
pub type Result<T, E = OpError> = std::result::Result<T, E>;

/// Staff act only for their own congress.
pub(crate) fn at_home(actor: &Actor, congress: CongressId) -> Result<()> {
    match actor.signed_in() {
        Some(who) if who.congress != congress => Err(OpError::Elsewhere),
        _ => Ok(()),
    }
}

/// What only staff do.
pub(crate) fn staff(actor: &Actor) -> Result<()> {
    let works = actor.is(Role::Clerk) || actor.is(Role::Chair);
    works.then_some(()).ok_or(OpError::NotStaff)
}

/// Limits on what is typed, in characters.
pub mod limits {
    /// An opinion.
    pub const OPINION: usize = 5_000;
    /// A reason, given by staff or by whoever asks again.
    pub const REASON: usize = 2_000;
    /// A consultation's title.
    pub const TITLE: usize = 200;
    /// A consultation's lead.
    pub const LEAD: usize = 2_000;
    /// A unit's name.
    pub const UNIT: usize = 100;
    /// The name of a body to which an opinion is referred.
    pub const BODY: usize = 60;
    /// A version's label.
    pub const LABEL: usize = 60;
    /// Persons heard at one visit (人次).
    pub const HEADS: u32 = 10_000;
    /// Opinions recorded with one visit.
    pub const OPINIONS_A_VISIT: usize = 50;
}

/// Text as it may be kept: normal form, no control characters, not too long, not empty.
pub(crate) fn words(field: &'static str, text: &str, most: usize) -> Result<String> {
    let limits = match field {
        "title" | "label" | "unit" | "referred_to" => TextLimits::one_line(most),
        "lead" => TextLimits::many_lines(most).or_empty(),
        _ => TextLimits::many_lines(most),
    };
    let clean =
        kernel::clean_input(text, limits).map_err(|refusal| OpError::Text { field, refusal })?;
    Ok(clean.into_string())
}
