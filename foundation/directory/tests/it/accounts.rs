//! Accounts and roles, on both databases: whose they are to keep.

use crate::common::{House, account, actor, congress, house, person};
use directory::{
    Action, DirectoryError, Gate, MIGRATIONS,
    accounts::{self, NewAccount, Password},
    audit,
};
use kernel::{AccountId, Actor, PersonId, Role};
use uuid::Uuid;

async fn make(
    gate: &Gate,
    by: &Actor,
    house: &House,
    person: PersonId,
    login: &str,
) -> directory::Result<AccountId> {
    let mut tx = gate.db.begin(by.clone()).await.unwrap();
    let new = NewAccount {
        congress: house.congress.id,
        person,
        login,
        password: Password::None,
    };
    let made = accounts::create(gate, &mut tx, &new).await?;
    tx.commit().await.unwrap();
    Ok(made)
}

/// What comes of each way to keep an account.
async fn keep(gate: &Gate, by: &Actor, id: AccountId) -> Vec<&'static str> {
    let word = |error: &DirectoryError| match error {
        DirectoryError::Refused(Action::KeepOfficers) => "officers",
        DirectoryError::Refused(_) => "refused",
        DirectoryError::OwnAccount => "own",
        other => panic!("{other:?}"),
    };
    let mut said = Vec::new();
    for way in 0..3 {
        let mut tx = gate.db.begin(by.clone()).await.unwrap();
        let done = match way {
            0 => accounts::issue_password(gate, &mut tx, id, Uuid::from_u128(7))
                .await
                .map(drop),
            1 => accounts::reset_second_factor(gate, &mut tx, id).await,
            _ => accounts::close(gate, &mut tx, id).await,
        };
        said.push(done.as_ref().map_or_else(word, |()| "done"));
        tx.roll_back().await;
    }
    said.dedup();
    said
}

store::on_both! {
    [MIGRATIONS, None]

    async fn the_administrator_makes_accounts_and_security_gives_roles(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, by_admin) = house.account("admin", &[Role::Admin]).await;
        let (security, by_security) = house.account("security", &[Role::Security]).await;
        let chen = person(gate, house.congress.id, "陈桂兰").await;
        assert!(matches!(make(gate, &by_security, &house, chen, "chen").await, Err(DirectoryError::Refused(Action::KeepAccounts))));
        let made = make(gate, &by_admin, &house, chen, "chen").await.unwrap();
        assert_eq!(accounts::roles(&test.db, made).await.unwrap(), []);

        let mut tx = test.db.begin(by_admin).await.unwrap();
        let refused = accounts::give_role(gate, &mut tx, made, Role::Clerk).await;
        assert!(matches!(refused, Err(DirectoryError::Refused(Action::GrantRoles))));
        tx.roll_back().await;
        let mut tx = test.db.begin(by_security.clone()).await.unwrap();
        let own = accounts::give_role(gate, &mut tx, security, Role::Chair).await;
        assert!(matches!(own, Err(DirectoryError::OwnAccount)), "{own:?}");
        assert!(accounts::give_role(gate, &mut tx, made, Role::System).await.is_err());
        accounts::give_role(gate, &mut tx, made, Role::Clerk).await.unwrap();
        accounts::give_role(gate, &mut tx, made, Role::Chair).await.unwrap();
        let both = accounts::give_role(gate, &mut tx, made, Role::Auditor).await;
        assert!(matches!(both, Err(DirectoryError::Incompatible(Role::Auditor, Role::Clerk))), "{both:?}");
        accounts::take_role(gate, &mut tx, made, Role::Clerk).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(accounts::roles(&test.db, made).await.unwrap(), [Role::Chair]);
    }

    async fn one_person_never_holds_two_offices_whatever_the_account(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, by_admin) = house.account("admin", &[Role::Admin]).await;
        let (_, by_security) = house.account("security", &[Role::Security]).await;
        // A second account for the administrator's own person, here or in another congress.
        let own = by_admin.signed_in().unwrap().person;
        let second = make(gate, &by_admin, &house, own, "second").await;
        assert!(matches!(second, Err(DirectoryError::Taken { what: "account" })), "{second:?}");
        let (district, _) = congress(gate, "110101", "东城区人民代表大会").await;
        let mut tx = test.db.begin(Actor::System).await.unwrap();
        store::sql("INSERT INTO congress_person (congress_id, person_id) VALUES ($1, $2)")
            .bind(district.id).bind(own).execute(&mut tx).await.unwrap();
        let new = NewAccount { congress: district.id, person: own, login: "elsewhere", password: Password::None };
        let elsewhere = accounts::create(gate, &mut tx, &new).await.unwrap();
        for role in [Role::Auditor, Role::Security, Role::Chair] {
            let refused = accounts::give_role(gate, &mut tx, elsewhere, role).await;
            assert!(matches!(refused, Err(DirectoryError::Incompatible(..))), "{refused:?}");
        }
        tx.commit().await.unwrap();
        let mut tx = test.db.begin(by_security).await.unwrap();
        let foreign = accounts::give_role(gate, &mut tx, elsewhere, Role::Clerk).await;
        assert!(matches!(foreign, Err(DirectoryError::Refused(_))), "{foreign:?}");
        tx.roll_back().await;
    }

    async fn another_congress_s_officers_have_no_hand_on_an_account(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (clerk, _) = house.account("clerk", &[Role::Clerk]).await;
        let (district, _) = congress(gate, "110101", "东城区人民代表大会").await;
        for role in [Role::Admin, Role::Security, Role::Auditor] {
            let id = account(gate, district.id, role.as_str(), &[role]).await;
            let foreign = actor(gate, id, district.id, &[role]).await;
            assert_eq!(keep(gate, &foreign, clerk).await, ["refused"]);
            let mut tx = test.db.begin(foreign.clone()).await.unwrap();
            assert!(accounts::give_role(gate, &mut tx, clerk, Role::Chair).await.is_err());
            tx.roll_back().await;
            assert!(accounts::list(&test.db, &foreign, house.congress.id, "", None, 10).await.is_err());
            let seen = accounts::see(&test.db, &foreign, district.id, clerk).await;
            assert!(matches!(seen, Err(DirectoryError::Missing("account"))), "{seen:?}");
        }
    }

    async fn officers_accounts_are_securitys_to_keep_and_ones_own_is_nobodys(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (clerk, _) = house.account("clerk", &[Role::Clerk]).await;
        let (admin, by_admin) = house.account("admin", &[Role::Admin]).await;
        house.account("admin2", &[Role::Admin]).await;
        let (security, by_security) = house.account("security", &[Role::Security]).await;
        let (auditor, by_auditor) = house.account("auditor", &[Role::Auditor]).await;
        assert_eq!(keep(gate, &by_admin, clerk).await, ["done"]);
        assert_eq!(keep(gate, &by_security, clerk).await, ["refused"]);
        for officer in [security, auditor] {
            assert_eq!(keep(gate, &by_admin, officer).await, ["officers"]);
        }
        assert_eq!(keep(gate, &by_security, admin).await, ["done"]);
        assert_eq!(keep(gate, &by_security, security).await, ["own"]);
        assert_eq!(keep(gate, &by_auditor, clerk).await, ["refused"]);
    }

    async fn an_account_stays_in_the_list_and_is_closed_once(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (admin, by_admin) = house.account("admin", &[Role::Admin]).await;
        let (_, by_security) = house.account("security", &[Role::Security]).await;
        let (clerk, _) = house.account("clerk", &[Role::Clerk]).await;
        let mut tx = test.db.begin(by_security.clone()).await.unwrap();
        accounts::take_role(gate, &mut tx, clerk, Role::Clerk).await.unwrap();
        let last = accounts::close(gate, &mut tx, admin).await;
        assert!(matches!(last, Err(DirectoryError::LastOfficer(Role::Admin))), "{last:?}");
        let last = accounts::take_role(gate, &mut tx, admin, Role::Admin).await;
        assert!(matches!(last, Err(DirectoryError::LastOfficer(Role::Admin))), "{last:?}");
        tx.commit().await.unwrap();
        let found = accounts::list(&test.db, &by_admin, house.congress.id, "cle", None, 10).await.unwrap().items;
        assert_eq!(found.iter().map(|account| account.id).collect::<Vec<_>>(), [clerk]);

        let mut tx = test.db.begin(by_admin.clone()).await.unwrap();
        accounts::close(gate, &mut tx, clerk).await.unwrap();
        let again = accounts::close(gate, &mut tx, clerk).await;
        assert!(matches!(again, Err(DirectoryError::Missing("account"))), "{again:?}");
        tx.commit().await.unwrap();
        let all = accounts::list(&test.db, &by_admin, house.congress.id, "", None, 10).await.unwrap().items;
        assert_eq!(all.len(), 3);
        let closed = accounts::see(&test.db, &by_admin, house.congress.id, clerk).await.unwrap();
        assert!(closed.closed_at.is_some());
        let events = audit::of_account(&test.db, &by_admin, &closed, None, 10).await.unwrap().items;
        let words: Vec<&str> = events.iter().map(|event| event.act.as_str()).collect();
        assert_eq!(words, ["account_closed", "role_taken", "role_given", "account_made"]);
        assert_eq!((events[1].detail.as_str(), events[1].role.as_str()), ("clerk", "security"));
        // Whoever left may come back with a new one.
        make(gate, &by_admin, &house, closed.person_id, "clerk2").await.unwrap();
    }

    async fn a_form_sent_twice_gives_the_same_password_until_it_is_changed(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, by_admin) = house.account("admin", &[Role::Admin]).await;
        let chen = person(gate, house.congress.id, "陈桂兰").await;
        let new = NewAccount { congress: house.congress.id, person: chen, login: "chen", password: Password::None };
        let mut made = Vec::new();
        for _ in 0..2 {
            let mut tx = test.db.begin(by_admin.clone()).await.unwrap();
            made.push(accounts::create_once(gate, &mut tx, Uuid::from_u128(1), &new).await.unwrap());
            tx.commit().await.unwrap();
        }
        assert_eq!(made[0], made[1]);
        let issue = async |nonce| {
            let mut tx = test.db.begin(by_admin.clone()).await.unwrap();
            let issued = accounts::issue_password(gate, &mut tx, made[0], Uuid::from_u128(nonce)).await;
            tx.commit().await.unwrap();
            issued
        };
        let (first, again, fresh) = (issue(2).await.unwrap(), issue(2).await.unwrap(), issue(3).await.unwrap());
        assert_eq!(first, again);
        assert_ne!(first, fresh);
        let stale = issue(2).await;
        assert!(matches!(stale, Err(DirectoryError::Done)), "{stale:?}");
        assert_eq!(issue(3).await.unwrap(), fresh);
        assert!(directory::sign_in::sign_in(gate, "chen", fresh.secret(), &house.origin()).await.is_ok());
    }
}
