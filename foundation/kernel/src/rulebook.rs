//! The Rulebook (规则库): every threshold and deadline is a dated rule with its legal basis.
//!
//! A rule holds nationally or in one place, at every level or at some, from a date to a date. The
//! tightest place wins; within a place the rule for a named level wins over the one for all. A matter
//! keeps the rule of its own date: amending a law adds a rule and ends the old one, it never edits it.
//! Rules that nobody checked against the text of the law say so with `verified = false`.
//!
//! Invariants, checked on loading: every rule has a basis in both languages; no two rules of the same
//! origin answer the same question on the same day.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{Level, Majority, Period, Share};

/// The rules that come with the software, one text a field of work.
const NATIONAL: [(&str, &str); 6] = [
    (
        "consultation.toml",
        include_str!("../../../data/rulebook/consultation.toml"),
    ),
    (
        "congress.toml",
        include_str!("../../../data/rulebook/congress.toml"),
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

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleValue {
    /// A length of time: days, working days, months or years.
    Period(Period),
    /// A number of people, meetings or things.
    Count(u32),
    /// A share, 以上: the number itself included.
    AtLeast(Share),
    /// A share, 超过 or 过半数: the number itself excluded.
    MoreThan(Share),
    /// Yes or no.
    Flag(bool),
}

impl RuleValue {
    /// The value in Chinese, as a page shows it: `30日`, `10`, `过半数`.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Period(period) => period.zh(),
            Self::Count(n) => n.to_string(),
            Self::MoreThan(Share::HALF) => "过半数".to_owned(),
            Self::AtLeast(share) => format!("{}分之{}以上", share.of(), share.parts()),
            Self::MoreThan(share) => format!("超过{}分之{}", share.of(), share.parts()),
            Self::Flag(yes) => if yes { "是" } else { "否" }.to_owned(),
        }
    }

    /// The value in English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Self::Period(period) => period.en(),
            Self::Count(n) => n.to_string(),
            Self::MoreThan(Share::HALF) => "more than half".to_owned(),
            Self::AtLeast(share) => format!("at least {}/{}", share.parts(), share.of()),
            Self::MoreThan(share) => format!("more than {}/{}", share.parts(), share.of()),
            Self::Flag(yes) => if yes { "yes" } else { "no" }.to_owned(),
        }
    }
}

/// The law and article a rule stands on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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
}

impl Rule {
    fn holds_on(&self, date: Date) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|last| date <= last)
    }

    /// Whether both answer one question at some level, in one place, on some day.
    fn collides(&self, other: &Self) -> bool {
        let levels = if self.levels.is_empty() || other.levels.is_empty() {
            self.levels.is_empty() && other.levels.is_empty()
        } else {
            self.levels.iter().any(|level| other.levels.contains(level))
        };
        let days = self.valid_to.is_none_or(|last| other.valid_from <= last)
            && other.valid_to.is_none_or(|last| self.valid_from <= last);
        self.place == other.place && levels && days
    }
}

/// Why the Rulebook cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No rule has this key: a mistake in the program or in an operator's file.
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

/// Why rules cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum RulebookError {
    /// Not TOML of the Rulebook's form.
    #[error("the rules in {file} cannot be read")]
    Form {
        /// The file.
        file: String,
        /// What the reader says.
        #[source]
        source: toml::de::Error,
    },
    /// One rule is wrong.
    #[error("the rule {key} in {file} is wrong: {why}")]
    Rule {
        /// The file.
        file: String,
        /// The rule's key.
        key: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two rules answer the same question on the same day.
    #[error("two rules {key} overlap from {from} on")]
    Overlap {
        /// The key of both.
        key: String,
        /// The first day both hold.
        from: Date,
    },
}

/// All rules, by key. The last layer is the operator's own; the first is the software's.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    layers: Vec<BTreeMap<String, Vec<Rule>>>,
}

impl Rulebook {
    /// The rules that come with the software.
    ///
    /// # Errors
    /// None that a test does not find first.
    pub fn national() -> Result<Self, RulebookError> {
        Self::from_toml(&NATIONAL)
    }

    /// Reads rules from named texts, as one layer.
    ///
    /// # Errors
    /// [`RulebookError`] with the file and the rule that is wrong.
    pub fn from_toml(files: &[(&str, &str)]) -> Result<Self, RulebookError> {
        Self::default().with(files)
    }

    /// The same Rulebook with the operator's rules over it. In the same place they win over what is
    /// below; a tighter place below still wins over a wider one above.
    ///
    /// # Errors
    /// [`RulebookError`] with the file and the rule that is wrong.
    pub fn with(mut self, files: &[(&str, &str)]) -> Result<Self, RulebookError> {
        let mut layer: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
        for (file, text) in files {
            let source = |source| RulebookError::Form {
                file: (*file).to_owned(),
                source,
            };
            let read: File = toml::from_str(text).map_err(source)?;
            for rule in read.rule {
                let rule = rule.check(file)?;
                layer.entry(rule.key.clone()).or_default().push(rule);
            }
        }
        layer.values().try_for_each(|rules| refuse_overlap(rules))?;
        self.layers.push(layer);
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
        let places = place.iter().map(|code| Some(*code)).chain([None]);
        let mut found =
            places.flat_map(|place| self.layers.iter().rev().map(move |layer| (place, layer)));
        let rule = found.find_map(|(place, layer)| best(layer.get(key)?, place, level, date));
        rule.ok_or_else(
            || match self.layers.iter().any(|layer| layer.contains_key(key)) {
                true => RuleError::NotInForce {
                    key: key.to_owned(),
                    level,
                    date,
                },
                false => RuleError::UnknownKey {
                    key: key.to_owned(),
                },
            },
        )
    }

    /// Every rule, the software's first, in the order of keys.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.layers
            .iter()
            .flat_map(|layer| layer.values().flatten())
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
    /// [`RuleError::WrongKind`] when it is no share.
    pub fn majority(&self) -> Result<Majority, RuleError> {
        match self.value {
            RuleValue::MoreThan(Share::HALF) => Ok(Majority::MoreThanHalf),
            RuleValue::MoreThan(share) => Ok(Majority::MoreThan(share)),
            RuleValue::AtLeast(share) => Ok(Majority::AtLeast(share)),
            _ => Err(self.wrong_kind("ratio")),
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

fn refuse_overlap(rules: &[Rule]) -> Result<(), RulebookError> {
    for (i, one) in rules.iter().enumerate() {
        if let Some(other) = rules.iter().skip(i + 1).find(|other| one.collides(other)) {
            let from = one.valid_from.max(other.valid_from);
            return Err(RulebookError::Overlap {
                key: one.key.clone(),
                from,
            });
        }
    }
    Ok(())
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<FileRule>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    key: String,
    value: toml::Value,
    unit: Unit,
    #[serde(default)]
    level: Vec<Level>,
    place: Option<String>,
    valid_from: String,
    valid_to: Option<String>,
    basis: Basis,
    verified: bool,
}

#[derive(Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    Days,
    WorkingDays,
    Months,
    Years,
    Count,
    AtLeast,
    MoreThan,
    Flag,
}

impl FileRule {
    fn check(self, file: &str) -> Result<Rule, RulebookError> {
        let key = self.key.clone();
        self.read().map_err(|why| RulebookError::Rule {
            file: file.to_owned(),
            key,
            why,
        })
    }

    fn read(self) -> Result<Rule, &'static str> {
        let valid_from: Date = self
            .valid_from
            .parse()
            .map_err(|_| "valid_from is not a date")?;
        let valid_to = self.valid_to.as_deref().map(str::parse::<Date>).transpose();
        let valid_to = valid_to.map_err(|_| "valid_to is not a date")?;
        if valid_to.is_some_and(|last| last < valid_from) {
            return Err("it ends before it begins");
        }
        if self.basis.zh.trim().is_empty() || self.basis.en.trim().is_empty() {
            return Err("it has no basis");
        }
        if self
            .place
            .as_deref()
            .is_some_and(|place| place.is_empty() || !place.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err("its place is no division code");
        }
        let value = read_value(self.unit, &self.value)?;
        let Self {
            key,
            level: levels,
            place,
            basis,
            verified,
            ..
        } = self;
        Ok(Rule {
            key,
            value,
            levels,
            place,
            valid_from,
            valid_to,
            basis,
            verified,
        })
    }
}

fn read_value(unit: Unit, value: &toml::Value) -> Result<RuleValue, &'static str> {
    let count = || {
        let number = value
            .as_integer()
            .and_then(|number| u32::try_from(number).ok());
        number.ok_or("its value is no whole number")
    };
    let share = || {
        value
            .as_str()
            .and_then(Share::parse)
            .ok_or("its value is no share such as 2/3")
    };
    Ok(match unit {
        Unit::Days => RuleValue::Period(Period::Days(count()?)),
        Unit::WorkingDays => RuleValue::Period(Period::WorkingDays(count()?)),
        Unit::Months => RuleValue::Period(Period::Months(count()?)),
        Unit::Years => RuleValue::Period(Period::Years(count()?)),
        Unit::Count => RuleValue::Count(count()?),
        Unit::AtLeast => RuleValue::AtLeast(share()?),
        Unit::MoreThan => RuleValue::MoreThan(share()?),
        Unit::Flag => RuleValue::Flag(
            value
                .as_bool()
                .ok_or("its value is neither true nor false")?,
        ),
    })
}

#[cfg(test)]
#[path = "rulebook_tests.rs"]
mod tests;
