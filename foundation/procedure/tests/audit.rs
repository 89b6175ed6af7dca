//! The audit: silent on a sound log, and every damage to every column is found.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use common::*;
use kernel::Actor;
use procedure::{Audit, Carry, Finding, MIGRATIONS, audit, redact};
use store::{Db, sql, testing::begin};

/// A log past one tile, with a matter of several steps and one that was redacted.
async fn busy_hall(db: &Db) {
    let hall = Hall::default();
    let lamp = hall.assigned(db, july(9)).await;
    hall.clerk(db, lamp, Move::Wait, because("缺件"))
        .await
        .unwrap();
    hall.clerk(db, lamp, Move::GoOn, until(july(15)))
        .await
        .unwrap();
    hall.clerk(
        db,
        lamp,
        Move::Decide,
        Carry {
            to: Some(State::Fixed),
            ..because("已修")
        },
    )
    .await
    .unwrap();
    let redacted = hall.assigned(db, july(9)).await;
    let mut tx = db.begin(Actor::Resident).await.unwrap();
    for _ in 0..270 {
        hall.report_in(&mut tx, congress(0), 2026).await;
    }
    hall.report_in(&mut tx, congress(1), 2027).await;
    redact(&mut tx, redacted, 2).await.unwrap();
    tx.commit().await.unwrap();
}

async fn run(db: &Db, statements: &[&'static str]) {
    let mut tx = begin(db).await;
    for statement in statements {
        sql(statement).execute(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn audited(db: &Db) -> Audit {
    audit(db, |_, _| ()).await.unwrap()
}

const KEEP: &[&str] = &[
    "CREATE TABLE keep_matter AS SELECT * FROM matter",
    "CREATE TABLE keep_move AS SELECT * FROM matter_move",
    "CREATE TABLE keep_entry AS SELECT * FROM log_entry",
    "CREATE TABLE keep_node AS SELECT * FROM log_node",
    "CREATE TABLE keep_head AS SELECT * FROM log_head",
    "CREATE TABLE keep_counter AS SELECT * FROM matter_counter",
];

const MEND: &[&str] = &[
    "DELETE FROM matter_move",
    "UPDATE matter SET (kind, year, number, state, steps, opened_at, changed_at) =
        (SELECT kind, year, number, state, steps, opened_at, changed_at FROM keep_matter k WHERE k.id = matter.id)",
    "INSERT INTO matter_move SELECT * FROM keep_move",
    "DELETE FROM log_entry",
    "INSERT INTO log_entry SELECT * FROM keep_entry",
    "DELETE FROM log_node",
    "INSERT INTO log_node SELECT * FROM keep_node",
    "DELETE FROM log_head",
    "INSERT INTO log_head SELECT * FROM keep_head",
    "DELETE FROM matter_counter",
    "INSERT INTO matter_counter SELECT * FROM keep_counter",
];

/// The one matter of five steps, whose entries are 0 to 4.
macro_rules! five {
    ($change:literal) => {
        concat!("UPDATE matter SET ", $change, " WHERE steps = 5")
    };
}

/// Its fourth step.
macro_rules! fourth {
    ($change:literal) => {
        concat!(
            "UPDATE matter_move SET ",
            $change,
            " WHERE seq = 4 AND matter_id = (SELECT id FROM matter WHERE steps = 5)"
        )
    };
}

/// Each damage with what must be found of it.
const DAMAGES: &[(&str, &str)] = &[
    (
        "UPDATE log_entry SET leaf = (SELECT leaf FROM log_entry WHERE idx = 4) WHERE idx = 3",
        "leaf 3",
    ),
    (
        "UPDATE log_entry SET entry = (SELECT entry FROM log_entry WHERE idx = 4) WHERE idx = 3",
        "leaf 3",
    ),
    (
        "UPDATE log_entry SET entry = leaf WHERE idx = 3",
        "entry-form 3",
    ),
    ("UPDATE log_entry SET leaf = entry WHERE idx = 3", "leaf 3"),
    (
        "UPDATE log_entry SET move_id = (SELECT id FROM matter WHERE steps = 5) WHERE idx = 3",
        "entry-without-move 3",
    ),
    ("DELETE FROM log_entry WHERE idx = 3", "entry-missing 3"),
    (
        "UPDATE log_entry SET idx = 9999 WHERE idx = 3",
        "entry-beyond 9999",
    ),
    (
        "UPDATE log_entry SET idx = -1 WHERE idx = 3",
        "entry-beyond -1",
    ),
    (
        "UPDATE log_node SET hash = (SELECT leaf FROM log_entry WHERE idx = 3)",
        "node 8/0",
    ),
    ("UPDATE log_node SET level = 16", "node 8/0"),
    ("UPDATE log_node SET level = 16", "node-beyond 16/0"),
    ("UPDATE log_node SET level = 9", "node-beyond 9/0"),
    ("UPDATE log_node SET idx = 1", "node-beyond 8/1"),
    ("DELETE FROM log_node", "node 8/0"),
    ("UPDATE log_head SET size = size - 1", "head"),
    (
        "UPDATE log_head SET frontier = (SELECT leaf FROM log_entry WHERE idx = 3)",
        "head",
    ),
    ("DELETE FROM log_head", "head"),
    (
        fourth!("matter_id = (SELECT id FROM matter WHERE number = 7)"),
        "entry-differs 3 matter",
    ),
    (
        fourth!("matter_id = (SELECT id FROM matter WHERE number = 7)"),
        "steps",
    ),
    (fourth!("seq = 9"), "entry-differs 3 step"),
    (fourth!("seq = 9"), "steps"),
    (fourth!("move = 'note'"), "entry-differs 3 move"),
    (fourth!("from_state = 'fixed'"), "chain"),
    (fourth!("to_state = 'fixed'"), "record-differs 3 to"),
    (fourth!("role = 'chair'"), "entry-differs 3 role"),
    (fourth!("at = at + 1"), "entry-differs 3 at"),
    (fourth!("reason = 'another'"), "record-differs 3 reason"),
    (fourth!("reason = NULL"), "record-differs 3 reason"),
    (fourth!("content = '{\"to\":\"assigned\"}'"), "commitment 3"),
    (fourth!("content = 'words'"), "record-differs 3 form"),
    (fourth!("content = NULL"), "half-redacted 3"),
    (fourth!("content = NULL, salt = NULL"), "half-redacted 3"),
    (fourth!("salt = NULL"), "half-redacted 3"),
    (
        fourth!("salt = (SELECT leaf FROM log_entry WHERE idx = 3)"),
        "commitment 3",
    ),
    (
        fourth!("id = (SELECT id FROM matter WHERE steps = 5)"),
        "move-without-entry",
    ),
    ("DELETE FROM matter_move WHERE seq = 5", "steps"),
    (
        "DELETE FROM matter_move WHERE matter_id = (SELECT id FROM matter WHERE number = 7)",
        "steps",
    ),
    (five!("kind = 'lantern'"), "entry-differs 0 kind"),
    (five!("state = 'closed'"), "matter-differs"),
    (five!("opened_at = opened_at - 1"), "matter-differs"),
    (five!("changed_at = changed_at + 1"), "matter-differs"),
    ("UPDATE matter SET steps = 4 WHERE steps = 5", "steps"),
    (five!("number = 7"), "numbers lamp 2026"),
    (five!("number = 0"), "numbers lamp 2026"),
    (five!("year = 2027"), "numbers lamp 2027"),
    (
        "UPDATE matter_counter SET n = n + 1 WHERE year = 2027",
        "numbers lamp 2027",
    ),
    ("DELETE FROM matter_counter", "numbers lamp 2026"),
];

store::on_both! {
    [MIGRATIONS, ledger()]

    async fn a_sound_log_has_no_findings(test: TestDb) {
        assert_eq!(audited(&test.db).await, Audit::default());
        busy_hall(&test.db).await;
        let mut heard = Vec::new();
        let found = audit(&test.db, |done, of| heard.push((done, of))).await.unwrap();
        assert_eq!((found.findings, found.unlisted), (Vec::<Finding>::new(), 0));
        assert_eq!((found.entries, found.matters), (278, 273));
        assert_eq!(heard, [(278, 278)]);
    }

    async fn every_damage_is_found(test: TestDb) {
        busy_hall(&test.db).await;
        run(&test.db, KEEP).await;
        for (damage, finding) in DAMAGES {
            run(&test.db, &[damage]).await;
            let found = audited(&test.db).await;
            let words: Vec<String> = found.findings.iter().map(Finding::to_string).collect();
            let told = words.iter().any(|words| words == finding || words.starts_with(&format!("{finding} ")));
            assert!(told, "{damage}: {words:?}");
            run(&test.db, MEND).await;
        }
        assert_eq!(audited(&test.db).await.findings, []);
    }

    /// A log in which nothing holds is told in a list that ends.
    async fn findings_are_counted_beyond_what_is_listed(test: TestDb) {
        busy_hall(&test.db).await;
        run(&test.db, &["UPDATE matter_move SET role = 'admin'"]).await;
        let found = audited(&test.db).await;
        assert_eq!((found.findings.len(), found.unlisted), (200, 78));
    }
}
