//! Names of things in the visitor's language, and the small values components are drawn from.

use jiff::civil::Date;
use kernel::Timestamp;
use lawtext::Document;
use procedure::Word as _;
use web::{
    Page,
    view::{Choice, Crumb, Step, StepState},
};

use crate::{
    model::{CONSULTATION, OpinionState, State},
    ops::Desk,
};

pub(super) use super::super::look::{
    choices, named, number, outcome, outcome_kind, provision, start_of, steps_of, way,
};

/// A day for people; empty for none.
pub(super) fn day(page: &Page, desk: &Desk, day: Option<Date>) -> String {
    day.map(|day| page.t.date(Timestamp::start_of(day, &desk.zone)))
        .unwrap_or_default()
}

/// The words of an opinion; in their place, that they were erased.
pub(super) fn body(page: &Page, words: String) -> String {
    if words.is_empty() {
        page.t.get("desk-erased")
    } else {
        words
    }
}

/// The articles to choose from, after one more choice for none of them.
pub(super) fn articles(page: &Page, document: &Document, none: &str) -> Vec<Choice> {
    let choice = |value: &str, label: String| Choice {
        value: value.to_owned(),
        label,
        help: String::new(),
    };
    let article = |node: &&lawtext::Node| {
        let name = provision(page, Some(node.id.as_str()));
        choice(
            node.id.as_str(),
            format!("{name}　{}", start_of(&node.plain_text(), 18)),
        )
    };
    let mut choices = vec![choice("", page.t.get(none))];
    choices.extend(document.provisions().iter().map(article));
    choices
}

/// The colour of where an opinion stands.
pub(super) const fn opinion_kind(state: OpinionState) -> &'static str {
    match state {
        OpinionState::Received => "gold",
        OpinionState::Decided | OpinionState::Written => "teal",
        OpinionState::Withdrawn => "",
    }
}

/// The colour of where a consultation stands.
pub(super) const fn consultation_kind(state: State) -> &'static str {
    match state {
        State::Draft => "gold",
        State::Open => "teal",
        State::Studying | State::Reported => "blue",
        State::Withdrawn => "red",
    }
}

/// The places above this page, and this page.
pub(super) fn crumbs(page: &Page, above: &[(String, String)], here: String) -> Vec<Crumb> {
    let desk = Crumb {
        label: page.t.get("desk-title"),
        href: "/desk".to_owned(),
    };
    let above = above.iter().map(|(label, href)| Crumb {
        label: label.clone(),
        href: href.clone(),
    });
    std::iter::once(desk)
        .chain(above)
        .chain([Crumb {
            label: here,
            href: String::new(),
        }])
        .collect()
}

/// Where a consultation stands on its way.
pub(super) fn stepper(page: &Page, state: State) -> Vec<Step> {
    let way = CONSULTATION.way(state);
    let now = way.iter().position(|step| *step == state).unwrap_or(0);
    let stands = |place: usize| match place.cmp(&now) {
        std::cmp::Ordering::Less => StepState::Done,
        std::cmp::Ordering::Equal => StepState::Now,
        std::cmp::Ordering::Greater => StepState::Next,
    };
    let step = |(place, state): (usize, &State)| {
        blank_step(
            named(page, "consultation-state", state.word()),
            stands(place),
        )
    };
    way.iter().enumerate().map(step).collect()
}

fn blank_step(title: String, state: StepState) -> Step {
    let nothing = String::new;
    Step {
        title,
        when: nothing(),
        machine_time: nothing(),
        by: nothing(),
        quote: nothing(),
        due: nothing(),
        href: nothing(),
        state,
    }
}
