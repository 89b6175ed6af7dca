//! The small values that components are drawn from.

/// How a step of the chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Done.
    Done,
    /// Where the matter is now.
    Now,
    /// Still to come.
    Next,
}

impl StepState {
    /// The class of the step.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Next => "next",
        }
    }
}

/// One link of the chain: what happened, when, and what was said.
#[derive(Clone, Debug)]
pub struct Step {
    /// What happened, in a few words.
    pub title: String,
    /// When, for people; may be empty.
    pub when: String,
    /// When, for machines; may be empty.
    pub machine_time: String,
    /// By whom or where; may be empty.
    pub by: String,
    /// Words that belong to the step, quoted; may be empty.
    pub quote: String,
    /// The deadline that it set, with its article; may be empty.
    pub due: String,
    /// Where it can be read up; may be empty.
    pub href: String,
    /// How it stands.
    pub state: StepState,
}

/// A figure that opens the list it counts.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The figure as shown, such as `3.8万余`.
    pub figure: String,
    /// What it counts, with its unit.
    pub label: String,
    /// The list it counts; empty when the visitor may not see it.
    pub href: String,
}

/// A place above this one.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// Its name.
    pub label: String,
    /// Where it is; empty for the present place.
    pub href: String,
}

/// One of several answers to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// What it means, in a sentence; may be empty.
    pub help: String,
}

impl Choice {
    /// Whether this is the one chosen.
    #[must_use]
    pub fn is(&self, chosen: impl AsRef<str>) -> bool {
        self.value == chosen.as_ref()
    }
}

/// A name with its value, for summary lists.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Where it can be read up; may be empty.
    pub href: String,
}
