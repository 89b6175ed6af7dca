//! Which keys a house starts with, on both databases.

use kernel::{SeededEntropy, TestClock};
use procedure::MerkleLedger;
use store::testing::begin;

use super::*;
use crate::{modules::migrations, secrets::tests::Folder};

fn place(folder: &Folder) -> Place {
    Place {
        folder: folder.0.clone(),
        log_file: None,
        origin: None,
        new_origin: "rd.example.org/log".to_owned(),
    }
}

async fn start(db: &Db, place: &Place, seed: u64) -> Result<Keys> {
    open(db, place, &TestClock::default(), &SeededEntropy::new(seed)).await
}

/// Adds an entry to the log.
async fn step(db: &Db, n: u64) {
    let mut tx = begin(db).await;
    tx.stage(store::Staged {
        move_id: kernel::MoveId::new(TestClock::START, &SeededEntropy::new(n)),
        entry: n.to_be_bytes().to_vec(),
    });
    tx.commit().await.unwrap();
}

fn refusal(outcome: Result<Keys>) -> KeyError {
    match outcome {
        Err(error) => error,
        Ok(_) => panic!("it started"),
    }
}

/// Another folder with the same files.
fn copy(folder: &Folder) -> Folder {
    let other = Folder::new();
    for file in fs::read_dir(&folder.0).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), other.0.join(file.file_name())).unwrap();
    }
    other
}

store::on_both! {
    [&migrations(), Some(Arc::new(MerkleLedger))]

    async fn a_house_goes_on_with_its_own_keys(test: TestDb) {
        let folder = Folder::new();
        let place = place(&folder);
        let first = start(&test.db, &place, 1).await.unwrap();
        step(&test.db, 1).await;
        first.log.head(&test.db).await.unwrap();
        let second = start(&test.db, &place, 2).await.unwrap();
        assert_eq!(second.site, first.site);
        assert_eq!(second.log.signer().verifier_key(), first.log.signer().verifier_key());
        assert!(look(&test.db, &place).await.unwrap().iter().all(|key| key.standing == Standing::Right));
    }

    async fn a_house_without_its_keys_does_not_start_and_makes_none(test: TestDb) {
        let folder = Folder::new();
        start(&test.db, &place(&folder), 1).await.unwrap();
        step(&test.db, 1).await;
        for (name, file) in [(SITE, secrets::SITE), (SEAL, secrets::SEAL), (LOG, secrets::LOG)] {
            // A new machine to which everything but one file was brought.
            let other = copy(&folder);
            fs::remove_file(other.0.join(file)).unwrap();
            let missing = refusal(start(&test.db, &place(&other), 2).await);
            assert!(matches!(&missing, KeyError::Missing { path, .. } if path.ends_with(file)), "{missing}");
            assert!(missing.to_string().contains("bring it back"), "{missing}");
            assert!(!other.0.join(file).exists());
            // And one with a file of its own.
            secrets::load_or_make(&other.0.join(file), &SeededEntropy::new(3)).unwrap();
            let wrong = refusal(start(&test.db, &place(&other), 2).await);
            assert!(matches!(&wrong, KeyError::Other { path, .. } if path.ends_with(file)), "{wrong}");
            let seen = look(&test.db, &place(&other)).await.unwrap();
            let wrong: Vec<_> = seen.iter().filter(|key| !key.well()).map(|key| key.name).collect();
            assert_eq!(wrong, [name]);
        }
    }

    async fn two_first_starts_with_folders_of_their_own_do_not_both_go_on(test: TestDb) {
        let folders = [Folder::new(), Folder::new()];
        let places = [place(&folders[0]), place(&folders[1])];
        let (one, two) = tokio::join!(start(&test.db, &places[0], 1), start(&test.db, &places[1], 2));
        let lost = match (one, two) {
            (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
            (one, two) => panic!("{:?} {:?}", one.err(), two.err()),
        };
        assert!(matches!(lost, KeyError::Other { .. } | KeyError::Missing { .. }), "{lost}");
    }

    async fn a_log_keeps_its_name(test: TestDb) {
        let folder = Folder::new();
        start(&test.db, &place(&folder), 1).await.unwrap();
        let moved = Place { new_origin: "elsewhere.example.org/log".into(), ..place(&folder) };
        let keys = start(&test.db, &moved, 1).await.unwrap();
        assert_eq!(keys.log.signer().name(), "rd.example.org/log");
        let renamed = Place { origin: Some("another".into()), ..place(&folder) };
        let refused = refusal(start(&test.db, &renamed, 1).await);
        assert!(matches!(refused, KeyError::Origin { .. }), "{refused}");
    }

    async fn without_the_note_of_what_was_signed_nothing_is_signed(test: TestDb) {
        let folder = Folder::new();
        start(&test.db, &place(&folder), 1).await.unwrap();
        step(&test.db, 1).await;
        fs::remove_file(place(&folder).signed()).unwrap();
        let refused = refusal(start(&test.db, &place(&folder), 1).await);
        assert!(matches!(refused, KeyError::NoNote(_)), "{refused}");
    }

    async fn an_older_database_is_refused_until_a_new_log_says_so(test: TestDb) {
        let folder = Folder::new();
        let place = place(&folder);
        let keys = start(&test.db, &place, 1).await.unwrap();
        step(&test.db, 1).await;
        step(&test.db, 2).await;
        let signed = keys.log.head(&test.db).await.unwrap();
        let old_key = keys.log.signer().verifier_key();
        // As a backup from before the second step brings it back, and another step is made.
        let mut tx = begin(&test.db).await;
        sql("DELETE FROM log_entry").execute(&mut tx).await.unwrap();
        let empty = translog::Frontier::new().to_bytes();
        sql("UPDATE log_head SET size = 0, frontier = $1").bind(empty).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        for n in [1, 3, 4] {
            let forked = refusal(start(&test.db, &place, 1).await);
            assert!(matches!(forked, KeyError::Forked(_)), "{forked}");
            assert!(forked.to_string().contains("keys new-log"), "{forked}");
            step(&test.db, n).await;
        }

        let (clock, entropy) = (TestClock::default(), SeededEntropy::new(5));
        let new = new_log(&test.db, &place, "硬盘坏了", &clock, &entropy).await.unwrap();
        assert_eq!(new.signer().name(), "rd.example.org/log/2");
        let broken = breaks(&test.db).await.unwrap();
        assert_eq!(broken.len(), 1);
        assert_eq!((broken[0].reason.as_str(), broken[0].old_key.as_str()), ("硬盘坏了", old_key.as_str()));
        assert_eq!((broken[0].old_size, broken[0].taken_over), (Some(2), 3));
        assert_eq!(broken[0].old_root, Some(signed.root.to_base64()));
        assert!(folder.0.join("log.key.old-1").exists() && folder.0.join("log.signed.old-1").exists());
        let again = start(&test.db, &place, 1).await.unwrap();
        assert_eq!(again.log.signer().verifier_key(), new.signer().verifier_key());
        // A server that still runs with the old key signs nothing more.
        keys.log.head(&test.db).await.unwrap_err();
        let third = new_log(&test.db, &place, "又坏了", &clock, &entropy).await.unwrap();
        assert_eq!(third.signer().name(), "rd.example.org/log/3");
    }

    async fn a_lost_key_can_be_given_up(test: TestDb) {
        let folder = Folder::new();
        start(&test.db, &place(&folder), 1).await.unwrap();
        fs::remove_file(folder.0.join(secrets::SEAL)).unwrap();
        assert!(forget(&test.db, SEAL).await.unwrap());
        assert!(!forget(&test.db, SEAL).await.unwrap());
        start(&test.db, &place(&folder), 2).await.unwrap();
        assert!(folder.0.join(secrets::SEAL).exists());
    }
}

#[test]
fn of_a_folder_and_its_copy_only_one_starts() {
    let folder = Folder::new();
    check_place(&folder.0).unwrap();
    check_place(&folder.0).unwrap();
    let copied = copy(&folder);
    let refused = check_place(&copied.0).unwrap_err();
    assert!(matches!(refused, KeyError::Moved { .. }), "{refused}");
    settle_in(&copied.0).unwrap();
    check_place(&copied.0).unwrap();
}
