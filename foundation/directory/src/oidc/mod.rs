//! Sign-in by a city's own identity provider (OpenID Connect, authorization code with PKCE).
//!
//! The provider says who somebody is; what they may do stays here: the pair of issuer and subject
//! must have been bound to an account by an administrator beforehand. State, nonce and verifier
//! are kept in a row that is used once, and the state also in the browser's cookie, so that nobody
//! is signed in by a link a stranger sends.

mod http;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{AccountId, Actor, Entropy, Timestamp};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, TokenResponse as _,
    core::{CoreClient, CoreProviderMetadata, CoreResponseType},
};
use store::{Tx, sql};
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;

use crate::{
    Action, DirectoryError, Gate, Result,
    accounts::{self, EventKind},
    authorize,
    codes::sha256,
    sessions::{self, Token},
    sign_in::{self, Origin},
};
use http::Http;
pub use http::HttpError;

/// An identity provider as the configuration names it.
#[derive(Clone)]
pub struct Provider {
    /// Its issuer, such as `https://login.example.gov.cn`.
    pub issuer: String,
    /// What it calls this deployment.
    pub client_id: String,
    /// The secret it gave this deployment.
    pub client_secret: String,
    /// Where it sends people back to: this deployment's own address.
    pub redirect: String,
    /// A certificate authority to trust besides the public ones, in DER: a city's own.
    pub authority: Option<Vec<u8>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Why a sign-in through the provider failed.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// An address in the configuration is none, or is not protected.
    #[error("the configuration of the identity provider is wrong: {0}")]
    Configuration(&'static str),
    /// The provider cannot be reached or answers what it must not.
    #[error("the identity provider cannot be used now")]
    Provider(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The way back does not belong to this browser, is too old, or was used already.
    #[error("this sign-in was not started here, or is too old")]
    Stale,
    /// What the provider says of the person does not hold.
    #[error("the identity provider's answer does not hold")]
    Untrue(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The person is known to the provider but bound to no open account here.
    #[error("no account is bound to this person")]
    Unbound {
        /// The provider's name for them, for the administrator who is to bind it.
        subject: String,
    },
    /// The directory failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl From<store::StoreError> for OidcError {
    fn from(error: store::StoreError) -> Self {
        Self::Directory(error.into())
    }
}

impl OidcError {
    fn provider(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Provider(Arc::new(error))
    }

    fn untrue(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Untrue(Arc::new(error))
    }
}

/// A sign-in that goes to the provider.
#[derive(Debug, Clone)]
pub struct Started {
    /// Where to send the browser.
    pub url: String,
    /// For a short-lived cookie (`HttpOnly`, `Secure`, `SameSite=Lax`); compared on the way back.
    pub state: String,
}

/// What the browser brings back.
#[derive(Debug, Clone, Copy)]
pub struct Returned<'a> {
    /// The provider's one-time code.
    pub code: &'a str,
    /// The state in the address.
    pub state: &'a str,
    /// The state in the cookie.
    pub cookie: &'a str,
}

/// Seconds the person has at the provider.
pub const ATTEMPT_SECONDS: i64 = 10 * 60;
/// Seconds what the provider says of itself is believed without asking again.
const METADATA_SECONDS: i64 = 10 * 60;

const KEEP: &str = "INSERT INTO oidc_attempt (state_hash, nonce, verifier, return_to, expires_at) \
    VALUES ($1, $2, $3, $4, $5)";
const TAKE: &str = "DELETE FROM oidc_attempt WHERE state_hash = $1 AND expires_at > $2 \
    RETURNING nonce, verifier, return_to";
const PURGE: &str = "DELETE FROM oidc_attempt WHERE expires_at <= $1";
const BOUND: &str = "SELECT i.account_id FROM account_identity i JOIN account a ON a.id = i.account_id \
    WHERE i.issuer = $1 AND i.subject = $2 AND a.closed_at IS NULL";
const BIND: &str = "INSERT INTO account_identity (issuer, subject, account_id, bound_at, bound_by) \
    VALUES ($1, $2, $3, $4, $5)";

#[derive(sqlx::FromRow)]
struct Attempt {
    nonce: String,
    verifier: String,
    return_to: String,
}

/// The client of one provider.
#[derive(Debug)]
pub struct Oidc {
    provider: Provider,
    http: Http,
    metadata: Mutex<Option<(Timestamp, CoreProviderMetadata)>>,
}

impl Oidc {
    /// The client of `provider`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`OidcError::Configuration`].
    pub fn new(provider: Provider) -> Result<Self, OidcError> {
        if !protected(&provider.issuer) || !protected(&provider.redirect) {
            return Err(OidcError::Configuration(
                "addresses must begin with https://",
            ));
        }
        let http = Http::new(provider.authority.as_deref())?;
        Ok(Self {
            provider,
            http,
            metadata: Mutex::new(None),
        })
    }

    /// Sends somebody to the provider; afterwards they are to see `return_to`, a path of our own.
    ///
    /// # Errors
    /// [`OidcError::Provider`]; what the database says.
    pub async fn start(&self, gate: &Gate, return_to: &str) -> Result<Started, OidcError> {
        let metadata = self.metadata(gate.clock.now()).await?;
        let [state, nonce, verifier] = [(); 3].map(|()| random(&*gate.entropy));
        let keep = PkceCodeVerifier::new(verifier.clone());
        let client =
            CoreClient::from_provider_metadata(metadata, self.client_id(), Some(self.secret()));
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let (csrf, once) = (CsrfToken::new(state.clone()), Nonce::new(nonce.clone()));
        let (url, ..) = client
            .authorize_url(flow, || csrf, || once)
            .set_redirect_uri(std::borrow::Cow::Owned(self.redirect()?))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&keep))
            .url();
        let mut tx = gate.db.begin(Actor::Resident).await?;
        sql(PURGE).bind(gate.clock.now()).execute(&mut tx).await?;
        let query = sql(KEEP)
            .bind(sha256(&state))
            .bind(nonce)
            .bind(verifier)
            .bind(own_path(return_to));
        query
            .bind(gate.clock.now().plus_seconds(ATTEMPT_SECONDS))
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(Started {
            url: url.into(),
            state,
        })
    }

    /// Takes somebody back from the provider: the session's token, and the path to show.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn finish(
        &self,
        gate: &Gate,
        returned: &Returned<'_>,
        from: &Origin<'_>,
    ) -> Result<(Token, String), OidcError> {
        let attempt = take(gate, returned).await?;
        let subject = self.subject(gate, returned.code, &attempt).await?;
        let bound: Option<(AccountId,)> = sql(BOUND)
            .bind(&self.provider.issuer)
            .bind(&subject)
            .optional(&gate.db)
            .await?;
        let (account,) = bound.ok_or(OidcError::Unbound { subject })?;
        let token = sign_in::open_vouched(gate, account, from).await?;
        Ok((token, attempt.return_to))
    }

    /// Exchanges the code and checks what the provider says: its signature, issuer, audience, time
    /// and nonce.
    async fn subject(
        &self,
        gate: &Gate,
        code: &str,
        attempt: &Attempt,
    ) -> Result<String, OidcError> {
        let now = gate.clock.now();
        let metadata = self.metadata(now).await?;
        let client =
            CoreClient::from_provider_metadata(metadata, self.client_id(), Some(self.secret()));
        let http = |request| self.http.call(request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(OidcError::provider)?
            .set_redirect_uri(std::borrow::Cow::Owned(self.redirect()?))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.clone()))
            .request_async(&http)
            .await
            .map_err(OidcError::provider)?;
        let id_token = answer
            .id_token()
            .ok_or_else(|| OidcError::untrue(NoIdToken))?;
        let time = chrono::DateTime::from_timestamp_micros(now.micros()).unwrap_or_default();
        let verifier = client.id_token_verifier().set_time_fn(move || time);
        let claims = id_token
            .claims(&verifier, &Nonce::new(attempt.nonce.clone()))
            .map_err(OidcError::untrue)?;
        Ok(claims.subject().to_string())
    }

    /// What the provider says of itself, with its keys.
    async fn metadata(&self, now: Timestamp) -> Result<CoreProviderMetadata, OidcError> {
        let mut known = self.metadata.lock().await;
        if let Some((at, metadata)) = &*known
            && now < at.plus_seconds(METADATA_SECONDS)
        {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.provider.issuer.clone())
            .map_err(|_| OidcError::Configuration("the issuer is no address"))?;
        let http = |request| self.http.call(request);
        let metadata = CoreProviderMetadata::discover_async(issuer, &http)
            .await
            .map_err(OidcError::provider)?;
        *known = Some((now, metadata.clone()));
        Ok(metadata)
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.provider.client_id.clone())
    }

    fn secret(&self) -> ClientSecret {
        ClientSecret::new(self.provider.client_secret.clone())
    }

    fn redirect(&self) -> Result<RedirectUrl, OidcError> {
        RedirectUrl::new(self.provider.redirect.clone())
            .map_err(|_| OidcError::Configuration("the way back is no address"))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the provider gave no identity token")]
struct NoIdToken;

/// Takes the attempt this browser started; it is gone afterwards.
async fn take(gate: &Gate, returned: &Returned<'_>) -> Result<Attempt, OidcError> {
    if !bool::from(returned.state.as_bytes().ct_eq(returned.cookie.as_bytes())) {
        return Err(OidcError::Stale);
    }
    let mut tx = gate.db.begin(Actor::Resident).await?;
    let query = sql(TAKE)
        .bind(sha256(returned.state))
        .bind(gate.clock.now());
    let attempt = query.optional(&mut tx).await?.ok_or(OidcError::Stale)?;
    tx.commit().await?;
    Ok(attempt)
}

/// Binds a person at the provider to an account.
///
/// # Errors
/// [`DirectoryError::Refused`], `Missing("account")`, or `Taken { what: "identity" }`.
pub async fn bind(
    gate: &Gate,
    tx: &mut Tx,
    account: AccountId,
    issuer: &str,
    subject: &str,
) -> Result<()> {
    accounts::find(&mut *tx, account).await?;
    let places = sessions::congresses(&mut *tx, account).await?;
    authorize(tx.actor(), Action::KeepAccounts, places.first().copied())?;
    if tx
        .actor()
        .signed_in()
        .is_some_and(|who| who.account == account)
    {
        return Err(DirectoryError::OwnRoles);
    }
    let subject = crate::error::tidy("subject", subject, 255)?;
    let by = tx.actor().signed_in().map(|who| who.account);
    let query = sql(BIND)
        .bind(issuer)
        .bind(subject)
        .bind(account)
        .bind(gate.clock.now())
        .bind(by);
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("identity"))?;
    accounts::note(gate, tx, account, EventKind::IdentityBound, None).await
}

fn random(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 32];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Encrypted, or on this machine.
fn protected(address: &str) -> bool {
    let local = ["http://127.0.0.1:", "http://[::1]:", "http://localhost:"];
    address.starts_with("https://") || local.iter().any(|start| address.starts_with(start))
}

/// A path of our own, never another site's address.
fn own_path(path: &str) -> &str {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    if own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_returns_only_to_a_path_of_our_own() {
        assert_eq!(
            own_path("/consultations/1?page=2"),
            "/consultations/1?page=2"
        );
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/a\nb",
        ] {
            assert_eq!(own_path(foreign), "/");
        }
    }

    #[test]
    fn a_provider_in_the_clear_is_refused() {
        assert!(protected("https://login.example") && protected("http://127.0.0.1:8080"));
        assert!(!protected("http://login.example") && !protected("http://127.0.0.1.evil.example"));
    }
}
