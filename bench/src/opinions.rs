//! Residents speak as fast as they are answered.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use consultation::{
    model::{Source, Stance},
    ops::{self, Desk, Draft, NewOpinion, WindowForm},
};
use kernel::{
    Actor, CongressId, ConsultationId, Entropy as _, OsEntropy, Role, Rulebook, SystemClock,
    actor::SignedIn,
};
use store::{Db, Options, migrate};

/// What was measured.
pub struct Measured {
    database: &'static str,
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
    accepted: usize,
}

impl Measured {
    /// One line, with the share of what the raw database reached.
    pub fn print(&self, raw: f64) {
        println!(
            "{}: {} opinions, {:.0}/s of {raw:.0} raw commits/s = {:.0} %; p50 {:.1} ms, p99 {:.1} ms",
            self.database,
            self.accepted,
            self.rate,
            self.rate / raw * 100.0,
            self.p50_ms,
            self.p99_ms
        );
    }
}

/// Lets `residents` speak at once on the empty database at `url`.
pub async fn measure(
    database: &'static str,
    url: &str,
    residents: u32,
    how_long: Duration,
) -> anyhow::Result<Measured> {
    let db = Db::open_with(&Options::new(url), Arc::new(procedure::MerkleLedger)).await?;
    let tables = [
        procedure::MIGRATIONS,
        corpus::MIGRATIONS,
        consultation::MIGRATIONS,
    ]
    .concat();
    migrate(&db, &tables, &SystemClock).await?;
    let desk = desk(db)?;
    let id = open_consultation(&desk).await?;
    let start = Instant::now();
    let speakers = (0..residents).map(|_| tokio::spawn(speak(desk.clone(), id, start + how_long)));
    let mut took = Vec::new();
    for speaker in speakers.collect::<Vec<_>>() {
        took.extend(speaker.await??);
    }
    let rate = took.len() as f64 / start.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    let (p50_ms, p99_ms) = (at(0.5), at(0.99));
    desk.db.close().await;
    Ok(Measured {
        database,
        rate,
        p50_ms,
        p99_ms,
        accepted: took.len(),
    })
}

async fn speak(desk: Desk, id: ConsultationId, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut took = Vec::new();
    while Instant::now() < until {
        let mut form_key = vec![0; 16];
        OsEntropy.fill(&mut form_key);
        let opinion = NewOpinion {
            text: "上夜班回来没地方扔垃圾，希望晚上留一个投放点，最好靠近小区东门，那里有灯，也有监控。".into(),
            provision: Some(format!("art_{}", 1 + form_key[0] % 40)),
            stance: Stance::Amend,
            source: Source::Web,
            form_key,
        };
        let begun = Instant::now();
        ops::submit(&desk, &Actor::Resident, id, &opinion).await?;
        took.push(begun.elapsed());
    }
    Ok(took)
}

fn congress() -> CongressId {
    uuid::Uuid::from_u128(1).into()
}

fn desk(db: Db) -> anyhow::Result<Desk> {
    Ok(Desk {
        db,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        zone: kernel::time::china(),
        library: Arc::default(),
        rulebook: Arc::new(Rulebook::national()?),
        level: kernel::Level::City,
        place: Arc::from([]),
        secret: Arc::new([1; 32]),
        log: Arc::new(procedure::LogKeeper::forgetful(translog::Signer::new(
            "bench.example/log",
            [2; 32],
        )?)),
    })
}

async fn open_consultation(desk: &Desk) -> anyhow::Result<ConsultationId> {
    let clerk = Actor::Account(SignedIn {
        account: uuid::Uuid::from_u128(2).into(),
        person: uuid::Uuid::from_u128(3).into(),
        congress: congress(),
        deputy: None,
        name: "clerk".into(),
        roles: vec![Role::Clerk],
    });
    let articles = (1..=40)
        .map(|n| format!("第{n}条　住宅小区应当合理设置投放点。\n\n"))
        .collect::<String>();
    let draft = Draft {
        title: "启明市生活垃圾管理条例（草案）".into(),
        lead: String::new(),
        label: "征求意见稿".into(),
        source: format!("# 启明市生活垃圾管理条例（草案）\n\n{articles}"),
    };
    let id = ops::prepare(desk, &clerk, congress(), &draft).await?;
    let opens = desk.clock.now().date(&desk.zone);
    let form = WindowForm {
        opens,
        closes: opens.saturating_add(jiff::Span::new().days(30)),
        reason: None,
    };
    ops::open(desk, &clerk, id, &form).await?;
    Ok(id)
}
