//! A small identity provider that answers over real HTTP on loopback and signs with Ed25519; for the
//! tests of this crate and of the pages.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use directory::oidc::{Provider, SecondFactorWords};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How the provider lies, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    None,
    Nonce,
    Audience,
    Issuer,
    Expired,
    Key,
    Unsigned,
}

pub struct Idp {
    pub issuer: String,
    pub now: i64,
    /// Its key, and the name that goes with it.
    pub key: Mutex<(SigningKey, &'static str)>,
    pub lie: Mutex<Lie>,
    /// What it says of how somebody signed in.
    pub amr: Mutex<Vec<&'static str>>,
    /// How a client is to show its secret.
    pub methods: Mutex<Option<&'static str>>,
    /// How often it was asked what it is, and whether it answers.
    pub asked_what: Mutex<(u32, bool)>,
    /// What the browser carried: nonce and challenge.
    pub asked: Mutex<(String, String)>,
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl Idp {
    /// Starts it; `now` in seconds.
    pub async fn start(now: i64) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let idp = Arc::new(Self {
            issuer,
            now,
            key: Mutex::new((SigningKey::from_bytes(&[3; 32]), "one")),
            lie: Mutex::new(Lie::None),
            amr: Mutex::default(),
            methods: Mutex::new(None),
            asked_what: Mutex::new((0, true)),
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

    /// What a deployment is told of it.
    pub fn provider(&self) -> Provider {
        Provider {
            issuer: self.issuer.clone(),
            client_id: "quancheng".into(),
            client_secret: "shared".into(),
            redirect: "http://127.0.0.1:9/sign-in/oidc/back".into(),
            authorities: None,
            second_factor: SecondFactorWords {
                amr: vec!["mfa".into()],
                acr: Vec::new(),
            },
        }
    }

    /// What a browser does: follow the address and let the person sign in. What the address says.
    pub fn visit(&self, url: &str) -> HashMap<String, String> {
        let (_, query) = url.split_once('?').unwrap();
        let asked: HashMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (k.into(), v.into()))
            .collect();
        *self.asked.lock().unwrap() = (asked["nonce"].clone(), asked["code_challenge"].clone());
        asked
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
            "amr": *self.amr.lock().unwrap(),
        });
        let (own_key, kid) = self.key.lock().unwrap().clone();
        let algorithm = if lie == Lie::Unsigned {
            "none"
        } else {
            "EdDSA"
        };
        let text = format!(
            "{}.{}",
            part(&json!({ "alg": algorithm, "kid": kid })),
            part(&claims)
        );
        let key = if lie == Lie::Key {
            SigningKey::from_bytes(&[4; 32])
        } else {
            own_key
        };
        let signature = if lie == Lie::Unsigned {
            Vec::new()
        } else {
            key.sign(text.as_bytes()).to_vec()
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn configuration(State(idp): State<Arc<Idp>>) -> Result<Json<Value>, StatusCode> {
    let at = |path: &str| format!("{}{path}", idp.issuer);
    let mut asked = idp.asked_what.lock().unwrap();
    asked.0 += 1;
    if !asked.1 {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let mut told = json!({
        "issuer": idp.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    if let Some(method) = *idp.methods.lock().unwrap() {
        told["token_endpoint_auth_methods_supported"] = json!([method]);
    }
    Ok(Json(told))
}

async fn keys(State(idp): State<Arc<Idp>>) -> Json<Value> {
    let (key, kid) = idp.key.lock().unwrap().clone();
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    Json(
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x }] }),
    )
}

async fn token(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, Json<Value>> {
    let posted = form
        .get("client_secret")
        .is_some_and(|secret| secret == "shared");
    let basic = headers.contains_key("authorization");
    let right = match *idp.methods.lock().unwrap() {
        Some("client_secret_post") => posted && !basic,
        _ => basic && !posted,
    };
    if !right {
        return Err(Json(json!({ "error": "invalid_client" })));
    }
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if form["code"] != "good" || challenge != idp.asked.lock().unwrap().1 {
        return Err(Json(json!({ "error": "invalid_grant" })));
    }
    Ok(Json(
        json!({ "access_token": "x", "token_type": "Bearer", "id_token": idp.id_token() }),
    ))
}
