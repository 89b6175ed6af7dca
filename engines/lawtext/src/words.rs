//! How much two texts have in common: the share of their runs of two characters.

/// Every two neighbouring characters, sorted.
pub(crate) fn runs_of(characters: impl Iterator<Item = char> + Clone) -> Vec<u64> {
    let mut runs: Vec<u64> = characters
        .clone()
        .zip(characters.skip(1))
        .map(|(a, b)| u64::from(a) << 32 | u64::from(b))
        .collect();
    runs.sort_unstable();
    runs
}

/// How many runs are in both, counted as often as they stand in the poorer one.
pub(crate) fn common(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        common += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    common
}

/// Share of the runs in common (Dice), from 0 to 1.
pub(crate) fn similarity(a: &[u64], b: &[u64]) -> f32 {
    if a.is_empty() && b.is_empty() {
        return 0.0;
    }
    2.0 * common(a, b) as f32 / (a.len() + b.len()) as f32
}
