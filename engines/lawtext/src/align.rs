//! Which provision of the new version is which of the old one.
//!
//! Numbers are a hint, words decide: one inserted article renumbers all that follow. Pairs of equal
//! text come first, then pairs of similar text (shared two-character runs); of all possible pairs
//! the heaviest set is kept that does not cross. What is left and very similar has moved.

use std::collections::HashMap;

use serde::Serialize;

use crate::{
    Document, Kind, Node, ProvisionId,
    line::squeezed,
    words::{runs_of, similarity},
};

/// Two versions, side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alignment {
    /// In the order of the new text; what was removed stands where it stood in the old one.
    pub pairs: Vec<Pair>,
}

impl Alignment {
    /// The pairs of provisions ([`Document::provisions`]): the articles, or the points of a text
    /// without articles.
    pub fn provisions(&self) -> impl Iterator<Item = &Pair> {
        self.pairs
            .iter()
            .filter(|pair| pair.scope == Scope::Provision)
    }
}

/// How much of the text a pair is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A provision with everything inside it.
    Provision,
    /// One line outside the provisions: a title, the heading of a chapter, a line of the preamble
    /// or of an appendix. Not what stands under it.
    Line,
}

/// A provision of the old version with its successor. One that was split, or that several were
/// merged into, is in several pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// What `old` and `new` are.
    pub scope: Scope,
    /// In the old version; `None` when it was added.
    pub old: Option<ProvisionId>,
    /// In the new version; `None` when it was removed.
    pub new: Option<ProvisionId>,
    /// What happened to it.
    pub kind: PairKind,
    /// How sure the pair is, from 0 to 1: 1 for equal text, else the share of the words kept.
    pub confidence: f32,
}

/// What happened to a provision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PairKind {
    /// The same words under the same number.
    Unchanged,
    /// The same words under another number.
    Renumbered,
    /// Other words.
    Changed,
    /// Only in the new version.
    Added,
    /// Only in the old version.
    Removed,
    /// Taken out of the order of its neighbours; its words may have changed as well, then the
    /// confidence is below 1.
    Moved,
    /// One of several in the new version that the old one was divided into.
    Split,
    /// One of several in the old version that became the new one.
    Merged,
}

/// Below this share of common words two provisions in order are not taken for one.
const SIMILAR: f32 = 0.4;
/// The same, when they have the same number.
const SIMILAR_SAME_NUMBER: f32 = 0.2;
/// Out of order, more is asked for.
const SIMILAR_MOVED: f32 = 0.6;
/// A run of two characters found in more provisions than this says little.
const COMMON: usize = 48;
/// How many partners are weighed for one provision.
const CANDIDATES: usize = 6;

/// Pairs the provisions of two versions. The same two documents always give the same pairs.
#[must_use]
pub fn align(old: &Document, new: &Document) -> Alignment {
    let (old, new) = (Side::of(old), Side::of(new));
    let candidates = candidates(&old, &new);
    let chain = heaviest_chain(&candidates, new.ids.len());
    let matched = Matched::of(&old, &new, &candidates, &chain);
    Alignment {
        pairs: matched.into_pairs(&old, &new),
    }
}

/// One version, ready to be compared.
struct Side {
    ids: Vec<ProvisionId>,
    words: Vec<String>,
    runs: Vec<Vec<u64>>,
}

impl Side {
    fn of(document: &Document) -> Self {
        let nodes = document.provisions();
        let words: Vec<String> = nodes.iter().map(|node| words(node)).collect();
        let runs = words.iter().map(|words| runs_of(words.chars())).collect();
        Self {
            ids: nodes.iter().map(|node| node.id.clone()).collect(),
            words,
            runs,
        }
    }
}

/// The words without number and space.
fn words(node: &Node) -> String {
    if node.kind != Kind::Point {
        return squeezed(&node.plain_text());
    }
    let inside: String = node.children.iter().map(Node::plain_text).collect();
    squeezed(&format!("{}{inside}", node.text))
}

/// A pair that might be.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    old: usize,
    new: usize,
    similarity: f32,
    exact: bool,
    weight: f32,
}

fn candidates(old: &Side, new: &Side) -> Vec<Candidate> {
    let mut found = exact(old, new);
    let mut old_done = vec![false; old.ids.len()];
    let mut new_done = vec![false; new.ids.len()];
    for candidate in &found {
        old_done[candidate.old] = true;
        new_done[candidate.new] = true;
    }
    let places = Places::of(new, &new_done);
    let by_id: HashMap<&ProvisionId, usize> = new
        .ids
        .iter()
        .enumerate()
        .map(|(at, id)| (id, at))
        .collect();
    let mut shared = vec![0u32; new.ids.len()];
    for at in (0..old.ids.len()).filter(|&at| !old_done[at]) {
        let same_number = by_id.get(&old.ids[at]).copied().filter(|&to| !new_done[to]);
        for to in likely(&old.runs[at], &places, &mut shared)
            .into_iter()
            .chain(same_number)
        {
            found.extend(similar(old, new, at, to));
        }
    }
    // For the chain: by old ascending, then new descending, so that one old takes one new.
    found.sort_by(|a, b| a.old.cmp(&b.old).then(b.new.cmp(&a.new)));
    found.dedup_by_key(|candidate| (candidate.old, candidate.new));
    found
}

/// Equal texts: those that kept their number, then the others in order.
fn exact(old: &Side, new: &Side) -> Vec<Candidate> {
    let mut by_words: HashMap<&str, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (at, words) in old.words.iter().enumerate() {
        by_words.entry(words).or_default().0.push(at);
    }
    for (at, words) in new.words.iter().enumerate() {
        by_words.entry(words).or_default().1.push(at);
    }
    let mut found = Vec::new();
    for (mut olds, mut news) in by_words.into_values() {
        let same: HashMap<&ProvisionId, usize> =
            news.iter().map(|&at| (&new.ids[at], at)).collect();
        let kept: Vec<(usize, usize)> = olds
            .iter()
            .filter_map(|&at| same.get(&old.ids[at]).map(|&to| (at, to)))
            .collect();
        let (gone_old, gone_new): (std::collections::HashSet<_>, std::collections::HashSet<_>) =
            kept.iter().copied().unzip();
        olds.retain(|at| !gone_old.contains(at));
        news.retain(|at| !gone_new.contains(at));
        for (at, to) in kept.into_iter().chain(olds.into_iter().zip(news)) {
            found.push(Candidate {
                old: at,
                new: to,
                similarity: 1.0,
                exact: true,
                weight: 2.0,
            });
        }
    }
    found
}

/// Where each run stands on the new side: one sorted list, looked up by halving: steadier
/// than a hash table, and one allocation.
struct Places {
    runs: Vec<u64>,
    at: Vec<u32>,
}

impl Places {
    fn of(new: &Side, done: &[bool]) -> Self {
        let mut pairs: Vec<(u64, u32)> = Vec::new();
        for (at, runs) in (0u32..)
            .zip(&new.runs)
            .filter(|&(at, _)| !done[at as usize])
        {
            pairs.extend(runs.iter().map(|&run| (run, at)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        Self {
            runs: pairs.iter().map(|pair| pair.0).collect(),
            at: pairs.iter().map(|pair| pair.1).collect(),
        }
    }

    /// The provisions with this run; none when it is too common to say anything.
    fn with(&self, run: u64) -> &[u32] {
        let from = self.runs.partition_point(|&other| other < run);
        let count = self.runs[from..]
            .iter()
            .take(COMMON + 1)
            .take_while(|&&other| other == run)
            .count();
        if count > COMMON {
            &[]
        } else {
            &self.at[from..from + count]
        }
    }
}

/// The provisions that share the most runs with these. `shared` is all zero before and after.
fn likely(runs: &[u64], places: &Places, shared: &mut [u32]) -> Vec<usize> {
    let mut touched = Vec::new();
    for &run in runs {
        for at in places.with(run).iter().map(|&at| at as usize) {
            if shared[at] == 0 {
                touched.push(at);
            }
            shared[at] += 1;
        }
    }
    let mut best: Vec<(u32, usize)> = touched
        .into_iter()
        .map(|at| (std::mem::take(&mut shared[at]), at))
        .collect();
    let order = |a: &(u32, usize), b: &(u32, usize)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
    if best.len() > CANDIDATES {
        best.select_nth_unstable_by(CANDIDATES, order);
        best.truncate(CANDIDATES);
    }
    best.sort_unstable_by(order);
    best.into_iter().map(|(_, at)| at).collect()
}

fn similar(old: &Side, new: &Side, at: usize, to: usize) -> Option<Candidate> {
    let similarity = similarity(&old.runs[at], &new.runs[to]);
    let same_number = old.ids[at] == new.ids[to];
    let least = if same_number {
        SIMILAR_SAME_NUMBER
    } else {
        SIMILAR
    };
    let weight = similarity + if same_number { 0.1 } else { 0.0 };
    (similarity >= least).then_some(Candidate {
        old: at,
        new: to,
        similarity,
        exact: false,
        weight,
    })
}

/// The heaviest set of candidates that rises on both sides: indexes into `candidates`, which are
/// sorted by old ascending, new descending. A Fenwick tree over the new side keeps the best end.
fn heaviest_chain(candidates: &[Candidate], new_count: usize) -> Vec<usize> {
    let mut best: Vec<Option<usize>> = vec![None; new_count + 1];
    let mut total = vec![0.0f32; candidates.len()];
    let mut before = vec![None; candidates.len()];
    for (index, candidate) in candidates.iter().enumerate() {
        let mut slot = candidate.new;
        let mut top: Option<usize> = None;
        while slot > 0 {
            if let Some(end) = best[slot]
                && top.is_none_or(|top| total[end] > total[top])
            {
                top = Some(end);
            }
            slot &= slot - 1;
        }
        before[index] = top;
        total[index] = candidate.weight + top.map_or(0.0, |top| total[top]);
        let mut slot = candidate.new + 1;
        while slot <= new_count {
            if best[slot].is_none_or(|end| total[index] > total[end]) {
                best[slot] = Some(index);
            }
            slot += slot & slot.wrapping_neg();
        }
    }
    let last = (0..candidates.len()).max_by(|&a, &b| total[a].total_cmp(&total[b]).then(b.cmp(&a)));
    let mut chain: Vec<usize> = std::iter::successors(last, |&at| before[at]).collect();
    chain.reverse();
    chain
}

/// What was decided for each provision.
struct Matched {
    /// For each old one: its new one and the pair's kind and confidence.
    to_new: Vec<Option<(usize, PairKind, f32)>>,
    to_old: Vec<Option<usize>>,
}

impl Matched {
    fn of(old: &Side, new: &Side, candidates: &[Candidate], chain: &[usize]) -> Self {
        let mut matched = Self {
            to_new: vec![None; old.ids.len()],
            to_old: vec![None; new.ids.len()],
        };
        for candidate in chain.iter().map(|&at| &candidates[at]) {
            let kind = match (
                candidate.exact,
                old.ids[candidate.old] == new.ids[candidate.new],
            ) {
                (true, true) => PairKind::Unchanged,
                (true, false) => PairKind::Renumbered,
                (false, _) => PairKind::Changed,
            };
            matched.set(candidate, kind);
        }
        let mut rest: Vec<&Candidate> = candidates
            .iter()
            .filter(|candidate| candidate.similarity >= SIMILAR_MOVED)
            .collect();
        rest.sort_by(|a, b| {
            b.similarity
                .total_cmp(&a.similarity)
                .then((a.old, a.new).cmp(&(b.old, b.new)))
        });
        for candidate in rest {
            if matched.to_new[candidate.old].is_none() && matched.to_old[candidate.new].is_none() {
                matched.set(candidate, PairKind::Moved);
            }
        }
        matched
    }

    fn set(&mut self, candidate: &Candidate, kind: PairKind) {
        self.to_new[candidate.old] = Some((candidate.new, kind, candidate.similarity));
        self.to_old[candidate.new] = Some(candidate.old);
    }

    fn into_pairs(self, old: &Side, new: &Side) -> Vec<Pair> {
        // Removed provisions follow the new place of the nearest one before them that kept its order.
        let mut removed: Vec<Vec<usize>> = vec![Vec::new(); new.ids.len() + 1];
        let mut place = 0;
        for (at, decided) in self.to_new.iter().enumerate() {
            match decided {
                Some((to, kind, _)) if *kind != PairKind::Moved => place = to + 1,
                Some(_) => {}
                None => removed[place].push(at),
            }
        }
        let mut pairs = Vec::with_capacity(old.ids.len() + new.ids.len());
        for (slot, gone) in removed.into_iter().enumerate() {
            if let Some(at) = slot.checked_sub(1) {
                pairs.push(self.pair(old, new, at));
            }
            pairs.extend(gone.into_iter().map(|at| Pair {
                scope: Scope::Provision,
                old: Some(old.ids[at].clone()),
                new: None,
                kind: PairKind::Removed,
                confidence: 1.0,
            }));
        }
        pairs
    }

    fn pair(&self, old: &Side, new: &Side, at: usize) -> Pair {
        let from = self.to_old[at].and_then(|from| Some((from, self.to_new[from]?)));
        let added = Pair {
            scope: Scope::Provision,
            old: None,
            new: Some(new.ids[at].clone()),
            kind: PairKind::Added,
            confidence: 1.0,
        };
        from.map_or(added.clone(), |(from, (_, kind, confidence))| Pair {
            old: Some(old.ids[from].clone()),
            kind,
            confidence,
            ..added
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(old: &str, new: &str) -> Vec<(Option<String>, Option<String>, PairKind)> {
        let read = |text| crate::parse(text).document;
        let name = |id: Option<ProvisionId>| id.map(|id| id.to_string());
        align(&read(old), &read(new))
            .pairs
            .into_iter()
            .map(|pair| (name(pair.old), name(pair.new), pair.kind))
            .collect()
    }

    fn pair(old: &str, new: &str, kind: PairKind) -> (Option<String>, Option<String>, PairKind) {
        let name = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        (name(old), name(new), kind)
    }

    #[test]
    fn one_inserted_article_renumbers_the_rest() {
        let old = "第一条 为了保护环境，制定本条例。\n第二条 市政府负责全市的垃圾管理工作。\n第三条 本条例自公布之日起施行。";
        let new = "第一条 为了保护环境，制定本条例。\n第二条 居民应当分类投放厨余和其他垃圾。\n第三条 市政府和区政府负责全市的垃圾管理工作。\n第四条 本条例自公布之日起施行。";
        assert_eq!(
            kinds(old, new),
            [
                pair("art_1", "art_1", PairKind::Unchanged),
                pair("", "art_2", PairKind::Added),
                pair("art_2", "art_3", PairKind::Changed),
                pair("art_3", "art_4", PairKind::Renumbered),
            ]
        );
    }

    #[test]
    fn removed_ones_stay_in_their_old_place() {
        let old = "第一条 甲甲甲乙乙乙。\n第二条 丙丙丙丁丁丁。\n第三条 戊戊戊己己己。";
        let new = "第一条 甲甲甲乙乙乙。\n第二条 戊戊戊己己己。";
        assert_eq!(
            kinds(old, new),
            [
                pair("art_1", "art_1", PairKind::Unchanged),
                pair("art_2", "", PairKind::Removed),
                pair("art_3", "art_2", PairKind::Renumbered),
            ]
        );
    }

    #[test]
    fn what_changed_places_has_moved() {
        let old = "第一条 甲乙丙丁。\n第二条 子丑寅卯。\n第三条 天地玄黄。\n第四条 宇宙洪荒。";
        let new = "第一条 子丑寅卯。\n第二条 天地玄黄。\n第三条 宇宙洪荒。\n第四条 甲乙丙丁。";
        let found = kinds(old, new);
        assert_eq!(found.last(), Some(&pair("art_1", "art_4", PairKind::Moved)));
        assert_eq!(
            found
                .iter()
                .filter(|(.., kind)| *kind == PairKind::Renumbered)
                .count(),
            3
        );
    }

    #[test]
    fn amendments_are_aligned_by_their_points() {
        let text = "# 修正案\n<!-- INFO END -->\n一、将第一条修改为甲。\n二、将第二条修改为乙。";
        assert!(
            kinds(text, text)
                .iter()
                .all(|(.., kind)| *kind == PairKind::Unchanged)
        );
        assert_eq!(kinds(text, text).len(), 2);
    }
}
