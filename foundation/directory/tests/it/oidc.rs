//! Sign-in by an identity provider: a small one, written here, that answers over real HTTP on
//! loopback and signs with Ed25519.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::State,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use crate::common::{account, actor, congress, gate, network, origin};
use directory::{
    DirectoryError, Gate, MIGRATIONS,
    oidc::{self, Oidc, OidcError, Provider, Returned, Started},
    sessions::Stage,
    sign_in,
};
use kernel::{Clock as _, Role};
use sha2::{Digest as _, Sha256};

/// How the provider lies, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    None,
    Nonce,
    Audience,
    Issuer,
    Expired,
    Key,
    Unsigned,
}

struct Idp {
    issuer: String,
    now: i64,
    key: SigningKey,
    lie: Mutex<Lie>,
    /// What the browser carried: nonce and challenge.
    asked: Mutex<(String, String)>,
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl Idp {
    async fn start(now: i64) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = SigningKey::from_bytes(&[3; 32]);
        let idp = Arc::new(Self {
            issuer,
            now,
            key,
            lie: Mutex::new(Lie::None),
            asked: Mutex::default(),
        });
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(idp.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        idp
    }

    fn provider(&self) -> Provider {
        Provider {
            issuer: self.issuer.clone(),
            client_id: "quancheng".into(),
            client_secret: "shared".into(),
            redirect: "http://127.0.0.1:9/signin/oidc/back".into(),
            authority: None,
        }
    }

    fn id_token(&self) -> String {
        let lie = *self.lie.lock().unwrap();
        let nonce = self.asked.lock().unwrap().0.clone();
        let claims = json!({
            "iss": if lie == Lie::Issuer { "https://other.example" } else { &self.issuer },
            "sub": "person-7",
            "aud": if lie == Lie::Audience { "other" } else { "quancheng" },
            "exp": if lie == Lie::Expired { self.now - 3_600 } else { self.now + 300 },
            "iat": self.now,
            "nonce": if lie == Lie::Nonce { "other".into() } else { nonce },
        });
        let algorithm = if lie == Lie::Unsigned {
            "none"
        } else {
            "EdDSA"
        };
        let text = format!(
            "{}.{}",
            part(&json!({ "alg": algorithm, "kid": "one" })),
            part(&claims)
        );
        let key = if lie == Lie::Key {
            SigningKey::from_bytes(&[4; 32])
        } else {
            self.key.clone()
        };
        let signature = if lie == Lie::Unsigned {
            Vec::new()
        } else {
            key.sign(text.as_bytes()).to_vec()
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn configuration(State(idp): State<Arc<Idp>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", idp.issuer);
    Json(json!({
        "issuer": idp.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

async fn keys(State(idp): State<Arc<Idp>>) -> Json<Value> {
    let x = URL_SAFE_NO_PAD.encode(idp.key.verifying_key().as_bytes());
    Json(
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "one", "x": x }] }),
    )
}

async fn token(
    State(idp): State<Arc<Idp>>,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, Json<Value>> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if form["code"] != "good" || challenge != idp.asked.lock().unwrap().1 {
        return Err(Json(json!({ "error": "invalid_grant" })));
    }
    Ok(Json(
        json!({ "access_token": "x", "token_type": "Bearer", "id_token": idp.id_token() }),
    ))
}

/// What a browser does: follow the address, let the person sign in, come back.
fn visit(idp: &Idp, started: &Started) -> HashMap<String, String> {
    let (_, query) = started.url.split_once('?').unwrap();
    let asked: HashMap<String, String> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(k, v)| (k.into(), v.into()))
        .collect();
    *idp.asked.lock().unwrap() = (asked["nonce"].clone(), asked["code_challenge"].clone());
    asked
}

async fn round_trip(
    oidc: &Oidc,
    idp: &Idp,
    gate: &Gate,
) -> Result<(directory::sessions::Token, String), OidcError> {
    let started = oidc.start(gate, "/desk").await?;
    visit(idp, &started);
    let returned = Returned {
        code: "good",
        state: &started.state,
        cookie: &started.state,
    };
    oidc.finish(gate, &returned, &origin(&network())).await
}

store::on_both! {
    [MIGRATIONS, None]

    async fn only_a_bound_person_comes_in(test: TestDb) {
        let house = congress(&test.db).await;
        let (gate, clock) = gate(&test.db);
        let idp = Idp::start(clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        let clerk = account(&gate, house.congress.id, "clerk", &[Role::Clerk]).await;
        let admin = account(&gate, house.congress.id, "admin", &[Role::Admin]).await;

        let unbound = round_trip(&oidc, &idp, &gate).await.unwrap_err();
        assert!(matches!(&unbound, OidcError::Unbound { subject } if subject == "person-7"), "{unbound:?}");

        let by_clerk = actor(&gate, clerk, house.congress.id, &[Role::Clerk]).await;
        let by_admin = actor(&gate, admin, house.congress.id, &[Role::Admin]).await;
        let mut tx = test.db.begin(by_clerk).await.unwrap();
        let refused = oidc::bind(&gate, &mut tx, clerk, &idp.issuer, "person-7").await;
        assert!(matches!(refused, Err(DirectoryError::Refused(_))));
        tx.roll_back().await;
        let mut tx = test.db.begin(by_admin).await.unwrap();
        oidc::bind(&gate, &mut tx, clerk, &idp.issuer, "person-7").await.unwrap();
        tx.commit().await.unwrap();

        let (token, path) = round_trip(&oidc, &idp, &gate).await.unwrap();
        assert_eq!(path, "/desk");
        let session = sign_in::session(&gate, token.secret()).await.unwrap().unwrap();
        assert_eq!((session.account, session.stage), (clerk, Stage::Full));
        assert!(session.actor.is(Role::Clerk));
    }

    async fn no_lie_of_a_provider_is_believed(test: TestDb) {
        let (gate, clock) = gate(&test.db);
        let idp = Idp::start(clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        for lie in [Lie::Nonce, Lie::Audience, Lie::Issuer, Lie::Expired, Lie::Key, Lie::Unsigned] {
            *idp.lie.lock().unwrap() = lie;
            let error = round_trip(&oidc, &idp, &gate).await.unwrap_err();
            assert!(matches!(error, OidcError::Untrue(_)), "{lie:?}: {error:?}");
        }
        *idp.lie.lock().unwrap() = Lie::None;
        assert!(matches!(round_trip(&oidc, &idp, &gate).await, Err(OidcError::Unbound { .. })), "the truth gets further");
    }

    async fn the_way_back_is_good_once_in_one_browser_and_for_a_while(test: TestDb) {
        let (gate, clock) = gate(&test.db);
        let idp = Idp::start(clock.now().micros() / 1_000_000).await;
        let oidc = Oidc::new(idp.provider()).unwrap();
        let network = network();
        let started = oidc.start(&gate, "//evil.example").await.unwrap();
        let asked = visit(&idp, &started);
        assert_eq!(asked["state"], started.state);
        assert_eq!((asked["code_challenge_method"].as_str(), asked["response_type"].as_str()), ("S256", "code"));

        let stolen = Returned { code: "good", state: &started.state, cookie: "" };
        assert!(matches!(oidc.finish(&gate, &stolen, &origin(&network)).await, Err(OidcError::Stale)));
        let own = Returned { cookie: &started.state, ..stolen };
        assert!(matches!(oidc.finish(&gate, &own, &origin(&network)).await, Err(OidcError::Unbound { .. })));
        assert!(matches!(oidc.finish(&gate, &own, &origin(&network)).await, Err(OidcError::Stale)), "used once");

        let started = oidc.start(&gate, "/").await.unwrap();
        visit(&idp, &started);
        let bad = Returned { code: "bad", state: &started.state, cookie: &started.state };
        assert!(matches!(oidc.finish(&gate, &bad, &origin(&network)).await, Err(OidcError::Provider(_))));

        let late = oidc.start(&gate, "/").await.unwrap();
        clock.advance_seconds(oidc::ATTEMPT_SECONDS);
        let late = Returned { code: "good", state: &late.state, cookie: &late.state };
        assert!(matches!(oidc.finish(&gate, &late, &origin(&network)).await, Err(OidcError::Stale)));
    }

    async fn a_provider_that_is_down_is_told_as_such(test: TestDb) {
        let (gate, _) = gate(&test.db);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let oidc = Oidc::new(Provider {
            issuer,
            client_id: "quancheng".into(),
            client_secret: "shared".into(),
            redirect: "https://congress.example/signin/oidc/back".into(),
            authority: None,
        })
        .unwrap();
        assert!(matches!(oidc.start(&gate, "/").await, Err(OidcError::Provider(_))));
    }
}
