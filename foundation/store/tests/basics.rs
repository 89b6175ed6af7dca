//! Values, rows, transactions and migrations on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kernel::{Actor, TestClock};
use store::{
    Migration, StoreError, Value, migrate, sql,
    testing::{begin, count},
};

const MIGRATIONS: &[Migration] = &[Migration {
    id: "test/0001",
    script:
        "CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT, data BYTEA, key UUID, yes BOOLEAN);
             CREATE UNIQUE INDEX thing_by_name ON thing (name)",
}];
const INSERT: &str = "INSERT INTO thing (id, name, data, key, yes) VALUES ($1, $2, $3, $4, $5)";
const COUNT: &str = "SELECT COUNT(*) FROM thing";

type Row = (
    i64,
    Option<String>,
    Option<Vec<u8>>,
    Option<uuid::Uuid>,
    Option<bool>,
);

store::on_both! {
    [MIGRATIONS, None]

    async fn every_kind_of_value_comes_back(test: TestDb) {
        let key = uuid::Uuid::from_u128(7);
        let mut tx = begin(&test.db).await;
        let full = sql(INSERT).bind(1i64).bind("意见").bind(vec![0u8, 255]).bind(key).bind(true);
        assert_eq!(full.execute(&mut tx).await.unwrap(), 1);
        let empty = sql(INSERT).bind(2i64).bind(None::<String>).bind(Value::Bytes(None)).bind(None::<uuid::Uuid>);
        empty.bind(None::<bool>).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let rows: Vec<Row> = sql("SELECT id, name, data, key, yes FROM thing ORDER BY id").all(&test.db).await.unwrap();
        let first = (1, Some("意见".to_owned()), Some(vec![0, 255]), Some(key), Some(true));
        assert_eq!(rows, [first, (2, None, None, None, None)]);
    }

    async fn rows_are_pushed_in_one_statement(test: TestDb) {
        let rows = (0..500i64).map(|n| [Value::from(n), Value::from(format!("n{n}"))]);
        let mut tx = begin(&test.db).await;
        sql("INSERT INTO thing (id, name) VALUES ").push_rows(rows).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&test.db, COUNT).await.unwrap(), 500);
        let some = sql("SELECT id FROM thing WHERE id >= ").push_bind(490i64).push(" AND id < ").push_bind(495i64);
        let ids: Vec<(i64,)> = some.push(" ORDER BY id").all(&test.db).await.unwrap();
        assert_eq!(ids.len(), 5);
    }

    async fn a_taken_key_is_a_conflict_and_a_missing_row_is_missing(test: TestDb) {
        let mut tx = begin(&test.db).await;
        sql("INSERT INTO thing (id) VALUES ($1)").bind(1i64).execute(&mut tx).await.unwrap();
        let again = sql("INSERT INTO thing (id) VALUES ($1)").bind(1i64).execute(&mut tx).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
        // Ignoring the failure does not get it committed, on either database.
        assert!(matches!(tx.commit().await, Err(StoreError::Inconsistent(_))));
        assert_eq!(count(&test.db, COUNT).await.unwrap(), 0);
        let missing = sql("SELECT id FROM thing WHERE id = $1").bind(9i64).one::<(i64,)>(&test.db).await;
        assert!(matches!(missing, Err(StoreError::Missing)));
    }

    async fn what_is_not_committed_is_gone(test: TestDb) {
        let mut tx = begin(&test.db).await;
        sql("INSERT INTO thing (id) VALUES ($1)").bind(1i64).execute(&mut tx).await.unwrap();
        let (inside,): (i64,) = sql(COUNT).one(&mut tx).await.unwrap();
        assert_eq!((inside, count(&test.db, COUNT).await.unwrap()), (1, 0));
        tx.roll_back().await;
        let mut tx = begin(&test.db).await;
        sql("INSERT INTO thing (id) VALUES ($1)").bind(2i64).execute(&mut tx).await.unwrap();
        drop(tx);
        begin(&test.db).await.commit().await.unwrap();
        assert_eq!(count(&test.db, COUNT).await.unwrap(), 0);
    }

    async fn a_transaction_knows_who_acts(test: TestDb) {
        let tx = test.db.begin(Actor::Resident).await.unwrap();
        assert_eq!(tx.actor(), &Actor::Resident);
        tx.roll_back().await;
    }

    async fn migrations_run_once_and_a_bad_one_leaves_nothing(test: TestDb) {
        let clock = TestClock::default();
        assert!(migrate(&test.db, MIGRATIONS, &clock).await.unwrap().is_empty());
        let bad = [Migration { id: "test/0002", script: "CREATE TABLE other (id BIGINT); SELECT nothing FROM nowhere" }];
        assert!(migrate(&test.db, &bad, &clock).await.is_err());
        let good = [Migration { id: "test/0002", script: "CREATE TABLE other (id BIGINT)" }];
        assert_eq!(migrate(&test.db, &good, &clock).await.unwrap(), ["test/0002"]);
        store::check_migrations(&test.db, &good).await.unwrap();
        let later = [Migration { id: "test/0003", script: "" }];
        assert!(store::check_migrations(&test.db, &later).await.is_err());
    }

    async fn a_closed_database_refuses(test: TestDb) {
        test.db.close().await;
        assert!(test.db.begin(Actor::System).await.unwrap_err().is_unavailable());
    }

    async fn reading_is_counted(test: TestDb) {
        let before = test.db.queries();
        count(&test.db, COUNT).await.unwrap();
        assert_eq!(test.db.queries() - before, 1);
    }
}

#[tokio::test]
async fn an_address_of_neither_kind_is_refused() {
    assert!(
        store::Db::open(&store::Options::new("mysql://here/db"))
            .await
            .is_err()
    );
}
