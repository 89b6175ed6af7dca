//! `kill -9` at any moment loses no acknowledged opinion, leaves no half move, and the log still
//! verifies: a child process takes opinions under load and is killed, again and again.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
    sync::Arc,
};

use ::store::{Db, Options, sql, testing::count};
use common::*;
use consultation::{ops, way};
use kernel::{Entropy as _, OsEntropy, ReceiptCode};

/// Tells the child which database to work on; `DATABASE CONSULTATION`.
const CHILD: &str = "QUANCHENG_CRASH_CHILD";
/// How often the child is killed on each database.
const KILLS: usize = 6;
/// How many residents speak at once.
const RESIDENTS: usize = 8;

/// The child: speaks without end and says each receipt's code once it has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the parent tells the child by its environment"
    )]
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let (url, id) = told
        .rsplit_once(' ')
        .expect("a database and a consultation");
    let db = Db::open_with(&Options::new(url), Arc::new(procedure::MerkleLedger))
        .await
        .expect("it opens");
    let (desk, _) = desk_on(&db, Arc::new(OsEntropy));
    let id = id.parse().expect("a consultation");
    let residents = (0..RESIDENTS).map(|_| {
        let desk = desk.clone();
        tokio::spawn(async move {
            for _ in 0..1_000_000 {
                let mut key = [0; 4];
                OsEntropy.fill(&mut key);
                let receipt = speak(&desk, id, "请把灯留到半夜", u32::from_be_bytes(key)).await;
                writeln!(std::io::stdout(), "receipt {}", receipt.code)
                    .expect("the parent listens");
            }
        })
    });
    for resident in residents.collect::<Vec<_>>() {
        resident.await.expect("residents never stop by themselves");
    }
}

/// Lets a child work until it has given `enough` receipts, then kills it; what it acknowledged.
fn run_and_kill(told: &str, enough: usize) -> Vec<ReceiptCode> {
    let mut child = Command::new(std::env::current_exe().expect("this test has a file"))
        .args(["child", "--exact", "--nocapture"])
        .env(CHILD, told)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child starts");
    let lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    let mut codes = Vec::new();
    for line in lines.map_while(Result::ok) {
        let Some(code) = line.strip_prefix("receipt ") else {
            continue;
        };
        let Ok(code) = code.parse() else { break };
        codes.push(code);
        if codes.len() == enough {
            child.kill().expect("a running child can be killed");
        }
    }
    child.wait().expect("a killed child ends");
    codes
}

/// No half move: every opinion has its matter, its first move and its entry, and nothing else is there.
async fn assert_whole(db: &Db) {
    let opinions = count(db, "SELECT COUNT(*) FROM opinion")
        .await
        .expect("rows can be counted");
    let whole = "SELECT COUNT(*) FROM opinion o JOIN matter m ON m.id = o.id
                 JOIN matter_move v ON v.matter_id = m.id AND v.seq = 1 JOIN log_entry l ON l.move_id = v.id";
    assert_eq!(
        count(db, whole).await.expect("rows can be counted"),
        opinions
    );
    let moves = count(db, "SELECT COUNT(*) FROM matter_move")
        .await
        .expect("rows can be counted");
    assert_eq!(
        count(db, "SELECT COUNT(*) FROM log_entry")
            .await
            .expect("rows can be counted"),
        moves
    );
}

/// The tree built anew from the entries has the root that the head says.
async fn assert_log(db: &Db) {
    let head = procedure::head(db).await.expect("the head can be read");
    let entries = procedure::entries(db, 0, head.size)
        .await
        .expect("the entries can be read");
    let mut rebuilt = translog::Frontier::new();
    for entry in &entries {
        rebuilt.append(translog::leaf_hash(entry));
    }
    assert_eq!(
        (rebuilt.size(), rebuilt.root()),
        (head.size, head.frontier.root())
    );
}

store::on_both! {
    [&migrations(), ledger()]

    /// Six times the server dies in the middle of its work; nobody who holds a receipt is forgotten.
    async fn killed_six_times_nobody_is_forgotten(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let told = format!("{} {id}", test.url);
        let mut acknowledged = Vec::new();
        for kill in 0..KILLS {
            let told = told.clone();
            let enough = 20 + kill * 37;
            acknowledged.extend(tokio::task::spawn_blocking(move || run_and_kill(&told, enough)).await.unwrap());
            assert_whole(&desk.db).await;
            assert_log(&desk.db).await;
        }
        assert!(acknowledged.len() > KILLS * 20, "the children worked");
        for code in &acknowledged {
            assert!(way::by_code(&desk, *code).await.unwrap().is_some(), "{code} was acknowledged");
        }
        let last = acknowledged.last().copied().expect("there are some");
        let held = way::by_code(&desk, last).await.unwrap().expect("it is there");
        let file = way::file(&desk, last, &held).await.unwrap();
        translog::verify_receipt(&file, desk.log.signer().public()).expect("the proof holds after the crashes");
        assert_counters(&desk, id).await;
        let (stuck,): (i64,) = sql("SELECT COUNT(*) FROM matter WHERE steps < 1").one(&desk.db).await.unwrap();
        assert_eq!(stuck, 0);
        let _ = ops::close_overdue(&desk).await.unwrap();
    }
}
