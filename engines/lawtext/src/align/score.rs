//! How alike two items are: the share of their runs of two characters, rare runs weighing more.

use std::collections::HashMap;

use crate::number::is_numeral;

/// A run found in more items than this is not used to look for partners.
const COMMON: usize = 64;
/// How many partners are weighed for one item.
const CANDIDATES: usize = 16;
/// Shorter texts are contained in many others by chance.
const SHORT: usize = 12;
/// What being contained counts for, beside being alike as a whole.
const CONTAINED: f32 = 0.75;

/// The runs of an item: which, and how often, in order.
pub(super) type Runs = Vec<(u32, u32)>;

/// The items of both sides as runs, and what each run weighs.
pub(super) struct Scores {
    pub(super) old: Vec<Runs>,
    pub(super) new: Vec<Runs>,
    /// What each run weighs.
    weights: Vec<f32>,
    /// What each item weighs.
    pub(super) old_weights: Vec<f32>,
    pub(super) new_weights: Vec<f32>,
}

impl Scores {
    pub(super) fn of(old: &[&str], new: &[&str]) -> Self {
        let mut known: HashMap<u64, u32> = HashMap::new();
        let mut runs = |texts: &[&str]| -> Vec<Runs> {
            texts.iter().map(|text| runs_of(text, &mut known)).collect()
        };
        let (old, new) = (runs(old), runs(new));
        let mut found_in = vec![0u32; known.len()];
        for &(run, _) in old.iter().chain(&new).flatten() {
            found_in[run as usize] += 1;
        }
        let items = (old.len() + new.len()) as f32;
        let weights = found_in
            .iter()
            .map(|&n| (1.0 + items / n as f32).ln())
            .collect();
        let mut scores = Self {
            old,
            new,
            weights,
            old_weights: Vec::new(),
            new_weights: Vec::new(),
        };
        scores.old_weights = scores.old.iter().map(|runs| scores.weight(runs)).collect();
        scores.new_weights = scores.new.iter().map(|runs| scores.weight(runs)).collect();
        scores
    }

    pub(super) fn weight(&self, runs: &[(u32, u32)]) -> f32 {
        runs.iter()
            .map(|&(run, count)| self.weights[run as usize] * count as f32)
            .sum()
    }

    pub(super) fn common(&self, a: &[(u32, u32)], b: &[(u32, u32)]) -> f32 {
        let (mut i, mut j, mut common) = (0, 0, 0.0);
        while let (Some(&(x, n)), Some(&(y, m))) = (a.get(i), b.get(j)) {
            if x == y {
                common += self.weights[x as usize] * n.min(m) as f32;
            }
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        common
    }

    /// How alike two items are as a whole, and how much of the smaller is in the greater: both from
    /// 0 to 1.
    pub(super) fn shares(&self, old: usize, new: usize) -> (f32, f32) {
        let (a, b) = (self.old_weights[old], self.new_weights[new]);
        if a == 0.0 || b == 0.0 {
            return (0.0, 0.0);
        }
        let common = self.common(&self.old[old], &self.new[new]);
        (2.0 * common / (a + b), common / a.min(b))
    }

    /// How alike two items are, from 0 to 1: as a whole, or one inside the other.
    pub(super) fn likeness(&self, old: usize, new: usize) -> f32 {
        let (whole, contained) = self.shares(old, new);
        let long = self.old[old].len().min(self.new[new].len()) >= SHORT;
        whole.max(if long { CONTAINED * contained } else { 0.0 })
    }

    /// For each old item the new ones that share the most with it, but for those left out.
    pub(super) fn candidates(&self, skip_old: &[bool], skip_new: &[bool]) -> Vec<(usize, usize)> {
        let places = self.places(skip_new);
        let mut shared = vec![0.0f32; self.new.len()];
        let mut found = Vec::new();
        for (old, runs) in self
            .old
            .iter()
            .enumerate()
            .filter(|&(old, _)| !skip_old[old])
        {
            let likely = self.likely(runs, &places, &mut shared);
            found.extend(likely.into_iter().map(|new| (old, new)));
        }
        found
    }

    /// For each run the new items that have it; none where there are too many to say anything.
    fn places(&self, skip: &[bool]) -> Vec<Vec<u32>> {
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); self.weights.len()];
        for (at, runs) in (0u32..)
            .zip(&self.new)
            .filter(|&(at, _)| !skip[at as usize])
        {
            for &(run, _) in runs {
                let found = &mut places[run as usize];
                if found.len() <= COMMON {
                    found.push(at);
                }
            }
        }
        places
    }

    /// `shared` is all zero before and after.
    fn likely(&self, runs: &Runs, places: &[Vec<u32>], shared: &mut [f32]) -> Vec<usize> {
        let mut touched = Vec::new();
        for &(run, _) in runs {
            let found = &places[run as usize];
            for &at in found.iter().filter(|_| found.len() <= COMMON) {
                if shared[at as usize] == 0.0 {
                    touched.push(at as usize);
                }
                shared[at as usize] += self.weights[run as usize];
            }
        }
        let mut best: Vec<(f32, usize)> = touched
            .into_iter()
            .map(|at| (std::mem::take(&mut shared[at]), at))
            .collect();
        let order = |a: &(f32, usize), b: &(f32, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if best.len() > CANDIDATES {
            best.select_nth_unstable_by(CANDIDATES, order);
            best.truncate(CANDIDATES);
        }
        best.sort_unstable_by(order);
        best.into_iter().map(|(_, at)| at).collect()
    }
}

/// The runs that are left when those of another text are taken away.
pub(super) fn without(runs: &Runs, taken: &Runs) -> Runs {
    let left = |&(run, count): &(u32, u32)| {
        let gone = taken
            .binary_search_by_key(&run, |&(run, _)| run)
            .map_or(0, |at| taken[at].1);
        (count > gone).then(|| (run, count - gone))
    };
    runs.iter().filter_map(left).collect()
}

/// Every two neighbouring characters. The numbers of cited articles are passed over: they change
/// with every renumbering.
fn runs_of(words: &str, known: &mut HashMap<u64, u32>) -> Runs {
    let mut before = None;
    let mut cited = false;
    let mut runs: Vec<u32> = Vec::new();
    for c in words.chars() {
        if cited && is_numeral(c) {
            continue;
        }
        cited = c == '第';
        if let Some(before) = before.replace(c) {
            let next = known.len() as u32;
            let run = u64::from(before) << 32 | u64::from(c);
            runs.push(*known.entry(run).or_insert(next));
        }
    }
    runs.sort_unstable();
    runs.chunk_by(|a, b| a == b)
        .map(|chunk| (chunk[0], chunk.len() as u32))
        .collect()
}
