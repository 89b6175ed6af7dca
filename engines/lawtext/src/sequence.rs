//! Whether numbers follow one another, and what to say when they do not.
//!
//! A series is judged as a whole: the longest run of rising numbers in it is taken to be right, so
//! that one wrong number is reported by itself and does not condemn those after it.

use std::collections::HashSet;

use crate::{
    diagnostic::{Code, Sink},
    number::Number,
    tree::Kind,
};

/// The numbers of the articles of a text, of the chapters of a 编, of the items of one 款 …
#[derive(Debug)]
pub(crate) struct Series {
    /// What its members are.
    pub(crate) kind: Kind,
    /// The number that this series may count on from: chapters may go on from one 编 to the next.
    pub(crate) after: Option<Number>,
    /// In reading order.
    pub(crate) members: Vec<Member>,
}

/// One number of a series.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) number: Number,
    /// Line in the source.
    pub(crate) line: usize,
}

impl Series {
    /// Reports what is odd.
    pub(crate) fn check(&self, sink: &mut Sink) {
        let run = longest_run(&self.members);
        let others = self.others(&run);
        let elsewhere: HashSet<&Number> =
            others.iter().map(|&at| &self.members[at].number).collect();
        let mut last: Option<&Number> = None;
        for member in run.iter().map(|&at| &self.members[at]) {
            match last {
                None => self.check_first(member, sink),
                Some(last) if !member.number.follows(last) => {
                    self.gap(last, member, &elsewhere, sink)
                }
                Some(_) => {}
            }
            last = Some(&member.number);
        }
        self.check_others(&run, &others, sink);
    }

    /// The members outside the run.
    fn others(&self, run: &[usize]) -> Vec<usize> {
        let mut run = run.iter().peekable();
        (0..self.members.len())
            .filter(|at| run.next_if_eq(&at).is_none())
            .collect()
    }

    fn check_first(&self, member: &Member, sink: &mut Sink) {
        let counts_on = |after: &Number| member.number.follows(after);
        if member.number == Number::plain(1) || self.after.as_ref().is_some_and(counts_on) {
            return;
        }
        let (zh, en) = self.name(&member.number);
        sink.push(
            member.line,
            Code::StartsLate,
            format!("这里的{}不从一开始，第一个是{zh}。", self.kind.zh()),
            format!("The numbering does not start at one here: the first is {en}."),
        );
    }

    /// Numbers that stand elsewhere are not missing: they are misplaced.
    fn gap(&self, last: &Number, member: &Member, elsewhere: &HashSet<&Number>, sink: &mut Sink) {
        let (from, to) = missing(last, &member.number);
        if from == to && elsewhere.contains(&from) {
            return;
        }
        let (zh, en) = self.names(&from, &to);
        sink.push(
            member.line,
            Code::Gap,
            format!("缺{zh}。"),
            format!("Missing: {en}."),
        );
    }

    /// Outside the run a number that is in it is repeated, another one is misplaced. Neighbours that
    /// count on from one another are reported together.
    fn check_others(&self, run: &[usize], others: &[usize], sink: &mut Sink) {
        let right: HashSet<&Number> = run.iter().map(|&at| &self.members[at].number).collect();
        let repeated = |at: usize| right.contains(&self.members[at].number);
        let together = |a: &usize, b: &usize| {
            *b == *a + 1
                && repeated(*a) == repeated(*b)
                && self.members[*b].number.follows(&self.members[*a].number)
        };
        for group in others.chunk_by(together) {
            let [first, last] = [group[0], group[group.len() - 1]].map(|at| &self.members[at]);
            let (zh, en) = self.names(&first.number, &last.number);
            let (code, zh, en) = if repeated(group[0]) {
                (
                    Code::Repeated,
                    format!("{zh}重复出现。"),
                    format!("Not the first of its number: {en}."),
                )
            } else {
                (
                    Code::OutOfOrder,
                    format!("{zh}的次序不对。"),
                    format!("Out of order: {en}."),
                )
            };
            sink.push(first.line, code, zh, en);
        }
    }

    /// How one or several members are called in Chinese and in English.
    fn names(&self, from: &Number, to: &Number) -> (String, String) {
        let ((from_zh, from_en), (to_zh, to_en)) = (self.name(from), self.name(to));
        if from == to {
            (from_zh, from_en)
        } else {
            (
                format!("{from_zh}至{to_zh}"),
                format!("{from_en} to {to_en}"),
            )
        }
    }

    /// How a member is called in Chinese and in English.
    fn name(&self, number: &Number) -> (String, String) {
        (
            number.cited(self.kind.zh()),
            format!("{} {}", self.kind.en(), number.figures()),
        )
    }
}

/// The first and the last of the numbers that stand between two.
fn missing(last: &Number, next: &Number) -> (Number, Number) {
    let plain = |main: u32| Number::plain(main);
    match next.branches.split_last() {
        // 第十二条, then 第十二条之三.
        Some((branch, outer)) if next.main == last.main => {
            if *branch == 1 {
                // 第十二条之二之一 without 第十二条之二.
                let outer = Number {
                    main: next.main,
                    branches: outer.to_vec(),
                };
                return (outer.clone(), outer);
            }
            let branch_of = |branch: u32| Number {
                main: next.main,
                branches: [outer, &[branch]].concat(),
            };
            let known = last.branches.get(outer.len()).copied().unwrap_or(0);
            let before = branch.saturating_sub(1);
            (branch_of((known + 1).min(before)), branch_of(before))
        }
        Some(_) => (plain(last.main.saturating_add(1)), plain(next.main)),
        None => (
            plain(last.main.saturating_add(1)),
            plain(next.main.saturating_sub(1)),
        ),
    }
}

/// The longest run of rising numbers (patience sorting): where each of its members stands.
fn longest_run(members: &[Member]) -> Vec<usize> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(members.len());
    for (at, member) in members.iter().enumerate() {
        let length = ends.partition_point(|&end| members[end].number < member.number);
        before.push(length.checked_sub(1).map(|last| ends[last]));
        match ends.get_mut(length) {
            // Of two equal numbers the first one is right.
            Some(end) if members[*end].number != member.number => *end = at,
            Some(_) => {}
            None => ends.push(at),
        }
    }
    let mut run: Vec<usize> =
        std::iter::successors(ends.last().copied(), |&at| before[at]).collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line and message of what is odd in a series of articles, each on its own line.
    fn odd(numbers: &[(u32, &[u32])]) -> Vec<(usize, String)> {
        let member = |(line, &(main, branches)): (usize, &(u32, &[u32]))| Member {
            number: Number {
                main,
                branches: branches.to_vec(),
            },
            line: line + 1,
        };
        let series = Series {
            kind: Kind::Article,
            after: None,
            members: numbers.iter().enumerate().map(member).collect(),
        };
        let mut sink = Sink::default();
        series.check(&mut sink);
        let found = sink.into_sorted(0, |_| None);
        found
            .into_iter()
            .map(|odd| (odd.line, odd.message_zh))
            .collect()
    }

    fn plain(numbers: &[u32]) -> Vec<(usize, String)> {
        let numbers: Vec<(u32, &[u32])> = numbers.iter().map(|&n| (n, &[][..])).collect();
        odd(&numbers)
    }

    fn said(line: usize, words: &str) -> (usize, String) {
        (line, words.to_owned())
    }

    #[test]
    fn one_typo_does_not_condemn_what_follows() {
        assert_eq!(
            plain(&[1, 2, 3, 40, 5, 6, 7]),
            [said(4, "第四十条的次序不对。"), said(5, "缺第四条。")]
        );
        assert_eq!(plain(&[1, 2, 2, 3]), [said(3, "第二条重复出现。")]);
        assert_eq!(
            plain(&[1, 2, 3, 4, 6, 5, 7]),
            [said(5, "第六条的次序不对。")]
        );
        assert_eq!(
            plain(&[8, 9, 10, 1, 2, 3, 4]),
            [said(1, "第八条至第十条的次序不对。")]
        );
        assert_eq!(plain(&[1, 2, 5]), [said(3, "缺第三条至第四条。")]);
        assert_eq!(
            plain(&[3, 4]),
            [said(1, "这里的条不从一开始，第一个是第三条。")]
        );
    }

    #[test]
    fn inserted_articles_have_their_places() {
        assert_eq!(odd(&[(1, &[]), (1, &[1]), (1, &[2]), (2, &[])]), []);
        assert_eq!(
            odd(&[(1, &[]), (1, &[3]), (2, &[])]),
            [said(2, "缺第一条之一至第一条之二。")]
        );
        assert_eq!(
            odd(&[(1, &[]), (3, &[1]), (4, &[])]),
            [said(2, "缺第二条至第三条。")]
        );
    }
}
