//! A small log in memory, written with the crate: what both test files check.

use std::collections::HashMap;
use translog::{
    Checkpoint, Entry, Frontier, Hash, MatterLine, NodeId, Opening, RECEIPT_FORMAT, Receipt,
    ReceiptStep, Salt, Signer, TileRef, inclusion_plan, leaf_hash, sign_checkpoint,
};

/// The log's name in the tests.
pub const ORIGIN: &str = "qiming.example/log";

/// A log with the hashes a store would keep: leaves, and nodes at tile levels.
#[derive(Default)]
pub struct Log {
    pub frontier: Frontier,
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

    /// The signed head as it is now.
    pub fn note(&self, signer: &Signer) -> String {
        let (size, root) = (self.frontier.size(), self.frontier.root());
        sign_checkpoint(
            &Checkpoint {
                origin: ORIGIN.to_owned(),
                size,
                root,
            },
            signer,
        )
        .unwrap()
    }
}

/// The signer of the tests.
pub fn signer() -> Signer {
    Signer::new(ORIGIN, [9; 32]).unwrap()
}

/// The entry of one step of the tests' matter.
pub fn entry(step: u32, text: &str) -> Entry {
    let moves = ["submit", "review", "decide"];
    Entry {
        v: 1,
        matter: "01980000-0000-7000-8000-000000000001".to_owned(),
        kind: "opinion".to_owned(),
        step,
        move_name: moves[(step as usize - 1) % 3].to_owned(),
        role: if step == 1 { "resident" } else { "staff" }.to_owned(),
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

/// A log of some hundred entries with a matter of three steps in it, and its receipt.
pub fn receipt_and_log() -> (Receipt, Log) {
    let mut log = Log::of(250);
    let texts = ["路口太暗，希望加装路灯。", "", "采纳：写入第十二条。"];
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

/// Gives a receipt the proofs and the signed head of the log as it is now.
pub fn reprove(receipt: &mut Receipt, log: &Log) {
    for step in &mut receipt.steps {
        let plan = inclusion_plan(step.index, log.frontier.size());
        step.inclusion = plan.prove(&log.tiles(plan.needs())).unwrap();
    }
    receipt.checkpoint = log.note(&signer());
}
