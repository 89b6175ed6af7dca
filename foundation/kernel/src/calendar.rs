//! Working days with make-up days (调休), as the State Council publishes them each year.
//!
//! Days that no notice covers are counted by weekends alone and marked `certain: false`. Among them
//! are the last days of the last published year: the notice for a year appears in the November before,
//! and may still move the days before New Year.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use jiff::civil::{Date, Weekday, date};

static CHINA: LazyLock<WorkCalendar> = LazyLock::new(|| {
    let text = include_str!("../../../data/calendar/cn.toml");
    WorkCalendar::from_toml("cn.toml", text)
        .expect("the calendar in the repository is checked by a test")
});

/// The working days of the published years.
#[derive(Clone, Debug)]
pub struct WorkCalendar {
    years: BTreeMap<i16, Year>,
}

/// What one year's notice says. A notice may name days of the December before its year.
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

/// A day that no notice covers yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("whether people work on {day} is not published")]
pub struct OutsideCalendar {
    /// The day asked for.
    pub day: Date,
}

/// Why a calendar cannot be read, in Chinese and English.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// The text is not TOML of the form in `data/calendar/cn.toml`.
    #[error("{file}：工作日历读不懂 · {file}: the calendar cannot be read")]
    Form {
        /// The file.
        file: String,
        /// What the reader says, with the line.
        #[source]
        source: toml::de::Error,
    },
    /// A date is wrong, out of its year, or both free and worked.
    #[error("{file}：{year}年的日期 {date} 不对，{} · {file}: {date} in the calendar of {year} is wrong: {}", why.0, why.1)]
    Date {
        /// The file.
        file: String,
        /// The year it stands under.
        year: i16,
        /// The date as written.
        date: String,
        /// What is wrong with it, in Chinese and English.
        why: (&'static str, &'static str),
    },
}

/// A counted date, and whether every day counted was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The date.
    pub date: Date,
    /// False when a day that no notice covers was counted by weekends.
    pub certain: bool,
}

impl Counted {
    /// A date that no notice can move.
    pub(crate) const fn certain(date: Date) -> Self {
        Self {
            date,
            certain: true,
        }
    }
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
    /// [`CalendarError`] with the file and the date that is wrong.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, CalendarError> {
        let read: File = toml::from_str(text).map_err(|source| CalendarError::Form {
            file: file.to_owned(),
            source,
        })?;
        let years = read
            .year
            .into_iter()
            .map(|year| Ok((year.year, read_year(file, year)?)));
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

    /// The last day that is certain: of the last published year, 25 December.
    #[must_use]
    pub fn certain_until(&self) -> Option<Date> {
        self.span().map(|(_, last)| date(last, 12, 25))
    }

    /// The notice that says whether people work on `date` (国务院办公厅通知文号).
    #[must_use]
    pub fn notice(&self, date: Date) -> Option<&str> {
        self.year_of(date).map(|year| year.notice.as_str())
    }

    /// The holiday that makes `date` free, if one does.
    #[must_use]
    pub fn holiday(&self, date: Date) -> Option<&Holiday> {
        self.year_of(date)?.off.get(&date)
    }

    /// The year whose notice speaks of `date`: the next one's when that names the day, else its own.
    fn year_of(&self, date: Date) -> Option<&Year> {
        let names = |year: &&Year| year.off.contains_key(&date) || year.worked.contains(&date);
        let next = self.years.get(&date.year().saturating_add(1)).filter(names);
        next.or_else(|| self.years.get(&date.year()))
    }

    /// Whether people work on `date`.
    ///
    /// # Errors
    /// [`OutsideCalendar`] when no notice covers the day, or one may still come that does.
    pub fn is_working_day(&self, date: Date) -> Result<bool, OutsideCalendar> {
        let last = self.certain_until();
        match self.year_of(date) {
            Some(year) if last.is_some_and(|last| date <= last) => Ok(year.works_on(date)),
            _ => Err(OutsideCalendar { day: date }),
        }
    }

    /// Whether people work on `date`, as far as is known, and whether that is certain.
    #[must_use]
    pub fn working_or_weekday(&self, date: Date) -> (bool, bool) {
        let working = self
            .year_of(date)
            .map_or(!is_weekend(date), |year| year.works_on(date));
        (working, self.is_working_day(date).is_ok())
    }

    /// `date` itself when it is a working day, else the next one.
    #[must_use]
    pub fn next_working_day(&self, date: Date) -> Counted {
        self.walk(date, 1, Date::tomorrow)
    }

    /// The `days`-th working day after `date`, which is itself not counted. With 0 it is
    /// [`WorkCalendar::next_working_day`].
    #[must_use]
    pub fn add_working_days(&self, date: Date, days: u32) -> Counted {
        if days == 0 {
            self.next_working_day(date)
        } else {
            self.walk(date.tomorrow().unwrap_or(Date::MAX), days, Date::tomorrow)
        }
    }

    /// The last day after which `days` working days are left up to and with `date`.
    #[must_use]
    pub fn before_working_days(&self, date: Date, days: u32) -> Counted {
        if days == 0 {
            return Counted::certain(date);
        }
        let earliest = self.walk(date, days, Date::yesterday);
        Counted {
            date: earliest.date.yesterday().unwrap_or(Date::MIN),
            ..earliest
        }
    }

    /// From `date` on, as `next` leads, the working day that is the `nth`, from 1.
    fn walk(
        &self,
        mut date: Date,
        nth: u32,
        next: impl Fn(Date) -> Result<Date, jiff::Error>,
    ) -> Counted {
        let (mut certain, mut left) = (true, nth);
        loop {
            let (working, published) = self.working_or_weekday(date);
            certain &= published;
            left -= u32::from(working);
            if left == 0 {
                return Counted { date, certain };
            }
            match next(date) {
                Ok(other) => date = other,
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

impl Year {
    fn works_on(&self, date: Date) -> bool {
        self.worked.contains(&date) || (!is_weekend(date) && !self.off.contains_key(&date))
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn read_year(file: &str, written: FileYear) -> Result<Year, CalendarError> {
    let year = written.year;
    let wrong = |date: String, why| CalendarError::Date {
        file: file.to_owned(),
        year,
        date,
        why,
    };
    let day = |text: &str| read_day(year, text).map_err(|why| wrong(text.to_owned(), why));
    let mut off = BTreeMap::new();
    for holiday in written.holidays {
        let (from, to) = (day(&holiday.from)?, day(&holiday.to)?);
        if to < from {
            return Err(wrong(
                holiday.to,
                ("假期的末日早于首日", "a holiday ends before it begins"),
            ));
        }
        let name = Holiday {
            zh: holiday.zh,
            en: holiday.en,
        };
        let days = std::iter::successors(Some(from), |date| date.tomorrow().ok());
        off.extend(
            days.take_while(|date| *date <= to)
                .map(|date| (date, name.clone())),
        );
    }
    let worked = written.worked.iter().map(|text| day(text));
    let worked = worked.collect::<Result<BTreeSet<_>, _>>()?;
    match worked
        .iter()
        .find(|date| off.contains_key(*date) || !is_weekend(**date))
    {
        Some(date) => Err(wrong(
            date.to_string(),
            (
                "调休上班应在放假之外的周末",
                "a day worked instead falls on a weekend outside the holidays",
            ),
        )),
        None => Ok(Year {
            notice: written.notice,
            off,
            worked,
        }),
    }
}

/// A day of the year, or of the December before.
fn read_day(year: i16, text: &str) -> Result<Date, (&'static str, &'static str)> {
    let read: Date = text.parse().map_err(|_| {
        (
            "应写作 2026-10-01 的样子",
            "a date is written like 2026-10-01",
        )
    })?;
    let before = read.year() == year.saturating_sub(1) && read.month() == 12;
    if before || read.year() == year {
        Ok(read)
    } else {
        Err((
            "不在这一年，也不在上一年十二月",
            "it is neither in this year nor in the December before",
        ))
    }
}

#[cfg(test)]
mod tests {
    use chinese_holiday::{Ymd, chinese_holiday};
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<WorkCalendar, CalendarError> {
        WorkCalendar::from_toml("own.toml", text)
    }

    /// The crate's list ends where ours stops being certain.
    #[test]
    fn every_day_agrees_with_an_independent_transcription() {
        let calendar = WorkCalendar::china();
        let mut day = date(2019, 1, 1);
        while day <= calendar.certain_until().unwrap() {
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
        assert_eq!(after, Counted::certain(date(2026, 10, 13)));
        assert_eq!(
            calendar.next_working_day(date(2026, 10, 1)).date,
            date(2026, 10, 8)
        );
    }

    #[test]
    fn days_without_a_notice_go_by_weekends_and_say_so() {
        let calendar = WorkCalendar::china();
        let day = date(2031, 10, 1);
        assert_eq!(calendar.is_working_day(day), Err(OutsideCalendar { day }));
        let counted = calendar.next_working_day(date(2031, 10, 4));
        assert_eq!((counted.date, counted.certain), (date(2031, 10, 6), false));
    }

    /// The notice of 2023 made Saturday 31 December 2022 a holiday; the one of 2027 may move the last
    /// days of 2026.
    #[test]
    fn the_last_days_of_the_last_year_wait_for_the_next_notice() {
        let calendar = WorkCalendar::china();
        assert_eq!(
            calendar.notice(date(2022, 12, 30)),
            Some("国办发明电〔2021〕11号")
        );
        assert_eq!(
            calendar.notice(date(2022, 12, 31)),
            Some("国办发明电〔2022〕16号")
        );
        assert_eq!(calendar.holiday(date(2022, 12, 31)).unwrap().zh, "元旦");
        assert!(calendar.is_working_day(date(2025, 12, 31)).is_ok());
        assert!(calendar.is_working_day(date(2026, 12, 25)).is_ok());
        assert!(calendar.is_working_day(date(2026, 12, 28)).is_err());
        assert!(!calendar.add_working_days(date(2026, 12, 24), 2).certain);

        let next = "[[year]]\nyear = 2027\nnotice = \"n\"\nworked = [\"2026-12-27\"]\n\
            holidays = [{ zh = \"元旦\", en = \"New Year\", from = \"2026-12-31\", to = \"2027-01-02\" }]";
        let longer = calendar.clone().with(read(next).unwrap());
        assert_eq!(longer.is_working_day(date(2026, 12, 31)), Ok(false));
        assert_eq!(longer.is_working_day(date(2026, 12, 27)), Ok(true));
        assert_eq!(longer.is_working_day(date(2026, 12, 28)), Ok(true));
        assert_eq!(longer.certain_until(), Some(date(2027, 12, 25)));
    }

    #[test]
    fn a_wrong_calendar_is_refused_with_its_file_and_date() {
        let year = |holidays: &str, worked: &str| {
            read(&format!(
                "[[year]]\nyear = 2030\nnotice = \"n\"\nholidays = [{holidays}]\nworked = [{worked}]"
            ))
        };
        let holiday = |from: &str, to: &str| {
            format!("{{ zh = \"节\", en = \"day\", from = \"{from}\", to = \"{to}\" }}")
        };
        let wrong = [
            (year("", "\"2030-01-07\""), "2030-01-07"),
            (
                year(&holiday("2030-01-05", "2030-01-06"), "\"2030-01-05\""),
                "2030-01-05",
            ),
            (year(&holiday("2030-05-05", "2030-05-01"), ""), "2030-05-01"),
            (year(&holiday("2029-11-30", "2030-01-01"), ""), "2029-11-30"),
            (year(&holiday("2030-02-30", "2030-03-01"), ""), "2030-02-30"),
        ];
        for (read, day) in wrong {
            let said = read.unwrap_err().to_string();
            assert!(said.contains("own.toml") && said.contains(day), "{said}");
        }
        assert!(
            read("year = 3")
                .unwrap_err()
                .to_string()
                .contains("own.toml")
        );
    }

    proptest! {
        #[test]
        fn adding_and_counting_working_days_agree(start in 0i64..2_600, days in 1u32..60) {
            let calendar = WorkCalendar::china();
            let from = date(2019, 1, 1).saturating_add(jiff::Span::new().days(start));
            let to = calendar.add_working_days(from, days);
            prop_assert_eq!(calendar.working_days_between(from, to.date), days);
            prop_assert!(calendar.working_or_weekday(to.date).0);
            prop_assert!(calendar.before_working_days(to.date, days).date >= from);
        }
    }
}
