//! Imports that were made, and the handing over of first passwords to the accounts of one.

use kernel::{AccountId, Actor, CongressId, ImportId, Timestamp};
use store::{Db, Tx, sql};
use uuid::Uuid;

use super::{Upload, insert};
use crate::{
    Action, DirectoryError, Gate, Page, Result,
    accounts::InitialPassword,
    audit::{self, Act, Object},
    authorize, paging, passwords,
};

/// An import that was made.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Run {
    /// Its id.
    pub id: ImportId,
    /// A [`super::Kind`]'s word.
    pub kind: String,
    /// The file's name.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_hash: Vec<u8>,
    /// Rows that went in.
    pub rows: i64,
    /// When.
    pub at: Timestamp,
    /// The sign-in name of who did it; none for the command line.
    pub by: Option<String>,
    /// Accounts it made that nobody has signed in with yet.
    pub unused: i64,
}

macro_rules! runs {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.kind, r.file_name, r.file_hash, r.rows, r.at, b.login AS by, (SELECT COUNT(*) FROM account a \
             WHERE a.import_id = r.id AND a.signed_in_at IS NULL AND a.closed_at IS NULL) AS unused \
             FROM import_run r LEFT JOIN account b ON b.id = r.by_account WHERE r.congress_id = $1 ",
            $rest
        )
    };
}

store::statements! {
    RECORD = "INSERT INTO import_run (id, congress_id, kind, file_name, file_hash, rows, at, by_account) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    FIND = runs!("AND r.id = $2");
    LIST = runs!("AND r.id < $2 ORDER BY r.id DESC LIMIT $3");
    UNUSED = "SELECT a.id, a.login, p.name FROM account a JOIN person p ON p.id = a.person_id \
        WHERE a.import_id = $1 AND a.signed_in_at IS NULL AND a.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM account_role r \
        WHERE r.account_id = a.id AND r.role IN ('admin', 'security', 'auditor')) ORDER BY a.login";
    END_HALF_WAY = "DELETE FROM session WHERE account_id IN \
        (SELECT id FROM account WHERE import_id = $1 AND signed_in_at IS NULL)";
}

const GIVE: &str = "UPDATE account SET password_hash = v.column2, password_at = v.column3, must_change = TRUE FROM (VALUES ";
const GIVE_END: &str = ") AS v WHERE account.id = v.column1 AND account.signed_in_at IS NULL AND account.closed_at IS NULL";

pub(super) async fn record(
    gate: &Gate,
    tx: &mut Tx,
    upload: &Upload<'_>,
    id: ImportId,
    rows: usize,
) -> Result<()> {
    let by = tx.actor().signed_in().map(|who| who.account);
    let name: String = upload
        .file_name
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let query = sql(RECORD)
        .bind(id)
        .bind(upload.congress)
        .bind(upload.kind.as_str())
        .bind(name)
        .bind(upload.table.hash)
        .bind(i64::try_from(rows).unwrap_or(i64::MAX));
    query.bind(gate.clock.now()).bind(by).execute(tx).await?;
    Ok(())
}

/// The imports of a congress, the latest first.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn list(
    db: &Db,
    actor: &Actor,
    congress: CongressId,
    after: Option<ImportId>,
    size: u32,
) -> Result<Page<Run, ImportId>> {
    authorize(actor, Action::SeePeople, congress)?;
    let query = sql(LIST)
        .bind(congress)
        .bind(after.map_or(Uuid::max(), Uuid::from))
        .bind(paging::fetch(size));
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Run| row.id))
}

/// One import of a congress.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("import")`; what the database says.
pub async fn find(db: &Db, actor: &Actor, congress: CongressId, id: ImportId) -> Result<Run> {
    authorize(actor, Action::SeePeople, congress)?;
    let query = sql(FIND).bind(congress).bind(id);
    let run: Option<Run> = query.optional(db).await?;
    run.ok_or(DirectoryError::Missing("import"))
}

/// An account with its first password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogin {
    /// The person's name.
    pub name: String,
    /// The sign-in name.
    pub login: String,
    /// To be changed at the first sign-in.
    pub password: InitialPassword,
}

/// Gives fresh first passwords to all accounts of an import that nobody has signed in with yet, but
/// officers; those given before are good no more. A form that is sent again gives the same ones.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("import")`; what the database says.
pub async fn hand_over(
    gate: &Gate,
    actor: &Actor,
    congress: CongressId,
    id: ImportId,
    nonce: Uuid,
) -> Result<Vec<NewLogin>> {
    authorize(actor, Action::KeepAccounts, congress)?;
    find(&gate.db, actor, congress, id).await?;
    let unused: Vec<(AccountId, String, String)> = sql(UNUSED).bind(id).all(&gate.db).await?;
    let (given, hashed) = away(gate.clone(), unused, nonce).await?;
    let mut tx = gate.db.begin(actor.clone()).await?;
    let now = gate.clock.now();
    let rows = hashed
        .into_iter()
        .map(|(account, hash)| [account.into(), hash.into(), now.into()])
        .collect();
    insert(&mut tx, GIVE, rows, GIVE_END).await?;
    sql(END_HALF_WAY).bind(id).execute(&mut tx).await?;
    let object = Object::new(Some(congress), id);
    let many = given.len().to_string();
    audit::note(gate, &mut tx, Act::PasswordsHandedOver, object, &many).await?;
    tx.commit().await?;
    Ok(given)
}

type Hashed = Vec<(AccountId, String)>;

/// Makes the passwords and their hashes, away from the threads that answer requests.
async fn away(
    gate: Gate,
    unused: Vec<(AccountId, String, String)>,
    nonce: Uuid,
) -> Result<(Vec<NewLogin>, Hashed)> {
    let made = tokio::task::spawn_blocking(move || {
        let one = |(account, login, name)| {
            let password = InitialPassword::of(&gate, nonce, account);
            let hash = passwords::hash_initial(&password, &*gate.entropy);
            let login = NewLogin {
                name,
                login,
                password,
            };
            (login, (account, hash))
        };
        unused.into_iter().map(one).unzip()
    });
    made.await.map_err(|_| DirectoryError::Busy)
}
