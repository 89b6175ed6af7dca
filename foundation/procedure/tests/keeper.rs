//! The log's keeper: what it signs is noted first, and only ever grows.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::{Clock as _, Entropy as _, MoveId, OsEntropy, TestClock};
use procedure::{KeeperError, LogKeeper, MIGRATIONS, MerkleLedger, SignedHead};
use store::{Db, Staged, testing::begin};
use translog::{Checkpoint, EMPTY_ROOT, Hash, Signer, open_checkpoint, sign_checkpoint};

/// A folder of one test's own, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let mut name = [0u8; 8];
        OsEntropy.fill(&mut name);
        let path =
            std::env::temp_dir().join(format!("quancheng-keeper-{:x}", u64::from_le_bytes(name)));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn note(&self) -> PathBuf {
        self.0.join("log.signed")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn signer() -> Signer {
    Signer::new("test.example/log", [3; 32]).unwrap()
}

fn keeper(note: &Path) -> LogKeeper {
    LogKeeper::new(signer(), note.to_owned())
}

/// Adds entries to the log.
async fn add(db: &Db, entries: usize) {
    let now = TestClock::default().now();
    let mut tx = begin(db).await;
    for n in 0..entries {
        tx.stage(Staged {
            move_id: MoveId::new(now, &OsEntropy),
            entry: format!("entry {n}").into_bytes(),
        });
    }
    tx.commit().await.unwrap();
}

fn note_of(size: u64, root: Hash) -> String {
    let origin = signer().name().to_owned();
    sign_checkpoint(&Checkpoint { origin, size, root }, &signer()).unwrap()
}

fn opened(head: &SignedHead) -> Checkpoint {
    open_checkpoint(&head.note, signer().public()).unwrap()
}

store::on_both! {
    [MIGRATIONS, Some(Arc::new(MerkleLedger))]

    async fn what_is_signed_is_noted_and_goes_on_after_a_start(test: TestDb) {
        let folder = Folder::new();
        let first = keeper(&folder.note());
        assert_eq!(first.noted().await.unwrap(), None);
        for entries in [0, 5, 0, 300, 70_000] {
            add(&test.db, entries).await;
            let head = first.head(&test.db).await.unwrap();
            assert_eq!(first.noted().await.unwrap(), Some(opened(&head)));
            assert_eq!(fs::read_to_string(folder.note()).unwrap(), head.note);
            assert_eq!(opened(&head).size, procedure::head(&test.db).await.unwrap().size);
            let next = keeper(&folder.note());
            assert_eq!(next.head(&test.db).await.unwrap(), head);
        }
    }

    async fn a_log_that_does_not_continue_the_signed_one_is_not_signed(test: TestDb) {
        let folder = Folder::new();
        add(&test.db, 5).await;
        let root = procedure::head(&test.db).await.unwrap().frontier.root();
        let other = translog::leaf_hash(b"another history");
        // Brought back from an older backup; grown apart; exchanged.
        for (size, root) in [(7, root), (3, other), (4, other), (5, other), (1, EMPTY_ROOT)] {
            let noted = note_of(size, root);
            fs::write(folder.note(), &noted).unwrap();
            let refused = keeper(&folder.note()).head(&test.db).await.unwrap_err();
            assert!(
                matches!(refused, KeeperError::Forked { size: 5, signed, .. } if signed == size),
                "{refused:?}"
            );
            assert_eq!(fs::read_to_string(folder.note()).unwrap(), noted);
        }
        fs::write(folder.note(), note_of(0, EMPTY_ROOT)).unwrap();
        keeper(&folder.note()).head(&test.db).await.unwrap();
    }

    async fn a_log_that_shrinks_under_a_running_keeper_is_noticed(test: TestDb) {
        let folder = Folder::new();
        add(&test.db, 5).await;
        for keeper in [keeper(&folder.note()), LogKeeper::forgetful(signer())] {
            keeper.head(&test.db).await.unwrap();
            let mut tx = begin(&test.db).await;
            let empty = translog::Frontier::new().to_bytes();
            store::sql("UPDATE log_head SET size = 0, frontier = $1").bind(empty).execute(&mut tx).await.unwrap();
            let refused = {
                tx.commit().await.unwrap();
                keeper.head(&test.db).await.unwrap_err()
            };
            assert!(matches!(refused, KeeperError::Forked { size: 0, signed: 5, .. }), "{refused:?}");
            let mut tx = begin(&test.db).await;
            store::sql("DELETE FROM log_entry").execute(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            add(&test.db, 5).await;
        }
    }

    async fn a_note_of_another_key_is_refused(test: TestDb) {
        let folder = Folder::new();
        let other = Signer::new("test.example/log", [4; 32]).unwrap();
        LogKeeper::new(other, folder.note()).head(&test.db).await.unwrap();
        let refused = keeper(&folder.note()).head(&test.db).await.unwrap_err();
        assert!(matches!(refused, KeeperError::Foreign { .. }), "{refused:?}");
        fs::write(folder.note(), "nonsense").unwrap();
        let refused = keeper(&folder.note()).head(&test.db).await.unwrap_err();
        assert!(matches!(refused, KeeperError::Foreign { .. }), "{refused:?}");
    }

    async fn without_a_note_nothing_is_signed(test: TestDb) {
        let folder = Folder::new();
        let refused = keeper(&folder.0.join("gone/log.signed")).head(&test.db).await.unwrap_err();
        assert!(matches!(refused, KeeperError::File { .. }), "{refused:?}");
    }

    async fn programs_that_share_a_note_never_contradict_each_other(test: TestDb) {
        let folder = Folder::new();
        let (one, two) = (Arc::new(keeper(&folder.note())), Arc::new(keeper(&folder.note())));
        let mut asking = tokio::task::JoinSet::new();
        for n in 0..60 {
            let (db, keeper) = (test.db.clone(), Arc::clone(if n % 2 == 0 { &one } else { &two }));
            asking.spawn(async move {
                add(&db, 7).await;
                let least = procedure::head(&db).await.unwrap().size;
                let head = keeper.head(&db).await.unwrap();
                assert!(head.size >= least, "{} is older than the question", head.size);
                opened(&head)
            });
        }
        let mut heads = asking.join_all().await;
        heads.sort_by_key(|head| head.size);
        let last = one.noted().await.unwrap().unwrap();
        assert_eq!(heads.last(), Some(&last));
        let entries = procedure::entries(&test.db, 0, last.size).await.unwrap();
        let mut frontier = translog::Frontier::new();
        let mut heads = heads.into_iter().peekable();
        for entry in &entries {
            frontier.append(translog::leaf_hash(entry));
            while let Some(head) = heads.next_if(|head| head.size == frontier.size()) {
                assert_eq!(head.root, frontier.root());
            }
        }
        assert_eq!(heads.next(), None);
    }
}
