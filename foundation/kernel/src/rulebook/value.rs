//! What a rule says, and how two answers to one question compare.

use std::cmp::Ordering;

use crate::{Period, Share};

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleValue {
    /// A length of time.
    Period(Period),
    /// A number of people, meetings or things.
    Count(u32),
    /// A share, 以上: the number itself included.
    AtLeast(Share),
    /// A share, 以下: the number itself included.
    AtMost(Share),
    /// A share, 超过 or 过半数: the number itself excluded.
    MoreThan(Share),
    /// Yes or no.
    Flag(bool),
}

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A length of time in any unit.
    Period,
    /// A number.
    Count,
    /// A share.
    Share,
    /// Yes or no.
    Flag,
}

/// Which way an answer is looser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// A lower limit (不少于): less is looser.
    Floor,
    /// An upper limit (不超过): more is looser.
    Ceiling,
}

impl Bound {
    /// Whether `one` is looser than `other`. Lengths in different units compare by about how long
    /// they are.
    #[must_use]
    pub fn is_looser(self, one: RuleValue, other: RuleValue) -> bool {
        match self {
            Self::Floor => one.compare(other) == Some(Ordering::Less),
            Self::Ceiling => one.compare(other) == Some(Ordering::Greater),
        }
    }
}

impl RuleValue {
    /// What kind of value it is.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Period(_) => Kind::Period,
            Self::Count(_) => Kind::Count,
            Self::AtLeast(_) | Self::AtMost(_) | Self::MoreThan(_) => Kind::Share,
            Self::Flag(_) => Kind::Flag,
        }
    }

    const fn share(self) -> Option<Share> {
        match self {
            Self::AtLeast(share) | Self::AtMost(share) | Self::MoreThan(share) => Some(share),
            _ => None,
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Period(one), Self::Period(two)) => {
                Some(one.about_hours().cmp(&two.about_hours()))
            }
            (Self::Count(one), Self::Count(two)) => Some(one.cmp(&two)),
            (Self::Flag(one), Self::Flag(two)) => Some(one.cmp(&two)),
            _ => Some(self.share()?.cmp(&other.share()?)),
        }
    }

    /// The value in Chinese, as a page shows it: `30日`, `10`, `过半数`, `三分之二以上`.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Period(period) => period.zh(),
            Self::Count(n) => n.to_string(),
            Self::MoreThan(Share::HALF) => "过半数".to_owned(),
            Self::AtLeast(share) => format!("{}以上", share.zh()),
            Self::AtMost(share) => format!("不超过{}", share.zh()),
            Self::MoreThan(share) => format!("超过{}", share.zh()),
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
            Self::AtLeast(share) => format!("at least {share}"),
            Self::AtMost(share) => format!("at most {share}"),
            Self::MoreThan(share) => format!("more than {share}"),
            Self::Flag(yes) => if yes { "yes" } else { "no" }.to_owned(),
        }
    }
}
