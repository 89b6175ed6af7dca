//! `quancheng doctor`: what is wrong with a deployment.

use std::process::ExitCode;

use anyhow::{Result, bail};
use jiff::civil::Date;
use kernel::{Clock as _, SystemClock};
use procedure::continues;
use store::{Db, doctor::Finding};
use translog::{Frontier, leaf_hash};

use crate::{
    config::Config,
    house,
    keys::{self, Place},
    modules,
    rules::Rules,
};

/// Says what is wrong.
///
/// # Errors
/// A database that cannot be opened at all.
pub async fn run(config: &Config) -> Result<ExitCode> {
    let db = house::open_db(config).await?;
    let now = SystemClock.now();
    let mut findings = store::doctor::look(&db, &modules::migrations(), now).await;
    if findings
        .iter()
        .all(|finding| finding.name != "migrations" || finding.ok)
    {
        let place = config.key_place();
        findings.push(keys_are_right(&db, &place).await);
        findings.push(log_is_whole(&db).await);
        findings.push(log_goes_on(&db, &place).await);
        findings.push(trail_is_whole(&db).await);
    }
    findings.extend(rules_are_right(config, now.date(&kernel::time::china())));
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
        "keys" => "密钥文件齐全 · the key files are the right ones",
        "log" => "透明日志前后一致 · the log is whole",
        "signed" => "透明日志接得上已签名公布的部分 · the log goes on from what was signed",
        "audit" => "审计记录前后一致 · the audit trail is whole",
        "rules" => "规则文件可以使用 · the files of rules can be used",
        "calendar" => "工作日历有效至 · the working calendar is certain until",
        other => other,
    }
}

/// Whether the operator's rules can be used, and how far the working calendar reaches.
fn rules_are_right(config: &Config, today: Date) -> Vec<Finding> {
    match Rules::load(config) {
        Err(error) => vec![told("rules", Err(error))],
        Ok(rules) => vec![
            told("rules", Ok(config.rules.files.len().to_string())),
            told("calendar", Ok(rules.calendar_lasts(today))),
        ],
    }
}

/// Entries read at once.
const ENTRIES_AT_ONCE: u64 = 4_096;

fn told(name: &'static str, outcome: Result<String>) -> Finding {
    let (ok, detail) = match outcome {
        Ok(detail) => (true, detail),
        Err(error) => (false, format!("{error:#}")),
    };
    Finding { ok, name, detail }
}

/// Whether the key files are those that the database knows.
async fn keys_are_right(db: &Db, place: &Place) -> Finding {
    let look = async {
        let seen = keys::look(db, place).await?;
        let wrong = seen.iter().filter(|key| !key.well());
        let wrong: Vec<_> = wrong
            .map(|key| format!("{} ({:?})", key.path.display(), key.standing))
            .collect();
        match wrong.is_empty() {
            true => Ok(String::new()),
            false => bail!("{}", wrong.join(", ")),
        }
    };
    told("keys", look.await)
}

/// Whether the log goes on from the head that was signed last.
async fn log_goes_on(db: &Db, place: &Place) -> Finding {
    let look = async {
        match keys::last_signed(db, place).await? {
            Some(signed) => {
                continues(db, &signed).await?;
                Ok(signed.size.to_string())
            }
            None if procedure::head(db).await?.size == 0 => Ok(String::new()),
            None => bail!(keys::KeyError::NoNote(place.signed())),
        }
    };
    told("signed", look.await)
}

/// Computes the log's root anew from all its entries.
async fn log_is_whole(db: &Db) -> Finding {
    told("log", recomputed(db).await.map(|size| size.to_string()))
}

/// Computes the audit trail's chain anew.
async fn trail_is_whole(db: &Db) -> Finding {
    let events = directory::audit::check(db).await;
    told(
        "audit",
        events.map(|events| events.to_string()).map_err(Into::into),
    )
}

async fn recomputed(db: &Db) -> Result<u64> {
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
        bail!("the entries do not give the root of the head");
    }
    Ok(head.size)
}
