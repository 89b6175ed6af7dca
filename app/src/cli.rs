//! The command line: what can be asked of the program, and who does it.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    admin, book,
    config::Config,
    demo,
    doctor::{self, DoctorArgs},
    jobs::{self, JobsCommand},
    keys::commands::{self, KeysCommand},
    law, log,
    rules::{self, RulesCommand},
    serve, upkeep,
};

/// 全程: one platform for the whole work of a people's congress.
#[derive(Debug, Parser)]
#[command(name = "quancheng", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 运行 · Serves a congress.
    Serve(WithConfig),
    /// 演示 · Makes an invented city with its congress, and serves it.
    Demo(DemoArgs),
    /// 法律文本 · Legal texts.
    #[command(subcommand)]
    Law(law::Law),
    /// 透明日志 · The transparency log.
    #[command(subcommand)]
    Log(Box<log::Log>),
    /// 备份 · Copies the whole database into one file.
    Backup {
        /// The file to write.
        file: PathBuf,
        #[command(flatten)]
        config: WithConfig,
    },
    /// 恢复 · Brings a backup back, into an empty database.
    Restore {
        /// The file to read.
        file: PathBuf,
        #[command(flatten)]
        config: WithConfig,
    },
    /// 体检 · Says what is wrong with a deployment.
    Doctor(DoctorArgs),
    /// 建表 · Brings the database's tables up to date.
    Migrate(WithConfig),
    /// 人大 · The congress served here.
    #[command(subcommand)]
    Congress(Congress),
    /// 行政区划 · The divisions of the country.
    #[command(subcommand)]
    Divisions(Divisions),
    /// 账号 · Accounts.
    #[command(subcommand)]
    Account(Account),
    /// 后台任务 · The jobs that failed.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// 密钥 · The keys of the site and of its log.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// 规则 · The rules in force, each with its article.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// 流程 · Writes the book's page of each procedure: its diagram, who may do what, and by which article.
    Procedures {
        /// The folder to write to.
        folder: PathBuf,
    },
    /// 配置 · The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
pub struct WithConfig {
    /// The configuration file (see `quancheng config print`). Variables QUANCHENG_SECTION__FIELD win over it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// How large the demo city is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// About 600 opinions.
    Town,
    /// About 5,000 opinions.
    City,
}

/// What the demo is told.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// The folder in which the demo lives; a second start uses it again.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// How large the city is.
    #[arg(long, value_enum, default_value = "city")]
    pub scale: Scale,
    /// The same seed makes the same city on the same day.
    #[arg(long, default_value_t = demo::SEED)]
    pub seed: u64,
    /// An empty PostgreSQL database to use instead of a file in the folder.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Makes the rate limits so many times as wide, for load tests from one address.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub rate_times: u32,
}

#[derive(Debug, Subcommand)]
enum Congress {
    /// 设立 · Sets up the congress of a division.
    Create(admin::NewCongress),
}

#[derive(Debug, Subcommand)]
enum Divisions {
    /// 导入 · Brings divisions in from a file: all of it, or none and every line that is wrong.
    Import(admin::DivisionsFile),
}

#[derive(Debug, Subcommand)]
enum Account {
    /// 新建 · Makes an account and prints its first password.
    Create(admin::NewAccount),
    /// 重置 · Gives an account a new first password.
    Reset(admin::Reset),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// 打印 · Prints the default configuration, each setting explained.
    Print,
}

/// Does what the command line says.
///
/// # Errors
/// What went wrong, in words for whoever typed it.
pub fn run() -> Result<ExitCode> {
    match Cli::parse().command {
        // Nothing here waits for anything but a file or one answer.
        Command::Law(asked) => law::run(&asked),
        Command::Log(asked) => Ok(log::run(&asked)),
        Command::Rules(asked) => rules::run(&asked),
        Command::Procedures { folder } => {
            book::write(&folder)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Config(ConfigCommand::Print) => {
            print!("{}", Config::explained());
            Ok(ExitCode::SUCCESS)
        }
        command => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(wait_for(command))
        }
    }
}

async fn wait_for(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve(from) => serve::from_config(&from.load()?).await?,
        Command::Demo(args) => demo::run(&args).await?,
        Command::Backup { file, config } => upkeep::backup(&config.load()?, &file).await?,
        Command::Restore { file, config } => upkeep::restore(&config.load()?, &file).await?,
        Command::Doctor(args) => return doctor::run(&args).await,
        Command::Migrate(from) => upkeep::migrate(&from.load()?).await?,
        Command::Congress(Congress::Create(new)) => {
            admin::create_congress(&new.config.load()?, &new).await?
        }
        Command::Divisions(Divisions::Import(from)) => {
            return admin::import_divisions(&from.config.load()?, &from).await;
        }
        Command::Account(Account::Create(new)) => {
            admin::create_account(&new.config.load()?, &new).await?
        }
        Command::Account(Account::Reset(reset)) => {
            admin::reset_account(&reset.config.load()?, &reset).await?
        }
        Command::Jobs(command) => return jobs::run(&command).await,
        Command::Keys(command) => return commands::run(&command).await,
        Command::Law(_)
        | Command::Log(_)
        | Command::Rules(_)
        | Command::Procedures { .. }
        | Command::Config(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

impl WithConfig {
    /// Reads the configuration.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn load(&self) -> Result<Config> {
        Ok(Config::load(self.config.as_deref())?)
    }
}
