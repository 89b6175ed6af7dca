//! Backups: one moment, both ways between both databases, nothing restored from a damaged file.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use kernel::TestClock;
use store::{
    Db, Migration, Value,
    backup::{self, BackupError, Manifest},
    jobs, schema, sql,
    testing::{TestDb, begin, count},
};

const TABLES: Migration = Migration {
    id: "test/0001",
    script: "CREATE TABLE thing (id UUID PRIMARY KEY, parent UUID REFERENCES thing (id), name TEXT, size BIGINT,
                 data BYTEA, yes BOOLEAN NOT NULL);
             CREATE TABLE a_child (thing UUID NOT NULL REFERENCES thing (id), word TEXT NOT NULL,
                 PRIMARY KEY (thing, word));
             CREATE TABLE seed (id BIGINT PRIMARY KEY, note TEXT NOT NULL);
             INSERT INTO seed (id, note) VALUES (1, 'as migrated')",
};
const MIGRATIONS: &[Migration] = &[TABLES, jobs::MIGRATION];

/// Removed when the test ends.
struct Backup(PathBuf);

impl Backup {
    fn beside(test: &TestDb) -> Self {
        let name: String = test
            .url
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        Self(std::env::temp_dir().join(format!("quancheng-backup-{name}.zip")))
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn quiet(_: &str, _: u64) {}

async fn fill(db: &Db) {
    let id = |n: u32| {
        uuid::Uuid::from_u128(u128::from(n.wrapping_mul(2_654_435_761)) << 64 | u128::from(n))
    };
    // A third of them refer to another, before or after it in the file.
    let thing = |n: u32| {
        let parent = n.is_multiple_of(3).then(|| id((n + 1) % 600));
        let name = (!n.is_multiple_of(5)).then(|| format!("第{n}条\u{0001}\"\\\n意见"));
        let data = (!n.is_multiple_of(7)).then(|| n.to_be_bytes().to_vec());
        let size = n.is_multiple_of(2).then(|| i64::MAX - i64::from(n));
        [
            id(n).into(),
            parent.into(),
            name.into(),
            size.into(),
            data.into(),
            Value::from(n.is_multiple_of(2)),
        ]
    };
    let mut tx = begin(db).await;
    // In one statement, because references are checked after each.
    sql("INSERT INTO thing (id, parent, name, size, data, yes) VALUES ")
        .push_rows((0..600).map(thing))
        .execute(&mut tx)
        .await
        .unwrap();
    let words = ["a", "B", "é", "意", ""];
    let child = |n: u32| words.map(|word| [Value::from(id(n)), Value::from(word)]);
    sql("INSERT INTO a_child (thing, word) VALUES ")
        .push_rows((0..200).flat_map(child))
        .execute(&mut tx)
        .await
        .unwrap();
    sql("UPDATE seed SET note = 'as changed'")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn written(test: &TestDb) -> (Backup, Manifest) {
    let file = Backup::beside(test);
    let manifest = backup::write(&test.db, &file.0, &TestClock::default(), &quiet)
        .await
        .unwrap();
    (file, manifest)
}

async fn move_through(first: TestDb, second: TestDb, third: TestDb) {
    fill(&first.db).await;
    let (file, manifest) = written(&first).await;
    let seen = AtomicU64::new(0);
    let progress = |table: &str, rows: u64| {
        if table == "thing" {
            seen.store(rows, Ordering::SeqCst);
        }
    };
    let restored = backup::restore(&second.db, &file.0, MIGRATIONS, &progress);
    assert_eq!(restored.await.unwrap(), manifest);
    assert_eq!(seen.load(Ordering::SeqCst), 600);
    let (file, again) = written(&second).await;
    assert_eq!(again, manifest);
    backup::restore(&third.db, &file.0, MIGRATIONS, &quiet)
        .await
        .unwrap();
    assert_eq!(written(&third).await.1, manifest);
    assert_eq!(
        schema::tables(&third.db).await.unwrap(),
        schema::tables(&first.db).await.unwrap()
    );
    let changed = "SELECT COUNT(*) FROM seed WHERE note = 'as changed'";
    assert_eq!(count(&third.db, changed).await.unwrap(), 1);
    // References hold again.
    let mut tx = begin(&third.db).await;
    let dangling =
        sql("INSERT INTO a_child (thing, word) VALUES ($1, 'x')").bind(uuid::Uuid::max());
    assert!(dangling.execute(&mut tx).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_file_to_a_server_and_back() {
    let first = TestDb::sqlite(MIGRATIONS, None).await;
    move_through(
        first,
        TestDb::empty_postgres().await,
        TestDb::empty_sqlite().await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_server_to_a_file_and_back() {
    let first = TestDb::postgres(MIGRATIONS, None).await;
    move_through(
        first,
        TestDb::empty_sqlite().await,
        TestDb::empty_postgres().await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_restored_leaves_an_empty_database_empty() {
    for target in [TestDb::empty_sqlite().await, TestDb::empty_postgres().await] {
        let source = TestDb::sqlite(MIGRATIONS, None).await;
        fill(&source.db).await;
        let (file, manifest) = written(&source).await;
        let whole = std::fs::read(&file.0).unwrap();

        let unknown = backup::restore(&target.db, &file.0, &[TABLES], &quiet).await;
        assert!(
            matches!(unknown, Err(BackupError::UnknownMigration(id)) if id == jobs::MIGRATION.id)
        );
        for part in [3, 2] {
            let mut damaged = whole.clone();
            damaged[whole.len() / part] ^= 0x40;
            std::fs::write(&file.0, damaged).unwrap();
            backup::restore(&target.db, &file.0, MIGRATIONS, &quiet)
                .await
                .unwrap_err();
        }
        std::fs::write(&file.0, &whole[..whole.len() / 2]).unwrap();
        let half = backup::restore(&target.db, &file.0, MIGRATIONS, &quiet).await;
        assert!(matches!(half, Err(BackupError::Unreadable(_))), "{half:?}");
        assert_eq!(schema::tables(&target.db).await.unwrap(), []);

        std::fs::write(&file.0, &whole).unwrap();
        assert_eq!(
            backup::restore(&target.db, &file.0, MIGRATIONS, &quiet)
                .await
                .unwrap(),
            manifest
        );
        let twice = backup::restore(&target.db, &file.0, MIGRATIONS, &quiet).await;
        assert!(matches!(twice, Err(BackupError::NotEmpty)));
    }
}

store::on_both! {
    [MIGRATIONS, None]

    async fn a_backup_holds_one_moment_while_others_write(test: TestDb) {
        let (db, stop) = (test.db.clone(), Arc::new(AtomicBool::new(false)));
        let ended = Arc::clone(&stop);
        let writer = tokio::spawn(async move {
            let mut n = 0i64;
            while !ended.load(Ordering::SeqCst) {
                n += 1;
                let id = uuid::Uuid::from_u128(n.unsigned_abs().into());
                let mut tx = begin(&db).await;
                sql("INSERT INTO thing (id, yes) VALUES ($1, true)").bind(id).execute(&mut tx).await.unwrap();
                sql("INSERT INTO seed (id, note) VALUES ($1, '')").bind(n + 1).execute(&mut tx).await.unwrap();
                tx.commit().await.unwrap();
            }
            n
        });
        for _ in 0..10 {
            let (_file, manifest) = written(&test).await;
            let rows = |name: &str| manifest.tables.iter().find(|table| table.name == name).unwrap().rows;
            assert_eq!(rows("thing") + 1, rows("seed"));
        }
        stop.store(true, Ordering::SeqCst);
        assert!(writer.await.unwrap() > 0);
    }

    async fn a_backup_that_fails_leaves_no_file(test: TestDb) {
        let nowhere = std::env::temp_dir().join("quancheng-no-such-folder/backup.zip");
        let failed = backup::write(&test.db, &nowhere, &TestClock::default(), &quiet).await;
        assert!(matches!(failed, Err(BackupError::File(_))), "{failed:?}");
    }
}
