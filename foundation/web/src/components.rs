//! `/components`: the component vocabulary with every state, in both languages. Its form can be
//! sent, to see how a refused form looks.

use askama::Template;
use axum::{Router, response::Response, routing::get};

use crate::{
    App, FieldErrors, Fields, Form, Page,
    chart::{Bar, BarChart, LineChart, Point},
    view::{Choice, Crumb, Fact, Pair, Step, StepState},
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/components", get(show).post(send))
}

#[derive(Template)]
#[template(path = "vocabulary.html")]
struct Vocabulary<'a> {
    page: &'a Page,
    errors: FieldErrors,
    fields: Fields,
    crumbs: Vec<Crumb>,
    places: Vec<Choice>,
    outcomes: Vec<Choice>,
    facts: Vec<Fact>,
    pairs: Vec<Pair>,
    steps: Vec<Step>,
    line: LineChart,
    bars: BarChart,
}

async fn show(page: Page) -> Response {
    page.show(&vocabulary(&page, Fields::default(), FieldErrors::none()))
}

async fn send(page: Page, form: Form) -> Response {
    let mut errors = FieldErrors::none();
    if let Err(message) = form.nonce(&page) {
        errors.add("", message);
    }
    if form.fields.get("text").trim().is_empty() {
        errors.add("text", "vocab-text-wrong");
    }
    if form.fields.get("outcome").is_empty() {
        errors.add("outcome", "vocab-outcome-wrong");
    }
    if errors.is_empty() {
        return page.redirect_with("/components", "vocab-notice-good");
    }
    page.show_refused(&vocabulary(&page, form.fields, errors))
}

fn vocabulary(page: &Page, fields: Fields, errors: FieldErrors) -> Vocabulary<'_> {
    let say = |key: &str| page.t.get(key);
    let choice = |value: &str, key: &str, help: String| Choice {
        value: value.into(),
        label: say(key),
        help,
    };
    let fact = |figure: &str, key: &str| Fact {
        figure: figure.into(),
        label: say(key),
        href: "#main".into(),
    };
    let pair = |key: &str, value: String| Pair {
        name: say(key),
        value,
        href: String::new(),
    };
    let last = Fact {
        href: String::new(),
        ..fact("4,117", "vocab-fact-units")
    };
    Vocabulary {
        page,
        errors,
        fields,
        crumbs: vec![
            Crumb {
                label: say("site-mark"),
                href: "/".into(),
            },
            Crumb {
                label: say("vocab-title"),
                href: String::new(),
            },
        ],
        places: vec![
            choice("a", "vocab-place-a", String::new()),
            choice("b", "vocab-place-b", String::new()),
        ],
        outcomes: vec![
            choice("adopted", "vocab-adopted", say("vocab-notice-good")),
            choice("not_adopted", "vocab-not-adopted", String::new()),
        ],
        facts: vec![
            fact("24.1万", "vocab-fact-people"),
            fact("38,204", "vocab-fact-opinions"),
            last,
        ],
        pairs: vec![
            pair("vocab-matter", say("vocab-matter-value")),
            pair("vocab-opens", page.t.date(page.now)),
            pair(
                "vocab-closes",
                page.t.datetime(page.now.plus_seconds(30 * 86_400)),
            ),
        ],
        steps: steps(page),
        line: line(page),
        bars: bars(page),
    }
}

fn line(page: &Page) -> LineChart {
    let day = |(n, value): (i64, i64)| Point {
        label: page.t.date(page.now.plus_seconds(n * 86_400)),
        value,
        shown: page.t.number(value),
        href: String::new(),
    };
    LineChart {
        title: page.t.get("vocab-chart"),
        sentence: page.t.get("vocab-chart-sentence"),
        over: page.t.get("vocab-chart-day"),
        of: page.t.get("vocab-count"),
        points: (-6..)
            .zip([402, 1_480, 1_310, 560, 2_410, 2_890, 1_190])
            .map(day)
            .collect(),
    }
}

fn bars(page: &Page) -> BarChart {
    let bar = |key: &str, value: i64, kind| Bar {
        label: page.t.get(key),
        value,
        shown: page.t.number(value),
        href: "#main".into(),
        kind,
    };
    BarChart {
        title: page.t.get("vocab-outcome"),
        bars: vec![
            bar("vocab-adopted", 12_006, "teal"),
            bar("vocab-waiting", 4_117, "gold"),
            bar("vocab-not-adopted", 417, "red"),
        ],
    }
}

fn steps(page: &Page) -> Vec<Step> {
    let step = |key: &str, days: i64, state| {
        let at = page.now.plus_seconds(days * 86_400);
        Step {
            title: page.t.get(key),
            when: page.t.datetime(at),
            machine_time: page.t.machine_time(at),
            by: page.t.get("vocab-by"),
            quote: String::new(),
            due: String::new(),
            href: String::new(),
            state,
        }
    };
    vec![
        Step {
            quote: page.t.get("vocab-quote"),
            ..step("vocab-step-said", -20, StepState::Done)
        },
        Step {
            href: "#main".into(),
            due: page.t.get("vocab-due"),
            ..step("vocab-step-decided", -3, StepState::Now)
        },
        Step {
            by: String::new(),
            ..step("vocab-step-vote", 40, StepState::Next)
        },
    ]
}
