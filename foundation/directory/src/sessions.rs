//! Signed-in browsers and programs. The cookie holds a random token of 256 bits, the table only its SHA-256.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{
    AccountId, Actor, CongressId, DeputyId, Entropy, PersonId, Role, SessionId, Timestamp,
    actor::SignedIn,
};
use store::{Db, Target, Tx, sql};

use crate::{
    Action, DirectoryError, Gate, Result,
    accounts::{self, Account},
    audit::{self, Act, Object},
    authorize,
    codes::sha256,
    second_factor,
};

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
/// Seconds for which a proof of password and second factor is good.
pub const PROOF_SECONDS: i64 = 10 * 60;
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
    pub congress: CongressId,
    /// What is still to do before work.
    pub stage: Stage,
    /// Who acts: a resident until the stage is [`Stage::Full`].
    pub actor: Actor,
    /// Whether password and second factor were shown again within [`PROOF_SECONDS`].
    pub proved: bool,
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
    congress_id: CongressId,
    person_id: PersonId,
    login: String,
    name: String,
    must_change: bool,
    has_password: bool,
    password_at: Option<Timestamp>,
    factor_at: Option<i64>,
    proved_at: Option<Timestamp>,
    confirmed_at: Option<i64>,
    made_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
}

store::statements! {
    INSERT = "INSERT INTO session (id, account_id, token_hash, made_at, seen_at, factor_at, expires_at, network, device) \
        VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)";
    FIND = "SELECT s.id, s.account_id, a.congress_id, a.person_id, a.login, p.name, a.must_change, \
        a.password_hash IS NOT NULL AS has_password, a.password_at, s.factor_at, s.proved_at, t.confirmed_at, s.made_at, s.seen_at, s.expires_at \
        FROM session s JOIN account a ON a.id = s.account_id JOIN person p ON p.id = a.person_id \
        LEFT JOIN account_totp t ON t.account_id = a.id \
        WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND a.congress_id = $4 AND a.closed_at IS NULL";
    ROLES = "SELECT role FROM account_role WHERE account_id = $1 ORDER BY role";
    SEAT = "SELECT id FROM deputy WHERE person_id = $1 AND congress_id = $2 AND state = 'seated' \
        ORDER BY id DESC LIMIT 1";
    TOUCH = "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
    ROTATE = "UPDATE session SET token_hash = $2 WHERE id = $1";
    PASS_FACTOR = "UPDATE session SET factor_at = $2, token_hash = $3 WHERE id = $1";
    PROVE = "UPDATE session SET proved_at = $2 WHERE id = $1";
    LIST = "SELECT id, made_at, seen_at, network, device FROM session \
        WHERE account_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY id DESC LIMIT 100";
    REVOKE = "DELETE FROM session WHERE id = $1 AND account_id = $2";
    REVOKE_OTHERS = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
    REVOKE_ALL = "DELETE FROM session WHERE account_id = $1";
    TRIM = "DELETE FROM session WHERE account_id = $1 AND id NOT IN \
        (SELECT id FROM session WHERE account_id = $1 ORDER BY id DESC LIMIT $2)";
    PURGE = "DELETE FROM session WHERE expires_at <= $1";
}

/// Opens a session for an account that has just proved who it is, with or without its second
/// factor.
pub(crate) async fn open(
    gate: &Gate,
    tx: &mut Tx,
    account: AccountId,
    device: &str,
    factor: bool,
) -> Result<Token> {
    let (rules, now) = (&gate.rules.sessions, gate.clock.now());
    let (id, token) = (
        SessionId::new(now, &*gate.entropy),
        Token::new(&*gate.entropy),
    );
    let device: String = device
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let query = sql(INSERT)
        .bind(id)
        .bind(account)
        .bind(sha256(&token.0))
        .bind(now)
        .bind(factor.then_some(now));
    query
        .bind(now.plus_seconds(rules.absolute_seconds))
        .bind(gate.network.as_str())
        .bind(device)
        .execute(&mut *tx)
        .await?;
    let query = sql(TRIM).bind(account).bind(SESSIONS_MOST);
    query.execute(&mut *tx).await?;
    let due = !factor
        && (rules.second_factor == SecondFactor::Required
            || second_factor::is_confirmed(&mut *tx, account).await?);
    if !due {
        let account = accounts::find(&mut *tx, account).await?;
        let own = Object::own(account.congress_id, account.id);
        accounts::entered(gate, tx, own, account.id).await?;
    }
    Ok(token)
}

/// The running session this token belongs to, on the site of `congress`. Writes "last seen" at most
/// once a minute.
pub(crate) async fn find(
    gate: &Gate,
    congress: CongressId,
    token: &str,
) -> Result<Option<Session>> {
    // A token has 43 characters; do not look up anything else.
    if token.len() != 43 {
        return Ok(None);
    }
    let (db, rules, now) = (&gate.db, &gate.rules.sessions, gate.clock.now());
    let query = sql(FIND)
        .bind(sha256(token))
        .bind(now)
        .bind(now.plus_seconds(-rules.idle_seconds))
        .bind(congress);
    let Some(row) = query.optional::<Row>(db).await? else {
        return Ok(None);
    };
    let stage = stage(&row, gate);
    if stage == Stage::SecondFactor && row.made_at.plus_seconds(FACTOR_SECONDS) <= now {
        return Ok(None);
    }
    if row.seen_at.plus_seconds(SEEN_EVERY) <= now {
        touch(db, row.id, now).await?;
    }
    let actor = actor(db, &row, stage).await?;
    let proved = |at: Timestamp| at.plus_seconds(PROOF_SECONDS) > now;
    Ok(Some(Session {
        id: row.id,
        account: row.account_id,
        person: row.person_id,
        login: row.login,
        name: row.name,
        congress: row.congress_id,
        stage,
        actor,
        proved: row.proved_at.is_some_and(proved),
        expires_at: row.expires_at,
    }))
}

fn stage(row: &Row, gate: &Gate) -> Stage {
    let required = gate.rules.sessions.second_factor == SecondFactor::Required;
    match (row.confirmed_at, row.factor_at) {
        (Some(_), None) => Stage::SecondFactor,
        (None, None) if required => Stage::Enrol,
        // Who has no password has none to change.
        _ if row.has_password && (row.must_change || is_old(row, gate)) => Stage::NewPassword,
        _ => Stage::Full,
    }
}

/// Whether the password has been used for as long as it may be.
fn is_old(row: &Row, gate: &Gate) -> bool {
    let last = row.password_at.zip(gate.rules.password_seconds);
    last.is_some_and(|(at, seconds)| at.plus_seconds(seconds) <= gate.clock.now())
}

async fn actor(db: &Db, row: &Row, stage: Stage) -> Result<Actor> {
    if stage != Stage::Full {
        return Ok(Actor::Resident);
    }
    let words: Vec<(String,)> = sql(ROLES).bind(row.account_id).all(db).await?;
    let query = sql(SEAT).bind(row.person_id).bind(row.congress_id);
    let seat: Option<(DeputyId,)> = query.optional(db).await?;
    let mut roles: Vec<Role> = words
        .iter()
        .filter_map(|(word,)| Role::parse(word))
        .collect();
    // An office that is suspended or has ended takes its role along (代表法).
    roles.retain(|role| *role != Role::Deputy || seat.is_some());
    Ok(Actor::Account(SignedIn {
        account: row.account_id,
        person: row.person_id,
        congress: row.congress_id,
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

/// Marks password and second factor as shown again.
pub(crate) async fn prove(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<()> {
    sql(PROVE).bind(id).bind(now).execute(tx).await?;
    Ok(())
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

async fn running(gate: &Gate, on: impl Target, account: AccountId) -> Result<Vec<Listed>> {
    let now = gate.clock.now();
    let query = sql(LIST)
        .bind(account)
        .bind(now)
        .bind(now.plus_seconds(-gate.rules.sessions.idle_seconds));
    Ok(query.all(on).await?)
}

/// One's own running sessions, the latest first.
///
/// # Errors
/// What the database says.
pub async fn own(gate: &Gate, session: &Session) -> Result<Vec<Listed>> {
    running(gate, &gate.db, session.account).await
}

/// The running sessions of somebody's account, the latest first.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn of(gate: &Gate, actor: &Actor, account: &Account) -> Result<Vec<Listed>> {
    authorize(actor, Action::KeepSessions, account.congress_id)?;
    running(gate, &gate.db, account.id).await
}

/// Ends one of one's own sessions.
///
/// # Errors
/// `Missing("session")`; what the database says.
pub async fn end_own(gate: &Gate, session: &Session, id: SessionId) -> Result<()> {
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    if !revoke(&mut tx, session.account, id).await? {
        return Err(DirectoryError::Missing("session"));
    }
    let act = if id == session.id {
        Act::SignedOut
    } else {
        Act::SessionEnded
    };
    let own = Object::own(session.congress, session.account);
    audit::note(gate, &mut tx, act, own, "").await?;
    Ok(tx.commit().await?)
}

/// Ends one session of somebody's account.
///
/// # Errors
/// [`DirectoryError::Refused`], `Missing("account")` or `Missing("session")`.
pub async fn end(gate: &Gate, tx: &mut Tx, account: AccountId, id: SessionId) -> Result<()> {
    let account = accounts::find(&mut *tx, account).await?;
    authorize(tx.actor(), Action::KeepSessions, account.congress_id)?;
    if !revoke(tx, account.id, id).await? {
        return Err(DirectoryError::Missing("session"));
    }
    audit::note(gate, tx, Act::SessionEnded, Object::account(&account), "").await
}

async fn revoke(tx: &mut Tx, account: AccountId, id: SessionId) -> Result<bool> {
    Ok(sql(REVOKE).bind(id).bind(account).execute(tx).await? == 1)
}

/// Ends all sessions of an account but one.
pub(crate) async fn revoke_others(tx: &mut Tx, account: AccountId, keep: SessionId) -> Result<()> {
    let query = sql(REVOKE_OTHERS).bind(account).bind(keep);
    query.execute(tx).await?;
    Ok(())
}

/// Ends all sessions of an account.
pub(crate) async fn revoke_all(tx: &mut Tx, account: AccountId) -> Result<()> {
    sql(REVOKE_ALL).bind(account).execute(tx).await?;
    Ok(())
}

/// Removes sessions that have ended.
pub(crate) async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    Ok(sql(PURGE).bind(now).execute(tx).await?)
}
