//! What this domain asks of the Rulebook.

use jiff::civil::Date;
use kernel::{Level, Period, Rulebook};

use crate::ops::{Desk, OpError};

/// The least days for which a draft is open for opinions (立法法 40、87), and the article in Chinese
/// and English.
pub(crate) fn minimum_window(
    book: &Rulebook,
    place: &[String],
    level: Level,
    day: Date,
) -> Result<(u32, String, String), OpError> {
    let key = "consultation.minimum_days";
    let missing = || OpError::NoRule(key.to_owned());
    let place: Vec<&str> = place.iter().map(String::as_str).collect();
    let rule = book.get(key, &place, level, day).map_err(|_| missing())?;
    match rule.period() {
        Ok(Period::Days(days)) => Ok((days, rule.basis.zh.clone(), rule.basis.en.clone())),
        _ => Err(missing()),
    }
}

/// How many days after the last day a visit or a letter of the window may still be recorded.
pub(crate) fn days_of_grace(desk: &Desk, closes: Date) -> Result<u32, OpError> {
    let key = "consultation.recording_grace";
    let missing = || OpError::NoRule(key.to_owned());
    let place: Vec<&str> = desk.place.iter().map(String::as_str).collect();
    let rule = desk.rulebook.get(key, &place, desk.level, closes);
    match rule.map_err(|_| missing())?.period() {
        Ok(Period::Days(days)) => Ok(days),
        _ => Err(missing()),
    }
}
