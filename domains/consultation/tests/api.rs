//! The API where it says more than the pages: keys, conflicts, and codes for programs.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use axum::body::Body;
use common::*;
use consultation::model::Outcome;
use kernel::{ConsultationId, Role};
use serde_json::{Value, json};
use webtest::{Answer, TestSite, request};

/// Leaves an opinion under a key of one's own.
async fn speak_under(site: &TestSite, id: ConsultationId, key: &str, text: &str) -> Answer {
    let body = json!({"text": text, "provision": "art_3"}).to_string();
    let path = format!("/api/v1/consultations/{id}/opinions");
    let mut request = request("POST", &path, Body::from(body));
    let headers = request.headers_mut();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("idempotency-key", key.parse().unwrap());
    site.send(request).await
}

fn code(answer: &Answer) -> Value {
    answer.json()["error"]["code"].clone()
}

store::on_both! {
    [&migrations(), ledger()]

    /// A program that hears no answer sends again and gets the same receipt; its key is its own.
    async fn a_program_may_send_again_under_its_key(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let first = speak_under(&site, id, "9f0c1f0e-0000-4000-8000-000000000001", "灯太暗").await.is(201);
        let again = speak_under(&site, id, "9f0c1f0e-0000-4000-8000-000000000001", "灯太暗").await.is(200);
        assert_eq!(first.json()["code"], again.json()["code"]);
        let reused = speak_under(&site, id, "9f0c1f0e-0000-4000-8000-000000000001", "灯太亮").await.is(422);
        assert_eq!(code(&reused), "idempotency_key_reused");
        for short in ["1", "fifteen-letters", "with spaces in the key"] {
            let _refused = speak_under(&site, id, short, "灯太暗").await.is(400);
        }
        assert_counters(&desk, id).await;
    }

    /// Whoever decides says what they had read; when somebody was quicker, 409 says so.
    async fn a_decision_on_what_has_changed_is_a_conflict(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let opinion = speak(&desk, id, "灯太暗", 1).await.opinion;
        site.sign_in(signed_in(Role::Clerk));
        let decide = async |steps: u32, outcome: &str| {
            let body = json!({"outcome": outcome, "reason": "理由", "steps": steps});
            site.post_json(&format!("/api/v1/opinions/{opinion}/decision"), &body).await
        };
        assert_eq!(decide(1, "adopted").await.ok().json()["steps"], 2);
        assert_eq!(code(&decide(1, "not_adopted").await.is(409)), "changed");
        assert_eq!(decide(2, "not_adopted").await.ok().json()["outcome"], "not_adopted");
        let hide = |steps: u32| {
            let body = json!({"reason": "广告", "steps": steps});
            let path = format!("/api/v1/opinions/{opinion}/hide");
            let site = &site;
            async move { site.post_json(&path, &body).await }
        };
        assert_eq!(code(&hide(2).await.is(409)), "changed");
        assert_eq!(hide(3).await.ok().json()["text"], Value::Null);
        let follows = json!({"label": "二", "text": SECOND, "follows": uuid::Uuid::nil()});
        let stale = site.post_json(&format!("/api/v1/consultations/{id}/versions"), &follows).await.is(409);
        assert_eq!(code(&stale), "changed");
        assert_counters(&desk, id).await;
    }

    /// Staff record letters by the API too; the answer is the writer's receipt.
    async fn a_letter_can_be_recorded_by_a_program(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let path = format!("/api/v1/consultations/{id}/letters");
        let letter = json!({"text": "请把灯留到半夜", "provision": "art_3", "arrived": "2026-07-01"});
        let _nobody = site.post_json(&path, &letter).await.is(401);
        site.sign_in(signed_in(Role::Clerk));
        let kept = site.post_json(&path, &letter).await.is(201).json();
        assert_eq!(kept["opinion"]["source"], "desk");
        let receipt = site.get(&format!("/api/v1/receipts/{}", kept["code"].as_str().unwrap())).await.ok();
        assert_eq!(receipt.json()["opinion"]["text"], "请把灯留到半夜");
        let tomorrow = json!({"text": "请", "arrived": "2026-07-02"});
        let _refused = site.post_json(&path, &tomorrow).await.is(422);
        decide(&desk, &signed_in(Role::Clerk), kept["opinion"]["id"].as_str().unwrap().parse().unwrap(), &decision(Outcome::Adopted, "好"))
            .await
            .unwrap();
    }
}
