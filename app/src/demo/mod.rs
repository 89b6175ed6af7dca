//! `quancheng demo`: an invented city whose congress has been at work for months.
//!
//! Everything is made through the use cases that people use, with a clock that is put back. The same
//! seed on the same day makes the same city, to the root of the log. A file written last marks a
//! finished demo; a folder without it is made anew.

mod city;
mod data;
mod dice;
mod play;
mod script;

use std::{fs, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use consultation::ops::Desk;
use directory::second_factor::code_at;
use jiff::civil::Date;
use kernel::{Clock as _, OsEntropy, SeededEntropy, SystemClock, TestClock, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Db, Options, jobs::Worker};
use web::Site;

use self::{city::Login, data::World, dice::Dice, play::Player, script::What};
use crate::{
    cli::{DemoArgs, Scale},
    house::{House, form_secret},
    keys::{self, Place},
    modules,
    rules::Rules,
    secrets,
    serve::{self, LEASE_SECONDS, Serving},
};
use directory::{GateRules, audit::KEEP_DAYS_LEAST, passwords::Hasher};

/// The seed of the city that everybody sees.
pub const SEED: u64 = 20_260_701;
/// The log's name: the address changes from one start to the next, the log's name must not.
const ORIGIN: &str = "demo.quancheng.example/log";
/// The file that marks a finished demo.
const MARKER: &str = "demo.json";
const DATABASE: &str = "quancheng.db";
/// How long running requests may take to end.
const STOP: Duration = Duration::from_secs(5);

/// What a finished demo tells the next start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Marker {
    seed: u64,
    scale: Scale,
    made_on: String,
    city: String,
    database: String,
    logins: Vec<Login>,
    receipts: Vec<Sample>,
}

/// A receipt to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sample {
    code: String,
    zh: String,
    en: String,
}

/// Makes the demo where it is not made yet, and serves it.
///
/// # Errors
/// A folder that cannot be written, an address that is taken.
pub async fn run(args: &DemoArgs) -> Result<()> {
    serve::trace("warn", false)?;
    let started = SystemClock.now();
    let marker = match read_marker(&args.data)? {
        Some(marker) => marker,
        None => make(args, started).await?,
    };
    let house = open(&args.data, &marker.database).await?;
    let congress = house.congress(&marker.city).await?;
    let site = Site {
        name_zh: congress.name.clone(),
        name_en: "Qiming Municipal People's Congress".to_owned(),
        base_url: base_url(args),
        congress: congress.id,
        secure: false,
        secret: form_secret(&house.keys),
        contact: "演示地址：启明市文昌路1号 · 1 Wenchang Road, Qiming (invented)".to_owned(),
        proxies: Vec::new(),
    };
    let desk = house.desk(&congress).await?;
    let serving = Serving {
        house,
        site,
        desk,
        oidc: None,
        audit_days: KEEP_DAYS_LEAST,
        stop: STOP,
        rate_times: args.rate_times,
    };
    serving
        .run(args.listen, |at| {
            print!(
                "{}",
                greeting(&marker, &format!("http://{at}"), SystemClock.now())
            )
        })
        .await
}

fn base_url(args: &DemoArgs) -> String {
    if args.listen.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", args.listen.port())
    } else {
        format!("http://{}", args.listen)
    }
}

fn read_marker(folder: &Path) -> Result<Option<Marker>> {
    let path = folder.join(MARKER);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(
            serde_json::from_str(&text).with_context(|| path.display().to_string())?,
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

async fn open(folder: &Path, database: &str) -> Result<House> {
    let db = open_db(database).await?;
    modules::migrate(&db, &SystemClock).await?;
    let place = place(folder);
    let keys = keys::open(&db, &place, &SystemClock, &OsEntropy).await?;
    let hasher = Hasher::new(2, 64);
    Ok(House {
        db,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        keys,
        place,
        hasher,
        rules: Rules::built_in()?,
        way_in: GateRules::default(),
    })
}

async fn open_db(url: &str) -> Result<Db> {
    let options = Options {
        create: true,
        ..Options::new(url)
    };
    let opened = Db::open_with(&options, Arc::new(procedure::MerkleLedger)).await;
    opened.context("数据库打不开 · the database cannot be opened")
}

/// Where the demo's keys are.
fn place(folder: &Path) -> Place {
    Place {
        folder: folder.to_owned(),
        log_file: None,
        origin: None,
        new_origin: ORIGIN.to_owned(),
    }
}

/// Makes the demo and marks it finished.
async fn make(args: &DemoArgs, now: Timestamp) -> Result<Marker> {
    store::files::private_folder(&args.data).with_context(|| args.data.display().to_string())?;
    clear(&args.data)?;
    let file = || format!("sqlite:{}", args.data.join(DATABASE).display());
    let database = args.database.clone().unwrap_or_else(file);
    println!("正在建立演示城市…… Making the demo city …");
    let entropy = Arc::new(SeededEntropy::new(args.seed));
    let db = open_db(&database).await?;
    modules::migrate(&db, &TestClock::default()).await?;
    if procedure::head(&db).await?.size > 0 {
        bail!("数据库不是空的 · the database is not empty: {database}");
    }
    let place = place(&args.data);
    let keys = keys::open(&db, &place, &SystemClock, &*entropy).await?;
    let clock = Arc::new(TestClock::default());
    let house = House {
        db,
        clock: clock.clone(),
        entropy,
        keys,
        place,
        hasher: Hasher::new(1, 64),
        rules: Rules::built_in()?,
        way_in: GateRules::default(),
    };
    let today = now.date(&kernel::time::china());
    let told = |done, all| println!("  {done} / {all}");
    let made = build(
        &house,
        &clock,
        &Plan {
            seed: args.seed,
            scale: args.scale,
            today,
        },
        &told,
    )
    .await?;
    house.db.close().await;
    let marker = Marker { database, ..made };
    let text = serde_json::to_string_pretty(&marker)?;
    store::files::write_private(&args.data.join(MARKER), text.as_bytes()).context(MARKER)?;
    let seconds = (SystemClock.now().micros() - now.micros()) / 1_000_000;
    println!("建好了，用时{seconds}秒。 Made in {seconds} seconds.");
    Ok(marker)
}

/// Removes what an earlier start left half-made: our own files, nothing else.
fn clear(folder: &Path) -> Result<()> {
    for name in [
        DATABASE,
        "quancheng.db-wal",
        "quancheng.db-shm",
        secrets::SITE,
        secrets::SEAL,
        secrets::LOG,
        secrets::SIGNED,
    ] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).context(name);
            }
            _ => {}
        }
    }
    Ok(())
}

/// What is to be made.
struct Plan {
    seed: u64,
    scale: Scale,
    today: Date,
}

impl Plan {
    /// About how many opinions.
    const fn opinions(&self) -> usize {
        match self.scale {
            Scale::Town => 600,
            Scale::City => 5_000,
        }
    }
}

/// Founds the city and plays its story, in an empty database.
async fn build(
    house: &House,
    clock: &TestClock,
    plan: &Plan,
    tell: &dyn Fn(usize, usize),
) -> Result<Marker> {
    let world = World::read()?;
    let dice = Dice::new(plan.seed);
    let zone = kernel::time::china();
    // The term began long before the first consultation.
    let since = plan.today.saturating_sub(jiff::Span::new().days(700));
    clock.set(Timestamp::start_of(since, &zone).plus_seconds(9 * 3_600));
    let cast = city::found(&house.gate(), &world.city, &dice, plan.scale, since).await?;
    let script = script::write(
        &world,
        &dice,
        plan.opinions(),
        cast.deputies.len(),
        plan.today,
    )?;
    let desk: Desk = house.desk(&cast.congress).await?;
    let worker = Worker {
        db: house.db.clone(),
        handlers: consultation::jobs::handlers(&desk),
        rounds: Vec::new(),
        clock: Arc::clone(&house.clock),
        entropy: Arc::clone(&house.entropy),
        lease_seconds: LEASE_SECONDS,
    };
    let player = Player {
        desk: &desk,
        clock,
        cast: &cast,
        world: &world,
        seed: plan.seed,
        worker: &worker,
    };
    let played = player.play(&script, tell).await?;
    let receipts = samples(&script.events, &played);
    Ok(Marker {
        seed: plan.seed,
        scale: plan.scale,
        made_on: plan.today.to_string(),
        city: world.city.codes.city.clone(),
        database: String::new(),
        logins: cast.logins,
        receipts,
    })
}

/// A few receipts that show different ways.
fn samples(events: &[script::Event], played: &play::Played) -> Vec<Sample> {
    let first = |wanted: &dyn Fn(&What) -> Option<usize>| {
        events.iter().find_map(|event| wanted(&event.what))
    };
    let adopted = first(&|what| match what {
        What::Decide {
            slot,
            lands_on: Some(_),
            ..
        } => Some(*slot),
        _ => None,
    });
    let again = first(&|what| match what {
        What::AskAgain { slot, .. } => Some(*slot),
        _ => None,
    });
    let hidden = first(&|what| match what {
        What::Hide { slot, .. } => Some(*slot),
        _ => None,
    });
    let shown = [
        (adopted, "已写入新版本", "written into the next version"),
        (again, "请过再看", "asked to be looked at again"),
        (hidden, "原文已隐去", "hidden from the public"),
    ];
    let sample = |(slot, zh, en): (Option<usize>, &str, &str)| {
        let code = played.codes.get(&slot?)?.to_string();
        Some(Sample {
            code,
            zh: zh.to_owned(),
            en: en.to_owned(),
        })
    };
    shown.into_iter().filter_map(sample).collect()
}

/// What is printed at the start: where it is and how to get in.
fn greeting(marker: &Marker, url: &str, now: Timestamp) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "\n全程 · 启明市演示 · Quancheng demo ({})\n\n  {url}\n",
        marker.made_on
    );
    let _ = writeln!(
        out,
        "登录（密码 + 验证码）· To sign in (password, then code):\n"
    );
    for Login {
        login,
        password,
        totp_secret,
        name,
        ..
    } in &marker.logins
    {
        let code = code_at(totp_secret, now).unwrap_or_default();
        let _ = writeln!(
            out,
            "  {login:<8} {password}  TOTP {totp_secret}  现在的验证码 code now {code}  ({name})"
        );
    }
    let _ = writeln!(out, "\n几个回执码 · Receipts to try:\n");
    for Sample { code, zh, en } in &marker.receipts {
        let _ = writeln!(out, "  {code}  {zh} · {en}");
    }
    let _ = writeln!(
        out,
        "\n一切都是虚构的。按 Ctrl-C 停止。 Everything here is invented. Ctrl-C stops it.\n"
    );
    out
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use jiff::civil::date;
    use store::testing::TestDb;
    use tower::ServiceExt as _;

    use super::*;

    const PLAN: Plan = Plan {
        seed: 7,
        scale: Scale::Town,
        today: date(2026, 7, 1),
    };

    async fn built(db: &TestDb, folder: &Path) -> (Marker, translog::Hash) {
        let entropy = Arc::new(SeededEntropy::new(PLAN.seed));
        let place = place(folder);
        let keys = keys::open(&db.db, &place, &SystemClock, &*entropy)
            .await
            .unwrap();
        let clock = Arc::new(TestClock::default());
        let house = House {
            db: db.db.clone(),
            clock: clock.clone(),
            entropy,
            keys,
            place,
            hasher: Hasher::new(1, 8),
            rules: Rules::built_in().unwrap(),
            way_in: GateRules::default(),
        };
        let marker = build(&house, &clock, &PLAN, &|_, _| {}).await.unwrap();
        let head = procedure::head(&house.db).await.unwrap();
        (marker, head.frontier.root())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_same_seed_makes_the_same_city_on_both_databases() {
        let ledger = || Some(Arc::new(procedure::MerkleLedger) as Arc<dyn store::Ledger>);
        let sqlite = TestDb::sqlite(&modules::migrations(), ledger()).await;
        let postgres = TestDb::postgres(&modules::migrations(), ledger()).await;
        let folders = [secrets::tests::Folder::new(), secrets::tests::Folder::new()];
        let (one, two) = (
            built(&sqlite, &folders[0].0).await,
            built(&postgres, &folders[1].0).await,
        );
        assert_eq!(one, two);
        assert_eq!(one.0.logins.len(), 6);
        assert_eq!(one.0.receipts.len(), 3);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn receipts_of_the_demo_are_proven_by_the_log_as_it_is_served() {
        let db = TestDb::sqlite(
            &modules::migrations(),
            Some(Arc::new(procedure::MerkleLedger)),
        )
        .await;
        let folder = secrets::tests::Folder::new();
        let (marker, root) = built(&db, &folder.0).await;
        let entropy = Arc::new(SeededEntropy::new(PLAN.seed));
        let place = place(&folder.0);
        let keys = keys::open(&db.db, &place, &SystemClock, &*entropy)
            .await
            .unwrap();
        let clock = Arc::new(TestClock::default());
        let house = House {
            db: db.db.clone(),
            clock,
            entropy,
            keys,
            place,
            hasher: Hasher::new(1, 8),
            rules: Rules::built_in().unwrap(),
            way_in: GateRules::default(),
        };
        let congress = house.congress(&marker.city).await.unwrap();
        let site = Site {
            name_zh: congress.name.clone(),
            name_en: "Qiming".into(),
            base_url: "http://127.0.0.1:1".into(),
            congress: congress.id,
            secure: false,
            secret: form_secret(&house.keys),
            contact: String::new(),
            proxies: Vec::new(),
        };
        let desk = house.desk(&congress).await.unwrap();
        let serving = Serving {
            house,
            site,
            desk: desk.clone(),
            oidc: None,
            audit_days: KEEP_DAYS_LEAST,
            stop: STOP,
            rate_times: 1,
        };
        let router = serving.router(serving.modules()).unwrap();
        let get = async |path: &str| {
            let request = axum::http::Request::get(format!("/log/{path}"))
                .body(axum::body::Body::empty())
                .unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            answer
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .to_vec()
        };
        let checkpoint = String::from_utf8(get("checkpoint").await).unwrap();
        let key = String::from_utf8(get("key").await).unwrap();
        let key = translog::VerifierKey::parse(key.trim()).unwrap();
        let checkpoint = translog::open_checkpoint(&checkpoint, &key).unwrap();
        assert_eq!(checkpoint.root, root);
        for sample in &marker.receipts {
            let code = sample.code.parse().unwrap();
            let way = consultation::way::by_code(&desk, code)
                .await
                .unwrap()
                .unwrap();
            let receipt = consultation::way::file(&desk, code, &way).await.unwrap();
            let report = translog::verify_receipt(&receipt, &key).unwrap();
            let mut tiles = std::collections::HashMap::new();
            for tile in report.tiles_in(&checkpoint).unwrap() {
                tiles.insert(tile, get(&tile.path()).await);
            }
            report.check_in(&checkpoint, &tiles).unwrap();
        }
        let bundle = get("tile/entries/000").await;
        assert_eq!(translog::decode_entries(&bundle).unwrap().len(), 256);
    }

    #[test]
    fn a_greeting_says_where_and_how() {
        let login = Login {
            role: "clerk".into(),
            login: "clerk".into(),
            password: "secret".into(),
            totp_secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(),
            name: "某".into(),
        };
        let marker = Marker {
            seed: 1,
            scale: Scale::Town,
            made_on: "2026-07-01".into(),
            city: "990100".into(),
            database: String::new(),
            logins: vec![login],
            receipts: Vec::new(),
        };
        let said = greeting(
            &marker,
            "http://127.0.0.1:1",
            Timestamp::from_micros(59_000_000),
        );
        assert!(
            said.contains("http://127.0.0.1:1") && said.contains("287082"),
            "{said}"
        );
    }
}
