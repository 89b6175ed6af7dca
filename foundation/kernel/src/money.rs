//! Money as whole 分, never as a fraction: 100 分 are one 元.

use std::{fmt, str::FromStr};

use crate::phrase::grouped;

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

    /// The amount in the unit a report would use, 元, 万元 or 亿元, to two decimals, the half rounded
    /// away from zero: `3.20亿元`.
    #[must_use]
    pub fn phrase_zh(self) -> String {
        let (unit, name) = match self.0.unsigned_abs() {
            0..1_000_000 => return self.to_string(),
            1_000_000..10_000_000_000 => (1_000_000, "万元"),
            _ => (10_000_000_000, "亿元"),
        };
        format!("{}{name}", self.in_units(unit))
    }

    /// The same in English: `CNY 3.20 million`.
    #[must_use]
    pub fn phrase_en(self) -> String {
        let (unit, name) = match self.0.unsigned_abs() {
            0..100_000_000 => return format!("CNY {}", self.plain()),
            100_000_000..100_000_000_000 => (100_000_000, "million"),
            _ => (100_000_000_000, "billion"),
        };
        format!("CNY {} {name}", self.in_units(unit))
    }

    fn sign(self) -> &'static str {
        if self.0 < 0 { "-" } else { "" }
    }

    /// The amount in units of `unit` 分 to two decimals.
    fn in_units(self, unit: u64) -> String {
        let step = unit / 100;
        let hundredths = (self.0.unsigned_abs() + step / 2) / step;
        format!(
            "{}{}.{:02}",
            self.sign(),
            grouped(hundredths / 100),
            hundredths % 100
        )
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}元", self.plain())
    }
}

impl FromStr for Fen {
    type Err = FenError;

    /// Reads `1,234.56`, with or without commas (both widths), `元` and a sign.
    fn from_str(text: &str) -> Result<Self, FenError> {
        let text = text
            .trim()
            .trim_end_matches('元')
            .replace([',', '，', ' '], "");
        let (negative, digits) = text
            .strip_prefix('-')
            .map_or((false, text.as_str()), |rest| (true, rest));
        let (yuan, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        match () {
            () if yuan.is_empty() || !all_digits(yuan) || !all_digits(part) => Err(FenError::Form),
            () if part.len() > 2 => Err(FenError::TooFine),
            () => {
                let sign = if negative { "-" } else { "" };
                format!("{sign}{yuan}{part:0<2}")
                    .parse()
                    .map(Self)
                    .map_err(|_| FenError::TooLarge)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_show_as_people_write_them() {
        assert_eq!(Fen(123_456).to_string(), "1,234.56元");
        assert_eq!(Fen(-5).to_string(), "-0.05元");
        assert_eq!(Fen(3_250_000).phrase_zh(), "3.25万元");
        assert_eq!(Fen(32_000_000_000).phrase_zh(), "3.20亿元");
        assert_eq!(Fen(99_999).phrase_zh(), "999.99元");
        assert_eq!(Fen(320_000_000).phrase_en(), "CNY 3.20 million");
        assert_eq!(Fen(i64::MIN).phrase_zh(), "-922,337,203.69亿元");
    }

    #[test]
    fn amounts_are_read_or_refused() {
        assert_eq!("1，234.5 元".parse(), Ok(Fen(123_450)));
        assert_eq!("-0.05".parse(), Ok(Fen(-5)));
        assert_eq!("1.234".parse::<Fen>(), Err(FenError::TooFine));
        assert_eq!("十元".parse::<Fen>(), Err(FenError::Form));
        assert_eq!(".5".parse::<Fen>(), Err(FenError::Form));
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
    }
}
