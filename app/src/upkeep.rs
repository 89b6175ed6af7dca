//! What an operator does at the command line to keep a deployment: tables and backups.

use std::path::Path;

use anyhow::Result;
use kernel::SystemClock;
use store::{backup, files};

use crate::{
    config::Config,
    house,
    keys::{self, commands},
    modules,
};

/// Brings the tables up to date.
///
/// # Errors
/// The store's.
pub async fn migrate(config: &Config) -> Result<()> {
    files::private_folder(&config.data.folder)?;
    let db = house::make_db(config).await?;
    let ran = modules::migrate(&db, &SystemClock).await?;
    for id in &ran {
        println!("{id}");
    }
    println!("已执行 {0} 步 · {0} steps run", ran.len());
    db.close().await;
    Ok(())
}

/// Copies the whole database into `file`. The keys in the data folder are not in it.
///
/// # Errors
/// A database that cannot be reached, a file that cannot be written.
pub async fn backup(config: &Config, file: &Path) -> Result<()> {
    let db = house::open_db(config).await?;
    let made = backup::write(&db, file, &SystemClock, &tell).await?;
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

/// Brings a backup back, into an empty database, and says which key files belong to it.
///
/// # Errors
/// A file that is damaged or no backup, a database that is not empty.
pub async fn restore(config: &Config, file: &Path) -> Result<()> {
    files::private_folder(&config.data.folder)?;
    let db = house::make_db(config).await?;
    let restored = backup::restore(&db, file, &modules::migrations(), &tell).await?;
    println!("已恢复 {0} 行 · {0} rows restored", rows(&restored));
    // A backup of an older program may lack the tables that this one looks into.
    modules::migrate(&db, &SystemClock).await?;
    let place = config.key_place();
    let seen = keys::look(&db, &place).await?;
    if seen.iter().any(|key| key.known.is_some()) {
        println!("\n{BRING}");
        print!("{}", commands::table(&seen));
        let note = place.signed();
        let (mark, zh, en) = match note.exists() {
            true => ("✓", "已在", "here"),
            false => ("✗", "缺", "missing"),
        };
        println!("{mark} {} {zh} · {en}", note.display());
        println!("\n{TAIL}");
    }
    db.close().await;
    Ok(())
}

const BRING: &str = "这个数据库要用这些密钥文件，请从原来的机器或密钥备份中取回 · this database belongs to these key files; \
    bring them from the old machine or from the copy of the keys:";
const TAIL: &str = "备份之后又签名公布过日志的（原来的服务在备份之后还运行过），请运行 quancheng keys new-log · if the old service \
    ran on after this backup, and so signed more of the log than is in it, run quancheng keys new-log";

/// Says how far it is, every so many rows.
fn tell(table: &str, done: u64) {
    if done > 0 && done.is_multiple_of(50_000) {
        println!("  {table} {done}");
    }
}

fn rows(manifest: &backup::Manifest) -> u64 {
    manifest.tables.iter().map(|table| table.rows).sum()
}
