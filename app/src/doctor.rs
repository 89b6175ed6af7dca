//! `quancheng doctor`: what is wrong with a deployment.

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use kernel::{Clock as _, SystemClock};
use procedure::continues;
use store::{
    Check, Db,
    doctor::Finding,
    jobs::{Cadence, Handlers, Job, Round},
};
use web::Module;

use crate::{
    cli::WithConfig,
    config::Config,
    house,
    keys::{self, Place},
    modules,
    rules::Rules,
};

/// The job that looks at everything every night.
const NIGHTLY: &str = "house.check";
/// When: in the small hours, in China.
const AT_NIGHT: Cadence = Cadence::DailyAtMinute(2 * 60 + 40);

/// What the doctor is asked.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Counts anew what is wrong among the counters, and keeps the right numbers.
    #[arg(long)]
    recount: bool,
    #[command(flatten)]
    config: WithConfig,
}

/// Says what is wrong.
///
/// # Errors
/// A database that cannot be opened at all.
pub async fn run(args: &DoctorArgs) -> Result<ExitCode> {
    let config = args.config.load()?;
    let db = house::open_db(&config).await?;
    if args.recount {
        for check in checks() {
            let Some(mend) = check.mend else { continue };
            let mended = mend(&db).await?;
            println!("{}: 已更正 {mended} 处 · {mended} mended", check.name);
        }
    }
    let mut findings = look(&db, &config.key_place()).await;
    findings.extend(rules_are_right(&config));
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

/// Looks at everything, and tells the log of the program, every night.
#[must_use]
pub fn module(place: Place, rules: Rules) -> Module {
    let look = move |_: Job, db: Db| {
        let (place, calendar) = (place.clone(), calendar(&rules));
        async move {
            let mut findings = look(&db, &place).await;
            findings.push(calendar);
            for finding in findings {
                let Finding { ok, name, detail } = finding;
                if ok {
                    tracing::info!(check = name, detail, "the nightly check found all well");
                } else {
                    tracing::error!(
                        check = name,
                        detail,
                        "the nightly check found something wrong"
                    );
                }
            }
            Ok(())
        }
    };
    Module {
        jobs: Handlers::default().on(NIGHTLY, look),
        rounds: vec![Round {
            kind: NIGHTLY,
            cadence: AT_NIGHT,
        }],
        ..Module::new("house")
    }
}

/// Looks at everything. Nothing is changed.
async fn look(db: &Db, place: &Place) -> Vec<Finding> {
    let now = SystemClock.now();
    let mut findings = store::doctor::look(db, &modules::migrations(), now).await;
    let there = |name| {
        findings
            .iter()
            .any(|finding| finding.name == name && finding.ok)
    };
    if !there("migrations") {
        return findings;
    }
    findings.push(keys_are_right(db, place).await);
    findings.push(log_goes_on(db, place).await);
    for check in checks() {
        findings.push(told(check.name, holds(check, db).await));
    }
    findings
}

fn checks() -> impl Iterator<Item = &'static Check> {
    modules::schemas().flat_map(|schema| schema.checks)
}

async fn holds(check: &Check, db: &Db) -> Result<String> {
    let wrong = (check.look)(db).await?;
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    Ok(String::new())
}

fn in_words(name: &'static str) -> &'static str {
    match name {
        "reachable" => "数据库可以连接 · the database can be reached",
        "writable" => "数据库可以写入 · the database can be written",
        "migrations" => "表结构是最新的 · the tables are up to date",
        "jobs" => "后台任务正常 · jobs are being done",
        "file" => "数据库文件完好 · the database file is whole",
        "keys" => "密钥文件齐全 · the key files are the right ones",
        "signed" => "透明日志接得上已签名公布的部分 · the log goes on from what was signed",
        "rules" => "规则文件可以使用 · the files of rules can be used",
        "calendar" => "工作日历有效至 · the working calendar is certain until",
        other => checks()
            .find(|check| check.name == other)
            .map_or(other, |check| check.says),
    }
}

/// Whether the operator's rules can be used, and how far the working calendar reaches.
fn rules_are_right(config: &Config) -> Vec<Finding> {
    match Rules::load(config) {
        Err(error) => vec![told("rules", Err(error))],
        Ok(rules) => vec![
            told("rules", Ok(config.rules.files.len().to_string())),
            calendar(&rules),
        ],
    }
}

fn calendar(rules: &Rules) -> Finding {
    let today = SystemClock.now().date(&kernel::time::china());
    told("calendar", Ok(rules.calendar_lasts(today)))
}

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
