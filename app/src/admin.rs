//! What an operator sets up at the command line: the congress, and accounts.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use directory::{
    accounts::{self, InitialPassword, Password},
    congresses::{self, NewTerm},
    divisions,
    import::{self, Kind, Upload},
    passwords,
    people::{self, NewPerson},
};
use kernel::{Actor, Role};

use crate::{cli::WithConfig, config::Config, house::House};

/// Divisions of the country, for setting up a congress; the first holds the provinces.
const DIVISIONS: [&[u8]; 2] = [
    include_bytes!("../../data/divisions/divisions.csv"),
    include_bytes!("../../data/divisions/counties.csv"),
];

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
    let gate = house.gate();
    let mut tx = house.db.begin(Actor::System).await?;
    if divisions::by_code(&mut tx, &new.code).await?.is_none() {
        for file in DIVISIONS {
            let lines = divisions::read(file)?;
            divisions::import(&gate, &mut tx, &lines).await?;
        }
    }
    let division = divisions::by_code(&mut tx, &new.code).await?;
    let division =
        division.with_context(|| format!("没有代码 {0} · there is no division {0}", new.code))?;
    let name = new
        .name
        .clone()
        .unwrap_or_else(|| format!("{}人民代表大会", division.name));
    let congress = congresses::create(&gate, &mut tx, division.id, &name).await?;
    let term = NewTerm {
        ordinal: new.term,
        starts_on: new.since,
        seats: new.seats,
    };
    congresses::start_term(&gate, &mut tx, congress.id, &term).await?;
    tx.commit().await?;
    println!("{name} {}", congress.id);
    house.db.close().await;
    Ok(())
}

/// The divisions to bring in.
#[derive(Debug, clap::Args)]
pub struct DivisionsFile {
    /// A CSV or .xlsx file: code, name, name_en, level, parent, kind.
    file: PathBuf,
    #[command(flatten)]
    pub config: WithConfig,
}

/// Brings divisions in: all of the file, or none and every line that is wrong.
///
/// # Errors
/// A file that cannot be read, the database's.
pub async fn import_divisions(config: &Config, from: &DivisionsFile) -> Result<ExitCode> {
    let path = from.file.display().to_string();
    let bytes = std::fs::read(&from.file)
        .with_context(|| format!("无法读取 {path} · cannot read {path}"))?;
    let house = House::open(config).await?;
    let congress = house.congress(&config.site.congress).await?;
    let gate = house.gate();
    let run = async {
        let table = import::open(bytes, Kind::Divisions.limits()).await?;
        let upload = Upload {
            congress: congress.id,
            kind: Kind::Divisions,
            file_name: &path,
            table: &table,
        };
        import::run(&gate, &Actor::System, &upload, gate.nonce()).await
    };
    let outcome = run.await;
    house.db.close().await;
    match outcome {
        Ok(imported) => {
            println!("已导入 {0} 行 · {0} rows imported", imported.rows);
            Ok(ExitCode::SUCCESS)
        }
        Err(import::ImportError::Directory(error)) => Err(error.into()),
        Err(wrong) => {
            for line in ::people::told(&wrong)? {
                eprintln!("{line}");
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The roles that are given at the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GivenRole {
    Admin,
    Security,
    Auditor,
    Clerk,
    Chair,
}

impl From<GivenRole> for Role {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Admin => Self::Admin,
            GivenRole::Security => Self::Security,
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
    let person = people::create(&gate, &mut tx, congress.id, &person).await?;
    let account = accounts::NewAccount {
        congress: congress.id,
        person,
        login: &new.login,
        password: Password::Initial(&hash),
    };
    let account = accounts::create(&gate, &mut tx, &account).await?;
    accounts::give_role(&gate, &mut tx, account, new.role.into()).await?;
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
    let congress = house.congress(&config.site.congress).await?;
    let gate = house.gate();
    let found = accounts::by_login(&house.db, congress.id, &reset.login).await?;
    let account =
        found.with_context(|| format!("没有账号 {0} · there is no account {0}", reset.login))?;
    let mut tx = house.db.begin(Actor::System).await?;
    let password = accounts::issue_password(&gate, &mut tx, account.id, gate.nonce()).await?;
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
