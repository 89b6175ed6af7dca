//! A city with one large consultation, made through the product's own use cases.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use consultation::{
    model::Stance,
    ops::{self, Desk, Draft, NewOpinion, SendKey, WindowForm},
};
use kernel::{
    Actor, CongressId, ConsultationId, OsEntropy, Role, Rulebook, SystemClock, actor::SignedIn,
};
use store::{Db, Options, sql};

use crate::server;

/// Articles of the draft.
const ARTICLES: u32 = 40;
/// The article that most people speak of.
const ARTICLE: &str = "art_7";
/// Opinions on their way at once while the city is made.
const AT_ONCE: u32 = 256;

/// The city that is measured.
pub struct City {
    /// Its large consultation.
    pub consultation: ConsultationId,
    /// How long its opinions took to be taken.
    pub seeding: Duration,
    opinions: u32,
}

impl City {
    /// Sets up the tables and the congress with the program itself, then the consultation with all
    /// its opinions, `on_one` of them on one article.
    pub async fn settle(
        program: &Path,
        folder: &Path,
        url: &str,
        opinions: u32,
        on_one: u32,
    ) -> anyhow::Result<Self> {
        let mut create = server::command(program, folder, url);
        create.args(["congress", "create", "--code", "110000", "--seats", "780"]);
        run(create.args(["--since", "2023-01-15"]))?;
        let db = Db::open_with(&Options::new(url), Arc::new(procedure::MerkleLedger)).await?;
        let (congress,): (CongressId,) = sql("SELECT id FROM congress").one(&db).await?;
        let desk = desk(db)?;
        let consultation = open(&desk, congress).await?;
        let begun = Instant::now();
        let next = Arc::new(AtomicU32::new(0));
        let crowd = (0..AT_ONCE).map(|_| {
            let (desk, next) = (desk.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= opinions {
                        return anyhow::Ok(());
                    }
                    let opinion = opinion(n, opinions, on_one);
                    ops::submit(&desk, consultation, &opinion).await?;
                }
            })
        });
        for one in crowd.collect::<Vec<_>>() {
            one.await??;
        }
        desk.db.close().await;
        Ok(Self {
            consultation,
            seeding: begun.elapsed(),
            opinions,
        })
    }

    /// The pages that are read, by name.
    pub fn pages(&self) -> [(&'static str, String); 4] {
        let here = format!("/consultations/{}", self.consultation);
        [
            ("the consultation", here.clone()),
            ("one article", format!("{here}/provisions/{ARTICLE}")),
            ("the opinions", format!("{here}/opinions")),
            ("the figures", format!("{here}/figures")),
        ]
    }

    /// Fails unless every opinion that was answered is there, with its first step in the log.
    pub async fn nothing_is_lost(&self, url: &str, answered: usize) -> anyhow::Result<()> {
        let db = Db::open(&Options::new(url)).await?;
        let (kept,): (i64,) = sql("SELECT COUNT(*) FROM opinion").one(&db).await?;
        let (logged,): (i64,) = sql(
            "SELECT COUNT(*) FROM opinion o JOIN matter_move m ON m.matter_id = o.id AND m.seq = 1
             JOIN log_entry e ON e.move_id = m.id",
        )
        .one(&db)
        .await?;
        db.close().await;
        let least = i64::from(self.opinions) + i64::try_from(answered)?;
        ensure!(
            kept >= least,
            "{kept} opinions are kept, {least} were answered"
        );
        ensure!(logged == kept, "{logged} of {kept} opinions are in the log");
        Ok(())
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let done = command.output().context("cannot start the program")?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{command:?}: {told}");
    Ok(())
}

/// The `n`th opinion. Many people say nearly the same; none the same to the letter.
fn opinion(n: u32, of: u32, on_one: u32) -> NewOpinion {
    let every = (of / on_one.max(1)).max(1);
    let article = if n.is_multiple_of(every) {
        ARTICLE.to_owned()
    } else {
        // All the others share the rest.
        format!(
            "art_{}",
            [1 + n % 6, 8 + n % (ARTICLES - 7)][(n % 2) as usize]
        )
    };
    NewOpinion {
        text: words(n),
        provision: Some(article),
        stance: [Stance::Amend, Stance::Support, Stance::Oppose][(n % 3) as usize],
        key: SendKey::Form(n.to_be_bytes().to_vec()),
    }
}

/// What somebody says: about as long as people write (100 characters).
pub fn words(n: u32) -> String {
    format!(
        "我住{}号楼，上夜班回来没地方扔垃圾，希望晚上留一个投放点，最好靠近小区东门，那里有灯，也有监控，老人和孩子去也安全；周末早上再晚{}分钟收运，加班的人也能赶上。",
        1 + n % 97,
        10 + n % 50
    )
}

fn desk(db: Db) -> anyhow::Result<Desk> {
    Ok(Desk {
        db,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        zone: kernel::time::china(),
        library: Arc::default(),
        intake: Arc::default(),
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

async fn open(desk: &Desk, congress: CongressId) -> anyhow::Result<ConsultationId> {
    let chair = Actor::Account(SignedIn {
        account: uuid::Uuid::from_u128(2).into(),
        person: uuid::Uuid::from_u128(3).into(),
        congress,
        deputy: None,
        name: "chair".into(),
        roles: vec![Role::Chair],
    });
    let articles = (1..=ARTICLES)
        .map(|n| {
            format!("第{n}条　住宅小区的管理责任人应当根据居民作息，合理设置投放点和投放时间。\n\n")
        })
        .collect::<String>();
    let draft = Draft {
        title: "启明市生活垃圾管理条例（草案）".into(),
        lead: "垃圾什么时候扔、扔到哪里，和每一户都有关系。".into(),
        label: "征求意见稿".into(),
        source: format!("# 启明市生活垃圾管理条例（草案）\n\n{articles}"),
    };
    let id = ops::prepare(desk, &chair, congress, &draft).await?;
    let opens = desk.clock.now().date(&desk.zone);
    let form = WindowForm {
        opens,
        closes: opens.saturating_add(jiff::Span::new().days(30)),
        reason: None,
    };
    ops::open(desk, &chair, id, &form).await?;
    Ok(id)
}
