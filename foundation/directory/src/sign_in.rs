//! The way in: password, then second factor; and what a person does with their own account.
//!
//! Answers never tell whether an account exists: an unknown name takes as long, counts as many
//! failures, is written down and gets the same words as a wrong password.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{AccountId, Actor, Clock, CongressId, Entropy};
use store::{Db, Tx, sql};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::{
    DirectoryError, Result, SealKey,
    accounts::{self, Password},
    audit::{self, Act, Object},
    lockout::{self, Attempt, Network, Schedule, Subject, Tried, Wait},
    passwords::{self, Hasher, PasswordFault},
    second_factor::{self, Enrolment},
    sessions::{self, Session, SessionRules, Stage, Token},
};

/// The settings of the way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateRules {
    /// How long sessions last, and whether a second factor is a must.
    pub sessions: SessionRules,
    /// Waits by sign-in name at one network, by known browser and by account.
    pub name_here: Schedule,
    /// Waits by sign-in name, wherever it is tried.
    pub name: Schedule,
    /// Waits by network.
    pub network: Schedule,
    /// Seconds after which one's own password has to be changed; none for never.
    pub password_seconds: Option<i64>,
}

impl Default for GateRules {
    fn default() -> Self {
        Self {
            sessions: SessionRules::default(),
            name_here: Schedule::NAME_HERE,
            name: Schedule::NAME,
            network: Schedule::NETWORK,
            password_seconds: None,
        }
    }
}

/// All that the directory works with. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    /// Where accounts are.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids, tokens, salts and secrets: the operating system's, except in tests.
    pub entropy: Arc<dyn Entropy>,
    /// For passwords.
    pub hasher: Hasher,
    /// For second-factor secrets at rest.
    pub seal: SealKey,
    /// The settings.
    pub rules: GateRules,
    /// Where whoever acts is, for the audit trail and for waiting after failures.
    pub network: Network,
}

impl Gate {
    /// A number for what is done once and not by a form.
    #[must_use]
    pub fn nonce(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// The same for somebody at `network`.
    #[must_use]
    pub fn at(&self, network: Network) -> Self {
        Self {
            network,
            ..self.clone()
        }
    }
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
    /// Password and second factor have to be shown again first.
    #[error("not proved")]
    Unproved,
    /// Too many failures: wait this many seconds.
    #[error("wait {0} seconds")]
    Wait(i64),
    /// The directory refused or failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
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

/// Where a sign-in comes from and where it goes; the network is the [`Gate`]'s.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The congress on whose site it is.
    pub site: CongressId,
    /// What the browser or program calls itself.
    pub device: &'a str,
    /// What the browser brings from an earlier sign-in ([`device_mark`]); may be empty.
    pub mark: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Known {
    id: AccountId,
    password_hash: Option<String>,
}

store::statements! {
    KNOWN = "SELECT id, password_hash FROM account WHERE congress_id = $1 AND login = $2 AND closed_at IS NULL";
    STILL = "SELECT id, password_hash FROM account WHERE id = $1 AND closed_at IS NULL";
}

/// Seconds for which a browser is known to its owner's account: half a year.
pub const MARK_SECONDS: u32 = 180 * 86_400;
const MARK_BYTES: usize = 16;

/// A mark for a browser in which this account was signed in, so that strangers' guesses at its name
/// do not keep it waiting. It opens nothing.
#[must_use]
pub fn device_mark(gate: &Gate, account: AccountId) -> String {
    let mut nonce = [0; MARK_BYTES];
    gate.entropy.fill(&mut nonce);
    let mac = mark_mac(gate, account, &nonce);
    URL_SAFE_NO_PAD.encode([nonce.as_slice(), &mac].concat())
}

fn mark_mac(gate: &Gate, account: AccountId, nonce: &[u8]) -> [u8; 32] {
    let account = Uuid::from(account);
    gate.seal.mac("device", &[nonce, account.as_bytes()])
}

fn is_marked(gate: &Gate, account: AccountId, mark: &str) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(mark).unwrap_or_default();
    let halves = bytes.split_at_checked(MARK_BYTES);
    halves.is_some_and(|(nonce, mac)| mark_mac(gate, account, nonce).ct_eq(mac).into())
}

/// Whose failures a sign-in counts among: a known browser's own, or those of the name and the
/// network.
fn subjects(gate: &Gate, from: &Origin<'_>, login: &str, known: Option<&Known>) -> Vec<Subject> {
    if known.is_some_and(|known| is_marked(gate, known.id, from.mark)) {
        return vec![Subject::device(gate, from.mark)];
    }
    vec![
        Subject::network(gate, from.site),
        Subject::name_here(gate, from.site, login),
        Subject::name(gate, from.site, login),
    ]
}

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
    let mut tx = gate.db.begin(Actor::Resident).await?;
    let query = sql(KNOWN).bind(from.site).bind(&login);
    let known: Option<Known> = query.optional(&mut tx).await?;
    let tried = Tried {
        congress: from.site,
        account: known.as_ref().map(|known| known.id),
    };
    let subjects = subjects(gate, from, &login, known.as_ref());
    let attempt = lockout::attempt(gate, &mut tx, tried, subjects).await??;
    tx.commit().await?;

    let hash = known
        .as_ref()
        .and_then(|known| known.password_hash.as_deref());
    let fits = gate.hasher.verify(password, hash).await;
    let mut tx = gate.db.begin(Actor::Resident).await?;
    let outcome = match (fits, known) {
        // It may have been closed or reset while the password was looked at.
        (Ok(true), Some(known)) if still(&mut tx, &known).await? => {
            attempt.succeeded(&mut tx).await?;
            Ok(sessions::open(gate, &mut tx, known.id, from.device, false).await?)
        }
        (Ok(_), _) => {
            failed(gate, &mut tx, tried, Act::SignInFailed, &attempt).await?;
            Err(SignInError::Wrong)
        }
        (Err(error), _) => {
            attempt.withdrawn(&mut tx).await?;
            Err(error.into())
        }
    };
    tx.commit().await?;
    outcome
}

async fn still(tx: &mut Tx, known: &Known) -> Result<bool> {
    let now: Option<Known> = sql(STILL).bind(known.id).optional(tx).await?;
    Ok(now.as_ref() == Some(known))
}

/// Writes a failure down, and the wait that it brings.
async fn failed(gate: &Gate, tx: &mut Tx, tried: Tried, act: Act, attempt: &Attempt) -> Result<()> {
    let object = match tried.account {
        Some(account) => Object::new(Some(tried.congress), account),
        None => Object::none(Some(tried.congress)),
    };
    audit::note(gate, tx, act, object, "").await?;
    let wait = attempt.wait(gate.clock.now());
    if wait > 0 {
        audit::note(gate, tx, Act::LockedOut, object, &wait.to_string()).await?;
    }
    Ok(())
}

/// The running session of a token, on the site of `congress`.
///
/// # Errors
/// What the database says.
pub async fn session(gate: &Gate, congress: CongressId, token: &str) -> Result<Option<Session>> {
    sessions::find(gate, congress, token).await
}

fn tried(session: &Session) -> Tried {
    Tried {
        congress: session.congress,
        account: Some(session.account),
    }
}

fn own(session: &Session) -> Object {
    Object::own(session.congress, session.account)
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
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    if !use_code(gate, &mut tx, session, code).await? {
        tx.commit().await?;
        return Err(SignInError::WrongCode);
    }
    let token =
        sessions::pass_factor(&mut tx, session.id, gate.clock.now(), &*gate.entropy).await?;
    accounts::entered(gate, &mut tx, own(session), session.account).await?;
    tx.commit().await?;
    Ok(token)
}

/// Uses a code, counting failures. What it writes is to be committed either way.
async fn use_code(
    gate: &Gate,
    tx: &mut Tx,
    session: &Session,
    code: &str,
) -> Result<bool, SignInError> {
    let subject = Subject::factor(gate, session.account);
    let attempt = lockout::attempt(gate, tx, tried(session), [subject]).await??;
    if !second_factor::use_code(gate, tx, session.account, code).await? {
        failed(gate, tx, tried(session), Act::CodeFailed, &attempt).await?;
        return Ok(false);
    }
    attempt.succeeded(tx).await?;
    if second_factor::is_recovery_code(code) {
        audit::note(gate, tx, Act::RecoveryCodeUsed, own(session), "").await?;
    }
    Ok(true)
}

/// Shows password and second factor again, whichever the account has, for what a session left open
/// alone must not do: enrolling another telephone, new recovery codes, binding to the identity
/// provider. Good for [`sessions::PROOF_SECONDS`].
///
/// # Errors
/// [`SignInError::Wrong`], [`SignInError::WrongCode`], [`SignInError::Wait`], or what the directory
/// says.
pub async fn prove(
    gate: &Gate,
    session: &Session,
    password: &str,
    code: &str,
) -> Result<(), SignInError> {
    let known: Option<Known> = sql(STILL).bind(session.account).optional(&gate.db).await?;
    let has_password = known.is_some_and(|known| known.password_hash.is_some());
    let has_factor = second_factor::is_confirmed(&gate.db, session.account).await?;
    if !has_password && !has_factor {
        return Err(SignInError::Unproved);
    }
    if has_password {
        prove_password(gate, session, password).await?;
    }
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    if has_factor && !use_code(gate, &mut tx, session, code).await? {
        tx.commit().await?;
        return Err(SignInError::WrongCode);
    }
    sessions::prove(&mut tx, session.id, gate.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Starts the enrolment of a second factor, or shows the one that this session has started.
///
/// # Errors
/// [`SignInError::Unproved`] when there is one already and [`prove`] has not been passed; what the
/// directory says.
pub async fn start_enrolment(
    gate: &Gate,
    session: &Session,
    issuer: &str,
) -> Result<Enrolment, SignInError> {
    may_enrol(gate, session).await?;
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let enrolment = second_factor::start(gate, &mut tx, session, issuer).await?;
    tx.commit().await?;
    Ok(enrolment)
}

async fn may_enrol(gate: &Gate, session: &Session) -> Result<(), SignInError> {
    if session.proved || !second_factor::is_confirmed(&gate.db, session.account).await? {
        Ok(())
    } else {
        Err(SignInError::Unproved)
    }
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

/// Confirms the enrolment with a first code. All other sessions end.
///
/// # Errors
/// [`SignInError::WrongCode`], [`SignInError::Wait`], [`SignInError::Unproved`], or what the
/// directory says.
pub async fn confirm_enrolment(
    gate: &Gate,
    session: &Session,
    code: &str,
) -> Result<Enrolled, SignInError> {
    may_enrol(gate, session).await?;
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let subject = Subject::factor(gate, session.account);
    let attempt = lockout::attempt(gate, &mut tx, tried(session), [subject]).await??;
    let Some(recovery_codes) = second_factor::confirm(gate, &mut tx, session, code).await? else {
        tx.commit().await?;
        return Err(SignInError::WrongCode);
    };
    attempt.succeeded(&mut tx).await?;
    let token =
        sessions::pass_factor(&mut tx, session.id, gate.clock.now(), &*gate.entropy).await?;
    sessions::revoke_others(&mut tx, session.account, session.id).await?;
    audit::note(gate, &mut tx, Act::FactorEnrolled, own(session), "").await?;
    if session.stage == Stage::Enrol {
        accounts::entered(gate, &mut tx, own(session), session.account).await?;
    }
    tx.commit().await?;
    Ok(Enrolled {
        token,
        recovery_codes,
    })
}

/// New recovery codes, to be shown once; the old ones are good no more.
///
/// # Errors
/// [`SignInError::Unproved`] when [`prove`] has not been passed; what the directory says.
pub async fn renew_recovery_codes(
    gate: &Gate,
    session: &Session,
) -> Result<Vec<String>, SignInError> {
    if !session.proved {
        return Err(SignInError::Unproved);
    }
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let codes = second_factor::renew_codes(gate, &mut tx, session.account).await?;
    audit::note(gate, &mut tx, Act::RecoveryCodesRenewed, own(session), "").await?;
    tx.commit().await?;
    Ok(codes)
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
    accounts::set_password(gate, &mut tx, session.account, Password::Own(&hash)).await?;
    sessions::revoke_others(&mut tx, session.account, session.id).await?;
    let token = sessions::rotate(&mut tx, session.id, &*gate.entropy).await?;
    audit::note(gate, &mut tx, Act::PasswordChanged, own(session), "").await?;
    tx.commit().await?;
    Ok(token)
}

/// Checks the present password of a signed-in person, counting failures.
async fn prove_password(gate: &Gate, session: &Session, password: &str) -> Result<(), SignInError> {
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    let subject = Subject::proof(gate, session.account);
    let attempt = lockout::attempt(gate, &mut tx, tried(session), [subject]).await??;
    tx.commit().await?;
    let known: Option<Known> = sql(STILL).bind(session.account).optional(&gate.db).await?;
    let hash = known.and_then(|known| known.password_hash);
    let fits = gate.hasher.verify(password, hash.as_deref()).await?;
    let mut tx = gate.db.begin(session.actor.clone()).await?;
    if fits {
        attempt.succeeded(&mut tx).await?;
    } else {
        failed(gate, &mut tx, tried(session), Act::SignInFailed, &attempt).await?;
    }
    tx.commit().await?;
    if fits {
        Ok(())
    } else {
        Err(SignInError::Wrong)
    }
}

/// Ends this session.
///
/// # Errors
/// What the database says.
pub async fn sign_out(gate: &Gate, session: &Session) -> Result<()> {
    sessions::end_own(gate, session, session.id).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::testing::TestDb;

    #[tokio::test]
    async fn a_mark_is_good_for_one_account_and_not_made_up() {
        let test = TestDb::sqlite(&[], None).await;
        let entropy = kernel::SeededEntropy::new(1);
        let now = kernel::TestClock::START;
        let [one, two] = [(); 2].map(|()| AccountId::new(now, &entropy));
        let gate = Gate {
            db: test.db.clone(),
            clock: Arc::new(kernel::TestClock::default()),
            entropy: Arc::new(entropy),
            hasher: Hasher::new(1, 1),
            seal: SealKey::new([7; 32]),
            rules: GateRules::default(),
            network: Network::local(),
        };
        let mark = device_mark(&gate, one);
        assert!(is_marked(&gate, one, &mark));
        assert!(!is_marked(&gate, two, &mark));
        for wrong in ["", "x", &mark[..mark.len() - 2], &"A".repeat(64)] {
            assert!(!is_marked(&gate, one, wrong), "{wrong}");
        }
    }
}
