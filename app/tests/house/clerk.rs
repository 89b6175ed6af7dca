//! A clerk who works by the API, from the first password on.

use jiff::ToSpan as _;
use kernel::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::common::{House, Server};

const PASSWORD: &str = "楼道里的灯夜里要亮到十二点半";

/// A clerk who is signed in.
pub(crate) struct Clerk {
    url: String,
    /// What the API takes as `Authorization: Bearer`.
    pub(crate) token: String,
}

impl Clerk {
    /// Signs in with the first password, enrols a telephone, and takes a password of their own.
    pub(crate) fn hired(house: &House, server: &Server) -> Self {
        let hire = ["account", "create", "--login", "clerk", "--role", "clerk"];
        let told = house.run(&[&hire[..], &["--name", "陈立"]].concat()).done();
        let first = told.split("password: ").nth(1).unwrap().trim().to_owned();
        let mut clerk = Self {
            url: server.url.clone(),
            token: String::new(),
        };
        let sign_in = json!({ "login": "clerk", "password": first });
        clerk.take(&clerk.post("/sessions", &sign_in));
        let started = clerk.post("/account/second-factor", &Value::Null);
        let secret = started["secret"].as_str().unwrap();
        let code = directory::second_factor::code_at(secret, SystemClock.now());
        let confirmation = json!({ "code": code });
        clerk.take(&clerk.post("/account/second-factor/confirmation", &confirmation));
        let own = json!({ "old": first, "new": PASSWORD });
        let renewed = clerk.call("PUT", "/account/password", &own);
        clerk.take(&renewed);
        assert_eq!(renewed["stage"], "full");
        clerk
    }

    fn take(&mut self, given: &Value) {
        given["token"].as_str().unwrap().clone_into(&mut self.token);
    }

    /// Prepares a consultation and opens it; its id.
    pub(crate) fn opens_a_consultation(&self) -> String {
        let draft = json!({ "title": "楼道照明条例（草案）", "lead": "灯该亮到几点？",
            "label": "征求意见稿", "text": "第一条　楼道照明应当亮至晚上十点。\n" });
        let prepared = self.post("/consultations", &draft);
        let id = prepared["id"].as_str().unwrap();
        let today = SystemClock.now().date(&kernel::time::china());
        let last = today.saturating_add(40.days());
        let window = json!({ "opens_on": today.to_string(), "closes_on": last.to_string() });
        let opened = self.post(&format!("/consultations/{id}/open"), &window);
        assert_eq!(opened["state"], "open");
        id.to_owned()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.call("POST", path, body)
    }

    #[track_caller]
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        let request = request.body(body.to_string()).unwrap();
        let agent = super::residents::agent();
        let mut answer = agent.run(request).unwrap();
        let said = answer.body_mut().read_to_string().unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {said}");
        serde_json::from_str(&said).unwrap()
    }
}
