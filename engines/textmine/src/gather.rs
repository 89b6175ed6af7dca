//! Groups of texts that are alike.
//!
//! The straight way is to compare each text with the first of every group. That is the same as what is done
//! here, with almost all comparisons left out that cannot succeed: two texts that share enough pairs share one of
//! the rarest of each (prefix filter: Bayardo, Ma, Srikant 2007; Xiao et al. 2008), so a text is compared only with
//! those whose rarest pairs it has. Nothing is lost by it, which `tests/straight.rs` holds.

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

/// The first texts of the groups so far.
struct Firsts<'a> {
    least: Likeness,
    found: Vec<First<'a>>,
    /// By the rarest pairs of each: which of `found` have it.
    by_pair: Vec<Vec<u32>>,
}

struct First<'a> {
    place: usize,
    text: &'a [u32],
    /// The text that was last compared with it, so that none is compared twice.
    asked_by: usize,
}

impl<'a> Firsts<'a> {
    fn new(least: Likeness, pairs: usize) -> Self {
        Self {
            least,
            found: Vec::new(),
            by_pair: vec![Vec::new(); pairs],
        }
    }

    fn admit(&mut self, place: usize, text: &'a [u32]) -> Member {
        if let Some((likeness, first)) = self.most_alike(place, text) {
            return Member {
                first,
                likeness: Some(likeness),
            };
        }
        let number = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        for pair in self.rarest(text) {
            self.by_pair[*pair as usize].push(number);
        }
        self.found.push(First {
            place,
            text,
            asked_by: place,
        });
        Member {
            first: place,
            likeness: None,
        }
    }

    /// The first texts that have a rare pair of `text` too, compared; the most alike, the earliest of
    /// several.
    fn most_alike(&mut self, place: usize, text: &[u32]) -> Option<(Likeness, usize)> {
        let mut best: Option<(Likeness, Reverse<usize>)> = None;
        for pair in self.rarest(text) {
            for number in &self.by_pair[*pair as usize] {
                let first = &mut self.found[*number as usize];
                if std::mem::replace(&mut first.asked_by, place) == place {
                    continue;
                }
                if let Some(likeness) = alike(self.least, text, first.text) {
                    best = best.max(Some((likeness, Reverse(first.place))));
                }
            }
        }
        best.map(|(likeness, Reverse(first))| (likeness, first))
    }

    /// The rarest pairs of a text: so many that another one that has none of them cannot be alike.
    fn rarest<'t>(&self, text: &'t [u32]) -> &'t [u32] {
        let may_differ = text.len() - self.least.of_at_least(text.len());
        text.get(..=may_differ).unwrap_or(text)
    }
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
