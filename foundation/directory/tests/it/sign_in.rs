//! The way in, on both databases: password, second factor, sessions.

use crate::common::{PASSWORD, congress, house, person, system};
use directory::{
    DirectoryError, MIGRATIONS,
    accounts::{self, NewAccount, Password},
    deputies::{self, NewDeputy, SeatState},
    passwords::PasswordFault,
    second_factor,
    sessions::{self, SecondFactor, Stage},
    sign_in::{self, SignInError},
};
use jiff::civil::date;
use kernel::{Actor, Clock as _, Role};
use uuid::Uuid;

const NEW_PASSWORD: &str = "晚上八点以后不喝浓茶只喝水";

store::on_both! {
    [MIGRATIONS, None]

    async fn both_databases_read_every_statement(test: TestDb) {
        store::testing::prepare_all(&test, &(directory::SCHEMA.statements)()).await;
    }

    async fn a_clerk_enrols_and_comes_back_with_a_code(test: TestDb) {
        let mut house = house(&test.db).await;
        house.gate.rules.sessions.second_factor = SecondFactor::Required;
        house.account("clerk", &[Role::Clerk]).await;
        let gate = &house.gate;

        let token = sign_in::sign_in(gate, " Clerk ", PASSWORD, &house.origin()).await.unwrap();
        let session = house.session(token.secret()).await.unwrap();
        assert_eq!((session.stage, &session.actor), (Stage::Enrol, &Actor::Resident), "no work before the second factor");
        let first = sign_in::start_enrolment(gate, &session, "启明市人大").await.unwrap();
        let again = sign_in::start_enrolment(gate, &session, "启明市人大").await.unwrap();
        assert_eq!(first.secret, again.secret, "a page loaded twice shows one secret");
        let wrong = sign_in::confirm_enrolment(gate, &session, "000000").await;
        assert!(matches!(wrong, Err(SignInError::WrongCode)), "{wrong:?}");
        let (secret, codes, session) = house.enrol(&session).await;
        assert_eq!((codes.len(), session.stage), (10, Stage::Full));
        assert!(house.session(token.secret()).await.is_none(), "the old token ended");
        assert!(session.actor.is(Role::Clerk) && !session.actor.is(Role::Admin));

        // The next day: a used code is not used again, the next one is.
        let code = house.code(&secret);
        house.clock.advance_seconds(1);
        let session = house.sign_in("clerk").await;
        assert_eq!(session.stage, Stage::SecondFactor);
        let replayed = sign_in::pass_second_factor(gate, &session, &code).await;
        assert!(matches!(replayed, Err(SignInError::WrongCode)));
        house.clock.advance_seconds(30);
        // A Chinese keyboard sends wide digits.
        let wide: String = house.code(&secret).chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
        let full = sign_in::pass_second_factor(gate, &session, &wide).await.unwrap();
        assert_eq!(house.session(full.secret()).await.unwrap().stage, Stage::Full);

        // Without the telephone: a recovery code, once, however it is typed.
        let session = house.sign_in("clerk").await;
        let typed = codes[3].to_lowercase().replace('-', " ");
        sign_in::pass_second_factor(gate, &session, &typed).await.unwrap();
        let again = sign_in::pass_second_factor(gate, &session, &typed).await;
        assert!(matches!(again, Err(SignInError::WrongCode)));
        assert_eq!(second_factor::recovery_codes_left(&test.db, session.account).await.unwrap(), 9);
    }

    async fn a_thief_of_the_password_does_not_see_what_the_owner_enrols(test: TestDb) {
        let mut house = house(&test.db).await;
        house.gate.rules.sessions.second_factor = SecondFactor::Required;
        house.account("clerk", &[Role::Clerk]).await;
        let (thief, owner) = (house.sign_in("clerk").await, house.sign_in("clerk").await);
        let seen = sign_in::start_enrolment(&house.gate, &thief, "x").await.unwrap().secret;
        let (secret, ..) = house.enrol(&owner).await;
        assert_ne!(seen, secret);
        let code = house.code(&seen);
        let late = sign_in::confirm_enrolment(&house.gate, &thief, &code).await;
        assert!(matches!(late, Err(SignInError::Unproved)), "there is one now: {late:?}");
    }

    async fn a_new_telephone_takes_the_place_of_the_old_after_a_proof(test: TestDb) {
        let house = house(&test.db).await;
        house.account("clerk", &[Role::Clerk]).await;
        let gate = &house.gate;
        let (old, old_codes, session) = house.enrol(&house.sign_in("clerk").await).await;
        let refused = sign_in::start_enrolment(gate, &session, "x").await;
        assert!(matches!(refused, Err(SignInError::Unproved)), "{refused:?}");
        let refused = sign_in::renew_recovery_codes(gate, &session).await;
        assert!(matches!(refused, Err(SignInError::Unproved)), "{refused:?}");

        house.clock.advance_seconds(60);
        let wrong = sign_in::prove(gate, &session, "wrong", &house.code(&old)).await;
        assert!(matches!(wrong, Err(SignInError::Wrong)), "{wrong:?}");
        let wrong = sign_in::prove(gate, &session, PASSWORD, "000000").await;
        assert!(matches!(wrong, Err(SignInError::WrongCode)), "{wrong:?}");
        sign_in::prove(gate, &session, PASSWORD, &house.code(&old)).await.unwrap();

        let token = sign_in::sign_in(gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        let other = house.session(token.secret()).await.unwrap();
        assert!(!other.proved, "the proof is one session's");
        let session = { let mut proved = session; proved.proved = true; proved };
        let renewed = sign_in::renew_recovery_codes(gate, &session).await.unwrap();
        let stale = sign_in::pass_second_factor(gate, &other, &old_codes[0]).await;
        assert!(matches!(stale, Err(SignInError::WrongCode)));
        sign_in::pass_second_factor(gate, &other, &renewed[0]).await.unwrap();
        let (new, _, session) = house.enrol(&session).await;
        assert_ne!(new, old);
        assert_eq!(session.stage, Stage::Full);

        house.clock.advance_seconds(60);
        let session = house.sign_in("clerk").await;
        let gone = sign_in::pass_second_factor(gate, &session, &house.code(&old)).await;
        assert!(matches!(gone, Err(SignInError::WrongCode)));
        sign_in::pass_second_factor(gate, &session, &house.code(&new)).await.unwrap();
    }

    async fn a_proof_is_good_for_ten_minutes(test: TestDb) {
        let house = house(&test.db).await;
        house.account("clerk", &[Role::Clerk]).await;
        let token = sign_in::sign_in(&house.gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        let session = house.session(token.secret()).await.unwrap();
        sign_in::prove(&house.gate, &session, PASSWORD, "").await.unwrap();
        house.clock.advance_seconds(sessions::PROOF_SECONDS - 1);
        assert!(house.session(token.secret()).await.unwrap().proved);
        house.clock.advance_seconds(1);
        assert!(!house.session(token.secret()).await.unwrap().proved);
    }

    async fn an_account_closed_while_its_password_is_looked_at_stays_out(test: TestDb) {
        let house = house(&test.db).await;
        let (clerk, _) = house.account("clerk", &[Role::Clerk]).await;
        house.account("other", &[]).await;
        // The only place for a hash is taken, so the sign-in waits in the middle.
        let mut gate = house.gate.clone();
        gate.hasher = directory::passwords::Hasher::new(1, 8);
        let slow = { let gate = gate.clone(); tokio::spawn(async move {
            for _ in 0..8 { gate.hasher.verify("x", None).await.unwrap(); }
        }) };
        let signing = { let (gate, origin) = (gate.clone(), house.origin()); tokio::spawn(async move {
            sign_in::sign_in(&gate, "clerk", PASSWORD, &origin).await
        }) };
        let mut tx = system(&test.db).await;
        accounts::close(&gate, &mut tx, clerk).await.unwrap();
        tx.commit().await.unwrap();
        slow.await.unwrap();
        let outcome = signing.await.unwrap();
        assert!(matches!(outcome, Err(SignInError::Wrong)), "{outcome:?}");
        assert_eq!(store::testing::count(&test.db, "SELECT COUNT(*) FROM session").await.unwrap(), 0);
    }

    async fn sessions_end_when_idle_and_in_any_case(test: TestDb) {
        let house = house(&test.db).await;
        house.account("clerk", &[Role::Clerk]).await;
        let sign_in = async || sign_in::sign_in(&house.gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        let (idle, busy) = (sign_in().await, sign_in().await);
        assert!(house.session("x").await.is_none());
        assert!(house.session(&"x".repeat(43)).await.is_none());
        for _ in 0..35 {
            house.clock.advance_seconds(20 * 60);
            assert!(house.session(busy.secret()).await.is_some());
        }
        assert!(house.session(idle.secret()).await.is_none());
        house.clock.advance_seconds(20 * 60);
        assert!(house.session(busy.secret()).await.is_none(), "twelve hours are over");
        directory::purge(&house.gate, 200).await.unwrap();
        assert_eq!(store::testing::count(&test.db, "SELECT COUNT(*) FROM session").await.unwrap(), 0);
    }

    async fn a_session_is_nobody_on_another_congress_s_site(test: TestDb) {
        let house = house(&test.db).await;
        house.account("clerk", &[Role::Clerk]).await;
        let (district, _) = congress(&house.gate, "110101", "东城区人民代表大会").await;
        let token = sign_in::sign_in(&house.gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        assert!(house.session(token.secret()).await.is_some());
        assert!(sign_in::session(&house.gate, district.id, token.secret()).await.unwrap().is_none());
        let origin = sign_in::Origin { site: district.id, ..house.origin() };
        let elsewhere = sign_in::sign_in(&house.gate, "clerk", PASSWORD, &origin).await;
        assert!(matches!(elsewhere, Err(SignInError::Wrong)), "{elsewhere:?}");
    }

    async fn last_seen_is_written_at_most_once_a_minute(test: TestDb) {
        let house = house(&test.db).await;
        house.account("clerk", &[Role::Clerk]).await;
        let token = sign_in::sign_in(&house.gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        let session = house.session(token.secret()).await.unwrap();
        let seen = async || sessions::own(&house.gate, &session).await.unwrap()[0].seen_at;
        let first = seen().await;
        house.clock.advance_seconds(59);
        house.session(token.secret()).await.unwrap();
        assert_eq!(seen().await, first);
        house.clock.advance_seconds(1);
        house.session(token.secret()).await.unwrap();
        assert_eq!(seen().await, house.clock.now());
    }

    async fn a_new_password_ends_the_other_sessions(test: TestDb) {
        let house = house(&test.db).await;
        house.account("clerk", &[Role::Clerk]).await;
        let gate = &house.gate;
        let sign_in = async || sign_in::sign_in(gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        let (other, mine) = (sign_in().await, sign_in().await);
        let session = house.session(mine.secret()).await.unwrap();

        let weak = sign_in::change_password(gate, &session, PASSWORD, "clerk").await;
        let Err(SignInError::Directory(DirectoryError::WeakPassword(faults))) = weak else { panic!("{weak:?}") };
        assert!(faults.contains(&PasswordFault::TooShort) && faults.contains(&PasswordFault::ContainsLogin));
        let wrong = sign_in::change_password(gate, &session, "wrong", NEW_PASSWORD).await;
        assert!(matches!(wrong, Err(SignInError::Wrong)));

        let token = sign_in::change_password(gate, &session, PASSWORD, NEW_PASSWORD).await.unwrap();
        for ended in [&other, &mine] {
            assert!(house.session(ended.secret()).await.is_none());
        }
        assert!(house.session(token.secret()).await.is_some());
        assert!(sign_in::sign_in(gate, "clerk", PASSWORD, &house.origin()).await.is_err());
        sign_in::sign_in(gate, "clerk", NEW_PASSWORD, &house.origin()).await.unwrap();
    }

    async fn a_first_password_must_be_changed_and_an_account_without_one_need_not(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (clerk, _) = house.account("clerk", &[Role::Clerk]).await;
        let (_, admin) = house.account("admin", &[Role::Admin]).await;
        let mut tx = test.db.begin(admin.clone()).await.unwrap();
        let first = accounts::issue_password(gate, &mut tx, clerk, Uuid::from_u128(1)).await.unwrap();
        tx.commit().await.unwrap();
        let token = sign_in::sign_in(gate, "clerk", first.secret(), &house.origin()).await.unwrap();
        let session = house.session(token.secret()).await.unwrap();
        assert_eq!((session.stage, &session.actor), (Stage::NewPassword, &Actor::Resident));
        let token = sign_in::change_password(gate, &session, first.secret(), NEW_PASSWORD).await.unwrap();
        assert_eq!(house.session(token.secret()).await.unwrap().stage, Stage::Full);

        let person = person(gate, house.congress.id, "陈桂兰").await;
        let mut tx = test.db.begin(admin).await.unwrap();
        let new = NewAccount { congress: house.congress.id, person, login: "chen", password: Password::None };
        accounts::create(gate, &mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        let none = sign_in::sign_in(gate, "chen", "", &house.origin()).await;
        assert!(matches!(none, Err(SignInError::Wrong)));
    }

    async fn a_password_that_is_too_old_has_to_be_changed(test: TestDb) {
        let mut house = house(&test.db).await;
        house.gate.rules.password_seconds = Some(90 * 86_400);
        house.account("clerk", &[Role::Clerk]).await;
        house.clock.advance_seconds(90 * 86_400 - 1);
        assert_eq!(house.sign_in("clerk").await.stage, Stage::Full);
        house.clock.advance_seconds(1);
        let session = house.sign_in("clerk").await;
        assert_eq!(session.stage, Stage::NewPassword);
        let token = sign_in::change_password(&house.gate, &session, PASSWORD, NEW_PASSWORD).await.unwrap();
        assert_eq!(house.session(token.secret()).await.unwrap().stage, Stage::Full);
    }

    async fn a_deputys_role_goes_with_the_seat(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (_, who) = house.account("deputy", &[Role::Deputy]).await;
        let mut tx = system(&test.db).await;
        let new = NewDeputy {
            person: who.signed_in().unwrap().person,
            congress: house.congress.id,
            term: house.term,
            number: Some("0001"),
            constituency: "第一选区",
            delegation: None,
            since: date(2023, 1, 15),
        };
        let seat = deputies::create(gate, &mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        let token = sign_in::sign_in(gate, "deputy", PASSWORD, &house.origin()).await.unwrap();
        let actor = house.session(token.secret()).await.unwrap().actor;
        assert!(actor.is(Role::Deputy));
        assert_eq!(actor.signed_in().unwrap().deputy, Some(seat));

        let mut tx = system(&test.db).await;
        deputies::change_state(gate, &mut tx, seat, SeatState::Suspended, date(2026, 7, 1)).await.unwrap();
        tx.commit().await.unwrap();
        let actor = house.session(token.secret()).await.unwrap().actor;
        assert!(!actor.is(Role::Deputy), "a suspended office gives no role");
    }

    async fn one_ends_ones_own_sessions_and_security_those_of_others(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let (one, by_clerk) = house.account("one", &[Role::Clerk]).await;
        house.account("two", &[Role::Clerk]).await;
        let (_, by_security) = house.account("security", &[Role::Security]).await;
        let token = sign_in::sign_in(gate, "one", PASSWORD, &house.origin()).await.unwrap();
        let session = house.session(token.secret()).await.unwrap();
        let listed = sessions::own(gate, &session).await.unwrap();
        assert_eq!((listed.len(), listed[0].device.as_str(), listed[0].network.as_str()), (1, "Firefox", "192.0.2.7"));
        let other = house.sign_in("two").await;
        assert!(matches!(sessions::end_own(gate, &other, session.id).await, Err(DirectoryError::Missing("session"))));
        sign_in::sign_out(gate, &session).await.unwrap();
        assert!(house.session(token.secret()).await.is_none());

        let token = sign_in::sign_in(gate, "one", PASSWORD, &house.origin()).await.unwrap();
        let account = accounts::see(&test.db, &by_security, house.congress.id, one).await.unwrap();
        assert!(matches!(sessions::of(gate, &by_clerk, &account).await, Err(DirectoryError::Refused(_))));
        let running = sessions::of(gate, &by_security, &account).await.unwrap();
        let mut tx = test.db.begin(by_security).await.unwrap();
        sessions::end(gate, &mut tx, one, running[0].id).await.unwrap();
        tx.commit().await.unwrap();
        assert!(house.session(token.secret()).await.is_none());
    }
}
