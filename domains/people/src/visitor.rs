//! [`Visitor`]: what the way in has to know of a request beyond its [`Page`].

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::Response,
};
use directory::{
    Gate,
    lockout::Network,
    sessions::{Session, Stage, Token},
    sign_in::{self, Origin},
};
use web::{App, Page, Problem, safe_back};

use crate::words;

/// Who asks, before and after signing in: also whoever is only half-way in.
pub(crate) struct Visitor {
    pub gate: Gate,
    /// The session of the browser's cookie, whatever is still due.
    pub session: Option<Session>,
    network: Network,
    device: String,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(gate) = parts.extensions.get::<Gate>().cloned() else {
            return Err(Problem::not_found());
        };
        let session = match web::session_token(&parts.headers, &app.site) {
            Some(token) => sign_in::session(&gate, token)
                .await
                .map_err(words::problem)?,
            None => None,
        };
        let device = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Self {
            gate,
            session,
            network: Network::of(web::client_address(parts, &app.site)),
            device: device.unwrap_or_default().to_owned(),
        })
    }
}

impl Visitor {
    /// Where a sign-in comes from.
    pub fn origin(&self) -> Origin<'_> {
        Origin {
            network: &self.network,
            device: &self.device,
        }
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

    /// The session that waits for its second factor.
    pub fn half_way(&self) -> Result<&Session, Problem> {
        let waiting = |session: &&Session| session.stage == Stage::SecondFactor;
        self.session
            .as_ref()
            .filter(waiting)
            .ok_or_else(Problem::unauthorized)
    }

    /// Gives the browser a session's new token and leads on to what is due, or to `back`.
    pub async fn lead_on(
        &self,
        page: &Page,
        token: &Token,
        back: &str,
    ) -> Result<Response, Problem> {
        let session = sign_in::session(&self.gate, token.secret())
            .await
            .map_err(words::problem)?;
        let stage = session.map_or(Stage::SecondFactor, |session| session.stage);
        let mut response = page.redirect(&due(stage, back));
        self.keep(page, token, &mut response);
        Ok(response)
    }

    /// Gives the browser a session's new token.
    pub fn keep(&self, page: &Page, token: &Token, response: &mut Response) {
        let seconds =
            u32::try_from(self.gate.rules.sessions.absolute_seconds).unwrap_or(12 * 3_600);
        let cookie = web::session_cookie(&page.site, token.secret(), seconds);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Keeps a page with secrets that are shown once out of every cache.
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
