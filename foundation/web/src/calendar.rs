//! Days for calendars (iCalendar, RFC 5545): whoever subscribes finds them among their own.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use jiff::{ToSpan as _, civil::Date};
use kernel::Timestamp;

use crate::Page;

/// Octets of a line at most; longer ones go on in the next, after a blank.
const LINE: usize = 75;

/// A calendar of whole days.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// What it is called.
    pub name: String,
    /// Its days.
    pub days: Vec<Day>,
}

/// Something that is on a day.
#[derive(Debug, Clone)]
pub struct Day {
    /// A name that nothing else of this site has, and that stays when the day is moved.
    pub uid: String,
    /// The day.
    pub on: Date,
    /// When it was said so.
    pub said: Timestamp,
    /// In a line.
    pub summary: String,
    /// In a few sentences.
    pub description: String,
    /// The path of the page about it.
    pub href: String,
}

impl Calendar {
    /// The calendar as an answer.
    #[must_use]
    pub fn answer(&self, page: &Page) -> Response {
        let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
        let text = self.written(&page.site.base_url);
        ([(header::CONTENT_TYPE, kind)], text).into_response()
    }

    /// In the form of RFC 5545, with addresses below `origin`.
    fn written(&self, origin: &str) -> String {
        let mut out = String::new();
        line(&mut out, "BEGIN:VCALENDAR");
        line(&mut out, "VERSION:2.0");
        line(&mut out, "PRODID:-//Quancheng//Calendar//ZH");
        line(&mut out, &format!("X-WR-CALNAME:{}", text(&self.name)));
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        for day in &self.days {
            let end = day.on.saturating_add(1.day());
            line(&mut out, "BEGIN:VEVENT");
            line(&mut out, &format!("UID:{}@{}", text(&day.uid), text(host)));
            line(&mut out, &format!("DTSTAMP:{}", utc(day.said)));
            line(
                &mut out,
                &format!("DTSTART;VALUE=DATE:{}", day.on.strftime("%Y%m%d")),
            );
            line(
                &mut out,
                &format!("DTEND;VALUE=DATE:{}", end.strftime("%Y%m%d")),
            );
            line(&mut out, &format!("SUMMARY:{}", text(&day.summary)));
            line(&mut out, &format!("DESCRIPTION:{}", text(&day.description)));
            line(&mut out, &format!("URL:{origin}{}", day.href));
            line(&mut out, "TRANSP:TRANSPARENT");
            line(&mut out, "END:VEVENT");
        }
        line(&mut out, "END:VCALENDAR");
        out
    }
}

/// An instant to the second, as `20260701T010000Z`.
fn utc(at: Timestamp) -> String {
    let iso = at.rfc3339();
    let seconds = iso.split('.').next().unwrap_or_default();
    seconds.replace(['-', ':'], "") + "Z"
}

/// Text as a value: what has a meaning in the form is told apart.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Adds a line, folded between characters.
fn line(out: &mut String, content: &str) {
    let mut length = 0;
    for c in content.chars() {
        if length + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_written_as_calendars_read_it() {
        let calendar = Calendar {
            name: "征求意见".into(),
            days: vec![Day {
                uid: "0197-closes".into(),
                on: date(2026, 12, 31),
                said: Timestamp::from_micros(1_782_867_600_000_000),
                summary: "截止；灯，还有\\三件\n事".into(),
                description: "长".repeat(60),
                href: "/consultations/0197".into(),
            }],
        };
        let written = calendar.written("https://qiming.example");
        for expected in [
            "UID:0197-closes@qiming.example\r\n",
            "DTSTAMP:20260701T010000Z\r\n",
            "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n",
            "SUMMARY:截止；灯，还有\\\\三件\\n事\r\n",
            "URL:https://qiming.example/consultations/0197\r\n",
        ] {
            assert!(written.contains(expected), "{expected} is not in {written}");
        }
        assert!(
            written.split("\r\n").all(|line| line.len() <= LINE),
            "{written}"
        );
        let unfolded = written.replace("\r\n ", "");
        assert!(unfolded.contains(&"长".repeat(60)), "{unfolded}");
    }
}
