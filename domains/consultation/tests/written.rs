//! What a new version shows of the opinions, and what it does not.
#![expect(clippy::unwrap_used, reason = "a step that fails ends the story")]

mod common;

use std::collections::BTreeSet;

use ::store::sql;
use common::*;
use consultation::{
    model::{OpinionState, Outcome, says},
    ops::{self, Decision, NextVersion, OpError, WRITE_OPINIONS},
    store::{self as rows, Filter},
    way,
};
use kernel::{ConsultationId, OpinionId, Role};

/// An adopted opinion on a provision; on the whole draft for `""`.
async fn adopted(
    desk: &ops::Desk,
    id: ConsultationId,
    place: &str,
    lands_on: Option<&str>,
) -> OpinionId {
    let mut new = opinion(&format!("请改{place}{lands_on:?}"), 1);
    new.provision = Some(place.to_owned()).filter(|place| !place.is_empty());
    let opinion = ops::submit(desk, id, &new).await.unwrap().opinion;
    adopt(desk, opinion, lands_on).await.unwrap();
    opinion
}

async fn adopt(desk: &ops::Desk, opinion: OpinionId, lands_on: Option<&str>) -> ops::Result<()> {
    let decision = Decision {
        lands_on: lands_on.map(str::to_owned),
        ..decision(Outcome::PartlyAdopted, "有道理")
    };
    decide(desk, &signed_in(Role::Clerk), opinion, &decision).await
}

async fn publish(desk: &ops::Desk, id: ConsultationId) -> kernel::VersionId {
    let next = second(desk, id).await;
    ops::next_version(desk, &signed_in(Role::Clerk), id, &next)
        .await
        .unwrap()
}

/// The places that an opinion led to, without their versions.
async fn places(desk: &ops::Desk, opinion: OpinionId) -> Vec<Option<String>> {
    let way = way::by_id(desk, opinion).await.unwrap();
    way.led_to
        .into_iter()
        .map(|led| led.place.provision)
        .collect()
}

/// The adopted opinions that no version shows yet.
async fn left(desk: &ops::Desk, id: ConsultationId) -> BTreeSet<OpinionId> {
    let to_write = Filter {
        to_write: true,
        ..Filter::default()
    };
    let all = walk_opinions(desk, id, &to_write).await;
    all.into_iter().collect()
}

store::on_both! {
    [&migrations(), ledger()]

    /// Written is what the version shows: the article changed, or staff name the place. The rest waits
    /// on the desk, and is written when staff name the place later.
    async fn only_what_can_be_seen_is_written(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let changed = adopted(&desk, id, "art_3", None).await;
        let same = adopted(&desk, id, "art_1", None).await;
        let renumbered = adopted(&desk, id, "art_4", None).await;
        let whole = adopted(&desk, id, "", None).await;
        let named = adopted(&desk, id, "art_1", Some("art_2")).await;
        let nowhere = adopted(&desk, id, "art_3", Some("art_99")).await;
        clock.advance_seconds(33 * 86_400);
        ops::close_overdue(&desk).await.unwrap();
        publish(&desk, id).await;
        work(&desk).await;
        let at = |place: &str| vec![Some(place.to_owned())];
        assert_eq!(places(&desk, changed).await, at("art_4"));
        assert_eq!(places(&desk, named).await, at("art_2"));
        assert_eq!(places(&desk, nowhere).await, at("art_4"), "a name the version does not know says nothing");
        for opinion in [same, renumbered, whole] {
            assert_eq!(places(&desk, opinion).await, []);
            assert_eq!(rows::opinion(&desk.db, opinion).await.unwrap().state, OpinionState::Decided);
        }
        assert_eq!(left(&desk, id).await, BTreeSet::from([same, renumbered, whole]));
        assert_counters(&desk, id).await;
        adopt(&desk, whole, Some("art_2")).await.unwrap();
        work(&desk).await;
        assert_eq!(places(&desk, whole).await, at("art_2"));
        let late = speak_late(&desk, id).await;
        adopt(&desk, late, None).await.unwrap();
        work(&desk).await;
        assert_eq!(places(&desk, late).await, at("art_4"), "decided when the version was there already");
        assert_eq!(left(&desk, id).await, BTreeSet::from([same, renumbered]));
        assert_counters(&desk, id).await;
    }

    /// An article that was left out shows what asked for that.
    async fn leaving_an_article_out_shows_too(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let gone = adopted(&desk, id, "art_3", None).await;
        close(&desk, &clock).await;
        let mut next = second(&desk, id).await;
        next.source = DRAFT.replace("第三条　楼道照明应当亮至晚上十点。\n\n第四条", "第三条");
        let version = ops::next_version(&desk, &signed_in(Role::Clerk), id, &next).await.unwrap();
        work(&desk).await;
        let way = way::by_id(&desk, gone).await.unwrap();
        assert_eq!(way.opinion.state, OpinionState::Written);
        assert_eq!(way.led_to[0].place, says::Write { version, provision: None });
        assert_counters(&desk, id).await;
    }

    /// Hundreds are written some at a time; the server may die in between, and a job may run twice.
    async fn writing_goes_on_where_it_stopped(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let clerk = signed_in(Role::Clerk);
        let mut all = Vec::new();
        for n in 0..450 {
            let opinion = speak(&desk, id, "请亮到天明", n).await.opinion;
            ops::decide(&desk, &clerk, opinion, 1, &decision(Outcome::Adopted, "好")).await.unwrap();
            all.push(opinion);
        }
        close(&desk, &clock).await;
        let version = publish(&desk, id).await;
        let job = first_job(&desk).await;
        assert_eq!(left(&desk, id).await.len(), 450, "nobody waited for the writing");
        for still in [250, 50] {
            ops::write_opinions(&desk, &job).await.unwrap();
            assert_eq!(left(&desk, id).await.len(), still, "each run does some more");
            assert!(rows::consultation(&desk.db, id).await.unwrap().writing.is_some());
        }
        let early = ops::report(&desk, &clerk, id).await;
        assert!(matches!(early, Err(OpError::StillWriting)));
        work(&desk).await;
        assert!(left(&desk, id).await.is_empty());
        assert_eq!(rows::consultation(&desk.db, id).await.unwrap().writing, None);
        let place = says::Write { version, provision: Some("art_4".into()) };
        let (mut led, mut after) = (Vec::new(), None);
        loop {
            let page = rows::led_to(&desk.db, id, &place, after, 100).await.unwrap();
            led.extend(page.rows.iter().map(|opinion| opinion.id));
            after = page.next;
            if after.is_none() { break; }
        }
        led.sort();
        all.sort();
        assert_eq!(led, all, "each stands once under the article it led to");
        assert_counters(&desk, id).await;
    }

    /// The third version comes while the second is still being written: each opinion is written once, into
    /// the one whose job finds it.
    async fn two_versions_are_not_mixed_up(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let early = adopted(&desk, id, "art_3", None).await;
        close(&desk, &clock).await;
        let first = publish(&desk, id).await;
        let job = first_job(&desk).await;
        let next = NextVersion {
            label: "三次审议稿".into(),
            source: SECOND.replace("十二点", "十一点"),
            ..second(&desk, id).await
        };
        let last = ops::next_version(&desk, &signed_in(Role::Clerk), id, &next).await.unwrap();
        ops::write_opinions(&desk, &job).await.unwrap();
        assert_eq!(rows::consultation(&desk.db, id).await.unwrap().writing, Some(last), "the third is still to come");
        work(&desk).await;
        let way = way::by_id(&desk, early).await.unwrap();
        assert_eq!(way.led_to.iter().map(|led| led.place.version).collect::<Vec<_>>(), [first]);
        assert_eq!(rows::consultation(&desk.db, id).await.unwrap().writing, None);
        assert_counters(&desk, id).await;
    }

    /// Asking again takes the outcome back, not the place in the version.
    async fn asking_again_is_no_longer_adopted_and_still_there(test: TestDb) {
        let (desk, clock) = desk(&test);
        let id = open_consultation(&desk).await;
        let opinion = adopted(&desk, id, "art_3", None).await;
        close(&desk, &clock).await;
        publish(&desk, id).await;
        work(&desk).await;
        ops::ask_again(&desk, opinion, "通宵没有写进去").await.unwrap();
        let tallies = consultation::figures::tallies(&desk.db, id).await.unwrap();
        assert_eq!((tallies.with_outcome("", Outcome::PartlyAdopted), tallies.in_state("", OpinionState::Received)), (0, 1));
        let waiting = rows::opinion(&desk.db, opinion).await.unwrap();
        assert_eq!((waiting.outcome, waiting.answer), (None, None));
        assert_eq!(places(&desk, opinion).await, [Some("art_4".to_owned())]);
        assert_counters(&desk, id).await;
        adopt(&desk, opinion, None).await.unwrap();
        work(&desk).await;
        assert_eq!(places(&desk, opinion).await, [Some("art_4".to_owned())]);
        assert_eq!(left(&desk, id).await, BTreeSet::from([opinion]), "the next version is to show more");
        assert_counters(&desk, id).await;
    }

    /// A place is the name of a provision, whatever else is typed.
    async fn a_place_is_a_provision(test: TestDb) {
        let (desk, _) = desk(&test);
        let id = open_consultation(&desk).await;
        let opinion = speak(&desk, id, "灯", 1).await.opinion;
        for wrong in ["a\0b", "nonsense", "", "art_", &"art_1__".repeat(1_000)] {
            assert!(matches!(adopt(&desk, opinion, Some(wrong)).await, Err(OpError::NoProvision)), "{wrong:?}");
        }
        adopt(&desk, opinion, Some("art_4-1")).await.unwrap();
        assert_eq!(rows::opinion(&desk.db, opinion).await.unwrap().lands_on.as_deref(), Some("art_4-1"));
    }
}

/// The first job that waits for the writing of opinions.
async fn first_job(desk: &ops::Desk) -> ops::Writing {
    let query = "SELECT payload FROM job WHERE kind = $1 AND state = 'waiting' ORDER BY id LIMIT 1";
    let (payload,): (String,) = sql(query).bind(WRITE_OPINIONS).one(&desk.db).await.unwrap();
    serde_json::from_str(&payload).unwrap()
}

/// A letter that arrived in time and is recorded when the next version is there already.
async fn speak_late(desk: &ops::Desk, id: ConsultationId) -> OpinionId {
    let letter = ops::Letter {
        text: "请亮到天明".into(),
        provision: Some("art_3".into()),
        stance: consultation::model::Stance::Amend,
        arrived: jiff::civil::date(2026, 7, 31),
        key: form(77),
    };
    ops::record_letter(desk, &signed_in(Role::Clerk), id, &letter)
        .await
        .unwrap()
        .opinion
}
