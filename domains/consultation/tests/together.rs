//! Those who speak at the same moment are taken together, and each is answered for themselves.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use std::{collections::HashSet, future::poll_fn, task::Poll};

use common::*;
use consultation::{
    figures,
    ops::{self, OpError},
    store as rows, tally, way,
};
use kernel::Actor;

/// More than are taken at once.
const CROWD: u32 = 150;
/// Those who speak again and again, and how often.
const RESIDENTS: u32 = 24;
const TIMES: u32 = 12;

store::on_both! {
    [&migrations(), ledger()]

    /// A crowd that goes on and on leaves no work behind that piles up.
    async fn a_crowd_that_goes_on_piles_up_nothing(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
        let before = alive();
        let speakers = (0..RESIDENTS).map(|who| {
            let desk = desk.clone();
            tokio::spawn(async move {
                let mut most = 0;
                for n in 0..TIMES {
                    speak(&desk, id, "灯太暗", who * TIMES + n).await;
                    most = most.max(alive());
                }
                most
            })
        });
        let mut most = 0;
        for speaker in speakers.collect::<Vec<_>>() {
            most = most.max(speaker.await.unwrap());
        }
        assert!(most < before + 2 * RESIDENTS as usize, "{most} tasks at once");
        assert_counters(&desk, id).await;
    }

    /// The evening news has named the draft: everybody speaks at once.
    async fn a_crowd_gets_a_receipt_each(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let speakers = (0..CROWD).map(|n| {
            let desk = desk.clone();
            tokio::spawn(async move {
                let mut new = opinion(&format!("第{n}位居民说：灯太暗"), n);
                match n % 10 {
                    // Some point at an article that is not there.
                    3 => new.provision = Some("art_99".into()),
                    // Some send twice, and both sendings come in the same moment.
                    7 => {
                        let again = ops::submit(&desk, id, &new);
                        let (one, two) = tokio::join!(ops::submit(&desk, id, &new), again);
                        let (one, two) = (one.unwrap(), two.unwrap());
                        assert_eq!((one.code, one.opinion), (two.code, two.opinion));
                        assert!(one.repeated != two.repeated, "one of the two was first");
                        return Ok(one);
                    }
                    _ => {}
                }
                ops::submit(&desk, id, &new).await
            })
        });
        let (mut codes, mut refused) = (HashSet::new(), 0);
        for (n, speaker) in speakers.collect::<Vec<_>>().into_iter().enumerate() {
            match speaker.await.unwrap() {
                Ok(receipt) => {
                    let way = way::by_code(&desk, receipt.code).await.unwrap().unwrap();
                    assert_eq!(way.opinion.body, format!("第{n}位居民说：灯太暗"));
                    assert_eq!(way.opinion.id, receipt.opinion);
                    assert!(codes.insert(receipt.code));
                }
                Err(OpError::NoProvision) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((codes.len(), refused), (CROWD as usize * 9 / 10, CROWD / 10));
        let counted = figures::tallies(&desk.db, id).await.unwrap().all(tally::OPINIONS);
        assert_eq!(counted, i64::from(CROWD) * 9 / 10);
        assert_counters(&desk, id).await;
        let whole = procedure::audit(&desk.db, |_, _| {}).await.unwrap();
        assert!(whole.findings.is_empty(), "{:?}", whole.findings);
    }

    /// Whoever goes away before the answer has spoken all the same, and takes nobody along.
    async fn who_goes_away_leaves_the_others_their_turn(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        // The lane is held, so that nobody is answered yet.
        let held = desk.db.begin(Actor::System).await.unwrap();
        let mut speakers = Vec::new();
        for n in 0..8 {
            let new = opinion(&format!("说{n}"), n);
            let desk = desk.clone();
            let mut speaker = Box::pin(async move { ops::submit(&desk, id, &new).await });
            poll_fn(|context| Poll::Ready(speaker.as_mut().poll(context).is_pending()))
                .await
                .then_some(())
                .unwrap();
            speakers.push(speaker);
        }
        let stays = |(n, speaker)| (n % 2 == 1).then_some(speaker);
        let staying: Vec<_> = speakers.into_iter().enumerate().filter_map(stays).collect();
        held.roll_back().await;
        for speaker in staying {
            assert!(!speaker.await.unwrap().repeated);
        }
        let kept = async || {
            let all = rows::opinions(&desk.db, id, &rows::Filter::default(), None, 100).await;
            all.unwrap().rows.len()
        };
        while kept().await < 8 {
            tokio::task::yield_now().await;
        }
        assert_counters(&desk, id).await;
    }
}
