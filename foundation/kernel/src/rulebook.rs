//! The Rulebook (规则库): every threshold and deadline is a dated rule with its legal basis.
//!
//! A rule answers a question (its key) nationally or in one place, at every level or at some, from a
//! date to a date. The tightest place wins; within a place the rule for a named level wins over the one
//! for all. One exception (上位法优先): a rule that is older than a verified rule of a wider place, and
//! looser than it, gives way, because a local text that nobody has brought up to date does not stand
//! against a newer national law. Which way is looser the question says ([`Bound`]).
//!
//! A matter keeps the rule of its own date: amending a law adds a rule and ends the old one, it never
//! edits it. Rules that nobody checked against the text of the law say so with `verified = false`.
//!
//! Invariants, checked on loading: every rule answers a known question in its kind of value and has a
//! basis in both languages; a verified one names its article, a local one its levels; no two rules of
//! the same origin answer the same question on the same day.

mod read;
mod value;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use read::{RuleFault, RuleFaults};
pub use value::{Bound, Kind, RuleValue};

use crate::{EndOnFreeDay, Level, Majority, Period, Share};

/// The rules that come with the software, one text a field of work.
const NATIONAL: [(&str, &str); 8] = [
    (
        "consultation.toml",
        include_str!("../../../data/rulebook/consultation.toml"),
    ),
    (
        "congress.toml",
        include_str!("../../../data/rulebook/congress.toml"),
    ),
    (
        "counting.toml",
        include_str!("../../../data/rulebook/counting.toml"),
    ),
    (
        "data.toml",
        include_str!("../../../data/rulebook/data.toml"),
    ),
    (
        "elections.toml",
        include_str!("../../../data/rulebook/elections.toml"),
    ),
    (
        "legislation.toml",
        include_str!("../../../data/rulebook/legislation.toml"),
    ),
    (
        "standing_committee.toml",
        include_str!("../../../data/rulebook/standing_committee.toml"),
    ),
    (
        "suggestions.toml",
        include_str!("../../../data/rulebook/suggestions.toml"),
    ),
];

/// What a key asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What kind of value answers it.
    pub kind: Kind,
    /// Which way an answer is looser, where one can say so.
    pub bound: Option<Bound>,
    /// Whether zero is an answer.
    pub may_be_zero: bool,
    /// The question in Chinese, such as 征求意见的最短期限.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// The law and article a rule stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// In Chinese, such as 立法法第四十条.
    pub zh: String,
    /// In English, such as `Legislation Law Art. 40`.
    pub en: String,
}

/// One dated rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The question it answers, such as `consultation.minimum_days`.
    pub key: String,
    /// The answer.
    pub value: RuleValue,
    /// The levels it holds at; empty for all.
    pub levels: Vec<Level>,
    /// The division (GB/T 2260) it holds in; none for the whole country.
    pub place: Option<String>,
    /// The first day it holds.
    pub valid_from: Date,
    /// The last day it holds; none while it stands.
    pub valid_to: Option<Date>,
    /// Where it comes from.
    pub basis: Basis,
    /// Whether the value was read in the text of that law.
    pub verified: bool,
    /// The file it was read from.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
}

impl Rule {
    fn holds_on(&self, date: Date) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|last| date <= last)
    }

    /// The first day on which both hold, if there is one.
    fn meets(&self, other: &Self) -> Option<Date> {
        let from = self.valid_from.max(other.valid_from);
        (self.holds_on(from) && other.holds_on(from)).then_some(from)
    }

    /// Whether both speak of one level at least.
    fn shares_a_level(&self, other: &Self) -> bool {
        self.levels.is_empty()
            || other.levels.is_empty()
            || self.levels.iter().any(|level| other.levels.contains(level))
    }
}

/// Why the Rulebook cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No rule has this key: a mistake in the program.
    #[error("the Rulebook has no rule {key}")]
    UnknownKey {
        /// The key asked for.
        key: String,
    },
    /// There are such rules, but none for this level on this date.
    #[error("no rule {key} for the level {level:?} holds on {date}")]
    NotInForce {
        /// The key asked for.
        key: String,
        /// The level asked for.
        level: Level,
        /// The date asked for.
        date: Date,
    },
    /// The rule is of another kind than the caller needs.
    #[error("the rule {key} is no {wanted}")]
    WrongKind {
        /// The key asked for.
        key: String,
        /// The kind that was needed.
        wanted: &'static str,
    },
}

/// All rules, by key. The last layer is the operator's own; the first is the software's.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    questions: BTreeMap<String, Question>,
    layers: Vec<Layer>,
}

/// The rules of one origin, by key.
type Layer = BTreeMap<String, Vec<Rule>>;

impl Rulebook {
    /// The rules that come with the software.
    ///
    /// # Errors
    /// None that a test does not find first.
    pub fn national() -> Result<Self, RuleFaults> {
        Self::from_toml(&NATIONAL)
    }

    /// Reads questions and rules from named texts.
    ///
    /// # Errors
    /// [`RuleFaults`]: everything that is wrong, each with its file and line.
    pub fn from_toml(files: &[(&str, &str)]) -> Result<Self, RuleFaults> {
        let questions = read::questions(files)?;
        let rules = read::rules(files, &questions)?;
        Ok(Self {
            questions,
            layers: vec![rules],
        })
    }

    /// The same Rulebook with the operator's rules over it. In the same place they win over what is
    /// below; a tighter place below still wins over a wider one above.
    ///
    /// # Errors
    /// [`RuleFaults`]: everything that is wrong, each with its file and line.
    pub fn with(mut self, files: &[(&str, &str)]) -> Result<Self, RuleFaults> {
        read::refuse_questions(files)?;
        self.layers.push(read::rules(files, &self.questions)?);
        Ok(self)
    }

    /// The rule `key` for a congress of `level` on `date`. `place` lists the divisions around the
    /// congress, the tightest first; where none of them has a rule, the national one answers.
    ///
    /// # Errors
    /// [`RuleError::UnknownKey`] or [`RuleError::NotInForce`].
    pub fn get(
        &self,
        key: &str,
        place: &[&str],
        level: Level,
        date: Date,
    ) -> Result<&Rule, RuleError> {
        let question = self
            .questions
            .get(key)
            .ok_or_else(|| RuleError::UnknownKey {
                key: key.to_owned(),
            })?;
        let places = place.iter().map(|code| Some(*code)).chain([None]);
        let found = places.filter_map(|place| {
            let layers = self.layers.iter().rev();
            layers
                .filter_map(|layer| layer.get(key))
                .find_map(|rules| best(rules, place, level, date))
        });
        let rule = found.reduce(
            |narrow, wide| match gives_way(narrow, wide, question.bound) {
                true => wide,
                false => narrow,
            },
        );
        rule.ok_or_else(|| RuleError::NotInForce {
            key: key.to_owned(),
            level,
            date,
        })
    }

    /// Whether an end on a free day moves, by the rule `counting.end_moves_off_free_days`.
    ///
    /// # Errors
    /// As [`Rulebook::get`].
    pub fn end_on_free_day(
        &self,
        place: &[&str],
        level: Level,
        date: Date,
    ) -> Result<EndOnFreeDay, RuleError> {
        let rule = self.get("counting.end_moves_off_free_days", place, level, date)?;
        rule.flag().map(EndOnFreeDay::from)
    }

    /// What a key asks.
    #[must_use]
    pub fn question(&self, key: &str) -> Option<&Question> {
        self.questions.get(key)
    }

    /// Every rule, the software's first, in the order of keys.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.layers
            .iter()
            .flat_map(|layer| layer.values().flatten())
    }

    /// Local rules that stand and are looser than a verified national one that stands: the older give
    /// way to it, the younger hold and should be looked at.
    #[must_use]
    pub fn warnings(&self) -> Vec<RuleFault> {
        let local = self.rules().filter(|rule| rule.place.is_some());
        let standing = local.filter(|rule| rule.valid_to.is_none());
        standing.filter_map(|rule| self.warning(rule)).collect()
    }

    fn warning(&self, rule: &Rule) -> Option<RuleFault> {
        let bound = self.question(&rule.key)?.bound?;
        let national = self.rules().find(|national| {
            national.key == rule.key
                && national.place.is_none()
                && national.verified
                && national.valid_to.is_none()
                && rule.shares_a_level(national)
                && bound.is_looser(rule.value, national.value)
        })?;
        Some(read::looser(
            rule,
            national,
            gives_way(rule, national, Some(bound)),
        ))
    }
}

impl Rule {
    /// The rule as a length of time.
    ///
    /// # Errors
    /// [`RuleError::WrongKind`] when it is none.
    pub fn period(&self) -> Result<Period, RuleError> {
        match self.value {
            RuleValue::Period(period) => Ok(period),
            _ => Err(self.wrong_kind("period")),
        }
    }

    /// The rule as a number.
    ///
    /// # Errors
    /// [`RuleError::WrongKind`] when it is none.
    pub fn count(&self) -> Result<u32, RuleError> {
        match self.value {
            RuleValue::Count(count) => Ok(count),
            _ => Err(self.wrong_kind("count")),
        }
    }

    /// The rule as what it takes to pass.
    ///
    /// # Errors
    /// [`RuleError::WrongKind`] when it is no share that has to be reached.
    pub fn majority(&self) -> Result<Majority, RuleError> {
        match self.value {
            RuleValue::MoreThan(Share::HALF) => Ok(Majority::MoreThanHalf),
            RuleValue::MoreThan(share) => Ok(Majority::MoreThan(share)),
            RuleValue::AtLeast(share) => Ok(Majority::AtLeast(share)),
            _ => Err(self.wrong_kind("majority")),
        }
    }

    /// The rule as a share, whether to be reached or not to be passed.
    ///
    /// # Errors
    /// [`RuleError::WrongKind`] when it is none.
    pub fn share(&self) -> Result<Share, RuleError> {
        match self.value {
            RuleValue::AtLeast(share) | RuleValue::AtMost(share) | RuleValue::MoreThan(share) => {
                Ok(share)
            }
            _ => Err(self.wrong_kind("share")),
        }
    }

    /// The rule as yes or no.
    ///
    /// # Errors
    /// [`RuleError::WrongKind`] when it is neither.
    pub fn flag(&self) -> Result<bool, RuleError> {
        match self.value {
            RuleValue::Flag(flag) => Ok(flag),
            _ => Err(self.wrong_kind("flag")),
        }
    }

    fn wrong_kind(&self, wanted: &'static str) -> RuleError {
        RuleError::WrongKind {
            key: self.key.clone(),
            wanted,
        }
    }
}

/// Among rules of one key: the one of `place` in force, a named level before all levels.
fn best<'a>(rules: &'a [Rule], place: Option<&str>, level: Level, date: Date) -> Option<&'a Rule> {
    let fits = |rule: &&Rule| {
        rule.place.as_deref() == place
            && rule.holds_on(date)
            && (rule.levels.is_empty() || rule.levels.contains(&level))
    };
    rules
        .iter()
        .filter(fits)
        .max_by_key(|rule| !rule.levels.is_empty())
}

/// Whether the rule of a tighter place yields to that of a wider one.
fn gives_way(narrow: &Rule, wide: &Rule, bound: Option<Bound>) -> bool {
    wide.verified
        && narrow.valid_from < wide.valid_from
        && bound.is_some_and(|bound| bound.is_looser(narrow.value, wide.value))
}

#[cfg(test)]
mod tests;
