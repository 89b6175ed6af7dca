//! Accounts (账号): a person's way in, the roles it holds, and what happened to it.

use kernel::{AccountEventId, AccountId, CongressId, PersonId, Role, Timestamp};
use store::{Db, Target, Tx, sql};
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    Action, DirectoryError, Gate, Page, Result, authorize, authorize::incompatible,
    codes::random_code, paging, second_factor, sessions,
};

/// An account, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The person behind it.
    pub person_id: PersonId,
    /// The person's name.
    pub name: String,
    /// The sign-in name.
    pub login: String,
    /// Whether the password was given by somebody else and has to be changed.
    pub must_change: bool,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// A role in a congress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// In which congress.
    pub congress: CongressId,
    /// Which role.
    pub role: Role,
}

/// Something that happened to an account.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Event {
    /// Its id.
    pub id: AccountEventId,
    /// Whose account.
    pub account_id: AccountId,
    /// What, such as `signed_in`; an [`EventKind`]'s word.
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// Who did it; none for the system.
    pub by_account: Option<AccountId>,
    /// From which network, for sign-ins.
    pub network: Option<String>,
}

/// What can happen to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// It was made.
    Made,
    /// Its person signed in.
    SignedIn,
    /// Its person signed in with a recovery code.
    Recovered,
    /// A sign-in with its name failed.
    Failed,
    /// Its person changed the password.
    PasswordChanged,
    /// An administrator gave it a new password.
    PasswordReset,
    /// A second factor was enrolled.
    FactorEnrolled,
    /// An administrator took the second factor away.
    FactorReset,
    /// A role was given.
    RoleGranted,
    /// A role was taken.
    RoleRevoked,
    /// It was bound to a person at the identity provider.
    IdentityBound,
    /// It was closed.
    Closed,
}

impl EventKind {
    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::SignedIn => "signed_in",
            Self::Recovered => "recovered",
            Self::Failed => "failed",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::FactorEnrolled => "factor_enrolled",
            Self::FactorReset => "factor_reset",
            Self::RoleGranted => "role_granted",
            Self::RoleRevoked => "role_revoked",
            Self::IdentityBound => "identity_bound",
            Self::Closed => "closed",
        }
    }
}

/// Characters of a sign-in name at most.
pub const LOGIN_MOST: usize = 64;

const INSERT: &str = "INSERT INTO account (id, person_id, login, password_hash, password_at, must_change, made_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $5)";
const BY_ID: &str = "SELECT a.id, a.person_id, p.name, a.login, a.must_change, a.made_at, a.closed_at \
    FROM account a JOIN person p ON p.id = a.person_id WHERE a.id = $1";
const BY_LOGIN: &str = "SELECT a.id, a.person_id, p.name, a.login, a.must_change, a.made_at, a.closed_at \
    FROM account a JOIN person p ON p.id = a.person_id WHERE a.login = $1";
const LIST: &str = "SELECT a.id, a.person_id, p.name, a.login, a.must_change, a.made_at, a.closed_at \
    FROM account a JOIN person p ON p.id = a.person_id WHERE a.id > $2 AND EXISTS \
    (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.congress_id = $1) ORDER BY a.id LIMIT $3";
const ROLES: &str =
    "SELECT congress_id, role FROM account_role WHERE account_id = $1 ORDER BY congress_id, role";
const GRANT: &str = "INSERT INTO account_role (account_id, congress_id, role, granted_at, granted_by) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, congress_id, role) DO NOTHING";
const TAKE: &str =
    "DELETE FROM account_role WHERE account_id = $1 AND congress_id = $2 AND role = $3";
const SET_PASSWORD: &str = "UPDATE account SET password_hash = $2, password_at = $3, must_change = $4 WHERE id = $1 AND closed_at IS NULL";
const CLOSE: &str = "UPDATE account SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL";
const NOTE: &str = "INSERT INTO account_event (id, account_id, what, at, by_account, network) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const EVENTS: &str = "SELECT id, account_id, what, at, by_account, network FROM account_event \
    WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3";

/// A sign-in name as it is stored and compared: normal form, lower case.
///
/// # Errors
/// [`DirectoryError::Invalid`] with `empty`, `too-long` or `characters`.
pub fn login(typed: &str) -> Result<String> {
    let login: String = typed.trim().nfkc().flat_map(char::to_lowercase).collect();
    let right = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    let reason = if login.is_empty() {
        "empty"
    } else if login.chars().count() > LOGIN_MOST {
        "too-long"
    } else if !login.chars().all(right) {
        "characters"
    } else {
        return Ok(login);
    };
    Err(DirectoryError::Invalid {
        field: "login",
        reason,
    })
}

/// A password somebody else hands over, to be changed at the first sign-in.
#[derive(Clone, PartialEq, Eq)]
pub struct InitialPassword(String);

impl InitialPassword {
    /// Eighty random bits in four groups.
    #[must_use]
    pub fn new(entropy: &dyn kernel::Entropy) -> Self {
        Self(random_code(entropy))
    }

    /// To be shown once to who hands it over.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for InitialPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InitialPassword(…)")
    }
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// The person behind it.
    pub person: PersonId,
    /// The sign-in name.
    pub login: &'a str,
    /// The hash of its password ([`crate::passwords::Hasher::hash`]); none for an account that
    /// only signs in through the identity provider.
    pub password_hash: Option<&'a str>,
    /// Whether the password has to be changed at the first sign-in.
    pub password: PasswordState,
    /// Its first roles.
    pub grants: &'a [Grant],
}

/// Whose choice a password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordState {
    /// Handed over by somebody else, to be changed.
    Initial,
    /// The person's own.
    Own,
}

/// Makes an account with its first roles.
///
/// # Errors
/// [`DirectoryError::Refused`], `Taken { what: "login" }`, `Invalid` or `Incompatible`.
pub async fn create(gate: &Gate, tx: &mut Tx, new: &NewAccount<'_>) -> Result<AccountId> {
    let congress = new.grants.first().map(|grant| grant.congress);
    authorize(tx.actor(), Action::KeepAccounts, congress)?;
    let (id, now) = (
        AccountId::new(gate.clock.now(), &*gate.entropy),
        gate.clock.now(),
    );
    let query = sql(INSERT)
        .bind(id)
        .bind(new.person)
        .bind(login(new.login)?)
        .bind(new.password_hash)
        .bind(now);
    let query = query.bind(new.password == PasswordState::Initial);
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("login"))?;
    note(gate, tx, id, EventKind::Made, None).await?;
    for grant in new.grants {
        give_role(gate, tx, id, grant).await?;
    }
    Ok(id)
}

/// The account with this id.
///
/// # Errors
/// [`DirectoryError::Missing`]; what the database says.
pub async fn find(on: impl Target, id: AccountId) -> Result<Account> {
    sql(BY_ID)
        .bind(id)
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("account"))
}

/// The account with this sign-in name, for administrators.
///
/// # Errors
/// What the database says.
pub async fn by_login(on: impl Target, typed: &str) -> Result<Option<Account>> {
    let Ok(login) = login(typed) else {
        return Ok(None);
    };
    Ok(sql(BY_LOGIN).bind(login).optional(on).await?)
}

/// The accounts that hold a role in a congress, in the order they were made.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &Db,
    congress: CongressId,
    after: Option<AccountId>,
    size: u32,
) -> Result<Page<Account, AccountId>> {
    let query = sql(LIST)
        .bind(congress)
        .bind(paging::after(after))
        .bind(paging::fetch(size));
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Account| row.id))
}

/// The roles an account holds.
///
/// # Errors
/// What the database says.
pub async fn roles(on: impl Target, id: AccountId) -> Result<Vec<Grant>> {
    let rows: Vec<(CongressId, String)> = sql(ROLES).bind(id).all(on).await?;
    let grant = |(congress, word): (CongressId, String)| {
        Role::parse(&word).map(|role| Grant { congress, role })
    };
    Ok(rows.into_iter().filter_map(grant).collect())
}

/// Gives a role. The account's sessions end: it signs in again with what it may do now.
///
/// # Errors
/// [`DirectoryError::Refused`], `OwnRoles`, `Incompatible`, or `Invalid` for a role nobody holds
/// by grant.
pub async fn give_role(gate: &Gate, tx: &mut Tx, id: AccountId, grant: &Grant) -> Result<()> {
    may_change_roles(tx, id, grant)?;
    let mut held: Vec<Role> = roles(&mut *tx, id)
        .await?
        .into_iter()
        .map(|grant| grant.role)
        .collect();
    held.push(grant.role);
    held.dedup();
    held.sort_unstable();
    held.dedup();
    if let Some((one, other)) = incompatible(&held) {
        return Err(DirectoryError::Incompatible(one, other));
    }
    let by = tx.actor().signed_in().map(|who| who.account);
    let query = sql(GRANT)
        .bind(id)
        .bind(grant.congress)
        .bind(grant.role.as_str())
        .bind(gate.clock.now());
    if query.bind(by).execute(&mut *tx).await? == 1 {
        sessions::revoke_all(tx, id).await?;
        note(gate, tx, id, EventKind::RoleGranted, None).await?;
    }
    Ok(())
}

/// Takes a role. The account's sessions end.
///
/// # Errors
/// [`DirectoryError::Refused`] or `OwnRoles`.
pub async fn take_role(gate: &Gate, tx: &mut Tx, id: AccountId, grant: &Grant) -> Result<()> {
    may_change_roles(tx, id, grant)?;
    let query = sql(TAKE)
        .bind(id)
        .bind(grant.congress)
        .bind(grant.role.as_str());
    if query.execute(&mut *tx).await? == 1 {
        sessions::revoke_all(tx, id).await?;
        note(gate, tx, id, EventKind::RoleRevoked, None).await?;
    }
    Ok(())
}

fn may_change_roles(tx: &Tx, id: AccountId, grant: &Grant) -> Result<()> {
    authorize(tx.actor(), Action::GrantRoles, Some(grant.congress))?;
    if tx.actor().signed_in().is_some_and(|who| who.account == id) {
        return Err(DirectoryError::OwnRoles);
    }
    if matches!(grant.role, Role::Resident | Role::System) {
        return Err(DirectoryError::Invalid {
            field: "role",
            reason: "not-granted",
        });
    }
    Ok(())
}

/// Refuses unless the actor keeps the accounts of a congress this one belongs to.
async fn may_keep(tx: &mut Tx, id: AccountId) -> Result<()> {
    find(&mut *tx, id).await?;
    let actor = tx.actor().clone();
    let places = sessions::congresses(&mut *tx, id).await?;
    let here =
        |congress: &CongressId| authorize(&actor, Action::KeepAccounts, Some(*congress)).is_ok();
    if places.is_empty() {
        return authorize(&actor, Action::KeepAccounts, None);
    }
    if places.iter().any(here) {
        Ok(())
    } else {
        Err(DirectoryError::Refused(Action::KeepAccounts))
    }
}

/// Gives the account a password by an administrator's hand (its hash, from
/// [`crate::passwords::hash_initial`]); the sessions end and the person has to change it.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("account")`.
pub async fn reset_password(gate: &Gate, tx: &mut Tx, id: AccountId, hash: &str) -> Result<()> {
    may_keep(tx, id).await?;
    set_password(gate, tx, id, hash, PasswordState::Initial).await?;
    sessions::revoke_all(tx, id).await?;
    note(gate, tx, id, EventKind::PasswordReset, None).await
}

pub(crate) async fn set_password(
    gate: &Gate,
    tx: &mut Tx,
    id: AccountId,
    hash: &str,
    state: PasswordState,
) -> Result<()> {
    let query = sql(SET_PASSWORD)
        .bind(id)
        .bind(hash)
        .bind(gate.clock.now())
        .bind(state == PasswordState::Initial);
    if query.execute(tx).await? == 1 {
        Ok(())
    } else {
        Err(DirectoryError::Missing("account"))
    }
}

/// Takes the second factor away, for a person who lost their telephone; the sessions end and they
/// enrol again.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("account")`.
pub async fn reset_second_factor(gate: &Gate, tx: &mut Tx, id: AccountId) -> Result<()> {
    may_keep(tx, id).await?;
    second_factor::remove(tx, id).await?;
    sessions::revoke_all(tx, id).await?;
    note(gate, tx, id, EventKind::FactorReset, None).await
}

/// Closes an account for good; its past acts keep its name.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("account")`.
pub async fn close(gate: &Gate, tx: &mut Tx, id: AccountId) -> Result<()> {
    may_keep(tx, id).await?;
    sql(CLOSE)
        .bind(id)
        .bind(gate.clock.now())
        .execute(&mut *tx)
        .await?;
    sessions::revoke_all(tx, id).await?;
    note(gate, tx, id, EventKind::Closed, None).await
}

/// Writes down what happened to an account.
pub(crate) async fn note(
    gate: &Gate,
    tx: &mut Tx,
    id: AccountId,
    what: EventKind,
    network: Option<&str>,
) -> Result<()> {
    let now = gate.clock.now();
    let by = tx.actor().signed_in().map(|who| who.account);
    let query = sql(NOTE)
        .bind(AccountEventId::new(now, &*gate.entropy))
        .bind(id)
        .bind(what.as_str());
    query.bind(now).bind(by).bind(network).execute(tx).await?;
    Ok(())
}

/// What happened to an account, oldest first.
///
/// # Errors
/// What the database says.
pub async fn events(
    db: &Db,
    id: AccountId,
    after: Option<AccountEventId>,
    size: u32,
) -> Result<Page<Event, AccountEventId>> {
    let query = sql(EVENTS)
        .bind(id)
        .bind(paging::after(after))
        .bind(paging::fetch(size));
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Event| row.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_the_same_however_it_is_typed() {
        assert_eq!(login(" Zhang.Wei ").unwrap(), "zhang.wei");
        assert_eq!(login("ｚｈａｎｇ").unwrap(), "zhang");
        assert_eq!(login("张伟01").unwrap(), "张伟01");
        assert!(login("a b").is_err() && login("").is_err() && login(&"x".repeat(65)).is_err());
    }
}
