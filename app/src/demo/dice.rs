//! Chance that repeats: every choice of the demo is drawn here, apart from ids and salts, so that
//! telling the story differently does not change who lives in the city.

use kernel::{Entropy as _, SeededEntropy};

/// Dice of one seed.
#[derive(Debug)]
pub struct Dice(SeededEntropy);

impl Dice {
    /// The dice that belong to `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&self, end: usize) -> usize {
        let mut bytes = [0u8; 8];
        self.0.fill(&mut bytes);
        let number = u64::from_le_bytes(bytes) % u64::try_from(end.max(1)).unwrap_or(1);
        usize::try_from(number).unwrap_or(0)
    }

    /// True `percent` times of a hundred.
    pub fn chance(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`, if there are any.
    pub fn pick<'a, T>(&self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// The place of one of `weights`, each as likely as it is heavy.
    pub fn weighted(&self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u32 = weights.clone().sum();
        let mut left = u32::try_from(self.below(usize::try_from(total).unwrap_or(1))).unwrap_or(0);
        for (place, weight) in weights.enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
        }
        0
    }
}
