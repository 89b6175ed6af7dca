//! Waiting after failures, on both databases: strangers wait, owners do not.

use crate::common::{PASSWORD, house};
use directory::{
    DirectoryError, Gate, MIGRATIONS, accounts, audit,
    lockout::{self, Network},
    sign_in::{self, Origin, SignInError},
};
use kernel::{Clock as _, Role};
use uuid::Uuid;

fn at(gate: &Gate, address: &str) -> Gate {
    gate.at(Network::of(address.parse().unwrap()))
}

store::on_both! {
    [MIGRATIONS, None]

    async fn an_unknown_name_is_answered_and_written_down_like_a_wrong_password(test: TestDb) {
        let house = house(&test.db).await;
        house.account("clerk", &[Role::Clerk]).await;
        let (_, auditor) = house.account("auditor", &[Role::Auditor]).await;
        let mut answers = Vec::new();
        for (login, address) in [("clerk", "192.0.2.1"), ("nobody", "192.0.2.2")] {
            let gate = at(&house.gate, address);
            let mut said = Vec::new();
            for _ in 0..7 {
                said.push(sign_in::sign_in(&gate, login, "wrong", &house.origin()).await.unwrap_err().to_string());
                house.clock.advance_seconds(1);
            }
            answers.push(said);
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!((answers[0][4].as_str(), answers[0][5].as_str()), ("wrong name or password", "wait 59 seconds"));
        let events = audit::list(&test.db, &auditor, house.congress.id, &audit::Filter::default(), None, 12).await.unwrap().items;
        let told: Vec<(&str, bool)> = events.iter().map(|event| (event.act.as_str(), event.object_id.is_some())).collect();
        let one = |known| [vec![("locked_out", known)], vec![("sign_in_failed", known); 5]].concat();
        assert_eq!(told, [one(false), one(true)].concat());
        assert!(events.iter().all(|event| !event.detail.contains("nobody")), "it may have been a password");

        // Even the right password waits; after the wait it is let in, and the count starts anew.
        let gate = at(&house.gate, "192.0.2.1");
        let refused = sign_in::sign_in(&gate, "clerk", PASSWORD, &house.origin()).await;
        assert!(matches!(refused, Err(SignInError::Wait(_))), "{refused:?}");
        house.clock.advance_seconds(60);
        sign_in::sign_in(&gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        let wrong = sign_in::sign_in(&gate, "clerk", "wrong", &house.origin()).await;
        assert!(matches!(wrong, Err(SignInError::Wrong)));
    }

    async fn many_guesses_at_once_are_many_failures(test: TestDb) {
        let mut house = house(&test.db).await;
        house.gate.rules.name.free = 5;
        house.account("clerk", &[Role::Clerk]).await;
        let guesses = (0..20).map(|guess| {
            let (gate, origin) = (at(&house.gate, &format!("192.0.2.{guess}")), house.origin());
            tokio::spawn(async move { sign_in::sign_in(&gate, "clerk", "wrong", &origin).await })
        });
        let mut looked_at = 0;
        for guess in guesses.collect::<Vec<_>>() {
            looked_at += usize::from(matches!(guess.await.unwrap(), Err(SignInError::Wrong)));
        }
        assert_eq!(looked_at, 5, "no more guesses than one after another");
    }

    async fn a_stranger_keeps_nobody_out(test: TestDb) {
        let house = house(&test.db).await;
        house.account("clerk", &[Role::Clerk]).await;
        let (stranger, owner) = (at(&house.gate, "203.0.113.9"), &house.gate);
        let mut in_time = 0;
        for _ in 0..96 {
            house.clock.advance_seconds(900);
            let _ = sign_in::sign_in(&stranger, "clerk", "wrong", &house.origin()).await;
            house.clock.advance_seconds(1);
            in_time += usize::from(sign_in::sign_in(owner, "clerk", PASSWORD, &house.origin()).await.is_ok());
        }
        assert_eq!(in_time, 96, "a guess every quarter of an hour for a day");
    }

    async fn a_known_browser_comes_in_while_the_name_is_locked_everywhere(test: TestDb) {
        let mut house = house(&test.db).await;
        house.gate.rules.name.free = 3;
        let (clerk, _) = house.account("clerk", &[Role::Clerk]).await;
        let mark = sign_in::device_mark(&house.gate, clerk);
        for guess in 0..3 {
            let gate = at(&house.gate, &format!("203.0.113.{guess}"));
            let _ = sign_in::sign_in(&gate, "clerk", "wrong", &house.origin()).await;
        }
        let locked = sign_in::sign_in(&house.gate, "clerk", PASSWORD, &house.origin()).await;
        assert!(matches!(locked, Err(SignInError::Wait(_))), "{locked:?}");
        let known = Origin { mark: &mark, ..house.origin() };
        sign_in::sign_in(&house.gate, "clerk", PASSWORD, &known).await.unwrap();
        // It is counted too, by itself.
        for _ in 0..5 {
            let _ = sign_in::sign_in(&house.gate, "clerk", "wrong", &known).await;
        }
        let locked = sign_in::sign_in(&house.gate, "clerk", PASSWORD, &known).await;
        assert!(matches!(locked, Err(SignInError::Wait(_))), "{locked:?}");
    }

    async fn a_network_waits_too_and_one_good_sign_in_clears_nothing(test: TestDb) {
        let mut house = house(&test.db).await;
        house.gate.rules.network.free = 6;
        house.account("clerk", &[Role::Clerk]).await;
        let gate = &house.gate;
        for guess in 0..5 {
            let wrong = sign_in::sign_in(gate, &format!("guess{guess}"), "wrong", &house.origin()).await;
            assert!(matches!(wrong, Err(SignInError::Wrong)));
        }
        sign_in::sign_in(gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        let sixth = sign_in::sign_in(gate, "guess6", "wrong", &house.origin()).await;
        assert!(matches!(sixth, Err(SignInError::Wrong)));
        let seventh = sign_in::sign_in(gate, "clerk", PASSWORD, &house.origin()).await;
        assert!(matches!(seventh, Err(SignInError::Wait(60))), "{seventh:?}");
        house.clock.advance_seconds(gate.rules.network.fades_every * 6);
        sign_in::sign_in(gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
    }

    async fn security_lifts_a_lock_out_and_so_does_a_reset(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (clerk, by_clerk) = house.account("clerk", &[Role::Clerk]).await;
        let (_, by_admin) = house.account("admin", &[Role::Admin]).await;
        let (_, by_security) = house.account("security", &[Role::Security]).await;
        let lock = async || for _ in 0..5 {
            let _ = sign_in::sign_in(gate, "clerk", "wrong", &house.origin()).await;
        };
        let congress = house.congress.id;
        lock().await;
        let now = house.clock.now();
        let refused = lockout::list(&test.db, &by_clerk, congress, now, None, 10).await;
        assert!(matches!(refused, Err(DirectoryError::Refused(_))));
        let locked = lockout::list(&test.db, &by_security, congress, now, None, 10).await.unwrap().items;
        assert_eq!(locked.len(), 1);
        assert_eq!((locked[0].login.as_deref(), locked[0].network.as_deref()), (Some("clerk"), Some("192.0.2.7")));
        let mut tx = test.db.begin(by_admin.clone()).await.unwrap();
        assert!(lockout::unlock(gate, &mut tx, congress, &locked[0].subject).await.is_err());
        tx.roll_back().await;
        let mut tx = test.db.begin(by_security).await.unwrap();
        lockout::unlock(gate, &mut tx, congress, &locked[0].subject).await.unwrap();
        let again = lockout::unlock(gate, &mut tx, congress, &locked[0].subject).await;
        assert!(matches!(again, Err(DirectoryError::Missing("lock-out"))));
        tx.commit().await.unwrap();
        sign_in::sign_in(gate, "clerk", PASSWORD, &house.origin()).await.unwrap();

        lock().await;
        let mut tx = test.db.begin(by_admin).await.unwrap();
        let first = accounts::issue_password(gate, &mut tx, clerk, Uuid::from_u128(1)).await.unwrap();
        tx.commit().await.unwrap();
        sign_in::sign_in(gate, "clerk", first.secret(), &house.origin()).await.unwrap();
    }
}
