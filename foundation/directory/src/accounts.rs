//! Accounts (账号): a person's way into one congress, and the roles it holds there.

use std::collections::HashMap;

use kernel::{AccountId, CongressId, ImportId, PersonId, Role, Timestamp};
use store::{Db, Target, Tx, sql};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::{
    Action, DirectoryError, Gate, Page, Result,
    audit::{self, Act, Object},
    authorize,
    authorize::{incompatible, is_officer},
    codes::printed_code,
    import::look_up,
    lockout, once, paging, passwords,
    people::{self, contains},
    second_factor, sessions,
};

/// An account, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The congress it is a way into.
    pub congress_id: CongressId,
    /// The person behind it.
    pub person_id: PersonId,
    /// The person's name.
    pub name: String,
    /// The sign-in name.
    pub login: String,
    /// Whether it has a password; one that signs in only through the identity provider has none,
    /// and neither has one to which nobody has handed the first password over.
    pub has_password: bool,
    /// Whether the password was given by somebody else and has to be changed.
    pub must_change: bool,
    /// The import that made it.
    pub import_id: Option<ImportId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When its person last signed in; none for one that was never used.
    pub signed_in_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// Characters of a sign-in name at most.
pub const LOGIN_MOST: usize = 64;

/// The roles that can be given.
pub const GIVEN: [Role; 6] = [
    Role::Deputy,
    Role::Clerk,
    Role::Chair,
    Role::Admin,
    Role::Security,
    Role::Auditor,
];

macro_rules! accounts {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.congress_id, a.person_id, p.name, a.login, a.password_hash IS NOT NULL AS has_password, \
             a.must_change, a.import_id, a.made_at, a.signed_in_at, a.closed_at \
             FROM account a JOIN person p ON p.id = a.person_id ",
            $rest
        )
    };
}

store::statements! {
    INSERT = "INSERT INTO account (id, congress_id, person_id, login, password_hash, password_at, must_change, made_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    BY_ID = accounts!("WHERE a.id = $1");
    BY_LOGIN = accounts!("WHERE a.congress_id = $1 AND a.login = $2");
    OF_PERSON = accounts!("WHERE a.congress_id = $1 AND a.person_id = $2 AND a.closed_at IS NULL");
    LIST = accounts!("WHERE a.congress_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3");
    SEARCH = accounts!("WHERE a.congress_id = $1 AND a.id > $2 \
        AND (a.login LIKE $4 ESCAPE '!' OR p.name LIKE $4 ESCAPE '!') ORDER BY a.id LIMIT $3");
    ROLES = "SELECT role FROM account_role WHERE account_id = $1 ORDER BY role";
    ROLES_OF_PERSON = "SELECT DISTINCT r.role FROM account_role r JOIN account a ON a.id = r.account_id \
        WHERE a.person_id = $1 AND a.closed_at IS NULL ORDER BY r.role";
    HOLDERS = "SELECT COUNT(*) FROM account_role r JOIN account a ON a.id = r.account_id \
        WHERE a.congress_id = $1 AND r.role = $2 AND a.closed_at IS NULL";
    GIVE = "INSERT INTO account_role (account_id, role, given_at, given_by) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (account_id, role) DO NOTHING";
    TAKE = "DELETE FROM account_role WHERE account_id = $1 AND role = $2";
    SET_PASSWORD = "UPDATE account SET password_hash = $2, password_at = $3, must_change = $4 WHERE id = $1 AND closed_at IS NULL";
    PASSWORD = "SELECT password_hash FROM account WHERE id = $1";
    ENTERED = "UPDATE account SET signed_in_at = $2 WHERE id = $1";
    CLOSE = "UPDATE account SET closed_at = $2, password_hash = NULL WHERE id = $1 AND closed_at IS NULL";
    UNBIND_ALL = "DELETE FROM account_identity WHERE account_id = $1";
}

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
        let mut bytes = [0; 10];
        entropy.fill(&mut bytes);
        Self(printed_code(bytes))
    }

    /// The one that a form handed out with `nonce` gives this account, however often it is sent.
    #[must_use]
    pub fn of(gate: &Gate, nonce: Uuid, account: AccountId) -> Self {
        let mac = gate.seal.mac(
            "first password",
            &[nonce.as_bytes(), Uuid::from(account).as_bytes()],
        );
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&mac[..10]);
        Self(printed_code(bytes))
    }

    /// To be shown to who hands it over.
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

/// What an account is made with: the hash of a password, or none.
#[derive(Debug, Clone, Copy)]
pub enum Password<'a> {
    /// None: a first one is handed over later, or it signs in only through the identity provider.
    None,
    /// Handed over by somebody else, to be changed ([`passwords::hash_initial`]).
    Initial(&'a str),
    /// The person's own ([`passwords::Hasher::hash`]).
    Own(&'a str),
}

impl Password<'_> {
    const fn hash(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Initial(hash) | Self::Own(hash) => Some(hash),
        }
    }
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// Into which congress.
    pub congress: CongressId,
    /// The person behind it, known to that congress.
    pub person: PersonId,
    /// The sign-in name.
    pub login: &'a str,
    /// Its password.
    pub password: Password<'a>,
}

/// Makes an account without roles: those are the security administrator's to give.
///
/// # Errors
/// [`DirectoryError::Refused`], `Missing("person")`, `Taken` with `login` or `account` (the person
/// has an open one here), or `Invalid`.
pub async fn create(gate: &Gate, tx: &mut Tx, new: &NewAccount<'_>) -> Result<AccountId> {
    authorize(tx.actor(), Action::KeepAccounts, new.congress)?;
    people::find_here(&mut *tx, new.congress, new.person).await?;
    let login = login(new.login)?;
    if by_login(&mut *tx, new.congress, &login).await?.is_some() {
        return Err(DirectoryError::Taken { what: "login" });
    }
    let now = gate.clock.now();
    let id = AccountId::new(now, &*gate.entropy);
    let query = sql(INSERT)
        .bind(id)
        .bind(new.congress)
        .bind(new.person)
        .bind(&login)
        .bind(new.password.hash())
        .bind(new.password.hash().map(|_| now))
        .bind(matches!(new.password, Password::Initial(_)))
        .bind(now);
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("account"))?;
    let object = Object::new(Some(new.congress), id);
    audit::note(gate, tx, Act::AccountMade, object, &login).await?;
    Ok(id)
}

/// [`create`] for a form: sent again, it gives the account that it has made.
///
/// # Errors
/// As [`create`].
pub async fn create_once(
    gate: &Gate,
    tx: &mut Tx,
    nonce: Uuid,
    new: &NewAccount<'_>,
) -> Result<AccountId> {
    if let Some(made) = once::made(tx, nonce).await? {
        return Ok(made.into());
    }
    let id = create(gate, tx, new).await?;
    once::keep(gate, tx, nonce, id.into()).await?;
    Ok(id)
}

/// The account with this id, for whoever has the right to it already.
pub(crate) async fn find(on: impl Target, id: AccountId) -> Result<Account> {
    sql(BY_ID)
        .bind(id)
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("account"))
}

/// The account with this id. Another congress's is none.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("account")`; what the database says.
pub async fn see(
    db: &Db,
    actor: &kernel::Actor,
    congress: CongressId,
    id: AccountId,
) -> Result<Account> {
    authorize(actor, Action::SeeAccounts, congress)?;
    let account = find(db, id).await?;
    if account.congress_id == congress {
        Ok(account)
    } else {
        Err(DirectoryError::Missing("account"))
    }
}

/// The account with this sign-in name in a congress, for whoever has the right to it already.
///
/// # Errors
/// What the database says.
pub async fn by_login(
    on: impl Target,
    congress: CongressId,
    typed: &str,
) -> Result<Option<Account>> {
    let Ok(login) = login(typed) else {
        return Ok(None);
    };
    Ok(sql(BY_LOGIN)
        .bind(congress)
        .bind(login)
        .optional(on)
        .await?)
}

/// The open account of a person in a congress.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn of_person(
    db: &Db,
    actor: &kernel::Actor,
    congress: CongressId,
    person: PersonId,
) -> Result<Option<Account>> {
    authorize(actor, Action::SeeAccounts, congress)?;
    let query = sql(OF_PERSON).bind(congress).bind(person);
    Ok(query.optional(db).await?)
}

/// The accounts of a congress whose sign-in name or person's name contains `words`, all of them for
/// none, in the order they were made.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn list(
    db: &Db,
    actor: &kernel::Actor,
    congress: CongressId,
    words: &str,
    after: Option<AccountId>,
    size: u32,
) -> Result<Page<Account, AccountId>> {
    authorize(actor, Action::SeeAccounts, congress)?;
    let query = if words.is_empty() {
        sql(LIST)
    } else {
        sql(SEARCH)
    };
    let mut query = query
        .bind(congress)
        .bind(paging::after(after))
        .bind(paging::fetch(size));
    if !words.is_empty() {
        query = query.bind(contains(words));
    }
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Account| row.id))
}

/// The roles an account holds, for whoever has the right to it already.
///
/// # Errors
/// What the database says.
pub async fn roles(on: impl Target, id: AccountId) -> Result<Vec<Role>> {
    Ok(read_roles(sql(ROLES).bind(id).all(on).await?))
}

/// The roles of several accounts, for whoever has the right to them already.
///
/// # Errors
/// What the database says.
pub async fn roles_of(db: &Db, ids: Vec<AccountId>) -> Result<HashMap<AccountId, Vec<Role>>> {
    let ids = ids.into_iter().map(Into::into).collect();
    let rows: Vec<(AccountId, String)> = look_up(db, ROLES_AMONG, None, ids).await?;
    let mut held: HashMap<AccountId, Vec<Role>> = HashMap::new();
    for (id, word) in rows {
        held.entry(id).or_default().extend(Role::parse(&word));
    }
    held.values_mut().for_each(|roles| roles.sort_unstable());
    Ok(held)
}

const ROLES_AMONG: &str = "SELECT account_id, role FROM account_role WHERE account_id IN (VALUES ";

/// The roles of all open accounts of a person, in every congress.
async fn roles_of_person(on: impl Target, person: PersonId) -> Result<Vec<Role>> {
    Ok(read_roles(sql(ROLES_OF_PERSON).bind(person).all(on).await?))
}

fn read_roles(words: Vec<(String,)>) -> Vec<Role> {
    let read = |(word,): &(String,)| Role::parse(word);
    words.iter().filter_map(read).collect()
}

/// Gives a role. The account's sessions end: it signs in again with what it may do now.
///
/// # Errors
/// [`DirectoryError::Refused`], `OwnAccount`, `Incompatible` with a role of another open account of
/// the same person too, or `Invalid` for a role nobody holds by grant.
pub async fn give_role(gate: &Gate, tx: &mut Tx, id: AccountId, role: Role) -> Result<()> {
    let account = may_change_roles(tx, id, role).await?;
    let mut held = roles_of_person(&mut *tx, account.person_id).await?;
    held.push(role);
    held.sort_unstable();
    held.dedup();
    if let Some((one, other)) = incompatible(&held) {
        return Err(DirectoryError::Incompatible(one, other));
    }
    let by = tx.actor().signed_in().map(|who| who.account);
    let query = sql(GIVE)
        .bind(id)
        .bind(role.as_str())
        .bind(gate.clock.now())
        .bind(by);
    if query.execute(&mut *tx).await? == 1 {
        sessions::revoke_all(tx, id).await?;
        let object = Object::account(&account);
        audit::note(gate, tx, Act::RoleGiven, object, role.as_str()).await?;
    }
    Ok(())
}

/// Takes a role. The account's sessions end.
///
/// # Errors
/// [`DirectoryError::Refused`], `OwnAccount` or `LastOfficer`.
pub async fn take_role(gate: &Gate, tx: &mut Tx, id: AccountId, role: Role) -> Result<()> {
    let account = may_change_roles(tx, id, role).await?;
    if !roles(&mut *tx, id).await?.contains(&role) {
        return Ok(());
    }
    not_the_last(tx, &account, &[role]).await?;
    let query = sql(TAKE).bind(id).bind(role.as_str());
    query.execute(&mut *tx).await?;
    sessions::revoke_all(tx, id).await?;
    let object = Object::account(&account);
    audit::note(gate, tx, Act::RoleTaken, object, role.as_str()).await
}

async fn may_change_roles(tx: &mut Tx, id: AccountId, role: Role) -> Result<Account> {
    let account = find(&mut *tx, id).await?;
    authorize(tx.actor(), Action::GrantRoles, account.congress_id)?;
    open_and_not_own(tx, &account)?;
    if !GIVEN.contains(&role) {
        return Err(DirectoryError::Invalid {
            field: "role",
            reason: "not-granted",
        });
    }
    Ok(account)
}

fn open_and_not_own(tx: &Tx, account: &Account) -> Result<()> {
    if account.closed_at.is_some() {
        return Err(DirectoryError::Missing("account"));
    }
    let own = |who: &kernel::actor::SignedIn| who.person == account.person_id;
    if tx.actor().signed_in().is_some_and(own) {
        return Err(DirectoryError::OwnAccount);
    }
    Ok(())
}

/// Without an administrator of either kind nobody could mend anything.
async fn not_the_last(tx: &mut Tx, account: &Account, roles: &[Role]) -> Result<()> {
    for role in [Role::Admin, Role::Security] {
        if !roles.contains(&role) {
            continue;
        }
        let query = sql(HOLDERS).bind(account.congress_id).bind(role.as_str());
        let (holders,): (i64,) = query.one(&mut *tx).await?;
        if holders <= 1 {
            return Err(DirectoryError::LastOfficer(role));
        }
    }
    Ok(())
}

/// The open account, when the actor keeps it: an officer's is the security administrator's to keep,
/// all others the system administrator's, and nobody keeps their own.
pub(crate) async fn may_keep(tx: &mut Tx, id: AccountId) -> Result<(Account, Vec<Role>)> {
    let account = find(&mut *tx, id).await?;
    let roles = roles(&mut *tx, id).await?;
    let action = keeping(&roles);
    authorize(tx.actor(), action, account.congress_id)?;
    open_and_not_own(tx, &account)?;
    Ok((account, roles))
}

/// What it takes to keep an account that holds these roles.
#[must_use]
pub fn keeping(roles: &[Role]) -> Action {
    if roles.iter().copied().any(is_officer) {
        Action::KeepOfficers
    } else {
        Action::KeepAccounts
    }
}

/// Gives the account a first password, or another one by an administrator's hand. The sessions end,
/// failed sign-ins are forgotten, and the person has to change it. A form that is sent again gives
/// the same one, as long as it has not been changed.
///
/// # Errors
/// [`DirectoryError::Refused`], `OwnAccount`, `Missing("account")`, or `Done` when the password that
/// this form has given is no longer the account's.
pub async fn issue_password(
    gate: &Gate,
    tx: &mut Tx,
    id: AccountId,
    nonce: Uuid,
) -> Result<InitialPassword> {
    let (account, _) = may_keep(tx, id).await?;
    let password = InitialPassword::of(gate, nonce, id);
    if once::made(tx, nonce).await?.is_some() {
        let (hash,): (Option<String>,) = sql(PASSWORD).bind(id).one(&mut *tx).await?;
        let still =
            account.must_change && hash.is_some_and(|hash| passwords::is_initial(&password, &hash));
        return if still {
            Ok(password)
        } else {
            Err(DirectoryError::Done)
        };
    }
    let hash = passwords::hash_initial(&password, &*gate.entropy);
    set_password(gate, tx, id, Password::Initial(&hash)).await?;
    sessions::revoke_all(tx, id).await?;
    lockout::clear(tx, id).await?;
    once::keep(gate, tx, nonce, id.into()).await?;
    audit::note(gate, tx, Act::PasswordIssued, Object::account(&account), "").await?;
    Ok(password)
}

pub(crate) async fn set_password(
    gate: &Gate,
    tx: &mut Tx,
    id: AccountId,
    password: Password<'_>,
) -> Result<()> {
    let query = sql(SET_PASSWORD)
        .bind(id)
        .bind(password.hash())
        .bind(gate.clock.now())
        .bind(matches!(password, Password::Initial(_)));
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
/// [`DirectoryError::Refused`], `OwnAccount` or `Missing("account")`.
pub async fn reset_second_factor(gate: &Gate, tx: &mut Tx, id: AccountId) -> Result<()> {
    let (account, _) = may_keep(tx, id).await?;
    second_factor::remove(tx, id).await?;
    sessions::revoke_all(tx, id).await?;
    lockout::clear(tx, id).await?;
    audit::note(gate, tx, Act::FactorRemoved, Object::account(&account), "").await
}

/// Closes an account for good; its past acts keep its name, its password and its person at the
/// identity provider are forgotten.
///
/// # Errors
/// [`DirectoryError::Refused`], `OwnAccount`, `LastOfficer`, or `Missing("account")` for one that
/// is closed already.
pub async fn close(gate: &Gate, tx: &mut Tx, id: AccountId) -> Result<()> {
    let (account, roles) = may_keep(tx, id).await?;
    not_the_last(tx, &account, &roles).await?;
    let query = sql(CLOSE).bind(id).bind(gate.clock.now());
    query.execute(&mut *tx).await?;
    sql(UNBIND_ALL).bind(id).execute(&mut *tx).await?;
    second_factor::remove(tx, id).await?;
    sessions::revoke_all(tx, id).await?;
    lockout::clear(tx, id).await?;
    audit::note(gate, tx, Act::AccountClosed, Object::account(&account), "").await
}

/// Writes down that the person has passed all factors.
pub(crate) async fn entered(gate: &Gate, tx: &mut Tx, object: Object, id: AccountId) -> Result<()> {
    let query = sql(ENTERED).bind(id).bind(gate.clock.now());
    query.execute(&mut *tx).await?;
    audit::note(gate, tx, Act::SignedIn, object, "").await
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
