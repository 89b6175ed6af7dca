//! Who at the identity provider an account belongs to.

use kernel::{AccountId, Actor, Timestamp};
use store::{Db, Tx, sql};

use super::OidcError;
use crate::{
    Action, DirectoryError, Gate, Result,
    accounts::{self, Account},
    audit::{self, Act, Object},
    authorize,
    error::tidy,
    sessions::Session,
};

/// A person at the provider who is bound to an account.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// Since when.
    pub bound_at: Timestamp,
}

store::statements! {
    BIND = "INSERT INTO account_identity (issuer, subject, congress_id, account_id, bound_at, bound_by) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    UNBIND = "DELETE FROM account_identity WHERE account_id = $1 AND issuer = $2 AND subject = $3";
    OF_ACCOUNT = "SELECT issuer, subject, bound_at FROM account_identity WHERE account_id = $1 ORDER BY issuer, subject";
}

async fn find(db: &Db, account: AccountId) -> Result<Vec<Identity>> {
    Ok(sql(OF_ACCOUNT).bind(account).all(db).await?)
}

/// To whom one's own account is bound.
///
/// # Errors
/// What the database says.
pub async fn of_session(db: &Db, session: &Session) -> Result<Vec<Identity>> {
    find(db, session.account).await
}

/// To whom somebody's account is bound.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn of_account(db: &Db, actor: &Actor, account: &Account) -> Result<Vec<Identity>> {
    authorize(actor, Action::SeeAccounts, account.congress_id)?;
    find(db, account.id).await
}

/// Binds a person at the provider to somebody's account.
///
/// # Errors
/// [`DirectoryError::Refused`], `OwnAccount`, `Missing("account")`, `Invalid`, or `Taken { what:
/// "identity" }`.
pub async fn bind(
    gate: &Gate,
    tx: &mut Tx,
    account: AccountId,
    issuer: &str,
    subject: &str,
) -> Result<()> {
    let (account, _) = accounts::may_keep(tx, account).await?;
    let by = tx.actor().signed_in().map(|who| who.account);
    insert(gate, tx, &account, (issuer, subject), by).await
}

/// Binds who came back from the provider to the account of the session that sent them there.
pub(super) async fn bind_own(
    gate: &Gate,
    session: &Session,
    issuer: &str,
    subject: &str,
) -> Result<(), OidcError> {
    if !session.proved {
        return Err(OidcError::Unproved);
    }
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let account = accounts::find(&mut tx, session.account).await?;
    let by = Some(session.account);
    insert(gate, &mut tx, &account, (issuer, subject), by).await?;
    Ok(tx.commit().await?)
}

async fn insert(
    gate: &Gate,
    tx: &mut Tx,
    account: &Account,
    (issuer, subject): (&str, &str),
    by: Option<AccountId>,
) -> Result<()> {
    let subject = tidy("subject", subject, 255)?;
    let query = sql(BIND)
        .bind(issuer)
        .bind(&subject)
        .bind(account.congress_id)
        .bind(account.id)
        .bind(gate.clock.now())
        .bind(by);
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("identity"))?;
    audit::note(
        gate,
        tx,
        Act::IdentityBound,
        Object::account(account),
        &subject,
    )
    .await
}

/// Takes a binding of somebody's account away.
///
/// # Errors
/// [`DirectoryError::Refused`], `OwnAccount`, or `Missing` with `account` or `identity`.
pub async fn unbind(
    gate: &Gate,
    tx: &mut Tx,
    account: AccountId,
    issuer: &str,
    subject: &str,
) -> Result<()> {
    let (account, _) = accounts::may_keep(tx, account).await?;
    remove(gate, tx, &account, (issuer, subject)).await
}

/// Takes a binding of one's own account away; whoever has no password keeps it.
///
/// # Errors
/// `OnlyWayIn` or `Missing("identity")`; what the database says.
pub async fn unbind_own(gate: &Gate, session: &Session, issuer: &str, subject: &str) -> Result<()> {
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let account = accounts::find(&mut tx, session.account).await?;
    if !account.has_password {
        return Err(DirectoryError::OnlyWayIn);
    }
    remove(gate, &mut tx, &account, (issuer, subject)).await?;
    Ok(tx.commit().await?)
}

async fn remove(
    gate: &Gate,
    tx: &mut Tx,
    account: &Account,
    (issuer, subject): (&str, &str),
) -> Result<()> {
    let query = sql(UNBIND).bind(account.id).bind(issuer).bind(subject);
    if query.execute(&mut *tx).await? == 0 {
        return Err(DirectoryError::Missing("identity"));
    }
    audit::note(
        gate,
        tx,
        Act::IdentityUnbound,
        Object::account(account),
        subject,
    )
    .await
}
