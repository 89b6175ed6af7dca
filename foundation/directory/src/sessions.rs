//! Signed-in browsers. The cookie holds a random token of 256 bits, the table only its SHA-256.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{
    AccountId, Actor, CongressId, DeputyId, Entropy, PersonId, Role, SessionId, Timestamp,
    actor::SignedIn,
};
use store::{Db, Target, Tx, sql};

use crate::{DirectoryError, Result, codes::sha256, lockout::Network};

/// What the cookie holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A fresh one.
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0u8; 32];
        entropy.fill(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// For the cookie; nowhere else.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Whether staff and deputies must have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// Who has none enrols one before anything else (GB/T 22239-2019, level 3).
    Required,
    /// Only who has enrolled one is asked for it.
    WhenEnrolled,
}

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// Seconds without a request after which it ends.
    pub idle_seconds: i64,
    /// Seconds after which it ends in any case.
    pub absolute_seconds: i64,
    /// Whether a second factor is a must.
    pub second_factor: SecondFactor,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            idle_seconds: 30 * 60,
            absolute_seconds: 12 * 3600,
            second_factor: SecondFactor::Required,
        }
    }
}

/// "Last seen" is written at most this often, in seconds.
pub const SEEN_EVERY: i64 = 60;
/// Seconds to pass the second factor after the password.
pub const FACTOR_SECONDS: i64 = 10 * 60;
/// Sessions of one account at most; the oldest goes.
pub const SESSIONS_MOST: i64 = 20;

/// What stands between the person and their work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A code of the second factor is due.
    SecondFactor,
    /// A second factor has to be enrolled first.
    Enrol,
    /// The password was given by somebody else and has to be changed.
    NewPassword,
    /// Nothing.
    Full,
}

/// A session that runs.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// The person behind the account.
    pub person: PersonId,
    /// The sign-in name.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The congress acted for.
    pub congress: Option<CongressId>,
    /// What is still to do before work.
    pub stage: Stage,
    /// Who acts: a resident until the stage is [`Stage::Full`].
    pub actor: Actor,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// A session in the list its owner sees.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// Its id.
    pub id: SessionId,
    /// Sign-in.
    pub made_at: Timestamp,
    /// Last request, to the minute.
    pub seen_at: Timestamp,
    /// The network signed in from.
    pub network: String,
    /// What the browser calls itself.
    pub device: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: SessionId,
    account_id: AccountId,
    person_id: PersonId,
    login: String,
    name: String,
    must_change: bool,
    congress_id: Option<CongressId>,
    factor_at: Option<i64>,
    confirmed_at: Option<i64>,
    made_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
}

const INSERT: &str = "INSERT INTO session \
    (id, account_id, congress_id, token_hash, made_at, seen_at, factor_at, expires_at, network, device) \
    VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9)";
const FIND: &str = "SELECT s.id, s.account_id, a.person_id, a.login, p.name, a.must_change, s.congress_id, s.factor_at, \
    t.confirmed_at, s.made_at, s.seen_at, s.expires_at \
    FROM session s JOIN account a ON a.id = s.account_id JOIN person p ON p.id = a.person_id \
    LEFT JOIN account_totp t ON t.account_id = a.id \
    WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND a.closed_at IS NULL";
const ROLES: &str =
    "SELECT role FROM account_role WHERE account_id = $1 AND congress_id = $2 ORDER BY role";
const SEAT: &str = "SELECT id FROM deputy WHERE person_id = $1 AND congress_id = $2 AND state = 'seated' \
    ORDER BY id DESC LIMIT 1";
const CONGRESSES: &str =
    "SELECT DISTINCT congress_id FROM account_role WHERE account_id = $1 ORDER BY congress_id";
const TOUCH: &str = "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
const ROTATE: &str = "UPDATE session SET token_hash = $2 WHERE id = $1";
const PASS_FACTOR: &str = "UPDATE session SET factor_at = $2, token_hash = $3 WHERE id = $1";
const CHOOSE: &str = "UPDATE session SET congress_id = $2, token_hash = $3 WHERE id = $1";
const LIST: &str = "SELECT id, made_at, seen_at, network, device FROM session \
    WHERE account_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY id DESC LIMIT 100";
const REVOKE: &str = "DELETE FROM session WHERE id = $1 AND account_id = $2";
const REVOKE_OTHERS: &str = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
const REVOKE_ALL: &str = "DELETE FROM session WHERE account_id = $1";
const TRIM: &str = "DELETE FROM session WHERE account_id = $1 AND id NOT IN \
    (SELECT id FROM session WHERE account_id = $1 ORDER BY id DESC LIMIT $2)";
const PURGE: &str = "DELETE FROM session WHERE expires_at <= $1";

/// A session to be opened.
pub(crate) struct NewSession<'a> {
    pub account: AccountId,
    pub network: &'a Network,
    pub device: &'a str,
    pub factor_at: Option<Timestamp>,
}

/// Opens a session for an account that has just proved who it is.
pub(crate) async fn open(
    tx: &mut Tx,
    new: &NewSession<'_>,
    rules: &SessionRules,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Token> {
    let congress = congresses(&mut *tx, new.account).await?.first().copied();
    let (id, token) = (SessionId::new(now, entropy), Token::new(entropy));
    let device: String = new
        .device
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let query = sql(INSERT)
        .bind(id)
        .bind(new.account)
        .bind(congress)
        .bind(sha256(&token.0))
        .bind(now);
    let query = query
        .bind(new.factor_at)
        .bind(now.plus_seconds(rules.absolute_seconds));
    query
        .bind(new.network.as_str())
        .bind(device)
        .execute(&mut *tx)
        .await?;
    sql(TRIM)
        .bind(new.account)
        .bind(SESSIONS_MOST)
        .execute(tx)
        .await?;
    Ok(token)
}

/// The running session this token belongs to. Writes "last seen" at most once a minute.
///
/// # Errors
/// What the database says.
pub async fn find(
    db: &Db,
    token: &str,
    rules: &SessionRules,
    now: Timestamp,
) -> Result<Option<Session>> {
    // A token has 43 characters; do not look up anything else.
    if token.len() != 43 {
        return Ok(None);
    }
    let query = sql(FIND)
        .bind(sha256(token))
        .bind(now)
        .bind(now.plus_seconds(-rules.idle_seconds));
    let Some(row) = query.optional::<Row>(db).await? else {
        return Ok(None);
    };
    let stage = stage(&row, rules);
    if stage == Stage::SecondFactor && row.made_at.plus_seconds(FACTOR_SECONDS) <= now {
        return Ok(None);
    }
    if row.seen_at.plus_seconds(SEEN_EVERY) <= now {
        touch(db, row.id, now).await?;
    }
    let actor = actor(db, &row, stage).await?;
    Ok(Some(Session {
        id: row.id,
        account: row.account_id,
        person: row.person_id,
        login: row.login,
        name: row.name,
        congress: row.congress_id,
        stage,
        actor,
        expires_at: row.expires_at,
    }))
}

fn stage(row: &Row, rules: &SessionRules) -> Stage {
    match (row.confirmed_at, row.factor_at) {
        (Some(_), None) => Stage::SecondFactor,
        (None, None) if rules.second_factor == SecondFactor::Required => Stage::Enrol,
        _ if row.must_change => Stage::NewPassword,
        _ => Stage::Full,
    }
}

async fn actor(db: &Db, row: &Row, stage: Stage) -> Result<Actor> {
    let (Stage::Full, Some(congress)) = (stage, row.congress_id) else {
        return Ok(Actor::Resident);
    };
    let words: Vec<(String,)> = sql(ROLES)
        .bind(row.account_id)
        .bind(congress)
        .all(db)
        .await?;
    let seat: Option<(DeputyId,)> = sql(SEAT)
        .bind(row.person_id)
        .bind(congress)
        .optional(db)
        .await?;
    let mut roles: Vec<Role> = words
        .iter()
        .filter_map(|(word,)| Role::parse(word))
        .collect();
    // An office that is suspended or has ended takes its role along (代表法).
    roles.retain(|role| *role != Role::Deputy || seat.is_some());
    Ok(Actor::Account(SignedIn {
        account: row.account_id,
        person: row.person_id,
        congress,
        deputy: seat
            .map(|(id,)| id)
            .filter(|_| roles.contains(&Role::Deputy)),
        name: row.name.clone(),
        roles,
    }))
}

async fn touch(db: &Db, id: SessionId, now: Timestamp) -> Result<()> {
    let mut tx = db.begin(Actor::System).await?;
    sql(TOUCH).bind(id).bind(now).execute(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// The congresses an account holds roles in.
///
/// # Errors
/// What the database says.
pub async fn congresses(on: impl Target, account: AccountId) -> Result<Vec<CongressId>> {
    let rows: Vec<(CongressId,)> = sql(CONGRESSES).bind(account).all(on).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Acts for another congress from now on; the old token ends.
///
/// # Errors
/// `Missing("congress")` when the account holds no role there.
pub async fn choose_congress(
    tx: &mut Tx,
    session: &Session,
    congress: CongressId,
    entropy: &dyn Entropy,
) -> Result<Token> {
    if !congresses(&mut *tx, session.account)
        .await?
        .contains(&congress)
    {
        return Err(DirectoryError::Missing("congress"));
    }
    let token = Token::new(entropy);
    sql(CHOOSE)
        .bind(session.id)
        .bind(congress)
        .bind(sha256(&token.0))
        .execute(tx)
        .await?;
    Ok(token)
}

/// Marks the second factor as passed; the old token ends.
pub(crate) async fn pass_factor(
    tx: &mut Tx,
    id: SessionId,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Token> {
    let token = Token::new(entropy);
    sql(PASS_FACTOR)
        .bind(id)
        .bind(now)
        .bind(sha256(&token.0))
        .execute(tx)
        .await?;
    Ok(token)
}

/// Gives the session a new token; the old one ends.
pub(crate) async fn rotate(tx: &mut Tx, id: SessionId, entropy: &dyn Entropy) -> Result<Token> {
    let token = Token::new(entropy);
    sql(ROTATE)
        .bind(id)
        .bind(sha256(&token.0))
        .execute(tx)
        .await?;
    Ok(token)
}

/// The running sessions of an account, latest first.
///
/// # Errors
/// What the database says.
pub async fn list(
    on: impl Target,
    account: AccountId,
    rules: &SessionRules,
    now: Timestamp,
) -> Result<Vec<Listed>> {
    let query = sql(LIST)
        .bind(account)
        .bind(now)
        .bind(now.plus_seconds(-rules.idle_seconds));
    Ok(query.all(on).await?)
}

/// Ends one session of an account; another account's stays.
///
/// # Errors
/// What the database says.
pub async fn revoke(tx: &mut Tx, account: AccountId, id: SessionId) -> Result<bool> {
    Ok(sql(REVOKE).bind(id).bind(account).execute(tx).await? == 1)
}

/// Ends all sessions of an account but one.
///
/// # Errors
/// What the database says.
pub async fn revoke_others(tx: &mut Tx, account: AccountId, keep: SessionId) -> Result<u64> {
    Ok(sql(REVOKE_OTHERS)
        .bind(account)
        .bind(keep)
        .execute(tx)
        .await?)
}

/// Ends all sessions of an account.
///
/// # Errors
/// What the database says.
pub async fn revoke_all(tx: &mut Tx, account: AccountId) -> Result<u64> {
    Ok(sql(REVOKE_ALL).bind(account).execute(tx).await?)
}

/// Removes sessions that have ended and failures that are forgotten; for a daily job.
///
/// # Errors
/// What the database says.
pub async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    let ended = sql(PURGE).bind(now).execute(&mut *tx).await?;
    Ok(ended + crate::lockout::purge(tx, now).await?)
}
