//! `quancheng keys`: what an operator can do with the keys.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Subcommand;
use kernel::{OsEntropy, SystemClock};

use super::{Seen, Standing};
use crate::{cli::WithConfig, config::Config, house, modules};

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// 列出 · Shows each key's file, and whether it is the one that the database knows.
    List(WithConfig),
    /// 放弃 · Lets the database forget a key that is lost for good.
    Forget {
        /// Which one: site or seal. For the log's there is new-log.
        #[arg(value_parser = [super::SITE, super::SEAL])]
        name: String,
        #[command(flatten)]
        config: WithConfig,
    },
    /// 新日志 · Begins a new log where the old one cannot be gone on with, and says so in public.
    NewLog {
        /// Why, in words that everybody will read on the page of the log.
        #[arg(long, value_name = "WORDS")]
        because: String,
        #[command(flatten)]
        config: WithConfig,
    },
    /// 已搬迁 · Says that the data folder was moved here, and that nothing runs at the old place.
    Moved(WithConfig),
}

/// Does what is asked.
///
/// # Errors
/// A database or a file that cannot be reached.
pub async fn run(command: &KeysCommand) -> Result<ExitCode> {
    match command {
        KeysCommand::List(config) => return list(&config.load()?).await,
        KeysCommand::Forget { name, config } => forget(&config.load()?, name).await?,
        KeysCommand::NewLog { because, config } => new_log(&config.load()?, because).await?,
        KeysCommand::Moved(config) => super::settle_in(&config.load()?.data.folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(config: &Config) -> Result<ExitCode> {
    let db = house::open_db(config).await?;
    let seen = super::look(&db, &config.key_place()).await?;
    db.close().await;
    print!("{}", table(&seen));
    let well = seen.iter().all(Seen::well);
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One line a key file and one with its fingerprint.
#[must_use]
pub fn table(seen: &[Seen]) -> String {
    let line = |key: &Seen| {
        let (zh, en) = match key.standing {
            Standing::Right => ("对得上", "the right one"),
            Standing::New => ("尚未使用", "not in use yet"),
            Standing::Missing => ("缺", "missing"),
            Standing::Other => ("不是这一份", "another one"),
            Standing::Unreadable => ("读不出或权限太宽", "cannot be read, or others can read it"),
        };
        let mark = if key.well() { "✓" } else { "✗" };
        let known = key.known.as_deref().unwrap_or("-");
        format!(
            "{mark} {} {zh} · {en}\n    {} {known}\n",
            key.path.display(),
            key.name
        )
    };
    seen.iter().map(line).collect()
}

async fn forget(config: &Config, name: &str) -> Result<()> {
    let db = house::open_db(config).await?;
    let known = super::forget(&db, name).await?;
    db.close().await;
    ensure!(
        known,
        "数据库没有用过 {name} · the database does not know {name}"
    );
    if name == super::SEAL {
        println!(
            "第二验证因素都打不开了，请逐个运行 quancheng account reset --second-factor · second factors cannot be opened any \
             more: run quancheng account reset --second-factor for each account"
        );
    }
    Ok(())
}

async fn new_log(config: &Config, because: &str) -> Result<()> {
    let because = because.trim();
    ensure!(!because.is_empty(), "请说明原因 · say why: --because");
    let db = house::open_db(config).await?;
    modules::migrate(&db, &SystemClock).await?;
    let place = config.key_place();
    let keeper = super::new_log(&db, &place, because, &SystemClock, &OsEntropy).await?;
    db.close().await;
    println!(
        "新日志已开始，请公布新的公钥 · a new log has begun; make its verifier key known:\n{}",
        keeper.signer().verifier_key()
    );
    Ok(())
}
