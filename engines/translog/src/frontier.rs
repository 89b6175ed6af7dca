//! The growing edge of the tree: the roots of its complete subtrees, largest first.
//!
//! A writer keeps only this (at most 62 hashes) in its head row, appends a leaf, stores the subtrees that the leaf
//! closed, and signs the new root. The subtrees are the binary digits of the size: size 6 = a tree of 4 and one of 2.

use crate::hash::{EMPTY_ROOT, Hash, node_hash};
use crate::tile::MAX_SIZE;

/// The complete subtrees at the right edge of a log of `size` leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// One root for each binary one of `size`, from the highest bit to the lowest.
    roots: Vec<Hash>,
}

/// Why stored bytes are no frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// The bytes are not a size followed by one hash for each binary one of it.
    #[error("the stored head of the log has {found} bytes where {expected} were expected")]
    Length {
        /// How many bytes were given.
        found: usize,
        /// How many the size asks for.
        expected: usize,
    },
    /// No log is this large.
    #[error("the stored head of the log says {0} entries, more than a log can have")]
    Size(u64),
}

impl Frontier {
    /// The frontier of the empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one leaf and gives every complete subtree that it closes, from the leaf upwards:
    /// `(level, index, hash)`, where level 0 is the leaf itself and a subtree of level `l` spans `2^l` leaves.
    ///
    /// Levels 0, 8, 16, … are the ones that tiles hold. The log is bounded by [`MAX_SIZE`], which no log reaches
    /// (2^62 leaves); `from_bytes` refuses a larger one.
    pub fn append(&mut self, leaf: Hash) -> Vec<(u8, u64, Hash)> {
        let (mut level, mut index, mut hash) = (0_u8, self.size, leaf);
        let mut closed = vec![(level, index, hash)];
        while index & 1 == 1 {
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(&left, &hash);
            level = level.saturating_add(1);
            index >>= 1;
            closed.push((level, index, hash));
        }
        self.roots.push(hash);
        self.size = self.size.saturating_add(1);
        closed
    }

    /// How many leaves the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The Merkle tree hash of the whole log (RFC 6962 §2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        let folded = self
            .roots
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right));
        folded.unwrap_or(EMPTY_ROOT)
    }

    /// The form for a database row: the size as 8 big-endian bytes, then the hashes, largest subtree first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        for root in &self.roots {
            bytes.extend_from_slice(&root.0);
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// [`FrontierError`] when the length does not fit the size, or the size is beyond [`MAX_SIZE`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let found = bytes.len();
        let Some((head, rest)) = bytes.split_first_chunk::<8>() else {
            return Err(FrontierError::Length { found, expected: 8 });
        };
        let size = u64::from_be_bytes(*head);
        if size > MAX_SIZE {
            return Err(FrontierError::Size(size));
        }
        let expected = 8 + 32 * size.count_ones() as usize;
        if found != expected {
            return Err(FrontierError::Length { found, expected });
        }
        let (chunks, _) = rest.as_chunks::<32>();
        Ok(Self {
            size,
            roots: chunks.iter().map(|chunk| Hash(*chunk)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    /// Leaves and roots published with Certificate Transparency.
    const LEAVES: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn published_roots_and_the_stored_form() {
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root(), EMPTY_ROOT);
        for (leaf, root) in LEAVES.iter().zip(ROOTS) {
            frontier.append(leaf_hash(&hex::decode(leaf).unwrap()));
            assert_eq!(frontier.root(), Hash::from_hex(root).unwrap());
            assert_eq!(
                Frontier::from_bytes(&frontier.to_bytes()).unwrap(),
                frontier
            );
        }
        assert_eq!(frontier.size(), 8);
    }

    #[test]
    fn a_leaf_closes_the_subtrees_it_ends() {
        let mut frontier = Frontier::new();
        let mut closed = Vec::new();
        for byte in 0..8_u8 {
            closed = frontier.append(leaf_hash(&[byte]));
        }
        let places: Vec<_> = closed
            .iter()
            .map(|(level, index, _)| (*level, *index))
            .collect();
        assert_eq!(places, [(0, 7), (1, 3), (2, 1), (3, 0)]);
        assert_eq!(closed.last().unwrap().2, frontier.root());
    }

    #[test]
    fn damaged_rows_are_refused_in_words() {
        let mut frontier = Frontier::new();
        frontier.append(leaf_hash(b"a"));
        let bytes = frontier.to_bytes();
        for cut in 0..bytes.len() {
            assert!(Frontier::from_bytes(&bytes[..cut]).is_err());
        }
        assert_eq!(
            Frontier::from_bytes(&[0xff; 8]),
            Err(FrontierError::Size(u64::MAX))
        );
    }
}
