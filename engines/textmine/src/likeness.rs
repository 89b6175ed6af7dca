//! How like two texts are.

use crate::fold;

/// How like two texts are, in thousandths: of all pairs of neighbouring characters that stand in either
/// text, the share that stand in both (Jaccard). 1000 for texts that differ at most in marks and blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Likeness(u16);

impl Likeness {
    /// The same letters in the same order.
    pub const SAME: Self = Self(1000);

    /// `per_mille` thousandths; `None` for zero and for more than 1000.
    #[must_use]
    pub const fn new(per_mille: u16) -> Option<Self> {
        match per_mille {
            1..=1000 => Some(Self(per_mille)),
            _ => None,
        }
    }

    /// In thousandths.
    #[must_use]
    pub const fn per_mille(self) -> u16 {
        self.0
    }

    /// That of texts with `shared` pairs in common and `all` in either, rounded down.
    pub(crate) fn of(shared: usize, all: usize) -> Self {
        let share = (shared * 1000).checked_div(all).unwrap_or(0);
        Self(u16::try_from(share).unwrap_or(1000))
    }

    /// The least number of `pairs` that a text as like as this, or more, has in common with theirs.
    pub(crate) fn of_at_least(self, pairs: usize) -> usize {
        (pairs * usize::from(self.0)).div_ceil(1000)
    }
}

/// The pairs of neighbouring characters of a text, each once, in order. A single character is a pair
/// with nothing.
pub(crate) fn pairs(folded: &str) -> Vec<(char, char)> {
    const NOTHING: char = '\0';
    let mut pairs: Vec<_> = folded.chars().zip(folded.chars().skip(1)).collect();
    if pairs.is_empty() {
        pairs.extend(folded.chars().map(|c| (c, NOTHING)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// How many elements two sorted lists without repetitions share.
pub(crate) fn shared<T: Ord>(one: &[T], other: &[T]) -> usize {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut shared = 0;
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => drop(one.next()),
            std::cmp::Ordering::Greater => drop(other.next()),
            std::cmp::Ordering::Equal => {
                shared += 1;
                one.next();
                other.next();
            }
        }
    }
    shared
}

/// How like two texts are. Texts without a letter are like nothing, not even each other: zero thousandths.
#[must_use]
pub fn likeness(one: &str, other: &str) -> Likeness {
    let (one, other) = (pairs(&fold(one)), pairs(&fold(other)));
    let shared = shared(&one, &other);
    Likeness::of(shared, one.len() + other.len() - shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_be_checked_by_hand() {
        // 楼道 道的 的灯 灯太 太暗 and 楼道 道的 的灯 灯很 很暗: three of seven.
        assert_eq!(
            likeness("楼道的灯太暗。", "楼道的灯很暗！").per_mille(),
            428
        );
        assert_eq!(likeness("楼道的灯太暗", "楼道的灯，太暗……"), Likeness::SAME);
        assert_eq!(likeness("好", "好！"), Likeness::SAME);
        assert_eq!(likeness("好", "不好").per_mille(), 0);
        assert_eq!(likeness("……", "！").per_mille(), 0);
    }
}
