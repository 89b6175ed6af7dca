//! The lane under failure: broken-off requests, failing members, failing commits, a lost server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use kernel::{Actor, Entropy as _, SeededEntropy};
use store::{
    Conn, Db, Ledger, Migration, Options, Result, Staged, StoreError, sql,
    testing::{TestDb, begin},
};
use tokio::net::{TcpListener, TcpStream};

const MIGRATIONS: &[Migration] = &[Migration {
    id: "test/0001",
    script: "CREATE TABLE thing (id BIGINT PRIMARY KEY,
                 other BIGINT REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED)",
}];
const INSERT: &str = "INSERT INTO thing (id) VALUES ($1)";
const INSERT_DANGLING: &str = "INSERT INTO thing (id, other) VALUES ($1, -1)";

async fn insert(db: &Db, id: i64) -> Result<()> {
    let mut tx = db.begin(Actor::System).await?;
    sql(INSERT).bind(id).execute(&mut tx).await?;
    tx.commit().await
}

async fn contents(db: &Db) -> BTreeSet<i64> {
    let rows: Vec<(i64,)> = sql("SELECT id FROM thing").all(db).await.unwrap();
    rows.into_iter().map(|(id,)| id).collect()
}

/// Polls `work` at most `polls` times, then drops it: a request broken off at any await.
async fn broken_off<T>(work: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut work = Box::pin(work);
    let mut done = 0;
    std::future::poll_fn(move |cx| {
        if done == polls {
            return Poll::Ready(None);
        }
        done += 1;
        match work.as_mut().poll(cx) {
            Poll::Pending if done == polls => Poll::Ready(None),
            polled => polled.map(Some),
        }
    })
    .await
}

/// Polls once, so that each takes its place in the queue.
async fn queue_up<T>(work: &mut Pin<Box<impl Future<Output = T>>>) {
    std::future::poll_fn(|cx| {
        assert!(work.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// What a writer did, and whether it may be there although nobody was told.
#[derive(Default)]
struct Told {
    acknowledged: Mutex<BTreeSet<i64>>,
    in_doubt: Mutex<BTreeSet<i64>>,
}

async fn write(db: Db, id: i64, luck: u8, told: Arc<Told>) {
    let committing = AtomicBool::new(false);
    let work = async {
        let mut tx = db.begin(Actor::System).await?;
        sql(INSERT).bind(id).execute(&mut tx).await?;
        match luck % 8 {
            0 => tx.roll_back().await,
            1 => drop(tx),
            2 => drop(sql(INSERT).bind(id).execute(&mut tx).await),
            3 => {
                // A statement broken off, and then the transaction.
                broken_off(sql(INSERT).bind(-id).execute(&mut tx), 1).await;
                drop(tx);
            }
            _ => {
                committing.store(true, Ordering::SeqCst);
                tx.commit().await?;
                told.acknowledged.lock().unwrap().insert(id);
            }
        }
        Ok::<_, StoreError>(())
    };
    let polls = if luck & 0x80 == 0 {
        usize::MAX
    } else {
        usize::from(luck & 0x7f) / 8
    };
    let ended = broken_off(work, polls).await;
    if ended.is_none() && committing.load(Ordering::SeqCst) {
        told.in_doubt.lock().unwrap().insert(id);
    }
}

struct Moody(AtomicBool);

impl Ledger for Moody {
    fn seal<'a>(&'a self, _: &'a mut Conn, _: &'a [Staged]) -> BoxFuture<'a, Result<()>> {
        let fails = self.0.swap(false, Ordering::SeqCst);
        Box::pin(async move {
            if fails {
                panic!("the ledger is in a mood")
            } else {
                Ok(())
            }
        })
    }
}

fn entry() -> Staged {
    Staged {
        move_id: uuid::Uuid::from_u128(1).into(),
        entry: vec![1],
    }
}

store::on_both! {
    [MIGRATIONS, None]

    async fn exactly_what_was_acknowledged_is_there(test: TestDb) {
        let (entropy, told) = (SeededEntropy::new(11), Arc::new(Told::default()));
        for round in 0..10i64 {
            let mut tasks = Vec::new();
            for n in 0..60i64 {
                let mut luck = [0u8; 1];
                entropy.fill(&mut luck);
                tasks.push(tokio::spawn(write(test.db.clone(), 1 + round * 60 + n, luck[0], Arc::clone(&told))));
            }
            for task in tasks {
                task.await.unwrap();
            }
        }
        insert(&test.db, 10_000).await.unwrap();
        let mut there = contents(&test.db).await;
        assert!(there.remove(&10_000));
        let acknowledged = told.acknowledged.lock().unwrap().clone();
        let in_doubt = told.in_doubt.lock().unwrap().clone();
        assert!(acknowledged.len() > 150, "{}", acknowledged.len());
        let missing: Vec<_> = acknowledged.difference(&there).collect();
        let known: BTreeSet<_> = acknowledged.union(&in_doubt).copied().collect();
        let extra: Vec<_> = there.difference(&known).collect();
        assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, extra {extra:?}");
    }

    async fn a_request_broken_off_at_any_await_leaves_all_or_nothing(test: TestDb) {
        for polls in 0..40usize {
            let id = i64::try_from(polls).unwrap() * 10;
            // As the first of a group, and as one who joins a group.
            let _ = broken_off(insert(&test.db, id), polls).await;
            let mut first = begin(&test.db).await;
            sql(INSERT).bind(id + 1).execute(&mut first).await.unwrap();
            let mut second = Box::pin(broken_off(insert(&test.db, id + 2), polls + 2));
            queue_up(&mut second).await;
            let (first, _) = tokio::join!(first.commit(), second);
            first.unwrap();
            insert(&test.db, id + 3).await.unwrap();
        }
        let there = contents(&test.db).await;
        for polls in 0..40i64 {
            assert!(there.contains(&(polls * 10 + 1)) && there.contains(&(polls * 10 + 3)));
        }
    }

    async fn a_failed_member_does_not_hurt_the_others(test: TestDb) {
        let mut first = begin(&test.db).await;
        sql(INSERT).bind(1i64).execute(&mut first).await.unwrap();
        let mut bad = Box::pin(insert(&test.db, 1));
        let mut good = Box::pin(insert(&test.db, 2));
        queue_up(&mut bad).await;
        queue_up(&mut good).await;
        let (first, bad, good) = tokio::join!(first.commit(), bad, good);
        assert!(matches!(bad, Err(StoreError::Conflict { .. })), "{bad:?}");
        first.unwrap();
        good.unwrap();
        assert_eq!(contents(&test.db).await, BTreeSet::from([1, 2]));
    }

    async fn a_failed_commit_is_told_to_every_member(test: TestDb) {
        let mut first = begin(&test.db).await;
        sql(INSERT_DANGLING).bind(1i64).execute(&mut first).await.unwrap();
        let mut second = Box::pin(insert(&test.db, 2));
        queue_up(&mut second).await;
        let (first, second) = tokio::join!(first.commit(), second);
        assert!(first.is_err() && second.is_err(), "{first:?} {second:?}");
        insert(&test.db, 3).await.unwrap();
        assert_eq!(contents(&test.db).await, BTreeSet::from([3]));
    }

    async fn waiting_ends_with_patience(test: TestDb) {
        let patience = Duration::from_millis(300);
        let db = test.open_again(patience).await;
        let held = db.begin(Actor::System).await.unwrap();
        let start = Instant::now();
        let refused = db.begin(Actor::System).await;
        assert!(refused.unwrap_err().is_unavailable());
        assert!(start.elapsed() < patience * 3);
        held.roll_back().await;
        db.begin(Actor::System).await.unwrap().commit().await.unwrap();
    }

    /// Programs on one database take one lane, and none waits for another for ever.
    async fn another_program_is_waited_for_only_so_long(test: TestDb) {
        let held = begin(&test.db).await;
        let db = test.open_again(Duration::from_millis(200)).await;
        let start = Instant::now();
        assert!(db.begin(Actor::System).await.unwrap_err().is_unavailable());
        assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
        held.roll_back().await;
        insert(&db, 1).await.unwrap();
    }
}

store::on_both! {
    [MIGRATIONS, Some(Arc::new(Moody(AtomicBool::new(true))))]

    async fn a_ledger_that_panics_fails_its_group_only(test: TestDb) {
        let mut first = begin(&test.db).await;
        first.stage(entry());
        sql(INSERT).bind(1i64).execute(&mut first).await.unwrap();
        let mut second = Box::pin(insert(&test.db, 2));
        queue_up(&mut second).await;
        let (first, second) = tokio::join!(first.commit(), second);
        assert!(first.is_err() && second.is_err());
        let mut third = begin(&test.db).await;
        third.stage(entry());
        sql(INSERT).bind(3i64).execute(&mut third).await.unwrap();
        third.commit().await.unwrap();
        assert_eq!(contents(&test.db).await, BTreeSet::from([3]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminated_backend_fails_its_group_and_the_next_reconnects() {
    let test = TestDb::postgres(MIGRATIONS, None).await;
    let mut first = begin(&test.db).await;
    sql(INSERT).bind(1i64).execute(&mut first).await.unwrap();
    let (backend,): (i32,) = sql("SELECT pg_backend_pid()")
        .one(&mut first)
        .await
        .unwrap();
    let other = test.open_again(Duration::from_secs(5)).await;
    let mut second = Box::pin(insert(&test.db, 2));
    queue_up(&mut second).await;
    let kill = sql("SELECT pg_terminate_backend(")
        .push_bind(i64::from(backend))
        .push("::int)");
    let (killed,): (bool,) = kill.one(&other).await.unwrap();
    assert!(killed);
    let (first, second) = tokio::join!(first.commit(), second);
    assert!(first.unwrap_err().is_unavailable());
    // The second found the connection dead before it had done anything, and began afresh.
    second.unwrap();
    insert(&test.db, 3).await.unwrap();
    assert_eq!(contents(&test.db).await, BTreeSet::from([2, 3]));
}

/// Stands between the program and the server, and can be switched off.
struct Wire {
    address: std::net::SocketAddr,
    server: String,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Wire {
    async fn on(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let server = self.server.clone();
        self.task = Some(tokio::spawn(async move {
            let mut calls = tokio::task::JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let server = server.clone();
                calls.spawn(async move {
                    let mut far = TcpStream::connect(server).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        }));
    }

    async fn off(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_in_time_is_waited_for() {
    let test = TestDb::postgres(MIGRATIONS, None).await;
    let (head, tail) = test.url.split_once('@').unwrap();
    let (server, name) = tail.split_once('/').unwrap();
    let mut wire = Wire {
        address: "127.0.0.1:0".parse().unwrap(),
        server: server.to_owned(),
        task: None,
    };
    wire.on().await;
    let url = format!("{head}@{}/{name}?sslmode=disable", wire.address);
    let patience = Duration::from_secs(2);
    let db = Db::open(&Options {
        readers: 1,
        patience,
        ..Options::new(url)
    })
    .await
    .unwrap();
    let mut tx = db.begin(Actor::System).await.unwrap();
    sql(INSERT).bind(1i64).execute(&mut tx).await.unwrap();

    wire.off().await;
    assert!(tx.commit().await.unwrap_err().is_unavailable());
    let start = Instant::now();
    assert!(insert(&db, 2).await.unwrap_err().is_unavailable());
    assert!(start.elapsed() < patience * 2);

    let mut waiting = Box::pin(insert(&db, 3));
    queue_up(&mut waiting).await;
    wire.on().await;
    waiting.await.unwrap();
    assert_eq!(contents(&db).await, BTreeSet::from([3]));
}
