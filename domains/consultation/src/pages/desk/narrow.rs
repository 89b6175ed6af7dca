//! What the queue is narrowed to, as it stands in the address, and how much of it there is.

use kernel::{ConsultationId, OpinionId};
use lawtext::ProvisionId;
use procedure::Word as _;
use web::Fields;

use crate::{
    model::{OpinionState, Outcome, Source, Stance},
    store::Filter,
    tally,
};

/// A part of a consultation's queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Narrow {
    /// What is shown.
    pub filter: Filter,
    /// After which opinion this page of the list begins.
    pub after: Option<OpinionId>,
}

impl Narrow {
    /// Reads the query of an address. Without a state, and nothing else that asks for a list of
    /// another state, what waits is shown.
    pub(super) fn read(fields: &Fields) -> Self {
        let state = fields.get("state");
        let outcome = Outcome::parse(fields.get("outcome"));
        let visit = fields.get("visit").parse().ok();
        let waiting = state.is_empty() && outcome.is_none() && visit.is_none();
        let filter = Filter {
            provision: provision(fields.get("provision")),
            state: OpinionState::parse(state).or(waiting.then_some(OpinionState::Received)),
            outcome,
            stance: Stance::parse(fields.get("stance")),
            source: Source::parse(fields.get("source")),
            visit,
            answered: false,
            to_write: state == "to_write",
            hidden: state == "hidden",
            day: None,
        };
        Self {
            filter,
            after: fields.get("after").parse().ok(),
        }
    }

    /// The query that [`Narrow::read`] reads back.
    pub(super) fn query(&self) -> String {
        let filter = &self.filter;
        let state = match filter.state {
            _ if filter.hidden => "hidden",
            _ if filter.to_write => "to_write",
            Some(state) => state.word(),
            None => "all",
        };
        let provision = filter.provision.as_deref().map(|id| {
            if id.is_empty() {
                tally::WHOLE_DRAFT
            } else {
                id
            }
        });
        let pairs = [
            ("state", Some(state.to_owned())),
            ("provision", provision.map(str::to_owned)),
            ("outcome", filter.outcome.map(|word| word.word().to_owned())),
            ("stance", filter.stance.map(|word| word.word().to_owned())),
            ("source", filter.source.map(|word| word.word().to_owned())),
            ("visit", filter.visit.map(|id| id.to_string())),
            ("after", self.after.map(|id| id.to_string())),
        ];
        let pairs = pairs
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The address of this part of the queue, with `opinion` at hand.
    pub(super) fn href(&self, consultation: ConsultationId, opinion: Option<OpinionId>) -> String {
        let opinion = opinion
            .map(|id| format!("&opinion={id}"))
            .unwrap_or_default();
        format!(
            "/desk/consultations/{consultation}/queue?{}{opinion}",
            self.query()
        )
    }

    /// The same from its first page, changed.
    pub(super) fn but(&self, change: impl FnOnce(&mut Filter)) -> Self {
        let mut other = Self {
            filter: self.filter.clone(),
            after: None,
        };
        change(&mut other.filter);
        other
    }
}

fn provision(typed: &str) -> Option<String> {
    match typed {
        tally::WHOLE_DRAFT => Some(String::new()),
        id => id.parse::<ProvisionId>().is_ok().then(|| id.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Tallies;

    fn read(query: &str) -> Narrow {
        Narrow::read(&Fields::parse(query.as_bytes()).unwrap())
    }

    #[test]
    fn an_address_says_what_it_shows_and_nothing_foreign() {
        assert_eq!(read("").filter.state, Some(OpinionState::Received));
        assert_eq!(read("outcome=adopted").filter.state, None);
        for query in [
            "state=all",
            "state=hidden&provision=whole",
            "state=to_write",
            "state=decided&provision=art_3&stance=amend&source=web",
        ] {
            assert_eq!(read(query).query(), query);
        }
        assert_eq!(
            read("state=all&provision=%22%3E&stance=x").query(),
            "state=all"
        );
    }

    #[test]
    fn only_what_a_counter_knows_has_a_number() {
        let rows = [
            ("art_3", "state:received", 2),
            ("art_3", "opinions", 5),
            ("", "hidden", 1),
            ("", "outcome:adopted", 7),
            ("", "state:written", 4),
        ];
        let rows = rows.map(|(place, key, n)| (place.into(), key.into(), n));
        let tallies = Tallies::new(rows.into());
        let count = |query: &str| tallies.count(&read(query).filter);
        assert_eq!(count("state=received&provision=art_3"), Some(2));
        assert_eq!(count("state=all&provision=art_3"), Some(5));
        assert_eq!(count("state=hidden"), Some(1));
        assert_eq!(count("state=to_write"), Some(3));
        assert_eq!(count("state=received&stance=amend"), None);
        assert_eq!(
            count("state=received&outcome=adopted"),
            Some(0),
            "that cannot be"
        );
    }
}
