//! The real program under load, killed, and its database restarted: whoever holds a receipt is not
//! forgotten, nothing half is left, and the log verifies.

use std::{fs, sync::Arc};

use consultation::ops::{self, Desk, Draft, WindowForm};
use jiff::Span;
use kernel::{
    Actor, Clock as _, CongressId, ConsultationId, OsEntropy, Role, Rulebook, SystemClock,
    actor::SignedIn,
};
use store::{Db, Options, sql};

use super::{
    cluster::{Cluster, Stop},
    common::{House, Server},
    crowd::{Crowd, agent},
    program::{Folder, quancheng, said},
};

/// How often the program is killed.
const KILLS: usize = 5;
/// Receipts that the first life gives at least.
const RECEIPTS: usize = 40;

const MORE: &str = "[limits]\nrate_times = 100000\npatience_seconds = 1\n";

/// A house with an open consultation; where opinions on it are handed in.
async fn open_house(house: &House, url: &str) -> ConsultationId {
    house.set_up();
    let options = Options::new(url);
    let db = Db::open_with(&options, Arc::new(procedure::MerkleLedger));
    let db = db.await.unwrap();
    let (congress,): (CongressId,) = sql("SELECT id FROM congress").one(&db).await.unwrap();
    let desk = desk(db);
    let chair = chair(congress);
    let draft = Draft {
        title: "楼道照明条例（草案）".into(),
        lead: "灯该亮到几点？".into(),
        label: "征求意见稿".into(),
        source: "第一条　楼道照明应当亮至晚上十点。\n".into(),
    };
    let id = ops::prepare(&desk, &chair, congress, &draft).await.unwrap();
    let today = desk.today();
    let window = WindowForm {
        opens: today,
        closes: today.saturating_add(Span::new().days(40)),
        reason: None,
    };
    ops::open(&desk, &chair, id, &window).await.unwrap();
    desk.db.close().await;
    id
}

fn desk(db: Db) -> Desk {
    let signer = translog::Signer::new("faults.example/log", [2; 32]).unwrap();
    Desk {
        db,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        zone: kernel::time::china(),
        library: Arc::default(),
        intake: Arc::default(),
        rulebook: Arc::new(Rulebook::national().unwrap()),
        level: kernel::Level::Province,
        place: Arc::from([]),
        secret: Arc::new([1; 32]),
        log: Arc::new(procedure::LogKeeper::forgetful(signer)),
    }
}

fn chair(congress: CongressId) -> Actor {
    let now = SystemClock.now();
    Actor::Account(SignedIn {
        account: kernel::AccountId::new(now, &OsEntropy),
        person: kernel::PersonId::new(now, &OsEntropy),
        congress,
        deputy: None,
        name: "chair".into(),
        roles: vec![Role::Chair],
    })
}

fn opinions_of(id: ConsultationId) -> String {
    format!("/api/v1/consultations/{id}/opinions")
}

/// Everybody who holds one of `codes` finds the opinion, the last receipt proves itself, and the doctor
/// finds nothing wrong.
fn nobody_is_forgotten(house: &House, server: &Server, codes: &[String]) {
    let agent = agent();
    for code in codes {
        let found = agent
            .get(format!("{}/api/v1/receipts/{code}", server.url))
            .call();
        assert_eq!(found.unwrap().status(), 200, "{code} was acknowledged");
    }
    let folder = house.config.parent().unwrap();
    let last = codes.last().unwrap();
    let file = folder.join("receipt.json");
    fs::write(&file, server.get(&format!("/receipts/{last}/file"))).unwrap();
    let key = server.get("/log/key");
    let file = file.display().to_string();
    let log = [
        "--url",
        &server.url,
        "--key",
        key.trim(),
        "--receipt",
        &file,
    ];
    let verified = quancheng(&[&["log", "verify"], &log[..]].concat());
    let told = said(&verified);
    assert!(verified.status.success() && told.contains('✓'), "{told}");
    assert!(!house.run(&["doctor"]).done().contains('✗'));
}

/// The program is killed in the middle of its work, again and again.
fn killed_again_and_again(house: &House, id: ConsultationId) {
    let mut kept = Vec::new();
    for kill in 0..KILLS {
        let mut server = house.serve();
        let mut crowd = Crowd::gather(&server.url, &opinions_of(id));
        crowd.until_receipts(RECEIPTS + kill * 23);
        server.kill();
        kept.extend(crowd.go_home());
        assert!(!house.run(&["doctor"]).done().contains('✗'));
    }
    let server = house.serve();
    nobody_is_forgotten(house, &server, &kept);
}

mod killed_under_load {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        let folder = Folder::new();
        let house = House::new(&folder.0, MORE);
        fs::create_dir_all(&house.data).unwrap();
        let url = format!("sqlite:{}", house.data.join("quancheng.db").display());
        let id = open_house(&house, &url).await;
        killed_again_and_again(&house, id);
    }

    #[tokio::test]
    async fn postgres() {
        let (cluster, folder) = (Cluster::start(), Folder::new());
        let house = on(&cluster, &folder);
        let id = open_house(&house, &cluster.url()).await;
        killed_again_and_again(&house, id);
    }
}

fn on(cluster: &Cluster, folder: &Folder) -> House {
    let more = format!("{MORE}[database]\nurl = {:?}\n", cluster.url());
    House::new(&folder.0, &more)
}

/// The database is away for a while, twice: people wait or are told to come again, and it works again
/// by itself.
mod restarted_under_load {
    use super::*;

    #[tokio::test]
    async fn people_wait_or_are_told_to_come_again() {
        let (cluster, folder) = (Cluster::start(), Folder::new());
        let house = on(&cluster, &folder);
        let id = open_house(&house, &cluster.url()).await;
        let server = house.serve();
        let mut crowd = Crowd::gather(&server.url, &opinions_of(id));
        crowd.until_receipts(40);
        for how in [Stop::Fast, Stop::Immediate] {
            cluster.down(how);
            crowd.until_refusals(8);
            told_to_come_again(&server, id);
            cluster.up();
            crowd.until_receipts(40);
        }
        // Back before anybody's patience is over.
        cluster.down(Stop::Fast);
        cluster.up();
        crowd.until_receipts(40);
        assert_eq!(crowd.dropped, 0, "everybody was answered");
        let codes = crowd.go_home();
        nobody_is_forgotten(&house, &server, &codes);
    }
}

/// A page while the database is away.
fn told_to_come_again(server: &Server, id: ConsultationId) {
    for (lang, words) in [("zh-CN", "请"), ("en", "again")] {
        let page = agent().get(format!("{}/consultations/{id}", server.url));
        let mut page = page.header("accept-language", lang).call().unwrap();
        assert_eq!(page.status(), 503);
        assert!(page.headers().contains_key("retry-after"));
        let told = page.body_mut().read_to_string().unwrap();
        assert!(told.contains("<h1") && told.contains(words), "{told}");
    }
}
