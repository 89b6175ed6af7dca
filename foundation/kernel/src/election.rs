//! Elections of deputies (代表选举): how many candidates, when an election counts, who is elected, what a
//! further round, a by-election and a recall take.
//!
//! Every number comes from the Rulebook, for the level of the deputies elected: counties and townships
//! elect directly, the others through the congress below (选举法 Art. 3).

use std::ops::RangeInclusive;

use jiff::civil::Date;

use crate::{Level, Majority, RuleError, Rulebook, Share};

/// What the law asks of an election at one level, on one date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElectionLaw {
    /// Those who must take part, of all voters; none where a congress elects.
    turnout: Option<Majority>,
    elected: Majority,
    further_round: Majority,
    /// How many more candidates than seats there must and may be, as shares of the seats (差额).
    excess: (Share, Share),
    by_election_may_be_equal: bool,
    recalled: Majority,
}

impl ElectionLaw {
    /// Reads the law of an election.
    ///
    /// # Errors
    /// [`RuleError`] when a rule is missing or of another kind.
    pub fn read(
        book: &Rulebook,
        place: &[&str],
        level: Level,
        date: Date,
    ) -> Result<Self, RuleError> {
        let rule = |key| book.get(key, place, level, date);
        let turnout = level.elected_directly().then(|| rule("election.turnout"));
        Ok(Self {
            turnout: turnout
                .transpose()?
                .map(|rule| rule.majority())
                .transpose()?,
            elected: rule("election.elected")?.majority()?,
            further_round: rule("election.further_round.share")?.majority()?,
            excess: (
                rule("election.candidates.excess_least")?.share()?,
                rule("election.candidates.excess_most")?.share()?,
            ),
            by_election_may_be_equal: rule("election.by_election.may_be_equal")?.flag()?,
            recalled: rule("election.recall.pass")?.majority()?,
        })
    }

    /// How many candidates there may be for `seats` (选举法 Art. 31). One seat always has two.
    #[must_use]
    pub fn candidates(&self, seats: u32) -> RangeInclusive<u32> {
        let (least, most) = self.excess;
        let fewest = seats.saturating_add(least.ceil(seats));
        fewest..=seats.saturating_add(most.floor(seats)).max(fewest)
    }

    /// The same in a by-election, where the law may allow as many candidates as seats (Art. 57).
    #[must_use]
    pub fn by_election_candidates(&self, seats: u32) -> RangeInclusive<u32> {
        let usual = self.candidates(seats);
        if self.by_election_may_be_equal {
            seats..=*usual.end()
        } else {
            usual
        }
    }

    /// Whether an election counts at all: no more ballots than people who took part (Art. 44), and
    /// where voters elect, more than half of them took part (Art. 45).
    #[must_use]
    pub fn counts(&self, ballots: u32, took_part: u32, voters: u32) -> bool {
        let enough = |turnout: Majority| turnout.passes(took_part, voters);
        ballots <= took_part && self.turnout.is_none_or(enough)
    }

    /// Whether `votes` are enough to be elected: of those who took part where voters elect, of all
    /// deputies where a congress does (Art. 45). Among those who have enough, the most votes win.
    #[must_use]
    pub fn elects(&self, votes: u32, of: u32) -> bool {
        self.elected.passes(votes, of)
    }

    /// Whether `votes` are enough in a further round (另行选举): of the ballots where voters elect, of all
    /// deputies where a congress does (Art. 45).
    #[must_use]
    pub fn elects_in_further_round(&self, votes: u32, of: u32) -> bool {
        self.further_round.passes(votes, of)
    }

    /// Whether `ayes` recall a deputy: of all voters of the district, not of those who came, or of
    /// all deputies (Art. 53).
    #[must_use]
    pub fn recalls(&self, ayes: u32, of: u32) -> bool {
        self.recalled.passes(ayes, of)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// Of a county, whose voters elect, and of a city, whose counties' congresses do.
    static LAWS: LazyLock<[ElectionLaw; 2]> = LazyLock::new(|| {
        let book = Rulebook::national().unwrap();
        [Level::County, Level::City]
            .map(|level| ElectionLaw::read(&book, &[], level, date(2026, 9, 23)).unwrap())
    });

    fn direct() -> ElectionLaw {
        LAWS[0]
    }

    fn indirect() -> ElectionLaw {
        LAWS[1]
    }

    #[test]
    fn candidates_outnumber_seats_as_the_law_says() {
        for (seats, range) in [(1, 2..=2), (2, 3..=4), (3, 4..=6)] {
            assert_eq!(direct().candidates(seats), range);
        }
        for (seats, range) in [(1, 2..=2), (10, 12..=15), (58, 70..=87)] {
            assert_eq!(indirect().candidates(seats), range);
        }
    }

    #[test]
    fn a_direct_election_counts_when_more_than_half_of_the_voters_take_part() {
        assert!(!direct().counts(500, 500, 1_000));
        assert!(direct().counts(501, 501, 1_000));
        assert!(
            !direct().counts(502, 501, 1_000),
            "more ballots than voters"
        );
    }

    #[test]
    fn voters_elect_with_more_than_half_of_those_who_took_part() {
        assert!(!direct().elects(300, 600));
        assert!(direct().elects(301, 600));
    }

    #[test]
    fn a_congress_elects_with_more_than_half_of_all_its_deputies() {
        let (all, there) = (771, 600);
        assert!(
            !indirect().elects(385, all),
            "more than half of the {there} there"
        );
        assert!(indirect().elects(386, all));
        assert!(
            indirect().counts(there, there, all),
            "no turnout is asked of deputies"
        );
    }

    #[test]
    fn a_further_round_takes_a_third_of_the_ballots_and_in_a_congress_still_more_than_half() {
        assert!(!direct().elects_in_further_round(199, 600));
        assert!(direct().elects_in_further_round(200, 600));
        assert!(!indirect().elects_in_further_round(385, 771));
        assert!(indirect().elects_in_further_round(386, 771));
    }

    #[test]
    fn a_by_election_may_have_as_many_candidates_as_seats() {
        assert_eq!(direct().by_election_candidates(1), 1..=2);
        assert_eq!(indirect().by_election_candidates(10), 10..=15);
    }

    #[test]
    fn a_recall_takes_more_than_half_of_all_voters_not_of_those_who_came() {
        let (voters, came) = (1_000, 600);
        assert!(
            !direct().recalls(400, voters),
            "two thirds of the {came} who came"
        );
        assert!(!direct().recalls(500, voters));
        assert!(direct().recalls(501, voters));
    }

    proptest! {
        #[test]
        fn there_is_always_a_choice(seats in 1u32..3_000) {
            for law in &*LAWS {
                let range = law.candidates(seats);
                prop_assert!(*range.start() > seats && !range.is_empty());
            }
        }
    }
}
