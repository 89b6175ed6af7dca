//! What is sent twice is kept once, and nobody gets somebody else's receipt.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use common::*;
use consultation::{
    model::{Source, Stance},
    ops::{self, HeardOpinion, Letter, NewVisit, OpError, SendKey},
    store as rows, tally, way,
};
use jiff::civil::date;
use kernel::{Actor, Role};

const DAY: i64 = 86_400;

fn heard(text: &str) -> HeardOpinion {
    HeardOpinion {
        text: text.into(),
        provision: None,
        stance: Stance::Support,
    }
}

fn visit(key: SendKey, opinions: Vec<HeardOpinion>) -> NewVisit {
    NewVisit {
        unit: "东湖社区".into(),
        heads: 26,
        day: date(2026, 7, 31),
        opinions,
        key,
    }
}

store::on_both! {
    [&migrations(), ledger()]

    /// Back, other words, send: that is a second opinion, with a receipt of its own.
    async fn other_words_in_the_same_form_are_another_opinion(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let first = speak(&desk, id, "灯太暗", 9).await;
        let again = speak(&desk, id, "  灯太暗\r\n", 9).await;
        assert_eq!((first.code, first.opinion, again.repeated), (again.code, again.opinion, true));
        let other = speak(&desk, id, "灯太亮", 9).await;
        assert!(!other.repeated && other.code != first.code);
        let mut elsewhere = opinion("灯太暗", 9);
        elsewhere.provision = Some("art_4".into());
        let moved = ops::submit(&desk, id, &elsewhere).await.unwrap();
        assert!(!moved.repeated);
        assert_eq!(consultation::figures::tallies(&desk.db, id).await.unwrap().all(tally::OPINIONS), 3);
        assert_counters(&desk, id).await;
    }

    /// A client's key stands for one request in one consultation.
    async fn a_clients_key_stands_for_one_opinion(test: TestDb) {
        let (desk, clock) = desk(&test);
        let (id, other) = (open_consultation(&desk).await, open_consultation(&desk).await);
        let send = async |id, text: &str| {
            let mut new = opinion(text, 0);
            new.key = SendKey::Client("0123456789abcdef".into());
            ops::submit(&desk, id, &new).await
        };
        let first = send(id, "灯太暗").await.unwrap();
        assert_eq!(send(id, "灯太暗").await.unwrap().code, first.code);
        assert!(matches!(send(id, "灯太亮").await, Err(OpError::KeyReused)));
        assert_ne!(send(other, "灯太暗").await.unwrap().code, first.code, "another matter, another receipt");
        clock.advance_seconds(40 * DAY);
        assert_eq!(send(id, "灯太暗").await.unwrap().code, first.code);
        assert!(matches!(send(id, "灯太亮").await, Err(OpError::KeyReused)));
        assert_counters(&desk, id).await;
    }

    /// The answer was lost on the last evening; whoever sends again the next day gets the receipt.
    async fn a_lost_answer_is_given_again_after_the_last_day(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let lost = speak(&desk, id, "灯太暗", 1).await;
        clock.advance_seconds(31 * DAY);
        let send = |text: &'static str| {
            let desk = desk.clone();
            async move { ops::submit(&desk, id, &opinion(text, 1)).await }
        };
        assert_eq!(send("灯太暗").await.unwrap().code, lost.code);
        assert!(matches!(send("灯太亮").await, Err(OpError::Closed { .. })));
        close(&desk, &clock).await;
        assert_eq!(send("灯太暗").await.unwrap().code, lost.code);
    }

    /// A visit sent twice is one visit; another visit in the same form is refused, and every code
    /// that was given opens something.
    async fn a_visit_is_counted_once(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        clock.advance_seconds(30 * DAY);
        let deputy = signed_in(Role::Deputy);
        let record = async |new: &NewVisit| ops::record_visit(&desk, &deputy, id, new).await;
        let two = visit(form(1), vec![heard("好"), heard("好")]);
        let first = record(&two).await.unwrap();
        let again = record(&two).await.unwrap();
        assert_eq!((first.visit, &first.codes, again.repeated), (again.visit, &again.codes, true));
        assert_eq!(first.codes.len(), 2);
        for code in &first.codes {
            assert!(way::by_code(&desk, *code).await.unwrap().is_some());
        }
        let three = visit(form(1), vec![heard("好"), heard("好"), heard("回家又想起来的")]);
        assert!(matches!(record(&three).await, Err(OpError::KeyReused)));
        let many = visit(form(2), vec![heard("好"); 51]);
        assert!(matches!(record(&many).await, Err(OpError::TooManyHeard { most: 50 })));
        let most = visit(form(2), vec![heard("好"); 50]);
        assert_eq!(record(&most).await.unwrap().codes.len(), 50);
        assert_eq!(consultation::figures::tallies(&desk.db, id).await.unwrap().all(tally::HEADS), 52);
        assert_counters(&desk, id).await;
    }

    /// Heard on the last day, recorded within a week, also when the next version is there already; a
    /// visit after the last day does not count.
    async fn what_was_heard_in_time_may_be_recorded_a_little_later(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let deputy = signed_in(Role::Deputy);
        let first_version = rows::consultation(&desk.db, id).await.unwrap().version;
        clock.advance_seconds(37 * DAY);
        ops::close_overdue(&desk).await.unwrap();
        ops::next_version(&desk, &signed_in(Role::Clerk), id, &second(&desk, id).await).await.unwrap();
        let last_day = visit(form(1), vec![heard("好")]);
        let late = NewVisit { day: date(2026, 8, 1), ..last_day.clone() };
        assert!(matches!(ops::record_visit(&desk, &deputy, id, &late).await, Err(OpError::VisitDay)));
        let kept = ops::record_visit(&desk, &deputy, id, &last_day).await.unwrap();
        let spoken = way::by_code(&desk, kept.codes[0]).await.unwrap().unwrap().opinion;
        assert_eq!((spoken.source, spoken.version), (Source::Visit, first_version));
        clock.advance_seconds(DAY);
        let too_late = NewVisit { key: form(2), ..last_day.clone() };
        assert!(matches!(ops::record_visit(&desk, &deputy, id, &too_late).await, Err(OpError::Closed { .. })));
        assert!(ops::record_visit(&desk, &deputy, id, &last_day).await.unwrap().repeated);
        assert_counters(&desk, id).await;
    }

    /// Staff record a letter in its writer's words; the receipt is the writer's.
    async fn a_letter_gets_a_receipt(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let letter = Letter {
            text: "我不会上网，写信说一句：请把灯留到半夜。".into(),
            provision: Some("art_3".into()),
            stance: Stance::Amend,
            arrived: date(2026, 7, 1),
            key: form(1),
        };
        for who in [Role::Clerk, Role::Chair] {
            let receipt = ops::record_letter(&desk, &signed_in(who), id, &letter).await.unwrap();
            let held = way::by_code(&desk, receipt.code).await.unwrap().unwrap();
            assert_eq!(receipt.repeated, who == Role::Chair);
            assert_eq!((held.opinion.source, held.steps[0].role.as_str()), (Source::Desk, "clerk"));
            let said: consultation::model::says::Submit = held.steps[0].says().unwrap();
            assert_eq!(said.arrived.as_deref(), Some("2026-07-01"));
        }
        let tomorrow = Letter { arrived: date(2026, 7, 2), key: form(2), ..letter.clone() };
        let refused = ops::record_letter(&desk, &signed_in(Role::Clerk), id, &tomorrow).await;
        assert!(matches!(refused, Err(OpError::VisitDay)));
        for who in [Actor::Resident, signed_in(Role::Deputy)] {
            assert!(matches!(ops::record_letter(&desk, &who, id, &letter).await, Err(OpError::NotStaff)));
        }
        assert_counters(&desk, id).await;
    }
}
