//! The tree of divisions on both databases.

use crate::common::{DIVISIONS, house, system};
use directory::{
    Action, DirectoryError, MIGRATIONS, congresses, divisions,
    import::{self, Code, FileFault, ImportError, Kind, Upload},
};
use kernel::{Actor, Level, Role};
use uuid::Uuid;

/// The cities and counties that come with the house.
const COUNTIES: &[u8] = include_bytes!("../../../../data/divisions/counties.csv");

const WRONG: &str = "code,name,name_en,level,parent,kind\n11,北京市,,1,,直辖市\n110000,北京市,,1,330000,直辖市\n\
    110101,东城区,,2,110000,市辖区\n110101001,东华门街道,,4,110101,街道\n110102,,,3,110000,市辖区\n110103,甲,,3,110000,市区\n\
    110101001,乙,,,110101,街道\n";

fn told(error: ImportError) -> Vec<(usize, &'static str, Code)> {
    let ImportError::Faults(faults) = error else {
        panic!("{error:?}")
    };
    let one = |fault: &import::Fault| (fault.row, fault.column.en, fault.code);
    faults.iter().map(one).collect()
}

#[test]
fn the_files_of_the_house_are_in_order() {
    let lines = [DIVISIONS, COUNTIES].map(|file| divisions::read(file).unwrap());
    let at = |level, start: &str| {
        let here =
            |line: &&divisions::Line| line.kind.level() == level && line.code.starts_with(start);
        lines.iter().flatten().filter(here).count()
    };
    let (province, city, county) = (Level::Province, Level::City, Level::County);
    assert_eq!(
        (at(province, ""), at(city, ""), at(county, "")),
        (34, 333, 2_847)
    );
    assert_eq!((at(county, "11"), at(Level::Township, "11")), (16, 343));
    assert_eq!((at(city, "33"), at(county, "33")), (11, 90));
}

#[test]
fn every_wrong_line_is_told() {
    let faults = told(divisions::read(WRONG.as_bytes()).unwrap_err());
    assert_eq!(
        faults,
        [
            (2, "code", Code::CodeForm),
            (3, "parent", Code::ParentOfProvince),
            (4, "level", Code::NotItsLevel),
            (6, "name", Code::Empty),
            (7, "kind", Code::NoKind),
            (8, "code", Code::Twice),
        ]
    );
    let file = "code,name\n110000,北京市\n";
    assert!(matches!(
        divisions::read(file.as_bytes()),
        Err(ImportError::File(FileFault::MissingColumns(_)))
    ));
    // As Excel saves it in China.
    let gb = b"code,name,kind\n110000,\xb1\xb1\xbe\xa9,\xd6\xb1\xcf\xbd\xca\xd0\n";
    assert_eq!(divisions::read(gb).unwrap()[0].name, "北京");
}

store::on_both! {
    [MIGRATIONS, None]

    async fn the_tree_is_walked_from_both_ends(test: TestDb) {
        let house = house(&test.db).await;
        let lines = divisions::read(DIVISIONS).unwrap();
        let mut tx = system(&test.db).await;
        // A second time changes nothing.
        divisions::import(&house.gate, &mut tx, &lines).await.unwrap();
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

    async fn a_whole_file_goes_in_or_every_wrong_line_is_told(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, admin) = house.account("admin", &[Role::Admin]).await;
        let upload = |table| Upload { congress: house.congress.id, kind: Kind::Divisions, file_name: "区划.csv", table };
        let bad = "code,name,kind,parent\n330000,浙江省,省,\n330102,上城区,市辖区,330100\n110101009,某街道,街道,110101008\n110199,某区,市辖区,110101\n";
        let bad = import::read(bad.as_bytes(), &Kind::Divisions.limits()).unwrap();
        let faults = told(import::run(gate, &admin, &upload(&bad), Uuid::from_u128(1)).await.unwrap_err());
        assert_eq!(faults, [(3, "parent", Code::NoParent), (4, "parent", Code::ParentNotAbove), (5, "parent", Code::ParentNotAbove)]);
        let refused = import::check(gate, &Actor::Resident, &upload(&bad)).await;
        assert!(matches!(refused, Err(ImportError::Directory(DirectoryError::Refused(Action::KeepDivisions)))));

        let good = import::read(COUNTIES, &Kind::Divisions.limits()).unwrap();
        let imported = import::run(gate, &admin, &upload(&good), Uuid::from_u128(2)).await.unwrap();
        assert_eq!(imported.rows, good.rows.len());
        let again = import::run(gate, &admin, &upload(&good), Uuid::from_u128(2)).await.unwrap();
        assert_eq!(imported, again, "a double click does nothing more");
        let xihu = divisions::by_code(&test.db, "330106").await.unwrap().unwrap();
        assert_eq!(divisions::place(&test.db, xihu.id).await.unwrap(), ["330106", "330100", "330000"]);
    }

    async fn a_sub_district_has_no_congress(test: TestDb) {
        let house = house(&test.db).await;
        let street = divisions::by_code(&test.db, "110101001").await.unwrap().unwrap();
        let mut tx = system(&test.db).await;
        let error = congresses::create(&house.gate, &mut tx, street.id, "东华门街道人大").await.unwrap_err();
        assert!(matches!(error, DirectoryError::Invalid { reason: "no-congress", .. }), "{error}");
        tx.roll_back().await;
        let found = congresses::of_division(&test.db, house.congress.division_id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&house.congress));
    }
}
