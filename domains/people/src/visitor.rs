//! [`Visitor`]: what the handlers of this domain have to know of a request beyond its [`Page`].

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::Response,
};
use directory::{
    Action, Gate,
    lockout::Network,
    oidc::Oidc,
    sessions::{Session, Stage, Token},
    sign_in::{self, MARK_SECONDS, Origin},
};
use kernel::{CongressId, actor::SignedIn};
use web::{App, Page, Problem, safe_back};

use crate::{House, words};

/// The cookie by which a browser is known to its owner's account.
const MARK: &str = "device";

/// Who asks, before and after signing in: also whoever is only half-way in.
pub(crate) struct Visitor {
    /// The directory, at the visitor's network.
    pub gate: Gate,
    /// The session of the cookie or token, whatever is still due.
    pub session: Option<Session>,
    /// The city's identity provider.
    pub oidc: Option<Arc<Oidc>>,
    /// The congress whose site it is.
    pub site: CongressId,
    device: String,
    mark: String,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(House { gate, oidc }) = parts.extensions.get::<House>().cloned() else {
            return Err(Problem::not_found());
        };
        let (site, headers) = (&app.site, &parts.headers);
        let gate = gate.at(Network::of(web::client_address(parts, site)));
        let session = match web::session_token(headers, site) {
            Some(token) => sign_in::session(&gate, site.congress, token)
                .await
                .map_err(words::problem)?,
            None => None,
        };
        let device = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Self {
            gate,
            session,
            oidc,
            site: site.congress,
            device: device.unwrap_or_default().to_owned(),
            mark: web::read_host_cookie(headers, site, MARK).to_owned(),
        })
    }
}

impl Visitor {
    /// Where a sign-in comes from.
    pub fn origin(&self) -> Origin<'_> {
        Origin {
            site: self.site,
            device: &self.device,
            mark: &self.mark,
        }
    }

    /// Whoever may do `action` on this site.
    ///
    /// # Errors
    /// 401 for nobody, 403 for somebody else.
    pub fn may<'a>(&self, page: &'a Page, action: Action) -> Result<&'a SignedIn, Problem> {
        let who = page.signed_in()?;
        directory::authorize(&page.actor, action, self.site).map_err(words::problem)?;
        Ok(who)
    }

    /// The session, for whoever may already change their own account: the second factor is passed
    /// or not enrolled yet.
    pub fn own(&self) -> Result<&Session, Problem> {
        let passed = |session: &&Session| session.stage != Stage::SecondFactor;
        self.session
            .as_ref()
            .filter(passed)
            .ok_or_else(Problem::unauthorized)
    }

    /// The session of whoever is all the way in.
    pub fn full(&self) -> Result<&Session, Problem> {
        let full = |session: &&Session| session.stage == Stage::Full;
        self.session
            .as_ref()
            .filter(full)
            .ok_or_else(Problem::unauthorized)
    }

    /// The session that waits for its second factor.
    pub fn half_way(&self) -> Result<&Session, Problem> {
        let waiting = |session: &&Session| session.stage == Stage::SecondFactor;
        self.session
            .as_ref()
            .filter(waiting)
            .ok_or_else(Problem::unauthorized)
    }

    /// The running session of a token that was just given.
    pub async fn renewed(&self, token: &Token) -> Result<Session, Problem> {
        let session = sign_in::session(&self.gate, self.site, token.secret()).await;
        session
            .map_err(words::problem)?
            .ok_or_else(Problem::unauthorized)
    }

    /// Gives the browser a session's new token and leads on to what is due, or to `back`.
    pub async fn lead_on(
        &self,
        page: &Page,
        token: &Token,
        back: &str,
    ) -> Result<Response, Problem> {
        let session = self.renewed(token).await?;
        let mut response = page.redirect(&due(session.stage, back));
        self.keep(page, token, &session, &mut response);
        Ok(response)
    }

    /// Gives the browser a session's new token, and marks it as known once both factors are passed.
    pub fn keep(&self, page: &Page, token: &Token, session: &Session, response: &mut Response) {
        let seconds =
            u32::try_from(self.gate.rules.sessions.absolute_seconds).unwrap_or(12 * 3_600);
        let cookie = web::session_cookie(&page.site, token.secret(), seconds);
        response.headers_mut().append(header::SET_COOKIE, cookie);
        if !matches!(session.stage, Stage::SecondFactor | Stage::Enrol) {
            let mark = sign_in::device_mark(&self.gate, session.account);
            let cookie = web::host_cookie(&page.site, MARK, &mark, MARK_SECONDS);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// Keeps a page with secrets out of every cache.
pub(crate) fn unstored(mut response: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}

/// Where a session of this stage has to go, and after it to `back`.
pub(crate) fn due(stage: Stage, back: &str) -> String {
    let place = match stage {
        Stage::Full => return safe_back(back).to_owned(),
        Stage::SecondFactor => "/sign-in/code",
        Stage::Enrol => "/account/second-factor",
        Stage::NewPassword => "/account/password",
    };
    format!("{place}?back={}", escape(safe_back(back)))
}

/// Percent-encodes a query value.
pub(crate) fn escape(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    let code = |byte: u8| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    value.bytes().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_keeps_the_way_back_and_leads_nowhere_else() {
        assert_eq!(due(Stage::Full, "/a?b=1"), "/a?b=1");
        assert_eq!(
            due(Stage::SecondFactor, "/a?b=1"),
            "/sign-in/code?back=/a%3Fb%3D1"
        );
        assert_eq!(
            due(Stage::NewPassword, "//evil.example"),
            "/account/password?back=/"
        );
    }
}
