//! Which pairs kept their order, and what the place of another pair says for it.

/// What standing in order counts for.
pub(super) const IN_ORDER: f32 = 0.15;
/// What standing where one would be expected counts for besides.
const NEAR: f32 = 0.04;
/// What each place out of order takes away.
const AWAY: f32 = 0.01;

/// The pairs that kept their order, and where others would stand among them.
pub(super) struct Order {
    /// Rising on both sides.
    chain: Vec<(usize, usize)>,
    news: usize,
}

impl Order {
    /// From pairs with their weights.
    pub(super) fn of(mut pairs: Vec<(usize, usize, f32)>, news: usize) -> Self {
        // By old ascending, then new descending, so that one old takes one new.
        pairs.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let chain = heaviest_chain(&pairs, news);
        Self {
            chain: chain
                .into_iter()
                .map(|at| (pairs[at].0, pairs[at].1))
                .collect(),
            news,
        }
    }

    pub(super) fn has(&self, old: usize, new: usize) -> bool {
        self.chain.binary_search(&(old, new)).is_ok()
    }

    /// The pairs before and after `old`: the range in which its partner stands in order.
    fn around(&self, old: usize) -> [(f32, f32); 2] {
        let after = self.chain.partition_point(|&(at, _)| at < old);
        let place = |(old, new): (usize, usize)| (old as f32, new as f32);
        let before = after
            .checked_sub(1)
            .map_or((-1.0, -1.0), |at| place(self.chain[at]));
        let next = self.chain[after..].iter().find(|&&(at, _)| at > old);
        let end = (old as f32 + 1.0, self.news as f32);
        [before, next.map_or(end, |&pair| place(pair))]
    }

    /// Whether `new` is in that range.
    pub(super) fn holds(&self, old: usize, new: usize) -> bool {
        let [before, after] = self.around(old);
        before.1 < new as f32 && (new as f32) < after.1
    }

    /// What the place of a pair counts for.
    pub(super) fn bonus(&self, old: usize, new: usize) -> f32 {
        let [before, after] = self.around(old);
        let new = new as f32;
        let away = (before.1 - new).max(new - after.1);
        if away >= 0.0 {
            return (IN_ORDER - AWAY * (away + 1.0)).max(0.0);
        }
        let share = (old as f32 - before.0) / (after.0 - before.0);
        let expected = before.1 + share * (after.1 - before.1);
        IN_ORDER + NEAR * (1.0 - (new - expected).abs() / (after.1 - before.1))
    }
}

/// The heaviest set of pairs that rises on both sides: indexes into `pairs`, which are sorted by old
/// ascending, new descending. A Fenwick tree over the new side keeps the best end.
fn heaviest_chain(pairs: &[(usize, usize, f32)], news: usize) -> Vec<usize> {
    let mut best: Vec<Option<usize>> = vec![None; news + 1];
    let mut total = vec![0.0f32; pairs.len()];
    let mut before = vec![None; pairs.len()];
    for (index, &(_, new, weight)) in pairs.iter().enumerate() {
        let mut slot = new;
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
        total[index] = weight + top.map_or(0.0, |top| total[top]);
        let mut slot = new + 1;
        while slot <= news {
            if best[slot].is_none_or(|end| total[index] > total[end]) {
                best[slot] = Some(index);
            }
            slot += slot & slot.wrapping_neg();
        }
    }
    let last = (0..pairs.len()).max_by(|&a, &b| total[a].total_cmp(&total[b]).then(b.cmp(&a)));
    let mut chain: Vec<usize> = std::iter::successors(last, |&at| before[at]).collect();
    chain.reverse();
    chain
}
