//! The way in: password, then second factor; and what a person does with their own account.
//!
//! Answers never tell whether an account exists: an unknown name takes as long, counts as many
//! failures and gets the same words as a wrong password.

use std::sync::Arc;

use kernel::{AccountId, Actor, Clock, Entropy};
use store::{Db, sql};

use crate::{
    DirectoryError, Result, SealKey,
    accounts::{self, EventKind, PasswordState},
    lockout::{self, Network, Schedule, Subject, Wait},
    passwords::{self, Hasher, PasswordFault},
    second_factor::{self, Enrolment},
    sessions::{self, NewSession, Session, SessionRules, Token},
};

/// The settings of the way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateRules {
    /// How long sessions last, and whether a second factor is a must.
    pub sessions: SessionRules,
    /// Waits by sign-in name.
    pub account: Schedule,
    /// Waits by network.
    pub network: Schedule,
}

impl Default for GateRules {
    fn default() -> Self {
        Self {
            sessions: SessionRules::default(),
            account: Schedule::ACCOUNT,
            network: Schedule::NETWORK,
        }
    }
}

/// All that signing in needs. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    /// Where accounts are.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For tokens, salts and secrets: the operating system's, except in tests.
    pub entropy: Arc<dyn Entropy>,
    /// For passwords.
    pub hasher: Hasher,
    /// For second-factor secrets at rest.
    pub seal: SealKey,
    /// The settings.
    pub rules: GateRules,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// Why somebody did not get in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignInError {
    /// The name or the password is wrong; which of them is not told.
    #[error("wrong name or password")]
    Wrong,
    /// The code is wrong, too old, or was used already.
    #[error("wrong code")]
    WrongCode,
    /// Too many failures: wait this many seconds.
    #[error("wait {0} seconds")]
    Wait(i64),
    /// The directory refused or failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl SignInError {
    /// What to tell the person, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Wrong => "登录名或密码不对，请再试一次。".into(),
            Self::WrongCode => "验证码不对或已经用过，请等手机上出现新的验证码再试。".into(),
            Self::Wait(seconds) => format!("试错的次数太多了，请过{}再试。", wait_zh(*seconds)),
            Self::Directory(DirectoryError::Busy) => "现在登录的人太多，请过几秒钟再试。".into(),
            Self::Directory(_) => "暂时无法登录，请稍后再试。".into(),
        }
    }

    /// What to tell the person, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Wrong => "The name or the password is wrong. Please try again.".into(),
            Self::WrongCode => {
                "The code is wrong or was used already. Wait for a new one and try again.".into()
            }
            Self::Wait(seconds) if *seconds < 60 => {
                format!("Too many failed attempts. Please try again in {seconds} seconds.")
            }
            Self::Wait(seconds) => {
                format!(
                    "Too many failed attempts. Please try again in {} minutes.",
                    (seconds + 59) / 60
                )
            }
            Self::Directory(DirectoryError::Busy) => {
                "Many people are signing in. Please try again shortly.".into()
            }
            Self::Directory(_) => {
                "Signing in is not possible at the moment. Please try again later.".into()
            }
        }
    }
}

fn wait_zh(seconds: i64) -> String {
    if seconds < 60 {
        format!("{seconds}秒")
    } else {
        format!("{}分钟", (seconds + 59) / 60)
    }
}

impl From<Wait> for SignInError {
    fn from(wait: Wait) -> Self {
        Self::Wait(wait.0)
    }
}

impl From<store::StoreError> for SignInError {
    fn from(error: store::StoreError) -> Self {
        Self::Directory(error.into())
    }
}

/// Where a sign-in comes from.
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    /// The network.
    pub network: &'a Network,
    /// What the browser calls itself.
    pub device: &'a str,
}

#[derive(sqlx::FromRow)]
struct Secret {
    id: AccountId,
    password_hash: Option<String>,
}

const SECRET: &str = "SELECT id, password_hash FROM account WHERE login = $1 AND closed_at IS NULL";
const OWN_HASH: &str = "SELECT id, password_hash FROM account WHERE id = $1 AND closed_at IS NULL";

/// Signs in with name and password. The session still waits for the second factor, its enrolment
/// or a new password where one is due: see [`sessions::Stage`].
///
/// # Errors
/// [`SignInError`]; the same for an unknown name and a wrong password.
pub async fn sign_in(
    gate: &Gate,
    login: &str,
    password: &str,
    from: &Origin<'_>,
) -> Result<Token, SignInError> {
    let login: String =
        accounts::login(login).unwrap_or_else(|_| login.chars().take(200).collect());
    let now = gate.clock.now();
    let mut tx = gate.db.begin(Actor::Resident).await?;
    let by_network = lockout::reserve(
        &mut tx,
        Subject::network(from.network),
        gate.rules.network,
        now,
    )
    .await??;
    let by_login =
        lockout::reserve(&mut tx, Subject::login(&login), gate.rules.account, now).await??;
    tx.commit().await?;

    let known: Option<Secret> = sql(SECRET).bind(&login).optional(&gate.db).await?;
    let hash = known
        .as_ref()
        .and_then(|known| known.password_hash.as_deref());
    let fits = gate.hasher.verify(password, hash).await;
    let mut tx = gate.db.begin(Actor::Resident).await?;
    match (fits, known) {
        (Ok(true), Some(known)) => {
            lockout::forget(&mut tx, &by_login).await?;
            lockout::take_back(&mut tx, &by_network).await?;
            let token = open_session(gate, &mut tx, known.id, from).await?;
            tx.commit().await?;
            Ok(token)
        }
        (Ok(_), known) => {
            if let Some(known) = known {
                accounts::note(
                    gate,
                    &mut tx,
                    known.id,
                    EventKind::Failed,
                    Some(from.network.as_str()),
                )
                .await?;
            }
            tx.commit().await?;
            Err(SignInError::Wrong)
        }
        (Err(error), _) => {
            // Not looked at, so not failed.
            lockout::take_back(&mut tx, &by_login).await?;
            lockout::take_back(&mut tx, &by_network).await?;
            tx.commit().await?;
            Err(error.into())
        }
    }
}

/// Opens a session whose second factor is still to come.
async fn open_session(
    gate: &Gate,
    tx: &mut store::Tx,
    account: AccountId,
    from: &Origin<'_>,
) -> Result<Token> {
    let new = NewSession {
        account,
        network: from.network,
        device: from.device,
        factor_at: None,
    };
    let token = sessions::open(
        tx,
        &new,
        &gate.rules.sessions,
        gate.clock.now(),
        &*gate.entropy,
    )
    .await?;
    accounts::note(
        gate,
        tx,
        account,
        EventKind::SignedIn,
        Some(from.network.as_str()),
    )
    .await?;
    Ok(token)
}

/// Opens a session for an account the identity provider vouches for. The provider's own second
/// factor counts.
pub(crate) async fn open_vouched(
    gate: &Gate,
    account: AccountId,
    from: &Origin<'_>,
) -> Result<Token> {
    let now = gate.clock.now();
    let mut tx = gate.db.begin(Actor::Resident).await?;
    let new = NewSession {
        account,
        network: from.network,
        device: from.device,
        factor_at: Some(now),
    };
    let token = sessions::open(&mut tx, &new, &gate.rules.sessions, now, &*gate.entropy).await?;
    accounts::note(
        gate,
        &mut tx,
        account,
        EventKind::SignedIn,
        Some(from.network.as_str()),
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// The running session of a cookie's token.
///
/// # Errors
/// What the database says.
pub async fn session(gate: &Gate, token: &str) -> Result<Option<Session>> {
    sessions::find(&gate.db, token, &gate.rules.sessions, gate.clock.now()).await
}

/// Passes the second factor with a code of the app or a recovery code. The session gets a new
/// token; the old one ends.
///
/// # Errors
/// [`SignInError::WrongCode`], [`SignInError::Wait`], or what the directory says.
pub async fn pass_second_factor(
    gate: &Gate,
    session: &Session,
    code: &str,
) -> Result<Token, SignInError> {
    let now = gate.clock.now();
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let reserved = lockout::reserve(
        &mut tx,
        Subject::factor(session.account),
        gate.rules.account,
        now,
    )
    .await??;
    if !second_factor::use_code(gate, &mut tx, session.account, code).await? {
        tx.commit().await?;
        return Err(SignInError::WrongCode);
    }
    lockout::forget(&mut tx, &reserved).await?;
    if crate::codes::read_code(code).len() != 6 {
        accounts::note(gate, &mut tx, session.account, EventKind::Recovered, None).await?;
    }
    let token = sessions::pass_factor(&mut tx, session.id, now, &*gate.entropy).await?;
    tx.commit().await?;
    Ok(token)
}

/// Starts the enrolment of a second factor, or shows the one that was started.
///
/// # Errors
/// `Taken { what: "second-factor" }` when one is confirmed already.
pub async fn start_enrolment(gate: &Gate, session: &Session, issuer: &str) -> Result<Enrolment> {
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let enrolment =
        second_factor::start(gate, &mut tx, session.account, issuer, &session.login).await?;
    tx.commit().await?;
    Ok(enrolment)
}

/// An enrolled second factor.
#[derive(Clone)]
pub struct Enrolled {
    /// The session's new token; the old one ends.
    pub token: Token,
    /// To be shown once and kept by the person.
    pub recovery_codes: Vec<String>,
}

impl std::fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolled(…)")
    }
}

/// Confirms the enrolment with a first code.
///
/// # Errors
/// [`SignInError::WrongCode`], [`SignInError::Wait`], or what the directory says.
pub async fn confirm_enrolment(
    gate: &Gate,
    session: &Session,
    code: &str,
) -> Result<Enrolled, SignInError> {
    let now = gate.clock.now();
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let reserved = lockout::reserve(
        &mut tx,
        Subject::factor(session.account),
        gate.rules.account,
        now,
    )
    .await??;
    let Some(recovery_codes) = second_factor::confirm(gate, &mut tx, session.account, code).await?
    else {
        tx.commit().await?;
        return Err(SignInError::WrongCode);
    };
    lockout::forget(&mut tx, &reserved).await?;
    let token = sessions::pass_factor(&mut tx, session.id, now, &*gate.entropy).await?;
    sessions::revoke_others(&mut tx, session.account, session.id).await?;
    accounts::note(
        gate,
        &mut tx,
        session.account,
        EventKind::FactorEnrolled,
        None,
    )
    .await?;
    tx.commit().await?;
    Ok(Enrolled {
        token,
        recovery_codes,
    })
}

/// Changes one's own password. All other sessions end; this one gets a new token.
///
/// # Errors
/// [`SignInError::Wrong`] when the old one is not right, [`SignInError::Wait`], or
/// [`DirectoryError::WeakPassword`] with every rule the new one breaks.
pub async fn change_password(
    gate: &Gate,
    session: &Session,
    old: &str,
    new: &str,
) -> Result<Token, SignInError> {
    let mut faults = passwords::faults(new, &session.login);
    if old == new {
        faults.push(PasswordFault::Unchanged);
    }
    if !faults.is_empty() {
        return Err(DirectoryError::WeakPassword(faults).into());
    }
    prove_password(gate, session, old).await?;
    let hash = gate.hasher.hash(new, &*gate.entropy).await?;
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    accounts::set_password(gate, &mut tx, session.account, &hash, PasswordState::Own).await?;
    sessions::revoke_others(&mut tx, session.account, session.id).await?;
    let token = sessions::rotate(&mut tx, session.id, &*gate.entropy).await?;
    accounts::note(
        gate,
        &mut tx,
        session.account,
        EventKind::PasswordChanged,
        None,
    )
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// Checks the present password of a signed-in person, counting failures.
async fn prove_password(gate: &Gate, session: &Session, password: &str) -> Result<(), SignInError> {
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let subject = Subject::login(&session.login);
    let reserved =
        lockout::reserve(&mut tx, subject, gate.rules.account, gate.clock.now()).await??;
    tx.commit().await?;
    let known: Option<Secret> = sql(OWN_HASH)
        .bind(session.account)
        .optional(&gate.db)
        .await?;
    let hash = known.and_then(|known| known.password_hash);
    if !gate.hasher.verify(password, hash.as_deref()).await? {
        return Err(SignInError::Wrong);
    }
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    lockout::forget(&mut tx, &reserved).await?;
    Ok(tx.commit().await?)
}

/// Ends this session.
///
/// # Errors
/// What the database says.
pub async fn sign_out(gate: &Gate, session: &Session) -> Result<()> {
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    sessions::revoke(&mut tx, session.account, session.id).await?;
    Ok(tx.commit().await?)
}
