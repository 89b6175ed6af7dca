//! Sign-in by a city's own identity provider (OpenID Connect, authorization code with PKCE).
//!
//! The provider says who somebody is; what they may do stays here: the pair of issuer and subject
//! must have been bound to an account, by its person or by an administrator. State, nonce and
//! verifier are kept in a row that is used once, and the state also in the browser's cookie, so that
//! nobody is signed in by a link a stranger sends. The provider's word for a second factor is taken
//! only where the configuration says which of its words mean one.

mod http;
mod identities;

use std::{borrow::Cow, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{AccountId, Actor, Entropy, SessionId, Timestamp};
use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, SignatureVerificationError,
    TokenResponse as _,
    core::{
        CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreProviderMetadata,
        CoreResponseType,
    },
};
use store::sql;
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;

use crate::{
    DirectoryError, Gate, Result,
    codes::sha256,
    sessions::{self, Session, Token},
    sign_in::Origin,
};
use http::Http;
pub use http::HttpError;
pub use identities::{
    Identity, STATEMENTS as IDENTITY_STATEMENTS, bind, of_account, of_session, unbind, unbind_own,
};

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
    /// Certificate authorities to trust besides the public ones, in PEM: a city's own.
    pub authorities: Option<Vec<u8>>,
    /// Its words that mean that a second factor was passed there.
    pub second_factor: SecondFactorWords,
}

/// What a provider says when somebody has passed a second factor; without them, ours is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecondFactorWords {
    /// Words of `amr` (RFC 8176), such as `mfa`; one is enough.
    pub amr: Vec<String>,
    /// Values of `acr`.
    pub acr: Vec<String>,
}

impl SecondFactorWords {
    fn are_in(&self, claims: &CoreIdTokenClaims) -> bool {
        let methods = claims.auth_method_refs().into_iter().flatten();
        let class = claims.auth_context_ref();
        methods.into_iter().any(|method| self.amr.contains(method))
            || class.is_some_and(|class| self.acr.contains(class))
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Why a sign-in through the provider failed.
#[derive(Debug, Clone, thiserror::Error)]
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
    /// The provider could not be reached a moment ago, and is not asked again yet.
    #[error("the identity provider could not be reached a moment ago")]
    Resting,
    /// The session that was to be bound has not shown password and second factor again.
    #[error("not proved")]
    Unproved,
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
/// Seconds for which a provider that cannot be reached is left alone, and for which its keys are not
/// asked for again because of a key that is unknown.
const REST_SECONDS: i64 = 15;

store::statements! {
    KEEP = "INSERT INTO oidc_attempt (state_hash, session_id, nonce, verifier, return_to, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    TAKE = "DELETE FROM oidc_attempt WHERE state_hash = $1 AND expires_at > $2 \
        RETURNING session_id, nonce, verifier, return_to";
    PURGE = "DELETE FROM oidc_attempt WHERE expires_at <= $1";
    BOUND = "SELECT i.account_id FROM account_identity i JOIN account a ON a.id = i.account_id \
        WHERE i.issuer = $1 AND i.subject = $2 AND i.congress_id = $3 AND a.closed_at IS NULL";
}

#[derive(sqlx::FromRow)]
struct Attempt {
    session_id: Option<SessionId>,
    nonce: String,
    verifier: String,
    return_to: String,
}

/// What came of a visit to the provider.
#[derive(Debug)]
pub enum Finished {
    /// Somebody has signed in: the session's token.
    SignedIn(Token),
    /// The account of the session is bound to the person at the provider.
    Bound,
}

/// What is known of the provider.
#[derive(Debug, Default)]
struct Cache {
    fetched: Option<(Timestamp, CoreProviderMetadata)>,
    failed_at: Option<Timestamp>,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The client of one provider.
#[derive(Debug)]
pub struct Oidc {
    provider: Provider,
    http: Http,
    cache: Mutex<Cache>,
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
        let http = Http::new(provider.authorities.as_deref())?;
        Ok(Self {
            provider,
            http,
            cache: Mutex::default(),
        })
    }

    /// Its issuer, by which it is named.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    /// Sends somebody to the provider to sign in; afterwards they are to see `return_to`, a path of
    /// our own.
    ///
    /// # Errors
    /// [`OidcError::Provider`] or [`OidcError::Resting`]; what the database says.
    pub async fn start(&self, gate: &Gate, return_to: &str) -> Result<Started, OidcError> {
        self.send(gate, None, return_to).await
    }

    /// Sends whoever is signed in to the provider, to bind their account to who they are there.
    ///
    /// # Errors
    /// [`OidcError::Unproved`] when [`crate::sign_in::prove`] has not been passed, and as
    /// [`Oidc::start`].
    pub async fn start_binding(
        &self,
        gate: &Gate,
        session: &Session,
        return_to: &str,
    ) -> Result<Started, OidcError> {
        if !session.proved {
            return Err(OidcError::Unproved);
        }
        self.send(gate, Some(session.id), return_to).await
    }

    async fn send(
        &self,
        gate: &Gate,
        session: Option<SessionId>,
        return_to: &str,
    ) -> Result<Started, OidcError> {
        let metadata = self.metadata(gate.clock.now()).await?;
        let [state, nonce, verifier] = [(); 3].map(|()| random(&*gate.entropy));
        let keep = PkceCodeVerifier::new(verifier.clone());
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let (csrf, once) = (CsrfToken::new(state.clone()), Nonce::new(nonce.clone()));
        let client = self.client(metadata);
        let (url, ..) = client
            .authorize_url(flow, || csrf, || once)
            .set_redirect_uri(Cow::Owned(self.redirect()?))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&keep))
            .url();
        let mut tx = gate.db.begin(Actor::Resident).await?;
        sql(PURGE).bind(gate.clock.now()).execute(&mut tx).await?;
        let query = sql(KEEP)
            .bind(sha256(&state))
            .bind(session)
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

    /// Takes somebody back from the provider: what came of it, and the path to show. `session` is
    /// the browser's own, for a binding.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn finish(
        &self,
        gate: &Gate,
        returned: &Returned<'_>,
        from: &Origin<'_>,
        session: Option<&Session>,
    ) -> Result<(Finished, String), OidcError> {
        let attempt = take(gate, returned).await?;
        let claims = self.claims(gate, returned.code, &attempt).await?;
        let subject = claims.subject().to_string();
        if let Some(id) = attempt.session_id {
            let session = session.filter(|session| session.id == id);
            let session = session.ok_or(OidcError::Stale)?;
            identities::bind_own(gate, session, &self.provider.issuer, &subject).await?;
            return Ok((Finished::Bound, attempt.return_to));
        }
        let mut tx = gate.db.begin(Actor::Resident).await?;
        let query = sql(BOUND)
            .bind(&self.provider.issuer)
            .bind(&subject)
            .bind(from.site);
        let bound: Option<(AccountId,)> = query.optional(&mut tx).await?;
        let (account,) = bound.ok_or(OidcError::Unbound { subject })?;
        let factor = self.provider.second_factor.are_in(&claims);
        let token = sessions::open(gate, &mut tx, account, from.device, factor).await?;
        tx.commit().await?;
        Ok((Finished::SignedIn(token), attempt.return_to))
    }

    /// Exchanges the code and checks what the provider says: its signature, issuer, audience, time
    /// and nonce.
    async fn claims(
        &self,
        gate: &Gate,
        code: &str,
        attempt: &Attempt,
    ) -> Result<CoreIdTokenClaims, OidcError> {
        let now = gate.clock.now();
        let metadata = self.metadata(now).await?;
        let client = self.client(metadata);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(OidcError::provider)?
            .set_redirect_uri(Cow::Owned(self.redirect()?))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(OidcError::provider)?;
        let id_token = answer
            .id_token()
            .ok_or_else(|| OidcError::untrue(NoIdToken))?;
        let nonce = Nonce::new(attempt.nonce.clone());
        match verified(&client, id_token, &nonce, now) {
            // The provider may have changed its keys since we asked for them.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let client = self.client(self.fresh_metadata(now).await?);
                verified(&client, id_token, &nonce, now).map_err(OidcError::untrue)
            }
            claims => claims.map_err(OidcError::untrue),
        }
    }

    /// What the provider says of itself, with its keys. One asks, the others wait for the answer;
    /// while it cannot be reached, nobody asks.
    async fn metadata(&self, now: Timestamp) -> Result<CoreProviderMetadata, OidcError> {
        let mut cache = self.cache.lock().await;
        match &cache.fetched {
            Some((at, metadata)) if now < at.plus_seconds(METADATA_SECONDS) => Ok(metadata.clone()),
            _ => self.fetch(&mut cache, now).await,
        }
    }

    /// The same, asked anew unless that was just done.
    async fn fresh_metadata(&self, now: Timestamp) -> Result<CoreProviderMetadata, OidcError> {
        let mut cache = self.cache.lock().await;
        match &cache.fetched {
            Some((at, metadata)) if now < at.plus_seconds(REST_SECONDS) => Ok(metadata.clone()),
            _ => self.fetch(&mut cache, now).await,
        }
    }

    async fn fetch(
        &self,
        cache: &mut Cache,
        now: Timestamp,
    ) -> Result<CoreProviderMetadata, OidcError> {
        if cache
            .failed_at
            .is_some_and(|at| now < at.plus_seconds(REST_SECONDS))
        {
            return Err(OidcError::Resting);
        }
        let issuer = IssuerUrl::new(self.provider.issuer.clone())
            .map_err(|_| OidcError::Configuration("the issuer is no address"))?;
        match CoreProviderMetadata::discover_async(issuer, &self.http).await {
            Ok(metadata) => {
                cache.fetched = Some((now, metadata.clone()));
                cache.failed_at = None;
                Ok(metadata)
            }
            Err(error) => {
                cache.failed_at = Some(now);
                Err(OidcError::provider(error))
            }
        }
    }

    /// The client, which shows its secret the way the provider takes it.
    fn client(&self, metadata: CoreProviderMetadata) -> Client {
        let takes = |method| {
            let methods = metadata.token_endpoint_auth_methods_supported();
            methods.is_none_or(|methods| methods.contains(&method))
        };
        let auth = if takes(CoreClientAuthMethod::ClientSecretBasic) {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        };
        let id = ClientId::new(self.provider.client_id.clone());
        let secret = ClientSecret::new(self.provider.client_secret.clone());
        CoreClient::from_provider_metadata(metadata, id, Some(secret)).set_auth_type(auth)
    }

    fn redirect(&self) -> Result<RedirectUrl, OidcError> {
        RedirectUrl::new(self.provider.redirect.clone())
            .map_err(|_| OidcError::Configuration("the way back is no address"))
    }
}

fn verified(
    client: &Client,
    id_token: &CoreIdToken,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
    let time = chrono::DateTime::from_timestamp_micros(now.micros()).unwrap_or_default();
    let verifier = client.id_token_verifier().set_time_fn(move || time);
    id_token.claims(&verifier, nonce).cloned()
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
