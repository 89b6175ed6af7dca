//! The ways through a procedure: what a stepper shows, and how a test gets to a state.

use std::collections::VecDeque;

use crate::{Procedure, Rule, Target, Word};

impl<S: Word, M> Rule<S, M> {
    /// Whether the move may be made in `state`; `None` stands for a matter that is not there yet.
    pub(crate) fn begins(&self, state: Option<S>) -> bool {
        match state {
            Some(state) => self.from.contains(&state),
            None => self.from.is_empty(),
        }
    }

    /// The states to which the move may lead from `state`.
    pub(crate) fn leads(&self, state: Option<S>) -> Vec<S> {
        match self.target {
            Target::To(to) => vec![to],
            Target::OneOf(states) => states.to_vec(),
            Target::Stays => state.into_iter().collect(),
        }
    }
}

impl<S: Word, M: Word> Procedure<S, M> {
    /// The states that a matter in `state` has passed, is in, and has before it: the main way, which
    /// from each state takes the table's first move that leads on; for a state beside it, the shortest
    /// way there.
    #[must_use]
    pub fn way(&self, state: S) -> Vec<S> {
        let mut main: Vec<S> = Vec::new();
        let onward = |way: &[S]| {
            self.onward(way.last().copied())
                .find(|(_, to)| !way.contains(to))
        };
        while let Some((_, to)) = onward(&main) {
            main.push(to);
        }
        if main.contains(&state) {
            return main;
        }
        let beside = self.shortest_way(state);
        beside.into_iter().map(|(_, to)| to).collect()
    }

    /// The moves that lead to `state`, and where each leads; empty when none does.
    pub(crate) fn shortest_way(&self, state: S) -> Vec<(M, S)> {
        let mut reached: Vec<S> = Vec::new();
        let mut queue = VecDeque::from([Vec::new()]);
        while let Some(way) = queue.pop_front() {
            let here = way.last().map(|(_, to): &(M, S)| *to);
            if here == Some(state) {
                return way;
            }
            for (made, to) in self.onward(here) {
                if !reached.contains(&to) {
                    reached.push(to);
                    queue.push_back(way.iter().copied().chain([(made, to)]).collect());
                }
            }
        }
        Vec::new()
    }

    /// The moves out of a state with where each leads, in the table's order.
    fn onward(&self, state: Option<S>) -> impl Iterator<Item = (M, S)> {
        let lines = self.rules.iter().filter(move |rule| rule.begins(state));
        lines.flat_map(move |rule| rule.leads(state).into_iter().map(|to| (rule.on, to)))
    }
}

#[cfg(test)]
mod tests {
    use kernel::Role;

    use super::*;
    use crate::{create, on};

    crate::words! {
        enum Bill { Draft = "draft", Read = "read", Passed = "passed", Lapsed = "lapsed", Lost = "lost" }
    }
    crate::words! {
        enum Step { Begin = "begin", Amend = "amend", Read = "read", Vote = "vote", Lapse = "lapse" }
    }

    const BILL: Procedure<Bill, Step> = Procedure {
        kind: "bill",
        noun: "议案",
        rules: &[
            create(Step::Begin).to(Bill::Draft).by(&[Role::Deputy]),
            on(Step::Amend).from(&[Bill::Draft, Bill::Read]),
            on(Step::Read).from(&[Bill::Draft]).to(Bill::Read),
            on(Step::Vote)
                .from(&[Bill::Read])
                .to_one_of(&[Bill::Passed, Bill::Draft]),
            on(Step::Lapse)
                .from(&[Bill::Draft, Bill::Read])
                .to(Bill::Lapsed),
        ],
    };

    #[test]
    fn the_main_way_leads_on_and_a_side_way_is_short() {
        let main = [Bill::Draft, Bill::Read, Bill::Passed];
        for state in main {
            assert_eq!(BILL.way(state), main);
        }
        assert_eq!(BILL.way(Bill::Lapsed), [Bill::Draft, Bill::Lapsed]);
        let moves: Vec<_> = BILL.shortest_way(Bill::Passed);
        assert_eq!(
            moves,
            [
                (Step::Begin, Bill::Draft),
                (Step::Read, Bill::Read),
                (Step::Vote, Bill::Passed)
            ]
        );
        assert_eq!(BILL.way(Bill::Lost), []);
    }
}
