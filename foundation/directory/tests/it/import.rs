//! Bringing in deputies and accounts: all rows or none, every fault told.

use crate::common::{account, actor, congress, gate, network, origin, system};
use directory::{
    DirectoryError, MIGRATIONS, deputies,
    import::{self, Fault, ImportError, Kind, Limits, Table, Upload},
    organs::{self, NewOrgan, OrganKind},
    sessions::{SecondFactor, Stage},
    sign_in,
};
use kernel::{CongressId, Role};

const GOOD: &str = "姓名*,人员编号*,单位职务,代表证号,选区或选举单位*,代表团,任职日期\n\
    陈桂兰,QM-0001,启明市第一小学教师,0001,第一选区,东城代表团,2023-01-15\n\
    买买提·吐尔逊,QM-0002,,,第二选区,,2024年3月1日\n";

const BAD: &str = "姓名,人员编号,单位职务,代表证号,选区或选举单位,代表团,任职日期\n\
    陈桂兰,QM-0001,,0001,第一选区,西城代表团,2023-01-15\n\
    ,QM-0003,,0001,第二选区,,\n\
    李强,QM-0003,,,第二选区,,去年\n\
    王芳,11010519491231002X,,,,,2020-01-01\n";

fn table(csv: &str) -> Table {
    import::read(csv.as_bytes(), &Limits::default()).unwrap()
}

fn upload(congress: CongressId, kind: Kind, table: &Table) -> Upload<'_> {
    Upload {
        congress,
        kind,
        file_name: "名单.csv",
        table,
    }
}

fn told(error: ImportError) -> Vec<Fault> {
    match error {
        ImportError::Faults(faults) => faults,
        other => panic!("{other:?}"),
    }
}

store::on_both! {
    [MIGRATIONS, None]

    async fn a_good_file_goes_in_whole_and_only_once(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, _) = gate(&test.db);
        let good = table(GOOD);
        let upload = upload(house.congress.id, Kind::Deputies, &good);
        let mut tx = system(&test.db).await;
        let organ = NewOrgan { congress: house.congress.id, parent: None, kind: OrganKind::Delegation, name: "东城代表团" };
        organs::create(&mut tx, &organ, &house.clock, &house.entropy).await.unwrap();
        assert_eq!(import::check(&mut tx, &upload).await.unwrap(), 2);
        assert_eq!(deputies::count(&mut tx, None).await.unwrap().seats, 0, "the dry run writes nothing");
        let imported = import::run(&gate, &mut tx, &upload).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((imported.rows, imported.deputies.len()), (2, 2));
        let found = deputies::search(&test.db, house.congress.id, "桂兰", None, 10).await.unwrap().items;
        assert_eq!(found[0].number.as_deref(), Some("0001"));
        assert!(found[0].delegation_id.is_some());
        let found = deputies::search(&test.db, house.congress.id, "买买提", None, 10).await.unwrap().items;
        assert_eq!(found[0].since_on, "2024-03-01");

        let mut tx = system(&test.db).await;
        let faults = told(import::run(&gate, &mut tx, &upload).await.unwrap_err());
        tx.roll_back().await;
        let words: Vec<&str> = faults.iter().map(|fault| fault.zh.as_str()).collect();
        assert_eq!(words, [
            "系统里这一届已经有代表证号“0001”",
            "系统里“陈桂兰”已经是这一届的代表",
            "系统里“买买提·吐尔逊”已经是这一届的代表",
        ]);
        assert_eq!(store::testing::count(&test.db, "SELECT COUNT(*) FROM import_run").await.unwrap(), 1);
    }

    async fn every_fault_of_every_row_is_told_and_nothing_goes_in(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, _) = gate(&test.db);
        let bad = table(BAD);
        let mut tx = system(&test.db).await;
        let faults = told(import::run(&gate, &mut tx, &upload(house.congress.id, Kind::Deputies, &bad)).await.unwrap_err());
        assert_eq!(deputies::count(&mut tx, None).await.unwrap().seats, 0);
        tx.roll_back().await;
        let told: Vec<(usize, &str)> = faults.iter().map(|fault| (fault.row, fault.column)).collect();
        assert_eq!(told, [
            (2, "代表团"),
            (3, "代表证号"), (3, "姓名"),
            (4, "人员编号"), (4, "任职日期"),
            (5, "人员编号"), (5, "选区或选举单位"), (5, "任职日期"),
        ]);
        assert_eq!(faults[1].zh, "“0001”在文件里重复：第2行已经有了");
        let file = String::from_utf8(import::error_file(&bad, &faults)).unwrap();
        assert!(file.contains("4,任职日期,“去年”不是日期，请写成2023-01-15,李强,QM-0003"), "{file}");
    }

    async fn a_file_without_its_columns_is_told_so(test: TestDb) {
        let house = congress(&test.db).await;
        let lacking = table("姓名,人员编号\n陈桂兰,QM-0001\n");
        let mut tx = system(&test.db).await;
        let faults = told(import::check(&mut tx, &upload(house.congress.id, Kind::Deputies, &lacking)).await.unwrap_err());
        tx.roll_back().await;
        assert_eq!((faults[0].row, faults[0].zh.as_str()), (1, "缺少列：选区或选举单位"));
    }

    async fn new_accounts_sign_in_with_the_password_handed_over(test: TestDb) {
        let house = congress(&test.db).await;
        let (mut gate, _) = gate(&test.db);
        gate.rules.sessions.second_factor = SecondFactor::WhenEnrolled;
        let file = table("登录名,姓名,人员编号,角色\nChen.Guilan,陈桂兰,QM-0001,代表\nli,李强,QM-0002,工作人员、主任会议\n");
        let mut tx = system(&test.db).await;
        let imported = import::run(&gate, &mut tx, &upload(house.congress.id, Kind::Accounts, &file)).await.unwrap();
        tx.commit().await.unwrap();
        let handover = String::from_utf8(import::handover_file(&imported.accounts)).unwrap();
        let chen = &imported.accounts[0];
        assert!(handover.contains(&format!("陈桂兰,chen.guilan,{}", chen.password.secret())), "{handover}");
        let network = network();
        let token = sign_in::sign_in(&gate, "chen.guilan", chen.password.secret(), &origin(&network)).await.unwrap();
        assert_eq!(sign_in::session(&gate, token.secret()).await.unwrap().unwrap().stage, Stage::NewPassword);

        let bad = table("登录名,姓名,人员编号,角色\nLI,李强,QM-0002,工作人员\n甲 乙,王芳,QM-0003,审计员、系统管理员\nwu,李刚,QM-0001,书记\nWU,吴用,QM-0009,代表\n");
        let mut tx = system(&test.db).await;
        let faults = told(import::check(&mut tx, &upload(house.congress.id, Kind::Accounts, &bad)).await.unwrap_err());
        tx.roll_back().await;
        let told: Vec<(usize, &str)> = faults.iter().map(|fault| (fault.row, fault.column)).collect();
        assert_eq!(told, [(2, "登录名"), (3, "登录名"), (3, "角色"), (4, "人员编号"), (4, "角色"), (5, "登录名")]);
        assert_eq!(faults[5].zh, "“wu”在文件里重复：第4行已经有了");
    }

    async fn a_clerk_brings_in_deputies_but_no_accounts(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, _) = gate(&test.db);
        let clerk = account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let clerk = actor(&gate, clerk, house.congress.id, &[Role::Clerk]).await;
        let accounts = table("登录名,姓名,人员编号,角色\nli,李强,QM-0002,系统管理员\n");
        let deputies = table("姓名,人员编号,选区或选举单位\n李强,QM-0002,第二选区\n");
        let mut tx = test.db.begin(clerk).await.unwrap();
        let refused = import::run(&gate, &mut tx, &upload(house.congress.id, Kind::Accounts, &accounts)).await;
        assert!(matches!(refused, Err(ImportError::Directory(DirectoryError::Refused(_)))), "{refused:?}");
        import::run(&gate, &mut tx, &upload(house.congress.id, Kind::Deputies, &deputies)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn thousands_of_rows_go_in_within_reason(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, _) = gate(&test.db);
        let mut file = String::from("姓名,人员编号,选区或选举单位\n");
        for row in 0..3_000 {
            file.push_str(&format!("甲{row},QM-{row:05},第{}选区\n", row % 40));
        }
        let file = table(&file);
        let mut tx = system(&test.db).await;
        let imported = import::run(&gate, &mut tx, &upload(house.congress.id, Kind::Deputies, &file)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(imported.rows, 3_000);
        let (mut seen, mut after) = (std::collections::HashSet::new(), None);
        loop {
            let page = deputies::list(&test.db, house.congress.id, after, 200).await.unwrap();
            seen.extend(page.items.into_iter().map(|deputy| deputy.id));
            after = page.next;
            if after.is_none() { break }
        }
        assert_eq!(seen.len(), 3_000, "paging shows each once");
    }
}
