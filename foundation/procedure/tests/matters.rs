//! What every matter gets: its moves, number, clocks, links, events, and redaction.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use common::*;
use kernel::{Actor, MatterId, Role};
use procedure::{
    Carry, DuePlace, Event, LinkKind, MIGRATIONS, MoveError, Standing, clocks, due,
    due_in_congress, feed, head, link, links_from, links_to, load_timeline, redact, take,
    testing::{Walked, actor, walk},
};
use store::{StoreError, sql, testing::begin};

store::on_both! {
    [MIGRATIONS, ledger()]

    async fn every_statement_is_understood(test: TestDb) {
        store::testing::prepare_all(&test, procedure::statements::STATEMENTS).await;
    }

    async fn every_move_in_every_state_as_every_role(test: TestDb) {
        let Walked { tried, made, refused } = walk(&test.db, &LAMP).await;
        assert_eq!(tried, 6 * 8 * 8);
        assert!(made > 30 && refused > tried - made, "{made} made, {refused} refused");
    }

    /// Numbers begin at 1 in each congress and year, and one that was not kept is given again.
    async fn numbers_leave_no_gap(test: TestDb) {
        let hall = Hall::default();
        let mut given = Vec::new();
        for (place, year, keep) in [(0, 2026, true), (0, 2026, false), (1, 2026, true), (0, 2026, true), (0, 2027, true)] {
            let mut tx = test.db.begin(Actor::Resident).await.unwrap();
            let opened = hall.report_in(&mut tx, congress(place), year).await;
            if keep {
                tx.commit().await.unwrap();
                given.push((place, opened.number.year, opened.number.n));
            } else {
                tx.roll_back().await;
            }
        }
        assert_eq!(given, [(0, 2026, 1), (1, 2026, 1), (0, 2026, 2), (0, 2027, 1)]);
    }

    /// What is due comes in the order in which it is urgent, page by page; what is paused or done does not.
    async fn what_is_due_is_listed_by_urgency(test: TestDb) {
        let hall = Hall::default();
        let mut lamps = Vec::new();
        for day in [9, 5, 7, 5, 20] {
            lamps.push(hall.assigned(&test.db, july(day)).await);
        }
        let list = async |until, after, limit| due(&test.db, REPAIR, until, after, limit).await.unwrap();
        let first = list(july(9), None, 2).await;
        assert_eq!(first.iter().map(|clock| clock.matter).collect::<Vec<_>>(), [lamps[1], lamps[3]]);
        let rest = list(july(9), first.last().map(procedure::Clock::place), 9).await;
        assert_eq!(rest.iter().map(|clock| clock.matter).collect::<Vec<_>>(), [lamps[2], lamps[0]]);
        assert_eq!(first[0].standing(july(6)), Standing::Over(1));
        hall.clerk(&test.db, lamps[1], Move::Wait, because("缺件")).await.unwrap();
        hall.clerk(&test.db, lamps[3], Move::Decide, Carry { to: Some(State::Fixed), ..because("已修") }).await.unwrap();
        let after: Option<DuePlace> = None;
        let mine = due_in_congress(&test.db, congress(0), july(9), after, 9).await.unwrap();
        let shown: Vec<_> = mine.iter().map(|due| (due.clock.matter, due.kind.as_str(), due.number.n, due.state.as_str())).collect();
        assert_eq!(shown, [(lamps[2], "lamp", 3, "assigned"), (lamps[0], "lamp", 1, "assigned")]);
        assert!(due_in_congress(&test.db, congress(1), july(31), None, 9).await.unwrap().is_empty());
    }

    /// A paused clock goes on with the last day the law then gives; an extension is a clock of its own.
    async fn a_clock_is_paused_and_goes_on(test: TestDb) {
        let hall = Hall::default();
        let lamp = hall.assigned(&test.db, july(9)).await;
        let early = hall.clerk(&test.db, lamp, Move::GoOn, until(july(10))).await;
        assert!(matches!(early, Err(MoveError::Refused(_))));
        hall.clerk(&test.db, lamp, Move::Wait, because("缺件")).await.unwrap();
        let standing = async || clocks(&test.db, lamp).await.unwrap().last().unwrap().standing(july(9));
        assert_eq!(standing().await, Standing::Paused);
        let no_day = hall.clerk(&test.db, lamp, Move::GoOn, Carry::default()).await;
        assert!(matches!(no_day, Err(MoveError::Store(StoreError::Inconsistent(_)))));
        hall.clerk(&test.db, lamp, Move::GoOn, until(july(15))).await.unwrap();
        assert_eq!(standing().await, Standing::Left(6));
        hall.clerk(&test.db, lamp, Move::Extend, until(july(20))).await.unwrap();
        let all = clocks(&test.db, lamp).await.unwrap();
        let days: Vec<_> = all.iter().map(|clock| (clock.due_on, clock.stopped_at.is_some())).collect();
        assert_eq!(days, [(july(15), true), (july(20), false)]);
        let nothing_starts = hall.clerk(&test.db, lamp, Move::Wait, until(july(21))).await;
        assert!(matches!(nothing_starts, Err(MoveError::Store(StoreError::Inconsistent(_)))));
    }

    /// A link is kept once and for ever, and both ends know it.
    async fn links_are_kept_and_walked_from_both_ends(test: TestDb) {
        let hall = Hall::default();
        let mut lamps = Vec::new();
        for _ in 0..4 {
            lamps.push(hall.report(&test.db).await);
        }
        let street = lamps[3];
        let mut tx = begin(&test.db).await;
        for (lamp, anchor) in [(0, "a"), (1, "a"), (2, "a"), (0, "b"), (0, "a")] {
            link(&mut tx, lamps[lamp], street, LinkKind::LedTo, anchor, hall.works()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mine = links_from(&test.db, lamps[0], None, 9).await.unwrap();
        assert_eq!(mine.iter().map(|link| link.anchor.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(mine.iter().all(|link| link.to == street && link.kind == LinkKind::LedTo));
        let rest = links_from(&test.db, lamps[0], Some(mine[0].id), 9).await.unwrap();
        assert_eq!(rest, mine[1..]);
        let to = async |anchor, after, limit| links_to(&test.db, street, LinkKind::LedTo, anchor, after, limit).await.unwrap();
        let page = to("a", None, 2).await;
        let more = to("a", page.last().map(|link| link.id), 2).await;
        let from: Vec<MatterId> = page.iter().chain(&more).map(|link| link.from).collect();
        assert_eq!(from, lamps[..3]);
        assert_eq!(to("b", None, 9).await.len(), 1);
    }

    /// Every move is told in the order of the log, with where it led and nothing of what was said.
    async fn the_feed_tells_every_move_in_order(test: TestDb) {
        let hall = Hall::default();
        let lamp = hall.assigned(&test.db, july(9)).await;
        let other = hall.report(&test.db).await;
        let events = feed(&test.db, 0, 9).await.unwrap();
        let told: Vec<_> = events.iter().map(|event| (event.index, event.matter, event.step, event.made.as_str(), event.state.as_str())).collect();
        assert_eq!(told, [
            (0, lamp, 1, "report", "reported"),
            (1, lamp, 2, "assign", "assigned"),
            (2, other, 1, "report", "reported"),
        ]);
        assert_eq!((events[1].role.as_str(), events[1].kind.as_str(), events[1].congress), ("clerk", "lamp", congress(0)));
        assert_eq!(feed(&test.db, 1, 1).await.unwrap(), events[1..2]);
        assert_eq!(feed(&test.db, 3, 9).await.unwrap(), []);
        let mut tx = begin(&test.db).await;
        sql("UPDATE log_entry SET idx = 7 WHERE idx = 1").execute(&mut tx).await.unwrap();
        assert!(matches!(feed(&mut tx, 0, 9).await, Err(StoreError::Inconsistent(_))), "a gap is no end");
        tx.roll_back().await;
    }

    /// A reader takes each event once, and only when what it made of them is kept.
    async fn a_reader_takes_each_event_once(test: TestDb) {
        let hall = Hall::default();
        for _ in 0..3 {
            hall.report(&test.db).await;
        }
        let indices = |events: &[Event]| events.iter().map(|event| event.index).collect::<Vec<_>>();
        let mut tx = begin(&test.db).await;
        assert_eq!(indices(&take(&mut tx, "lamps", 2).await.unwrap()), [0, 1]);
        tx.roll_back().await;
        let mut tx = begin(&test.db).await;
        assert_eq!(indices(&take(&mut tx, "lamps", 2).await.unwrap()), [0, 1]);
        tx.commit().await.unwrap();
        let mut tx = begin(&test.db).await;
        assert_eq!(indices(&take(&mut tx, "lamps", 2).await.unwrap()), [2]);
        assert_eq!(indices(&take(&mut tx, "lamps", 2).await.unwrap()), [0; 0]);
        assert_eq!(indices(&take(&mut tx, "others", 9).await.unwrap()), [0, 1, 2]);
        tx.commit().await.unwrap();
    }

    /// Redaction takes the words and the reason, and leaves the proof that something was there.
    async fn redaction_takes_words_and_leaves_the_entry(test: TestDb) {
        let hall = Hall::default();
        let lamp = hall.assigned(&test.db, july(9)).await;
        let before = load_timeline(&test.db, lamp).await.unwrap();
        assert_eq!(before[0].says(), Some("路灯不亮".to_owned()));
        let size = head(&test.db).await.unwrap().size;
        let mut tx = test.db.begin(actor(Role::Chair)).await.unwrap();
        redact(&mut tx, lamp, 1).await.unwrap();
        redact(&mut tx, lamp, 2).await.unwrap();
        assert!(matches!(redact(&mut tx, lamp, 3).await, Err(StoreError::Missing)));
        tx.commit().await.unwrap();
        let after = load_timeline(&test.db, lamp).await.unwrap();
        for (was, is) in before.iter().zip(&after) {
            assert_eq!((&is.record, &is.opening, &is.reason), (&None, &None, &None));
            assert_eq!((&is.entry, is.index, is.at), (&was.entry, was.index, was.at));
            assert_eq!(is.says::<String>(), None);
        }
        assert_eq!(head(&test.db).await.unwrap().size, size);
    }
}
