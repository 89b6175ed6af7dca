//! The API where it says more than the pages: keys, conflicts, and codes for programs.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
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
            let _refused = speak_under(&site, id, short, "灯太暗").await.is(422);
        }
        assert_counters(&desk, id).await;
    }

    /// A program of the clerk takes a Word file from draft to next version; a stranger sees no draft.
    async fn a_program_prepares_replaces_and_looks_before_it_publishes(test: TestDb) {
        let (site, desk) = site(test);
        let clerk = signed_in(Role::Clerk);
        site.sign_in(clerk.clone());
        let file = |text: &str| json!({"name": "draft.txt", "base64": BASE64_STANDARD.encode(text)});
        let new = json!({"title": "楼道照明", "lead": "", "label": "征求意见稿", "file": file("第一条　旧的。\n")});
        let made = site.post_json("/api/v1/consultations", &new).await.is(201).json();
        let path = format!("/api/v1/consultations/{}", made["id"].as_str().unwrap());
        let text = json!({"label": "征求意见稿", "file": file(DRAFT)});
        let _replaced = site.call("PUT", &format!("{path}/text"), "token-0", &text).await.ok();
        let read = site.get(&format!("{path}/text")).await.ok().json();
        assert_eq!(read["articles"].as_array().unwrap().len(), 4);
        let drafts = async |query: &str| {
            let listed = site.get(&format!("/api/v1/consultations{query}")).await.ok().json();
            listed["items"].as_array().unwrap().len()
        };
        assert_eq!((drafts("?drafts=true").await, drafts("").await), (1, 0));
        let broken = json!({"label": "稿", "file": {"name": "a.txt", "base64": "!"}});
        let _refused = site.call("PUT", &format!("{path}/text"), "token-0", &broken).await.is(422);
        let next = json!({"label": "二次审议稿", "text": SECOND});
        let shown = site.post_json(&format!("{path}/preview"), &next).await.ok().json();
        let kinds: Vec<_> = shown["pairs"].as_array().unwrap().iter().map(|pair| pair["kind"].clone()).collect();
        assert!(kinds.contains(&json!("added")) && kinds.contains(&json!("changed")), "{kinds:?}");
        assert_eq!((&shown["follows"], &shown["to_write"]), (&made["version"], &json!(0)));
        let same = json!({"label": "二次审议稿", "text": DRAFT});
        let _refused = site.post_json(&format!("{path}/preview"), &same).await.is(422);
        let odd = json!({"label": "二次审议稿", "text": "第一条　甲。\n\n第三条　乙。\n"});
        let told = site.post_json(&format!("{path}/preview"), &odd).await.ok().json();
        assert!(told["findings"][0]["what"].is_string(), "an article is left out: {told}");
        site.sign_out();
        let _hidden = site.get(&path).await.is(404);
        assert_eq!(drafts("?drafts=true").await, 0);
        drop(desk);
    }

    /// Why a consultation closed early, and its whole way, stand for everybody on the page and in the API.
    async fn everybody_reads_why_it_closed_early(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        site.sign_in(signed_in(Role::Clerk));
        let why = json!({"reason": "上级已经立法"});
        let closed = site.post_json(&format!("/api/v1/consultations/{id}/close"), &why).await.ok().json();
        assert_eq!((&closed["state"], &closed["exception"]), (&json!("studying"), &json!("上级已经立法")));
        let again = site.post_json(&format!("/api/v1/consultations/{id}/close"), &why).await.is(409);
        assert_eq!(code(&again), "not_now");
        site.sign_out();
        let told = site.get(&format!("/api/v1/consultations/{id}")).await.ok().json();
        let way = told["way"].as_array().unwrap();
        assert_eq!((way.len(), &way[2]["reason"]), (3, &json!("上级已经立法")));
        let page = site.get(&format!("/consultations/{id}")).await.ok();
        assert!(page.select(".chain .quote").concat().contains("上级已经立法"));
    }

    /// Words that are hidden from the public stay readable for those who may show them again.
    async fn staff_read_what_is_hidden_from_others(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let opinion = speak(&desk, id, "电话是123", 1).await.opinion;
        site.sign_in(signed_in(Role::Clerk));
        let hide = json!({"reason": "有电话号码", "steps": 1});
        let _hidden = site.post_json(&format!("/api/v1/opinions/{opinion}/hide"), &hide).await.ok();
        let read = async || site.get(&format!("/api/v1/opinions/{opinion}")).await.ok().json()["text"].clone();
        assert_eq!(read().await, "电话是123");
        site.sign_out();
        assert_eq!(read().await, Value::Null);
    }

    /// What needs a session says so, and answers nobody; everything else hears everybody.
    async fn nobody_comes_further_than_the_description_says(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await.to_string();
        let receipt = speak(&desk, id.parse().unwrap(), "灯太暗", 1).await;
        let (opinion, code) = (receipt.opinion.to_string(), receipt.code.to_string());
        let known = [
            ("/consultations/{id}", format!("/consultations/{id}")),
            ("/opinions/{id}", format!("/opinions/{opinion}")),
            ("{code}", code),
        ];
        let known = known.each_ref().map(|(part, with)| (*part, with.as_str()));
        site.lets_nobody_in(&known, &[]).await;
    }

    /// A list is read to its end by its cursors, each opinion once.
    async fn a_list_is_read_to_its_end_by_its_cursors(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        for n in 0..7 {
            speak(&desk, id, "灯太暗", n).await;
        }
        let (mut cursor, mut seen) = (String::new(), std::collections::BTreeSet::new());
        let mut pages = 0;
        loop {
            let path = format!("/api/v1/consultations/{id}/opinions?limit=2{cursor}");
            let page = site.get(&path).await.ok().json();
            let items = page["items"].as_array().unwrap();
            assert!(items.iter().all(|item| seen.insert(item["id"].as_str().unwrap().to_owned())));
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (7, 4));
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
