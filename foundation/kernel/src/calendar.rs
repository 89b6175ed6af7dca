//! Working days with make-up days (调休), as the State Council publishes them each year.
//!
//! Years that are not published are counted by weekends alone and marked `certain: false`: the
//! notice for a year appears in the November before, and moves days that were thought free.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use jiff::civil::{Date, Weekday};

static CHINA: LazyLock<WorkCalendar> = LazyLock::new(|| {
    let text = include_str!("../../../data/calendar/cn.toml");
    WorkCalendar::from_toml(text).expect("the calendar in the repository is checked by a test")
});

/// The working days of the published years.
#[derive(Clone, Debug)]
pub struct WorkCalendar {
    years: BTreeMap<i16, Year>,
}

#[derive(Clone, Debug)]
struct Year {
    notice: String,
    off: BTreeMap<Date, Holiday>,
    worked: BTreeSet<Date>,
}

/// A holiday's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// In Chinese, such as 春节.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A year that no notice covers yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the working days of {year} are not published")]
pub struct OutsideCalendar {
    /// The year asked for.
    pub year: i16,
}

/// Why a calendar cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// The text is not TOML of the form in `data/calendar/cn.toml`.
    #[error("the calendar cannot be read")]
    Form(#[from] toml::de::Error),
    /// A date is wrong, out of its year, or both free and worked.
    #[error("{date} in the calendar of {year} is wrong: {why}")]
    Date {
        /// The year it stands under.
        year: i16,
        /// The date as written.
        date: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// A counted date, and whether every day counted was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The date.
    pub date: Date,
    /// False when a year without a notice was counted by weekends.
    pub certain: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: Vec<FileYear>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FileYear {
    year: i16,
    notice: String,
    holidays: Vec<FileHoliday>,
    worked: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FileHoliday {
    zh: String,
    en: String,
    from: String,
    to: String,
}

impl WorkCalendar {
    /// The calendar of the Chinese mainland that comes with the software.
    #[must_use]
    pub fn china() -> &'static Self {
        &CHINA
    }

    /// Reads a calendar in the form of `data/calendar/cn.toml`. Of a year given twice the later
    /// one counts, so that an operator may append a correction.
    ///
    /// # Errors
    /// [`CalendarError`] with the date that is wrong.
    pub fn from_toml(text: &str) -> Result<Self, CalendarError> {
        let file: File = toml::from_str(text)?;
        let years = file
            .year
            .into_iter()
            .map(|year| Ok((year.year, read_year(year)?)));
        Ok(Self {
            years: years.collect::<Result<_, CalendarError>>()?,
        })
    }

    /// The same calendar with the years of `later` put in or put over.
    #[must_use]
    pub fn with(mut self, later: Self) -> Self {
        self.years.extend(later.years);
        self
    }

    /// The first and the last published year.
    #[must_use]
    pub fn span(&self) -> Option<(i16, i16)> {
        Some((*self.years.keys().next()?, *self.years.keys().next_back()?))
    }

    /// The notice a year's days come from (国务院办公厅通知文号).
    #[must_use]
    pub fn notice(&self, year: i16) -> Option<&str> {
        self.years.get(&year).map(|year| year.notice.as_str())
    }

    /// The holiday that makes `date` free, if one does.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<&Holiday> {
        self.years.get(&date.year())?.off.get(&date)
    }

    /// Whether people work on `date`.
    ///
    /// # Errors
    /// [`OutsideCalendar`] when no notice covers the year.
    pub fn is_working_day(&self, date: Date) -> Result<bool, OutsideCalendar> {
        let year = self
            .years
            .get(&date.year())
            .ok_or(OutsideCalendar { year: date.year() })?;
        Ok(year.worked.contains(&date) || (!is_weekend(date) && !year.off.contains_key(&date)))
    }

    /// Whether people work on `date`, and whether that is published; else by the weekend.
    #[must_use]
    pub fn working_or_weekday(&self, date: Date) -> (bool, bool) {
        self.is_working_day(date)
            .map_or_else(|_| (!is_weekend(date), false), |working| (working, true))
    }

    /// `date` itself when it is a working day, else the next one.
    #[must_use]
    pub fn next_working_day(&self, date: Date) -> Counted {
        self.step(date, 0)
    }

    /// The `days`-th working day after `date`, which is itself not counted. With 0 it is
    /// [`WorkCalendar::next_working_day`].
    #[must_use]
    pub fn add_working_days(&self, date: Date, days: u32) -> Counted {
        if days == 0 {
            self.step(date, 0)
        } else {
            self.step(date.tomorrow().unwrap_or(Date::MAX), days - 1)
        }
    }

    /// From `date` on, skips `skip` working days and stops at the next.
    fn step(&self, mut date: Date, mut skip: u32) -> Counted {
        let mut certain = true;
        loop {
            let (working, published) = self.working_or_weekday(date);
            certain &= published;
            if working && skip == 0 {
                return Counted { date, certain };
            }
            skip -= u32::from(working);
            match date.tomorrow() {
                Ok(next) => date = next,
                Err(_) => {
                    return Counted {
                        date,
                        certain: false,
                    };
                }
            }
        }
    }

    /// The working days after `from`, up to and with `to`; 0 when `to` is not later.
    #[must_use]
    pub fn working_days_between(&self, from: Date, to: Date) -> u32 {
        let later = std::iter::successors(from.tomorrow().ok(), |date| date.tomorrow().ok());
        let days = later
            .take_while(|date| *date <= to)
            .filter(|date| self.working_or_weekday(*date).0);
        u32::try_from(days.count()).unwrap_or(u32::MAX)
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn read_year(file: FileYear) -> Result<Year, CalendarError> {
    let year = file.year;
    let mut off = BTreeMap::new();
    for holiday in file.holidays {
        let (from, to) = (
            read_date(year, &holiday.from)?,
            read_date(year, &holiday.to)?,
        );
        let days = std::iter::successors(Some(from), |date| date.tomorrow().ok())
            .take_while(|date| *date <= to);
        let name = Holiday {
            zh: holiday.zh,
            en: holiday.en,
        };
        off.extend(days.map(|date| (date, name.clone())));
    }
    let worked = file
        .worked
        .iter()
        .map(|date| read_date(year, date))
        .collect::<Result<BTreeSet<_>, _>>()?;
    match worked
        .iter()
        .find(|date| off.contains_key(*date) || !is_weekend(**date))
    {
        Some(date) => {
            let why = "a day worked instead falls on a free weekend";
            Err(CalendarError::Date {
                year,
                date: date.to_string(),
                why,
            })
        }
        None => Ok(Year {
            notice: file.notice,
            off,
            worked,
        }),
    }
}

fn read_date(year: i16, text: &str) -> Result<Date, CalendarError> {
    let wrong = |why| CalendarError::Date {
        year,
        date: text.to_owned(),
        why,
    };
    let date: Date = text.parse().map_err(|_| wrong("not a date"))?;
    if date.year() == year {
        Ok(date)
    } else {
        Err(wrong("not in this year"))
    }
}

#[cfg(test)]
mod tests {
    use chinese_holiday::{Ymd, chinese_holiday};
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// The crate's list ends on 2026-12-25, because next year's notice may still move the last days.
    #[test]
    fn every_day_agrees_with_an_independent_transcription() {
        let calendar = WorkCalendar::china();
        let mut day = date(2019, 1, 1);
        while day <= date(2026, 12, 25) {
            let (year, month, number) = (day.year() as u16, day.month() as u8, day.day() as u8);
            let theirs = chinese_holiday(Ymd::new(year, month, number)).is_workday();
            assert_eq!(calendar.is_working_day(day), Ok(theirs), "{day}");
            day = day.tomorrow().unwrap();
        }
        assert_eq!(calendar.span(), Some((2019, 2026)));
    }

    #[test]
    fn make_up_days_count_and_holidays_do_not() {
        let calendar = WorkCalendar::china();
        assert_eq!(calendar.is_working_day(date(2026, 2, 28)), Ok(true));
        assert_eq!(calendar.is_working_day(date(2026, 2, 16)), Ok(false));
        assert_eq!(calendar.holiday(date(2026, 10, 1)).unwrap().zh, "国庆节");
        let after = calendar.add_working_days(date(2026, 9, 30), 5);
        assert_eq!(
            after,
            Counted {
                date: date(2026, 10, 13),
                certain: true
            }
        );
        assert_eq!(
            calendar.next_working_day(date(2026, 10, 1)).date,
            date(2026, 10, 8)
        );
    }

    #[test]
    fn years_without_a_notice_go_by_weekends_and_say_so() {
        let calendar = WorkCalendar::china();
        assert_eq!(
            calendar.is_working_day(date(2031, 10, 1)),
            Err(OutsideCalendar { year: 2031 })
        );
        let counted = calendar.next_working_day(date(2031, 10, 4));
        assert_eq!(
            counted,
            Counted {
                date: date(2031, 10, 6),
                certain: false
            }
        );
    }

    #[test]
    fn a_wrong_calendar_is_refused_with_its_date() {
        let text =
            "[[year]]\nyear = 2030\nnotice = \"n\"\nholidays = []\nworked = [\"2030-01-07\"]";
        let refusal = WorkCalendar::from_toml(text).unwrap_err();
        assert!(
            matches!(refusal, CalendarError::Date { year: 2030, ref date, .. } if date == "2030-01-07")
        );
        assert!(WorkCalendar::from_toml("year = 3").is_err());
    }

    proptest! {
        #[test]
        fn adding_and_counting_working_days_agree(start in 0i64..2_600, days in 1u32..60) {
            let calendar = WorkCalendar::china();
            let from = date(2019, 1, 1).saturating_add(jiff::Span::new().days(start));
            let to = calendar.add_working_days(from, days);
            prop_assert_eq!(calendar.working_days_between(from, to.date), days);
            prop_assert!(calendar.working_or_weekday(to.date).0);
        }
    }
}
