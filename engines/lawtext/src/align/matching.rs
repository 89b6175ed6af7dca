//! Who is paired with whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Scope,
    items::Item,
    order::{IN_ORDER, Order},
    parts::parts,
    score::{Runs, Scores, without},
    sentences::Sentences,
};
use crate::ProvisionId;

/// As likely as this, two items are one wherever they stand.
const STRONG: f32 = 0.4;
/// As likely as this, they are one between neighbours that kept their order.
const WEAK: f32 = 0.17;
/// Such a pair is believed at once, and the others take their order from it.
const SURE: f32 = 0.6;
/// By so much it has to be likelier than any other pair of either.
const MARGIN: f32 = 0.1;
/// What being said in the other counts for, beside being alike as a whole.
const COVERED: f32 = 0.8;
/// What stands alone so near to a pair may be a part of it …
const NEAREST: usize = 1;
/// … when most of the one is in what the other has beyond its partner …
const MOST_OF: f32 = 0.45;
/// … or so much of that in the one, and so much of the one in that.
const OF_REST: f32 = 0.28;
const OF_ALONE: f32 = 0.1;
/// How far neighbours reach.
const NEIGHBOURS: usize = 3;

/// One old item and one new one, by their places among all items.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) confidence: f32,
    /// The words are equal.
    pub(super) equal: bool,
    /// Part of one only: a split or a merger.
    pub(super) part: bool,
}

/// The pairs of one scope.
pub(super) struct Matched {
    pub(super) edges: Vec<Edge>,
}

/// A pair that might be, by places within the scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) likeness: f32,
}

impl Matched {
    pub(super) fn of(old: &[Item<'_>], new: &[Item<'_>], scope: Scope) -> Self {
        let places = |items: &[Item<'_>]| -> Vec<usize> {
            (0..items.len())
                .filter(|&at| items[at].scope == scope)
                .collect()
        };
        let (old_places, new_places) = (places(old), places(new));
        let old: Vec<&Item<'_>> = old_places.iter().map(|&at| &old[at]).collect();
        let new: Vec<&Item<'_>> = new_places.iter().map(|&at| &new[at]).collect();
        let mut pairing = Pairing::new(&old, &new);
        pairing.strong();
        pairing.weak();
        if scope == Scope::Provision {
            pairing.last(&old, &new);
        }
        let mut edges = pairing.edges();
        if scope == Scope::Provision {
            edges.extend(parts(&pairing.sentences, &edges));
            let beside = pairing.beside(&edges);
            edges.extend(beside);
            only_ones_are_whole(&mut edges);
        }
        for edge in &mut edges {
            (edge.old, edge.new) = (old_places[edge.old], new_places[edge.new]);
        }
        Self { edges }
    }
}

/// The pairs decided so far.
struct Pairing {
    scores: Scores,
    sentences: Sentences,
    to_new: Vec<Option<usize>>,
    to_old: Vec<Option<usize>>,
    likeness: Vec<f32>,
    equal: Vec<bool>,
    candidates: Vec<Candidate>,
}

impl Pairing {
    fn new(old: &[&Item<'_>], new: &[&Item<'_>]) -> Self {
        let scores = Scores::of(&words(old), &words(new));
        let mut pairing = Self {
            to_new: vec![None; old.len()],
            to_old: vec![None; new.len()],
            likeness: vec![0.0; old.len()],
            equal: vec![false; old.len()],
            candidates: Vec::new(),
            sentences: Sentences::of(old, new),
            scores,
        };
        for (at, to) in equal(old, new) {
            pairing.equal[at] = true;
            pairing.pair(at, to, 1.0);
        }
        let taken = |side: &[Option<usize>]| side.iter().map(Option::is_some).collect::<Vec<_>>();
        let likely = pairing
            .scores
            .candidates(&taken(&pairing.to_new), &taken(&pairing.to_old));
        pairing.candidates = likely
            .into_iter()
            .map(|(old, new)| Candidate {
                old,
                new,
                likeness: pairing.likeness(old, new),
            })
            .collect();
        pairing
    }

    /// As a whole, or sentence by sentence. What is said in the other is at most twice what is
    /// contained in it, so that most pairs need not be looked at sentence by sentence.
    fn likeness(&self, old: usize, new: usize) -> f32 {
        let (whole, contained) = self.scores.shares(old, new);
        if whole.max(2.0 * COVERED * contained) < WEAK {
            return whole;
        }
        whole.max(COVERED * self.sentences.coverage(old, new))
    }

    fn pair(&mut self, old: usize, new: usize, likeness: f32) {
        self.to_new[old] = Some(new);
        self.to_old[new] = Some(old);
        self.likeness[old] = likeness;
    }

    /// The strongest first, in any order.
    fn strong(&mut self) {
        let mut anchors: Vec<(usize, usize, f32)> = self.decided();
        anchors.extend(self.sure());
        let order = Order::of(anchors, self.to_old.len());
        self.greedy(&order, STRONG, false);
    }

    /// Then the weak ones, between those.
    fn weak(&mut self) {
        let order = Order::of(self.decided(), self.to_old.len());
        self.greedy(&order, WEAK, true);
    }

    fn greedy(&mut self, order: &Order, least: f32, only_inside: bool) {
        let mut ranked: Vec<(f32, Candidate)> = self
            .candidates
            .iter()
            .filter(|candidate| candidate.likeness >= least)
            .map(|&candidate| {
                let bonus = order.bonus(candidate.old, candidate.new);
                let bonus = if self.has_neighbours(candidate) {
                    bonus.max(IN_ORDER)
                } else {
                    bonus
                };
                (candidate.likeness + bonus, candidate)
            })
            .collect();
        ranked.sort_by(|(a, x), (b, y)| b.total_cmp(a).then((x.old, x.new).cmp(&(y.old, y.new))));
        for (_, candidate) in ranked {
            let free = self.to_new[candidate.old].is_none() && self.to_old[candidate.new].is_none();
            if free && (!only_inside || self.is_in_place(order, candidate)) {
                self.pair(candidate.old, candidate.new, candidate.likeness);
            }
        }
    }

    fn is_in_place(&self, order: &Order, candidate: Candidate) -> bool {
        order.holds(candidate.old, candidate.new) || self.has_neighbours(candidate)
    }

    /// A neighbour went to a neighbour: the two moved together with others.
    fn has_neighbours(&self, candidate: Candidate) -> bool {
        (1..=NEIGHBOURS).any(|away| {
            let before = candidate
                .old
                .checked_sub(away)
                .and_then(|at| self.to_new[at]);
            let after = self.to_new.get(candidate.old + away).copied().flatten();
            before.is_some_and(|at| (1..=NEIGHBOURS).contains(&candidate.new.wrapping_sub(at)))
                || after
                    .is_some_and(|at| (1..=NEIGHBOURS).contains(&at.wrapping_sub(candidate.new)))
        })
    }

    fn decided(&self) -> Vec<(usize, usize, f32)> {
        let pair = |(old, new): (usize, &Option<usize>)| Some((old, (*new)?, self.likeness[old]));
        self.to_new.iter().enumerate().filter_map(pair).collect()
    }

    /// Candidates that are the best of both their items by far.
    fn sure(&self) -> Vec<(usize, usize, f32)> {
        let mut best_old: HashMap<usize, [f32; 2]> = HashMap::new();
        let mut best_new: HashMap<usize, [f32; 2]> = HashMap::new();
        let note = |best: &mut [f32; 2], likeness: f32| {
            if likeness > best[0] {
                *best = [likeness, best[0]];
            } else if likeness > best[1] {
                best[1] = likeness;
            }
        };
        for candidate in &self.candidates {
            note(
                best_old.entry(candidate.old).or_default(),
                candidate.likeness,
            );
            note(
                best_new.entry(candidate.new).or_default(),
                candidate.likeness,
            );
        }
        let clear =
            |best: &[f32; 2], likeness: f32| likeness == best[0] && likeness >= best[1] + MARGIN;
        self.candidates
            .iter()
            .filter(|candidate| {
                candidate.likeness >= SURE
                    && clear(&best_old[&candidate.old], candidate.likeness)
                    && clear(&best_new[&candidate.new], candidate.likeness)
            })
            .map(|candidate| (candidate.old, candidate.new, candidate.likeness))
            .collect()
    }

    /// The last articles say from when the law is in force, in few words.
    fn last(&mut self, old: &[&Item<'_>], new: &[&Item<'_>]) {
        let ends =
            |items: &[&Item<'_>]| items.last().is_some_and(|item| item.words.contains("施行"));
        if let (Some(from), Some(to)) = (old.len().checked_sub(1), new.len().checked_sub(1))
            && self.to_new[from].is_none()
            && self.to_old[to].is_none()
            && ends(old)
            && ends(new)
        {
            self.pair(from, to, self.likeness(from, to));
        }
    }

    /// What is still alone belongs to the pair beside it, when it has what that pair lost or won: the
    /// old one was split in place, or merged with its neighbour.
    fn beside(&self, edges: &[Edge]) -> Vec<Edge> {
        let mut news = vec![false; self.to_old.len()];
        let mut olds = vec![false; self.to_new.len()];
        for edge in edges {
            olds[edge.old] = true;
            news[edge.new] = true;
        }
        let near = |a: Option<usize>, b: usize| a.is_some_and(|a| a.abs_diff(b) <= NEAREST);
        let mut best: BTreeMap<(bool, usize), Candidate> = BTreeMap::new();
        for &candidate in &self.candidates {
            let Candidate { old, new, likeness } = candidate;
            let split = !news[new] && near(self.to_new[old], new);
            let merged = !olds[old] && near(self.to_old[new], old);
            let key = if split { (true, new) } else { (false, old) };
            if likeness >= WEAK && (split || merged) && self.has_the_rest(candidate, split) {
                let found = best.entry(key).or_insert(candidate);
                if likeness > found.likeness {
                    *found = candidate;
                }
            }
        }
        best.into_values()
            .map(|candidate| Edge {
                old: candidate.old,
                new: candidate.new,
                confidence: candidate.likeness,
                equal: false,
                part: true,
            })
            .collect()
    }

    /// Whether the one that stands alone has much of what the other has beyond its partner.
    fn has_the_rest(&self, Candidate { old, new, .. }: Candidate, split: bool) -> bool {
        let scores = &self.scores;
        let (paired, partner, alone) = if split {
            let partner = self.to_new[old].map(|new| &scores.new[new]);
            (&scores.old[old], partner, &scores.new[new])
        } else {
            let partner = self.to_old[new].map(|old| &scores.old[old]);
            (&scores.new[new], partner, &scores.old[old])
        };
        let rest = partner.map_or_else(Runs::new, |partner| without(paired, partner));
        let common = scores.common(&rest, alone);
        let (of_rest, of_alone) = (scores.weight(&rest), scores.weight(alone));
        common > 0.0
            && (common >= MOST_OF * of_rest.min(of_alone)
                || (common >= OF_REST * of_rest && common >= OF_ALONE * of_alone))
    }

    fn edges(&self) -> Vec<Edge> {
        let edge = |(old, new, confidence): (usize, usize, f32)| Edge {
            old,
            new,
            confidence,
            equal: self.equal[old],
            part: false,
        };
        self.decided().into_iter().map(edge).collect()
    }
}

/// What has no other partner on either side is no part, however little of it is left.
fn only_ones_are_whole(edges: &mut [Edge]) {
    let mut olds: HashMap<usize, usize> = HashMap::new();
    let mut news: HashMap<usize, usize> = HashMap::new();
    for edge in edges.iter() {
        *olds.entry(edge.old).or_default() += 1;
        *news.entry(edge.new).or_default() += 1;
    }
    for edge in edges {
        edge.part = edge.part && (olds[&edge.old] > 1 || news[&edge.new] > 1);
    }
}

fn words<'i>(items: &[&'i Item<'_>]) -> Vec<&'i str> {
    items.iter().map(|item| item.words.as_str()).collect()
}

/// Items with equal words: those that kept their name, then the others in order.
fn equal(old: &[&Item<'_>], new: &[&Item<'_>]) -> Vec<(usize, usize)> {
    let mut by_words: HashMap<&str, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (at, item) in old.iter().enumerate() {
        by_words.entry(&item.words).or_default().0.push(at);
    }
    for (at, item) in new.iter().enumerate() {
        by_words.entry(&item.words).or_default().1.push(at);
    }
    let mut found = Vec::new();
    for (mut olds, mut news) in by_words.into_values() {
        let named: HashMap<&ProvisionId, usize> =
            news.iter().map(|&at| (&new[at].node.id, at)).collect();
        let kept: Vec<(usize, usize)> = olds
            .iter()
            .filter_map(|&at| Some((at, *named.get(&old[at].node.id)?)))
            .collect();
        let (gone_old, gone_new): (HashSet<_>, HashSet<_>) = kept.iter().copied().unzip();
        olds.retain(|at| !gone_old.contains(at));
        news.retain(|at| !gone_new.contains(at));
        found.extend(kept.into_iter().chain(olds.into_iter().zip(news)));
    }
    found.sort_unstable();
    found
}
