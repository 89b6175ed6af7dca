//! The pages of staff and deputies, driven in process: from a draft to the next version.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use std::{io::Write as _, sync::Arc};

use common::{DRAFT, SECOND, ledger, migrations};
use consultation::{
    model::State,
    ops::{self, Desk},
    store,
};
use kernel::{ConsultationId, Role};
use webtest::{Answer, TestSite};
use zip::write::SimpleFileOptions;

/// A small .docx that is too large once it is unpacked.
fn bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default())
        .unwrap();
    let text = format!(
        "<w:document><w:p><w:t>{}</w:t></w:p></w:document>",
        "a".repeat(8 << 20)
    );
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

async fn begin(site: &TestSite) -> ConsultationId {
    site.sign_in(common::signed_in(Role::Clerk));
    let file = [("file", "draft.md", DRAFT.as_bytes())];
    let answer = site
        .upload("/desk/consultations/new", &[("label", "征求意见稿")], &file)
        .await
        .is(303);
    answer
        .location()
        .rsplit('/')
        .next()
        .and_then(|id| id.parse().ok())
        .expect("it leads to the consultation")
}

async fn opened(site: &TestSite) -> ConsultationId {
    let id = begin(site).await;
    let days = [("opens", "2026-07-01"), ("closes", "2026-07-31")];
    let answer = site
        .submit(&format!("/desk/consultations/{id}/open"), &days)
        .await;
    assert_eq!(
        answer.is(303).location(),
        format!("/desk/consultations/{id}")
    );
    id
}

fn no_duplicate_ids(answer: &Answer) {
    let mut ids = answer.attr("[id]", "id");
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "{}: an id stands twice", answer.what);
}

/// Closes the window, publishes the next version and the report.
async fn publish(site: &TestSite, desk: &Desk, id: ConsultationId) {
    let mut late = desk.clone();
    let clock = kernel::TestClock::default();
    clock.advance_seconds(40 * 86_400);
    late.clock = Arc::new(clock);
    assert_eq!(
        ops::close_overdue(&late)
            .await
            .expect("the system may close"),
        1
    );
    let one = format!("/desk/consultations/{id}");
    assert_eq!(
        site.get(&one).await.ok().attr(".sheet .btn", "href"),
        [format!("{one}/next")]
    );
    let same = site
        .submit(
            &format!("{one}/next"),
            &[("label", "二次审议稿"), ("source", DRAFT)],
        )
        .await
        .is(422);
    assert_eq!(same.attr("#f-label", "value"), ["二次审议稿"]);
    let file = [("file", "second.md", SECOND.as_bytes())];
    let confirm = site
        .upload(&format!("{one}/next"), &[("label", "二次审议稿")], &file)
        .await
        .ok();
    no_duplicate_ids(&confirm);
    let source = confirm.attr("input[name=source]", "value").remove(0);
    assert_eq!(source, SECOND);
    let follows = confirm.attr("input[name=follows]", "value").remove(0);
    let _published = site
        .submit(
            &format!("{one}/publish"),
            &[
                ("label", "二次审议稿"),
                ("source", &source),
                ("follows", &follows),
            ],
        )
        .await
        .is(303);
    common::work(desk).await;
    assert_eq!(
        site.get(&one).await.ok().attr(".sheet .btn", "href"),
        [format!("{one}/report")]
    );
    let _reported = site.submit(&format!("{one}/report"), &[]).await.is(303);
    let _shown = site.get(&one).await.ok();
    assert_eq!(
        store::consultation(&desk.db, id)
            .await
            .expect("it is there")
            .state,
        State::Reported
    );
    site.set_cookie("lang", "en");
    no_duplicate_ids(&site.get(&one).await.ok());
    no_duplicate_ids(&site.get(&format!("{one}/queue?state=all")).await.ok());
    let _home = site.get("/desk").await.ok();
}

::store::on_both! {
    [&migrations(), ledger()]

    async fn only_staff_see_the_desk_and_only_deputies_record_visits(test: TestDb) {
        let (site, _desk) = common::site(test);
        let id = begin(&site).await;
        let (one, queue) = (
            format!("/desk/consultations/{id}"),
            format!("/desk/consultations/{id}/queue"),
        );
        for path in ["/desk", "/desk/consultations/new", &one, &queue] {
            no_duplicate_ids(&site.get(path).await.ok());
        }
        let _refused = site.get("/visits/new").await.is(403);
        site.sign_in(common::signed_in(Role::Deputy));
        for path in ["/desk", "/desk/consultations/new", &one, &queue] {
            let _refused = site.get(path).await.is(403);
        }
        site.sign_out();
        for path in ["/desk", &queue, "/visits/new"] {
            assert!(
                site.get(path).await.location().starts_with("/sign-in"),
                "{path}"
            );
        }
    }

    async fn a_refused_draft_keeps_what_was_typed(test: TestDb) {
        let (site, _desk) = common::site(test);
        site.sign_in(common::signed_in(Role::Clerk));
        let typed = [
            ("label", ""),
            ("lead", "楼道的灯该亮到几点？"),
            ("source", DRAFT),
        ];
        let answer = site.submit("/desk/consultations/new", &typed).await.is(422);
        assert_eq!(answer.select("#f-lead"), ["楼道的灯该亮到几点？"]);
        assert!(answer.text().contains("第四条　照明费用由物业服务人承担。"));
        assert_eq!(answer.attr(".errors a", "href"), ["#f-label"]);
        for (name, bytes) in [
            ("draft.exe", b"x".as_slice()),
            ("draft.txt", b""),
            ("draft.txt", b"\xff\xfe"),
            ("draft.docx", b"x"),
        ] {
            let answer = site
                .upload(
                    "/desk/consultations/new",
                    &[("title", "标题")],
                    &[("file", name, bytes)],
                )
                .await;
            assert_eq!(answer.is(422).attr("#f-title", "value"), ["标题"]);
        }
    }

    /// A file can be too large as it is, or become so when it is unpacked.
    async fn a_file_that_is_too_large_costs_nobody_what_they_typed(test: TestDb) {
        let (site, desk) = common::site(test);
        site.sign_in(common::signed_in(Role::Clerk));
        let typed = [("label", "征求意见稿"), ("title", "楼道照明规定（草案）")];
        let send = async |bytes: &[u8]| {
            let file = [("file", "draft.docx", bytes)];
            site.upload("/desk/consultations/new", &typed, &file).await
        };
        let refused = send(&vec![b'a'; 50 << 20]).await.is(413);
        assert!(refused.select(".lead").concat().contains("最多 12 MB"));
        assert_eq!(refused.select("blockquote.typed"), ["征求意见稿", "楼道照明规定（草案）"]);
        let refused = send(&bomb()).await.is(422);
        assert_eq!(refused.attr(".errors a", "href"), ["#f-file"]);
        assert_eq!(refused.attr("#f-title", "value"), ["楼道照明规定（草案）"]);
        let (kept,): (i64,) = ::store::sql("SELECT COUNT(*) FROM consultation").one(&desk.db).await.unwrap();
        assert_eq!(kept, 0);
    }

    async fn a_short_window_needs_a_reason(test: TestDb) {
        let (site, desk) = common::site(test);
        let id = begin(&site).await;
        let path = format!("/desk/consultations/{id}/open");
        let page = site.get(&path).await.ok();
        assert_eq!(page.attr("#f-closes", "value"), ["2026-07-31"]);
        let short = [("opens", "2026-07-01"), ("closes", "2026-07-11")];
        let answer = site.submit(&path, &short).await.is(422);
        assert_eq!(answer.attr(".errors a", "href"), ["#f-reason"]);
        assert_eq!(answer.attr("#f-closes", "value"), ["2026-07-11"]);
        let excused = [short[0], short[1], ("reason", "防汛急需")];
        let _opened = site.submit(&path, &excused).await.is(303);
        let kept = store::consultation(&desk.db, id).await.unwrap();
        assert_eq!(
            (kept.state, kept.exception.as_deref()),
            (State::Open, Some("防汛急需"))
        );
        let _too_late = site.submit(&path, &excused).await.is(409);
    }

    async fn a_clerk_works_through_the_queue_to_the_next_version_and_the_report(test: TestDb) {
        let (site, desk) = common::site(test);
        let id = opened(&site).await;
        for (n, text) in ["亮到十二点", "有夜班，请通宵", "垃圾广告"]
            .into_iter()
            .enumerate()
        {
            common::speak(&desk, id, text, u32::try_from(n).unwrap()).await;
        }
        let waiting = store::opinions(&desk.db, id, &store::Filter::default(), None, 10)
            .await
            .unwrap()
            .rows;
        let back = ("back", "state=received&provision=art_3");
        let queue = format!("/desk/consultations/{id}/queue?{}", back.1);
        let page = site.get(&queue).await.ok();
        no_duplicate_ids(&page);
        let bodies: Vec<&str> = waiting
            .iter()
            .map(|opinion| opinion.body.as_str())
            .collect();
        assert_eq!(page.select(".row p"), bodies);
        assert_eq!(page.select(".toc a[aria-current] span"), ["3"; 4]);

        let act = |n: usize, what: &str| format!("/desk/opinions/{}/{what}", waiting[n].id);
        let send = async |n: usize, what: &str, fields: &[(&str, &str)]| {
            let seen = common::seen(&desk, waiting[n].id).await.to_string();
            let mut all = vec![("seen", seen.as_str()), back];
            all.extend_from_slice(fields);
            site.submit(&act(n, what), &all).await
        };
        let refused = send(0, "decide", &[("reason", "写了理由")]).await.is(422);
        assert_eq!(refused.attr(".errors a", "href"), ["#f-outcome"]);
        assert_eq!(refused.select("#f-reason"), ["写了理由"]);
        let refused = send(0, "decide", &[("outcome", "adopted")]).await.is(422);
        assert_eq!(refused.attr("input[checked]", "value"), ["adopted"]);
        let stale = [back, ("seen", "7"), ("outcome", "adopted"), ("reason", "写了很久")];
        let refused = site.submit(&act(0, "decide"), &stale).await.is(422);
        assert!(refused.text().contains("有人刚刚处理过"));
        assert_eq!(refused.select("#f-reason"), ["写了很久"]);
        assert_eq!(refused.attr("form.decide input[name=seen]", "value"), ["1"], "now it is seen");

        let hidden = send(2, "hide", &[("hide_reason", "广告")]).await.is(303);
        no_duplicate_ids(&site.get(hidden.location()).await.ok());
        let _shown = send(2, "show", &[("hide_reason", "误隐")]).await.is(303);
        let _refused = send(2, "hide", &[]).await.is(422);

        let decide = |outcome| [("outcome", outcome), ("reason", "理由")];
        let next = send(0, "decide", &decide("adopted")).await.is(303);
        assert!(
            next.location()
                .ends_with(&format!("opinion={}", waiting[1].id)),
            "{}",
            next.location()
        );
        let unfinished = site
            .submit(&format!("/desk/consultations/{id}/withdraw"), &[])
            .await
            .is(422);
        assert_eq!(unfinished.attr(".errors a", "href"), ["#f-reason"]);
        let _next = send(1, "decide", &decide("partly_adopted")).await.is(303);
        let last = send(2, "decide", &decide("not_adopted")).await.is(303);
        assert!(!last.location().contains("opinion="), "{}", last.location());
        let nobody = send(2, "decide", &decide("referred")).await.is(422);
        assert_eq!(nobody.attr(".errors a", "href"), ["#f-referred_to"]);
        let refer = [&decide("referred")[..], &[("referred_to", "市城市管理局")]].concat();
        let again = send(2, "decide", &refer).await.is(303);
        let page = site.get(again.location()).await.ok();
        assert_eq!(page.attr("input[checked]", "value"), ["referred"]);
        assert_eq!(page.attr("#f-referred_to", "value"), ["市城市管理局"]);
        let said = site.get(&format!("/opinions/{}", waiting[2].id)).await.ok();
        assert!(said.text().contains("转办（市城市管理局）"), "{}", said.text());
        assert!(
            page.select(".chain li").len() >= 5,
            "{:?}",
            page.select(".chain li")
        );

        publish(&site, &desk, id).await;
    }

    /// Somebody who wrote too much about themselves asks to have it erased: no page, no list and no row that
    /// held them has the words any more, and the receipt still proves what became of them.
    async fn whoever_asks_for_it_has_their_words_erased(test: TestDb) {
        let (site, desk) = common::site(test);
        let id = opened(&site).await;
        site.sign_out();
        let (words, again) = ("我是三单元的王某某，楼道太黑", "王某某说：还是太黑");
        let form = [("text", words), ("stance", "amend"), ("provision", "art_3")];
        let receipt = site.submit(&format!("/consultations/{id}/opinions/new"), &form).await.is(303);
        let receipt = receipt.location().split('?').next().unwrap().to_owned();
        site.sign_in(common::signed_in(Role::Clerk));
        let opinion = common::walk_opinions(&desk, id, &store::Filter::default()).await[0];
        let act = async |act: &str, seen: &str, fields: &[(&str, &str)]| {
            let all = [fields, &[("seen", seen)]].concat();
            site.submit(&format!("/desk/opinions/{opinion}/{act}"), &all).await
        };
        let _decided = act("decide", "1", &[("outcome", "not_adopted"), ("reason", "理由")]).await.is(303);
        let _asked = site.submit(&format!("{receipt}/ask-again"), &[("reason", again)]).await.is(303);

        let refused = act("erase", "3", &[]).await.is(422);
        assert_eq!(refused.attr(".errors a", "href"), ["#f-erase_reason"]);
        let because = [("erase_reason", "本人凭回执码要求删除")];
        let queue = act("erase", "3", &because).await.is(303).location().to_owned();
        let _once = act("erase", "3", &because).await.is(303);
        let _gone = act("show", "4", &[("hide_reason", "误删")]).await.is(409);

        let file = format!("{receipt}/file");
        let (page, api) = (format!("/opinions/{opinion}"), format!("/api/v1/opinions/{opinion}"));
        let (list, desk_api) = (format!("/consultations/{id}/opinions"), format!("/api/v1{receipt}"));
        for path in [&queue, &receipt, &file, &page, &api, &list, &desk_api] {
            let told = site.get(path).await.ok().text();
            assert!(!told.contains("王某某"), "{path}: {told}");
        }
        assert!(site.get(&receipt).await.ok().text().contains("本人凭回执码要求删除"));
        for table in ["SELECT body FROM opinion", "SELECT COALESCE(content, reason, '') FROM matter_move"] {
            let kept: Vec<(String,)> = ::store::sql(table).all(&desk.db).await.unwrap();
            assert!(kept.iter().all(|(kept,)| !kept.contains("王某某")), "{table}");
        }
        let proof = translog::Receipt::from_json(&site.get(&file).await.ok().text()).unwrap();
        translog::verify_receipt(&proof, desk.log.signer().public()).expect("it still proves itself");
        let whole = procedure::audit(&desk.db, |_, _| {}).await.unwrap();
        assert!(whole.findings.is_empty(), "{:?}", whole.findings);
        common::assert_counters(&desk, id).await;
    }

    async fn a_deputy_records_a_visit_once_and_gets_receipts(test: TestDb) {
        let (site, desk) = common::site(test);
        let id = opened(&site).await;
        site.sign_in(common::signed_in(Role::Deputy));
        let id_text = id.to_string();
        let form = site.get("/visits/new").await.ok();
        no_duplicate_ids(&form);
        assert_eq!(
            form.attr("input[name=consultation]", "value"),
            [id_text.as_str()]
        );
        let heard = [
            ("consultation", id_text.as_str()),
            ("unit", "东湖社区"),
            ("day", "2026-07-01"),
            ("text1", "夜里看不清"),
            ("provision1", "art_3"),
            ("stance1", "amend"),
            ("text2", "费用要公开"),
        ];
        let more = site.submit("/visits/new", &[&heard[..], &[("more", "1")]].concat()).await.ok();
        assert_eq!(more.select("#f-text1"), ["夜里看不清"], "nothing typed is lost");
        assert_eq!(more.select("fieldset").len(), 6);
        let refused = site.submit("/visits/new", &heard).await.is(422);
        assert_eq!(refused.select("#f-text1"), ["夜里看不清"]);
        let token = site.token().await;
        let mut all = heard.to_vec();
        all.extend([("heads", "12"), ("token", token.as_str())]);
        let first = site.post("/visits/new", &all).await.ok();
        let second = site.post("/visits/new", &all).await.ok();
        assert_eq!(first.select(".receipt-code").len(), 2);
        assert_eq!(
            first.select(".receipt-code"),
            second.select(".receipt-code")
        );
        let kept = common::walk_opinions(&desk, id, &store::Filter::default()).await;
        assert_eq!(kept.len(), 2);
        // Who visited, and where, each open the visits they count.
        site.sign_out();
        for list in ["visiting-deputies", "visited-units"] {
            let page = site.get(&format!("/consultations/{id}/{list}")).await.ok();
            let visits = page.attr("main td a", "href").remove(0);
            let page = site.get(&visits).await.ok();
            assert_eq!(page.select("main tbody tr").len(), 1);
            assert!(page.select("h1").concat().contains("走访"), "{}", page.text());
        }
        let nobody = uuid::Uuid::nil();
        let _unknown = site.get(&format!("/consultations/{id}/visits?deputy={nobody}")).await.is(404);
        let both = format!("/api/v1/consultations/{id}/visits?deputy={nobody}&unit={nobody}");
        let _which = site.get(&both).await.is(422);
        common::assert_counters(&desk, id).await;
    }

    /// A letter becomes an opinion with a receipt for its writer; no name is asked for.
    async fn a_clerk_records_a_letter_and_hands_out_the_receipt(test: TestDb) {
        let (site, desk) = common::site(test);
        let id = opened(&site).await;
        let path = format!("/desk/consultations/{id}/letter");
        let form = site.get(&path).await.ok();
        no_duplicate_ids(&form);
        assert_eq!(form.attr("#f-arrived", "value"), ["2026-07-01"]);
        let typed = [("arrived", "2026-07-02"), ("text", "请把灯留到半夜"), ("provision", "art_3"), ("stance", "amend")];
        let refused = site.submit(&path, &typed).await.is(422);
        assert_eq!(refused.attr(".errors a", "href"), ["#f-arrived"]);
        assert_eq!(refused.select("#f-text"), ["请把灯留到半夜"]);
        let token = site.token().await;
        let mut all = typed.to_vec();
        all.extend([("arrived", "2026-07-01"), ("token", token.as_str())]);
        let (first, second) = (site.post(&path, &all).await.ok(), site.post(&path, &all).await.ok());
        assert_eq!(first.select(".receipt-code").len(), 1);
        assert_eq!(first.select(".receipt-code"), second.select(".receipt-code"));
        assert!(site.get(&format!("/desk/consultations/{id}")).await.ok().attr("a", "href").contains(&path));
        site.sign_in(common::signed_in(Role::Deputy));
        let _refused = site.get(&path).await.is(403);
        common::assert_counters(&desk, id).await;
    }
}
