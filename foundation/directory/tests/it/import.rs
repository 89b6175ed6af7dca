//! Bringing in deputies, accounts and roles: all rows or none, every fault told, nobody waits.

use std::time::Duration;

use crate::common::{House, PASSWORD, house, system};
use directory::{
    DirectoryError, MIGRATIONS, accounts, deputies,
    import::{self, Code, Fault, FileFault, ImportError, Kind, Limits, Table, Upload},
    organs::{self, NewOrgan, OrganKind},
    sessions::Stage,
    sign_in,
};
use kernel::{Actor, Role};
use uuid::Uuid;

const GOOD: &str = "姓名*,人员编号*,单位职务,代表证号,选区或选举单位*,代表团,任职日期\n\
    陈桂兰,QM-0001,启明市第一小学教师,0001,第一选区,东城代表团,2023-01-15\n\
    买买提·吐尔逊,QM-0002,,,第二选区,,2024年3月1日\n";

const BAD: &str = "姓名,人员编号,单位职务,代表证号,选区或选举单位,代表团,任职日期\n\
    陈桂兰,QM-0001,,0001,第一选区,西城代表团,2023-01-15\n\
    ,QM-0003,,0001,第二选区,,\n\
    \n\
    李强,QM-0003,,,第二选区,,去年\n\
    王芳,11010519491231002X,,,,,2020-01-01\n";

fn table(csv: &str) -> Table {
    import::read(csv.as_bytes(), &Limits::default()).unwrap()
}

impl House {
    fn upload<'a>(&self, kind: Kind, table: &'a Table) -> Upload<'a> {
        Upload {
            congress: self.congress.id,
            kind,
            file_name: "名单.csv",
            table,
        }
    }

    async fn run(
        &self,
        by: &Actor,
        kind: Kind,
        csv: &str,
    ) -> Result<import::Imported, ImportError> {
        let table = table(csv);
        let nonce = Uuid::from_u128(u128::from(rand(csv)));
        import::run(&self.gate, by, &self.upload(kind, &table), nonce).await
    }
}

/// A number for a form, the same for the same file.
fn rand(csv: &str) -> u64 {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = std::hash::DefaultHasher::new();
    csv.hash(&mut hasher);
    hasher.finish()
}

fn faults(error: ImportError) -> Vec<Fault> {
    match error {
        ImportError::Faults(faults) => faults,
        other => panic!("{other:?}"),
    }
}

fn told(error: ImportError) -> Vec<(usize, &'static str, Code)> {
    let one = |fault: &Fault| (fault.row, fault.column.zh, fault.code);
    faults(error).iter().map(one).collect()
}

store::on_both! {
    [MIGRATIONS, None]

    async fn a_good_file_goes_in_whole_and_only_once(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, clerk) = house.account("clerk", &[Role::Clerk]).await;
        let mut tx = system(&test.db).await;
        let organ = NewOrgan { congress: house.congress.id, parent: None, kind: OrganKind::Delegation, name: "东城代表团" };
        organs::create(gate, &mut tx, &organ).await.unwrap();
        tx.commit().await.unwrap();
        let good = table(GOOD);
        let upload = house.upload(Kind::Deputies, &good);
        assert_eq!(import::check(gate, &clerk, &upload).await.unwrap(), 2);
        assert_eq!(deputies::count(&test.db, None).await.unwrap().seats, 0, "the dry run writes nothing");
        let imported = import::run(gate, &clerk, &upload, Uuid::from_u128(1)).await.unwrap();
        assert_eq!(imported.rows, 2);
        let found = deputies::list(&test.db, house.congress.id, "桂兰", None, 10).await.unwrap().items;
        assert_eq!(found[0].number.as_deref(), Some("0001"));
        assert!(found[0].delegation_id.is_some());
        let found = deputies::list(&test.db, house.congress.id, "买买提", None, 10).await.unwrap().items;
        assert_eq!(found[0].since_on, "2024-03-01");

        let again = told(import::run(gate, &clerk, &upload, Uuid::from_u128(2)).await.unwrap_err());
        assert_eq!(again, [(2, "人员编号", Code::Seated), (2, "代表证号", Code::NumberTaken), (3, "人员编号", Code::Seated)]);
        let runs = import::list(&test.db, &clerk, house.congress.id, None, 10).await.unwrap().items;
        assert_eq!(runs.len(), 1);
        assert_eq!((runs[0].id, runs[0].rows, runs[0].by.as_deref()), (imported.id, 2, Some("clerk")));
    }

    async fn every_fault_of_every_row_is_told_and_nothing_goes_in(test: TestDb) {
        let house = house(&test.db).await;
        let (_, clerk) = house.account("clerk", &[Role::Clerk]).await;
        let faults = faults(house.run(&clerk, Kind::Deputies, BAD).await.unwrap_err());
        assert_eq!(deputies::count(&test.db, None).await.unwrap().seats, 0);
        let told: Vec<(usize, &str, Code)> = faults.iter().map(|fault| (fault.row, fault.column.zh, fault.code)).collect();
        assert_eq!(told, [
            (2, "代表团", Code::NoDelegation),
            (3, "姓名", Code::Empty), (3, "代表证号", Code::Twice),
            (5, "人员编号", Code::Twice), (5, "任职日期", Code::NoDay),
            (6, "人员编号", Code::PersonalNumber), (6, "选区或选举单位", Code::Empty), (6, "任职日期", Code::BeforeTerm),
        ]);
        assert_eq!(faults[2].values, [("value", "0001".to_owned()), ("first", "2".to_owned())]);
        let lacking = house.run(&clerk, Kind::Deputies, "姓名,人员编号\n陈桂兰,QM-0001\n").await.unwrap_err();
        let ImportError::File(FileFault::MissingColumns(missing)) = lacking else { panic!("{lacking:?}") };
        assert_eq!(missing.iter().map(|column| column.en).collect::<Vec<_>>(), ["constituency"]);
    }

    async fn first_passwords_are_handed_over_as_often_as_it_takes(test: TestDb) {
        let house = house(&test.db).await;
        let (gate, here) = (&house.gate, house.congress.id);
        let (_, admin) = house.account("admin", &[Role::Admin]).await;
        let (_, clerk) = house.account("clerk", &[Role::Clerk]).await;
        let (_, security) = house.account("security", &[Role::Security]).await;
        let file = "登录名,姓名,人员编号\nChen.Guilan,陈桂兰,QM-0001\nli,李强,QM-0002\nwang,王芳,QM-0003\n";
        let refused = house.run(&clerk, Kind::Accounts, file).await;
        assert!(matches!(refused, Err(ImportError::Directory(DirectoryError::Refused(_)))), "{refused:?}");
        let id = house.run(&admin, Kind::Accounts, file).await.unwrap().id;
        let wang = accounts::list(&test.db, &admin, here, "wang", None, 1).await.unwrap().items.remove(0);
        let mut tx = test.db.begin(security).await.unwrap();
        accounts::give_role(gate, &mut tx, wang.id, Role::Auditor).await.unwrap();
        tx.commit().await.unwrap();

        let hand_over = async |by: &Actor, nonce| import::hand_over(gate, by, here, id, Uuid::from_u128(nonce)).await;
        assert!(matches!(hand_over(&clerk, 1).await, Err(DirectoryError::Refused(_))));
        let first = hand_over(&admin, 1).await.unwrap();
        assert_eq!(first.iter().map(|one| one.login.as_str()).collect::<Vec<_>>(), ["chen.guilan", "li"], "no officers");
        assert_eq!(hand_over(&admin, 1).await.unwrap(), first, "the same form gives the same file");
        let sign_in = async |login, password: &str| sign_in::sign_in(gate, login, password, &house.origin()).await;
        let token = sign_in("chen.guilan", first[0].password.secret()).await.unwrap();
        assert_eq!(house.session(token.secret()).await.unwrap().stage, Stage::NewPassword);
        // Whoever has signed in keeps what they have; the rest get fresh ones.
        let second = hand_over(&admin, 2).await.unwrap();
        assert_eq!(second.len(), 1);
        assert!(house.session(token.secret()).await.is_some());
        assert!(sign_in("li", first[1].password.secret()).await.is_err(), "good no more");
        sign_in("li", second[0].password.secret()).await.unwrap();
        assert_eq!(import::find(&test.db, &admin, here, id).await.unwrap().unused, 1, "the auditor's");
    }

    async fn accounts_that_cannot_be_made_are_told(test: TestDb) {
        let house = house(&test.db).await;
        let (_, admin) = house.account("admin", &[Role::Admin]).await;
        house.run(&admin, Kind::Accounts, "登录名,姓名,人员编号\nli,李强,QM-0002\n").await.unwrap();
        let bad = "登录名,姓名,人员编号\nLI,李强,QM-0002\n甲 乙,王芳,QM-0003\nwu,李刚,QM-0002\nWU,吴用,QM-0009\n";
        let told = told(house.run(&admin, Kind::Accounts, bad).await.unwrap_err());
        assert_eq!(told, [
            (2, "登录名", Code::LoginTaken), (2, "人员编号", Code::HasAccount),
            (3, "登录名", Code::LoginCharacters),
            (4, "人员编号", Code::Twice), (4, "人员编号", Code::OtherName), (4, "人员编号", Code::HasAccount),
            (5, "登录名", Code::Twice),
        ]);
    }

    async fn security_gives_roles_by_a_file_but_makes_no_officers(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, admin) = house.account("admin", &[Role::Admin]).await;
        let (_, security) = house.account("security", &[Role::Security]).await;
        let (li, _) = house.account("li", &[]).await;
        let (wu, _) = house.account("wu", &[Role::Clerk]).await;
        let token = sign_in::sign_in(gate, "wu", PASSWORD, &house.origin()).await.unwrap();
        let good = "登录名,角色\nLi,代表、工作人员\nwu,clerk chair\n";
        assert!(house.run(&admin, Kind::Roles, good).await.is_err());
        house.run(&security, Kind::Roles, good).await.unwrap();
        assert_eq!(accounts::roles(&test.db, li).await.unwrap(), [Role::Clerk, Role::Deputy]);
        assert_eq!(accounts::roles(&test.db, wu).await.unwrap(), [Role::Chair, Role::Clerk]);
        assert!(house.session(token.secret()).await.is_none(), "it signs in anew");
        let bad = "登录名,角色\nnobody,代表\nadmin,工作人员\nsecurity,工作人员\nli,审计员\n,\n";
        let told = told(house.run(&security, Kind::Roles, bad).await.unwrap_err());
        assert_eq!(told, [
            (2, "登录名", Code::NoAccount), (3, "登录名", Code::Officer), (4, "登录名", Code::OwnAccount),
            (5, "角色", Code::NoRole),
        ]);
    }

    async fn nobody_waits_for_a_large_import(test: TestDb) {
        let house = house(&test.db).await;
        let (gate, here) = (&house.gate, house.congress.id);
        let (_, admin) = house.account("admin", &[Role::Admin]).await;
        let mut file = String::from("登录名,姓名,人员编号\n");
        for row in 0..20_000 {
            file.push_str(&format!("u{row},甲{row},QM-{row:05}\n"));
        }
        let file = table(&file);
        let upload = house.upload(Kind::Accounts, &file);
        // Somebody else writes all the while, and is never refused.
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let writing = tokio::spawn({
            let db = test.db.clone();
            async move {
                let (mut longest, mut times) = (Duration::ZERO, 0);
                while !*stopped.borrow() {
                    let started = std::time::Instant::now();
                    let tx = db.begin(Actor::Resident).await.unwrap();
                    tx.commit().await.unwrap();
                    longest = longest.max(started.elapsed());
                    times += 1;
                    tokio::task::yield_now().await;
                }
                (longest, times)
            }
        });
        let started = std::time::Instant::now();
        import::check(gate, &admin, &upload).await.unwrap();
        let checked = started.elapsed();
        let imported = import::run(gate, &admin, &upload, Uuid::from_u128(1)).await.unwrap();
        let ran = started.elapsed() - checked;
        let given = import::hand_over(gate, &admin, here, imported.id, Uuid::from_u128(2)).await.unwrap();
        let handed = started.elapsed() - checked - ran;
        stop.send_replace(true);
        let (longest, times) = writing.await.unwrap();
        assert_eq!((imported.rows, given.len()), (20_000, 20_000));
        println!("checked in {checked:?}, ran in {ran:?}, handed over in {handed:?}; {times} others waited {longest:?} at most");
    }

    async fn somebody_quicker_shows_as_a_fault(test: TestDb) {
        let house = house(&test.db).await;
        let (_, admin) = house.account("admin", &[Role::Admin]).await;
        let file = |row: usize| format!("登录名,姓名,人员编号\nli,李强,QM-{row}\n");
        let tries = (0..6).map(|row| {
            let (gate, admin, congress) = (house.gate.clone(), admin.clone(), house.congress.id);
            let table = table(&file(row));
            tokio::spawn(async move {
                let upload = Upload { congress, kind: Kind::Accounts, file_name: "名单.csv", table: &table };
                import::run(&gate, &admin, &upload, Uuid::from_u128(row as u128)).await
            })
        });
        let mut went_in = 0;
        for one in tries.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(_) => went_in += 1,
                Err(error) => assert_eq!(told(error), [(2, "登录名", Code::LoginTaken)]),
            }
        }
        assert_eq!(went_in, 1);
    }

    async fn thousands_of_seats_are_paged_each_once(test: TestDb) {
        let house = house(&test.db).await;
        let (_, clerk) = house.account("clerk", &[Role::Clerk]).await;
        let mut file = String::from("姓名,人员编号,选区或选举单位\n");
        for row in 0..3_000 {
            file.push_str(&format!("甲{row},QM-{row:05},第{}选区\n", row % 40));
        }
        assert_eq!(house.run(&clerk, Kind::Deputies, &file).await.unwrap().rows, 3_000);
        let (mut seen, mut after) = (std::collections::HashSet::new(), None);
        loop {
            let page = deputies::list(&test.db, house.congress.id, "", after, 200).await.unwrap();
            seen.extend(page.items.into_iter().map(|deputy| deputy.id));
            after = page.next;
            if after.is_none() { break }
        }
        assert_eq!(seen.len(), 3_000, "paging shows each once");
    }
}
