//! The public pages and the receipts, driven in process: from reading to the proof.

mod common;

use std::sync::Arc;

use ::store::testing::TestDb;
use common::{
    SECOND, congress, decide, desk_on, ledger, migrations, open_consultation, second, signed_in,
    speak,
};
use consultation::{
    model::Outcome,
    ops::{self, Desk},
};
use kernel::{ConsultationId, Role, SeededEntropy};
use webtest::{Answer, TestSite};

async fn site(test: TestDb) -> (TestSite, Desk, ConsultationId) {
    let (site, desk) = common::site(test);
    let id = open_consultation(&desk).await;
    (site, desk, id)
}

fn sound(answer: Answer) -> Answer {
    let answer = answer.ok();
    assert!(
        !answer.text().contains('⟦'),
        "{}: a text is missing",
        answer.what
    );
    let mut ids = answer.attr("[id]", "id");
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "{}: an id stands twice", answer.what);
    answer
}

async fn decided(desk: &Desk, id: ConsultationId) -> String {
    let receipt = speak(desk, id, "灯应当亮到十二点", 1).await;
    let decision = common::decision(Outcome::Adopted, "夜班职工多，采纳。");
    let clerk = signed_in(Role::Clerk);
    decide(desk, &clerk, receipt.opinion, &decision)
        .await
        .expect("it waits");
    let today = desk.today();
    ops::extend(
        desk,
        &clerk,
        id,
        today.saturating_add(jiff::Span::new().days(60)),
        "再等等",
    )
    .await
    .expect("open");
    receipt.code.to_string()
}

async fn an_opinion(desk: &Desk, id: ConsultationId) -> kernel::OpinionId {
    let all = common::walk_opinions(desk, id, &Default::default()).await;
    *all.first().expect("somebody spoke")
}

::store::on_both! {
    [&migrations(), ledger()]

    async fn every_public_page_reads_in_both_languages(test: TestDb) {
        let (site, desk, id) = site(test).await;
        let code = decided(&desk, id).await;
        let opinion = an_opinion(&desk, id).await;
        for lang in ["zh-CN", "en"] {
            let paths = [
                "/".to_owned(),
                "/consultations".to_owned(),
                format!("/consultations/{id}"),
                format!("/consultations/{id}/provisions/art_3"),
                format!("/consultations/{id}/opinions/new"),
                format!("/consultations/{id}/opinions"),
                format!("/consultations/{id}/opinions?outcome=adopted"),
                format!("/consultations/{id}/responses"),
                format!("/consultations/{id}/figures"),
                format!("/consultations/{id}/visits"),
                format!("/consultations/{id}/visiting-deputies"),
                format!("/consultations/{id}/visited-units"),
                format!("/opinions/{opinion}"),
                "/receipts".to_owned(),
                format!("/receipts/{code}"),
            ];
            for path in paths {
                let join = if path.contains('?') { '&' } else { '?' };
                let _read = sound(site.get(&format!("{path}{join}lang={lang}")).await);
            }
        }
    }

    async fn a_resident_is_told_what_is_kept_before_speaking(test: TestDb) {
        let (site, _desk, id) = site(test).await;
        for path in [format!("/consultations/{id}/opinions/new"), format!("/consultations/{id}/provisions/art_3")] {
            let chinese = sound(site.get(&format!("{path}?lang=zh-CN")).await).text();
            for told in ["个人信息保护法第十七条、第三十五条", "启明市人民代表大会常务委员会", "6个月", "网络安全法", "000-0000000", "2026-11-25"] {
                assert!(chinese.contains(told), "{path}: {told}");
            }
            let english = sound(site.get(&format!("{path}?lang=en")).await).text();
            for told in ["Personal Information Protection Law Arts. 17, 35", "6 months", "receipt code"] {
                assert!(english.contains(told), "{path}: {told}");
            }
        }
    }

    async fn a_resident_speaks_and_holds_a_receipt_that_proves_it(test: TestDb) {
        let (site, _desk, id) = site(test).await;
        let action = format!("/consultations/{id}/opinions/new");
        let refused = site
            .submit(&action, &[("text", "亮一点"), ("stance", "")])
            .await
            .is(422);
        assert!(refused.text().contains("亮一点"), "what was typed is kept");
        let fields = [
            ("text", "亮一点"),
            ("stance", "amend"),
            ("provision", "art_3"),
        ];
        let answer = site.submit(&action, &fields).await.is(303);
        let place = answer.location().to_owned();
        assert!(
            place.starts_with("/receipts/") && place.ends_with("?new=1"),
            "{place}"
        );
        let page = sound(site.get(&place).await);
        assert_eq!(page.header("cache-control"), "no-store");
        let path = place.split('?').next().unwrap_or_default();
        let file = site.get(&format!("{path}/file")).await.ok();
        assert!(
            translog::Receipt::from_json(&file.text()).is_ok(),
            "the file is a receipt"
        );
        let _drawn = site.get(&format!("{path}/qr.svg")).await.ok();
        let taken_back = site.submit(&format!("{path}/withdraw"), &[]).await.is(303);
        assert_eq!(taken_back.location(), path);
        let _again = site.submit(&format!("{path}/withdraw"), &[]).await.is(409);
        for part in ["", "/file"] {
            let told = site.get(&format!("/api/v1{path}{part}")).await.ok();
            assert_eq!(told.header("cache-control"), "no-store");
            assert_eq!(told.header("x-robots-tag"), "noindex, nofollow");
        }
        let _unknown = site.get("/receipts/0000-0000-00000").await.is(404);
        let _wrong = site.get("/receipts/U").await.is(404);
    }

    async fn the_next_version_shows_what_it_came_from(test: TestDb) {
        let (site, desk, id) = site(test).await;
        let code = decided(&desk, id).await;
        let _one_version = site
            .get(&format!("/consultations/{id}/compare"))
            .await
            .is(404);
        let (later, clock) = desk_on(&desk.db, Arc::new(SeededEntropy::new(6)));
        clock.advance_seconds(90 * 86_400);
        assert_eq!(
            ops::close_overdue(&later).await.expect("its time is over"),
            1
        );
        let next = second(&later, id).await;
        let _version = ops::next_version(&later, &signed_in(Role::Clerk), id, &next)
            .await
            .expect("it differs");
        common::work(&later).await;
        let compared = sound(site.get(&format!("/consultations/{id}/compare")).await);
        assert!(
            compared.text().contains("因 1 条意见"),
            "the article says what it came from"
        );
        assert!(
            compared.select("ins").concat().contains("通宵照明"),
            "new words are marked"
        );
        let led_to = compared.attr(".led a", "href").remove(0);
        assert!(
            sound(site.get(&led_to).await)
                .text()
                .contains("灯应当亮到十二点")
        );
        let receipt = sound(site.get(&format!("/receipts/{code}")).await);
        assert!(
            receipt.select("h1").concat().contains("第四条"),
            "the title says where it went"
        );
        assert!(!receipt.select("ins").is_empty());

        let law = sound(site.get(&format!("/consultations/{id}")).await);
        assert!(law.select("#art_4 .voices").concat().contains("1 条意见写进了这里"));
        assert!(law.select("#art_3 .voices").is_empty(), "what was article 3 is article 4 now");
        let first = law.attr("nav.tabs a", "href").remove(0);
        let first = sound(site.get(&first).await);
        assert!(first.select("#art_3 .voices").concat().contains("条意见"));
        assert!(first.select("#art_3").concat().contains("晚上十点"));
        let spoken_of = first.attr("#art_3 a.voices", "href").remove(0);
        let spoken_of = sound(site.get(&spoken_of).await);
        assert!(spoken_of.select(".law").concat().contains("晚上十点"), "the words that were spoken of");
        assert!(spoken_of.text().contains("灯应当亮到十二点"));
    }

    async fn drafts_are_for_staff_only(test: TestDb) {
        let (site, desk, _open) = site(test).await;
        let draft = ops::Draft {
            title: "草".into(),
            lead: String::new(),
            label: "稿".into(),
            source: SECOND.into(),
        };
        let clerk = signed_in(Role::Clerk);
        let id = ops::prepare(&desk, &clerk, congress(), &draft)
            .await
            .expect("a clerk may");
        let _hidden = site.get(&format!("/consultations/{id}")).await.is(404);
        site.sign_in(clerk);
        let _preview = sound(site.get(&format!("/consultations/{id}")).await);
    }

    async fn the_table_follows_the_text_page_by_page(test: TestDb) {
        let (site, desk, id) = site(test).await;
        for n in 0..70 {
            let mut new = common::opinion(&format!("第{n}个人说"), 1_000 + n);
            new.provision = [Some("art_3"), None, Some("art_1")][n as usize % 3].map(str::to_owned);
            ops::submit(&desk, id, &new).await.expect("it is open");
        }
        let mut path = format!("/consultations/{id}/responses");
        let (mut places, mut said) = (Vec::new(), std::collections::BTreeSet::new());
        while !path.is_empty() {
            let answer = sound(site.get(&path).await);
            places.extend(answer.select("caption"));
            said.extend(answer.select("td:first-child"));
            path = answer.attr(".more a", "href").pop().unwrap_or_default();
        }
        places.dedup();
        assert_eq!(places, ["整部草案", "第一条", "第三条"]);
        assert!((0..70).all(|n| said.contains(&format!("第{n}个人说"))), "{}", said.len());
        let file = site.get(&format!("/consultations/{id}/responses.csv")).await.ok().text();
        let speaker = |line: &str| line.rsplit_once('第')?.1.split_once("个人说")?.0.parse::<u32>().ok();
        let mut order: Vec<u32> = file.lines().filter_map(speaker).map(|n| n % 3).collect();
        assert_eq!(order.len(), 70);
        order.dedup();
        assert_eq!(order, [1, 2, 0], "the whole draft, then article by article");
    }

    async fn the_table_is_a_file_that_runs_nothing(test: TestDb) {
        let (site, desk, id) = site(test).await;
        let _said = speak(&desk, id, "=1+1", 3).await;
        let answer = site
            .get(&format!("/consultations/{id}/responses.csv"))
            .await
            .ok();
        assert!(answer.text().starts_with('\u{feff}') && answer.text().contains("\"'=1+1\""));
    }
}
