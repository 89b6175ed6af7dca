//! A resident checks the receipt (回执), offline, and every tampering is found and named.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by falling")]

mod common;

use common::{Log, entry, opening, receipt_and_log, reprove, signer};
use translog::{
    Receipt, Signer, TileRef, VerifyError, consistency_plan, receipt_tiles, verify_growth,
    verify_receipt, verify_receipt_with_tiles,
};

fn check(receipt: &Receipt) -> Result<translog::Report, VerifyError> {
    verify_receipt(receipt, signer().public())
}

#[test]
fn an_honest_receipt_is_proven_and_explained() {
    let (receipt, _) = receipt_and_log();
    let read = Receipt::from_json(&receipt.to_json().unwrap()).unwrap();
    assert_eq!(read, receipt);
    let report = check(&read).unwrap();
    assert_eq!(report.steps.len(), 3);
    let zh: Vec<_> = report.lines.iter().map(|line| line.zh.as_str()).collect();
    assert_eq!(
        zh[1],
        "第 1 步：2026-03-05T01:02:01Z，submit（resident），在日志中，序号 250，所附文字与登记的一致。"
    );
    assert_eq!(zh[5], "意见原文与第 1 步登记的一致，一字未改。");
    assert!(
        report.lines[3]
            .en
            .ends_with("and its words are those that were registered.")
    );
}

#[test]
fn the_way_is_proven_again_from_saved_tiles_of_a_log_that_grew() {
    let (receipt, mut log) = receipt_and_log();
    for filler in 0..70_000_u32 {
        log.append(&filler.to_be_bytes());
    }
    let note = log.note(&signer());
    let wanted = receipt_tiles(&receipt, &note, signer().public()).unwrap();
    let mut tiles = log.tiles(wanted.clone());
    let report = verify_receipt_with_tiles(&receipt, &note, &tiles, signer().public()).unwrap();
    assert!(report.lines.last().unwrap().zh.ends_with("只增未改。"));
    for tile in wanted {
        let right = tiles
            .insert(tile, vec![0; usize::from(tile.width) * 32])
            .unwrap();
        assert!(verify_receipt_with_tiles(&receipt, &note, &tiles, signer().public()).is_err());
        tiles.insert(tile, vec![0; 7]);
        let short = verify_receipt_with_tiles(&receipt, &note, &tiles, signer().public());
        assert!(matches!(short, Err(VerifyError::Tiles(_))));
        tiles.insert(tile, right);
    }
}

#[test]
fn a_log_rewritten_after_the_receipt_is_found_out() {
    let (receipt, _) = receipt_and_log();
    let rewritten = Log::of(400);
    let note = rewritten.note(&signer());
    let tiles = rewritten.tiles(TileRef::all(400));
    let found = verify_receipt_with_tiles(&receipt, &note, &tiles, signer().public());
    assert!(matches!(found, Err(VerifyError::Step { step: 1, .. })));
    let older = Log::of(100);
    let tiles = older.tiles(TileRef::all(100));
    let found =
        verify_receipt_with_tiles(&receipt, &older.note(&signer()), &tiles, signer().public());
    assert_eq!(
        found,
        Err(VerifyError::SavedLogOlder {
            saved: 100,
            receipt: 313
        })
    );
}

#[test]
fn growth_between_two_heads_is_proven() {
    let (old, new) = (Log::of(700), Log::of(1000));
    let plan = consistency_plan(700, 1000);
    let proof = plan.prove(&new.tiles(plan.needs())).unwrap();
    let (old, new) = (old.note(&signer()), new.note(&signer()));
    let line = verify_growth(&old, &new, &proof, signer().public()).unwrap();
    assert_eq!(line.zh, "日志从 700 条到 1000 条，只增未改。");
    assert!(verify_growth(&new, &old, &proof, signer().public()).is_err());
    assert!(verify_growth(&old, &new, &proof[1..], signer().public()).is_err());
}

#[test]
fn each_tampering_is_named() {
    let refused = |change: fn(&mut Receipt)| {
        let (mut receipt, _) = receipt_and_log();
        change(&mut receipt);
        let why = check(&receipt).unwrap_err();
        assert!(why.zh().ends_with('。'), "{}", why.zh());
        why.to_string()
    };
    assert!(refused(|r| r.format = "other/1".to_owned()).contains("not a receipt"));
    assert!(refused(|r| r.origin = "other".to_owned()).contains("of the log “other”"));
    assert!(refused(|r| r.steps.clear()).contains("no steps"));
    assert!(refused(|r| drop(r.steps.remove(1))).contains("step 2 is numbered 3"));
    assert!(refused(|r| drop(r.steps.remove(0))).contains("step 1 is numbered 2"));
    assert!(refused(|r| r.steps.swap(0, 1)).contains("step 1 is numbered 2"));
    assert!(refused(|r| r.steps[1].role = "deputy".to_owned()).contains("log entry: role"));
    assert!(
        refused(|r| r.steps[1].at = "2026-03-05T01:02:09Z".to_owned()).contains("log entry: at")
    );
    assert!(refused(|r| r.steps[1].move_name = "withdraw".to_owned()).contains("log entry: move"));
    assert!(refused(|r| r.matter.kind = "suggestion".to_owned()).contains("log entry: kind"));
    assert!(refused(|r| r.steps[0].index += 1).contains("step 1 is not proven"));
    assert!(refused(|r| r.steps[2].inclusion.truncate(2)).contains("wrong number of hashes"));
    assert!(refused(|r| r.steps[0].content = Some(opening("别的话"))).contains("text of step 1"));
    assert!(refused(|r| r.steps[2].content = Some(opening("别的话"))).contains("text of step 3"));
    assert!(refused(|r| r.checkpoint.clear()).contains("not a signed note"));
    assert!(refused(|r| r.log_key = other().verifier_key()).contains("another key"));
    assert!(refused(|r| r.steps[0].entry = b"{}".to_vec()).contains("not in order"));
}

fn other() -> Signer {
    Signer::new(common::ORIGIN, [8; 32]).unwrap()
}

#[test]
fn a_receipt_of_a_forged_log_needs_the_trusted_key() {
    let (mut receipt, _) = receipt_and_log();
    assert_eq!(
        verify_receipt(&receipt, other().public()),
        Err(VerifyError::OtherKey)
    );
    receipt.log_key = other().verifier_key();
    assert!(matches!(
        verify_receipt(&receipt, other().public()),
        Err(VerifyError::Note(_))
    ));
}

#[test]
fn steps_of_two_matters_do_not_mix() {
    let (mut receipt, mut log) = receipt_and_log();
    let mut foreign = entry(3, "x");
    foreign.matter = "01980000-0000-7000-8000-000000000002".to_owned();
    receipt.steps[2].entry = foreign.to_bytes().unwrap();
    receipt.steps[2].index = log.append(&receipt.steps[2].entry);
    receipt.steps[2].content = None;
    reprove(&mut receipt, &log);
    assert_eq!(check(&receipt), Err(VerifyError::OtherMatter(3)));
}

#[test]
fn strange_files_are_refused_in_words() {
    let (receipt, _) = receipt_and_log();
    let json = receipt.to_json().unwrap();
    let unknown = json.replacen("\"format\"", "\"extra\": 1,\n  \"format\"", 1);
    let long = " ".repeat(5_000_000);
    let nested = "[".repeat(100_000);
    for bad in [
        "",
        "{}",
        "null",
        "[]",
        unknown.as_str(),
        long.as_str(),
        nested.as_str(),
        "{\"format\":\"x\"}",
    ] {
        assert!(matches!(
            Receipt::from_json(bad),
            Err(VerifyError::Format(_))
        ));
    }
}
