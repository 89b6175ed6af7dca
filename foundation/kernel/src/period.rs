//! Counting periods (期间计算) by 民法典 Arts 201–203: the day a period starts from is not counted; months and
//! years end on the same day-number, or on the month's last day; an end on a free day moves to the
//! next working day. The last is a rule of civil law, applied to procedure by analogy, so the Rulebook
//! says whether it holds (`counting.end_moves_off_free_days`).
//!
//! Everything here is counted in days. Where a law counts hours and only the day is known, they are
//! taken as whole days, rounded up.

use jiff::{Span, civil::Date};

use crate::{Counted, WorkCalendar};

/// A length of time as laws name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(tag = "unit", content = "count", rename_all = "snake_case")]
pub enum Period {
    /// 小时
    Hours(u32),
    /// 日: every day of the calendar.
    Days(u32),
    /// 工作日: working days only.
    WorkingDays(u32),
    /// 个月
    Months(u32),
    /// 年
    Years(u32),
}

impl Period {
    /// The number, its unit in Chinese, and in English.
    const fn parts(self) -> (u32, &'static str, &'static str) {
        match self {
            Self::Hours(n) => (n, "小时", "hour"),
            Self::Days(n) => (n, "日", "day"),
            Self::WorkingDays(n) => (n, "个工作日", "working day"),
            Self::Months(n) => (n, "个月", "month"),
            Self::Years(n) => (n, "年", "year"),
        }
    }

    /// How many of its unit.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.parts().0
    }

    /// About how long it is, in hours: for comparing lengths in different units, never for a deadline.
    #[must_use]
    pub const fn about_hours(self) -> u64 {
        let (n, ..) = self.parts();
        let hours = match self {
            Self::Hours(_) => 1,
            Self::Days(_) => 24,
            Self::WorkingDays(_) => 24 * 7 / 5,
            Self::Months(_) => 24 * 30,
            Self::Years(_) => 24 * 365,
        };
        n as u64 * hours
    }

    /// `三十日` is written `30日`; working days `5个工作日`.
    #[must_use]
    pub fn zh(self) -> String {
        let (n, unit, _) = self.parts();
        format!("{n}{unit}")
    }

    /// `30 days`, `1 month`.
    #[must_use]
    pub fn en(self) -> String {
        let (n, _, unit) = self.parts();
        format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
    }
}

/// What happens to an end on a free day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndOnFreeDay {
    /// It moves to the next working day (民法典 Art. 203).
    #[default]
    Moves,
    /// It stays.
    Stays,
}

impl From<bool> for EndOnFreeDay {
    /// From the rule `counting.end_moves_off_free_days`.
    fn from(moves: bool) -> Self {
        if moves { Self::Moves } else { Self::Stays }
    }
}

/// When a period ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last day, to its end.
    pub date: Date,
    /// The free day it would have ended on, when it was moved.
    pub moved_from: Option<Date>,
    /// False when working days of a year not yet published were counted by weekends.
    pub certain: bool,
}

/// The last day of `period` after `start`, with an end on a free day as told. Stops at the year 9999.
/// Working days always end on one.
#[must_use]
pub fn due(start: Date, period: Period, calendar: &WorkCalendar, free: EndOnFreeDay) -> Due {
    let end = match period {
        Period::WorkingDays(n) => calendar.add_working_days(start, n),
        other => Counted::certain(moved(start, other, 1)),
    };
    let counted = match (period, free) {
        (Period::WorkingDays(_), _) | (_, EndOnFreeDay::Stays) => end,
        (_, EndOnFreeDay::Moves) => calendar.next_working_day(end.date),
    };
    Due {
        date: counted.date,
        moved_from: (counted.date != end.date).then_some(end.date),
        certain: counted.certain,
    }
}

/// "X日前": the last day on which something may be done that must come `period` before `event`, so
/// that the period counted from it is over on the day of the event. It never moves: a free day is no
/// excuse for being late.
#[must_use]
pub fn latest_before(event: Date, period: Period, calendar: &WorkCalendar) -> Counted {
    match period {
        Period::WorkingDays(n) => calendar.before_working_days(event, n),
        other => Counted::certain(moved(event, other, -1)),
    }
}

/// `date` moved by `period`, later or, with -1, earlier; stops at the ends of the calendar. Months and
/// years end on the last day of a shorter month.
fn moved(date: Date, period: Period, sign: i64) -> Date {
    let n = sign * i64::from(period.count());
    let span = match period {
        Period::Hours(hours) => Span::new().try_days(sign * i64::from(hours.div_ceil(24))),
        Period::Days(_) | Period::WorkingDays(_) => Span::new().try_days(n),
        Period::Months(_) => Span::new().try_months(n),
        Period::Years(_) => Span::new().try_years(n),
    };
    let end = if sign < 0 { Date::MIN } else { Date::MAX };
    span.map_or(end, |span| date.saturating_add(span))
}

/// The days from `start` to `end`, the first not counted; negative when `end` is earlier.
#[must_use]
pub fn days_between(start: Date, end: Date) -> i64 {
    start
        .until(end)
        .map_or(0, |span| i64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use EndOnFreeDay::{Moves, Stays};

    fn end(start: Date, period: Period) -> Date {
        due(start, period, WorkCalendar::china(), Stays).date
    }

    fn before(event: Date, period: Period) -> Date {
        latest_before(event, period, WorkCalendar::china()).date
    }

    #[test]
    fn the_vectors_of_the_rules_hold() {
        assert_eq!(end(date(2026, 1, 31), Period::Months(3)), date(2026, 4, 30));
        assert_eq!(end(date(2026, 1, 31), Period::Months(6)), date(2026, 7, 31));
        assert_eq!(
            end(date(2025, 11, 30), Period::Months(3)),
            date(2026, 2, 28)
        );
        let election = date(2026, 9, 23);
        let latest = [20, 15, 7, 5].map(|days| before(election, Period::Days(days)));
        assert_eq!(
            latest,
            [
                date(2026, 9, 3),
                date(2026, 9, 8),
                date(2026, 9, 16),
                date(2026, 9, 18)
            ]
        );
    }

    #[test]
    fn an_end_on_a_free_day_moves_unless_told_to_stay() {
        let calendar = WorkCalendar::china();
        let free = date(2026, 10, 1);
        let moved = due(date(2026, 9, 1), Period::Days(30), calendar, Moves);
        assert_eq!(
            (moved.date, moved.moved_from),
            (date(2026, 10, 8), Some(free))
        );
        let stays = due(date(2026, 9, 1), Period::Days(30), calendar, Stays);
        assert_eq!((stays.date, stays.moved_from), (free, None));
        assert!(moved.certain && stays.certain);
        assert_eq!(end(date(2024, 2, 29), Period::Years(1)), date(2025, 2, 28));
        let unknown = due(date(2030, 1, 1), Period::WorkingDays(3), calendar, Moves);
        assert!(!unknown.certain);
    }

    /// Around the first week of October 2026: the 10th, a Saturday, is worked.
    #[test]
    fn each_kind_of_period_says_the_latest_day_before_an_event() {
        let event = date(2026, 10, 12);
        let latest = [
            (Period::Hours(48), date(2026, 10, 10)),
            (Period::Hours(1), date(2026, 10, 11)),
            (Period::Days(10), date(2026, 10, 2)),
            (Period::WorkingDays(1), date(2026, 10, 11)),
            (Period::WorkingDays(2), date(2026, 10, 9)),
            (Period::WorkingDays(5), date(2026, 9, 29)),
            (Period::Months(1), date(2026, 9, 12)),
            (Period::Years(1), date(2025, 10, 12)),
        ];
        for (period, day) in latest {
            assert_eq!(before(event, period), day, "{}", period.en());
        }
        assert_eq!(
            before(date(2026, 3, 31), Period::Months(1)),
            date(2026, 2, 28)
        );
        let unknown = latest_before(
            date(2031, 1, 10),
            Period::WorkingDays(3),
            WorkCalendar::china(),
        );
        assert!(!unknown.certain);
    }

    #[test]
    fn periods_say_themselves() {
        assert_eq!(Period::WorkingDays(5).zh(), "5个工作日");
        assert_eq!(Period::Hours(24).zh(), "24小时");
        assert_eq!(Period::Months(1).en(), "1 month");
        assert_eq!(end(date(2026, 1, 1), Period::Years(u32::MAX)), Date::MAX);
        assert_eq!(before(date(2026, 1, 1), Period::Days(u32::MAX)), Date::MIN);
        assert!(Period::Months(1).about_hours() > Period::WorkingDays(20).about_hours());
        assert!(Period::Months(1).about_hours() < Period::WorkingDays(22).about_hours());
    }

    fn any_period() -> impl Strategy<Value = Period> {
        (0u32..300, 0usize..5).prop_map(|(n, kind)| match kind {
            0 => Period::Hours(n),
            1 => Period::Days(n),
            2 => Period::WorkingDays(n),
            3 => Period::Months(n % 40),
            _ => Period::Years(n % 5),
        })
    }

    proptest! {
        #[test]
        fn a_period_from_the_latest_day_before_is_over_at_the_event(days in 0i64..3_000, period in any_period()) {
            let event = date(2019, 1, 1).saturating_add(Span::new().days(days));
            let start = before(event, period);
            // With no working day asked for, the next one counts, and it may be a later day.
            prop_assume!(period != Period::WorkingDays(0));
            prop_assert!(end(start, period) <= event);
            if matches!(period, Period::Days(_) | Period::WorkingDays(_)) {
                let later = start.tomorrow().unwrap();
                prop_assert!(end(later, period) > event, "a day later is too late");
            }
        }

        #[test]
        fn moving_off_free_days_is_later_by_a_holiday_at_most(days in 0i64..3_000, period in any_period()) {
            let start = date(2019, 1, 1).saturating_add(Span::new().days(days));
            let calendar = WorkCalendar::china();
            let (stays, moves) = (due(start, period, calendar, Stays), due(start, period, calendar, Moves));
            prop_assert!((0..12).contains(&days_between(stays.date, moves.date)));
            prop_assert!(calendar.working_or_weekday(moves.date).0);
            prop_assert_eq!(moves.moved_from.is_some(), moves.date != stays.date);
        }

        #[test]
        fn longer_periods_never_end_earlier(days in 0i64..3_000, months in 0u32..60) {
            let start = date(2019, 1, 1).saturating_add(Span::new().days(days));
            prop_assert!(end(start, Period::Months(months)) <= end(start, Period::Months(months + 1)));
        }
    }
}
