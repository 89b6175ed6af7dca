//! The figures as pictures: how many came each day, and what was said and decided.

use jiff::{Span, civil::Date};
use kernel::ConsultationId;
use web::{
    Page,
    chart::{Bar, BarChart, LineChart, Point},
};

use super::{href, name, value};
use crate::{
    figures::Figure,
    ops::Desk,
    pages::{look, public::opinions},
    store::Filter,
    tally::Tallies,
};

/// Articles that are shown.
const ARTICLES: usize = 10;
/// Days that are shown; before them the line would say nothing more on a phone.
const DAYS: i32 = 400;

/// The opinions of each day, from the first day with one to the last.
pub(super) fn days(page: &Page, desk: &Desk, id: ConsultationId, tallies: &Tallies) -> LineChart {
    let days = tallies.days();
    let point = |day: Date| {
        let value = days.get(&day).copied().unwrap_or(0);
        let filter = Filter {
            day: Some(day),
            ..Filter::default()
        };
        Point {
            label: look::day(page, desk, day),
            value,
            shown: page.t.number(value),
            href: opinions::href(id, &filter),
        }
    };
    let (first, last) = (days.keys().next(), days.keys().next_back());
    let points = first.zip(last).map_or_else(Vec::new, |(first, last)| {
        let earliest = last.saturating_sub(Span::new().days(DAYS - 1));
        let from = earliest.max(*first);
        from.series(Span::new().days(1))
            .take_while(|day| day <= last)
            .map(point)
            .collect()
    });
    let most = points.iter().max_by_key(|point| point.value);
    LineChart {
        title: page.t.get("figures-days"),
        sentence: most.map_or_else(String::new, |most| {
            let args = [
                ("day", most.label.as_str().into()),
                ("n", most.value.into()),
            ];
            page.t.with("figures-days-most", &args)
        }),
        over: page.t.get("figures-day"),
        of: page.t.get("figures-count"),
        points,
    }
}

/// What people wanted, how they came, what was decided, and of which articles they spoke most.
pub(super) fn bars(
    page: &Page,
    id: ConsultationId,
    tallies: &Tallies,
    all: &[Figure],
) -> Vec<BarChart> {
    let chart = |kind: &str, colour: fn(&str) -> &'static str| {
        let begin = format!("{kind}_");
        let some = all.iter().filter(|figure| figure.key.starts_with(&begin));
        let bar = |figure: &Figure| Bar {
            label: name(page, figure),
            value: figure.value,
            shown: value(page, figure),
            href: href(id, figure),
            kind: colour(figure.key.trim_start_matches(&begin)),
        };
        BarChart {
            title: page.t.get(format!("figures-by-{kind}")),
            bars: some.map(bar).collect(),
        }
    };
    let charts = [
        chart("stance", stance),
        chart("outcome", outcome),
        chart("source", |_| ""),
        articles(page, id, tallies),
    ];
    let said = |chart: &BarChart| chart.bars.iter().any(|bar| bar.value > 0);
    charts.into_iter().filter(said).collect()
}

fn articles(page: &Page, id: ConsultationId, tallies: &Tallies) -> BarChart {
    let bar = |(place, n): (&str, i64)| {
        let filter = Filter {
            provision: Some(place.to_owned()),
            ..Filter::default()
        };
        Bar {
            label: look::provision(page, Some(place)),
            value: n,
            shown: page.t.number(n),
            href: opinions::href(id, &filter),
            kind: "",
        }
    };
    BarChart {
        title: page.t.get("figures-by-article"),
        bars: tallies
            .most_spoken_of(ARTICLES)
            .into_iter()
            .map(bar)
            .collect(),
    }
}

fn stance(word: &str) -> &'static str {
    match word {
        "support" => "teal",
        "amend" => "gold",
        "oppose" => "red",
        _ => "",
    }
}

fn outcome(word: &str) -> &'static str {
    match word {
        "adopted" => "teal",
        "partly_adopted" => "gold",
        "not_adopted" => "red",
        "already_covered" => "blue",
        _ => "",
    }
}
