//! Splits and mergers: a sentence of one provision whose like stands in another one than its
//! partner.

use std::collections::{BTreeMap, HashMap};

use super::{matching::Edge, sentences::Sentences};

/// Two sentences less alike than this are not one.
const ALIKE: f32 = 0.42;
/// What standing in a pair of provisions already found counts for.
const PAIRED: f32 = 0.1;
/// By so much it has to be liker than any in another provision.
const MARGIN: f32 = 0.1;
/// So much of the old provision has to be found in the new one …
const OF_OLD: f32 = 0.2;
/// … or so much of the new one in the old one.
const OF_NEW: f32 = 0.25;

/// The further pairs.
pub(super) fn parts(sentences: &Sentences, edges: &[Edge]) -> Vec<Edge> {
    let partner: HashMap<usize, usize> = edges.iter().map(|edge| (edge.old, edge.new)).collect();
    let mut shares: BTreeMap<(usize, usize), (f32, f32)> = BTreeMap::new();
    for (from, to) in mutual(sentences, edges, &partner) {
        let (old, new) = (sentences.old.of[from], sentences.new.of[to]);
        let share = shares.entry((old, new)).or_default();
        share.0 += sentences.old.weights[from] / sentences.old.whole(old);
        share.1 += sentences.new.weights[to] / sentences.new.whole(new);
    }
    shares
        .into_iter()
        .filter(|((from, to), _)| partner.get(from) != Some(to))
        .filter(|(_, (of_old, of_new))| *of_old >= OF_OLD || *of_new >= OF_NEW)
        .map(|((old, new), (of_old, of_new))| Edge {
            old,
            new,
            confidence: of_old.max(of_new).min(1.0),
            equal: false,
            part: true,
        })
        .collect()
}

/// The likest sentence found so far, and how like the likest in any other provision is.
#[derive(Clone, Copy, Default)]
struct Best {
    to: usize,
    provision: usize,
    rank: f32,
    other: f32,
}

impl Best {
    fn note(&mut self, to: usize, provision: usize, rank: f32) {
        if rank > self.rank {
            let other = if provision == self.provision {
                self.other
            } else {
                self.rank
            };
            *self = Self {
                to,
                provision,
                rank,
                other,
            };
        } else if provision != self.provision {
            self.other = self.other.max(rank);
        }
    }
}

/// Sentences that are each other's likest by far: what every law says at every turn finds no pair.
fn mutual(
    sentences: &Sentences,
    edges: &[Edge],
    partner: &HashMap<usize, usize>,
) -> Vec<(usize, usize)> {
    let Sentences { scores, old, new } = sentences;
    let (mut skip_old, mut skip_new) = (vec![false; old.of.len()], vec![false; new.of.len()]);
    for edge in edges.iter().filter(|edge| edge.equal) {
        skip_old[old.ranges[edge.old].clone()].fill(true);
        skip_new[new.ranges[edge.new].clone()].fill(true);
    }
    let mut best_old = vec![Best::default(); old.of.len()];
    let mut best_new = vec![Best::default(); new.of.len()];
    for (a, b) in scores.candidates(&skip_old, &skip_new) {
        let (from, to) = (old.of[a], new.of[b]);
        let paired = partner.get(&from) == Some(&to);
        let rank = scores.likeness(a, b) + if paired { PAIRED } else { 0.0 };
        best_old[a].note(b, to, rank);
        best_new[b].note(a, from, rank);
    }
    let is_clear = |best: &Best| best.rank >= ALIKE && best.rank >= best.other + MARGIN;
    (0..best_old.len())
        .filter(|&a| is_clear(&best_old[a]))
        .map(|a| (a, best_old[a].to))
        .filter(|&(a, b)| best_new[b].to == a && is_clear(&best_new[b]))
        .collect()
}
