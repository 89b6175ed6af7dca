//! Counting rules (表决计数): what "more than half" means, of whom, who counts as in favour, and whether
//! enough were there to decide at all.
//!
//! Invariants: the denominator is never those present; abstentions, unpressed keys and absence are
//! never ayes; nothing passes without the quorum, or in a body with no members. "以上" includes the
//! number, "超过" and "不满" exclude it (民法典 Art. 1259).

use std::{cmp::Ordering, collections::BTreeSet, fmt};

use crate::{DeputyId, Timestamp};

/// A share of a whole, such as 2/3, in its lowest terms. The lower number is never zero.
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
            return None;
        }
        let (mut common, mut rest) = (of, parts);
        while rest > 0 {
            (common, rest) = (rest, common % rest);
        }
        Some(Self {
            parts: parts / common,
            of: of / common,
        })
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

    /// `三分之二`; above ten in digits.
    #[must_use]
    pub fn zh(self) -> String {
        const DIGITS: [&str; 11] = [
            "零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十",
        ];
        let word = |n: u32| {
            let known = usize::try_from(n).ok().and_then(|n| DIGITS.get(n));
            known.map_or_else(|| n.to_string(), |word| (*word).to_owned())
        };
        format!("{}分之{}", word(self.of), word(self.parts))
    }

    /// `count` × lower and `whole` × upper: how `count`/`whole` stands to this share.
    fn compare(self, count: u32, whole: u32) -> Ordering {
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

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.parts, self.of)
    }
}

impl Ord for Share {
    fn cmp(&self, other: &Self) -> Ordering {
        other.compare(self.parts, self.of)
    }
}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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

/// How a body decides: who must be there, and how many must be in favour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deciding {
    /// Those who must be there (法定人数), of all.
    pub quorum: Majority,
    /// The ayes it takes, of all.
    pub pass: Majority,
    /// Whom "all" counts.
    pub all: Denominator,
}

/// What came of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Enough were in favour.
    Passed(Needed),
    /// Too few were.
    NotPassed(Needed),
    /// Too few were there: nothing was decided.
    NoQuorum(Needed),
}

/// What an [`Outcome`] needed: ayes, or people there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// How many.
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

    /// The outcome by the rule of `deciding`.
    ///
    /// # Errors
    /// [`WrongTally`] when the tally does not count each filled seat once.
    pub fn outcome(self, deciding: Deciding, seats: Seats) -> Result<Outcome, WrongTally> {
        let counted = self.present() + u64::from(self.absent);
        if counted != u64::from(seats.filled) {
            return Err(WrongTally {
                counted,
                members: seats.filled,
            });
        }
        let of = deciding.all.of(seats);
        let needed = |majority: Majority| Needed {
            required: majority.required(of),
            of,
        };
        let quorum = needed(deciding.quorum);
        if self.present() < u64::from(quorum.required) {
            return Ok(Outcome::NoQuorum(quorum));
        }
        let pass = needed(deciding.pass);
        Ok(match self.ayes >= pass.required {
            true => Outcome::Passed(pass),
            false => Outcome::NotPassed(pass),
        })
    }
}

/// A signature under a motion (附议).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Whose.
    pub deputy: DeputyId,
    /// When it was given.
    pub signed_at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// Whether the deputy's seat is held, neither ended nor suspended, when the motion is submitted.
    pub seated: bool,
}

/// The co-signatures that count when a motion is submitted at `submitted_at`: each deputy once, given
/// and not taken back by then, by someone who sits (地方组织法 Art. 22; rules §12.2).
#[must_use]
pub fn valid_cosigners(signatures: &[Cosignature], submitted_at: Timestamp) -> u32 {
    let counts = |one: &&Cosignature| {
        one.seated
            && one.signed_at <= submitted_at
            && one.withdrawn_at.is_none_or(|taken| taken > submitted_at)
    };
    let deputies = signatures.iter().filter(counts).map(|one| one.deputy);
    let deputies: BTreeSet<DeputyId> = deputies.collect();
    u32::try_from(deputies.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SeededEntropy;

    const CONGRESS: Deciding = Deciding {
        quorum: Majority::AtLeast(Share::TWO_THIRDS),
        pass: Majority::MoreThanHalf,
        all: Denominator::FilledSeats,
    };

    fn seats(filled: u32) -> Seats {
        Seats {
            statutory: filled,
            filled,
        }
    }

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
    fn all_members_are_the_measure_and_an_abstention_is_no_aye() {
        let committee = Deciding {
            quorum: Majority::MoreThanHalf,
            ..CONGRESS
        };
        let tally = Tally {
            ayes: 32,
            noes: 1,
            abstentions: 2,
            not_pressed: 1,
            absent: 28,
        };
        let needed = Needed {
            required: 33,
            of: 64,
        };
        let outcome = tally.outcome(committee, seats(64));
        assert_eq!(outcome, Ok(Outcome::NotPassed(needed)));
        let more = Tally {
            ayes: 33,
            absent: 27,
            ..tally
        };
        assert_eq!(
            more.outcome(committee, seats(64)),
            Ok(Outcome::Passed(needed))
        );
    }

    #[test]
    fn the_seats_there_are_by_law_are_another_measure() {
        let by_law = Deciding {
            all: Denominator::StatutorySeats,
            ..CONGRESS
        };
        let seats = Seats {
            statutory: 90,
            filled: 60,
        };
        let tally = Tally {
            ayes: 45,
            noes: 15,
            ..Tally::default()
        };
        let needed = Needed {
            required: 46,
            of: 90,
        };
        assert_eq!(tally.outcome(by_law, seats), Ok(Outcome::NotPassed(needed)));
    }

    /// 386 of 771 would be a majority; 514 must be there (地方组织法 Arts 14, 25).
    #[test]
    fn nothing_is_decided_without_the_quorum() {
        let tally = Tally {
            ayes: 386,
            absent: 385,
            ..Tally::default()
        };
        let quorum = Needed {
            required: 514,
            of: 771,
        };
        assert_eq!(
            tally.outcome(CONGRESS, seats(771)),
            Ok(Outcome::NoQuorum(quorum))
        );
        let enough = Tally {
            not_pressed: 128,
            absent: 257,
            ..tally
        };
        let passed = Needed {
            required: 386,
            of: 771,
        };
        assert_eq!(
            enough.outcome(CONGRESS, seats(771)),
            Ok(Outcome::Passed(passed))
        );
    }

    #[test]
    fn a_tally_counts_each_seat_once() {
        let tally = Tally {
            ayes: 36,
            ..Tally::default()
        };
        let refusal = WrongTally {
            counted: 36,
            members: 64,
        };
        assert_eq!(tally.outcome(CONGRESS, seats(64)), Err(refusal));
    }

    #[test]
    fn co_signers_count_when_the_motion_is_submitted() {
        let entropy = SeededEntropy::new(1);
        let at = Timestamp::from_micros;
        let signed = |seated| Cosignature {
            deputy: DeputyId::new(at(0), &entropy),
            signed_at: at(10),
            withdrawn_at: None,
            seated,
        };
        let mut signatures: Vec<Cosignature> = (0..10).map(|_| signed(true)).collect();
        assert_eq!(valid_cosigners(&signatures, at(20)), 10);
        // Twice is once; a suspended seat, a later signature, one taken back do not count.
        signatures.push(signatures[0]);
        signatures.push(signed(false));
        signatures[1].signed_at = at(21);
        signatures[2].withdrawn_at = Some(at(15));
        signatures[3].withdrawn_at = Some(at(30));
        assert_eq!(valid_cosigners(&signatures, at(20)), 8);
    }

    #[test]
    fn exactly_half_is_not_more_than_half_and_nobody_passes_nothing() {
        assert!(!Majority::MoreThanHalf.passes(500, 1000));
        assert!(Majority::MoreThanHalf.passes(501, 1000));
        for majority in [
            Majority::MoreThanHalf,
            Majority::AtLeast(Share::TWO_THIRDS),
            Majority::MoreThan(Share::HALF),
        ] {
            assert!(!majority.passes(0, 0));
        }
        assert!(Share::ONE_THIRD.at_least(1, 3) && Share::ONE_THIRD.at_most(1, 3));
        assert!(!Share::ONE_THIRD.more_than(1, 3) && !Share::ONE_THIRD.less_than(1, 3));
    }

    #[test]
    fn shares_are_in_their_lowest_terms() {
        assert_eq!(Share::parse("2/3"), Some(Share::TWO_THIRDS));
        assert_eq!(Share::parse("4/6"), Some(Share::TWO_THIRDS));
        assert_eq!(Share::parse("2/0"), None);
        assert_eq!(Share::TWO_THIRDS.zh(), "三分之二");
        assert_eq!(Share::parse("7/20").unwrap().zh(), "20分之七");
        assert!(Share::ONE_THIRD < Share::HALF && Share::HALF < Share::TWO_THIRDS);
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
        fn what_passes_had_its_quorum(ayes in 0u32..800, noes in 0u32..800, absent in 0u32..800) {
            let tally = Tally { ayes, noes, absent, ..Tally::default() };
            let outcome = tally.outcome(CONGRESS, seats(ayes + noes + absent)).unwrap();
            let all = ayes + noes + absent;
            let passes = all > 0 && 3 * (ayes + noes) >= 2 * all && 2 * ayes > all;
            prop_assert_eq!(matches!(outcome, Outcome::Passed(_)), passes);
        }
    }
}
