//! Counting periods (期间计算) by 民法典 Arts 201–203: the day a period starts from is not counted; months and
//! years end on the same day-number, or on the month's last day; an end on a free day moves to the
//! next working day. The last is a rule of civil law, applied to procedure by analogy, so it can be
//! turned off.

use jiff::{Span, civil::Date};

use crate::WorkCalendar;

/// A length of time as laws name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(tag = "unit", content = "count", rename_all = "snake_case")]
pub enum Period {
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
    /// `三十日` is written `30日`; working days `5个工作日`.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Days(n) => format!("{n}日"),
            Self::WorkingDays(n) => format!("{n}个工作日"),
            Self::Months(n) => format!("{n}个月"),
            Self::Years(n) => format!("{n}年"),
        }
    }

    /// `30 days`, `1 month`.
    #[must_use]
    pub fn en(self) -> String {
        let (n, unit) = match self {
            Self::Days(n) => (n, "day"),
            Self::WorkingDays(n) => (n, "working day"),
            Self::Months(n) => (n, "month"),
            Self::Years(n) => (n, "year"),
        };
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

/// The last day of `period` after `start`; an end on a free day moves on.
#[must_use]
pub fn due(start: Date, period: Period, calendar: &WorkCalendar) -> Due {
    due_with(start, period, calendar, EndOnFreeDay::Moves)
}

/// The last day of `period` after `start`, with the end on a free day as told. Stops at the year 9999.
#[must_use]
pub fn due_with(start: Date, period: Period, calendar: &WorkCalendar, free: EndOnFreeDay) -> Due {
    let end = match period {
        Period::Days(n) => later(start, |n| Span::new().try_days(n), n),
        Period::Months(n) => later(start, |n| Span::new().try_months(n), n),
        Period::Years(n) => later(start, |n| Span::new().try_years(n), n),
        Period::WorkingDays(n) => {
            let counted = calendar.add_working_days(start, n);
            return Due {
                date: counted.date,
                moved_from: None,
                certain: counted.certain,
            };
        }
    };
    if free == EndOnFreeDay::Stays {
        return Due {
            date: end,
            moved_from: None,
            certain: true,
        };
    }
    let counted = calendar.next_working_day(end);
    let moved_from = (counted.date != end).then_some(end);
    Due {
        date: counted.date,
        moved_from,
        certain: counted.certain,
    }
}

/// `start` plus a span; months end on the last day of a shorter month.
fn later(start: Date, span: impl Fn(i64) -> Result<Span, jiff::Error>, n: u32) -> Date {
    span(i64::from(n)).map_or(Date::MAX, |span| start.saturating_add(span))
}

/// "X日前": the last day on which something may be done that must come `days` days before `event`.
#[must_use]
pub fn latest_date_before(event: Date, days: u32) -> Date {
    Span::new()
        .try_days(-i64::from(days))
        .map_or(Date::MIN, |span| event.saturating_add(span))
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

    fn end(start: Date, period: Period) -> Date {
        due(start, period, WorkCalendar::china()).date
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
        let latest = [20, 15, 7, 5].map(|days| latest_date_before(election, days));
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
        let moved = due(date(2026, 9, 1), Period::Days(30), WorkCalendar::china());
        let free = date(2026, 10, 1);
        assert_eq!(
            moved,
            Due {
                date: date(2026, 10, 8),
                moved_from: Some(free),
                certain: true
            }
        );
        let stays = due_with(
            date(2026, 9, 1),
            Period::Days(30),
            WorkCalendar::china(),
            EndOnFreeDay::Stays,
        );
        assert_eq!(
            stays,
            Due {
                date: free,
                moved_from: None,
                certain: true
            }
        );
        assert_eq!(end(date(2024, 2, 29), Period::Years(1)), date(2025, 2, 28));
        assert!(
            !due(
                date(2030, 1, 1),
                Period::WorkingDays(3),
                WorkCalendar::china()
            )
            .certain
        );
    }

    #[test]
    fn periods_say_themselves() {
        assert_eq!(Period::WorkingDays(5).zh(), "5个工作日");
        assert_eq!(Period::Months(1).en(), "1 month");
        assert_eq!(end(date(2026, 1, 1), Period::Years(u32::MAX)), Date::MAX);
        assert_eq!(latest_date_before(date(2026, 1, 1), u32::MAX), Date::MIN);
    }

    proptest! {
        #[test]
        fn a_day_before_and_a_day_after_undo_each_other(start in 0i64..3_000, days in 0u32..2_000) {
            let start = date(2019, 1, 1).saturating_add(Span::new().days(start));
            let stays = due_with(start, Period::Days(days), WorkCalendar::china(), EndOnFreeDay::Stays);
            prop_assert_eq!(latest_date_before(stays.date, days), start);
            prop_assert_eq!(days_between(start, stays.date), i64::from(days));
            let moved = due(start, Period::Days(days), WorkCalendar::china());
            prop_assert!(moved.date >= stays.date && days_between(stays.date, moved.date) < 12);
        }

        #[test]
        fn longer_periods_never_end_earlier(start in 0i64..3_000, months in 0u32..60) {
            let start = date(2019, 1, 1).saturating_add(Span::new().days(start));
            prop_assert!(end(start, Period::Months(months)) <= end(start, Period::Months(months + 1)));
        }
    }
}
