//! Sign-in by an identity provider: a small one, that answers over real HTTP.

use ed25519_dalek::SigningKey;

use crate::{
    common::{House, PASSWORD, house, person},
    provider::{Idp, Lie},
};
use directory::{
    DirectoryError, MIGRATIONS,
    accounts::{self, NewAccount, Password},
    oidc::{self, Finished, Oidc, OidcError, Provider, Returned, SecondFactorWords, Started},
    sessions::{SecondFactor, Session, Stage},
    sign_in,
};
use kernel::{Clock as _, Role};

impl House {
    /// A whole visit to the provider, to sign in.
    async fn visit(&self, oidc: &Oidc, idp: &Idp) -> Result<(Session, String), OidcError> {
        let started = oidc.start(&self.gate, "/desk").await?;
        let (finished, path) = self.come_back(oidc, idp, &started, None).await?;
        let Finished::SignedIn(token) = finished else {
            panic!("{finished:?}")
        };
        Ok((self.session(token.secret()).await.unwrap(), path))
    }

    async fn come_back(
        &self,
        oidc: &Oidc,
        idp: &Idp,
        started: &Started,
        session: Option<&Session>,
    ) -> Result<(Finished, String), OidcError> {
        idp.visit(&started.url);
        let returned = Returned {
            code: "good",
            state: &started.state,
            cookie: &started.state,
        };
        oidc.finish(&self.gate, &returned, &self.origin(), session)
            .await
    }
}

store::on_both! {
    [MIGRATIONS, None]

    async fn only_a_bound_person_comes_in(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let idp = Idp::start(house.clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        let (clerk, by_clerk) = house.account("clerk", &[Role::Clerk]).await;
        let (_, by_admin) = house.account("admin", &[Role::Admin]).await;

        let unbound = house.visit(&oidc, &idp).await.unwrap_err();
        assert!(matches!(&unbound, OidcError::Unbound { subject } if subject == "person-7"), "{unbound:?}");

        let mut tx = test.db.begin(by_clerk).await.unwrap();
        let refused = oidc::bind(gate, &mut tx, clerk, &idp.issuer, "person-7").await;
        assert!(matches!(refused, Err(DirectoryError::Refused(_))));
        tx.roll_back().await;
        let mut tx = test.db.begin(by_admin.clone()).await.unwrap();
        oidc::bind(gate, &mut tx, clerk, &idp.issuer, "person-7").await.unwrap();
        tx.commit().await.unwrap();

        let (session, path) = house.visit(&oidc, &idp).await.unwrap();
        assert_eq!(path, "/desk");
        assert_eq!((session.account, session.stage), (clerk, Stage::Full));
        assert!(session.actor.is(Role::Clerk));

        // A closed account lets its person go: another one may be bound to them.
        let mut tx = test.db.begin(by_admin.clone()).await.unwrap();
        accounts::close(gate, &mut tx, clerk).await.unwrap();
        tx.commit().await.unwrap();
        let chen = person(gate, house.congress.id, "陈桂兰").await;
        let mut tx = test.db.begin(by_admin).await.unwrap();
        let new = NewAccount { congress: house.congress.id, person: chen, login: "chen", password: Password::None };
        let person = accounts::create(gate, &mut tx, &new).await.unwrap();
        oidc::bind(gate, &mut tx, person, &idp.issuer, "person-7").await.unwrap();
        tx.commit().await.unwrap();
        let (session, _) = house.visit(&oidc, &idp).await.unwrap();
        assert_eq!((session.account, session.stage), (person, Stage::Full), "it has no password, so none to change");
    }

    async fn our_second_factor_is_asked_for_unless_theirs_was(test: TestDb) {
        let mut house = house(&test.db).await;
        house.gate.rules.sessions.second_factor = SecondFactor::Required;
        let gate = &house.gate;
        let idp = Idp::start(house.clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        let (clerk, _) = house.account("clerk", &[Role::Clerk]).await;
        let mut tx = test.db.begin(kernel::Actor::System).await.unwrap();
        oidc::bind(gate, &mut tx, clerk, &idp.issuer, "person-7").await.unwrap();
        tx.commit().await.unwrap();
        for (amr, stage) in [(vec![], Stage::Enrol), (vec!["pwd"], Stage::Enrol), (vec!["pwd", "mfa"], Stage::Full)] {
            *idp.amr.lock().unwrap() = amr;
            assert_eq!(house.visit(&oidc, &idp).await.unwrap().0.stage, stage);
        }
        *idp.amr.lock().unwrap() = vec!["pwd"];
        let (session, _) = house.visit(&oidc, &idp).await.unwrap();
        house.enrol(&session).await;
        assert_eq!(house.visit(&oidc, &idp).await.unwrap().0.stage, Stage::SecondFactor);
    }

    async fn whoever_has_shown_both_factors_binds_and_unbinds_their_own(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let idp = Idp::start(house.clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        house.account("clerk", &[Role::Clerk]).await;
        house.account("other", &[]).await;
        let token = sign_in::sign_in(gate, "clerk", PASSWORD, &house.origin()).await.unwrap();
        let session = house.session(token.secret()).await.unwrap();
        let refused = oidc.start_binding(gate, &session, "/account").await;
        assert!(matches!(refused, Err(OidcError::Unproved)));
        sign_in::prove(gate, &session, PASSWORD, "").await.unwrap();
        let session = house.session(token.secret()).await.unwrap();
        let started = oidc.start_binding(gate, &session, "/account").await.unwrap();
        let other = house.sign_in("other").await;
        let stolen = house.come_back(&oidc, &idp, &started, Some(&other)).await;
        assert!(matches!(stolen, Err(OidcError::Stale)), "{stolen:?}");
        let started = oidc.start_binding(gate, &session, "/account").await.unwrap();
        let (finished, path) = house.come_back(&oidc, &idp, &started, Some(&session)).await.unwrap();
        assert!(matches!(finished, Finished::Bound) && path == "/account");
        let bound = oidc::of_session(&test.db, &session).await.unwrap();
        assert_eq!(bound[0].subject, "person-7");
        assert_eq!(house.visit(&oidc, &idp).await.unwrap().0.account, session.account);
        oidc::unbind_own(gate, &session, &idp.issuer, "person-7").await.unwrap();
        assert!(matches!(house.visit(&oidc, &idp).await, Err(OidcError::Unbound { .. })));
    }

    async fn no_lie_of_a_provider_is_believed(test: TestDb) {
        let house = house(&test.db).await;
        let idp = Idp::start(house.clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        for lie in [Lie::Nonce, Lie::Audience, Lie::Issuer, Lie::Expired, Lie::Key, Lie::Unsigned] {
            *idp.lie.lock().unwrap() = lie;
            let error = house.visit(&oidc, &idp).await.unwrap_err();
            assert!(matches!(error, OidcError::Untrue(_)), "{lie:?}: {error:?}");
        }
        *idp.lie.lock().unwrap() = Lie::None;
        assert!(matches!(house.visit(&oidc, &idp).await, Err(OidcError::Unbound { .. })), "the truth gets further");
    }

    async fn a_new_key_is_asked_for_and_the_secret_shown_as_the_provider_takes_it(test: TestDb) {
        let house = house(&test.db).await;
        let idp = Idp::start(house.clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        assert!(matches!(house.visit(&oidc, &idp).await, Err(OidcError::Unbound { .. })));
        *idp.key.lock().unwrap() = (SigningKey::from_bytes(&[5; 32]), "two");
        let soon = house.visit(&oidc, &idp).await;
        assert!(matches!(soon, Err(OidcError::Untrue(_))), "not asked again within the same moment: {soon:?}");
        house.clock.advance_seconds(20);
        assert!(matches!(house.visit(&oidc, &idp).await, Err(OidcError::Unbound { .. })));
        assert_eq!(idp.asked_what.lock().unwrap().0, 2);

        *idp.methods.lock().unwrap() = Some("client_secret_post");
        let oidc = Oidc::new(idp.provider()).unwrap();
        let posted = house.visit(&oidc, &idp).await;
        assert!(matches!(posted, Err(OidcError::Unbound { .. })), "{posted:?}");
    }

    async fn the_way_back_is_good_once_in_one_browser_and_for_a_while(test: TestDb) {
        let house = house(&test.db).await;
        let gate = &house.gate;
        let idp = Idp::start(house.clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        let started = oidc.start(gate, "//evil.example").await.unwrap();
        let asked = idp.visit(&started.url);
        assert_eq!(asked["state"], started.state);
        assert_eq!((asked["code_challenge_method"].as_str(), asked["response_type"].as_str()), ("S256", "code"));

        let finish = async |returned: Returned<'_>| oidc.finish(gate, &returned, &house.origin(), None).await.map(drop);
        let stolen = Returned { code: "good", state: &started.state, cookie: "" };
        assert!(matches!(finish(stolen).await, Err(OidcError::Stale)));
        let own = Returned { cookie: &started.state, ..stolen };
        assert!(matches!(finish(own).await, Err(OidcError::Unbound { .. })));
        assert!(matches!(finish(own).await, Err(OidcError::Stale)), "used once");

        let started = oidc.start(gate, "/").await.unwrap();
        idp.visit(&started.url);
        let bad = Returned { code: "bad", state: &started.state, cookie: &started.state };
        assert!(matches!(finish(bad).await, Err(OidcError::Provider(_))));

        let late = oidc.start(gate, "/").await.unwrap();
        house.clock.advance_seconds(oidc::ATTEMPT_SECONDS);
        let late = Returned { code: "good", state: &late.state, cookie: &late.state };
        assert!(matches!(finish(late).await, Err(OidcError::Stale)));
    }

    async fn a_provider_that_is_down_is_told_as_such_and_left_alone(test: TestDb) {
        let house = house(&test.db).await;
        let idp = Idp::start(house.clock.now().micros() / 1_000_000).await;
        idp.asked_what.lock().unwrap().1 = false;
        let oidc = Oidc::new(idp.provider()).unwrap();
        assert!(matches!(oidc.start(&house.gate, "/").await, Err(OidcError::Provider(_))));
        for _ in 0..5 {
            assert!(matches!(oidc.start(&house.gate, "/").await, Err(OidcError::Resting)));
        }
        assert_eq!(idp.asked_what.lock().unwrap().0, 1);
        idp.asked_what.lock().unwrap().1 = true;
        house.clock.advance_seconds(20);
        oidc.start(&house.gate, "/").await.unwrap();
    }
}

#[test]
fn a_city_s_own_authority_is_read_from_its_file() {
    let provider = |authorities: &[u8]| Provider {
        issuer: "https://login.example".into(),
        client_id: "quancheng".into(),
        client_secret: "shared".into(),
        redirect: "https://congress.example/sign-in/oidc/back".into(),
        authorities: Some(authorities.to_vec()),
        second_factor: SecondFactorWords::default(),
    };
    // Made for this test; nobody has its key.
    assert!(Oidc::new(provider(include_bytes!("authority.pem"))).is_ok());
    for wrong in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let refused = Oidc::new(provider(wrong.as_bytes()));
        assert!(
            matches!(refused, Err(OidcError::Configuration(_))),
            "{wrong}"
        );
    }
}
