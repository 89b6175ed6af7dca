//! Names of things in the visitor's language, and the small values that public pages are drawn from.

use jiff::civil::Date;
use kernel::Timestamp;
use lawtext::{Change, Node, PairKind, ProvisionId};
use procedure::{Number, Timeline, Word as _};
use web::{
    Lang, Page,
    view::{Choice, Crumb, Step, StepState},
};

use crate::{
    model::{OpinionState, Outcome, State, says},
    ops::Desk,
    store::{Consultation, Opinion},
};

/// The name of a word of a closed list, such as `outcome-partly-adopted`.
pub(super) fn named(page: &Page, prefix: &str, word: &str) -> String {
    page.t.get(format!("{prefix}-{}", word.replace('_', "-")))
}

/// The name of a provision; of the whole draft for `None`.
pub(super) fn provision(page: &Page, id: Option<&str>) -> String {
    let id = id
        .filter(|id| !id.is_empty())
        .and_then(|id| id.parse::<ProvisionId>().ok());
    match id {
        Some(id) if page.lang == Lang::En => id.label_en(),
        Some(id) => id.label(),
        None => page.t.get("consultation-whole-draft"),
    }
}

/// A day for people.
pub(super) fn day(page: &Page, desk: &Desk, day: Date) -> String {
    page.t.date(Timestamp::start_of(day, &desk.zone))
}

/// The first characters of `text`, on one line.
pub(super) fn start_of(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut start: String = line.chars().take(most).collect();
    if start.len() < line.len() {
        start.push('…');
    }
    start
}

/// One choice.
pub(super) fn choice(value: impl Into<String>, label: String) -> Choice {
    Choice {
        value: value.into(),
        label,
        help: String::new(),
    }
}

/// Every word of a closed list as a choice.
pub(super) fn choices<W: procedure::Word>(page: &Page, prefix: &str) -> Vec<Choice> {
    W::ALL
        .iter()
        .map(|word| choice(word.word(), named(page, prefix, word.word())))
        .collect()
}

/// The articles to choose from, after the whole draft.
pub(super) fn provisions(page: &Page, document: &lawtext::Document) -> Vec<Choice> {
    let article = |node: &&Node| {
        let name = provision(page, Some(node.id.as_str()));
        choice(
            node.id.as_str(),
            format!("{name}　{}", start_of(&node.plain_text(), 18)),
        )
    };
    let mut all = vec![choice("", page.t.get("consultation-whole-draft"))];
    all.extend(document.provisions().iter().map(article));
    all
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

/// What was decided, with the body to which it was referred.
pub(super) fn outcome(page: &Page, outcome: Outcome, referred_to: Option<&str>) -> String {
    match referred_to {
        Some(body) => page.t.one("outcome-referred-to", "body", body),
        None => named(page, "outcome", outcome.word()),
    }
}

/// The way from the home page to here.
pub(super) fn crumbs(page: &Page, consultation: &Consultation, here: String) -> Vec<Crumb> {
    vec![
        Crumb {
            label: page.t.get("consultations-title"),
            href: "/consultations".to_owned(),
        },
        Crumb {
            label: consultation.title.clone(),
            href: format!("/consultations/{}", consultation.id),
        },
        Crumb {
            label: here,
            href: String::new(),
        },
    ]
}

/// Where a consultation stands and how long it goes on: 征求中 · 还有 12 天.
pub(super) fn standing(page: &Page, desk: &Desk, consultation: &Consultation) -> String {
    let state = named(page, "consultation-state", consultation.state.word());
    let left = consultation
        .closes
        .map(|closes| (closes - desk.today()).get_days());
    match (consultation.state, left) {
        (State::Open, Some(0)) => format!("{state} · {}", page.t.get("consultation-last-day")),
        (State::Open, Some(days)) if days > 0 => {
            format!(
                "{state} · {}",
                page.t.one("consultation-days-left", "n", days)
            )
        }
        _ => state,
    }
}

/// Whether opinions are taken today.
pub(super) fn takes_opinions(desk: &Desk, consultation: &Consultation) -> bool {
    let today = desk.today();
    consultation.state == State::Open
        && consultation.opens.is_some_and(|opens| opens <= today)
        && consultation.closes.is_some_and(|closes| today <= closes)
}

/// An opinion as public lists show it: hidden ones show only why.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub id: String,
    pub body: String,
    pub hidden: bool,
    pub place: String,
    pub stance: String,
    pub when: String,
    pub source: String,
    pub state: String,
    pub kind: &'static str,
    pub answer: String,
}

/// An opinion as everybody may see it.
pub(super) fn voice(page: &Page, opinion: &Opinion) -> Voice {
    let words = opinion.public_words();
    let answered = opinion
        .outcome
        .filter(|_| opinion.state != OpinionState::Received);
    let (state, kind) = match answered {
        Some(decided) => (
            outcome(page, decided, opinion.referred_to.as_deref()),
            outcome_kind(decided),
        ),
        None => (named(page, "opinion-state", opinion.state.word()), "gold"),
    };
    Voice {
        id: opinion.id.to_string(),
        body: match (words, &opinion.hidden) {
            (Some(words), _) => words.to_owned(),
            (None, Some(reason)) => reason.clone(),
            (None, None) => state.clone(),
        },
        hidden: words.is_none(),
        place: provision(page, opinion.provision.as_deref()),
        stance: named(page, "stance", opinion.stance.word()),
        when: page.t.date(opinion.received_at),
        source: named(page, "source", opinion.source.word()),
        state,
        kind,
        answer: answered.and(opinion.answer.clone()).unwrap_or_default(),
    }
}

/// The steps of an opinion. What the moves said is left out; reasons stand as they were given.
pub(super) fn chain(page: &Page, opinion: &Opinion, steps: &Timeline) -> Vec<Step> {
    let mut chain = steps_of(page, steps);
    if opinion.state == OpinionState::Received {
        chain.push(to_come(page.t.get("opinion-next-decide")));
    }
    if opinion.state == OpinionState::Decided
        && opinion.outcome.is_some_and(Outcome::changes_the_draft)
    {
        chain.push(to_come(page.t.get("opinion-next-write")));
    }
    chain
}

/// The steps of an opinion so far.
pub(super) fn steps_of(page: &Page, steps: &Timeline) -> Vec<Step> {
    gone(page, steps, |step| step_title(page, step))
}

/// The way of a consultation, with the reasons that were given.
pub(super) fn way(page: &Page, steps: &Timeline) -> Vec<Step> {
    gone(page, steps, |step| {
        named(page, "consultation-move", &step.made)
    })
}

/// The steps gone so far; the last is where the matter stands.
fn gone(page: &Page, steps: &Timeline, title: impl Fn(&procedure::Step) -> String) -> Vec<Step> {
    let last = steps.len().saturating_sub(1);
    let step = |(place, step): (usize, &procedure::Step)| Step {
        title: title(step),
        when: page.t.datetime(step.at),
        machine_time: page.t.machine_time(step.at),
        by: named(page, "role", &step.role),
        quote: step.reason.clone().unwrap_or_default(),
        due: due(page, step),
        href: String::new(),
        state: if place == last {
            StepState::Now
        } else {
            StepState::Done
        },
    };
    steps.iter().enumerate().map(step).collect()
}

fn to_come(title: String) -> Step {
    let nothing = String::new;
    Step {
        title,
        when: nothing(),
        machine_time: nothing(),
        by: nothing(),
        quote: nothing(),
        due: nothing(),
        href: nothing(),
        state: StepState::Next,
    }
}

fn step_title(page: &Page, step: &procedure::Step) -> String {
    let name = named(page, "opinion-move", &step.made);
    if let Some(decided) = step.says::<says::Decide>() {
        let outcome = outcome(page, decided.outcome, decided.referred_to.as_deref());
        let args = [("step", name.into()), ("outcome", outcome.into())];
        return page.t.with("opinion-step-outcome", &args);
    }
    let written = step.says::<says::Write>().and_then(|said| said.provision);
    match written {
        Some(place) => {
            let place = provision(page, Some(&place));
            page.t.one("opinion-step-written", "place", place)
        }
        None => name,
    }
}

/// The last day of the clock that a step started, with its article; empty for most.
pub(super) fn due(page: &Page, step: &procedure::Step) -> String {
    let record = step.record.as_ref();
    let clock = record.and_then(|record| record.due.as_ref().zip(record.basis.as_ref()));
    let Some((day, basis)) = clock.and_then(|(day, basis)| Some((day.parse().ok()?, basis))) else {
        return String::new();
    };
    let args = [("day", page.t.day(day).into()), ("basis", basis.into())];
    page.t.with("step-due", &args)
}

/// The number of a matter of the kind `kind`, as people quote it.
pub(super) fn number(page: &Page, kind: &str, number: Number) -> String {
    let args = [
        ("year", number.year.to_string().as_str().into()),
        ("n", number.n.to_string().as_str().into()),
    ];
    page.t.with(format!("{kind}-number"), &args)
}

/// A run of characters in a marked text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// `same`, `del` or `ins`.
    pub kind: &'static str,
    pub text: String,
}

/// Lines of marked runs.
pub(super) type Marked = Vec<Vec<Run>>;

/// The word of a kind of change, in addresses and translation keys.
pub(super) const fn pair(kind: PairKind) -> &'static str {
    match kind {
        PairKind::Unchanged => "unchanged",
        PairKind::Renumbered => "renumbered",
        PairKind::Changed => "changed",
        PairKind::Added => "added",
        PairKind::Removed => "removed",
        PairKind::Moved => "moved",
        PairKind::Split => "split",
        PairKind::Merged => "merged",
    }
}

/// Marked changes line by line: the deletions, the insertions, or both.
pub(super) fn marked(changes: &[Change], deletions: bool, insertions: bool) -> Marked {
    let mut lines = vec![Vec::new()];
    for change in changes {
        match change {
            Change::Same { text } => add(&mut lines, "same", text),
            Change::Edited {
                deleted, inserted, ..
            } => {
                if deletions {
                    add(&mut lines, "del", deleted);
                }
                if insertions {
                    add(&mut lines, "ins", inserted);
                }
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

fn add(lines: &mut Marked, kind: &'static str, text: &str) {
    for (i, piece) in text.split('\n').enumerate() {
        if i > 0 {
            lines.push(Vec::new());
        }
        if let Some(line) = lines.last_mut().filter(|_| !piece.is_empty()) {
            line.push(Run {
                kind,
                text: piece.to_owned(),
            });
        }
    }
}

/// A percent-encoded query value.
pub(super) fn escape(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_text_keeps_its_lines_and_its_words() {
        let changes = lawtext::mark("甲乙\n丙", "甲丁\n丙");
        let lines = marked(&changes, true, true);
        assert_eq!(lines.len(), 2);
        let old_only = marked(&changes, true, false);
        let text: Vec<String> = old_only
            .iter()
            .map(|line| line.iter().map(|run| run.text.as_str()).collect())
            .collect();
        assert_eq!(text, ["甲乙", "丙"]);
    }

    #[test]
    fn query_values_are_escaped() {
        assert_eq!(escape("a b&c=条"), "a%20b%26c%3D%E6%9D%A1");
    }
}
