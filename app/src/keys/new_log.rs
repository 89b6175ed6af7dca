//! A new log where the old one cannot be gone on with: its key or its latest entries are lost, or
//! the folder is a copy. It says so in public.

use std::{
    io,
    path::{Path, PathBuf},
};

use kernel::{Actor, Clock, Entropy, Timestamp};
use procedure::LogKeeper;
use store::{Db, StoreError, files, sql};
use translog::{Signer, VerifierKey};

use super::{KeyError, LOG, Place, Result, known, last_signed, settle_in};
use crate::secrets;

store::statements! {
    RENEW = "UPDATE house_key SET fingerprint = $2, noted_at = $3 WHERE name = $1";
    BREAKS = "SELECT seq, at, reason, old_key, old_size, old_root, taken_over FROM log_break ORDER BY seq";
    BREAK = "INSERT INTO log_break (seq, at, reason, old_key, old_size, old_root, taken_over)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// Where a log ended and the next began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The how-manieth, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Why, in the operator's words.
    pub reason: String,
    /// The old log's verifier key, which begins with its name.
    pub old_key: String,
    /// Entries under the old log's last signed head, as far as is known.
    pub old_size: Option<i64>,
    /// The root of that head.
    pub old_root: Option<String>,
    /// Entries that the new log took over.
    pub taken_over: i64,
}

/// All breaks, the first one first.
///
/// # Errors
/// What the database says.
pub async fn breaks(db: &Db) -> store::Result<Vec<Break>> {
    type Row = (i64, i64, String, String, Option<i64>, Option<String>, i64);
    let rows: Vec<Row> = sql(BREAKS).all(db).await?;
    let told = |(seq, at, reason, old_key, old_size, old_root, taken_over)| Break {
        seq,
        at: Timestamp::from_micros(at),
        reason,
        old_key,
        old_size,
        old_root,
        taken_over,
    };
    Ok(rows.into_iter().map(told).collect())
}

/// Begins a new log under a new name and key, over the entries that are there, and says so in
/// public. The old key's files stay, under other names.
///
/// # Errors
/// [`KeyError`].
pub async fn new_log(
    db: &Db,
    place: &Place,
    reason: &str,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<LogKeeper> {
    let known = known(db).await?;
    let Some(old_key) = known.get(LOG) else {
        return Err(StoreError::Missing.into());
    };
    let seq = i64::try_from(breaks(db).await?.len()).unwrap_or(i64::MAX - 1) + 1;
    // A note that cannot be read tells nothing more.
    let old = last_signed(db, place).await.ok().flatten();
    let origin = next_origin(place, old_key, seq)?;
    for file in [place.of(LOG), place.signed()] {
        set_aside(&file, seq)?;
    }
    let secret = secrets::load_or_make(&place.of(LOG), entropy)?;
    let signer =
        Signer::new(&origin, secret).map_err(|error| KeyError::Name(origin.clone(), error))?;
    let taken_over = procedure::head(db).await?.size;
    let (size, root) = old.map(|old| (old.size, old.root.to_base64())).unzip();
    let whole = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    let mut tx = db.begin(Actor::System).await?;
    let now = clock.now();
    let renew = sql(RENEW).bind(LOG).bind(signer.verifier_key()).bind(now);
    renew.execute(&mut tx).await?;
    let broken = sql(BREAK).bind(seq).bind(now).bind(reason).bind(old_key);
    let broken = broken
        .bind(size.map(whole))
        .bind(root)
        .bind(whole(taken_over));
    broken.execute(&mut tx).await?;
    tx.commit().await?;
    settle_in(&place.folder)?;
    let keeper = LogKeeper::new(signer, place.signed());
    keeper.head(db).await?;
    Ok(keeper)
}

/// The new log's name: what the configuration says, or the old name with a number.
fn next_origin(place: &Place, old_key: &str, seq: i64) -> Result<String> {
    let old = VerifierKey::parse(old_key).map_err(|error| KeyError::Name(old_key.into(), error))?;
    match &place.origin {
        Some(asked) if asked == old.name() => Err(KeyError::SameName(asked.clone())),
        Some(asked) => Ok(asked.clone()),
        None => Ok(format!("{}/{}", place.new_origin, seq + 1)),
    }
}

fn set_aside(file: &Path, seq: i64) -> Result<()> {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".old-{seq}"));
    let mut aside = PathBuf::from(&name);
    // A try that broke off has left one already.
    let mut again = 1;
    while aside.exists() {
        again += 1;
        aside = PathBuf::from(format!("{}-{again}", name.display()));
    }
    match files::rename_synced(file, &aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(KeyError::File(file.to_owned(), error))
        }
        _ => Ok(()),
    }
}
