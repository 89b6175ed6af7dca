//! Figures in words that stay true: 4.8万余, 58万多, 近5万, 超过90%.
//!
//! A [`Phrase`] is a claim about a number. It is made from the number by rounding in the direction
//! the claim needs, so it can never say more than is so; [`Phrase::holds`] checks it against any
//! number. A number that is round already is said exactly, without 余 or 多.

/// How the shown number stands to the real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is exactly this.
    Exactly,
    /// It is more: 余、多、超过.
    MoreThan,
    /// It is a little less: 近.
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
    /// The step it is rounded to; within one step the claim is true.
    step: u64,
}

/// The step that keeps the first `digits` digits of `number`.
fn step(number: u64, digits: u32) -> u64 {
    let length = number.checked_ilog10().map_or(1, |log| log + 1);
    10u64.pow(length.saturating_sub(digits.max(1)))
}

impl Phrase {
    /// The number itself.
    #[must_use]
    pub const fn exactly(number: u64) -> Self {
        Self {
            claim: Claim::Exactly,
            shown: number,
            step: 1,
        }
    }

    /// "More than", keeping the first `digits` digits: 48,123 with two is 4.8万余.
    #[must_use]
    pub fn more_than(number: u64, digits: u32) -> Self {
        let step = step(number, digits);
        Self::unless_exact(number, Claim::MoreThan, number - number % step, step)
    }

    /// "Nearly", keeping the first `digits` digits: 48,123 with one is 近5万. A number too large to
    /// round up is said exactly.
    #[must_use]
    pub fn nearly(number: u64, digits: u32) -> Self {
        let step = step(number, digits);
        match number.checked_next_multiple_of(step) {
            Some(up) => Self::unless_exact(number, Claim::Nearly, up, step),
            None => Self::exactly(number),
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
        Self::unless_exact(number, Claim::About, up.unwrap_or(down), step)
    }

    fn unless_exact(number: u64, claim: Claim, shown: u64, step: u64) -> Self {
        if shown == number {
            Self::exactly(number)
        } else {
            Self { claim, shown, step }
        }
    }

    /// Whether the phrase is true of `number`.
    #[must_use]
    pub const fn holds(self, number: u64) -> bool {
        let apart = self.shown.abs_diff(number);
        match self.claim {
            Claim::Exactly => apart == 0,
            Claim::MoreThan => number > self.shown && apart < self.step,
            Claim::Nearly => number < self.shown && apart < self.step,
            Claim::About => apart <= self.step,
        }
    }

    /// In Chinese with the measure word: `4.8万余名`, `4000多个`, `近5万条`, `1.2万名`.
    #[must_use]
    pub fn zh(self, more: More, measure: &str) -> String {
        let number = chinese(self.shown);
        match (self.claim, more) {
            (Claim::Exactly, _) => format!("{number}{measure}"),
            (Claim::MoreThan, More::Yu) => format!("{number}余{measure}"),
            (Claim::MoreThan, More::Duo) => format!("{number}多{measure}"),
            (Claim::Nearly, _) => format!("近{number}{measure}"),
            (Claim::About, _) => format!("约{number}{measure}"),
        }
    }

    /// In English with the noun: `more than 48,000 people`.
    #[must_use]
    pub fn en(self, noun: &str) -> String {
        let number = grouped(self.shown);
        match self.claim {
            Claim::Exactly => format!("{number} {noun}"),
            Claim::MoreThan => format!("more than {number} {noun}"),
            Claim::Nearly => format!("nearly {number} {noun}"),
            Claim::About => format!("about {number} {noun}"),
        }
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

/// A share as a percentage with one decimal, such as `75.8%`. Says `100%` only when it is all and
/// `0%` only when it is nothing; a whole of zero is `—`.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let tenths = (part * 2_000 + whole) / (whole * 2);
    let tenths = match tenths {
        0 if part > 0 => 1,
        1_000.. if part < whole => 999,
        tenths => tenths,
    };
    let decimal = if tenths % 10 == 0 {
        String::new()
    } else {
        format!(".{}", tenths % 10)
    };
    format!("{}{decimal}%", tenths / 10)
}

/// How a share stands to a whole percentage, rounded down: `超过90%` only when it is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentPhrase {
    /// [`Claim::Exactly`] or [`Claim::MoreThan`].
    pub claim: Claim,
    /// Whole per cent.
    pub shown: u64,
}

impl PercentPhrase {
    /// The phrase for `part` of `whole`; none when the whole is zero.
    #[must_use]
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        let (part, whole) = (u128::from(part) * 100, u128::from(whole));
        let shown = u64::try_from(part.checked_div(whole)?).ok()?;
        let claim = if part % whole == 0 {
            Claim::Exactly
        } else {
            Claim::MoreThan
        };
        Some(Self { claim, shown })
    }

    /// `超过90%` or `90%`.
    #[must_use]
    pub fn zh(self) -> String {
        format!(
            "{}{}%",
            if self.claim == Claim::MoreThan {
                "超过"
            } else {
                ""
            },
            self.shown
        )
    }

    /// `more than 90%` or `90%`.
    #[must_use]
    pub fn en(self) -> String {
        format!(
            "{}{}%",
            if self.claim == Claim::MoreThan {
                "more than "
            } else {
                ""
            },
            self.shown
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn figures_read_as_in_reports() {
        assert_eq!(Phrase::more_than(48_123, 2).zh(More::Yu, "名"), "4.8万余名");
        assert_eq!(
            Phrase::more_than(583_401, 2).zh(More::Duo, "条"),
            "58万多条"
        );
        assert_eq!(Phrase::more_than(4_321, 1).zh(More::Duo, "个"), "4000多个");
        assert_eq!(Phrase::exactly(12_000).zh(More::Yu, "名"), "1.2万名");
        assert_eq!(Phrase::nearly(48_123, 1).zh(More::Yu, "条"), "近5万条");
        assert_eq!(
            Phrase::about(12_345, 2).en("deputies"),
            "about 12,000 deputies"
        );
        assert_eq!(Phrase::more_than(48_000, 2).zh(More::Yu, "名"), "4.8万名");
        assert_eq!(
            Phrase::more_than(123_456_789, 3).zh(More::Yu, "元"),
            "1.23亿余元"
        );
        assert_eq!(Phrase::exactly(14_311).zh(More::Yu, "名"), "14311名");
        assert_eq!(Phrase::more_than(0, 1).en("opinions"), "0 opinions");
    }

    #[test]
    fn percentages_never_round_up_to_all_nor_down_to_none() {
        assert_eq!(percent(758, 1_000), "75.8%");
        assert_eq!(percent(999_999, 1_000_000), "99.9%");
        assert_eq!(percent(1, 1_000_000), "0.1%");
        assert_eq!(percent(5, 5), "100%");
        assert_eq!(percent(0, 5), "0%");
        assert_eq!(percent(0, 0), "—");
        assert_eq!(PercentPhrase::of(901, 1_000).unwrap().zh(), "超过90%");
        assert_eq!(PercentPhrase::of(900, 1_000).unwrap().en(), "90%");
        assert_eq!(PercentPhrase::of(1, 0), None);
    }

    proptest! {
        #[test]
        fn every_phrase_is_true_of_its_number(number in any::<u64>(), digits in 0u32..22) {
            let phrases = [Phrase::more_than(number, digits), Phrase::nearly(number, digits), Phrase::about(number, digits)];
            for phrase in phrases {
                prop_assert!(phrase.holds(number), "{:?} of {}", phrase, number);
            }
        }

        #[test]
        fn the_english_words_claim_what_is_so(number in 1u64..10_000_000, digits in 1u32..4) {
            let words = Phrase::more_than(number, digits).en("x");
            let shown: u64 = words.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
            let is_so = if words.starts_with("more") { shown < number } else { shown == number };
            prop_assert!(is_so);
        }

        #[test]
        fn the_chinese_words_claim_what_is_so(number in 1u64..1_000_000_000, digits in 1u32..4) {
            let words = Phrase::more_than(number, digits).zh(More::Yu, "");
            let unit = if words.contains('亿') { 1e8 } else if words.contains('万') { 1e4 } else { 1.0 };
            let digits: String = words.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
            let shown = (digits.parse::<f64>().unwrap() * unit).round() as u64;
            let is_so = if words.ends_with('余') { shown < number } else { shown == number };
            prop_assert!(is_so);
        }

        #[test]
        fn a_percent_phrase_is_true(part in 0u64..1_000_000, whole in 1u64..1_000_000) {
            let phrase = PercentPhrase::of(part, whole).unwrap();
            let is_so = match phrase.claim {
                Claim::Exactly => part * 100 == whole * phrase.shown,
                _ => part * 100 > whole * phrase.shown && part * 100 < whole * (phrase.shown + 1),
            };
            prop_assert!(is_so);
        }

        #[test]
        fn grouping_keeps_the_number(number in any::<u64>()) {
            prop_assert_eq!(grouped(number).replace(',', "").parse(), Ok(number));
        }
    }
}
