//! Groups of texts that are alike.
//!
//! The straight way is to compare each text with the first of every group. That is the same as what is done
//! here, with almost all comparisons left out that cannot succeed: two texts that share enough pairs share some of
//! the rarest of each (prefix filter: Bayardo, Ma, Srikant 2007; with several: Wang, Li, Feng 2012), so a text is compared
//! only with those whose rarest pairs it has. Nothing is lost by it, which `tests/straight.rs` holds.

use std::{cmp::Reverse, collections::HashMap};

use crate::{
    Likeness, fold,
    likeness::{pairs, shared},
};

/// Where a text belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The place of the first text of its group, from 0; its own for the first of a group.
    pub first: usize,
    /// How like the first one it is; `None` for the first itself.
    pub likeness: Option<Likeness>,
}

/// Puts each text into the group of the first of an earlier group to which it is `least` alike or more: of the
/// most alike one, and of several such of the earliest. A text like none begins a group; so does one
/// without a letter, alone for ever.
#[must_use]
pub fn gather<'a>(texts: impl IntoIterator<Item = &'a str>, least: Likeness) -> Vec<Member> {
    let (texts, pairs) = read(texts);
    let mut firsts = Firsts::new(least, pairs);
    texts
        .iter()
        .enumerate()
        .map(|(place, text)| firsts.admit(place, text))
        .collect()
}

/// A text as the numbers of its pairs, sorted; the lower the rarer.
type Text = Vec<u32>;

/// Numbers for pairs, in the order in which they come, and in how many texts each is.
#[derive(Default)]
struct Numbers {
    known: HashMap<(char, char), u32>,
    counts: Vec<u32>,
}

impl Numbers {
    fn number(&mut self, pair: (char, char)) -> u32 {
        let next = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry(pair).or_insert(next);
        match self.counts.get_mut(number as usize) {
            Some(count) => *count += 1,
            None => self.counts.push(1),
        }
        number
    }

    /// The place of each pair in the order from the rarest on.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(self.counts.len()).collect();
        order.sort_by_key(|number| self.counts[*number as usize]);
        let mut ranks = vec![0; order.len()];
        for (rank, number) in (0..).zip(order) {
            ranks[number as usize] = rank;
        }
        ranks
    }
}

/// Reads all texts; with how many pairs there are.
fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> (Vec<Text>, usize) {
    let mut numbers = Numbers::default();
    let mut numbered = |text| {
        let pairs = pairs(&fold(text)).into_iter();
        pairs.map(|pair| numbers.number(pair)).collect::<Text>()
    };
    let mut texts: Vec<Text> = texts.into_iter().map(&mut numbered).collect();
    let ranks = numbers.ranks();
    for text in &mut texts {
        for pair in text.iter_mut() {
            *pair = ranks[*pair as usize];
        }
        text.sort_unstable();
    }
    (texts, ranks.len())
}

/// Rare pairs that a text must share with another before the two are compared. One would do; few texts
/// that are not alike share several, and counting is quicker than comparing.
const ENOUGH: usize = 4;

/// The first texts of the groups so far.
struct Firsts<'a> {
    least: Likeness,
    /// Their places, and themselves.
    found: Vec<(usize, &'a [u32])>,
    /// The number in `found` of those that are the same to the letter.
    same: HashMap<&'a [u32], usize>,
    /// By the rarest pairs of each: which of `found` have it.
    by_pair: Vec<Vec<u32>>,
    /// For each of `found`, how many rare pairs the present text shares with it; zero in between.
    counts: Vec<u8>,
}

impl<'a> Firsts<'a> {
    fn new(least: Likeness, pairs: usize) -> Self {
        Self {
            least,
            found: Vec::new(),
            same: HashMap::new(),
            by_pair: vec![Vec::new(); pairs],
            counts: Vec::new(),
        }
    }

    fn admit(&mut self, place: usize, text: &'a [u32]) -> Member {
        if let Some((likeness, first)) = self.most_alike(text) {
            return Member {
                first,
                likeness: Some(likeness),
            };
        }
        if !text.is_empty() {
            self.remember(place, text);
        }
        Member {
            first: place,
            likeness: None,
        }
    }

    fn remember(&mut self, place: usize, text: &'a [u32]) {
        let number = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        for pair in rarest(self.least, text) {
            self.by_pair[*pair as usize].push(number);
        }
        self.same.insert(text, self.found.len());
        self.found.push((place, text));
        self.counts.push(0);
    }

    /// The most alike of the first texts, the earliest of several.
    fn most_alike(&mut self, text: &[u32]) -> Option<(Likeness, usize)> {
        if let Some(same) = self.same.get(text) {
            return Some((Likeness::SAME, self.found[*same].0));
        }
        let best = self.candidates(text).into_iter().filter_map(|number| {
            let (place, first) = self.found[number as usize];
            Some((alike(self.least, text, first)?, Reverse(place)))
        });
        best.max()
            .map(|(likeness, Reverse(first))| (likeness, first))
    }

    /// Those that share enough of their rarest pairs with `text` that they may be alike.
    fn candidates(&mut self, text: &[u32]) -> Vec<u32> {
        let enough = self.least.of_at_least(text.len()).min(ENOUGH);
        let mut touched = Vec::new();
        for pair in rarest(self.least, text) {
            for number in &self.by_pair[*pair as usize] {
                let count = &mut self.counts[*number as usize];
                if *count == 0 {
                    touched.push(*number);
                }
                *count = count.saturating_add(1);
            }
        }
        touched.retain(|number| {
            let count = std::mem::take(&mut self.counts[*number as usize]);
            usize::from(count) >= enough
        });
        touched
    }
}

/// The rarest pairs of a text: so many that another one which shares fewer than [`ENOUGH`] of its own rarest with
/// them, or fewer than all it must share, cannot be alike.
fn rarest(least: Likeness, text: &[u32]) -> &[u32] {
    let may_differ = text.len() - least.of_at_least(text.len());
    text.get(..may_differ + ENOUGH).unwrap_or(text)
}

/// How like two texts are, if `least` or more.
fn alike(least: Likeness, one: &[u32], other: &[u32]) -> Option<Likeness> {
    let fits = |one: &[u32], other: &[u32]| other.len() >= least.of_at_least(one.len());
    if !fits(one, other) || !fits(other, one) {
        return None;
    }
    let shared = shared(one, other);
    Some(Likeness::of(shared, one.len() + other.len() - shared)).filter(|found| *found >= least)
}
