//! A congress in a test: one draft, its staff and a deputy.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use consultation::{
    figures::{Counted, Unit, figures},
    model::{Outcome, Stance},
    ops::{self, Decision, Desk, Draft, NewOpinion, NextVersion, Receipt, SendKey, WindowForm},
    store::{self as rows, Filter},
    tally::Tallies,
};
use jiff::civil::date;
use kernel::{
    Actor, CongressId, ConsultationId, Entropy, OpinionId, Role, Rulebook, SeededEntropy,
    TestClock, actor::SignedIn,
};
use store::{Db, Migration, jobs::Worker, testing::TestDb};
use uuid::Uuid;
use webtest::TestSite;

/// All tables this domain stands on.
pub fn migrations() -> Vec<Migration> {
    [
        &[store::jobs::MIGRATION],
        procedure::MIGRATIONS,
        corpus::MIGRATIONS,
        consultation::MIGRATIONS,
    ]
    .concat()
}

/// The ledger that seals what transactions stage.
pub fn ledger() -> Option<Arc<dyn store::Ledger>> {
    Some(Arc::new(procedure::MerkleLedger))
}

/// The congress of the test.
pub fn congress() -> CongressId {
    Uuid::from_u128(0xC0).into()
}

/// A desk in the test's congress with a clock that can be moved.
pub fn desk(test: &TestDb) -> (Desk, Arc<TestClock>) {
    desk_on(&test.db, Arc::new(SeededEntropy::new(1)))
}

/// The same on any database, with any randomness.
pub fn desk_on(db: &Db, entropy: Arc<dyn Entropy>) -> (Desk, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let signer = translog::Signer::new("qiming.example/log", [9; 32]);
    let desk = Desk {
        db: db.clone(),
        clock: Arc::clone(&clock) as _,
        entropy,
        zone: kernel::time::china(),
        library: Arc::default(),
        intake: Arc::default(),
        rulebook: Arc::new(Rulebook::national().expect("the embedded rulebook is sound")),
        level: kernel::Level::City,
        place: Arc::from([]),
        secret: Arc::new([7; 32]),
        log: Arc::new(procedure::LogKeeper::forgetful(
            signer.expect("the name is a name"),
        )),
    };
    (desk, clock)
}

/// The site of the test's congress, and its desk.
pub fn site(test: TestDb) -> (TestSite, Desk) {
    let (site, desk, _clock) = timed_site(test);
    (site, desk)
}

/// The same, with the clock of the desk; the site has another of its own.
pub fn timed_site(test: TestDb) -> (TestSite, Desk, Arc<TestClock>) {
    let (desk, clock) = desk_on(&test.db, Arc::new(SeededEntropy::new(5)));
    let own = |app: &mut web::App| {
        let site = web::Site {
            congress: congress(),
            ..(*app.site).clone()
        };
        app.site = Arc::new(site);
    };
    let site = TestSite::adjusted(test, vec![consultation::module(desk.clone())], own);
    (site, desk, clock)
}

/// Somebody signed in with `role`.
pub fn signed_in(role: Role) -> Actor {
    Actor::Account(SignedIn {
        account: Uuid::from_u128(role as u128 + 1).into(),
        person: Uuid::from_u128(role as u128 + 101).into(),
        congress: congress(),
        deputy: (role == Role::Deputy).then(|| Uuid::from_u128(0xDE).into()),
        name: role.as_str().to_owned(),
        roles: vec![role],
    })
}

/// A short draft with four articles in two chapters.
pub const DRAFT: &str = "# 启明市楼道照明条例（草案）\n\n## 第一章　总则\n\n第一条　为了方便居民夜间出行，制定本条例。\n\n第二条　本市住宅楼道的照明适用本条例。\n\n## 第二章　照明\n\n第三条　楼道照明应当亮至晚上十点。\n\n第四条　照明费用由物业服务人承担。\n";

/// The version after it: article 2 is new, article 3 has become article 4 and says more.
pub const SECOND: &str = "# 启明市楼道照明条例（草案二次审议稿）\n\n## 第一章　总则\n\n第一条　为了方便居民夜间出行，制定本条例。\n\n第二条　楼道照明应当节约用电。\n\n第三条　本市住宅楼道的照明适用本条例。\n\n## 第二章　照明\n\n第四条　楼道照明应当亮至晚上十二点；有夜班职工的，应当通宵照明。\n\n第五条　照明费用由物业服务人承担。\n";

/// A consultation that is open for the statutory thirty days from today.
pub async fn open_consultation(desk: &Desk) -> ConsultationId {
    let clerk = signed_in(Role::Clerk);
    let id = prepare(desk).await;
    let opens = desk.clock.now().date(&desk.zone);
    let form = WindowForm {
        opens,
        closes: opens.saturating_add(jiff::Span::new().days(30)),
        reason: None,
    };
    ops::open(desk, &clerk, id, &form)
        .await
        .expect("thirty days are enough");
    assert_eq!(opens, date(2026, 7, 1));
    id
}

/// A consultation that is still a draft.
pub async fn prepare(desk: &Desk) -> ConsultationId {
    let draft = Draft {
        title: "启明市楼道照明条例（草案）征求意见".into(),
        lead: "楼道的灯该亮到几点？".into(),
        label: "征求意见稿".into(),
        source: DRAFT.into(),
    };
    let clerk = signed_in(Role::Clerk);
    ops::prepare(desk, &clerk, congress(), &draft)
        .await
        .expect("a clerk may prepare")
}

/// The nonce of a form.
pub fn form(number: u32) -> SendKey {
    SendKey::Form(number.to_be_bytes().to_vec())
}

/// What a resident hands in on article 3.
pub fn opinion(text: &str, form_key: u32) -> NewOpinion {
    NewOpinion {
        text: text.into(),
        provision: Some("art_3".into()),
        stance: Stance::Amend,
        key: form(form_key),
    }
}

/// A resident speaks.
pub async fn speak(desk: &Desk, id: ConsultationId, text: &str, form_key: u32) -> Receipt {
    ops::submit(desk, id, &opinion(text, form_key))
        .await
        .expect("the consultation is open")
}

/// How many steps of an opinion there are to see now.
pub async fn seen(desk: &Desk, id: OpinionId) -> u32 {
    let opinion = consultation::store::opinion(&desk.db, id).await;
    opinion.expect("it is there").steps
}

/// Decides an opinion as it stands.
pub async fn decide(
    desk: &Desk,
    actor: &Actor,
    id: OpinionId,
    decision: &Decision,
) -> ops::Result<()> {
    ops::decide(desk, actor, id, seen(desk, id).await, decision).await
}

/// A decision with its reason.
pub fn decision(outcome: Outcome, reason: &str) -> Decision {
    Decision {
        outcome,
        reason: reason.into(),
        lands_on: None,
        referred_to: (outcome == Outcome::Referred).then(|| "市城市管理局".to_owned()),
    }
}

/// [`SECOND`], to follow the present version.
pub async fn second(desk: &Desk, id: ConsultationId) -> NextVersion {
    let present = consultation::store::consultation(&desk.db, id).await;
    NextVersion {
        label: "二次审议稿".into(),
        source: SECOND.into(),
        follows: present.expect("it is there").version,
    }
}

/// Does all the work that nobody waits for.
pub async fn work(desk: &Desk) {
    let worker = Worker {
        db: desk.db.clone(),
        handlers: consultation::jobs::handlers(desk),
        rounds: Vec::new(),
        clock: Arc::clone(&desk.clock),
        entropy: Arc::clone(&desk.entropy),
        lease_seconds: 60,
    };
    let ran = worker.run_due().await.expect("jobs can be claimed");
    assert_eq!((ran.retried, ran.dead), (0, 0), "every job can be done");
}

/// Forty days later, when the system has closed what is over.
pub async fn close(desk: &Desk, clock: &TestClock) {
    clock.advance_seconds(40 * 86_400);
    ops::close_overdue(desk)
        .await
        .expect("the system may close");
}

/// The counters are what a recount says.
pub async fn assert_counters(desk: &Desk, id: ConsultationId) {
    let counted = consultation::figures::recount(&desk.db, id)
        .await
        .expect("rows can be counted");
    let tallies = consultation::figures::tallies(&desk.db, id)
        .await
        .expect("counters can be read");
    let recounted = consultation::tally::Tallies::new(counted);
    assert_eq!(tallies.clone().without_zeros(), recounted);
    assert_lists(desk, id, &tallies).await;
}

/// Every figure is as long as the list it opens, walked page by page.
async fn assert_lists(desk: &Desk, id: ConsultationId, tallies: &Tallies) {
    for figure in figures(tallies) {
        let rows = match &figure.counted {
            Counted::Opinions(filter) => walk_opinions(desk, id, filter).await.len() as i64,
            Counted::Visits => walk_visits(desk, id, rows::Visits::All, figure.unit).await,
            Counted::Deputies => {
                walk(async |after| rows::visiting_deputies(&desk.db, id, after, 2).await).await
            }
            Counted::Units => {
                walk(async |after| rows::visited_units(&desk.db, id, after, 2).await).await
            }
        };
        let counted = if figure.unit == Unit::PerMille {
            tallies.answered("")
        } else {
            figure.value
        };
        assert_eq!(rows, counted, "{}", figure.key);
    }
    for (one, whose) in visited(desk, id).await {
        let listed = walk_visits(desk, id, whose, Unit::Times).await;
        assert_eq!(listed, one.visits, "{}", one.name);
        let heads = walk_visits(desk, id, whose, Unit::PersonTimes).await;
        assert_eq!(heads, one.heads, "{}", one.name);
    }
    let to_write = Filter {
        to_write: true,
        ..Filter::default()
    };
    let rows = walk_opinions(desk, id, &to_write).await;
    assert_eq!(rows.len() as i64, tallies.to_write(""));
}

/// All opinions of a list, walked by small pages.
pub async fn walk_opinions(desk: &Desk, id: ConsultationId, filter: &Filter) -> Vec<OpinionId> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = rows::opinions(&desk.db, id, filter, after, 3).await;
        let page = page.expect("a list");
        ids.extend(page.rows.iter().map(|opinion| opinion.id));
        after = page.next;
        if after.is_none() {
            assert!(ids.is_sorted(), "in the order they came");
            return ids;
        }
    }
}

/// Everybody who visited and every unit that was visited, with the list of those visits.
async fn visited(desk: &Desk, id: ConsultationId) -> Vec<(rows::Visited, rows::Visits)> {
    let deputies = rows::visiting_deputies(&desk.db, id, None, 50).await;
    let units = rows::visited_units(&desk.db, id, None, 50).await;
    let deputies = deputies.expect("a list").rows.into_iter();
    let units = units.expect("a list").rows.into_iter();
    let by = deputies.map(|one| (one.clone(), rows::Visits::By(one.id.into())));
    let to = units.map(|one| (one.clone(), rows::Visits::To(one.id.into())));
    by.chain(to).collect()
}

/// The visits, or the persons heard at them.
async fn walk_visits(desk: &Desk, id: ConsultationId, whose: rows::Visits, unit: Unit) -> i64 {
    let (mut sum, mut before) = (0, None);
    loop {
        let page = rows::visits(&desk.db, id, whose, before, 2)
            .await
            .expect("a list");
        let one = |visit: &rows::Visit| match unit {
            Unit::PersonTimes => visit.heads,
            _ => 1,
        };
        sum += page.rows.iter().map(one).sum::<i64>();
        before = page.next;
        if before.is_none() {
            return sum;
        }
    }
}

async fn walk<T>(page: impl AsyncFn(Option<Uuid>) -> store::Result<rows::Listed<T, Uuid>>) -> i64 {
    let (mut n, mut after) = (0, None);
    loop {
        let found = page(after).await.expect("a list");
        n += found.rows.len() as i64;
        after = found.next;
        if after.is_none() {
            return n;
        }
    }
}
