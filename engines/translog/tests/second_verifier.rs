//! A second verifier, written from the specifications alone, that must agree with the crate.
//!
//! It shares no code with it: trees by the recursive definitions of RFC 6962 §2.1 (MTH, PATH, PROOF), proofs checked
//! by running those definitions backwards, notes and receipts by the README's description. It reads the same JSON.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by falling")]

mod common;

use common::{Log, receipt_and_log, signer};
use proptest::prelude::*;
use std::collections::HashMap;
use translog::{
    Hash, consistency_plan, inclusion_plan, root_plan, verify_consistency, verify_inclusion,
    verify_receipt,
};

/// The second verifier. Nothing in here names the crate.
mod second {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use ed25519_dalek::{Signature, VerifyingKey};
    use serde_json::Value;
    use sha2::{Digest, Sha256};
    use std::collections::HashMap;

    pub type H = [u8; 32];

    pub fn sha(parts: &[&[u8]]) -> H {
        Sha256::digest(parts.concat()).into()
    }

    fn node(left: &H, right: &H) -> H {
        sha(&[&[1], left, right])
    }

    /// The k of RFC 6962: the largest power of two smaller than n.
    fn k(n: u64) -> u64 {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    /// Trees over leaf hashes, each MTH remembered by its range.
    pub struct Tree {
        pub leaves: Vec<H>,
        memory: HashMap<(u64, u64), H>,
    }

    impl Tree {
        pub fn new(leaves: Vec<H>) -> Self {
            Self {
                leaves,
                memory: HashMap::new(),
            }
        }

        /// MTH(D[from:to]).
        pub fn mth(&mut self, from: u64, to: u64) -> H {
            match to - from {
                0 => return sha(&[]),
                1 => return self.leaves[from as usize],
                _ => {}
            }
            if let Some(known) = self.memory.get(&(from, to)) {
                return *known;
            }
            let middle = from + k(to - from);
            let hash = node(&self.mth(from, middle), &self.mth(middle, to));
            self.memory.insert((from, to), hash);
            hash
        }

        /// PATH(m, D[from:to]), m counted from `from`.
        pub fn path(&mut self, m: u64, from: u64, to: u64) -> Vec<H> {
            if to - from == 1 {
                return vec![];
            }
            let k = k(to - from);
            let (mut path, sibling) = if m < k {
                (self.path(m, from, from + k), self.mth(from + k, to))
            } else {
                (self.path(m - k, from + k, to), self.mth(from, from + k))
            };
            path.push(sibling);
            path
        }

        /// SUBPROOF(m, D[from:to], b); PROOF(m, D[n]) is SUBPROOF(m, D[0:n], true).
        pub fn subproof(&mut self, m: u64, from: u64, to: u64, b: bool) -> Vec<H> {
            if m == to - from {
                return if b { vec![] } else { vec![self.mth(from, to)] };
            }
            let k = k(to - from);
            let (mut proof, sibling) = if m <= k {
                (self.subproof(m, from, from + k, b), self.mth(from + k, to))
            } else {
                (
                    self.subproof(m - k, from + k, to, false),
                    self.mth(from, from + k),
                )
            };
            proof.push(sibling);
            proof
        }
    }

    /// The root to which PATH(m, D[n]) leads from this leaf; none when the proof has another length.
    pub fn root_of_path(leaf: H, m: u64, n: u64, proof: &[H]) -> Option<H> {
        if m >= n {
            return None;
        }
        if n == 1 {
            return proof.is_empty().then_some(leaf);
        }
        let (last, rest) = proof.split_last()?;
        let k = k(n);
        if m < k {
            Some(node(&root_of_path(leaf, m, k, rest)?, last))
        } else {
            Some(node(last, &root_of_path(leaf, m - k, n - k, rest)?))
        }
    }

    /// The roots of the first m and of all n leaves to which SUBPROOF(m, D[n], b) leads.
    fn roots_of_subproof(m: u64, n: u64, b: bool, old_root: H, proof: &[H]) -> Option<(H, H)> {
        if m == n {
            return match (b, proof) {
                (true, []) => Some((old_root, old_root)),
                (false, [only]) => Some((*only, *only)),
                _ => None,
            };
        }
        let (last, rest) = proof.split_last()?;
        let k = k(n);
        if m <= k {
            let (old, new) = roots_of_subproof(m, k, b, old_root, rest)?;
            Some((old, node(&new, last)))
        } else {
            let (old, new) = roots_of_subproof(m - k, n - k, false, old_root, rest)?;
            Some((node(last, &old), node(last, &new)))
        }
    }

    pub fn consistent(m: u64, old_root: H, n: u64, new_root: H, proof: &[H]) -> bool {
        if m == 0 || m > n {
            return m == 0 && proof.is_empty() && old_root == sha(&[]);
        }
        roots_of_subproof(m, n, true, old_root, proof) == Some((old_root, new_root))
    }

    /// Opens a checkpoint; gives origin, size and root.
    pub fn checkpoint(note: &str, key: &str) -> Option<(String, u64, H)> {
        let parts: Vec<&str> = key.splitn(3, '+').collect();
        let [name, id, data] = parts[..] else {
            return None;
        };
        let data = STANDARD.decode(data).ok()?;
        let expected = sha(&[name.as_bytes(), b"\n", &data]);
        if data.first() != Some(&1) || hex::encode(&expected[..4]) != id {
            return None;
        }
        let public = VerifyingKey::from_bytes(data[1..].try_into().ok()?).ok()?;
        let at = note.rfind("\n\n")?;
        let (text, lines) = (&note[..=at], note[at + 2..].strip_suffix('\n')?);
        let mut good = false;
        for line in lines.split('\n') {
            let (signer, blob) = line.strip_prefix("— ")?.split_once(' ')?;
            let blob = STANDARD.decode(blob).ok()?;
            if signer == name && blob.get(..4)? == &expected[..4] {
                public
                    .verify_strict(text.as_bytes(), &Signature::from_slice(&blob[4..]).ok()?)
                    .ok()?;
                good = true;
            }
        }
        let body: Vec<&str> = text.lines().collect();
        let root: H = STANDARD.decode(body.get(2)?).ok()?.try_into().ok()?;
        (good && body[0] == name).then_some((body[0].to_owned(), body[1].parse().ok()?, root))
    }

    /// Checks a receipt's file.
    pub fn receipt(json: &str, key: &str) -> bool {
        serde_json::from_str(json)
            .ok()
            .and_then(|file| check(&file, key))
            .is_some()
    }

    fn check(file: &Value, key: &str) -> Option<()> {
        let (origin, size, root) = checkpoint(file["checkpoint"].as_str()?, key)?;
        let steps = file["steps"].as_array().filter(|steps| !steps.is_empty())?;
        let mut good = file["format"] == "quancheng-receipt/1"
            && file["log_key"] == key
            && file["origin"] == origin;
        let (mut matter, mut before) = (None, None);
        for (number, step) in steps.iter().enumerate() {
            let bytes = STANDARD.decode(step["entry"].as_str()?).ok()?;
            let entry: Value = serde_json::from_slice(&bytes).ok()?;
            let index = step["index"].as_u64()?;
            let proof: Option<Vec<H>> = step["inclusion"].as_array()?.iter().map(hash).collect();
            good &= root_of_path(sha(&[&[0], &bytes]), index, size, &proof?) == Some(root);
            good &= entry["v"] == 1
                && entry["step"] == number + 1
                && entry["kind"] == file["matter"]["kind"];
            good &= ["at", "move", "role"]
                .iter()
                .all(|field| entry[field] == step[field]);
            good &= *matter.get_or_insert(entry["matter"].clone()) == entry["matter"];
            good &= before.replace(index).is_none_or(|before| before < index);
            if let Some(content) = step.get("content") {
                good &= open(content)? == hash(&entry["commitment"])?;
            }
        }
        good.then_some(())
    }

    fn hash(value: &Value) -> Option<H> {
        STANDARD.decode(value.as_str()?).ok()?.try_into().ok()
    }

    fn open(opening: &Value) -> Option<H> {
        let salt = hex::decode(opening["salt"].as_str()?).ok()?;
        let text = opening["text"].as_str()?.as_bytes();
        let length = (text.len() as u64).to_be_bytes();
        (salt.len() == 32).then(|| sha(&[b"quancheng-commitment/1\n", &salt, &length, text]))
    }
}

fn plain(hashes: &[Hash]) -> Vec<second::H> {
    hashes.iter().map(|hash| hash.0).collect()
}

fn tree(log: &Log) -> second::Tree {
    second::Tree::new(plain(&log.leaves))
}

/// Both make the same proof that `index` is in the first `size`, and both accept it.
fn agree_on_inclusion(log: &Log, tree: &mut second::Tree, index: u64, size: u64) -> Vec<Hash> {
    let plan = inclusion_plan(index, size);
    let proof = plan.prove(&log.tiles(plan.needs())).unwrap();
    assert_eq!(
        plain(&proof),
        tree.path(index, 0, size),
        "entry {index} of {size}"
    );
    let (leaf, root) = (log.leaves[index as usize], Hash(tree.mth(0, size)));
    assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
    assert_eq!(
        second::root_of_path(leaf.0, index, size, &plain(&proof)),
        Some(root.0)
    );
    proof
}

/// Both make the same proof that the first `new` begin with the first `old`, and both accept it.
fn agree_on_growth(log: &Log, tree: &mut second::Tree, old: u64, new: u64) -> Vec<Hash> {
    let plan = consistency_plan(old, new);
    let proof = plan.prove(&log.tiles(plan.needs())).unwrap();
    if old > 0 {
        assert_eq!(
            plain(&proof),
            tree.subproof(old, 0, new, true),
            "{old} to {new}"
        );
    }
    let (old_root, new_root) = (tree.mth(0, old), tree.mth(0, new));
    assert_eq!(
        verify_consistency(old, Hash(old_root), new, Hash(new_root), &proof),
        Ok(())
    );
    assert!(second::consistent(
        old,
        old_root,
        new,
        new_root,
        &plain(&proof)
    ));
    proof
}

#[test]
fn every_pair_up_to_three_hundred() {
    let log = Log::of(300);
    let mut tree = tree(&log);
    for size in 1..=300 {
        for index in 0..size {
            agree_on_inclusion(&log, &mut tree, index, size);
            agree_on_growth(&log, &mut tree, index, size);
        }
        agree_on_growth(&log, &mut tree, size, size);
    }
}

#[test]
fn the_root_at_every_size_from_the_edge_and_from_tiles() {
    let mut log = Log::default();
    let mut roots = Vec::new();
    for index in 0..1100_u64 {
        log.append(&index.to_be_bytes());
        roots.push(log.frontier.root());
    }
    let mut tree = tree(&log);
    for (size, root) in (1..).zip(roots) {
        assert_eq!(root.0, tree.mth(0, size));
        let plan = root_plan(size);
        assert_eq!(plan.prove(&log.tiles(plan.needs())).unwrap(), [root]);
    }
}

#[test]
fn large_trees_at_random_and_at_the_edges_of_tiles() {
    let log = Log::of(70_000);
    let tree = std::cell::RefCell::new(tree(&log));
    for size in [
        255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, 70_000,
    ] {
        for index in [0, 1, 254, 255, 256, size / 2, size - 1] {
            if index < size {
                agree_on_inclusion(&log, &mut tree.borrow_mut(), index, size);
                agree_on_growth(&log, &mut tree.borrow_mut(), index, size);
            }
        }
    }
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(400)
    };
    proptest!(config, |(size in 1..=70_000_u64, part in 0.0..1.0_f64)| {
        let index = ((size as f64 * part) as u64).min(size - 1);
        agree_on_inclusion(&log, &mut tree.borrow_mut(), index, size);
        agree_on_growth(&log, &mut tree.borrow_mut(), index, size);
    });
}

/// All proofs that differ from this one in one bit of one byte, or in length.
fn mutations(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for place in 0..proof.len() {
        for byte in 0..32 {
            let mut changed = proof.to_vec();
            changed[place].0[byte] ^= 1 << (byte % 8);
            all.push(changed);
        }
        let mut shorter = proof.to_vec();
        shorter.remove(place);
        all.push(shorter);
    }
    all.push([proof, &[Hash([0; 32])]].concat());
    all
}

#[test]
fn both_refuse_every_changed_proof() {
    let log = Log::of(70);
    let mut tree = tree(&log);
    for size in [1, 2, 3, 7, 8, 33, 64, 70] {
        let root = Hash(tree.mth(0, size));
        for index in 0..size {
            let leaf = log.leaves[index as usize];
            for changed in mutations(&agree_on_inclusion(&log, &mut tree, index, size)) {
                assert!(verify_inclusion(leaf, index, size, &changed, root).is_err());
                assert_ne!(
                    second::root_of_path(leaf.0, index, size, &plain(&changed)),
                    Some(root.0)
                );
            }
            let old_root = Hash(tree.mth(0, index));
            for changed in mutations(&agree_on_growth(&log, &mut tree, index, size)) {
                assert!(verify_consistency(index, old_root, size, root, &changed).is_err());
                assert!(!second::consistent(
                    index,
                    old_root.0,
                    size,
                    root.0,
                    &plain(&changed)
                ));
            }
        }
    }
}

#[test]
fn both_refuse_the_right_proof_for_another_place() {
    let log = Log::of(40);
    let mut tree = tree(&log);
    for size in 1..=40 {
        let root = Hash(tree.mth(0, size));
        for index in 0..size {
            let proof = agree_on_inclusion(&log, &mut tree, index, size);
            let leaf = log.leaves[index as usize];
            for other in (0..size).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, size, &proof, root).is_err());
                assert_ne!(
                    second::root_of_path(leaf.0, other, size, &plain(&proof)),
                    Some(root.0)
                );
            }
        }
    }
}

#[test]
fn both_give_the_same_verdict_on_every_changed_byte_of_a_receipt() {
    let (receipt, _) = receipt_and_log();
    let json = receipt.to_json().unwrap();
    let key = signer().verifier_key();
    assert!(second::receipt(&json, &key));
    let first = |json: &str| {
        translog::Receipt::from_json(json).and_then(|r| verify_receipt(&r, signer().public()))
    };
    assert!(first(&json).is_ok());
    // What is for people only may change without the proof noticing: code, title, and spaces of the JSON.
    let mut accepted = HashMap::new();
    for place in 0..json.len() {
        let mut bytes = json.clone().into_bytes();
        bytes[place] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        if first(&changed).is_ok() {
            assert!(
                second::receipt(&changed, &key),
                "only the first accepts byte {place}"
            );
            let before = String::from_utf8_lossy(&json.as_bytes()[..place]);
            let line = before.lines().last().unwrap_or_default().trim_start();
            *accepted
                .entry(line.split(':').next().unwrap_or_default().to_owned())
                .or_insert(0) += 1;
        }
    }
    let mut fields: Vec<_> = accepted.into_keys().collect();
    fields.sort();
    assert_eq!(fields, ["\"code\"", "\"title\""]);
}

#[test]
fn both_refuse_every_changed_byte_of_an_entry() {
    let (receipt, _) = receipt_and_log();
    let key = signer().verifier_key();
    for place in 0..receipt.steps[0].entry.len() {
        for bit in 0..8 {
            let mut changed = receipt.clone();
            changed.steps[0].entry[place] ^= 1 << bit;
            assert!(verify_receipt(&changed, signer().public()).is_err());
            assert!(!second::receipt(&changed.to_json().unwrap(), &key));
        }
    }
}

#[test]
fn both_refuse_every_changed_byte_of_a_checkpoint() {
    let (receipt, _) = receipt_and_log();
    let key = signer().verifier_key();
    for place in 0..receipt.checkpoint.len() {
        for bit in 0..8 {
            let mut bytes = receipt.checkpoint.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            assert!(translog::open_checkpoint(&changed, signer().public()).is_err());
            assert_eq!(second::checkpoint(&changed, &key), None);
        }
    }
}
