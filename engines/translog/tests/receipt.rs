//! A resident checks the receipt (回执), offline, and every tampering is found and named.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by falling")]

mod common;

use common::{DECIDED, Log, SAID, entry, opening, receipt_and_log, reprove, signer};
use translog::{
    FormatError, Receipt, Report, Signer, TileRef, VerifyError, growth_tiles, verify_growth,
    verify_receipt,
};

fn check(receipt: &Receipt) -> Result<Report, VerifyError> {
    verify_receipt(receipt, signer().public())
}

/// The receipt against the log as it stands now.
fn check_in(receipt: &Receipt, log: &Log) -> Result<(), VerifyError> {
    let (report, now) = (check(receipt)?, log.checkpoint());
    report.check_in(&now, &log.tiles(report.tiles_in(&now)?))
}

#[test]
fn an_honest_receipt_is_proven_with_what_was_said() {
    let (receipt, _) = receipt_and_log();
    let read = Receipt::from_json(&receipt.to_json().unwrap()).unwrap();
    assert_eq!(read, receipt);
    let report = check(&read).unwrap();
    assert_eq!(report.checkpoint.size, 313);
    let steps = report.steps.iter();
    let said: Vec<_> = steps.map(|step| step.content.as_deref()).collect();
    assert_eq!(said, [Some(SAID), None, Some(DECIDED)]);
    assert_eq!(report.steps[0].index, 250);
    assert_eq!(report.steps[0].entry, entry(1, SAID));
}

#[test]
fn the_opinion_is_what_step_one_says_and_nothing_else() {
    let (receipt, _) = receipt_and_log();
    let mut file: serde_json::Value = serde_json::from_str(&receipt.to_json().unwrap()).unwrap();
    file["opinion"] = file["steps"][2]["content"].clone();
    let found = Receipt::from_json(&file.to_string());
    assert!(matches!(found, Err(VerifyError::Format(_))), "{found:?}");
    let mut swapped = receipt;
    swapped.steps[0].content = swapped.steps[2].content.clone();
    assert_eq!(check(&swapped), Err(VerifyError::OtherWords(1)));
}

#[test]
fn the_way_is_proven_again_in_a_log_that_grew() {
    let (receipt, mut log) = receipt_and_log();
    assert_eq!(check_in(&receipt, &log), Ok(()), "as it was");
    for filler in 0..70_000_u32 {
        log.append(&filler.to_be_bytes());
    }
    assert_eq!(check_in(&receipt, &log), Ok(()), "as it is now");
    let (report, now) = (check(&receipt).unwrap(), log.checkpoint());
    let wanted = report.tiles_in(&now).unwrap();
    assert!(wanted.len() < 10, "{wanted:?}");
    let mut tiles = log.tiles(wanted.clone());
    for tile in wanted {
        let right = tiles
            .insert(tile, vec![0; usize::from(tile.width) * 32])
            .unwrap();
        assert!(report.check_in(&now, &tiles).is_err());
        tiles.insert(tile, vec![0; 7]);
        let short = report.check_in(&now, &tiles);
        assert!(matches!(short, Err(VerifyError::Tiles(_))));
        tiles.insert(tile, right);
    }
}

#[test]
fn a_log_that_keeps_the_steps_but_changes_another_entry_is_called_rewritten() {
    let (receipt, log) = receipt_and_log();
    let mut rewritten = Log::default();
    for (index, entry) in log.entries.iter().enumerate() {
        rewritten.append(if index == 7 { b"another" } else { entry });
    }
    let same_size = check_in(&receipt, &rewritten);
    assert_eq!(same_size, Err(VerifyError::NotAnExtension));
    rewritten.append(b"more");
    let grown = check_in(&receipt, &rewritten);
    assert_eq!(grown, Err(VerifyError::NotAnExtension));
    let quite_another = check_in(&receipt, &Log::of(400));
    assert_eq!(quite_another, Err(VerifyError::NotAnExtension));
}

#[test]
fn a_log_that_became_shorter_is_called_that() {
    let (receipt, log) = receipt_and_log();
    let mut rolled_back = Log::default();
    for entry in &log.entries[..300] {
        rolled_back.append(entry);
    }
    let shrunk = VerifyError::Shrunk { old: 313, new: 300 };
    assert_eq!(shrunk.zh(), "日志变少了：原有 313 条，现在 300 条。");
    assert_eq!(check_in(&receipt, &rolled_back), Err(shrunk.clone()));
    let report = check(&receipt).unwrap();
    let all = rolled_back.tiles(TileRef::all(300));
    assert_eq!(
        report.check_in(&rolled_back.checkpoint(), &all),
        Err(shrunk)
    );
}

#[test]
fn tiles_that_are_not_the_checkpoints_are_not_taken_for_a_rewritten_log() {
    let (receipt, log) = receipt_and_log();
    let (report, now) = (check(&receipt).unwrap(), log.checkpoint());
    let mut tiles = log.tiles(report.tiles_in(&now).unwrap());
    let partial = TileRef::of(0, 1, 313).unwrap();
    tiles.get_mut(&partial).unwrap()[0] ^= 1;
    assert_eq!(
        report.check_in(&now, &tiles),
        Err(VerifyError::RootMismatch)
    );
}

#[test]
fn growth_between_two_checkpoints_is_proven() {
    let (old, new) = (Log::of(700), Log::of(1000));
    let (old, now) = (old.checkpoint(), new.checkpoint());
    let wanted = growth_tiles(&old, &now).unwrap();
    let tiles = new.tiles(wanted);
    assert_eq!(verify_growth(&old, &now, &tiles), Ok(()));
    let shrunk = VerifyError::Shrunk {
        old: 1000,
        new: 700,
    };
    assert_eq!(verify_growth(&now, &old, &tiles), Err(shrunk));
    let mut other = old;
    other.root.0[0] ^= 1;
    assert_eq!(
        verify_growth(&other, &now, &tiles),
        Err(VerifyError::NotAnExtension)
    );
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
    assert!(refused(|r| r.format = "other/1".to_owned()).contains("another form"));
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
    assert!(refused(|r| r.steps[2].content = Some(opening("别的话"))).contains("words of step 3"));
    assert!(refused(|r| r.steps = vec![r.steps[0].clone(); 1001]).contains("more than 1,000"));
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
    let nested = "[".repeat(100_000);
    for bad in ["", "{}", "null", "[]", &unknown, &nested, "{\"format\":1}"] {
        let found = Receipt::from_json(bad);
        assert!(
            matches!(found, Err(VerifyError::Format(FormatError::Json { .. }))),
            "{found:?}"
        );
    }
    let long = Receipt::from_json(&" ".repeat(5_000_000));
    assert_eq!(long, Err(VerifyError::Format(FormatError::TooLong)));
    let why = Receipt::from_json(&unknown).unwrap_err();
    let zh = "文件不是本程序认识的回执：从第 2 行第 9 列起，读不成回执。";
    assert_eq!(why.zh(), zh);
}

#[test]
fn every_refusal_can_be_said_in_chinese() {
    let (receipt, log) = receipt_and_log();
    let report = check(&receipt).unwrap();
    let mut tiles = log.tiles(report.tiles_in(&log.checkpoint()).unwrap());
    let partial = TileRef::of(0, 1, 313).unwrap();
    tiles.insert(partial, vec![0; 3]);
    let short = report.check_in(&log.checkpoint(), &tiles).unwrap_err();
    tiles.remove(&partial);
    let missing = report.check_in(&log.checkpoint(), &tiles).unwrap_err();
    assert_eq!(
        [short.zh(), missing.zh()],
        [
            "日志文件不足以得出证明：tile/0/001.p/57 有 3 字节，应为 1824 字节。",
            "日志文件不足以得出证明：缺少 tile/0/001.p/57。"
        ]
    );
}
