//! The sentences of the provisions, and how much of one provision is said again in another.

use std::ops::Range;

use super::{items::Item, score::Scores};

/// More comparisons of sentences than this are not made for one pair of provisions.
const MOST: usize = 4096;

/// The sentences of both sides.
pub(super) struct Sentences {
    pub(super) scores: Scores,
    pub(super) old: Side,
    pub(super) new: Side,
}

/// Those of one side.
pub(super) struct Side {
    /// The provision of each sentence.
    pub(super) of: Vec<usize>,
    /// What each sentence weighs.
    pub(super) weights: Vec<f32>,
    /// The sentences of each provision.
    pub(super) ranges: Vec<Range<usize>>,
}

impl Sentences {
    pub(super) fn of(old: &[&Item<'_>], new: &[&Item<'_>]) -> Self {
        let scores = Scores::of(&texts(old), &texts(new));
        Self {
            old: Side::of(old, scores.old_weights.clone()),
            new: Side::of(new, scores.new_weights.clone()),
            scores,
        }
    }

    /// How much of either provision is said, sentence by sentence, in the other: the greater share.
    pub(super) fn coverage(&self, old: usize, new: usize) -> f32 {
        let (from, to) = (self.old.ranges[old].clone(), self.new.ranges[new].clone());
        if from.len() * to.len() > MOST {
            return 0.0;
        }
        let (mut best_old, mut best_new) = (vec![0.0f32; from.len()], vec![0.0f32; to.len()]);
        for (i, a) in from.clone().enumerate() {
            for (j, b) in to.clone().enumerate() {
                let alike = self.scores.shares(a, b).0;
                best_old[i] = best_old[i].max(alike);
                best_new[j] = best_new[j].max(alike);
            }
        }
        let share = |best: &[f32], weights: &[f32]| {
            let whole: f32 = weights.iter().sum();
            let found: f32 = best
                .iter()
                .zip(weights)
                .map(|(best, weight)| best * weight)
                .sum();
            if whole > 0.0 { found / whole } else { 0.0 }
        };
        share(&best_old, &self.old.weights[from]).max(share(&best_new, &self.new.weights[to]))
    }
}

impl Side {
    fn of(items: &[&Item<'_>], weights: Vec<f32>) -> Self {
        let (mut of, mut ranges) = (Vec::new(), Vec::new());
        for (at, item) in items.iter().enumerate() {
            let start = of.len();
            of.resize(start + item.sentences.len(), at);
            ranges.push(start..of.len());
        }
        Self {
            of,
            weights,
            ranges,
        }
    }

    /// What all sentences of a provision weigh.
    pub(super) fn whole(&self, provision: usize) -> f32 {
        self.weights[self.ranges[provision].clone()].iter().sum()
    }
}

fn texts<'i>(items: &[&'i Item<'_>]) -> Vec<&'i str> {
    items
        .iter()
        .flat_map(|item| item.sentences.iter().map(String::as_str))
        .collect()
}
