//! The audit trail, on both databases: nothing is changed, left out or cut off unseen.

use crate::common::{congress, house};
use directory::{
    DirectoryError, MIGRATIONS, accounts,
    audit::{self, Act, Broken, Filter},
};
use kernel::{Clock as _, Role};

store::on_both! {
    [MIGRATIONS, None]

    async fn whoever_touches_the_trail_is_found_out(test: TestDb) {
        let house = house(&test.db).await;
        for login in ["one", "two", "three"] {
            house.account(login, &[Role::Clerk]).await;
        }
        let whole = audit::check(&test.db).await.unwrap();
        assert!(whole > 9, "{whole}");
        let touch = async |statement: &'static str| {
            let mut tx = test.db.begin(kernel::Actor::System).await.unwrap();
            store::sql(statement).execute(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            audit::check(&test.db).await
        };
        for (touched, undone) in [
            ("UPDATE audit_event SET detail = 'x' || detail WHERE seq = 5", "UPDATE audit_event SET detail = substr(detail, 2) WHERE seq = 5"),
            ("UPDATE audit_event SET at = at + 1 WHERE seq = 5", "UPDATE audit_event SET at = at - 1 WHERE seq = 5"),
            ("UPDATE audit_event SET network = 'there' WHERE seq = 5", "UPDATE audit_event SET network = '192.0.2.7' WHERE seq = 5"),
        ] {
            assert_eq!(touch(touched).await, Err(Broken::Changed(5)), "{touched}");
            assert_eq!(touch(undone).await, Ok(whole), "{undone}");
        }
        assert_eq!(touch("DELETE FROM audit_event WHERE seq = (SELECT MAX(seq) FROM audit_event)").await,
            Err(Broken::Missing(i64::try_from(whole).unwrap())), "cut at the end");
        assert_eq!(touch("DELETE FROM audit_event WHERE seq = 4").await, Err(Broken::Missing(4)), "left out");
    }

    async fn a_trail_cut_at_its_beginning_is_missed(test: TestDb) {
        house(&test.db).await;
        let mut tx = test.db.begin(kernel::Actor::System).await.unwrap();
        store::sql("DELETE FROM audit_event WHERE seq = 1").execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(audit::check(&test.db).await, Err(Broken::Missing(1)));
    }

    async fn the_auditor_of_this_congress_reads_it_page_by_page(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, auditor) = house.account("auditor", &[Role::Auditor]).await;
        let (_, admin) = house.account("admin", &[Role::Admin]).await;
        let (_, security) = house.account("security", &[Role::Security]).await;
        let (clerk, _) = house.account("clerk", &[]).await;
        congress(gate, "110101", "东城区人民代表大会").await;
        house.clock.advance_seconds(86_400);
        let noon = house.clock.now();
        for _ in 0..2 {
            let mut tx = test.db.begin(security.clone()).await.unwrap();
            accounts::give_role(gate, &mut tx, clerk, Role::Chair).await.unwrap();
            accounts::take_role(gate, &mut tx, clerk, Role::Chair).await.unwrap();
            tx.commit().await.unwrap();
        }
        let here = house.congress.id;
        for other in [&admin, &security] {
            let refused = audit::list(&test.db, other, here, &Filter::default(), None, 10).await;
            assert!(matches!(refused, Err(DirectoryError::Refused(_))));
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = audit::list(&test.db, &auditor, here, &Filter::default(), after, 3).await.unwrap();
            seen.extend(page.items.iter().map(|event| event.seq));
            after = page.next;
            if after.is_none() { break }
        }
        assert!(seen.is_sorted_by(|one, next| one > next), "the latest first, each once");
        let count = async |filter: Filter| audit::list(&test.db, &auditor, here, &filter, None, 200).await.unwrap().items.len();
        let given = Filter { act: Some(Act::RoleGiven), ..Filter::default() };
        assert_eq!(count(given).await, 5, "three at the command line");
        let by = Some(security.signed_in().unwrap().account);
        assert_eq!(count(Filter { by, ..given }).await, 2);
        assert_eq!(count(Filter { by, ..Filter::default() }).await, 4);
        assert_eq!(count(Filter { to: Some(clerk.into()), ..Filter::default() }).await, 5);
        assert_eq!(count(Filter { from: Some(noon), ..Filter::default() }).await, 4);
        assert_eq!(count(Filter { before: Some(noon), ..Filter::default() }).await, seen.len() - 4);
        let event = &audit::list(&test.db, &auditor, here, &Filter { by, ..given }, None, 1).await.unwrap().items[0];
        assert_eq!((event.role.as_str(), event.detail.as_str(), event.network.as_str()), ("security", "chair", "192.0.2.7"));
        assert_eq!((event.object_kind.as_str(), event.object_id), ("account", Some(clerk.into())));
    }

    async fn old_events_go_after_their_time_and_never_before(test: TestDb) {
        let house = house(&test.db).await;
        house.account("one", &[Role::Clerk]).await;
        let old = audit::check(&test.db).await.unwrap();
        house.clock.advance_seconds(183 * 86_400);
        house.account("two", &[Role::Clerk]).await;
        assert_eq!(directory::purge(&house.gate, 1).await.unwrap(), 0, "six months are kept, whatever is asked");
        house.clock.advance_seconds(2 * 86_400);
        assert_eq!(directory::purge(&house.gate, 1).await.unwrap(), old);
        assert_eq!(audit::check(&test.db).await.unwrap(), 4, "three of the second account, and the purge");
        let mut tx = test.db.begin(kernel::Actor::System).await.unwrap();
        store::sql("DELETE FROM audit_event WHERE seq = $1").bind(i64::try_from(old).unwrap() + 1).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(audit::check(&test.db).await.is_err(), "more is gone than was purged");
    }
}
