//! Five hundred people copied one text: the clerk sees it, answers once, and each receipt tells it.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use common::*;
use consultation::{
    model::{OpinionState, Outcome},
    ops::{self, Desk, OpError},
    store as rows, way,
};
use kernel::{ConsultationId, OpinionId, Role, TestClock};

const COPIED: &str = "楼道的灯晚上十点就灭了，下夜班的人看不见路，请改到十二点。";

/// Some copied text: marks, a greeting and a name are their own.
fn copy(n: u32) -> String {
    match n % 3 {
        0 => COPIED.to_owned(),
        1 => format!("您好！{COPIED}谢谢。"),
        _ => format!("我是{}号楼的。{COPIED}", n % 20),
    }
}

/// Speaks of article 3, a second later.
async fn say(desk: &Desk, clock: &TestClock, id: ConsultationId, n: u32, text: &str) -> OpinionId {
    clock.advance_seconds(1);
    let mut new = opinion(text, n);
    new.provision = Some("art_3".into());
    ops::submit(desk, id, &new).await.unwrap().opinion
}

async fn find(desk: &Desk, id: ConsultationId) -> rows::Gathering {
    ops::ask_to_gather(desk, &signed_in(Role::Clerk), id)
        .await
        .unwrap();
    common::work(desk).await;
    rows::gathering(&desk.db, id)
        .await
        .unwrap()
        .expect("they were found")
}

/// The groups of a run, walked by small pages.
async fn groups(desk: &Desk, id: ConsultationId, run: i64) -> Vec<rows::Alike> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = rows::alike(&desk.db, (id, run), after, 2).await.unwrap();
        all.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// The members of a group, walked by small pages.
async fn members(
    desk: &Desk,
    id: ConsultationId,
    run: i64,
    first: OpinionId,
) -> Vec<rows::AlikeOpinion> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = rows::alike_opinions(&desk.db, (id, run), first, after, 7)
            .await
            .unwrap();
        all.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

store::on_both! {
    [&migrations(), ledger()]

    async fn a_clerk_answers_what_five_hundred_copied_in_one_act(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let clerk = signed_in(Role::Clerk);
        let mut copied = Vec::new();
        for n in 0..500 {
            copied.push(say(&desk, &clock, id, n, &copy(n)).await);
        }
        let alone = say(&desk, &clock, id, 500, "费用应当公开，每年贴在门口。").await;
        let before = decision(Outcome::NotAdopted, "先办的一条");
        decide(&desk, &clerk, copied[7], &before).await.unwrap();

        let shown = find(&desk, id).await;
        assert_eq!(shown.opinions, 501);
        let found = groups(&desk, id, shown.run).await;
        assert_eq!(found, [rows::Alike { first_id: copied[0], size: 500, waiting: 499 }]);
        assert_eq!(rows::alike_of(&desk.db, shown.run, alone).await.unwrap(), None);
        let together = members(&desk, id, shown.run, copied[0]).await;
        let ids: Vec<OpinionId> = together.iter().map(|member| member.opinion.id).collect();
        assert_eq!(ids, copied);
        assert!(together.iter().all(|member| member.likeness >= ops::LIKE.per_mille()));

        let decision = decision(Outcome::Referred, "亮灯时间由物业确定，已转告。");
        let decided = ops::decide_alike(&desk, &clerk, id, (shown.run, copied[0]), &decision).await;
        assert_eq!(decided.unwrap(), 499);
        for opinion in &copied {
            let way = way::by_id(&desk, *opinion).await.unwrap();
            let (told, outcome) = match *opinion == copied[7] {
                true => ("先办的一条", Outcome::NotAdopted),
                false => ("亮灯时间由物业确定，已转告。", Outcome::Referred),
            };
            assert_eq!((way.opinion.answer.as_deref(), way.opinion.outcome), (Some(told), Some(outcome)));
            assert_eq!((way.opinion.state, way.steps.len()), (OpinionState::Decided, 2));
        }
        assert_eq!(rows::opinion(&desk.db, alone).await.unwrap().state, OpinionState::Received);
        assert_eq!(groups(&desk, id, shown.run).await[0].waiting, 0);
        let nobody_waits = ops::decide_alike(&desk, &clerk, id, (shown.run, copied[0]), &decision).await;
        assert_eq!(nobody_waits.unwrap(), 0);

        // Who asks for another look waits again, in the group too.
        ops::ask_again(&desk, copied[3], "再看看").await.unwrap();
        assert_eq!(groups(&desk, id, shown.run).await[0].waiting, 1);
        assert_counters(&desk, id).await;
        let whole = procedure::audit(&desk.db, |_, _| {}).await.unwrap();
        assert!(whole.findings.is_empty(), "{:?}", whole.findings);
    }

    async fn found_anew_the_groups_take_the_place_of_those_before(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let clerk = signed_in(Role::Clerk);
        for n in 0..3 {
            say(&desk, &clock, id, n, COPIED).await;
        }
        // The same words on another article may need another answer.
        let mut elsewhere = opinion(COPIED, 3);
        elsewhere.provision = Some("art_1".into());
        let elsewhere = ops::submit(&desk, id, &elsewhere).await.unwrap().opinion;
        let first = find(&desk, id).await;
        let found = groups(&desk, id, first.run).await;
        assert_eq!((found.len(), found[0].size), (1, 3));
        assert_eq!(rows::alike_of(&desk.db, first.run, elsewhere).await.unwrap(), None);

        say(&desk, &clock, id, 4, COPIED).await;
        let taken_back = say(&desk, &clock, id, 5, COPIED).await;
        ops::withdraw_opinion(&desk, taken_back).await.unwrap();
        let second = find(&desk, id).await;
        assert!(second.run > first.run);
        assert_eq!((groups(&desk, id, first.run).await, second.opinions), (vec![], 5));
        assert_eq!(groups(&desk, id, second.run).await[0].size, 4);
        let stale = (first.run, found[0].first_id);
        let decision = decision(Outcome::Adopted, "好");
        let refused = ops::decide_alike(&desk, &clerk, id, stale, &decision).await;
        assert!(matches!(refused, Err(OpError::Changed)), "{refused:?}");
        let deputy = signed_in(Role::Deputy);
        let refused = ops::ask_to_gather(&desk, &deputy, id).await;
        assert!(matches!(refused, Err(OpError::NotStaff)), "{refused:?}");
    }

    async fn the_desk_shows_how_they_differ_and_asks_for_a_reason(test: TestDb) {
        let (site, desk, clock) = timed_site(test);
        let id = open_consultation(&desk).await;
        let first = say(&desk, &clock, id, 0, COPIED).await;
        let second = say(&desk, &clock, id, 1, &COPIED.replace("十二点", "半夜")).await;
        site.sign_in(signed_in(Role::Clerk));
        let list = format!("/desk/consultations/{id}/alike");
        assert!(site.get(&list).await.ok().text().contains("还没有找过"));
        let asked = site.submit(&list, &[]).await.is(303);
        common::work(&desk).await;
        let page = site.get(asked.location()).await.ok();
        let group = format!("{list}/{first}");
        assert_eq!(page.attr("tbody a", "href"), [group.as_str()]);
        let page = site.get(&group).await.ok();
        assert_eq!(page.select("main del").concat() + &page.select("main ins").concat(), "十二点半夜");
        let queue = site.get(&format!("/desk/consultations/{id}/queue?opinion={second}")).await.ok();
        assert!(queue.attr("main a", "href").contains(&group), "the queue leads there");

        let run = page.attr("input[name=run]", "value").remove(0);
        let form = [("run", run.as_str()), ("outcome", "adopted")];
        let refused = site.submit(&group, &form).await.is(422);
        assert_eq!(refused.attr(".errors a", "href"), ["#f-reason"]);
        assert_eq!(refused.attr("input[checked]", "value"), ["adopted"], "what was chosen stays");
        let form = [&form[..], &[("reason", "改到十二点。")]].concat();
        let done = site.submit(&group, &form).await.is(303);
        let page = site.get(done.location()).await.ok();
        assert!(page.text().contains("已经答复 2 条意见"), "{}", page.text());
        let api = format!("/api/v1/consultations/{id}/alike");
        assert_eq!(site.get(&api).await.ok().json()["items"][0]["waiting"], 0);
        let told = site.get(&format!("{api}/{first}")).await.ok().json();
        assert_eq!(told["items"][1]["answer"], "改到十二点。");
        site.sign_in(signed_in(Role::Deputy));
        let _refused = site.get(&list).await.is(403);
        let _refused = site.get(&api).await.is(403);
    }
}
