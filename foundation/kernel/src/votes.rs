//! Counting rules (表决计数): what "more than half" means, of whom, and who counts as in favour.
//!
//! Invariants: the denominator is never those present, unless a rule says ballots; abstentions,
//! unpressed keys and absence are never ayes; nothing passes in a body with no members. "以上"
//! includes the number, "超过" and "不满" exclude it (民法典 Art. 1259).

use std::ops::RangeInclusive;

/// A share of a whole, such as 2/3. The lower number is never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    parts: u32,
    of: u32,
}

impl Share {
    /// 1/2.
    pub const HALF: Self = Self { parts: 1, of: 2 };
    /// 1/3, the ballots needed in a further election (另行选举, 选举法 Art. 45).
    pub const ONE_THIRD: Self = Self { parts: 1, of: 3 };
    /// 2/3, the quorum of a congress (地方组织法 Art. 14).
    pub const TWO_THIRDS: Self = Self { parts: 2, of: 3 };
    /// 1/5, those who may convene an extraordinary session (地方组织法 Art. 14).
    pub const ONE_FIFTH: Self = Self { parts: 1, of: 5 };
    /// 1/10, those who may propose a recall (地方组织法 Art. 31).
    pub const ONE_TENTH: Self = Self { parts: 1, of: 10 };

    /// `parts`/`of`; none when `of` is zero.
    #[must_use]
    pub const fn new(parts: u32, of: u32) -> Option<Self> {
        if of == 0 {
            None
        } else {
            Some(Self { parts, of })
        }
    }

    /// Reads `2/3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (parts, of) = text.split_once('/')?;
        Self::new(parts.trim().parse().ok()?, of.trim().parse().ok()?)
    }

    /// The upper number.
    #[must_use]
    pub const fn parts(self) -> u32 {
        self.parts
    }

    /// The lower number.
    #[must_use]
    pub const fn of(self) -> u32 {
        self.of
    }

    /// `count` × lower and `whole` × upper: how `count`/`whole` stands to this share.
    fn compare(self, count: u32, whole: u32) -> std::cmp::Ordering {
        (u64::from(count) * u64::from(self.of)).cmp(&(u64::from(whole) * u64::from(self.parts)))
    }

    /// 以上: `count` reaches this share of `whole`, the number itself included.
    #[must_use]
    pub fn at_least(self, count: u32, whole: u32) -> bool {
        self.compare(count, whole).is_ge()
    }

    /// 以下: at most this share, the number itself included.
    #[must_use]
    pub fn at_most(self, count: u32, whole: u32) -> bool {
        self.compare(count, whole).is_le()
    }

    /// 超过: strictly more than this share.
    #[must_use]
    pub fn more_than(self, count: u32, whole: u32) -> bool {
        self.compare(count, whole).is_gt()
    }

    /// 不满: strictly less than this share.
    #[must_use]
    pub fn less_than(self, count: u32, whole: u32) -> bool {
        self.compare(count, whole).is_lt()
    }

    /// The smallest number that is at least this share of `whole`.
    #[must_use]
    pub fn ceil(self, whole: u32) -> u32 {
        let parts = u64::from(whole) * u64::from(self.parts);
        u32::try_from(parts.div_ceil(u64::from(self.of))).unwrap_or(u32::MAX)
    }

    /// The greatest number that is at most this share of `whole`.
    #[must_use]
    pub fn floor(self, whole: u32) -> u32 {
        let parts = u64::from(whole) * u64::from(self.parts);
        u32::try_from(parts / u64::from(self.of)).unwrap_or(u32::MAX)
    }
}

/// What it takes to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Majority {
    /// 过半数: strictly more than half.
    MoreThanHalf,
    /// 以上: at least a share.
    AtLeast(Share),
    /// 超过: strictly more than a share.
    MoreThan(Share),
}

impl Majority {
    /// The fewest ayes that pass among `of`; never zero.
    #[must_use]
    pub fn required(self, of: u32) -> u32 {
        match self {
            Self::MoreThanHalf => of / 2 + 1,
            Self::AtLeast(share) => share.ceil(of).max(1),
            Self::MoreThan(share) => share.floor(of).saturating_add(1),
        }
    }

    /// Whether `ayes` among `of` pass.
    #[must_use]
    pub fn passes(self, ayes: u32, of: u32) -> bool {
        ayes >= self.required(of)
    }
}

/// The seats of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// By law or decision (法定名额).
    pub statutory: u32,
    /// Now held (实有人数).
    pub filled: u32,
}

/// Whom "全体代表" or "全体组成人员" counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// The seats now held: the usual reading.
    #[default]
    FilledSeats,
    /// The seats there are by law.
    StatutorySeats,
}

impl Denominator {
    /// The number to count against.
    #[must_use]
    pub const fn of(self, seats: Seats) -> u32 {
        match self {
            Self::FilledSeats => seats.filled,
            Self::StatutorySeats => seats.statutory,
        }
    }
}

/// How a body voted. Only `ayes` are in favour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// 赞成
    pub ayes: u32,
    /// 反对
    pub noes: u32,
    /// 弃权
    pub abstentions: u32,
    /// Present and pressed nothing (未按键).
    pub not_pressed: u32,
    /// Not there (缺席).
    pub absent: u32,
}

/// Why a tally cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tally counts {counted} members, the body has {members}")]
pub struct WrongTally {
    /// How many the tally counts.
    pub counted: u64,
    /// How many there are.
    pub members: u32,
}

/// What came of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it passed.
    pub passed: bool,
    /// How many ayes it needed.
    pub required: u32,
    /// Among how many.
    pub of: u32,
}

impl Tally {
    /// Those who were there.
    #[must_use]
    pub fn present(self) -> u64 {
        [self.ayes, self.noes, self.abstentions, self.not_pressed]
            .into_iter()
            .map(u64::from)
            .sum()
    }

    /// The outcome among all members by `denominator`.
    ///
    /// # Errors
    /// [`WrongTally`] when the tally does not count each filled seat once.
    pub fn outcome(
        self,
        majority: Majority,
        seats: Seats,
        denominator: Denominator,
    ) -> Result<Outcome, WrongTally> {
        let counted = self.present() + u64::from(self.absent);
        if counted != u64::from(seats.filled) {
            return Err(WrongTally {
                counted,
                members: seats.filled,
            });
        }
        let of = denominator.of(seats);
        Ok(Outcome {
            passed: majority.passes(self.ayes, of),
            required: majority.required(of),
            of,
        })
    }
}

/// Who elects (选举方式).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElectionKind {
    /// The voters themselves (直接选举).
    Direct,
    /// The congress below (间接选举).
    Indirect,
}

impl ElectionKind {
    /// How many candidates there may be for `seats` (差额). Direct: a third to as many more;
    /// indirect: a fifth to a half more (选举法 Art. 31). One seat has always two.
    #[must_use]
    pub fn candidates(self, seats: u32) -> RangeInclusive<u32> {
        let (fewest, most) = match self {
            Self::Direct => (Share::ONE_THIRD.ceil(seats), seats),
            Self::Indirect => (Share::ONE_FIFTH.ceil(seats), Share::HALF.floor(seats)),
        };
        let fewest = seats.saturating_add(fewest);
        fewest..=seats.saturating_add(most).max(fewest)
    }
}

/// Whether a direct election counts at all: more than half of the voters took part (选举法 Art. 45).
#[must_use]
pub fn turnout_suffices(took_part: u32, voters: u32) -> bool {
    Majority::MoreThanHalf.passes(took_part, voters)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_vectors_of_the_rules_hold() {
        assert_eq!(Majority::MoreThanHalf.required(65), 33);
        assert_eq!(Majority::MoreThanHalf.required(64), 33);
        assert_eq!(Majority::AtLeast(Share::TWO_THIRDS).required(771), 514);
        assert_eq!(Majority::MoreThanHalf.required(771), 386);
        assert_eq!(Majority::AtLeast(Share::ONE_TENTH).required(771), 78);
        assert_eq!(Majority::AtLeast(Share::ONE_FIFTH).required(65), 13);
    }

    #[test]
    fn candidates_outnumber_seats_as_the_law_says() {
        let direct = [(1, 2..=2), (2, 3..=4), (3, 4..=6)];
        let indirect = [(1, 2..=2), (10, 12..=15), (58, 70..=87)];
        for (seats, range) in direct {
            assert_eq!(ElectionKind::Direct.candidates(seats), range);
        }
        for (seats, range) in indirect {
            assert_eq!(ElectionKind::Indirect.candidates(seats), range);
        }
    }

    #[test]
    fn only_ayes_count_and_all_members_are_the_measure() {
        let seats = Seats {
            statutory: 65,
            filled: 64,
        };
        let tally = Tally {
            ayes: 32,
            noes: 1,
            abstentions: 2,
            not_pressed: 1,
            absent: 28,
        };
        let outcome = tally
            .outcome(Majority::MoreThanHalf, seats, Denominator::FilledSeats)
            .unwrap();
        assert_eq!(
            outcome,
            Outcome {
                passed: false,
                required: 33,
                of: 64
            }
        );
        let more = Tally {
            ayes: 33,
            absent: 27,
            ..tally
        };
        assert!(
            more.outcome(Majority::MoreThanHalf, seats, Denominator::StatutorySeats)
                .unwrap()
                .passed
        );
        let wrong = Tally { absent: 0, ..tally };
        let refusal = wrong.outcome(Majority::MoreThanHalf, seats, Denominator::FilledSeats);
        assert_eq!(
            refusal,
            Err(WrongTally {
                counted: 36,
                members: 64
            })
        );
    }

    #[test]
    fn exactly_half_is_not_more_than_half_and_nobody_passes_nothing() {
        assert!(!turnout_suffices(500, 1000));
        assert!(turnout_suffices(501, 1000));
        for majority in [
            Majority::MoreThanHalf,
            Majority::AtLeast(Share::TWO_THIRDS),
            Majority::MoreThan(Share::HALF),
        ] {
            assert!(!majority.passes(0, 0));
        }
        assert!(Share::ONE_THIRD.at_least(1, 3) && Share::ONE_THIRD.at_most(1, 3));
        assert!(!Share::ONE_THIRD.more_than(1, 3) && !Share::ONE_THIRD.less_than(1, 3));
        assert_eq!(Share::parse("2/3"), Some(Share::TWO_THIRDS));
        assert_eq!(Share::parse("2/0"), None);
    }

    proptest! {
        #[test]
        fn required_is_the_fewest_that_satisfies_the_phrase(of in 1u32.., parts in 1u32..20, more in 0u32..20) {
            let share = Share::new(parts, parts + more + 1).unwrap();
            let least = Majority::AtLeast(share).required(of);
            prop_assert!(share.at_least(least, of) && (least == 1 || !share.at_least(least - 1, of)));
            let above = Majority::MoreThan(share).required(of);
            prop_assert!(share.more_than(above, of) && !share.more_than(above - 1, of));
            prop_assert_eq!(Majority::MoreThanHalf.required(of), Majority::MoreThan(Share::HALF).required(of));
        }

        #[test]
        fn two_majorities_always_overlap(of in 1u32..u32::MAX) {
            prop_assert!(u64::from(Majority::MoreThanHalf.required(of)) * 2 > u64::from(of));
        }

        #[test]
        fn there_is_always_a_choice(seats in 1u32..3_000) {
            for kind in [ElectionKind::Direct, ElectionKind::Indirect] {
                let range = kind.candidates(seats);
                prop_assert!(*range.start() > seats && !range.is_empty());
            }
        }
    }
}
