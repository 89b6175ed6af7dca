//! Instants as integer microseconds, and the clock that is passed in.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{civil::Date, tz::TimeZone};

/// An instant: microseconds since 1970-01-01 UTC. Stored as `BIGINT` on both databases, because
/// text sorts wrongly as soon as offsets or fractions differ.
#[derive(
    Clone,
    Copy,
    Debug,
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
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since 1970-01-01 UTC; instants before that count as zero.
    #[must_use]
    pub fn unix_millis(self) -> u64 {
        u64::try_from(self.0 / 1_000).unwrap_or(0)
    }

    /// The instant `seconds` later (earlier when negative); stops at the ends of the range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The civil date in `zone`, the way a notice board would show it.
    #[must_use]
    pub fn date(self, zone: &TimeZone) -> Date {
        self.zoned(zone).date()
    }

    /// The first instant of `date` in `zone`.
    #[must_use]
    pub fn start_of(date: Date, zone: &TimeZone) -> Self {
        let ends = if date < Date::ZERO {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        };
        let zoned = date.to_zoned_datetime(zone.clone());
        Self(
            zoned
                .map_or(ends, |zoned| zoned.timestamp())
                .as_microsecond(),
        )
    }

    /// The instant as jiff knows it, which ends at the years -9999 and 9999: beyond them it is the end.
    fn instant(self) -> jiff::Timestamp {
        let ends = if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        };
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(ends)
    }

    /// The instant with its zone, for showing it.
    #[must_use]
    pub fn zoned(self, zone: &TimeZone) -> jiff::ZonedDateTime {
        self.instant().to_zoned_datetime(zone.clone())
    }

    /// RFC 3339 in UTC with microseconds, the form of the API and of log entries.
    #[must_use]
    pub fn rfc3339(self) -> String {
        format!("{:.6}", self.instant())
    }
}

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }
}

/// A clock that stands still until it is told to move. Starts at 2026-07-01 09:00 in China.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// 2026-07-01T01:00:00Z.
    pub const START: Timestamp = Timestamp(1_782_867_600_000_000);

    /// A clock that stands at `at`.
    #[must_use]
    pub const fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Moves the clock on.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Puts the clock to `at`.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::at(Self::START)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// China's one civil time zone.
#[must_use]
pub fn china() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_clock_starts_on_a_morning_in_china() {
        let start = TestClock::default().now();
        assert_eq!(start.date(&china()), jiff::civil::date(2026, 7, 1));
        assert_eq!(start.rfc3339(), "2026-07-01T01:00:00.000000Z");
        assert_eq!(
            Timestamp::start_of(start.date(&china()), &china()).rfc3339(),
            "2026-06-30T16:00:00.000000Z"
        );
    }

    #[test]
    fn an_instant_out_of_range_shows_the_end_of_time_not_its_beginning() {
        let (late, early) = (
            Timestamp::from_micros(i64::MAX),
            Timestamp::from_micros(i64::MIN),
        );
        assert!(
            late.rfc3339().starts_with("9999-12-30"),
            "{}",
            late.rfc3339()
        );
        assert!(
            early.rfc3339().starts_with("-009999-01-02"),
            "{}",
            early.rfc3339()
        );
        assert_eq!(early.date(&china()).year(), -9999);
        assert!(
            Timestamp::start_of(Date::MIN, &china()) < Timestamp::start_of(Date::MAX, &china())
        );
    }
}
