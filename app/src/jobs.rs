//! `quancheng jobs`: the jobs that failed, and what becomes of them.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::Subcommand;
use kernel::{Actor, Clock as _, JobId, SystemClock};
use store::{
    Db,
    jobs::{self, Trouble},
};

use crate::{cli::WithConfig, house};

/// How many are read at once.
const PAGE: u32 = 200;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// 列出 · Shows the jobs that failed: those to be tried again, and the dead ones.
    List(WithConfig),
    /// 重试 · Gives a job that failed all its tries again, now.
    Retry(Which),
    /// 删除 · Removes a dead job for good.
    Drop(Which),
}

/// One job.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Its id, as listed.
    id: JobId,
    #[command(flatten)]
    config: WithConfig,
}

/// Does what is asked. With dead jobs the exit code is 1.
///
/// # Errors
/// A database that cannot be reached, a job that is not there.
pub async fn run(command: &JobsCommand) -> Result<ExitCode> {
    let (JobsCommand::List(config)
    | JobsCommand::Retry(Which { config, .. })
    | JobsCommand::Drop(Which { config, .. })) = command;
    let db = house::open_db(&config.load()?).await?;
    let outcome = match command {
        JobsCommand::List(_) => list(&db).await?,
        JobsCommand::Retry(which) => {
            let mut tx = db.begin(Actor::System).await?;
            let there = jobs::retry(&mut tx, which.id, SystemClock.now()).await?;
            tx.commit().await?;
            ensure!(
                there,
                "没有等待重试的任务 {0} · no job {0} waits to be retried",
                which.id
            );
            ExitCode::SUCCESS
        }
        JobsCommand::Drop(which) => {
            let mut tx = db.begin(Actor::System).await?;
            let there = jobs::drop_dead(&mut tx, which.id).await?;
            tx.commit().await?;
            ensure!(
                there,
                "没有已停止的任务 {0} · there is no dead job {0}",
                which.id
            );
            ExitCode::SUCCESS
        }
    };
    db.close().await;
    Ok(outcome)
}

async fn list(db: &Db) -> Result<ExitCode> {
    let (mut last, mut dead) = (None, 0);
    loop {
        let page = jobs::troubles(db, last.as_ref(), PAGE).await?;
        for job in &page {
            println!("{}", line(job));
            dead += usize::from(job.is_dead());
        }
        last = page.into_iter().next_back();
        if last.is_none() {
            break;
        }
    }
    println!("已停止 {dead} · {dead} dead");
    Ok(if dead == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn line(job: &Trouble) -> String {
    let state = if job.is_dead() {
        "已停止 · dead".to_owned()
    } else {
        format!("将于 {0} 再试 · again at {0}", job.run_at.rfc3339())
    };
    format!(
        "{} {}（{} 次 · {} tries）{state}\n    {}",
        job.id, job.kind, job.attempts, job.attempts, job.last_error
    )
}
