//! The checks of proofs, which trust nobody: they only hash and compare.
//!
//! Both walk from the leaf side to the root (RFC 9162 §2.1.3.2 and §2.1.4.2, the same trees as RFC 6962), a way quite
//! unlike the one by which proofs are made, so that one mistake cannot hide in both.

use crate::entry::{EntryError, field_zh};
use crate::hash::{EMPTY_ROOT, Hash, node_hash};
use crate::note::NoteError;
use crate::plan::ProofError;
use crate::receipt::FormatError;
use crate::tile::{BundleRef, TileRef};

/// Why something is not proven. `Display` is English, [`zh`](Self::zh) the same in Chinese.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The log has no entry of this index.
    #[error("entry {index} is not among the {size} entries of the log")]
    IndexBeyondLog {
        /// The entry's index.
        index: u64,
        /// The size of the log.
        size: u64,
    },
    /// The proof has too few or too many hashes.
    #[error("the proof has the wrong number of hashes")]
    ProofLength,
    /// The proof leads to another root than the signed one.
    #[error("the proof does not lead to the root of the log")]
    RootMismatch,
    /// The later log does not begin with the earlier one.
    #[error("the later log is not the earlier one with entries added")]
    NotAnExtension,
    /// The later log has fewer entries.
    #[error("the log has {new} entries now but had {old} before")]
    Shrunk {
        /// The earlier size.
        old: u64,
        /// The later size.
        new: u64,
    },
    /// The checkpoint or the key is not in order.
    #[error("the checkpoint is not in order: {0}")]
    Note(#[from] NoteError),
    /// The file is not a receipt of this format.
    #[error("this is not a receipt of the form known here: {0}")]
    Format(#[from] FormatError),
    /// The receipt names another log than the signed checkpoint.
    #[error("the receipt is of the log “{receipt}”, its checkpoint of the log “{checkpoint}”")]
    Origin {
        /// The log that the receipt names.
        receipt: String,
        /// The log that the checkpoint names.
        checkpoint: String,
    },
    /// The receipt names another key than the trusted one.
    #[error("the receipt names another key than the one trusted here")]
    OtherKey,
    /// A receipt has at least one step.
    #[error("the receipt has no steps")]
    NoSteps,
    /// The entry of a step cannot be read.
    #[error("the log entry of step {step} is not in order: {why}")]
    Entry {
        /// The step's place in the receipt, from 1.
        step: usize,
        /// What is wrong with it.
        why: EntryError,
    },
    /// A step says something else than its log entry.
    #[error("step {step} says something else than its log entry: {field}")]
    StepDiffers {
        /// The step's place in the receipt, from 1.
        step: usize,
        /// Which field.
        field: &'static str,
    },
    /// The log entry of a step is about another matter.
    #[error("the log entry of step {0} is about another matter")]
    OtherMatter(usize),
    /// The steps are not numbered 1, 2, 3 …
    #[error("step {step} is numbered {found}: a step is missing or out of order")]
    Gap {
        /// The step's place in the receipt, from 1.
        step: usize,
        /// The number in its log entry.
        found: u32,
    },
    /// The log entries of the steps are not in the order of the log.
    #[error("step {0} stands in the log before the step that it follows")]
    Order(usize),
    /// The proof of one step does not hold.
    #[error("step {step} is not proven to be in the log: {why}")]
    Step {
        /// The step's place in the receipt, from 1.
        step: usize,
        /// Why.
        why: Box<VerifyError>,
    },
    /// The words of a step are not those that its entry commits to.
    #[error("the words of step {0} are not those that were registered in the log")]
    OtherWords(usize),
    /// The tiles do not give the proof.
    #[error("the tiles of the log do not give a proof: {0}")]
    Tiles(#[from] ProofError),
    /// A full tile does not fold into the hash above it.
    #[error("the tile {} does not belong to the tree above it", .0.path())]
    TileDiffers(TileRef),
    /// Entries are not those that the log was made from.
    #[error("the entries in {} are not those that the log was made from", .0.path())]
    EntriesDiffer(BundleRef),
}

impl VerifyError {
    /// The same in Chinese, for people.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::IndexBeyondLog { index, size } => {
                format!("日志只有 {size} 条，没有序号为 {index} 的条目。")
            }
            Self::ProofLength => "证明的长度不对。".to_owned(),
            Self::RootMismatch => "算出的树根与检查点里签名的树根不一致。".to_owned(),
            Self::NotAnExtension => {
                "日志被改写过：后来的日志不是在原来的日志上只增不改得来的。".to_owned()
            }
            Self::Shrunk { old, new } => format!("日志变少了：原有 {old} 条，现在 {new} 条。"),
            Self::Note(why) => format!("检查点有问题：{}", why.zh()),
            Self::Format(why) => format!("文件不是本程序认识的回执：{}", why.zh()),
            Self::Origin {
                receipt,
                checkpoint,
            } => {
                format!("回执属于日志“{receipt}”，检查点却属于日志“{checkpoint}”。")
            }
            Self::OtherKey => "回执写的公钥不是您信任的公钥。".to_owned(),
            Self::NoSteps => "回执里没有任何步骤。".to_owned(),
            Self::Entry { step, why } => format!("第 {step} 步的日志条目有问题：{}", why.zh()),
            Self::StepDiffers { step, field } => {
                format!("第 {step} 步所写与日志条目不一致（{}）。", field_zh(field))
            }
            Self::OtherMatter(step) => format!("第 {step} 步的日志条目说的是另一件事项。"),
            Self::Gap { step, found } => {
                format!("第 {step} 步在日志中的编号是 {found}：中间缺了步骤，或者次序不对。")
            }
            Self::Order(step) => format!("第 {step} 步在日志中排在上一步之前，次序不对。"),
            Self::Step { step, why } => format!("第 {step} 步不能证明在日志中：{}", why.zh()),
            Self::OtherWords(step) => format!("第 {step} 步的文字与日志登记的不一致。"),
            Self::Tiles(why) => format!("日志文件不足以得出证明：{}", why.zh()),
            Self::TileDiffers(tile) => {
                format!("日志文件 {} 与上一层对不上。", tile.path())
            }
            Self::EntriesDiffer(bundle) => {
                format!("日志文件 {} 里的条目不是日志登记的条目。", bundle.path())
            }
        }
    }
}

/// Checks that `leaf` is the entry `index` of the log of `size` entries with this root (RFC 9162 §2.1.3.2).
///
/// # Errors
/// [`VerifyError::IndexBeyondLog`], [`VerifyError::ProofLength`] or [`VerifyError::RootMismatch`].
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: Hash,
) -> Result<(), VerifyError> {
    if index >= size {
        return Err(VerifyError::IndexBeyondLog { index, size });
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return Err(VerifyError::ProofLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            climb(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(VerifyError::ProofLength);
    }
    if hash == root {
        Ok(())
    } else {
        Err(VerifyError::RootMismatch)
    }
}

/// Checks that the log of `new_size` entries begins with the log of `old_size` entries (RFC 9162 §2.1.4.2).
/// From the empty log, and from a log to itself, the proof is empty.
///
/// # Errors
/// [`VerifyError::Shrunk`], [`VerifyError::ProofLength`] or [`VerifyError::NotAnExtension`].
pub fn verify_consistency(
    old_size: u64,
    old_root: Hash,
    new_size: u64,
    new_root: Hash,
    proof: &[Hash],
) -> Result<(), VerifyError> {
    if old_size > new_size {
        return Err(VerifyError::Shrunk {
            old: old_size,
            new: new_size,
        });
    }
    if old_size == 0 || old_size == new_size {
        let expected = if old_size == 0 { EMPTY_ROOT } else { new_root };
        return same(
            proof.is_empty(),
            old_root == expected && (new_size > 0 || new_root == EMPTY_ROOT),
        );
    }
    // When the old log is one complete subtree the verifier starts from its root, which the proof leaves out.
    let (first, rest) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return Err(VerifyError::ProofLength),
    };
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (first, first);
    for hash in rest {
        if last == 0 {
            return Err(VerifyError::ProofLength);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            climb(&mut node, &mut last);
        } else {
            new = node_hash(&new, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    same(last == 0, old == old_root && new == new_root)
}

/// A node on the ragged right edge has no sibling there: skip the levels until it is a right child.
fn climb(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}

/// The verdict on a consistency proof: of the right length, and leading to both roots.
fn same(length: bool, roots: bool) -> Result<(), VerifyError> {
    match (length, roots) {
        (false, _) => Err(VerifyError::ProofLength),
        (true, false) => Err(VerifyError::NotAnExtension),
        (true, true) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    fn hashes(texts: &[&str]) -> Vec<Hash> {
        texts
            .iter()
            .map(|text| Hash::from_hex(text).unwrap())
            .collect()
    }

    /// Roots of the published Certificate Transparency tree, sizes 5, 6 and 8.
    fn roots() -> Vec<Hash> {
        hashes(&[
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ])
    }

    #[test]
    fn published_inclusion_proof() {
        let leaf = leaf_hash(&hex::decode("40414243").unwrap());
        let proof = hashes(&[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]);
        let root = roots()[2];
        assert_eq!(verify_inclusion(leaf, 5, 8, &proof, root), Ok(()));
        assert_eq!(
            verify_inclusion(leaf, 4, 8, &proof, root),
            Err(VerifyError::RootMismatch)
        );
        assert_eq!(
            verify_inclusion(leaf, 5, 8, &proof[..2], root),
            Err(VerifyError::ProofLength)
        );
        let longer = [&proof[..], &proof[..1]].concat();
        assert_eq!(
            verify_inclusion(leaf, 5, 8, &longer, root),
            Err(VerifyError::ProofLength)
        );
        assert!(verify_inclusion(leaf, 8, 8, &proof, root).is_err());
        assert!(verify_inclusion(leaf, u64::MAX - 1, u64::MAX, &proof, root).is_err());
    }

    #[test]
    fn published_consistency_proofs() {
        let [five, six, eight] = roots()[..] else {
            unreachable!()
        };
        let proof = hashes(&[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]);
        assert_eq!(verify_consistency(6, six, 8, eight, &proof), Ok(()));
        assert_eq!(
            verify_consistency(6, five, 8, eight, &proof),
            Err(VerifyError::NotAnExtension)
        );
        let from_two = hashes(&[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ]);
        let two =
            Hash::from_hex("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")
                .unwrap();
        assert_eq!(verify_consistency(2, two, 5, five, &from_two), Ok(()));
        assert_eq!(
            verify_consistency(6, six, 5, five, &[]),
            Err(VerifyError::Shrunk { old: 6, new: 5 })
        );
    }

    #[test]
    fn the_edges_of_consistency() {
        let root = roots()[0];
        assert_eq!(verify_consistency(0, EMPTY_ROOT, 5, root, &[]), Ok(()));
        assert_eq!(
            verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, &[]),
            Ok(())
        );
        assert_eq!(verify_consistency(5, root, 5, root, &[]), Ok(()));
        assert!(verify_consistency(0, root, 5, root, &[]).is_err());
        assert!(verify_consistency(0, EMPTY_ROOT, 0, root, &[]).is_err());
        assert!(verify_consistency(5, root, 5, EMPTY_ROOT, &[]).is_err());
        assert!(verify_consistency(5, root, 5, root, &[root]).is_err());
        assert!(verify_consistency(3, root, 5, root, &[]).is_err());
        assert!(verify_consistency(u64::MAX - 1, root, u64::MAX, root, &[root; 70]).is_err());
    }
}
