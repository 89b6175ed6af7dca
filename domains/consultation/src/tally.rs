//! The counters of a consultation: which of them a move changes, and what they say.
//!
//! Each change counts twice: for the whole consultation (provision `""`) and for the provision
//! spoken of ([`WHOLE_DRAFT`] when that is none). The counters always equal a recount.

use std::collections::HashMap;

use crate::{
    model::{OpinionState, Outcome, Source, Stance},
    store::{Opinion, Tally},
};
use procedure::Word;

/// Stands for "no provision" in the counters.
pub const WHOLE_DRAFT: &str = "whole";

/// Opinions received.
pub const OPINIONS: &str = "opinions";
/// Opinions hidden now.
pub const HIDDEN: &str = "hidden";
/// Visits.
pub const VISITS: &str = "visits";
/// Persons heard at visits (人次).
pub const HEADS: &str = "heads";
/// Deputies who visited (人).
pub const DEPUTIES: &str = "deputies";
/// Units visited (个).
pub const UNITS: &str = "units";

fn both(provision: Option<&str>, key: &str, by: i64) -> [Tally; 2] {
    let change = |provision: &str| Tally {
        provision: provision.to_owned(),
        key: key.to_owned(),
        by,
    };
    [change(""), change(provision.unwrap_or(WHOLE_DRAFT))]
}

fn state_key(state: OpinionState) -> String {
    format!("state:{}", state.word())
}

fn outcome_key(outcome: Outcome) -> String {
    format!("outcome:{}", outcome.word())
}

/// An opinion came.
pub(crate) fn received(provision: Option<&str>, stance: &str, source: &str) -> Vec<Tally> {
    let keys = [
        OPINIONS.to_owned(),
        state_key(OpinionState::Received),
        format!("stance:{stance}"),
        format!("source:{source}"),
    ];
    keys.iter()
        .flat_map(|key| both(provision, key, 1))
        .collect()
}

/// An opinion went from where it was to `state`, and its outcome to `outcome`.
pub(crate) fn moved(was: &Opinion, state: OpinionState, outcome: Option<Outcome>) -> Vec<Tally> {
    let provision = was.provision.as_deref();
    let mut changes = Vec::new();
    if was.state != state {
        changes.extend(both(provision, &state_key(was.state), -1));
        changes.extend(both(provision, &state_key(state), 1));
    }
    if was.outcome != outcome {
        let (old, new) = (was.outcome.map(outcome_key), outcome.map(outcome_key));
        changes.extend(old.iter().flat_map(|key| both(provision, key, -1)));
        changes.extend(new.iter().flat_map(|key| both(provision, key, 1)));
    }
    changes
}

/// An opinion was hidden (`by` 1) or shown again (-1).
pub(crate) fn hidden(was: &Opinion, by: i64) -> Vec<Tally> {
    both(was.provision.as_deref(), HIDDEN, by).into()
}

/// A visit was recorded.
pub(crate) fn visited(heads: u32, new_deputy: bool, new_unit: bool) -> Vec<Tally> {
    let count = |key: &str, by: i64| Tally {
        provision: String::new(),
        key: key.to_owned(),
        by,
    };
    vec![
        count(VISITS, 1),
        count(HEADS, i64::from(heads)),
        count(DEPUTIES, i64::from(new_deputy)),
        count(UNITS, i64::from(new_unit)),
    ]
}

/// The counters of one consultation, read at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies(HashMap<(String, String), i64>);

impl Tallies {
    /// From the rows of the store.
    #[must_use]
    pub fn new(rows: Vec<(String, String, i64)>) -> Self {
        Self(
            rows.into_iter()
                .map(|(provision, key, n)| ((provision, key), n))
                .collect(),
        )
    }

    /// The same without counters that went back to zero, to compare with a recount.
    #[must_use]
    pub fn without_zeros(mut self) -> Self {
        self.0.retain(|_, n| *n != 0);
        self
    }

    /// The counter `key` of the whole consultation.
    #[must_use]
    pub fn all(&self, key: &str) -> i64 {
        self.of("", key)
    }

    /// The counter `key` of one provision.
    #[must_use]
    pub fn of(&self, provision: &str, key: &str) -> i64 {
        self.0
            .get(&(provision.to_owned(), key.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    /// Opinions in `state`.
    #[must_use]
    pub fn in_state(&self, provision: &str, state: OpinionState) -> i64 {
        self.of(provision, &state_key(state))
    }

    /// Opinions with `outcome`.
    #[must_use]
    pub fn with_outcome(&self, provision: &str, outcome: Outcome) -> i64 {
        self.of(provision, &outcome_key(outcome))
    }

    /// Opinions with `stance`.
    #[must_use]
    pub fn with_stance(&self, provision: &str, stance: Stance) -> i64 {
        self.of(provision, &format!("stance:{}", stance.word()))
    }

    /// Opinions that came by `source`.
    #[must_use]
    pub fn from_source(&self, provision: &str, source: Source) -> i64 {
        self.of(provision, &format!("source:{}", source.word()))
    }

    /// Opinions answered: decided, whether or not a version shows it yet.
    #[must_use]
    pub fn answered(&self, provision: &str) -> i64 {
        self.in_state(provision, OpinionState::Decided)
            + self.in_state(provision, OpinionState::Written)
    }
}
