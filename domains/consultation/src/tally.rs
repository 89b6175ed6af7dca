//! The counters of a consultation: in which of them an opinion is counted, and what they say.
//!
//! An opinion counts twice: for the whole consultation (provision `""`) and for the provision spoken
//! of ([`WHOLE_DRAFT`] when that is none). A move changes the counters by the difference between the
//! opinion before and after it, so that they always equal a recount.

use std::collections::{BTreeMap, HashMap};

use crate::{
    model::{OpinionState, Outcome, Source, Stance, says},
    store::{Filter, Opinion, Tally},
};
use jiff::civil::Date;
use kernel::{VersionId, time::china};
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

fn state_key(state: OpinionState) -> String {
    format!("state:{}", state.word())
}

fn outcome_key(outcome: Outcome) -> String {
    format!("outcome:{}", outcome.word())
}

const DAY: &str = "day:";

/// The counter of the opinions that came on `day` in China; of the whole consultation only.
pub(crate) fn day_key(day: Date) -> String {
    format!("{DAY}{day}")
}

/// The counters in which an opinion is counted.
fn counters(opinion: &Opinion) -> impl Iterator<Item = String> {
    [
        Some(OPINIONS.to_owned()),
        Some(state_key(opinion.state)),
        Some(format!("stance:{}", opinion.stance.word())),
        Some(format!("source:{}", opinion.source.word())),
        opinion.outcome.map(outcome_key),
        opinion.hidden.as_ref().map(|_| HIDDEN.to_owned()),
    ]
    .into_iter()
    .flatten()
}

/// How the counters change when an opinion becomes `now`; `was` is `None` when it comes.
pub(crate) fn difference(was: Option<&Opinion>, now: &Opinion) -> Vec<Tally> {
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (opinion, by) in was.map(|was| (was, -1)).into_iter().chain([(now, 1)]) {
        let spoken_of = opinion.provision.as_deref().unwrap_or(WHOLE_DRAFT);
        for key in counters(opinion) {
            *sums.entry((spoken_of.to_owned(), key.clone())).or_default() += by;
            *sums.entry((String::new(), key)).or_default() += by;
        }
        let day = opinion.received_at.date(&china());
        *sums.entry((String::new(), day_key(day))).or_default() += by;
    }
    sums.into_iter()
        .filter(|(_, by)| *by != 0)
        .map(|((provision, key), by)| Tally { provision, key, by })
        .collect()
}

/// Several changes of one consultation, each counter once.
pub(crate) fn together(changes: Vec<Tally>) -> Vec<Tally> {
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for change in changes {
        *sums.entry((change.provision, change.key)).or_default() += change.by;
    }
    sums.into_iter()
        .map(|((provision, key), by)| Tally { provision, key, by })
        .collect()
}

/// A version shows one more opinion. What it shows by leaving a provision out has no place to count.
pub(crate) fn landed(written: &says::Write) -> Vec<Tally> {
    let place = written.provision.iter();
    place
        .map(|provision| Tally {
            provision: provision.clone(),
            key: landed_key(written.version),
            by: 1,
        })
        .collect()
}

/// The counter of the opinions that led to a provision of `version`.
pub(crate) fn landed_key(version: VersionId) -> String {
    format!("landed:{version}")
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

    /// Adopted opinions that no version shows yet.
    #[must_use]
    pub fn to_write(&self, provision: &str) -> i64 {
        let adopted = [Outcome::Adopted, Outcome::PartlyAdopted]
            .map(|outcome| self.with_outcome(provision, outcome));
        adopted.iter().sum::<i64>() - self.in_state(provision, OpinionState::Written)
    }

    /// Opinions that led to `provision` of `version`.
    #[must_use]
    pub fn landed(&self, version: VersionId, provision: &str) -> i64 {
        self.of(provision, &landed_key(version))
    }

    /// The days on which opinions came and how many, oldest first.
    #[must_use]
    pub fn days(&self) -> BTreeMap<Date, i64> {
        let day = |key: &str| key.strip_prefix(DAY)?.parse().ok();
        let counters = self.0.iter().filter(|(_, n)| **n > 0);
        counters
            .filter_map(|((_, key), n)| Some((day(key)?, *n)))
            .collect()
    }

    /// The articles that opinions speak of, the most spoken-of first, and how many speak of each.
    #[must_use]
    pub fn most_spoken_of(&self, most: usize) -> Vec<(&str, i64)> {
        let named = |place: &str| !place.is_empty() && place != WHOLE_DRAFT;
        let counters = self.0.iter();
        let mut all: Vec<(&str, i64)> = counters
            .filter(|((place, key), n)| key == OPINIONS && named(place) && **n > 0)
            .map(|((place, _), n)| (place.as_str(), *n))
            .collect();
        all.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        all.truncate(most);
        all
    }

    /// How many a list so narrowed holds, where a counter knows.
    #[must_use]
    pub fn count(&self, filter: &Filter) -> Option<i64> {
        if filter.contradicts_itself() {
            return Some(0);
        }
        let place = match filter.provision.as_deref() {
            None => "",
            Some("") => WHOLE_DRAFT,
            Some(id) => id,
        };
        let asked = [
            filter.state.map(|state| self.in_state(place, state)),
            filter
                .outcome
                .map(|outcome| self.with_outcome(place, outcome)),
            filter.stance.map(|stance| self.with_stance(place, stance)),
            filter.source.map(|source| self.from_source(place, source)),
            filter.answered.then(|| self.answered(place)),
            filter.to_write.then(|| self.to_write(place)),
            filter.hidden.then(|| self.of(place, HIDDEN)),
            filter.day.map(|day| self.all(&day_key(day))),
        ];
        let mut known = asked.into_iter().flatten();
        let alone = filter.visit.is_none() && (filter.day.is_none() || place.is_empty());
        match (known.next(), known.next()) {
            _ if !alone => None,
            (None, _) => Some(self.of(place, OPINIONS)),
            (one, None) => one,
            _ => None,
        }
    }
}
