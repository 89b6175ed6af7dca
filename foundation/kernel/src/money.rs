//! Money as whole 分, never as a fraction: 100 分 are one 元.

use std::{fmt, str::FromStr};

use crate::phrase::{Phrase, grouped};

/// An amount in 分 (CNY cents), negative for a debt or a cut. Stored as `BIGINT`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Fen(pub i64);

/// Why something typed is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FenError {
    /// Not digits with at most one point.
    #[error("this is not an amount of money")]
    Form,
    /// More than two digits after the point: there is nothing smaller than a 分.
    #[error("an amount has at most two digits after the point")]
    TooFine,
    /// More than the range holds.
    #[error("the amount is too large")]
    TooLarge,
}

impl Fen {
    /// Whole 元; none when that is out of range.
    #[must_use]
    pub fn from_yuan(yuan: i64) -> Option<Self> {
        yuan.checked_mul(100).map(Self)
    }

    /// The sum; none when that is out of range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; none when that is out of range.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount `times` over; none when that is out of range.
    #[must_use]
    pub fn checked_mul(self, times: i64) -> Option<Self> {
        self.0.checked_mul(times).map(Self)
    }

    /// The sum of many; none when that is out of range.
    #[must_use]
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self(0), Self::checked_add)
    }

    /// `1,234.56`, with no unit.
    #[must_use]
    pub fn plain(self) -> String {
        let (yuan, fen) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        format!("{}{}.{fen:02}", self.sign(), grouped(yuan))
    }

    /// The amount as a report says it, in 元 and never more than is so, keeping the first `digits`
    /// digits: 243,000,000 with two is `2.4亿余` 元. None for a debt or a cut.
    #[must_use]
    pub fn phrase(self, digits: u32) -> Option<Phrase> {
        let fen = u64::try_from(self.0).ok()?;
        Some(Phrase::of_money(fen, digits))
    }

    fn sign(self) -> &'static str {
        if self.0 < 0 { "-" } else { "" }
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}元", self.plain())
    }
}

impl FromStr for Fen {
    type Err = FenError;

    /// Reads `1,234.56`, with or without commas (both widths) between groups of three, one `元` after
    /// it, and a sign before it.
    fn from_str(text: &str) -> Result<Self, FenError> {
        let text = text.trim();
        let text = text.strip_suffix('元').unwrap_or(text).trim_end();
        let (sign, text) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text),
        };
        let (yuan, part) = text.split_once('.').unwrap_or((text, ""));
        let yuan = without_commas(yuan).ok_or(FenError::Form)?;
        match () {
            () if !all_digits(part) => Err(FenError::Form),
            () if part.len() > 2 => Err(FenError::TooFine),
            () => format!("{sign}{yuan}{part:0<2}")
                .parse()
                .map(Self)
                .map_err(|_| FenError::TooLarge),
        }
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of a whole number; commas only between groups of three.
fn without_commas(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split([',', '，']).collect();
    let (first, rest) = groups.split_first()?;
    let fits = rest.is_empty() || (first.len() <= 3 && rest.iter().all(|group| group.len() == 3));
    let digits = !first.is_empty() && groups.iter().all(|group| all_digits(group));
    (fits && digits).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::More;

    #[test]
    fn amounts_show_as_people_write_them() {
        assert_eq!(Fen(123_456).to_string(), "1,234.56元");
        assert_eq!(Fen(-5).to_string(), "-0.05元");
    }

    #[test]
    fn a_phrase_never_claims_more_money_than_there_is() {
        let zh = |fen, digits| Fen(fen).phrase(digits).unwrap().zh(More::Yu, "元");
        assert_eq!(zh(3_250_000, 3), "3.25万元");
        assert_eq!(zh(31_950_000_000, 3), "3.19亿余元");
        assert_eq!(zh(9_999_999_999, 6), "9999.99万余元");
        assert_eq!(zh(1_234_567, 5), "12345余元");
        assert_eq!(zh(1_234_500, 5), "12345元");
        assert_eq!(Fen(-1).phrase(2), None);
    }

    #[test]
    fn amounts_are_read_or_refused() {
        assert_eq!("1，234.5 元".parse(), Ok(Fen(123_450)));
        assert_eq!("-0.05".parse(), Ok(Fen(-5)));
        assert_eq!("1.234".parse::<Fen>(), Err(FenError::TooFine));
        assert_eq!("十元".parse::<Fen>(), Err(FenError::Form));
        assert_eq!(".5".parse::<Fen>(), Err(FenError::Form));
        for wrong in [
            "1,2,3元元",
            "1,2",
            "12,3456",
            "1234,567",
            ",123",
            "1 2",
            "元",
            "--1",
            "1,",
        ] {
            assert_eq!(wrong.parse::<Fen>(), Err(FenError::Form), "{wrong}");
        }
        assert_eq!(
            "99999999999999999999".parse::<Fen>(),
            Err(FenError::TooLarge)
        );
    }

    #[test]
    fn sums_do_not_run_over() {
        assert_eq!(Fen::sum([Fen(1), Fen(2)]), Some(Fen(3)));
        assert_eq!(Fen(i64::MAX).checked_add(Fen(1)), None);
        assert_eq!(Fen(i64::MIN).checked_sub(Fen(1)), None);
        assert_eq!(Fen(i64::MAX).checked_mul(2), None);
        assert_eq!(Fen::from_yuan(12), Some(Fen(1_200)));
    }

    proptest! {
        #[test]
        fn amounts_read_back(fen in any::<i64>()) {
            prop_assert_eq!(Fen(fen).to_string().parse(), Ok(Fen(fen)));
        }

        #[test]
        fn a_phrase_is_true_of_its_amount(fen in 0..i64::MAX, digits in 1u32..8) {
            let phrase = Fen(fen).phrase(digits).unwrap();
            prop_assert!(phrase.holds_of(fen.unsigned_abs(), 100));
        }
    }
}
