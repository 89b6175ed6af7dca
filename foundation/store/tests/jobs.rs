//! Jobs: together with their cause, again after a crash, once for one key, dead after too many tries.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use kernel::{Actor, Clock as _, SeededEntropy, TestClock};
use store::{
    Db, doctor,
    jobs::{self, Cadence, Failure, Handlers, Job, NewJob, Ran, Round, Worker},
    sql,
    testing::{begin, compare_schemas, count, prepare_all},
};

const MIGRATIONS: &[store::Migration] = &[jobs::MIGRATION];

struct Desk {
    worker: Worker,
    clock: Arc<TestClock>,
    seen: Arc<Mutex<Vec<String>>>,
}

fn desk(db: &Db) -> Desk {
    let (clock, seen) = (
        Arc::new(TestClock::default()),
        Arc::new(Mutex::new(Vec::new())),
    );
    let notes = Arc::clone(&seen);
    let note = move |job: Job, _: Db| {
        notes.lock().unwrap().push(job.payload);
        async { Ok(()) }
    };
    let handlers = Handlers::default()
        .on("note", note)
        .on("fail", |_, _| async {
            Err(Failure::Passing("not today".into()))
        })
        .on(
            "poison",
            |job: Job, _| async move { job.read::<u8>().map(drop) },
        )
        .on("panic", |_, _| async { panic!("a handler panics") });
    let worker = Worker {
        db: db.clone(),
        handlers,
        rounds: Vec::new(),
        clock: Arc::<TestClock>::clone(&clock),
        entropy: Arc::new(SeededEntropy::new(5)),
        lease_seconds: 60,
    };
    Desk {
        worker,
        clock,
        seen,
    }
}

impl Desk {
    async fn enqueue(&self, kind: &'static str, payload: &str, key: Option<&str>) -> bool {
        let mut tx = self.worker.db.begin(Actor::System).await.unwrap();
        let dedup_key = key.map(str::to_owned);
        let job = NewJob {
            dedup_key,
            ..NewJob::new(kind, &payload, self.clock.now()).unwrap()
        };
        let new = jobs::enqueue(&mut tx, &job, self.clock.now(), &*self.worker.entropy)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        new
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_is_the_same_on_both() {
    compare_schemas(MIGRATIONS).await;
}

store::on_both! {
    [MIGRATIONS, None]

    async fn every_statement_can_be_read(test: TestDb) {
        prepare_all(&test, &(store::SCHEMA.statements)()).await;
        prepare_all(&test, &[("a beginning", "INSERT INTO job_round (name, next_at) VALUES ".into())]).await;
    }

    async fn a_job_goes_with_its_cause(test: TestDb) {
        let desk = desk(&test.db);
        let mut tx = begin(&test.db).await;
        let job = NewJob::new("note", &"gone", desk.clock.now()).unwrap();
        assert!(jobs::enqueue(&mut tx, &job, desk.clock.now(), &*desk.worker.entropy).await.unwrap());
        tx.roll_back().await;
        assert!(desk.enqueue("note", "kept", None).await);
        assert_eq!(desk.worker.run_due().await.unwrap(), Ran { done: 1, ..Ran::default() });
        assert_eq!(desk.seen(), ["\"kept\""]);
        assert_eq!(count(&test.db, "SELECT COUNT(*) FROM job").await.unwrap(), 0);
    }

    async fn a_key_is_taken_once_until_it_is_done(test: TestDb) {
        let desk = desk(&test.db);
        assert!(desk.enqueue("note", "a", Some("k")).await);
        assert!(!desk.enqueue("note", "b", Some("k")).await);
        assert!(desk.enqueue("note", "c", None).await && desk.enqueue("note", "d", None).await);
        desk.worker.run_due().await.unwrap();
        assert!(desk.enqueue("note", "e", Some("k")).await);
        assert_eq!(desk.seen().len(), 3);
    }

    async fn a_crash_between_claim_and_finish_runs_it_again_after_the_lease(test: TestDb) {
        let desk = desk(&test.db);
        desk.enqueue("note", "twice", None).await;
        // A worker that claims and dies, as the next statement does for it.
        let mut tx = begin(&test.db).await;
        let claim = "UPDATE job SET state = 'running', attempts = 1, run_at = $1, lease_until = $1";
        sql(claim).bind(desk.clock.now().plus_seconds(60)).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(desk.worker.run_due().await.unwrap(), Ran::default());
        desk.clock.advance_seconds(60);
        assert_eq!(desk.worker.run_due().await.unwrap().done, 1);
        assert_eq!(desk.seen(), ["\"twice\""]);
    }

    async fn a_failing_job_waits_longer_each_time_then_is_dead_and_may_be_revived(test: TestDb) {
        let desk = desk(&test.db);
        desk.enqueue("fail", "x", None).await;
        desk.enqueue("note", "others go on", None).await;
        let first = desk.worker.run_due().await.unwrap();
        assert_eq!(first, Ran { done: 1, retried: 1, dead: 0 });
        assert_eq!(desk.worker.run_due().await.unwrap(), Ran::default());
        let mut tries = 1;
        let failed = async || jobs::troubles(&test.db, None, 10).await.unwrap();
        while !failed().await[0].is_dead() {
            desk.clock.advance_seconds(3_600);
            desk.worker.run_due().await.unwrap();
            tries += 1;
        }
        assert_eq!(tries, 12);
        let dead = failed().await;
        assert_eq!((dead.len(), dead[0].last_error.as_str()), (1, "not today"));
        assert!(jobs::troubles(&test.db, Some(&dead[0]), 10).await.unwrap().is_empty());
        let mut tx = begin(&test.db).await;
        assert!(jobs::retry(&mut tx, dead[0].id, desk.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(desk.worker.run_due().await.unwrap().retried, 1);
        let mut tx = begin(&test.db).await;
        assert!(!jobs::drop_dead(&mut tx, dead[0].id).await.unwrap(), "it lives");
        sql("UPDATE job SET state = 'dead'").execute(&mut tx).await.unwrap();
        assert!(jobs::drop_dead(&mut tx, dead[0].id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(failed().await.is_empty());
    }

    async fn poison_and_panics_keep_nobody_waiting(test: TestDb) {
        let desk = desk(&test.db);
        desk.enqueue("poison", "not a number", None).await;
        desk.enqueue("panic", "", None).await;
        desk.enqueue("unknown", "", None).await;
        desk.enqueue("note", "after", None).await;
        assert_eq!(desk.worker.run_due().await.unwrap(), Ran { done: 1, retried: 2, dead: 1 });
        let counts = jobs::counts(&test.db, desk.clock.now()).await.unwrap();
        assert_eq!((counts.waiting, counts.dead, counts.late), (2, 1, 0));
    }

    async fn workers_side_by_side_do_each_job_once(test: TestDb) {
        let desk = desk(&test.db);
        for n in 0..30 {
            desk.enqueue("note", &n.to_string(), None).await;
        }
        let (one, two, three) =
            tokio::join!(desk.worker.run_due(), desk.worker.run_due(), desk.worker.run_due());
        assert_eq!(one.unwrap().done + two.unwrap().done + three.unwrap().done, 30);
        let mut seen = desk.seen();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 30);
    }

    async fn a_round_comes_round_and_missed_ones_are_made_up_once(test: TestDb) {
        let mut desk = desk(&test.db);
        desk.worker.rounds = vec![Round { kind: "note", cadence: Cadence::EverySeconds(60) }];
        assert_eq!(desk.worker.run_due().await.unwrap().done, 0);
        desk.clock.advance_seconds(60);
        assert_eq!(desk.worker.run_due().await.unwrap().done, 1);
        desk.clock.advance_seconds(600);
        assert_eq!(desk.worker.run_due().await.unwrap().done, 1);
        assert_eq!(desk.worker.run_due().await.unwrap().done, 0);
    }

    async fn a_round_comes_back_after_its_job_has_died(test: TestDb) {
        let mut desk = desk(&test.db);
        let night = Arc::new(AtomicBool::new(true));
        let bad = Arc::clone(&night);
        let close = move |_: Job, _: Db| {
            let bad = bad.load(Ordering::SeqCst);
            async move { if bad { Err(Failure::Passing("a bad night".into())) } else { Ok(()) } }
        };
        desk.worker.handlers = desk.worker.handlers.on("close", close);
        desk.worker.rounds = vec![Round { kind: "close", cadence: Cadence::EverySeconds(60) }];
        let mut dead = 0;
        for _ in 0..600 {
            desk.clock.advance_seconds(60);
            dead += desk.worker.run_due().await.unwrap().dead;
        }
        assert!(dead >= 2, "the night outlasted the dead list {dead} times");
        assert_eq!(count(&test.db, "SELECT COUNT(*) FROM job").await.unwrap(), 1);
        night.store(false, Ordering::SeqCst);
        let mut done = 0;
        for _ in 0..70 {
            desk.clock.advance_seconds(60);
            done += desk.worker.run_due().await.unwrap().done;
        }
        assert!(done >= 5, "{done}");
        assert!(jobs::troubles(&test.db, None, 10).await.unwrap().is_empty());
    }

    async fn a_worker_that_falls_gets_up_again(test: TestDb) {
        /// Tells no time at first.
        struct Broken(TestClock, AtomicBool);
        impl kernel::Clock for Broken {
            fn now(&self) -> kernel::Timestamp {
                assert!(self.1.load(Ordering::SeqCst), "the clock is broken");
                self.0.now()
            }
        }
        let mut desk = desk(&test.db);
        desk.enqueue("note", "after the fall", None).await;
        let clock = Arc::new(Broken(TestClock::default(), AtomicBool::new(false)));
        desk.worker.clock = Arc::<Broken>::clone(&clock);
        let worker = desk.worker.clone();
        assert!(tokio::spawn(async move { worker.run_due().await }).await.is_err(), "it falls");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let worker = desk.worker.clone();
        let working = tokio::spawn(async move { worker.run(async { drop(stopped.await) }).await });
        tokio::task::yield_now().await;
        clock.1.store(true, Ordering::SeqCst);
        while desk.seen().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
        working.await.unwrap();
    }

    async fn a_worker_stops_when_it_is_told(test: TestDb) {
        let desk = desk(&test.db);
        desk.enqueue("note", "last", None).await;
        desk.worker.run(async {}).await;
        assert_eq!(desk.seen().len(), 1);
    }

    async fn the_doctor_sees_dead_jobs_and_missing_migrations(test: TestDb) {
        let desk = desk(&test.db);
        let well = doctor::look(&test.db, MIGRATIONS, desk.clock.now()).await;
        assert!(well.iter().all(|finding| finding.ok), "{well:?}");
        desk.enqueue("poison", "x", None).await;
        desk.worker.run_due().await.unwrap();
        let more = [jobs::MIGRATION, store::Migration { id: "test/0009", script: "" }];
        let ill = doctor::look(&test.db, &more, desk.clock.now()).await;
        let names: Vec<_> = ill.iter().filter(|finding| !finding.ok).map(|finding| finding.name).collect();
        assert_eq!(names, ["migrations", "jobs"]);
        test.db.close().await;
        let gone = doctor::look(&test.db, MIGRATIONS, desk.clock.now()).await;
        assert!(gone.len() == 1 && !gone[0].ok);
    }
}
