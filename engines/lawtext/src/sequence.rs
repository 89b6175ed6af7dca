//! Whether numbers follow one another, and what to say when they do not.

use std::collections::{HashMap, HashSet};

use crate::{
    diagnostic::{Code, Sink},
    number::Number,
    tree::Kind,
};

/// Remembers the numbers of each series: the articles of the law, the items of one 款 …
#[derive(Debug, Default)]
pub(crate) struct Sequences {
    last: HashMap<String, Number>,
    seen: HashSet<(String, Number)>,
}

impl Sequences {
    /// The last number of a series.
    pub(crate) fn last(&self, series: &str) -> Option<&Number> {
        self.last.get(series)
    }

    /// Takes `number` into `series` and reports what is odd. `wider` is the series across the
    /// whole text: chapters may count on from one 编 to the next.
    pub(crate) fn take(
        &mut self,
        series: &str,
        wider: &str,
        number: &Number,
        at: (usize, Kind, &str),
        sink: &mut Sink,
    ) {
        let odd = match self.last.get(series) {
            Some(last) if number.follows(last) => None,
            Some(_) if self.seen.contains(&(series.to_owned(), number.clone())) => {
                Some(Code::Repeated)
            }
            Some(last) if number < last => Some(Code::OutOfOrder),
            Some(_) => Some(Code::Gap),
            None if *number == Number::plain(1) => None,
            None if self
                .last
                .get(wider)
                .is_some_and(|last| number.follows(last)) =>
            {
                None
            }
            None => Some(Code::StartsLate),
        };
        if let Some(code) = odd {
            report(code, self.last.get(series), at, sink);
        }
        self.seen.insert((series.to_owned(), number.clone()));
        // One number out of place must not make the next right one look wrong.
        if self.last.get(series).is_none_or(|last| number > last) {
            self.last.insert(series.to_owned(), number.clone());
        }
        if wider != series {
            self.last.insert(wider.to_owned(), number.clone());
        }
    }
}

fn shown(number: Option<&Number>) -> String {
    let Some(number) = number else {
        return "0".to_owned();
    };
    number
        .branches
        .iter()
        .fold(number.main.to_string(), |text, branch| {
            format!("{text}-{branch}")
        })
}

fn report(
    code: Code,
    last: Option<&Number>,
    (line, kind, printed): (usize, Kind, &str),
    sink: &mut Sink,
) {
    let (before, unit) = (shown(last), kind.zh());
    let (zh, en) = match code {
        Code::Repeated => (
            format!("“{printed}”重复出现。"),
            format!("{printed} appears a second time."),
        ),
        Code::OutOfOrder => (
            format!("“{printed}”的次序不对：前面已经到了{before}。"),
            format!("{printed} is out of order: the number before it is {before}."),
        ),
        Code::StartsLate => (
            format!("这里的{unit}不从一开始，第一个是“{printed}”。"),
            format!("The numbering does not start at one here: the first is {printed}."),
        ),
        _ => (
            format!("“{printed}”之前缺号：前一个是{before}。"),
            format!("Numbers are missing before {printed}: the one before is {before}."),
        ),
    };
    sink.push(line, code, zh, en);
}
