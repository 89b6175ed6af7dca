//! The log in the database: sealing many at once, past the edges of tiles, from two programs, and
//! never on a damaged head.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use std::sync::Arc;

use common::ledger;
use kernel::{MoveId, OsEntropy, TestClock};
use procedure::{MIGRATIONS, MerkleLedger, entries, head, prove_inclusions, tile};
use store::{Db, Options, Staged, StoreError, sql, testing::begin};
use translog::{Frontier, Hash, TileRef, leaf_hash, verify_inclusion};

fn bytes(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

fn staged(n: u64) -> Staged {
    Staged {
        move_id: MoveId::new(TestClock::START, &OsEntropy),
        entry: bytes(n),
    }
}

/// Seals the entries `from..to` in one transaction.
async fn seal(db: &Db, from: u64, to: u64) -> Result<(), StoreError> {
    let mut tx = begin(db).await;
    (from..to).for_each(|n| tx.stage(staged(n)));
    tx.commit().await
}

/// The tree of the entries `0..size`, grown without a database.
fn tree(size: u64) -> Frontier {
    (0..size).fold(Frontier::new(), |mut tree, n| {
        tree.append(leaf_hash(&bytes(n)));
        tree
    })
}

/// A head of `size` entries whose rows are not there: enough to go on from.
async fn seed(db: &Db, size: u64) {
    let mut tx = begin(db).await;
    let head = sql("UPDATE log_head SET size = $1, frontier = $2 WHERE id = 1")
        .bind(size as i64)
        .bind(tree(size).to_bytes());
    head.execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn assert_proven(db: &Db, indices: &[u64], size: u64) {
    let proofs = prove_inclusions(db, indices, size).await.unwrap();
    for (index, proof) in indices.iter().zip(proofs) {
        let leaf = leaf_hash(&bytes(*index));
        verify_inclusion(leaf, *index, size, &proof, tree(size).root()).unwrap();
    }
}

store::on_both! {
    [MIGRATIONS, ledger()]

    /// One seal of 600 takes three statements and closes two tiles; the next goes on from there.
    async fn many_entries_are_sealed_at_once(test: TestDb) {
        for (from, to) in [(0, 600), (600, 601), (601, 768), (768, 1100)] {
            seal(&test.db, from, to).await.unwrap();
            assert_eq!(head(&test.db).await.unwrap().frontier, tree(to));
            assert_proven(&test.db, &[0, 255, 256, 511, 599, to - 1], to).await;
        }
        let kept = entries(&test.db, 250, 260).await.unwrap();
        assert_eq!(kept, (250..260).map(bytes).collect::<Vec<_>>());
        let nodes = tile(&test.db, TileRef::of(1, 0, 1100).unwrap()).await.unwrap();
        assert_eq!(nodes.unwrap().len(), 4 * 32);
    }

    /// The proofs of a whole receipt read each tile once.
    async fn the_steps_of_a_receipt_share_their_tiles(test: TestDb) {
        seal(&test.db, 0, 700).await.unwrap();
        let before = test.db.queries();
        assert_proven(&test.db, &[3, 4, 5, 200, 680], 700).await;
        assert_eq!(test.db.queries() - before, 3, "two lowest tiles and the one above them");
        let beyond = prove_inclusions(&test.db, &[3, 700], 700).await;
        assert!(matches!(beyond, Err(StoreError::Inconsistent(_))));
    }

    /// The entry that closes a tree of 65,536 keeps the roots of both levels.
    async fn the_second_level_of_tiles_closes(test: TestDb) {
        seed(&test.db, 65_535).await;
        seal(&test.db, 65_535, 65_537).await.unwrap();
        let head = head(&test.db).await.unwrap();
        assert_eq!(head.frontier, tree(65_537));
        let nodes: Vec<(i64, i64, Vec<u8>)> = sql("SELECT level, idx, hash FROM log_node ORDER BY level")
            .all(&test.db).await.unwrap();
        let places: Vec<_> = nodes.iter().map(|(level, index, _)| (*level, *index)).collect();
        assert_eq!(places, [(8, 255), (16, 0)]);
        assert_eq!(nodes[1].2, tree(65_536).root().0);
    }

    /// Two programs on one database seal at once: every entry has its place, none twice.
    async fn two_programs_seal_at_once(test: TestDb) {
        let other = Db::open_with(&Options::new(&test.url), Arc::new(MerkleLedger)).await.unwrap();
        let sealing = [test.db.clone(), other.clone()].map(|db| tokio::spawn(async move {
            let mut sealed = 0;
            while sealed < 40 {
                match seal(&db, 0, 7).await {
                    Ok(()) => sealed += 1,
                    Err(error) => assert!(error.is_unavailable(), "{error:?}"),
                }
            }
        }));
        for program in sealing {
            program.await.unwrap();
        }
        let head = head(&test.db).await.unwrap();
        assert_eq!(head.size, 2 * 40 * 7);
        let kept = entries(&test.db, 0, head.size).await.unwrap();
        let mut rebuilt = Frontier::new();
        for entry in &kept {
            rebuilt.append(leaf_hash(entry));
        }
        assert_eq!((kept.len() as u64, rebuilt), (head.size, head.frontier));
        other.close().await;
    }

    /// A head that cannot be true is not written on; whatever the transaction did is undone.
    async fn nothing_is_sealed_on_a_damaged_head(test: TestDb) {
        seal(&test.db, 0, 5).await.unwrap();
        let wrong = [
            (-5, tree(5).to_bytes()),
            (4, tree(5).to_bytes()),
            (5, tree(4).to_bytes()),
            (5, tree(5).to_bytes()[1..].to_vec()),
            (5, Vec::new()),
        ];
        for (size, frontier) in wrong {
            let mut tx = begin(&test.db).await;
            let damage = sql("UPDATE log_head SET size = $1, frontier = $2").bind(size).bind(frontier);
            damage.execute(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            assert!(matches!(head(&test.db).await, Err(StoreError::Inconsistent(_))), "{size}");
            assert!(matches!(seal(&test.db, 5, 6).await, Err(StoreError::Inconsistent(_))), "{size}");
        }
        assert_eq!(entries(&test.db, 0, 9).await.unwrap().len(), 5);
        assert_ne!(tree(5).root(), Hash([0; 32]));
    }
}
