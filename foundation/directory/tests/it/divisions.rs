//! Divisions, congresses, organs, people and seats on both databases.

use crate::common::{DIVISIONS, congress, system};
use directory::{
    Action, DirectoryError, MIGRATIONS, congresses,
    deputies::{self, NewDeputy, SeatState},
    divisions, organs,
    people::{self, NewPerson},
};
use jiff::civil::date;
use kernel::{Actor, DivisionKind, SeededEntropy, TestClock};

/// The cities and counties that come with the house.
const COUNTIES: &[u8] = include_bytes!("../../../../data/divisions/counties.csv");

#[derive(serde::Deserialize)]
struct Kinds {
    code: String,
    level: i64,
    kind: String,
}

#[test]
fn the_files_of_the_house_are_in_order() {
    let lines = [DIVISIONS, COUNTIES].map(|file| divisions::read(file).unwrap());
    let at = |level, start: &str| {
        let here = |line: &&divisions::Line| line.level == level && line.code.starts_with(start);
        lines.iter().flatten().filter(here).count()
    };
    assert_eq!((at(1, ""), at(2, ""), at(3, "")), (34, 333, 2_847));
    assert_eq!((at(3, "11"), at(4, "11")), (16, 343));
    assert_eq!((at(2, "33"), at(3, "33")), (11, 90));
}

#[test]
fn every_division_of_the_house_says_what_kind_it_is() {
    for file in [DIVISIONS, COUNTIES] {
        for row in csv::Reader::from_reader(file).deserialize() {
            let row: Kinds = row.unwrap();
            let kind = DivisionKind::parse(&row.kind).unwrap();
            assert_eq!(kind.level().index(), row.level, "{}", row.code);
        }
    }
}

#[test]
fn every_wrong_line_is_told_in_words() {
    let file = "code,name,name_en,level,parent\n11,北京市,,1,\n110000,北京市,,1,330000\n110101,东城区,,9,110000\n\
                110101001,东华门街道,,4,110101\n110102,,,3,110000\n110103,甲,\n";
    let faults = divisions::read(file.as_bytes()).unwrap_err();
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [2, 3, 4, 6, 7]);
    assert_eq!(faults[0].to_string(), "第2行：1级代码应为6位数字，实为“11”");
    let gbk = b"code,name,name_en,level,parent\n110000,\xb1\xb1\xbe\xa9,,1,\n";
    assert_eq!(
        divisions::read(gbk).unwrap_err()[0].reason,
        "不是UTF-8编码，请另存为“CSV UTF-8”"
    );
}

store::on_both! {
    [MIGRATIONS, None]

    async fn the_tree_is_walked_from_both_ends(test: TestDb) {
        let (clock, entropy) = (TestClock::default(), SeededEntropy::new(1));
        let lines = divisions::read(DIVISIONS).unwrap();
        let mut tx = test.db.begin(Actor::System).await.unwrap();
        assert_eq!(divisions::import(&mut tx, &lines, &clock, &entropy).await.unwrap(), lines.len());
        // A second time changes nothing.
        divisions::import(&mut tx, &lines, &clock, &entropy).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store::testing::count(&test.db, "SELECT COUNT(*) FROM division").await.unwrap(), lines.len() as i64);

        let street = divisions::by_code(&test.db, "110101001").await.unwrap().unwrap();
        assert_eq!(divisions::place(&test.db, street.id).await.unwrap(), ["110101001", "110101", "110000"]);

        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = divisions::children(&test.db, None, after.as_deref(), 10).await.unwrap();
            seen.extend(page.items.into_iter().map(|division| division.code));
            after = page.next;
            if after.is_none() { break }
        }
        assert_eq!(seen.len(), 34);
        assert!(seen.is_sorted());
        let beijing = divisions::by_code(&test.db, "110000").await.unwrap().unwrap();
        let districts = divisions::children(&test.db, Some(beijing.id), None, 100).await.unwrap();
        assert_eq!((districts.items.len(), districts.next), (16, None));
    }

    async fn a_file_with_a_lost_parent_goes_in_not_at_all(test: TestDb) {
        let (clock, entropy) = (TestClock::default(), SeededEntropy::new(1));
        let file = "code,name,name_en,level,parent\n110000,北京市,,1,\n330102,上城区,,3,330100\n";
        let lines = divisions::read(file.as_bytes()).unwrap();
        let mut tx = test.db.begin(Actor::System).await.unwrap();
        let error = divisions::import(&mut tx, &lines, &clock, &entropy).await.unwrap_err();
        assert!(matches!(error, DirectoryError::Invalid { field: "parent", reason: "unknown" }), "{error}");
        tx.roll_back().await;
        assert_eq!(store::testing::count(&test.db, "SELECT COUNT(*) FROM division").await.unwrap(), 0);
        let mut tx = test.db.begin(Actor::Resident).await.unwrap();
        let error = divisions::import(&mut tx, &lines, &clock, &entropy).await.unwrap_err();
        assert!(matches!(error, DirectoryError::Refused(Action::KeepDivisions)), "{error}");
        tx.roll_back().await;
    }

    async fn a_sub_district_has_no_congress(test: TestDb) {
        let house = congress(&test.db).await;
        let street = divisions::by_code(&test.db, "110101001").await.unwrap().unwrap();
        let mut tx = system(&test.db).await;
        let error = congresses::create(&mut tx, street.id, "东华门街道人大", &house.clock, &house.entropy).await.unwrap_err();
        assert!(matches!(error, DirectoryError::Invalid { reason: "sub-district", .. }), "{error}");
        tx.roll_back().await;
        let found = congresses::of_division(&test.db, house.congress.division_id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&house.congress));
    }

    async fn one_person_with_two_seats_is_counted_once(test: TestDb) {
        let house = congress(&test.db).await;
        let other = divisions::by_code(&test.db, "110101").await.unwrap().unwrap();
        let mut tx = system(&test.db).await;
        let district = congresses::create(&mut tx, other.id, "东城区人民代表大会", &house.clock, &house.entropy).await.unwrap();
        let term = congresses::NewTerm { ordinal: 17, starts_on: date(2021, 12, 20), seats: 300 };
        let district_term = congresses::start_term(&mut tx, district.id, &term, &house.clock, &house.entropy).await.unwrap();
        let new = NewPerson { name: "陈桂兰", post: Some("启明市第一小学教师"), reference: Some("QM-0001") };
        let person = people::create(&mut tx, &new, &house.clock, &house.entropy).await.unwrap();
        let mut seats = Vec::new();
        for (congress, term) in [(house.congress.id, house.term), (district.id, district_term)] {
            let new = NewDeputy { person, congress, term, number: None, constituency: "第一选区", delegation: None, since: date(2022, 1, 1) };
            seats.push(deputies::create(&mut tx, &new, &house.clock, &house.entropy).await.unwrap());
        }
        tx.commit().await.unwrap();
        let count = deputies::count(&test.db, None).await.unwrap();
        assert_eq!((count.seats, count.persons), (2, 1));
        assert_eq!(deputies::of_person(&test.db, person).await.unwrap().len(), 2);
        let found = deputies::search(&test.db, house.congress.id, "桂", None, 10).await.unwrap();
        assert_eq!(found.items.len(), 1);
        assert!(deputies::search(&test.db, house.congress.id, "%", None, 10).await.unwrap().items.is_empty());

        let mut tx = system(&test.db).await;
        deputies::change_state(&mut tx, seats[1], SeatState::Ended, date(2026, 1, 1)).await.unwrap();
        let again = deputies::change_state(&mut tx, seats[1], SeatState::Seated, date(2026, 1, 2)).await;
        assert!(matches!(again, Err(DirectoryError::Missing("deputy"))), "an ended office stays ended");
        tx.commit().await.unwrap();
        assert_eq!(deputies::count(&test.db, Some(district.id)).await.unwrap().seats, 0);
    }

    async fn a_new_term_ends_the_old_and_names_are_unique(test: TestDb) {
        let house = congress(&test.db).await;
        let mut tx = system(&test.db).await;
        let term = congresses::NewTerm { ordinal: 17, starts_on: date(2028, 1, 10), seats: 780 };
        congresses::start_term(&mut tx, house.congress.id, &term, &house.clock, &house.entropy).await.unwrap();
        let terms = congresses::terms(&mut tx, house.congress.id).await.unwrap();
        assert_eq!(terms[1].ends_on.as_deref(), Some("2028-01-09"));
        assert_eq!(congresses::current_term(&mut tx, house.congress.id).await.unwrap().ordinal, 17);
        let organ = organs::NewOrgan { congress: house.congress.id, parent: None, kind: organs::OrganKind::WorkingOrgan, name: "法制工作委员会" };
        organs::create(&mut tx, &organ, &house.clock, &house.entropy).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = system(&test.db).await;
        let again = organs::create(&mut tx, &organ, &house.clock, &house.entropy).await;
        assert!(matches!(again, Err(DirectoryError::Taken { what: "name" })));
        tx.roll_back().await;
        assert_eq!(organs::list(&test.db, house.congress.id, None, 10).await.unwrap().items.len(), 1);
    }
}
