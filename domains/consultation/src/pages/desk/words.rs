//! Names of things in the visitor's language, and the small values components are drawn from.

use jiff::civil::Date;
use kernel::Timestamp;
use lawtext::Document;
use procedure::{Timeline, Word};
use web::{
    Page,
    view::{Choice, Crumb, Step, StepState},
};

use crate::{
    model::{CONSULTATION, OpinionState, Outcome, State, says},
    ops::Desk,
};

pub(super) use super::super::look::{due, named, number, provision, start_of};

/// A day for people; empty for none.
pub(super) fn day(page: &Page, desk: &Desk, day: Option<Date>) -> String {
    day.map(|day| page.t.date(Timestamp::start_of(day, &desk.zone)))
        .unwrap_or_default()
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

/// Every word of a closed list as a choice.
pub(super) fn choices<W: Word>(page: &Page, prefix: &str) -> Vec<Choice> {
    let choice = |word: &W| Choice {
        value: word.word().to_owned(),
        label: named(page, prefix, word.word()),
        help: String::new(),
    };
    W::ALL.iter().map(choice).collect()
}

/// The colour of an outcome.
pub(super) const fn outcome_kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Adopted | Outcome::PartlyAdopted => "teal",
        Outcome::NotAdopted => "red",
        Outcome::AlreadyCovered => "blue",
        Outcome::Referred => "gold",
    }
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

/// What has happened so far, as a chain. `prefix` is that of the moves' names.
pub(super) fn chain(page: &Page, prefix: &str, steps: &Timeline) -> Vec<Step> {
    let last = steps.len().saturating_sub(1);
    let step = |(place, step): (usize, &procedure::Step)| {
        let state = if place == last {
            StepState::Now
        } else {
            StepState::Done
        };
        let mut shown = blank_step(title(page, prefix, step), state);
        shown.when = page.t.datetime(step.at);
        shown.machine_time = page.t.machine_time(step.at);
        shown.by = named(page, "role", &step.role);
        shown.quote = step.reason.clone().unwrap_or_default();
        shown.due = due(page, step);
        shown
    };
    steps.iter().enumerate().map(step).collect()
}

/// A move's name, with the outcome where one was decided.
fn title(page: &Page, prefix: &str, step: &procedure::Step) -> String {
    let name = named(page, prefix, &step.made);
    let decided = step.says::<says::Decide>();
    match decided {
        Some(decided) if matches!(step.made.as_str(), "decide" | "revise") => {
            let outcome = named(page, "outcome", decided.outcome.word());
            page.t.with(
                "opinion-step-outcome",
                &[("step", name.into()), ("outcome", outcome.into())],
            )
        }
        _ => name,
    }
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
