//! The form in which staff say what becomes of an opinion, or of several.

use procedure::Word;
use web::{Fields, Page, Problem, view::Choice};

use super::words;
use crate::{
    model::Outcome,
    ops::Desk,
    store::{Consultation, Opinion},
};

/// What is decided, to choose and to type.
pub(super) struct DecisionForm {
    pub outcomes: Vec<OutcomeChoice>,
    pub reason: String,
    /// Provisions of the present version.
    pub lands: Vec<Choice>,
    pub lands_on: String,
    pub referred_to: String,
}

impl DecisionForm {
    /// With what was typed; without it, with the decision of `opinion`.
    pub(super) async fn new(
        page: &Page,
        desk: &Desk,
        consultation: &Consultation,
        opinion: Option<&Opinion>,
        typed: Option<&Fields>,
    ) -> Result<Self, Problem> {
        let present = desk.library.read(&desk.db, consultation.version).await?;
        let value = |name: &str, stored: Option<&str>| match typed {
            Some(fields) => fields.get(name).to_owned(),
            None => stored.unwrap_or_default().to_owned(),
        };
        let decided = |of: fn(&Opinion) -> Option<&str>| opinion.and_then(of);
        let outcome = value("outcome", decided(|it| it.outcome.map(Word::word)));
        Ok(Self {
            outcomes: outcomes(page, &outcome),
            reason: value("reason", decided(|it| it.answer.as_deref())),
            lands: words::articles(page, &present.document, "desk-lands-same"),
            lands_on: value("lands_on", decided(|it| it.lands_on.as_deref())),
            referred_to: value("referred_to", decided(|it| it.referred_to.as_deref())),
        })
    }
}

/// An outcome to choose, with its key.
pub(super) struct OutcomeChoice {
    pub value: &'static str,
    pub label: String,
    pub key: usize,
    pub chosen: bool,
}

fn outcomes(page: &Page, chosen: &str) -> Vec<OutcomeChoice> {
    let choice = |(place, outcome): (usize, &Outcome)| OutcomeChoice {
        value: outcome.word(),
        label: words::named(page, "outcome", outcome.word()),
        key: place + 1,
        chosen: outcome.word() == chosen,
    };
    Outcome::ALL.iter().enumerate().map(choice).collect()
}
