//! The keys of a deployment, and the database's memory of them.
//!
//! Keys stand in files apart from the database, so that a backup alone neither signs nor opens
//! anything. The database notes the fingerprint of every key it is used with, and from then on
//! nothing starts with another one: a log that a second key goes on signing, second factors that
//! cannot be opened, receipts that come out differently would all be noticed too late.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use directory::SealKey;
use kernel::{Actor, Clock, Entropy, Timestamp};
use procedure::{KeeperError, LogKeeper};
use sha2::{Digest as _, Sha256};
use store::{Db, Migration, Schema, StoreError, files, sql};
use translog::{Checkpoint, NoteError, Signer, VerifierKey};

use crate::secrets::{self, SecretError};

pub mod commands;
mod new_log;

pub use new_log::{Break, breaks, new_log};

/// The tables of this module.
const MIGRATION: Migration = Migration {
    id: "app/0001_house",
    script: include_str!("../migrations/0001_house.sql"),
};

/// What the program itself keeps.
pub const SCHEMA: Schema = Schema {
    name: "app",
    migrations: &[MIGRATION],
    statements: || [STATEMENTS, new_log::STATEMENTS].concat(),
    checks: &[],
};

store::statements! {
    KNOWN = "SELECT name, fingerprint FROM house_key ORDER BY name";
    NOTE = "INSERT INTO house_key (name, fingerprint, noted_at) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO NOTHING";
    FORGET = "DELETE FROM house_key WHERE name = $1";
}

/// The names of the keys: of the site, of sealed secrets, of the log.
pub const NAMES: [&str; 3] = [SITE, SEAL, LOG];
const SITE: &str = "site";
const SEAL: &str = "seal";
const LOG: &str = "log";

/// Why a house does not start with the keys it finds.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A key's file cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database knows a key whose file is not there.
    #[error(
        "缺少密钥文件 {path}。这个数据库一直使用这把密钥，请从原来的机器或密钥备份中取回；确实永远丢失的，运行 {way} · the key \
         file {path} is missing. This database has always been used with it: bring it back from the old machine or from the \
         copy of the keys. If it is lost for good, run {way}"
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// The command for whoever has lost it.
        way: String,
    },
    /// The file holds another key than the database knows.
    #[error(
        "密钥文件 {path} 不是这个数据库一直使用的那一份，请从原来的机器或密钥备份中取回；确实永远丢失的，运行 {way} · the key file \
         {path} is not the one this database has always been used with: bring that one back from the old machine or from \
         the copy of the keys. If it is lost for good, run {way}"
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// The command for whoever has lost the right one.
        way: String,
    },
    /// The configuration gives the log another name.
    #[error(
        "透明日志的名称一直是 {known}，配置项 log.origin 却是 {asked}。名称写在每个签名里，不能改 · the log's name has always been \
         {known}, but log.origin says {asked}. The name stands in every signature and cannot change"
    )]
    Origin {
        /// The name that the database knows.
        known: String,
        /// The name in the configuration.
        asked: String,
    },
    /// The log has entries, but nothing says how far it was signed.
    #[error(
        "缺少签名记录 {0}。没有它就不知道日志签名公布到了哪里，请从原来的机器取回；确实永远丢失的，运行 quancheng keys new-log · \
         {0} is missing. Without it nobody knows how far the log was signed and made public: bring it back from the old \
         machine. If it is lost for good, run quancheng keys new-log"
    )]
    NoNote(PathBuf),
    /// The log in the database is not the one that was signed.
    #[error(
        "不能接着签这个透明日志：请恢复较新的备份，或运行 quancheng keys new-log 另起一个日志并公开说明 · this log cannot be signed \
         any further: restore a newer backup, or begin a new log with quancheng keys new-log, which says so in public"
    )]
    Forked(#[source] KeeperError),
    /// The data folder was somewhere else before.
    #[error(
        "数据文件夹原来在 {from}，现在在 {here}。如果是搬过来的，请先确认原处不再运行，再运行 quancheng keys moved；如果只是\
         拿来试用的副本，请运行 quancheng keys new-log：两份各自签名，日志就会前后矛盾 · the data folder was at {from} and is at \
         {here} now. If it was moved, make sure that nothing runs at the old place any more, and run quancheng keys moved. \
         If it is a copy to try things with, run quancheng keys new-log: two that both sign would contradict each other"
    )]
    Moved {
        /// Where it was.
        from: String,
        /// Where it is.
        here: String,
    },
    /// The log cannot have this name.
    #[error("log.origin: {0}")]
    Name(String, #[source] NoteError),
    /// The new log would have the old one's name.
    #[error(
        "新日志不能沿用旧名称 {0}：请给 log.origin 一个新名称，或不填 · a new log cannot keep the old name {0}: give log.origin a \
         new one, or leave it empty"
    )]
    SameName(String),
    /// A file cannot be read or written.
    #[error("{0} 无法读写 · {0} cannot be read or written")]
    File(PathBuf, #[source] io::Error),
    /// What the log's keeper says.
    #[error(transparent)]
    Keeper(KeeperError),
    /// What the database says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeeperError> for KeyError {
    fn from(error: KeeperError) -> Self {
        match error {
            KeeperError::Forked { .. } => Self::Forked(error),
            other => Self::Keeper(other),
        }
    }
}

/// What every function here returns.
pub type Result<T, E = KeyError> = std::result::Result<T, E>;

/// Where the keys are, and what the log is called.
#[derive(Debug, Clone)]
pub struct Place {
    /// The data folder.
    pub folder: PathBuf,
    /// The log's key, when it is not in the data folder.
    pub log_file: Option<PathBuf>,
    /// What the configuration calls the log, if it says.
    pub origin: Option<String>,
    /// What a new log is called otherwise.
    pub new_origin: String,
}

impl Place {
    fn of(&self, name: &str) -> PathBuf {
        match name {
            SITE => self.folder.join(secrets::SITE),
            SEAL => self.folder.join(secrets::SEAL),
            _ => match &self.log_file {
                Some(file) => file.clone(),
                None => self.folder.join(secrets::LOG),
            },
        }
    }

    /// The note of what was signed last.
    #[must_use]
    pub fn signed(&self) -> PathBuf {
        self.folder.join(secrets::SIGNED)
    }

    fn missing(&self, name: &str) -> KeyError {
        let (path, way) = (self.of(name), way(name));
        KeyError::Missing { path, way }
    }

    fn other(&self, name: &str) -> KeyError {
        let (path, way) = (self.of(name), way(name));
        KeyError::Other { path, way }
    }
}

/// What to run when a key is lost.
fn way(name: &str) -> String {
    match name {
        LOG => "quancheng keys new-log".to_owned(),
        other => format!("quancheng keys forget {other}"),
    }
}

/// The keys of a deployment.
#[derive(Clone)]
pub struct Keys {
    /// Of form tokens and receipt codes.
    pub site: [u8; 32],
    /// Of second-factor secrets at rest.
    pub seal: SealKey,
    /// Who signs the log.
    pub log: Arc<LogKeeper>,
}

type Known = BTreeMap<String, String>;

/// The fingerprints that the database knows.
pub async fn known(db: &Db) -> store::Result<Known> {
    let rows: Vec<(String, String)> = sql(KNOWN).all(db).await?;
    Ok(rows.into_iter().collect())
}

/// The keys in the files of `place`, which must be those that `db` knows. A database that knows none
/// gets fresh ones.
///
/// # Errors
/// [`KeyError`]; nothing was signed then.
pub async fn open(
    db: &Db,
    place: &Place,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Keys> {
    let before = known(db).await?;
    let secret = |name: &str| match before.get(name) {
        Some(_) => secrets::load(&place.of(name))?.ok_or_else(|| place.missing(name)),
        None => Ok(secrets::load_or_make(&place.of(name), entropy)?),
    };
    let (log, site, seal) = (secret(LOG)?, secret(SITE)?, secret(SEAL)?);
    let signer = signer(place, before.get(LOG), log)?;
    let mine = [
        (LOG, signer.verifier_key()),
        (SITE, fingerprint(SITE, &site)),
        (SEAL, fingerprint(SEAL, &seal)),
    ];
    note(db, &mine, &before, clock.now()).await?;
    let now = known(db).await?;
    if let Some((name, _)) = mine
        .iter()
        .find(|(name, mine)| now.get(*name) != Some(mine))
    {
        return Err(place.other(name));
    }
    let note = place.signed();
    if before.contains_key(LOG) && !note.exists() && procedure::head(db).await?.size > 0 {
        return Err(KeyError::NoNote(note));
    }
    let log = LogKeeper::new(signer, note);
    // Proves that the log goes on from where it was signed last.
    log.head(db).await?;
    Ok(Keys {
        site,
        seal: SealKey::new(seal),
        log: Arc::new(log),
    })
}

fn signer(place: &Place, known: Option<&String>, secret: [u8; 32]) -> Result<Signer> {
    let known = known.and_then(|key| VerifierKey::parse(key).ok());
    let origin = match (&place.origin, &known) {
        (Some(asked), Some(known)) if asked != known.name() => {
            return Err(KeyError::Origin {
                known: known.name().to_owned(),
                asked: asked.clone(),
            });
        }
        (_, Some(known)) => known.name(),
        (Some(asked), None) => asked,
        (None, None) => &place.new_origin,
    };
    Signer::new(origin, secret).map_err(|error| KeyError::Name(origin.to_owned(), error))
}

/// Tells a key from others without telling it.
fn fingerprint(name: &str, secret: &[u8; 32]) -> String {
    let mut digest = Sha256::new();
    digest.update(b"quancheng key ");
    digest.update(name);
    digest.update(secret);
    hex::encode(&digest.finalize()[..16])
}

async fn note(
    db: &Db,
    mine: &[(&str, String)],
    before: &Known,
    now: Timestamp,
) -> store::Result<()> {
    let new: Vec<_> = mine
        .iter()
        .filter(|(name, _)| !before.contains_key(*name))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin(Actor::System).await?;
    for (name, fingerprint) in new {
        let note = sql(NOTE).bind(*name).bind(fingerprint).bind(now);
        note.execute(&mut tx).await?;
    }
    tx.commit().await
}

/// Whether the data folder is where it always was: of a folder and its copy only one may sign.
///
/// # Errors
/// [`KeyError::Moved`], or a file that cannot be read or written.
pub fn check_place(folder: &Path) -> Result<()> {
    let (file, here) = (folder.join(secrets::PLACE), canonical(folder)?);
    match fs::read_to_string(&file) {
        Ok(from) if from.trim_end() == here => Ok(()),
        Ok(from) => Err(KeyError::Moved {
            from: from.trim_end().to_owned(),
            here,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => settle_in(folder),
        Err(error) => Err(KeyError::File(file, error)),
    }
}

/// Notes that the data folder belongs where it is now.
///
/// # Errors
/// A file that cannot be written.
pub fn settle_in(folder: &Path) -> Result<()> {
    let (file, here) = (folder.join(secrets::PLACE), canonical(folder)?);
    files::write_private(&file, format!("{here}\n").as_bytes())
        .map_err(|error| KeyError::File(file, error))
}

fn canonical(folder: &Path) -> Result<String> {
    let path = folder.canonicalize();
    let path = path.map_err(|error| KeyError::File(folder.to_owned(), error))?;
    Ok(path.display().to_string())
}

/// How a key's file stands to what the database knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the right one.
    Right,
    /// The database knows none yet.
    New,
    /// It is not there.
    Missing,
    /// It holds another key.
    Other,
    /// It cannot be read, or others can read it too.
    Unreadable,
}

/// One key as the database and the folder know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Which one.
    pub name: &'static str,
    /// Its file.
    pub path: PathBuf,
    /// The fingerprint that the database knows.
    pub known: Option<String>,
    /// How the file stands to it.
    pub standing: Standing,
}

impl Seen {
    /// Whether a start would take it.
    #[must_use]
    pub fn well(&self) -> bool {
        matches!(self.standing, Standing::Right | Standing::New)
    }
}

/// Every key with its file. Nothing is made.
///
/// # Errors
/// What the database says.
pub async fn look(db: &Db, place: &Place) -> Result<Vec<Seen>> {
    let known = known(db).await?;
    let seen = |name: &'static str| {
        let known = known.get(name);
        let standing = match (secrets::load(&place.of(name)), known) {
            (Err(_), _) => Standing::Unreadable,
            (Ok(_), None) => Standing::New,
            (Ok(None), Some(_)) => Standing::Missing,
            (Ok(Some(secret)), Some(known)) if holds(place, name, secret, known) => Standing::Right,
            (Ok(Some(_)), Some(_)) => Standing::Other,
        };
        Seen {
            name,
            path: place.of(name),
            known: known.cloned(),
            standing,
        }
    };
    Ok(NAMES.map(seen).into())
}

/// The head that was signed last under the log's key; nothing when there is no note or no key yet.
///
/// # Errors
/// A note that another key signed, or that cannot be read.
pub async fn last_signed(db: &Db, place: &Place) -> Result<Option<Checkpoint>> {
    let known = known(db).await?;
    let key = known.get(LOG).and_then(|key| VerifierKey::parse(key).ok());
    let path = place.signed();
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| KeyError::File(path.clone(), error))?,
    };
    let opened = key.map(|key| translog::open_checkpoint(&text, &key));
    opened
        .transpose()
        .map_err(|source| KeeperError::Foreign { path, source }.into())
}

fn holds(place: &Place, name: &str, secret: [u8; 32], known: &String) -> bool {
    match name {
        LOG => signer(place, Some(known), secret).is_ok_and(|own| own.verifier_key() == *known),
        _ => fingerprint(name, &secret) == *known,
    }
}

/// Lets the database forget a key that is lost; the next start notes the one it finds, or makes one.
///
/// # Errors
/// What the database says.
pub async fn forget(db: &Db, name: &str) -> Result<bool> {
    let mut tx = db.begin(Actor::System).await?;
    let gone = sql(FORGET).bind(name).execute(&mut tx).await?;
    tx.commit().await?;
    Ok(gone == 1)
}

#[cfg(test)]
mod tests;
