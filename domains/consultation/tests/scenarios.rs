//! What people get: scenarios on both databases.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use ::store::sql;
use common::*;
use consultation::{
    model::{OpinionState, Outcome, Stance, State, says},
    ops::{self, HeardOpinion, NewVisit, NextVersion, OpError, WindowForm},
    store::{self as rows},
    tally, way,
};
use jiff::civil::date;
use kernel::{Actor, Role};
use procedure::{LinkKind, Refusal, links_to};

store::on_both! {
    [&migrations(), ledger()]

    /// Auntie Lin works nights, asks for light, and reads in the end that her words became article 4.
    async fn aunt_lin_finds_her_words_in_the_next_version(test: TestDb) {
        let (desk, clock) = desk(&test);
        let clerk = signed_in(Role::Clerk);
        let id = open_consultation(&desk).await;
        let receipt = speak(&desk, id, "我上夜班，回家时楼道漆黑，请亮到天明。", 1).await;
        decide(&desk, &clerk, receipt.opinion, &decision(Outcome::Adopted, "夜班职工较多，拟增加规定。")).await.unwrap();
        clock.advance_seconds(32 * 86_400);
        assert_eq!(ops::close_overdue(&desk).await.unwrap(), 1);
        let version = ops::next_version(&desk, &clerk, id, &second(&desk, id).await).await.unwrap();
        let early = ops::report(&desk, &clerk, id).await;
        assert!(matches!(early, Err(OpError::StillWriting)), "{early:?}");
        work(&desk).await;
        let opinion = rows::opinion(&desk.db, receipt.opinion).await.unwrap();
        assert_eq!(opinion.state, OpinionState::Written);
        let held = way::by_code(&desk, receipt.code).await.unwrap().unwrap();
        let there = says::Write { version, provision: Some("art_4".into()) };
        assert_eq!(held.led_to.iter().map(|led| &led.place).collect::<Vec<_>>(), [&there]);
        let way = procedure::load_timeline(&desk.db, receipt.opinion.into()).await.unwrap();
        assert_eq!(way.iter().map(|step| step.made.as_str()).collect::<Vec<_>>(), ["submit", "decide", "write"]);
        assert!(way.iter().all(|step| step.index.is_some()), "every step is in the log");
        let handed_in: says::Submit = way[0].says().unwrap();
        assert_eq!((handed_in.text, handed_in.provision.as_deref()), (opinion.body, Some("art_3")));
        let decided = way[1].record.as_ref().unwrap();
        assert_eq!(decided.reason.as_deref(), Some("夜班职工较多，拟增加规定。"));
        assert_eq!(way[1].says(), Some(says::Decide { outcome: Outcome::Adopted, lands_on: None, referred_to: None }));
        assert_eq!(way[2].says(), Some(says::Write { version, provision: Some("art_4".into()) }));
        ops::report(&desk, &clerk, id).await.unwrap();
        assert_counters(&desk, id).await;
    }

    /// Auntie Lin asks again, and the third version says it elsewhere: both places are kept, and each step
    /// and each opinion has its own.
    async fn words_that_moved_on_are_still_found_where_they_were(test: TestDb) {
        let (desk, clock) = desk(&test);
        let clerk = signed_in(Role::Clerk);
        let id = open_consultation(&desk).await;
        let adopted = decision(Outcome::Adopted, "有道理。");
        let receipt = speak(&desk, id, "请亮到天明。", 1).await;
        let other = speak(&desk, id, "灯太暗。", 2).await;
        decide(&desk, &clerk, receipt.opinion, &adopted).await.unwrap();
        close(&desk, &clock).await;
        let first = ops::next_version(&desk, &clerk, id, &second(&desk, id).await).await.unwrap();
        work(&desk).await;
        clock.advance_seconds(86_400);
        ops::ask_again(&desk, receipt.opinion, "通宵没有写进去").await.unwrap();
        decide(&desk, &clerk, receipt.opinion, &adopted).await.unwrap();
        work(&desk).await;
        let waits = rows::opinion(&desk.db, receipt.opinion).await.unwrap();
        assert_eq!(waits.state, OpinionState::Decided, "the second version shows no more than before");
        let source = SECOND.replace("通宵照明", "整夜照明").replace("第四条", "第四条　电表由业主共管。\n\n第四条之一");
        let third = NextVersion { label: "三次审议稿".into(), source, ..second(&desk, id).await };
        let last = ops::next_version(&desk, &clerk, id, &third).await.unwrap();
        work(&desk).await;
        let held = way::by_code(&desk, receipt.code).await.unwrap().unwrap();
        let places = [
            says::Write { version: first, provision: Some("art_4".into()) },
            says::Write { version: last, provision: Some("art_4-1".into()) },
        ];
        assert_eq!(held.led_to.iter().map(|led| &led.place).collect::<Vec<_>>(), places.iter().collect::<Vec<_>>());
        let written: Vec<says::Write> = held.steps.iter().filter_map(procedure::Step::says).collect();
        assert_eq!(written, places, "each step says where it was written");
        for place in &places {
            let links = links_to(&desk.db, id.into(), LinkKind::LedTo, &place.anchor(), None, 9).await.unwrap();
            assert_eq!(links.iter().map(|link| link.from).collect::<Vec<_>>(), [receipt.opinion.into()]);
        }
        assert_eq!(way::by_code(&desk, other.code).await.unwrap().unwrap().led_to, []);
        let numbers = [&held.opinion.number, &way::by_id(&desk, other.opinion).await.unwrap().opinion.number].map(|number| number.n);
        assert_eq!(numbers, [1, 2]);
        let file = way::file(&desk, receipt.code, &held).await.unwrap();
        assert_eq!(file.matter.number.as_deref(), Some("意见〔2026〕1号"));
    }

    /// The same form sent twice, or ten times at once, is one opinion with one receipt.
    async fn a_double_click_gives_the_same_receipt(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let clicks = (0..10).map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move { speak(&desk, id, "灯太暗", 9).await })
        });
        let mut codes = Vec::new();
        for click in clicks.collect::<Vec<_>>() {
            codes.push(click.await.unwrap().code);
        }
        codes.dedup();
        assert_eq!(codes.len(), 1);
        let tallies = consultation::figures::tallies(&desk.db, id).await.unwrap();
        assert_eq!(tallies.all(tally::OPINIONS), 1);
        assert_counters(&desk, id).await;
    }

    /// A deputy records a visit once, with all who were heard and what they said.
    async fn a_deputy_records_a_visit_with_what_was_heard(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let heard = |text: &str| HeardOpinion { text: text.into(), provision: None, stance: Stance::Support };
        let mut visit = NewVisit {
            unit: "东湖 社区".into(),
            heads: 26,
            day: date(2026, 7, 1),
            opinions: vec![heard("好"), heard("太好了")],
            key: form(1),
        };
        let deputy = signed_in(Role::Deputy);
        let first = ops::record_visit(&desk, &deputy, id, &visit).await.unwrap();
        let again = ops::record_visit(&desk, &deputy, id, &visit).await.unwrap();
        assert_eq!((first.visit, &first.codes), (again.visit, &again.codes));
        assert!(again.repeated && first.codes.len() == 2);
        visit.unit = "东湖社区".into();
        visit.key = form(2);
        ops::record_visit(&desk, &deputy, id, &visit).await.unwrap();
        let tallies = consultation::figures::tallies(&desk.db, id).await.unwrap();
        let counted = [tally::VISITS, tally::HEADS, tally::DEPUTIES, tally::UNITS].map(|key| tallies.all(key));
        assert_eq!(counted, [2, 52, 1, 1], "one deputy and one unit, however often");
        let (spoken,): (String,) = sql("SELECT role FROM matter_move WHERE move = 'submit' ORDER BY id LIMIT 1")
            .one(&desk.db).await.unwrap();
        assert_eq!(spoken, "deputy", "the log says who recorded it");
        let resident = ops::record_visit(&desk, &Actor::Resident, id, &visit).await;
        assert!(matches!(resident, Err(OpError::NotDeputy)));
        assert_counters(&desk, id).await;
    }

    /// Nobody can speak before the first day, after the last, or about an article that is not there.
    async fn a_closed_consultation_says_so(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let mut nowhere = opinion("灯", 2);
        nowhere.provision = Some("art_99".into());
        let refused = ops::submit(&desk, id, &nowhere).await;
        assert!(matches!(refused, Err(OpError::NoProvision)));
        clock.advance_seconds(30 * 86_400);
        speak(&desk, id, "最后一天还可以说", 3).await;
        clock.advance_seconds(86_400);
        let late = ops::submit(&desk, id, &opinion("晚了一天", 4)).await;
        assert!(matches!(late, Err(OpError::Closed { since: Some(day) }) if day == date(2026, 7, 31)));
    }

    /// Staff may close early, with a reason; that people had less time than the law asks stays visible.
    async fn closing_early_is_said_and_shown(test: TestDb) {
        let (desk, clock) = desk(&test);
        let clerk = signed_in(Role::Clerk);
        let id = open_consultation(&desk).await;
        speak(&desk, id, "请把灯留到半夜", 1).await;
        clock.advance_seconds(3 * 86_400);
        assert!(matches!(ops::close(&desk, &clerk, id, " ").await, Err(OpError::Text { .. })));
        ops::close(&desk, &clerk, id, "同一事项上级已经立法").await.unwrap();
        let row = rows::consultation(&desk.db, id).await.unwrap();
        assert_eq!((row.state, row.closes), (State::Studying, Some(desk.today())));
        assert_eq!(row.exception.as_deref(), Some("同一事项上级已经立法"));
        let late = ops::submit(&desk, id, &opinion("晚了", 2)).await;
        assert!(matches!(late, Err(OpError::Closed { since }) if since == Some(desk.today())));
        let way = procedure::load_timeline(&desk.db, id.into()).await.unwrap();
        assert_eq!(way.last().unwrap().reason.as_deref(), Some("同一事项上级已经立法"));
        assert!(matches!(ops::close(&desk, &clerk, id, "再截止一次").await, Err(OpError::Refused(_))));
        assert_counters(&desk, id).await;
    }

    /// A shorter window needs a reason, which everybody can read.
    async fn a_short_window_needs_a_reason(test: TestDb) {
        let (desk, _) = desk(&test);
        let clerk = signed_in(Role::Clerk);
        let draft = ops::Draft { title: "防汛".into(), lead: "急".into(), label: "稿".into(), source: DRAFT.into() };
        let id = ops::prepare(&desk, &clerk, congress(), &draft).await.unwrap();
        let mut form = WindowForm { opens: date(2026, 7, 1), closes: date(2026, 7, 10), reason: None };
        assert!(matches!(ops::open(&desk, &clerk, id, &form).await, Err(OpError::Window(_))));
        form.reason = Some("汛期将至".into());
        ops::open(&desk, &clerk, id, &form).await.unwrap();
        let way = procedure::load_timeline(&desk.db, id.into()).await.unwrap();
        let opened: says::Open = way[1].says().unwrap();
        assert_eq!((opened.closes.as_str(), opened.source_sha256), ("2026-07-10", says::source_sha256(DRAFT)));
        let record = way[1].record.as_ref().unwrap();
        assert_eq!((record.due.as_deref(), record.to.as_str()), (Some("2026-07-10"), "open"));
        assert!(record.basis.is_some() && record.reason.as_deref() == Some("汛期将至"));
        let kept = rows::consultation(&desk.db, id).await.unwrap();
        assert_eq!((kept.state, kept.exception.as_deref()), (State::Open, Some("汛期将至")));
    }

    /// A decision can be corrected, an opinion hidden and shown, and whoever asked has the last word once.
    async fn whoever_asked_has_the_last_word(test: TestDb) {
        let (desk, _) = desk(&test);
        let chair = signed_in(Role::Chair);
        let id = open_consultation(&desk).await;
        let receipt = speak(&desk, id, "请装声控灯", 5).await;
        let opinion = receipt.opinion;
        let no_reason = decide(&desk, &chair, opinion, &decision(Outcome::NotAdopted, " ")).await;
        assert!(matches!(no_reason, Err(OpError::Text { .. })));
        decide(&desk, &chair, opinion, &decision(Outcome::NotAdopted, "费用过高。")).await.unwrap();
        decide(&desk, &chair, opinion, &decision(Outcome::AlreadyCovered, "第三条已包括。")).await.unwrap();
        ops::hide(&desk, &chair, opinion, seen(&desk, opinion).await, "含有他人电话").await.unwrap();
        ops::show(&desk, &chair, opinion, seen(&desk, opinion).await, "已核实").await.unwrap();
        ops::ask_again(&desk, opinion, "第三条没有写声控").await.unwrap();
        assert_eq!(rows::opinion(&desk.db, opinion).await.unwrap().state, OpinionState::Received);
        let waiting = ops::report(&desk, &chair, id).await;
        assert!(matches!(waiting, Err(OpError::Undecided { waiting: 1 })));
        decide(&desk, &chair, opinion, &decision(Outcome::Adopted, "有道理。")).await.unwrap();
        assert!(matches!(ops::ask_again(&desk, opinion, "再说一次").await, Err(OpError::AskedBefore)));
        assert_counters(&desk, id).await;
    }

    /// A resident, a deputy and an admin cannot decide; staff of another congress neither.
    async fn only_staff_of_this_congress_decide(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let opinion = speak(&desk, id, "好", 6).await.opinion;
        let adopt = decision(Outcome::Adopted, "好");
        for actor in [Actor::Resident, signed_in(Role::Deputy), signed_in(Role::Admin), signed_in(Role::Auditor)] {
            let refused = decide(&desk, &actor, opinion, &adopt).await;
            assert!(matches!(refused, Err(OpError::Refused(Refusal::NotYou { .. }))), "{actor:?}");
        }
        let Actor::Account(mut stranger) = signed_in(Role::Clerk) else { unreachable!() };
        stranger.congress = uuid::Uuid::from_u128(1).into();
        let refused = decide(&desk, &Actor::Account(stranger), opinion, &adopt).await;
        assert!(matches!(refused, Err(OpError::Elsewhere)));
    }
}

store::on_both! {
    [&migrations(), ledger()]

    async fn wrong_counters_are_found_and_mended(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        for n in 0..3 {
            speak(&desk, id, "请把灯留到半夜", n).await;
        }
        let check = consultation::SCHEMA.checks[0];
        let mend = check.mend.expect("counters can be mended");
        assert!((check.look)(&desk.db).await.unwrap().is_empty());
        let mut tx = ::store::testing::begin(&desk.db).await;
        let spoil = "UPDATE tally SET n = n + 2 WHERE provision = '' AND key = 'opinions'";
        ::store::sql(spoil).execute(&mut tx).await.unwrap();
        ::store::sql("DELETE FROM tally WHERE provision <> '' AND key = 'state:received'").execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let wrong = (check.look)(&desk.db).await.unwrap();
        assert!(wrong.len() >= 2 && wrong.iter().any(|line| line.ends_with("opinions -2")), "{wrong:?}");
        assert_eq!(mend(&desk.db).await.unwrap(), wrong.len() as u64);
        assert!((check.look)(&desk.db).await.unwrap().is_empty());
        assert_counters(&desk, id).await;
    }
}
