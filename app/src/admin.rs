//! What an operator does at the command line: tables, health, the congress, accounts, backups.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use directory::{
    accounts::{self, Grant, InitialPassword, PasswordState},
    congresses::{self, NewTerm},
    divisions, passwords,
    people::{self, NewPerson},
};
use kernel::{Actor, Clock as _, Role, SystemClock};
use store::doctor::Finding;
use translog::{Frontier, leaf_hash};

use crate::{cli::WithConfig, config::Config, house, house::House, modules};

/// Divisions of the country, for setting up a congress; the first holds the provinces.
const DIVISIONS: [&[u8]; 2] = [
    include_bytes!("../../data/divisions/divisions.csv"),
    include_bytes!("../../data/divisions/counties.csv"),
];

/// Brings the tables up to date.
///
/// # Errors
/// The store's.
pub async fn migrate(config: &Config) -> Result<()> {
    let db = house::open_db(&config.database_url(), config).await?;
    let ran = modules::migrate(&db, &SystemClock).await?;
    for id in &ran {
        println!("{id}");
    }
    println!("已执行 {0} 步 · {0} steps run", ran.len());
    db.close().await;
    Ok(())
}

/// Says what is wrong.
///
/// # Errors
/// A database that cannot be opened at all.
pub async fn doctor(config: &Config) -> Result<ExitCode> {
    let db = house::open_db(&config.database_url(), config).await?;
    let mut findings = store::doctor::look(&db, &modules::migrations(), SystemClock.now()).await;
    if findings
        .iter()
        .all(|finding| finding.name != "migrations" || finding.ok)
    {
        findings.push(log_is_whole(&db).await);
    }
    for finding in &findings {
        let mark = if finding.ok { "✓" } else { "✗" };
        println!("{mark} {} {}", in_words(finding.name), finding.detail);
    }
    db.close().await;
    let well = findings.iter().all(|finding| finding.ok);
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn in_words(name: &str) -> &str {
    match name {
        "reachable" => "数据库可以连接 · the database can be reached",
        "writable" => "数据库可以写入 · the database can be written",
        "migrations" => "表结构是最新的 · the tables are up to date",
        "jobs" => "后台任务正常 · jobs are being done",
        "file" => "数据库文件完好 · the database file is whole",
        "log" => "透明日志前后一致 · the log is whole",
        other => other,
    }
}

/// Entries read at once.
const ENTRIES_AT_ONCE: u64 = 4_096;

/// Computes the log's root anew from all its entries.
async fn log_is_whole(db: &store::Db) -> Finding {
    match recomputed(db).await {
        Ok(size) => Finding {
            ok: true,
            name: "log",
            detail: size.to_string(),
        },
        Err(error) => Finding {
            ok: false,
            name: "log",
            detail: format!("{error:#}"),
        },
    }
}

async fn recomputed(db: &store::Db) -> Result<u64> {
    let head = procedure::head(db).await?;
    let mut frontier = Frontier::new();
    while frontier.size() < head.size {
        let start = frontier.size();
        let entries = procedure::entries(db, start, head.size.min(start + ENTRIES_AT_ONCE)).await?;
        if entries.is_empty() {
            bail!("entry {start} is missing");
        }
        for entry in &entries {
            frontier.append(leaf_hash(entry));
        }
    }
    if frontier.root() != head.frontier.root() {
        bail!("the entries do not give the root that was signed");
    }
    Ok(head.size)
}

/// The congress to set up.
#[derive(Debug, clap::Args)]
pub struct NewCongress {
    /// The division's code (GB/T 2260), such as 110000.
    #[arg(long)]
    code: String,
    /// The congress's full name; the division's name with 人民代表大会 when left out.
    #[arg(long)]
    name: Option<String>,
    /// Which term is running, from 1.
    #[arg(long, default_value_t = 1)]
    term: i64,
    /// The term's first day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: jiff::civil::Date,
    /// The legal number of deputies.
    #[arg(long)]
    seats: i64,
    #[command(flatten)]
    pub config: WithConfig,
}

/// Sets up a congress with its running term.
///
/// # Errors
/// A code that is not known, a congress that is there already.
pub async fn create_congress(config: &Config, new: &NewCongress) -> Result<()> {
    let house = House::open(config).await?;
    let (clock, entropy) = (&*house.clock, &*house.entropy);
    let mut tx = house.db.begin(Actor::System).await?;
    if divisions::by_code(&mut tx, &new.code).await?.is_none() {
        for file in DIVISIONS {
            let lines = divisions::read(file).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
            divisions::import(&mut tx, &lines, clock, entropy).await?;
        }
    }
    let division = divisions::by_code(&mut tx, &new.code).await?;
    let division =
        division.with_context(|| format!("没有代码 {0} · there is no division {0}", new.code))?;
    let name = new
        .name
        .clone()
        .unwrap_or_else(|| format!("{}人民代表大会", division.name));
    let congress = congresses::create(&mut tx, division.id, &name, clock, entropy).await?;
    let term = NewTerm {
        ordinal: new.term,
        starts_on: new.since,
        seats: new.seats,
    };
    congresses::start_term(&mut tx, congress.id, &term, clock, entropy).await?;
    tx.commit().await?;
    println!("{name} {}", congress.id);
    house.db.close().await;
    Ok(())
}

/// The roles that are given at the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GivenRole {
    Admin,
    Auditor,
    Clerk,
    Chair,
}

impl From<GivenRole> for Role {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Admin => Self::Admin,
            GivenRole::Auditor => Self::Auditor,
            GivenRole::Clerk => Self::Clerk,
            GivenRole::Chair => Self::Chair,
        }
    }
}

/// The account to make.
#[derive(Debug, clap::Args)]
pub struct NewAccount {
    /// The name to sign in with.
    #[arg(long)]
    login: String,
    /// The person's name.
    #[arg(long)]
    name: String,
    /// The role held in the congress.
    #[arg(long, value_enum, default_value = "admin")]
    role: GivenRole,
    #[command(flatten)]
    pub config: WithConfig,
}

/// Makes an account and prints its first password, once.
///
/// # Errors
/// A name that is taken, no congress.
pub async fn create_account(config: &Config, new: &NewAccount) -> Result<()> {
    let house = House::open(config).await?;
    let congress = house.congress(&config.site.congress).await?;
    let gate = house.gate();
    let password = InitialPassword::new(&*house.entropy);
    let hash = passwords::hash_initial(&password, &*house.entropy);
    let mut tx = house.db.begin(Actor::System).await?;
    let person = NewPerson {
        name: &new.name,
        ..NewPerson::default()
    };
    let person = people::create(&mut tx, &person, &*house.clock, &*house.entropy).await?;
    let grants = [Grant {
        congress: congress.id,
        role: new.role.into(),
    }];
    let account = accounts::NewAccount {
        person,
        login: &new.login,
        password_hash: Some(&hash),
        password: PasswordState::Initial,
        grants: &grants,
    };
    accounts::create(&gate, &mut tx, &account).await?;
    tx.commit().await?;
    println!(
        "登录名 · sign-in name: {}\n初始密码 · first password: {}",
        new.login,
        password.secret()
    );
    house.db.close().await;
    Ok(())
}

/// The account to reset.
#[derive(Debug, clap::Args)]
pub struct Reset {
    /// The name to sign in with.
    #[arg(long)]
    login: String,
    /// Takes the second factor away too, so that a new one is set up at the next sign-in.
    #[arg(long)]
    second_factor: bool,
    #[command(flatten)]
    pub config: WithConfig,
}

/// Gives an account a new first password, and prints it, once.
///
/// # Errors
/// No such account.
pub async fn reset_account(config: &Config, reset: &Reset) -> Result<()> {
    let house = House::open(config).await?;
    let gate = house.gate();
    let password = InitialPassword::new(&*house.entropy);
    let hash = passwords::hash_initial(&password, &*house.entropy);
    let found = accounts::by_login(&house.db, &reset.login).await?;
    let account =
        found.with_context(|| format!("没有账号 {0} · there is no account {0}", reset.login))?;
    let mut tx = house.db.begin(Actor::System).await?;
    accounts::reset_password(&gate, &mut tx, account.id, &hash).await?;
    if reset.second_factor {
        accounts::reset_second_factor(&gate, &mut tx, account.id).await?;
    }
    tx.commit().await?;
    println!(
        "登录名 · sign-in name: {}\n初始密码 · first password: {}",
        account.login,
        password.secret()
    );
    house.db.close().await;
    Ok(())
}

/// Copies the whole database into `file`. The keys in the data folder are not in it.
///
/// # Errors
/// A database that cannot be reached, a file that cannot be written.
pub async fn backup(config: &Config, file: &Path) -> Result<()> {
    let db = house::open_db(&config.database_url(), config).await?;
    let made = store::backup::write(&db, file, &SystemClock, &tell).await?;
    println!(
        "已备份 {0} 行 · {0} rows saved: {1}",
        rows(&made),
        file.display()
    );
    println!(
        "密钥不在备份里，请另外保管 · the keys are not in it, keep them apart: {}",
        config.data.folder.display()
    );
    db.close().await;
    Ok(())
}

/// Brings a backup back, into an empty database.
///
/// # Errors
/// A file that is damaged or no backup, a database that is not empty.
pub async fn restore(config: &Config, file: &Path) -> Result<()> {
    if config.database.url.is_empty() {
        store::files::private_folder(&config.data.folder)?;
    }
    let db = house::open_db(&config.database_url(), config).await?;
    let restored = store::backup::restore(&db, file, &modules::migrations(), &tell).await?;
    println!("已恢复 {0} 行 · {0} rows restored", rows(&restored));
    db.close().await;
    Ok(())
}

/// Says how far it is, every so many rows.
fn tell(table: &str, done: u64) {
    if done > 0 && done.is_multiple_of(50_000) {
        println!("  {table} {done}");
    }
}

fn rows(manifest: &store::backup::Manifest) -> u64 {
    manifest.tables.iter().map(|table| table.rows).sum()
}
