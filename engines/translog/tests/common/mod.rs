//! A small log in memory, written with the crate, and a receipt from it: what several test files check.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::{BTreeMap, HashMap};
use translog::{
    BundleRef, Checkpoint, Entry, Frontier, Hash, MatterLine, NodeId, Opening, RECEIPT_FORMAT,
    Receipt, ReceiptStep, Salt, Signer, TileRef, encode_entries, inclusion_plan, leaf_hash,
    sign_checkpoint,
};

/// The log's name in the tests.
pub const ORIGIN: &str = "qiming.example/log";

/// A log with what a store would keep: entries, leaves, and nodes at tile levels.
#[derive(Clone, Default)]
pub struct Log {
    pub frontier: Frontier,
    pub entries: Vec<Vec<u8>>,
    pub leaves: Vec<Hash>,
    /// The hashes of each tile level, one after the other.
    rows: HashMap<u8, Vec<u8>>,
}

impl Log {
    /// A log of `size` numbered leaves.
    pub fn of(size: u64) -> Self {
        let mut log = Self::default();
        for index in 0..size {
            log.append(&index.to_be_bytes());
        }
        log
    }

    /// Appends data as a store would; gives its index.
    pub fn append(&mut self, data: &[u8]) -> u64 {
        let index = self.frontier.size();
        self.entries.push(data.to_vec());
        self.leaves.push(leaf_hash(data));
        for (level, _, hash) in self.frontier.append(leaf_hash(data)) {
            if level % 8 == 0 {
                self.rows
                    .entry(level)
                    .or_default()
                    .extend_from_slice(&hash.0);
            }
        }
        index
    }

    /// The bytes of these tiles.
    pub fn tiles(&self, wanted: impl IntoIterator<Item = TileRef>) -> HashMap<TileRef, Vec<u8>> {
        wanted
            .into_iter()
            .map(|tile| (tile, self.tile(tile)))
            .collect()
    }

    fn tile(&self, tile: TileRef) -> Vec<u8> {
        let NodeId { level, index } = tile.first();
        let start = index as usize * 32;
        self.rows[&level][start..start + usize::from(tile.width) * 32].to_vec()
    }

    /// The log as it is published, by path: checkpoint, key, tiles and bundles.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let size = self.frontier.size();
        let bundles = (0..).map_while(|index| BundleRef::of(index, size));
        let tiles = TileRef::all(size).map(|tile| (tile.path(), self.tile(tile)));
        let mut files: BTreeMap<_, _> = tiles
            .chain(bundles.map(|bundle| (bundle.path(), self.bundle(bundle))))
            .collect();
        files.insert("checkpoint".to_owned(), self.note(&signer()).into_bytes());
        let key = format!("{}\n", signer().verifier_key());
        files.insert("key".to_owned(), key.into_bytes());
        files
    }

    fn bundle(&self, bundle: BundleRef) -> Vec<u8> {
        let entries = self.entries.iter().skip(bundle.first() as usize);
        let entries: Vec<&[u8]> = entries
            .take(bundle.width.into())
            .map(Vec::as_slice)
            .collect();
        encode_entries(&entries).unwrap()
    }

    /// The checkpoint as it is now.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.to_owned(),
            size: self.frontier.size(),
            root: self.frontier.root(),
        }
    }

    /// The signed text of the checkpoint as it is now.
    pub fn note(&self, signer: &Signer) -> String {
        sign_checkpoint(&self.checkpoint(), signer).unwrap()
    }
}

/// The signer of the tests.
pub fn signer() -> Signer {
    Signer::new(ORIGIN, [9; 32]).unwrap()
}

/// The entry of one step of the tests' matter.
pub fn entry(step: u32, text: &str) -> Entry {
    let moves = ["submit", "hide", "decide"];
    Entry {
        v: 1,
        matter: "01980000-0000-7000-8000-000000000001".to_owned(),
        kind: "opinion".to_owned(),
        step,
        move_name: moves[(step as usize - 1) % 3].to_owned(),
        role: if step == 1 { "resident" } else { "clerk" }.to_owned(),
        at: format!("2026-03-05T01:02:{:02}Z", step % 60),
        commitment: opening(text).commitment(),
    }
}

/// A text with the tests' salt.
pub fn opening(text: &str) -> Opening {
    Opening {
        text: text.to_owned(),
        salt: Salt([5; 32]),
    }
}

/// What the holder of the tests' receipt said, and what was decided.
pub const SAID: &str = r#"{"content":{"provision":"art_12","source":"web","stance":"amend","text":"路口太暗，\n希望加装路灯。"},"to":"received"}"#;
pub const DECIDED: &str = r#"{"content":{"lands_on":"art_13","outcome":"partly_adopted"},"reason":"写入第十三条。","to":"decided"}"#;

/// A log of some hundred entries with a matter of three steps in it, and its receipt.
pub fn receipt_and_log() -> (Receipt, Log) {
    let mut log = Log::of(250);
    let texts = [SAID, "", DECIDED];
    let mut steps = Vec::new();
    for (step, text) in (1..).zip(texts) {
        let entry = entry(step, text);
        let bytes = entry.to_bytes().unwrap();
        let index = log.append(&bytes);
        for filler in 0..20_u8 {
            log.append(&[filler]);
        }
        let content = (step != 2).then(|| opening(text));
        let (at, move_name, role) = (entry.at, entry.move_name, entry.role);
        steps.push(ReceiptStep {
            at,
            move_name,
            role,
            entry: bytes,
            index,
            inclusion: Vec::new(),
            content,
        });
    }
    let matter = MatterLine {
        kind: "opinion".to_owned(),
        number: None,
        title: Some("路灯".to_owned()),
    };
    let mut receipt = Receipt {
        format: RECEIPT_FORMAT.to_owned(),
        origin: ORIGIN.to_owned(),
        code: "7K3M-9QXD-4TFA-V".to_owned(),
        matter,
        steps,
        checkpoint: String::new(),
        log_key: signer().verifier_key(),
    };
    reprove(&mut receipt, &log);
    (receipt, log)
}

/// Gives a receipt the proofs and the checkpoint of the log as it is now.
pub fn reprove(receipt: &mut Receipt, log: &Log) {
    for step in &mut receipt.steps {
        let plan = inclusion_plan(step.index, log.frontier.size());
        step.inclusion = plan.prove(&log.tiles(plan.needs())).unwrap();
    }
    receipt.checkpoint = log.note(&signer());
}
