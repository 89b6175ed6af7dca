//! Terms, organs, people and seats, on both databases.

use crate::common::{congress, house, person, system};
use directory::{
    Action, DirectoryError, MIGRATIONS,
    congresses::{self, NewTerm},
    deputies::{self, NewDeputy, SeatState},
    divisions,
    organs::{self, NewOrgan, OrganKind},
    people::{self, NewPerson},
};
use jiff::civil::date;
use kernel::{CongressId, PersonId, Role, TermId};

fn seat(congress: CongressId, term: TermId, person: PersonId) -> NewDeputy<'static> {
    NewDeputy {
        person,
        congress,
        term,
        number: None,
        constituency: "第一选区",
        delegation: None,
        since: date(2023, 1, 15),
    }
}

store::on_both! {
    [MIGRATIONS, None]

    async fn one_person_with_two_seats_is_counted_once(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (district, district_term) = congress(gate, "110101", "东城区人民代表大会").await;
        let mut tx = system(&test.db).await;
        let new = NewPerson { name: "陈桂兰", post: Some("启明市第一小学教师"), reference: Some("QM-0001") };
        let person = people::create(gate, &mut tx, house.congress.id, &new).await.unwrap();
        let mut seats = Vec::new();
        for (congress, term) in [(house.congress.id, house.term), (district.id, district_term)] {
            seats.push(deputies::create(gate, &mut tx, &seat(congress, term, person)).await.unwrap());
        }
        tx.commit().await.unwrap();
        let count = deputies::count(&test.db, None).await.unwrap();
        assert_eq!((count.seats, count.persons), (2, 1));
        assert_eq!(deputies::of_person(&test.db, person).await.unwrap().len(), 2);
        let found = deputies::list(&test.db, house.congress.id, "桂", None, 10).await.unwrap();
        assert_eq!(found.items.len(), 1);
        assert!(deputies::list(&test.db, house.congress.id, "%", None, 10).await.unwrap().items.is_empty());

        let mut tx = system(&test.db).await;
        let early = deputies::change_state(gate, &mut tx, seats[1], SeatState::Ended, date(2022, 1, 1)).await;
        assert!(matches!(early, Err(DirectoryError::Invalid { field: "on", .. })), "{early:?}");
        deputies::change_state(gate, &mut tx, seats[1], SeatState::Ended, date(2026, 1, 1)).await.unwrap();
        let again = deputies::change_state(gate, &mut tx, seats[1], SeatState::Seated, date(2026, 1, 2)).await;
        assert!(matches!(again, Err(DirectoryError::Missing("deputy"))), "an ended office stays ended");
        tx.commit().await.unwrap();
        assert_eq!(deputies::count(&test.db, Some(district.id)).await.unwrap().seats, 0);
    }

    async fn two_congresses_number_ones_are_two_people(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (district, _) = congress(gate, "110101", "东城区人民代表大会").await;
        let (_, clerk) = house.account("clerk", &[Role::Clerk]).await;
        let mut tx = system(&test.db).await;
        let new = NewPerson { name: "张伟", post: None, reference: Some("0001") };
        let one = people::create(gate, &mut tx, house.congress.id, &new).await.unwrap();
        let two = people::create(gate, &mut tx, district.id, &new).await.unwrap();
        tx.commit().await.unwrap();
        assert_ne!(one, two);
        let here = house.congress.id;
        let found = people::by_reference(&test.db, &clerk, here, " 0001 ").await.unwrap().unwrap();
        assert_eq!(found.id, one);
        let listed = people::list(&test.db, &clerk, here, "张", None, 10).await.unwrap().items;
        assert_eq!(listed.iter().map(|person| person.id).collect::<Vec<_>>(), [one]);
        assert!(matches!(people::see(&test.db, &clerk, here, two).await, Err(DirectoryError::Missing("person"))));
        assert!(matches!(people::list(&test.db, &clerk, district.id, "", None, 10).await, Err(DirectoryError::Refused(Action::SeePeople))));
        let mut tx = system(&test.db).await;
        let again = people::create(gate, &mut tx, here, &new).await;
        assert!(matches!(again, Err(DirectoryError::Taken { what: "reference" })), "{again:?}");
        tx.roll_back().await;
    }

    async fn a_new_term_ends_the_old_one_and_its_seats(test: TestDb) {
        let house = house(&test.db).await;
        let (gate, here) = (&house.gate, house.congress.id);
        let deputy = person(gate, here, "陈桂兰").await;
        let mut tx = system(&test.db).await;
        let old = deputies::create(gate, &mut tx, &seat(here, house.term, deputy)).await.unwrap();
        let term = |ordinal, starts_on| NewTerm { ordinal, starts_on, seats: 780 };
        for (ordinal, starts_on, field, why) in [
            (17, date(2023, 1, 15), "starts_on", "before-running-term"),
            (17, date(2027, 1, 1), "starts_on", "in-future"),
            (15, date(2026, 1, 1), "ordinal", "before-running-term"),
            (0, date(2026, 1, 1), "ordinal", "out-of-range"),
        ] {
            let refused = congresses::start_term(gate, &mut tx, here, &term(ordinal, starts_on)).await;
            assert!(matches!(&refused, Err(DirectoryError::Invalid { field: f, reason }) if *f == field && *reason == why), "{refused:?}");
        }
        let new = congresses::start_term(gate, &mut tx, here, &term(17, date(2026, 6, 30))).await.unwrap();
        tx.commit().await.unwrap();
        let terms = congresses::terms(&test.db, here).await.unwrap();
        assert_eq!(terms[1].ends_on.as_deref(), Some("2026-06-29"));
        assert_eq!(congresses::current_term(&test.db, here).await.unwrap().id, new);
        let ended = deputies::find(&test.db, old).await.unwrap();
        assert_eq!((ended.state.as_str(), ended.until_on.as_deref()), ("ended", Some("2026-06-29")));
        assert_eq!(deputies::count(&test.db, Some(here)).await.unwrap().seats, 0);
        let mut tx = system(&test.db).await;
        let late = deputies::create(gate, &mut tx, &seat(here, house.term, deputy)).await;
        assert!(matches!(late, Err(DirectoryError::Missing("term"))), "{late:?}");
        let early = deputies::create(gate, &mut tx, &seat(here, new, deputy)).await;
        assert!(matches!(early, Err(DirectoryError::Invalid { field: "since", .. })), "{early:?}");
        tx.roll_back().await;
    }

    async fn what_belongs_to_another_congress_is_not_taken_for_ours(test: TestDb) {
        let house = house(&test.db).await;
        let (gate, here) = (&house.gate, house.congress.id);
        let (district, district_term) = congress(gate, "110101", "东城区人民代表大会").await;
        let deputy = person(gate, here, "陈桂兰").await;
        let organ = |congress, parent, kind, name| NewOrgan { congress, parent, kind, name };
        let mut tx = system(&test.db).await;
        let theirs = organs::create(gate, &mut tx, &organ(district.id, None, OrganKind::Delegation, "甲代表团")).await.unwrap();
        let office = organs::create(gate, &mut tx, &organ(here, None, OrganKind::Office, "办公厅")).await.unwrap();
        let child = organs::create(gate, &mut tx, &organ(here, Some(theirs), OrganKind::Office, "综合处")).await;
        assert!(matches!(child, Err(DirectoryError::Missing("organ"))), "{child:?}");
        organs::create(gate, &mut tx, &organ(here, Some(office), OrganKind::Office, "综合处")).await.unwrap();
        let foreign = deputies::create(gate, &mut tx, &seat(here, district_term, deputy)).await;
        assert!(matches!(foreign, Err(DirectoryError::Missing("term"))), "{foreign:?}");
        for delegation in [theirs, office] {
            let new = NewDeputy { delegation: Some(delegation), ..seat(here, house.term, deputy) };
            let foreign = deputies::create(gate, &mut tx, &new).await;
            assert!(matches!(foreign, Err(DirectoryError::Missing("organ"))), "{foreign:?}");
        }
        tx.commit().await.unwrap();
        let mut tx = system(&test.db).await;
        let again = organs::create(gate, &mut tx, &organ(here, None, OrganKind::Office, "办公厅")).await;
        assert!(matches!(again, Err(DirectoryError::Taken { what: "organ" })), "{again:?}");
        tx.roll_back().await;
        assert_eq!(organs::list(&test.db, here, None, 10).await.unwrap().items.len(), 2);
    }

    async fn only_the_keepers_administrator_sets_up_congresses(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, keeper) = house.account("admin", &[Role::Admin]).await;
        let (_, clerk) = house.account("clerk", &[Role::Clerk]).await;
        let (district, _) = congress(gate, "110101", "东城区人民代表大会").await;
        assert!(house.congress.keeper && !district.keeper);
        let other = crate::common::account(gate, district.id, "admin", &[Role::Admin]).await;
        let other = crate::common::actor(gate, other, district.id, &[Role::Admin]).await;
        let place = divisions::by_code(&test.db, "110102").await.unwrap().unwrap();
        let lines = divisions::read(crate::common::DIVISIONS).unwrap();
        for nobody in [other, clerk, kernel::Actor::Resident] {
            let mut tx = test.db.begin(nobody).await.unwrap();
            let refused = congresses::create(gate, &mut tx, place.id, "西城区人民代表大会").await;
            assert!(matches!(refused, Err(DirectoryError::Refused(Action::KeepCongresses))), "{refused:?}");
            let refused = divisions::import(gate, &mut tx, &lines).await;
            assert!(refused.is_err());
            tx.roll_back().await;
        }
        let mut tx = test.db.begin(keeper).await.unwrap();
        congresses::create(gate, &mut tx, place.id, "西城区人民代表大会").await.unwrap();
        divisions::import(gate, &mut tx, &lines).await.unwrap();
        tx.commit().await.unwrap();
    }
}
