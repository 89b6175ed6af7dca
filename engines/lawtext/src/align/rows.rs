//! The pairs in the order in which they are read.

use super::{
    Pair, PairKind,
    items::Item,
    matching::{Edge, Matched},
    order::Order,
};

/// The rows of the comparison: in the order of the new text, what was removed after what stood
/// before it.
pub(super) fn rows(old: &[Item<'_>], new: &[Item<'_>], matched: &[Matched]) -> Vec<Pair> {
    let mut edges: Vec<Edge> = matched
        .iter()
        .flat_map(|matched| matched.edges.clone())
        .collect();
    edges.sort_by_key(|edge| (edge.new, edge.old));
    let whole = edges.iter().filter(|edge| !edge.part);
    let order = Order::of(
        whole
            .map(|edge| (edge.old, edge.new, edge.confidence))
            .collect(),
        new.len(),
    );
    let count = Count::of(&edges, old.len(), new.len());
    let removed = removed(&edges, &order, old.len(), new.len());
    let gone = |&at: &usize| Pair {
        scope: old[at].scope,
        old: Some(old[at].node.id.clone()),
        new: None,
        kind: PairKind::Removed,
        confidence: 1.0,
        part: false,
    };
    let mut rows: Vec<Pair> = removed[0].iter().map(gone).collect();
    let mut edges = edges.iter().peekable();
    for (at, item) in new.iter().enumerate() {
        let before = rows.len();
        while let Some(edge) = edges.next_if(|edge| edge.new == at) {
            rows.push(Pair {
                scope: item.scope,
                old: Some(old[edge.old].node.id.clone()),
                new: Some(item.node.id.clone()),
                kind: count.kind(edge, &order, old[edge.old].is_named_like(item)),
                confidence: edge.confidence,
                part: edge.part,
            });
        }
        if rows.len() == before {
            rows.push(Pair {
                scope: item.scope,
                old: None,
                new: Some(item.node.id.clone()),
                kind: PairKind::Added,
                confidence: 1.0,
                part: false,
            });
        }
        rows.extend(removed[at + 1].iter().map(gone));
    }
    rows
}

/// How many partners each item has.
struct Count {
    of_old: Vec<u32>,
    of_new: Vec<u32>,
}

impl Count {
    fn of(edges: &[Edge], olds: usize, news: usize) -> Self {
        let (mut of_old, mut of_new) = (vec![0; olds], vec![0; news]);
        for edge in edges {
            of_old[edge.old] += 1;
            of_new[edge.new] += 1;
        }
        Self { of_old, of_new }
    }

    fn kind(&self, edge: &Edge, order: &Order, same_name: bool) -> PairKind {
        if self.of_new[edge.new] > 1 {
            PairKind::Merged
        } else if self.of_old[edge.old] > 1 {
            PairKind::Split
        } else if !order.has(edge.old, edge.new) {
            PairKind::Moved
        } else if !edge.equal {
            PairKind::Changed
        } else if same_name {
            PairKind::Unchanged
        } else {
            PairKind::Renumbered
        }
    }
}

/// For each place in the new text, from its beginning on, what was removed there.
fn removed(edges: &[Edge], order: &Order, olds: usize, news: usize) -> Vec<Vec<usize>> {
    let mut place_of: Vec<Option<usize>> = vec![None; olds];
    let mut paired = vec![false; olds];
    for edge in edges {
        paired[edge.old] = true;
        if order.has(edge.old, edge.new) {
            place_of[edge.old] = Some(edge.new + 1);
        }
    }
    let mut found = vec![Vec::new(); news + 1];
    let mut place = 0;
    for old in 0..olds {
        place = place_of[old].unwrap_or(place);
        if !paired[old] {
            found[place].push(old);
        }
    }
    found
}
