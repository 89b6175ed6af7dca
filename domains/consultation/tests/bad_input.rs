//! What browsers and programs send wrongly: refused in words with nothing half kept, or kept exactly.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use axum::body::Body;
use common::*;
use consultation::ops::Desk;
use kernel::ConsultationId;
use serde_json::{Value, json};
use webtest::{Answer, TestSite, request};

/// More than any form or program may send: 50 MB.
const FAR_TOO_MUCH: usize = 50 * 1024 * 1024;
const HOUR: i64 = 3_600;

/// Opinions, matters, moves, entries of the log.
async fn rows(desk: &Desk) -> (i64, i64, i64, i64) {
    store::sql(
        "SELECT (SELECT COUNT(*) FROM opinion), (SELECT COUNT(*) FROM matter), \
         (SELECT COUNT(*) FROM matter_move), (SELECT COUNT(*) FROM log_entry)",
    )
    .one(&desk.db)
    .await
    .unwrap()
}

/// Fails unless exactly `more` opinions, each whole, came after `before`.
async fn came(desk: &Desk, id: ConsultationId, before: (i64, i64, i64, i64), more: i64) {
    let (opinions, matters, moves, entries) = before;
    let whole = (
        opinions + more,
        matters + more,
        moves + more,
        entries + more,
    );
    assert_eq!(rows(desk).await, whole, "whole opinions, or none");
    assert_counters(desk, id).await;
}

fn page_of(id: ConsultationId) -> String {
    format!("/consultations/{id}/opinions/new")
}

/// Sends the form with `text`.
async fn typed(site: &TestSite, id: ConsultationId, text: &str) -> Answer {
    let fields = [("text", text), ("stance", "amend"), ("provision", "art_3")];
    site.submit(&page_of(id), &fields).await
}

/// Sends these bytes to the API as JSON, under `key` unless it is empty.
async fn programmed(
    site: &TestSite,
    id: ConsultationId,
    key: &str,
    body: impl Into<Body>,
) -> Answer {
    let path = format!("/api/v1/consultations/{id}/opinions");
    let mut request = request("POST", &path, body.into());
    let headers = request.headers_mut();
    headers.insert("content-type", "application/json".parse().unwrap());
    if !key.is_empty() {
        headers.insert("idempotency-key", key.parse().unwrap());
    }
    site.send(request).await
}

fn said(text: &str) -> String {
    json!({"text": text, "provision": "art_3"}).to_string()
}

fn code(answer: &Answer) -> Value {
    answer.json()["error"]["code"].clone()
}

/// The words on the receipt that a form or a program was given, as they stand there.
async fn on_receipt(site: &TestSite, answer: Answer) -> String {
    let path = match answer.status.as_u16() {
        201 => format!("/receipts/{}", answer.json()["code"].as_str().unwrap()),
        _ => answer.is(303).location().to_owned(),
    };
    let page = site.get(&path).await.ok();
    page.select("blockquote.quote").remove(0)
}

store::on_both! {
    [&migrations(), ledger()]

    async fn bytes_that_are_no_text_are_refused_in_words(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let before = rows(&desk).await;
        let token = site.token().await;
        let body = format!("token={token}&stance=amend&text=%E7%81%AF%FF%FE");
        let page = site.post_raw(&page_of(id), body).await.is(400);
        assert!(page.select(".lead").concat().contains("不是 UTF-8"));
        let told = programmed(&site, id, "", b"{\"text\":\"\xff\xfe\"}".to_vec()).await.is(400);
        assert_eq!(code(&told), "bad_request");
        assert!(told.json()["error"]["message"].as_str().unwrap().contains("UTF-8"));
        came(&desk, id, before, 0).await;
    }

    /// No keyboard types NUL: a form loses it, and a program, which wrote it on purpose, is told.
    async fn nul_is_never_kept(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let before = rows(&desk).await;
        for body in [said("灯\0太暗"), said("\0")] {
            assert_eq!(code(&programmed(&site, id, "", body).await.is(422)), "refused");
        }
        let bare = programmed(&site, id, "", "{\"text\":\"灯\0太暗\"}").await.is(400);
        assert_eq!(code(&bare), "bad_request");
        let _nothing_left = typed(&site, id, "\0").await.is(422);
        came(&desk, id, before, 0).await;
        let answer = typed(&site, id, "灯\0太暗").await;
        assert_eq!(on_receipt(&site, answer).await, "灯太暗");
        came(&desk, id, before, 1).await;
    }

    async fn emoji_are_kept_exactly(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let before = rows(&desk).await;
        let text = "灯太暗😀👩‍👩‍👧‍👦🇨🇳👍🏽❤️";
        let answer = typed(&site, id, text).await;
        assert_eq!(on_receipt(&site, answer).await, text);
        let answer = programmed(&site, id, "", said(text)).await.is(201);
        assert_eq!(answer.json()["opinion"]["text"], text);
        assert_eq!(on_receipt(&site, answer).await, text);
        came(&desk, id, before, 2).await;
    }

    /// What turns a sentence round is taken out, plain marks stay, and what nobody can see is empty.
    async fn invisible_characters_are_cleaned_as_the_kernel_says(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let before = rows(&desk).await;
        let text = "\u{feff}灯\u{202e}太\u{2066}暗\u{2069}，ئۇ\u{200f}：\u{200b}亮一点";
        let kept = "灯太暗，ئۇ\u{200f}：\u{200b}亮一点";
        let answer = typed(&site, id, text).await;
        assert_eq!(on_receipt(&site, answer).await, kept);
        let answer = programmed(&site, id, "", said(text)).await.is(201);
        assert_eq!(answer.json()["opinion"]["text"], kept);
        came(&desk, id, before, 2).await;

        let unseen = "\u{200b}\u{200f}\u{202e}";
        let refused = typed(&site, id, unseen).await.is(422);
        assert_eq!(refused.attr(".errors a", "href"), ["#f-text"]);
        assert_eq!(refused.attr("input[checked]", "value"), ["amend"], "what was chosen stays");
        assert_eq!(code(&programmed(&site, id, "", said(unseen)).await.is(422)), "refused");
        came(&desk, id, before, 2).await;
    }

    async fn json_nested_deeply_is_refused(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let before = rows(&desk).await;
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        for body in [
            deep.clone(),
            objects,
            format!("{{\"text\":{deep}}}"),
            format!("{{\"text\":\"灯\\u0000\",\"more\":{deep}}}"),
        ] {
            let told = programmed(&site, id, "", body).await.is(422);
            assert_eq!(code(&told), "refused");
            assert!(!told.json()["error"]["message"].as_str().unwrap().is_empty());
        }
        came(&desk, id, before, 0).await;
    }

    async fn fifty_megabytes_are_too_much(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let before = rows(&desk).await;
        let page = site.post_raw(&page_of(id), vec![b'a'; FAR_TOO_MUCH]).await.is(413);
        assert!(page.select(".lead").concat().contains("最多 12 MB"));
        let told = programmed(&site, id, "", said(&"灯".repeat(FAR_TOO_MUCH / 3))).await.is(413);
        assert_eq!(code(&told), "too_large");
        came(&desk, id, before, 0).await;
    }

    async fn a_form_sent_twice_is_one_opinion(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let before = rows(&desk).await;
        let token = site.token().await;
        let fields = [("token", token.as_str()), ("text", "灯太暗"), ("stance", "amend")];
        let first = site.post(&page_of(id), &fields).await.is(303);
        let again = site.post(&page_of(id), &fields).await.is(303);
        assert_eq!(first.location(), again.location());
        came(&desk, id, before, 1).await;
        let key = "9f0c1f0e-0000-4000-8000-000000000001";
        let first = programmed(&site, id, key, said("灯太亮")).await.is(201);
        let again = programmed(&site, id, key, said("灯太亮")).await.is(200);
        assert_eq!(first.json()["code"], again.json()["code"]);
        came(&desk, id, before, 2).await;
    }

    /// The form lay open over night: it comes again with the words, and with a token that holds.
    async fn an_expired_form_keeps_what_was_typed(test: TestDb) {
        let (site, desk) = site(test);
        let id = open_consultation(&desk).await;
        let before = rows(&desk).await;
        let token = site.token().await;
        site.clock.advance_seconds(12 * HOUR + 1);
        let send = async |token: &str| {
            let fields = [("token", token), ("text", "灯太暗\n亮一点"), ("stance", "oppose"), ("provision", "art_3")];
            site.post(&page_of(id), &fields).await
        };
        let refused = send(&token).await.is(422);
        assert!(refused.select(".errors").concat().contains("已经过期"));
        assert_eq!(refused.select("#f-text"), ["灯太暗 亮一点"]);
        assert_eq!(refused.attr("input[checked]", "value"), ["oppose"]);
        assert_eq!(refused.attr("option[selected]", "value"), ["art_3"]);
        came(&desk, id, before, 0).await;
        let fresh = refused.attr("main input[name=token]", "value").remove(0);
        let _kept = send(&fresh).await.is(303);
        came(&desk, id, before, 1).await;
    }

    async fn after_the_last_day_the_words_are_given_back(test: TestDb) {
        let (site, desk, clock) = timed_site(test);
        let id = open_consultation(&desk).await;
        clock.advance_seconds(31 * 24 * HOUR);
        let before = rows(&desk).await;
        let refuse = async || {
            let page = typed(&site, id, "灯太暗").await.is(409);
            assert!(page.select(".notice").concat().contains("截止"), "{}", page.text());
            assert_eq!(page.select("blockquote.typed"), ["灯太暗"]);
            let told = programmed(&site, id, "", said("灯太暗")).await.is(409);
            assert_eq!(code(&told), "closed");
        };
        refuse().await;
        came(&desk, id, before, 0).await;
        consultation::ops::close_overdue(&desk).await.unwrap();
        let closed = rows(&desk).await;
        refuse().await;
        came(&desk, id, closed, 0).await;
    }
}
