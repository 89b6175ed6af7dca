//! Procedures drawn: the diagram of the book, and the matrix of who may do what.

use std::fmt::Write as _;

use kernel::Role;

use crate::{ClockMoves, Number, Procedure, Rule, Word};

/// What the app can say of any procedure without knowing its words.
pub trait Diagram: Sync {
    /// The kind of matter.
    fn kind(&self) -> &'static str;

    /// The number of a matter of this kind, as documents write it.
    fn written(&self, number: Number) -> String;

    /// The table, line by line.
    fn lines(&self) -> Vec<Line>;

    /// A Mermaid state diagram; `label` translates `kind-state-word` and `kind-move-word`.
    fn mermaid(&self, label: &dyn Fn(&str) -> String) -> String;
}

/// One line of a procedure in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The move.
    pub made: &'static str,
    /// The states it is made in; none for the move that opens the matter.
    pub from: Vec<&'static str>,
    /// The states it leads to; none when the state stays.
    pub to: Vec<&'static str>,
    /// Who may make it.
    pub by: &'static [Role],
    /// Whether it must say why.
    pub because: bool,
    /// What it does to clocks.
    pub clocks: ClockMoves,
}

fn line<S: Word, M: Word>(rule: &Rule<S, M>) -> Line {
    let words = |states: &[S]| states.iter().map(|state| state.word()).collect();
    Line {
        made: rule.on.word(),
        from: words(rule.from),
        to: words(&rule.leads(None)),
        by: rule.by,
        because: rule.because,
        clocks: rule.clocks,
    }
}

impl<S: Word, M: Word> Diagram for Procedure<S, M> {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn written(&self, number: Number) -> String {
        number.written(self.noun)
    }

    fn lines(&self) -> Vec<Line> {
        self.rules.iter().map(line).collect()
    }

    fn mermaid(&self, label: &dyn Fn(&str) -> String) -> String {
        let mut out = String::from("stateDiagram-v2\n");
        for state in S::ALL {
            let name = label(&format!("{}-state-{}", self.kind, state.word()));
            let _ = writeln!(out, "    {}: {name}", state.word());
        }
        for rule in self.rules {
            let name = label(&format!("{}-move-{}", self.kind, rule.on.word()));
            for (from, to) in arrows(rule) {
                let _ = writeln!(out, "    {from} --> {to}: {name}");
            }
        }
        out
    }
}

/// Every arrow of a line: from where (`[*]` for nowhere yet) and to where.
fn arrows<S: Word, M>(rule: &Rule<S, M>) -> Vec<(&'static str, &'static str)> {
    let from: Vec<Option<S>> = match rule.from {
        [] => vec![None],
        states => states.iter().copied().map(Some).collect(),
    };
    let arrows = |from: &Option<S>| {
        let name = from.map_or("[*]", Word::word);
        let leads = rule.leads(*from).into_iter();
        leads.map(|to| (name, to.word())).collect::<Vec<_>>()
    };
    from.iter().flat_map(arrows).collect()
}

/// The golden matrix: for each state and move the roles that may make it. A change in who may do
/// what shows as a changed line.
#[must_use]
pub fn matrix<S: Word, M: Word>(procedure: &Procedure<S, M>) -> String {
    let mut out = String::new();
    let states = std::iter::once(None).chain(S::ALL.iter().copied().map(Some));
    for state in states {
        for tried in M::ALL {
            let Some(rule) = procedure.rule(state, *tried) else {
                continue;
            };
            let roles: Vec<_> = Role::ALL
                .iter()
                .filter(|role| rule.by.contains(role))
                .map(|r| r.as_str())
                .collect();
            let state = state.map_or("(new)", Word::word);
            let why = if rule.because { " because" } else { "" };
            let _ = writeln!(
                out,
                "{state:<12} {:<16} {}{why}",
                tried.word(),
                roles.join(" ")
            );
        }
    }
    out
}
