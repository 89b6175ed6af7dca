//! What happens when two do something at the same moment: the first act stands, the second is judged
//! by what the first has left, and the counters stay right.
//!
//! Each test holds the lane with a transaction of its own, lets the contenders queue up in order, and
//! then lets go.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll};

use ::store::{Db, Options, testing::begin};
use common::*;
use consultation::{
    model::{OpinionState, Outcome, State, WindowRefusal},
    ops::{self, OpError},
    store as rows, way,
};
use jiff::civil::date;
use kernel::{OsEntropy, Role};
use procedure::Refusal;

/// Lets `act` go as far as the lane, where it waits.
async fn queued<F: Future>(act: F) -> Pin<Box<F>> {
    let mut act = Box::pin(act);
    let waits = poll_fn(|cx| Poll::Ready(act.as_mut().poll(cx).is_pending())).await;
    assert!(waits, "somebody else holds the lane");
    act
}

/// Queues both acts while the lane is held, then lets them go; what came of each.
macro_rules! at_once {
    ($desk:expr, $first:expr, $second:expr) => {{
        let held = begin(&$desk.db).await;
        let (first, second) = (queued($first).await, queued($second).await);
        held.roll_back().await;
        tokio::join!(first, second)
    }};
}

store::on_both! {
    [&migrations(), ledger()]

    /// A double click hides once; a second clerk with another reason is told.
    async fn hiding_twice_hides_once(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let (clerk, chair) = (signed_in(Role::Clerk), signed_in(Role::Chair));
        let clicked = speak(&desk, id, "垃圾广告", 1).await.opinion;
        let hide = || ops::hide(&desk, &clerk, clicked, 1, "广告");
        let (one, two) = at_once!(desk, hide(), hide());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        assert_eq!(seen(&desk, clicked).await, 2, "one step, not two");

        let contested = speak(&desk, id, "含有电话", 2).await.opinion;
        let (one, two) = at_once!(
            desk,
            ops::hide(&desk, &clerk, contested, 1, "含有他人电话"),
            ops::hide(&desk, &chair, contested, 1, "广告")
        );
        assert!(one.is_ok() && matches!(two, Err(OpError::Changed)), "{one:?} {two:?}");
        let kept = rows::opinion(&desk.db, contested).await.unwrap();
        assert_eq!(kept.hidden.as_deref(), Some("含有他人电话"));
        assert_counters(&desk, id).await;
    }

    /// Two clerks decide the same opinion: the first decision stands, the second clerk is told.
    async fn two_decisions_at_once_are_one_decision_and_one_refusal(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let (clerk, chair) = (signed_in(Role::Clerk), signed_in(Role::Chair));
        let (adopt, refer) = (decision(Outcome::Adopted, "好"), decision(Outcome::Referred, "转"));
        let refuse = decision(Outcome::NotAdopted, "不");
        let opinion = speak(&desk, id, "灯太暗", 1).await.opinion;
        for seen in [1, 2] {
            let (one, two) = at_once!(
                desk,
                ops::decide(&desk, &clerk, opinion, seen, if seen == 1 { &adopt } else { &refer }),
                ops::decide(&desk, &chair, opinion, seen, &refuse)
            );
            assert!(one.is_ok() && matches!(two, Err(OpError::Changed)), "{one:?} {two:?}");
        }
        let clicked = speak(&desk, id, "灯太亮", 2).await.opinion;
        let decide = || ops::decide(&desk, &clerk, clicked, 1, &adopt);
        let (one, two) = at_once!(desk, decide(), decide());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        let outcomes = [opinion, clicked].map(|id| rows::opinion(&desk.db, id));
        let [first, second] = outcomes;
        assert_eq!((first.await.unwrap().outcome, second.await.unwrap().outcome), (Some(Outcome::Referred), Some(Outcome::Adopted)));
        assert_counters(&desk, id).await;
    }

    /// Whoever takes an opinion back while it is being decided comes too late, or just in time.
    async fn taking_back_and_deciding_do_not_both_happen(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let clerk = signed_in(Role::Clerk);
        let adopt = decision(Outcome::Adopted, "好");
        let (early, late) = (speak(&desk, id, "收回", 1).await.opinion, speak(&desk, id, "太迟", 2).await.opinion);
        let (taken, decided) = at_once!(
            desk,
            ops::withdraw_opinion(&desk, early),
            ops::decide(&desk, &clerk, early, 1, &adopt)
        );
        assert!(taken.is_ok() && matches!(decided, Err(OpError::Changed)), "{taken:?} {decided:?}");
        let (decided, taken) = at_once!(
            desk,
            ops::decide(&desk, &clerk, late, 1, &adopt),
            ops::withdraw_opinion(&desk, late)
        );
        assert!(decided.is_ok() && matches!(taken, Err(OpError::Refused(Refusal::NotNow { .. }))));
        assert_counters(&desk, id).await;
    }

    /// A double click publishes one version; two clerks with two texts publish the first one's.
    async fn publishing_twice_publishes_once(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        close(&desk, &clock).await;
        let (clerk, chair) = (signed_in(Role::Clerk), signed_in(Role::Chair));
        let next = second(&desk, id).await;
        let mut other = next.clone();
        other.source.push_str("\n第六条　本条例自公布之日起施行。\n");
        let publish = || ops::next_version(&desk, &clerk, id, &next);
        let (one, two) = at_once!(desk, publish(), publish());
        assert_eq!(one.unwrap(), two.unwrap());
        let refused = ops::next_version(&desk, &chair, id, &other).await;
        assert!(matches!(refused, Err(OpError::Changed)), "{refused:?}");
        let text = rows::consultation(&desk.db, id).await.unwrap().text;
        assert_eq!(corpus::heads(&desk.db, text).await.unwrap().len(), 2);
    }

    /// The report is not published while somebody's "look again" is just arriving.
    async fn asking_again_is_heard_before_the_report(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let clerk = signed_in(Role::Clerk);
        let opinion = speak(&desk, id, "灯太暗", 1).await.opinion;
        decide(&desk, &clerk, opinion, &decision(Outcome::NotAdopted, "不")).await.unwrap();
        close(&desk, &clock).await;
        let (asked, reported) = at_once!(
            desk,
            ops::ask_again(&desk, opinion, "为什么"),
            ops::report(&desk, &clerk, id)
        );
        assert!(asked.is_ok() && matches!(reported, Err(OpError::Undecided { waiting: 1 })));
        assert_eq!(rows::consultation(&desk.db, id).await.unwrap().state, State::Studying);
        let (asked, twice) = at_once!(
            desk,
            ops::ask_again(&desk, opinion, "再问"),
            ops::ask_again(&desk, opinion, "三问")
        );
        assert!(matches!((asked, twice), (Err(OpError::AskedBefore), Err(OpError::AskedBefore))));
    }

    /// An announced last day is never brought forward, in whatever order two clerks extend it.
    async fn more_time_is_never_less(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let clerk = signed_in(Role::Clerk);
        let (more, less) = at_once!(
            desk,
            ops::extend(&desk, &clerk, id, date(2026, 8, 31), "再等等"),
            ops::extend(&desk, &clerk, id, date(2026, 8, 10), "再等等")
        );
        assert!(more.is_ok() && matches!(less, Err(OpError::Window(WindowRefusal::Backwards))));
        let closes = rows::consultation(&desk.db, id).await.unwrap().closes;
        assert_eq!(closes, Some(date(2026, 8, 31)));
    }

    /// Two servers on one database take turns: nothing is lost, nothing is counted twice.
    async fn two_servers_work_on_one_database(test: TestDb) {
        let (near, _) = desk_on(&test.db, Arc::new(OsEntropy));
        let id = open_consultation(&near).await;
        let (options, sealed) = (Options::new(&test.url), Arc::new(procedure::MerkleLedger));
        let other = Db::open_with(&options, sealed).await.unwrap();
        let (far, _) = desk_on(&other, Arc::new(OsEntropy));
        let shared = speak(&near, id, "大家都来答复", 9_999).await.opinion;
        let servers = [near.clone(), far.clone()].into_iter().cycle().take(8).enumerate();
        let people = servers.map(|(n, desk)| tokio::spawn(async move {
            let clerk = signed_in(Role::Clerk);
            let adopt = decision(Outcome::Adopted, "好");
            for k in 0..10 {
                let own = speak(&desk, id, "灯", u32::try_from(n).unwrap() * 100 + k).await.opinion;
                decide(&desk, &clerk, own, &adopt).await.unwrap();
                let word = decision(Outcome::Referred, &format!("{n} {k}"));
                let quicker = decide(&desk, &clerk, shared, &word).await;
                assert!(matches!(quicker, Ok(()) | Err(OpError::Changed)), "{quicker:?}");
            }
        }));
        for person in people.collect::<Vec<_>>() {
            person.await.unwrap();
        }
        let steps = procedure::load_timeline(&near.db, shared.into()).await.unwrap();
        assert!(steps.len() > 1 && steps.iter().zip(1..).all(|(step, seq)| step.seq == seq));
        assert_eq!(consultation::figures::tallies(&near.db, id).await.unwrap().with_outcome("", Outcome::Adopted), 80);
        assert_counters(&far, id).await;
        far.db.close().await;
    }

    /// A decision taken back while the new version is being written is not written.
    async fn what_is_not_adopted_any_more_is_not_written(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let clerk = signed_in(Role::Clerk);
        let opinion = speak(&desk, id, "请装声控灯", 1).await.opinion;
        decide(&desk, &clerk, opinion, &decision(Outcome::Adopted, "好")).await.unwrap();
        close(&desk, &clock).await;
        ops::next_version(&desk, &clerk, id, &second(&desk, id).await).await.unwrap();
        let steps = seen(&desk, opinion).await;
        let held = begin(&desk.db).await;
        let not = decision(Outcome::NotAdopted, "费用过高");
        let revise = queued(ops::decide(&desk, &clerk, opinion, steps, &not)).await;
        let worker = tokio::spawn({
            let desk = desk.clone();
            async move { work(&desk).await }
        });
        held.roll_back().await;
        revise.await.unwrap();
        worker.await.unwrap();
        let kept = rows::opinion(&desk.db, opinion).await.unwrap();
        assert_eq!(kept.state, OpinionState::Decided);
        assert!(way::by_id(&desk, opinion).await.unwrap().led_to.is_empty());
        assert_counters(&desk, id).await;
    }
}
