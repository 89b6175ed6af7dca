//! The crate and a second verifier, written from the specifications alone, must agree: on proofs, paths, checkpoints,
//! receipts and whole published logs, on the right ones and on every wrong one that we can think of.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by falling")]

mod common;
mod second;

use common::{Log, receipt_and_log, signer};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use translog::{
    BundleRef, Checkpoint, EMPTY_ROOT, Hash, LogPath, Receipt, TileRef, VerifyError,
    consistency_plan, growth_tiles, inclusion_plan, open_checkpoint, root_plan, verify_consistency,
    verify_entries, verify_full_tile, verify_growth, verify_inclusion, verify_receipt,
};

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

/// What the crate says of a receipt's file.
fn first_on_receipt(json: &str) -> bool {
    let report = Receipt::from_json(json).and_then(|r| verify_receipt(&r, signer().public()));
    report.is_ok()
}

#[test]
fn both_give_the_same_verdict_on_every_changed_byte_of_a_receipt() {
    let (receipt, _) = receipt_and_log();
    let json = receipt.to_json().unwrap();
    let key = signer().verifier_key();
    assert!(second::receipt(&json, &key) && first_on_receipt(&json));
    // What is for people only may change without the proof noticing: code and title.
    let mut accepted = BTreeSet::new();
    for place in 0..json.len() {
        let mut bytes = json.clone().into_bytes();
        bytes[place] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        let verdict = first_on_receipt(&changed);
        assert_eq!(second::receipt(&changed, &key), verdict, "byte {place}");
        if verdict {
            let before = String::from_utf8_lossy(&json.as_bytes()[..place]);
            let line = before.lines().last().unwrap_or_default().trim_start();
            accepted.insert(line.split(':').next().unwrap_or_default().to_owned());
        }
    }
    let fields: Vec<_> = accepted.iter().map(String::as_str).collect();
    assert_eq!(fields, ["\"code\"", "\"title\""]);
}

#[test]
fn both_give_the_same_verdict_on_a_receipt_with_any_byte_changed_put_in_or_left_out() {
    let (receipt, _) = receipt_and_log();
    let json = receipt.to_json().unwrap();
    let key = signer().verifier_key();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(4_000)
    };
    proptest!(config, |(place in 0..json.len(), byte in 0..128_u8, how in 0..3)| {
        let mut bytes = json.clone().into_bytes();
        match how {
            0 => bytes[place] = byte,
            1 => bytes.insert(place, byte),
            _ => drop(bytes.remove(place)),
        }
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert_eq!(first_on_receipt(&changed), second::receipt(&changed, &key));
        }
    });
}

#[test]
fn both_give_the_same_verdict_on_what_stands_twice_is_new_or_is_nothing() {
    let (receipt, _) = receipt_and_log();
    let json = receipt.to_json().unwrap();
    let key = signer().verifier_key();
    for (what, instead, good) in [
        ("\"code\":", "\"code\": \"x\", \"code\":", false),
        ("\"salt\":", "\"salt\": \"x\", \"salt\":", false),
        ("\"salt\":", "\"more\": 1, \"salt\":", false),
        ("\"kind\":", "\"more\": null, \"kind\":", false),
        ("\"title\": \"路灯\"", "\"title\": null", true),
        ("\"title\": \"路灯\"", "\"title\": 1", false),
        ("\"index\": 250", "\"index\": 250.0", false),
        ("\"index\": 250", "\"index\": 2.5e2", false),
        ("\"index\": 250", "\"index\":\n\t250", true),
        ("0505", "0A05", false),
    ] {
        let changed = json.replacen(what, instead, 1);
        assert_ne!(changed, json, "{what}");
        assert_eq!(first_on_receipt(&changed), good, "{instead}");
        assert_eq!(second::receipt(&changed, &key), good, "{instead}");
    }
}

#[test]
fn both_read_the_same_paths() {
    let config = || ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(4_000)
    };
    let read = |text: &str| match LogPath::parse(text) {
        Ok(LogPath::Tile(tile)) => Some((Some(tile.level), tile.index, tile.width.into())),
        Ok(LogPath::Entries(bundle)) => Some((None, bundle.index, bundle.width.into())),
        Ok(LogPath::Checkpoint) | Err(_) => None,
    };
    let index = prop_oneof![0..2_000_u64, 0..1_u64 << 62];
    proptest!(config(), |(level in proptest::option::of(0..64_u8), index in index,
        width in 1..=256_u64, place in 0..200_usize, byte in 0x20..0x7f_u8)| {
        let path = second::path((level, index, width));
        prop_assert_eq!(read(&path), Some((level, index, width)));
        prop_assert_eq!(second::read_path(&path), Some((level, index, width)));
        let mut bytes = path.into_bytes();
        let place = place % bytes.len();
        bytes[place] = byte;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert_eq!(read(&changed), second::read_path(&changed));
    });
}

/// What the crate says of a whole published log: from the root down, as whoever keeps a copy checks it.
fn first_on_log(files: &BTreeMap<String, Vec<u8>>) -> Result<(), VerifyError> {
    let note = String::from_utf8(files["checkpoint"].clone()).unwrap();
    let new = open_checkpoint(&note, signer().public())?;
    let empty = Checkpoint {
        origin: new.origin.clone(),
        size: 0,
        root: EMPTY_ROOT,
    };
    let tiles: HashMap<TileRef, Vec<u8>> = TileRef::all(new.size)
        .map(|tile| (tile, files[&tile.path()].clone()))
        .collect();
    assert!(
        growth_tiles(&empty, &new)?
            .iter()
            .all(|tile| tiles.contains_key(tile))
    );
    verify_growth(&empty, &new, &tiles)?;
    for (tile, bytes) in tiles.iter().filter(|(tile, _)| tile.width == 256) {
        verify_full_tile(*tile, bytes, new.size, &tiles)?;
    }
    for bundle in (0..).map_while(|index| BundleRef::of(index, new.size)) {
        verify_entries(bundle, &files[&bundle.path()], &tiles[&bundle.leaves()])?;
    }
    Ok(())
}

#[test]
fn both_give_the_same_verdict_on_a_published_log_with_any_byte_changed() {
    let key = signer().verifier_key();
    for size in [1, 255, 256, 257, 700] {
        let files = Log::of(size).files();
        let verdict = |files: &BTreeMap<String, Vec<u8>>| {
            let note = String::from_utf8(files["checkpoint"].clone()).unwrap();
            second::log(&note, &key, |path| files.get(path).cloned()).is_some()
        };
        assert!(first_on_log(&files).is_ok() && verdict(&files), "{size}");
        let names: Vec<&String> = files
            .keys()
            .filter(|name| name.starts_with("tile/"))
            .collect();
        let config = ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(100)
        };
        proptest!(config, |(name in 0..names.len(), place in any::<prop::sample::Index>(), bit in 0..8_u32)| {
            let mut changed = files.clone();
            let bytes = changed.get_mut(names[name]).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= 1_u8 << bit;
            prop_assert!(first_on_log(&changed).is_err());
            prop_assert!(!verdict(&changed));
        });
        for name in names {
            let mut cut = files.clone();
            let _ = cut.get_mut(name).unwrap().pop();
            assert!(first_on_log(&cut).is_err() && !verdict(&cut), "{name}");
        }
    }
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
            assert!(open_checkpoint(&changed, signer().public()).is_err());
            assert_eq!(second::checkpoint(&changed, &key), None);
        }
    }
}
