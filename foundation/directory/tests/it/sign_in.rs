//! The way in, on both databases: password, second factor, waiting, sessions.

use crate::common::{PASSWORD, account, actor, congress, gate, network, origin, system};
use directory::{
    DirectoryError, MIGRATIONS,
    accounts::{self, Grant},
    deputies::{self, NewDeputy, SeatState},
    lockout::Network,
    passwords::{self, PasswordFault},
    second_factor,
    sessions::{self, SecondFactor, Stage},
    sign_in::{self, SignInError},
};
use jiff::civil::date;
use kernel::{Actor, Clock as _, Role};

const NEW_PASSWORD: &str = "晚上八点以后不喝浓茶只喝水";

store::on_both! {
    [MIGRATIONS, None]

    async fn a_clerk_enrols_and_comes_back_with_a_code(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, clock) = gate(&test.db);
        account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let network = network();

        let token = sign_in::sign_in(&gate, " Clerk ", PASSWORD, &origin(&network)).await.unwrap();
        let session = sign_in::session(&gate, token.secret()).await.unwrap().unwrap();
        assert_eq!((session.stage, &session.actor), (Stage::Enrol, &Actor::Resident), "no work before the second factor");

        let enrolment = sign_in::start_enrolment(&gate, &session, "启明市人大").await.unwrap();
        let again = sign_in::start_enrolment(&gate, &session, "启明市人大").await.unwrap();
        assert_eq!(enrolment.secret, again.secret, "a page loaded twice shows one secret");
        let wrong = sign_in::confirm_enrolment(&gate, &session, "000000").await;
        assert!(matches!(wrong, Err(SignInError::WrongCode)), "{wrong:?}");
        let code = second_factor::code_at(&enrolment.secret, clock.now()).unwrap();
        let enrolled = sign_in::confirm_enrolment(&gate, &session, &code).await.unwrap();
        assert_eq!(enrolled.recovery_codes.len(), 10);
        assert!(sign_in::session(&gate, token.secret()).await.unwrap().is_none(), "the old token ended");
        let session = sign_in::session(&gate, enrolled.token.secret()).await.unwrap().unwrap();
        assert_eq!(session.stage, Stage::Full);
        assert!(session.actor.is(Role::Clerk) && !session.actor.is(Role::Admin));

        // The next day: a used code is not used again, the next one is.
        clock.advance_seconds(1);
        let token = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let session = sign_in::session(&gate, token.secret()).await.unwrap().unwrap();
        assert_eq!(session.stage, Stage::SecondFactor);
        let replayed = sign_in::pass_second_factor(&gate, &session, &code).await;
        assert!(matches!(replayed, Err(SignInError::WrongCode)));
        clock.advance_seconds(30);
        let code = second_factor::code_at(&enrolment.secret, clock.now()).unwrap();
        let full = sign_in::pass_second_factor(&gate, &session, &code).await.unwrap();
        assert_eq!(sign_in::session(&gate, full.secret()).await.unwrap().unwrap().stage, Stage::Full);

        // Without the telephone: a recovery code, once, however it is typed.
        let token = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let session = sign_in::session(&gate, token.secret()).await.unwrap().unwrap();
        let typed = enrolled.recovery_codes[3].to_lowercase().replace('-', " ");
        sign_in::pass_second_factor(&gate, &session, &typed).await.unwrap();
        let again = sign_in::pass_second_factor(&gate, &session, &typed).await;
        assert!(matches!(again, Err(SignInError::WrongCode)));
        assert_eq!(second_factor::recovery_codes_left(&test.db, session.account).await.unwrap(), 9);
    }

    async fn an_unknown_name_is_answered_like_a_wrong_password(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, clock) = gate(&test.db);
        account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let mut answers = Vec::new();
        for (login, network) in [("clerk", "192.0.2.1"), ("nobody", "192.0.2.2")] {
            let network = Network::of(network.parse().unwrap());
            let mut said = Vec::new();
            for _ in 0..7 {
                said.push(sign_in::sign_in(&gate, login, "wrong", &origin(&network)).await.unwrap_err().zh());
                clock.advance_seconds(1);
            }
            answers.push(said);
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0][4], "登录名或密码不对，请再试一次。");
        assert_eq!(answers[0][5], "试错的次数太多了，请过59秒再试。");

        // Even the right password waits; after the wait it is let in, and the count starts anew.
        let network = network();
        let refused = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await;
        assert!(matches!(refused, Err(SignInError::Wait(_))), "{refused:?}");
        clock.advance_seconds(60);
        sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let wrong = sign_in::sign_in(&gate, "clerk", "wrong", &origin(&network)).await;
        assert!(matches!(wrong, Err(SignInError::Wrong)));
    }

    async fn many_guesses_at_once_are_many_failures(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, _) = gate(&test.db);
        account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let guesses = (0..20).map(|guess| {
            let gate = gate.clone();
            tokio::spawn(async move {
                let network = Network::of(format!("192.0.2.{guess}").parse().unwrap());
                sign_in::sign_in(&gate, "clerk", "wrong", &origin(&network)).await
            })
        });
        let mut looked_at = 0;
        for guess in guesses.collect::<Vec<_>>() {
            looked_at += usize::from(matches!(guess.await.unwrap(), Err(SignInError::Wrong)));
        }
        assert_eq!(looked_at, 5, "no more guesses than one after another");
    }

    async fn a_network_waits_too_and_one_good_sign_in_clears_nothing(test: TestDb) {
        let house = congress(&test.db).await;
        let (mut gate, clock) = gate(&test.db);
        gate.rules.network.free = 6;
        account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let network = network();
        for guess in 0..5 {
            let wrong = sign_in::sign_in(&gate, &format!("guess{guess}"), "wrong", &origin(&network)).await;
            assert!(matches!(wrong, Err(SignInError::Wrong)));
        }
        sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let sixth = sign_in::sign_in(&gate, "guess6", "wrong", &origin(&network)).await;
        assert!(matches!(sixth, Err(SignInError::Wrong)));
        let seventh = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await;
        assert!(matches!(seventh, Err(SignInError::Wait(60))), "{seventh:?}");
        clock.advance_seconds(directory::lockout::FORGOTTEN_AFTER);
        sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
    }

    async fn sessions_end_when_idle_and_in_any_case(test: TestDb) {
        let house = congress(&test.db).await;
        let (mut gate, clock) = gate(&test.db);
        gate.rules.sessions.second_factor = SecondFactor::WhenEnrolled;
        account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let network = network();
        let idle = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let busy = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        assert!(sign_in::session(&gate, "x").await.unwrap().is_none());
        assert!(sign_in::session(&gate, &"x".repeat(43)).await.unwrap().is_none());
        for _ in 0..35 {
            clock.advance_seconds(20 * 60);
            assert!(sign_in::session(&gate, busy.secret()).await.unwrap().is_some());
        }
        assert!(sign_in::session(&gate, idle.secret()).await.unwrap().is_none());
        clock.advance_seconds(20 * 60);
        assert!(sign_in::session(&gate, busy.secret()).await.unwrap().is_none(), "twelve hours are over");
        let mut tx = system(&test.db).await;
        sessions::purge(&mut tx, clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store::testing::count(&test.db, "SELECT COUNT(*) FROM session").await.unwrap(), 0);
    }

    async fn last_seen_is_written_at_most_once_a_minute(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, clock) = gate(&test.db);
        let id = account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let network = network();
        let token = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let seen = async || sessions::list(&test.db, id, &gate.rules.sessions, clock.now()).await.unwrap()[0].seen_at;
        let first = seen().await;
        clock.advance_seconds(59);
        sign_in::session(&gate, token.secret()).await.unwrap().unwrap();
        assert_eq!(seen().await, first);
        clock.advance_seconds(1);
        sign_in::session(&gate, token.secret()).await.unwrap().unwrap();
        assert_eq!(seen().await, clock.now());
    }

    async fn a_new_password_ends_the_other_sessions(test: TestDb) {
        let house = congress(&test.db).await;
        let (mut gate, _) = gate(&test.db);
        gate.rules.sessions.second_factor = SecondFactor::WhenEnrolled;
        account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let network = network();
        let other = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let mine = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let session = sign_in::session(&gate, mine.secret()).await.unwrap().unwrap();

        let weak = sign_in::change_password(&gate, &session, PASSWORD, "clerk").await;
        let Err(SignInError::Directory(DirectoryError::WeakPassword(faults))) = weak else { panic!("{weak:?}") };
        assert!(faults.contains(&PasswordFault::TooShort) && faults.contains(&PasswordFault::ContainsLogin));
        let wrong = sign_in::change_password(&gate, &session, "wrong", NEW_PASSWORD).await;
        assert!(matches!(wrong, Err(SignInError::Wrong)));

        let token = sign_in::change_password(&gate, &session, PASSWORD, NEW_PASSWORD).await.unwrap();
        for ended in [&other, &mine] {
            assert!(sign_in::session(&gate, ended.secret()).await.unwrap().is_none());
        }
        assert!(sign_in::session(&gate, token.secret()).await.unwrap().is_some());
        assert!(sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.is_err());
        sign_in::sign_in(&gate, "clerk", NEW_PASSWORD, &origin(&network)).await.unwrap();
    }

    async fn a_reset_password_must_be_changed_first(test: TestDb) {
        let house = congress(&test.db).await;
        let (mut gate, _) = gate(&test.db);
        gate.rules.sessions.second_factor = SecondFactor::WhenEnrolled;
        let clerk = account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let admin = account(&gate, house.congress.id, "admin", &[Role::Admin]).await;
        let initial = accounts::InitialPassword::new(&*gate.entropy);
        let hash = passwords::hash_initial(&initial, &*gate.entropy);
        let by_clerk = actor(&gate, clerk, house.congress.id, &[Role::Clerk]).await;
        let by_admin = actor(&gate, admin, house.congress.id, &[Role::Admin]).await;
        let mut tx = test.db.begin(by_clerk).await.unwrap();
        assert!(matches!(accounts::reset_password(&gate, &mut tx, admin, &hash).await, Err(DirectoryError::Refused(_))));
        tx.roll_back().await;
        let mut tx = test.db.begin(by_admin).await.unwrap();
        accounts::reset_password(&gate, &mut tx, clerk, &hash).await.unwrap();
        tx.commit().await.unwrap();
        let network = network();
        let token = sign_in::sign_in(&gate, "clerk", initial.secret(), &origin(&network)).await.unwrap();
        let session = sign_in::session(&gate, token.secret()).await.unwrap().unwrap();
        assert_eq!((session.stage, &session.actor), (Stage::NewPassword, &Actor::Resident));
        let token = sign_in::change_password(&gate, &session, initial.secret(), NEW_PASSWORD).await.unwrap();
        assert_eq!(sign_in::session(&gate, token.secret()).await.unwrap().unwrap().stage, Stage::Full);
    }

    async fn roles_are_given_by_another_hand_and_never_all_to_one(test: TestDb) {
        let house = congress(&test.db).await;
        let (mut gate, clock) = gate(&test.db);
        gate.rules.sessions.second_factor = SecondFactor::WhenEnrolled;
        let clerk = account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let admin = account(&gate, house.congress.id, "admin", &[Role::Admin]).await;
        let network = network();
        clock.advance_seconds(1);
        let token = sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await.unwrap();
        let by_admin = actor(&gate, admin, house.congress.id, &[Role::Admin]).await;
        clock.advance_seconds(1);
        let grant = |role| Grant { congress: house.congress.id, role };

        let mut tx = test.db.begin(by_admin.clone()).await.unwrap();
        let own = accounts::give_role(&gate, &mut tx, admin, &grant(Role::Chair)).await;
        assert!(matches!(own, Err(DirectoryError::OwnRoles)), "{own:?}");
        let both = accounts::give_role(&gate, &mut tx, clerk, &grant(Role::Auditor)).await;
        assert!(matches!(both, Err(DirectoryError::Incompatible(Role::Auditor, Role::Clerk))), "{both:?}");
        assert!(accounts::give_role(&gate, &mut tx, clerk, &grant(Role::System)).await.is_err());
        accounts::give_role(&gate, &mut tx, clerk, &grant(Role::Chair)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(sign_in::session(&gate, token.secret()).await.unwrap().is_none(), "it signs in anew");
        let held: Vec<Role> = accounts::roles(&test.db, clerk).await.unwrap().iter().map(|grant| grant.role).collect();
        assert_eq!(held, [Role::Chair, Role::Clerk]);

        clock.advance_seconds(1);
        let mut tx = test.db.begin(by_admin).await.unwrap();
        accounts::close(&gate, &mut tx, clerk).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(sign_in::sign_in(&gate, "clerk", PASSWORD, &origin(&network)).await, Err(SignInError::Wrong)));
        let events = accounts::events(&test.db, clerk, None, 50).await.unwrap().items;
        let words: Vec<&str> = events.iter().map(|event| event.what.as_str()).collect();
        assert_eq!(words[2..], ["signed_in", "role_granted", "closed"], "after being made with a role: {words:?}");
        assert_eq!(events[4].by_account, Some(admin));
    }

    async fn a_deputys_role_goes_with_the_seat(test: TestDb) {
        let house = congress(&test.db).await;
        let (mut gate, _) = gate(&test.db);
        gate.rules.sessions.second_factor = SecondFactor::WhenEnrolled;
        let id = account(&gate, house.congress.id, "deputy", &[Role::Deputy]).await;
        let person = accounts::find(&test.db, id).await.unwrap().person_id;
        let mut tx = system(&test.db).await;
        let new = NewDeputy {
            person,
            congress: house.congress.id,
            term: house.term,
            number: Some("0001"),
            constituency: "第一选区",
            delegation: None,
            since: date(2023, 1, 15),
        };
        let seat = deputies::create(&mut tx, &new, &house.clock, &house.entropy).await.unwrap();
        tx.commit().await.unwrap();
        let network = network();
        let token = sign_in::sign_in(&gate, "deputy", PASSWORD, &origin(&network)).await.unwrap();
        let actor = sign_in::session(&gate, token.secret()).await.unwrap().unwrap().actor;
        assert!(actor.is(Role::Deputy));
        assert_eq!(actor.signed_in().unwrap().deputy, Some(seat));

        let mut tx = system(&test.db).await;
        deputies::change_state(&mut tx, seat, SeatState::Suspended, date(2026, 7, 1)).await.unwrap();
        tx.commit().await.unwrap();
        let actor = sign_in::session(&gate, token.secret()).await.unwrap().unwrap().actor;
        assert!(!actor.is(Role::Deputy), "a suspended office gives no role");
    }

    async fn one_revokes_ones_own_sessions_only(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, clock) = gate(&test.db);
        let one = account(&gate, house.congress.id, "one", &[Role::Clerk]).await;
        let two = account(&gate, house.congress.id, "two", &[Role::Clerk]).await;
        let network = network();
        let token = sign_in::sign_in(&gate, "one", PASSWORD, &origin(&network)).await.unwrap();
        let listed = sessions::list(&test.db, one, &gate.rules.sessions, clock.now()).await.unwrap();
        assert_eq!((listed.len(), listed[0].device.as_str(), listed[0].network.as_str()), (1, "Firefox", "192.0.2.7"));
        let mut tx = system(&test.db).await;
        assert!(!sessions::revoke(&mut tx, two, listed[0].id).await.unwrap());
        tx.commit().await.unwrap();
        let session = sign_in::session(&gate, token.secret()).await.unwrap().unwrap();
        sign_in::sign_out(&gate, &session).await.unwrap();
        assert!(sign_in::session(&gate, token.secret()).await.unwrap().is_none());
    }
}
