//! Figures in words that stay true: 4.8万余, 58万多, 近5万, 不到20, 超过90%, 70%以上, 年均1万多.
//!
//! A [`Phrase`] is a claim about a number. It is made from the number by rounding in the direction
//! the claim needs, so it can never say more than is so; [`Phrase::holds`] checks it against any
//! number. A number that is round already is said exactly, without 余 or 多.

/// How the shown number stands to the real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is exactly this.
    Exactly,
    /// It is this or more: 以上.
    AtLeast,
    /// It is more: 余、多、超过.
    MoreThan,
    /// It is less: 不到.
    LessThan,
    /// It is a little less, a tenth at most: 近.
    Nearly,
    /// It is this after rounding: 约.
    About,
}

/// The word that says "more" after a Chinese number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    /// 余, in written reports.
    Yu,
    /// 多, in speech.
    Duo,
}

/// A rounded number and what it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// How it stands to the real number.
    pub claim: Claim,
    /// The number shown.
    pub shown: u64,
    /// Whether it is an average of years: 年均.
    pub per_year: bool,
    /// The step it is rounded to; within one step the claim is true.
    step: u64,
}

/// The step that keeps the first `digits` digits of `number`.
fn step(number: u64, digits: u32) -> u64 {
    let length = number.checked_ilog10().map_or(1, |log| log + 1);
    10u64.pow(length.saturating_sub(digits.max(1)))
}

impl Phrase {
    const fn new(claim: Claim, shown: u64, step: u64) -> Self {
        Self {
            claim,
            shown,
            per_year: false,
            step,
        }
    }

    /// The number itself.
    #[must_use]
    pub const fn exactly(number: u64) -> Self {
        Self::new(Claim::Exactly, number, 1)
    }

    /// "At least", keeping the first `digits` digits: 72 with one is 70以上. True of the number shown,
    /// too.
    #[must_use]
    pub fn at_least(number: u64, digits: u32) -> Self {
        let step = step(number, digits);
        Self::new(Claim::AtLeast, number - number % step, step)
    }

    /// "More than", keeping the first `digits` digits: 48,123 with two is 4.8万余.
    #[must_use]
    pub fn more_than(number: u64, digits: u32) -> Self {
        Self::more_than_part(number, 1, digits)
    }

    /// "More than" of `total` divided by `parts`, which may leave a rest.
    fn more_than_part(total: u64, parts: u64, digits: u32) -> Self {
        let (number, rest) = (total / parts, total % parts);
        let step = step(number, digits);
        let shown = number - number % step;
        match (shown == number, rest == 0) {
            (true, true) => Self::exactly(number),
            (true, false) => Self::new(Claim::MoreThan, shown, 1),
            (false, _) => Self::new(Claim::MoreThan, shown, step),
        }
    }

    /// The average of `years` years, "more than" as above: 31,500 in three is 年均1万多. None without a
    /// year.
    #[must_use]
    pub fn per_year(total: u64, years: u32, digits: u32) -> Option<Self> {
        (years > 0).then(|| Self {
            per_year: true,
            ..Self::more_than_part(total, u64::from(years), digits)
        })
    }

    /// An amount of money in 元, "more than" as above; the rest in 分 counts.
    pub(crate) fn of_money(fen: u64, digits: u32) -> Self {
        Self::more_than_part(fen, 100, digits)
    }

    /// "Less than", keeping the first `digits` digits: 18 with one is 不到20. A number too large to
    /// round up is said exactly.
    #[must_use]
    pub fn less_than(number: u64, digits: u32) -> Self {
        let step = step(number, digits);
        Self::up_to(number, Claim::LessThan, step)
    }

    /// "Nearly", keeping the first `digits` digits, or more where the number shown would be over a
    /// tenth too large: 48,123 with one is 近5万, 10,001 is 近1.1万.
    #[must_use]
    pub fn nearly(number: u64, digits: u32) -> Self {
        let close = |phrase: &Self| phrase.claim == Claim::Exactly || phrase.holds(number);
        let mut tried = (digits.max(1)..=20)
            .map(|digits| Self::up_to(number, Claim::Nearly, step(number, digits)));
        tried.find(close).unwrap_or(Self::exactly(number))
    }

    /// "Less than" this: of what is counted in whole units only once they are full, such as 不到1个月.
    #[must_use]
    pub const fn below(bound: u64) -> Self {
        Self::new(Claim::LessThan, bound, bound.saturating_add(1))
    }

    fn up_to(number: u64, claim: Claim, step: u64) -> Self {
        match number.checked_next_multiple_of(step) {
            Some(up) if up > number => Self::new(claim, up, step),
            _ => Self::exactly(number),
        }
    }

    /// "About", rounded to the first `digits` digits, the half upwards: 12,345 with two is 约1.2万.
    #[must_use]
    pub fn about(number: u64, digits: u32) -> Self {
        let step = step(number, digits);
        let down = number - number % step;
        let up = (number % step >= step.div_ceil(2))
            .then(|| down.checked_add(step))
            .flatten();
        match up.unwrap_or(down) {
            shown if shown == number => Self::exactly(number),
            shown => Self::new(Claim::About, shown, step),
        }
    }

    /// Whether the phrase is true of `number`.
    #[must_use]
    pub fn holds(self, number: u64) -> bool {
        self.holds_of(number, 1)
    }

    /// Whether the phrase is true of `total` divided by `parts`: an average, or 分 in 元. Never of
    /// nothing divided by nothing.
    #[must_use]
    pub fn holds_of(self, total: u64, parts: u64) -> bool {
        let (total, parts) = (u128::from(total), u128::from(parts));
        let (shown, step) = (
            u128::from(self.shown) * parts,
            u128::from(self.step) * parts,
        );
        let apart = shown.abs_diff(total);
        parts > 0
            && match self.claim {
                Claim::Exactly => apart == 0,
                Claim::AtLeast => total >= shown && apart < step,
                Claim::MoreThan => total > shown && apart < step,
                Claim::LessThan => total < shown && apart < step,
                Claim::Nearly => total < shown && total * 10 >= shown * 9,
                Claim::About => apart <= step,
            }
    }

    /// In Chinese with the measure word: `4.8万余名`, `4000多个`, `近5万条`, `不到20天`, `年均1万多人次`.
    #[must_use]
    pub fn zh(self, more: More, measure: &str) -> String {
        let number = chinese(self.shown);
        let words = match (self.claim, more) {
            (Claim::Exactly, _) => format!("{number}{measure}"),
            (Claim::AtLeast, _) => format!("{number}{measure}以上"),
            (Claim::MoreThan, More::Yu) => format!("{number}余{measure}"),
            (Claim::MoreThan, More::Duo) => format!("{number}多{measure}"),
            (Claim::LessThan, _) => format!("不到{number}{measure}"),
            (Claim::Nearly, _) => format!("近{number}{measure}"),
            (Claim::About, _) => format!("约{number}{measure}"),
        };
        format!("{}{words}", if self.per_year { "年均" } else { "" })
    }

    /// In English with the noun: `more than 48,000 people`, `more than 10,000 people a year`.
    #[must_use]
    pub fn en(self, noun: &str) -> String {
        let number = grouped(self.shown);
        let claim = match self.claim {
            Claim::Exactly => "",
            Claim::AtLeast => "at least ",
            Claim::MoreThan => "more than ",
            Claim::LessThan => "less than ",
            Claim::Nearly => "nearly ",
            Claim::About => "about ",
        };
        let a_year = if self.per_year { " a year" } else { "" };
        format!("{claim}{number} {noun}{a_year}")
    }
}

/// `1,234,567`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// The number in 万 or 亿 where that loses nothing of it with at most two decimals, else in digits.
fn chinese(number: u64) -> String {
    for (unit, name) in [(100_000_000, "亿"), (10_000, "万")] {
        if number >= unit && number.is_multiple_of(unit / 100) {
            let (whole, hundredths) = (number / unit, number % unit / (unit / 100));
            let decimals = format!(".{hundredths:02}");
            return format!(
                "{whole}{}{name}",
                decimals.trim_end_matches('0').trim_end_matches('.')
            );
        }
    }
    number.to_string()
}

/// How a share stands to a whole percentage: `超过90%` only when it is more, `70%以上` when it is this or
/// more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentPhrase {
    /// [`Claim::Exactly`], [`Claim::AtLeast`] or [`Claim::MoreThan`].
    pub claim: Claim,
    /// Whole per cent.
    pub shown: u64,
    step: u64,
}

impl PercentPhrase {
    /// "More than", rounded down to `step` per cent: 92.7 % with ten is 超过90%. None when the whole is
    /// zero.
    #[must_use]
    pub fn more_than(part: u64, whole: u64, step: u64) -> Option<Self> {
        let (shown, exact) = Self::rounded(part, whole, step)?;
        let claim = if exact {
            Claim::Exactly
        } else {
            Claim::MoreThan
        };
        let step = step.max(1);
        Some(Self { claim, shown, step })
    }

    /// "At least", rounded down to `step` per cent: 72.3 % with ten is 70%以上. None when the whole is
    /// zero.
    #[must_use]
    pub fn at_least(part: u64, whole: u64, step: u64) -> Option<Self> {
        let (shown, _) = Self::rounded(part, whole, step)?;
        Some(Self {
            claim: Claim::AtLeast,
            shown,
            step: step.max(1),
        })
    }

    /// Whole per cent rounded down to a multiple of `step`, and whether that is all of it.
    fn rounded(part: u64, whole: u64, step: u64) -> Option<(u64, bool)> {
        let (part, whole) = (u128::from(part) * 100, u128::from(whole));
        let per_cent = u64::try_from(part.checked_div(whole)?).ok()?;
        let shown = per_cent - per_cent % step.max(1);
        Some((shown, part == u128::from(shown) * whole))
    }

    /// Whether the phrase is true of `part` of `whole`.
    #[must_use]
    pub fn holds(self, part: u64, whole: u64) -> bool {
        let phrase = Phrase::new(self.claim, self.shown, self.step);
        part.checked_mul(100)
            .is_some_and(|hundredfold| phrase.holds_of(hundredfold, whole))
    }

    /// `超过90%`, `70%以上` or `40%`.
    #[must_use]
    pub fn zh(self) -> String {
        match self.claim {
            Claim::MoreThan => format!("超过{}%", self.shown),
            Claim::AtLeast => format!("{}%以上", self.shown),
            _ => format!("{}%", self.shown),
        }
    }

    /// `more than 90%`, `at least 70%` or `40%`.
    #[must_use]
    pub fn en(self) -> String {
        match self.claim {
            Claim::MoreThan => format!("more than {}%", self.shown),
            Claim::AtLeast => format!("at least {}%", self.shown),
            _ => format!("{}%", self.shown),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Fen;

    /// Every rounded figure of the founding text, with a number it may be said of and the nearest one
    /// it may not.
    #[test]
    fn every_phrase_of_the_founding_text_is_true_and_false_where_it_should_be() {
        use More::{Duo, Yu};
        let phrases = [
            (Phrase::exactly(12_000), Yu, "名代表", "1.2万名代表", 12_001),
            (
                Phrase::more_than(4_321, 1),
                Duo,
                "个基层单位",
                "4000多个基层单位",
                4_000,
            ),
            (
                Phrase::exactly(240_000),
                Yu,
                "名市民群众",
                "24万名市民群众",
                239_999,
            ),
            (
                Phrase::more_than(134_310, 2),
                Duo,
                "名代表",
                "13万多名代表",
                130_000,
            ),
            (Phrase::exactly(340), Duo, "个", "340个", 341),
            (Phrase::exactly(2_938), Duo, "个", "2938个", 2_937),
            (
                Phrase::more_than(583_401, 2),
                Duo,
                "条",
                "58万多条",
                580_000,
            ),
            (Phrase::more_than(48_123, 2), Yu, "个", "4.8万余个", 48_000),
            (Phrase::exactly(1_524), Yu, "个乡镇", "1524个乡镇", 1_523),
            (Phrase::exactly(134), Yu, "项", "134项", 133),
            (Phrase::less_than(19, 1), Yu, "天", "不到20天", 20),
            (Phrase::below(1), Yu, "个月", "不到1个月", 1),
            (Phrase::exactly(3_995), Yu, "件", "3995件", 3_996),
            (Phrase::exactly(768), Yu, "人次", "768人次", 769),
            (Phrase::more_than(3_002, 1), Duo, "个", "3000多个", 3_000),
        ];
        for (phrase, more, measure, words, not) in phrases {
            assert_eq!(phrase.zh(more, measure), words);
            assert!(!phrase.holds(not), "{words} of {not}");
        }
        let averages = [
            (
                Phrase::per_year(31_500, 3, 1),
                "人次",
                "年均1万多人次",
                (30_000, 3),
            ),
            (Phrase::per_year(48, 3, 2), "件", "年均16件", (49, 3)),
            (Phrase::per_year(49, 3, 2), "件", "年均16多件", (48, 3)),
        ];
        for (phrase, measure, words, (not, years)) in averages {
            let phrase = phrase.unwrap();
            assert_eq!(phrase.zh(Duo, measure), words);
            assert!(!phrase.holds_of(not, years), "{words} of {not} in {years}");
        }
        let shares = [
            (
                PercentPhrase::more_than(927, 1_000, 10),
                "超过90%",
                (900, 1_000),
            ),
            (
                PercentPhrase::at_least(723, 1_000, 10),
                "70%以上",
                (699, 1_000),
            ),
            (
                PercentPhrase::at_least(50, 100, 10),
                "50%以上",
                (499, 1_000),
            ),
            (PercentPhrase::more_than(2, 5, 1), "40%", (401, 1_000)),
            (
                PercentPhrase::more_than(1_524, 1_524, 1),
                "100%",
                (1_523, 1_524),
            ),
        ];
        for (phrase, words, (part, whole)) in shares {
            let phrase = phrase.unwrap();
            assert_eq!(phrase.zh(), words);
            assert!(!phrase.holds(part, whole), "{words} of {part} in {whole}");
        }
        let aid = Fen::from_yuan(243_000_000).unwrap().phrase(2).unwrap();
        assert_eq!(aid.zh(Yu, "元"), "2.4亿余元");
        assert!(!aid.holds_of(24_000_000_000, 100) && aid.holds_of(24_000_000_001, 100));
    }

    #[test]
    fn a_round_number_is_said_exactly_and_english_says_the_same() {
        assert_eq!(Phrase::more_than(48_000, 2).zh(More::Yu, "名"), "4.8万名");
        assert_eq!(Phrase::less_than(20, 1).zh(More::Yu, "天"), "20天");
        assert_eq!(
            Phrase::more_than(123_456_789, 3).zh(More::Yu, "元"),
            "1.23亿余元"
        );
        assert_eq!(Phrase::exactly(14_311).zh(More::Yu, "名"), "14311名");
        assert_eq!(Phrase::more_than(0, 1).en("opinions"), "0 opinions");
        assert_eq!(
            Phrase::about(12_345, 2).en("deputies"),
            "about 12,000 deputies"
        );
        assert_eq!(Phrase::at_least(72, 1).zh(More::Yu, "件"), "70件以上");
        assert_eq!(
            Phrase::per_year(31_500, 3, 1).unwrap().en("people"),
            "more than 10,000 people a year"
        );
        assert_eq!(Phrase::per_year(1, 0, 1), None);
        assert_eq!(
            PercentPhrase::at_least(3, 4, 5).unwrap().en(),
            "at least 75%"
        );
        assert_eq!(PercentPhrase::more_than(1, 0, 1), None);
    }

    #[test]
    fn nearly_is_never_over_a_tenth_too_much() {
        assert_eq!(Phrase::nearly(48_123, 1).zh(More::Yu, "条"), "近5万条");
        assert_eq!(Phrase::nearly(10_001, 1).zh(More::Yu, "人"), "近1.1万人");
        assert_eq!(Phrase::nearly(90_000, 1).zh(More::Yu, "人"), "9万人");
        assert!(!Phrase::nearly(48_123, 1).holds(44_999));
    }

    proptest! {
        #[test]
        fn every_phrase_is_true_of_its_number(number in any::<u64>(), digits in 0u32..22) {
            let phrases = [
                Phrase::at_least(number, digits),
                Phrase::more_than(number, digits),
                Phrase::less_than(number, digits),
                Phrase::nearly(number, digits),
                Phrase::about(number, digits),
            ];
            for phrase in phrases {
                prop_assert!(phrase.holds(number), "{:?} of {}", phrase, number);
            }
        }

        #[test]
        fn an_average_is_true_of_its_years(total in any::<u64>(), years in 1u32..100, digits in 1u32..5) {
            let phrase = Phrase::per_year(total, years, digits).unwrap();
            prop_assert!(phrase.holds_of(total, u64::from(years)));
        }

        #[test]
        fn the_words_claim_what_is_so(number in 1u64..1_000_000_000, digits in 1u32..4) {
            let phrase = Phrase::more_than(number, digits);
            let (zh, en) = (phrase.zh(More::Yu, ""), phrase.en("x"));
            let unit = if zh.contains('亿') { 1e8 } else if zh.contains('万') { 1e4 } else { 1.0 };
            let digits: String = zh.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
            let shown = (digits.parse::<f64>().unwrap() * unit).round() as u64;
            let in_english: String = en.chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(in_english.parse(), Ok(shown));
            prop_assert_eq!(zh.ends_with('余'), shown < number);
            prop_assert_eq!(en.starts_with("more"), shown < number);
        }

        #[test]
        fn a_percent_phrase_is_true(part in 0u64..1_000_000, whole in 1u64..1_000_000, step in 0u64..25) {
            for phrase in [PercentPhrase::more_than(part, whole, step), PercentPhrase::at_least(part, whole, step)] {
                prop_assert!(phrase.unwrap().holds(part, whole));
            }
        }

        #[test]
        fn grouping_keeps_the_number(number in any::<u64>()) {
            prop_assert_eq!(grouped(number).replace(',', "").parse(), Ok(number));
        }
    }
}
