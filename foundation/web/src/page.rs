//! [`Page`]: everything a page handler and its template need to know of a request.

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::{
    extract::{FromRequestParts, Query},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Actor, Role, Timestamp, actor::SignedIn};

use crate::{
    App, ClientKey, FieldErrors, FormToken, Lang, Message, Problem, Rule, Site, T, assets, cookie,
    limits::Allowance,
};

/// Light, dark, or as the device says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word in the cookie and in `data-theme`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads [`Theme::word`] back; anything else is [`Theme::Auto`].
    #[must_use]
    pub fn parse(word: &str) -> Self {
        [Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.word() == word)
            .unwrap_or_default()
    }
}

/// The number under which a request is logged.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub String);

/// Where handlers leave what the response must state of limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Allowance>>>);

impl Slot {
    /// Keeps the allowance that runs out first.
    pub(crate) fn put(&self, allowance: Allowance) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none_or(|held| allowance.remaining <= held.remaining) {
            *held = Some(allowance);
        }
    }

    pub(crate) fn take(&self) -> Option<Allowance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A place in the header, as this visitor sees it.
#[derive(Clone, Debug)]
pub struct NavLink {
    /// Its name.
    pub label: String,
    /// Where it is.
    pub href: &'static str,
    /// Whether the visitor is there now.
    pub current: bool,
}

/// A request for a page: who asks, in which language, and how the page is to look. Handlers take
/// it as an argument; templates have it as `page`.
#[derive(Clone, Debug)]
pub struct Page {
    /// The server's state.
    pub app: App,
    /// The congress's site.
    pub site: Arc<Site>,
    /// The translator.
    pub t: T,
    /// The language.
    pub lang: Lang,
    /// Light or dark.
    pub theme: Theme,
    /// Big type (大字).
    pub big: bool,
    /// Who asks.
    pub actor: Actor,
    /// Path and query of this page.
    pub path: String,
    /// Whether only a part of the page will be used: the request came from the script.
    pub partial: bool,
    /// A notice to be shown once.
    pub notice: Option<Message>,
    /// When the request came.
    pub now: Timestamp,
    /// What rate limits count by.
    pub client: ClientKey,
    /// The number under which the request is logged.
    pub request_id: String,
    slot: Slot,
}

impl FromRequestParts<App> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let mut page = Self::anonymous(parts, app);
        if let Some(token) = cookie::session_token(&parts.headers, &app.site) {
            page.actor = app
                .sessions
                .find(token, page.now)
                .await?
                .unwrap_or(Actor::Resident);
        }
        Ok(page)
    }
}

impl Page {
    /// The page as somebody sees it who is not signed in; never fails.
    pub(crate) fn anonymous(parts: &Parts, app: &App) -> Self {
        let of = |name: &str| cookie::read(&parts.headers, name);
        let lang = language(parts);
        let path = parts
            .extensions
            .get::<axum::extract::OriginalUri>()
            .map_or(&parts.uri, |uri| &uri.0);
        Self {
            site: Arc::clone(&app.site),
            t: app.t(lang),
            lang,
            theme: of("theme").map(Theme::parse).unwrap_or_default(),
            big: of("type") == Some("big"),
            actor: Actor::Resident,
            path: path
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
            partial: parts.headers.contains_key("hx-request"),
            notice: of("notice").and_then(read_notice),
            now: app.clock.now(),
            client: ClientKey::of(parts, &app.site),
            request_id: parts
                .extensions
                .get::<RequestId>()
                .map(|id| id.0.clone())
                .unwrap_or_default(),
            slot: parts.extensions.get::<Slot>().cloned().unwrap_or_default(),
            app: app.clone(),
        }
    }

    /// Renders a page.
    pub fn show(&self, view: &impl Template) -> Response {
        self.show_as(StatusCode::OK, view)
    }

    /// Renders a form again, with what is wrong: 422.
    pub fn show_refused(&self, view: &impl Template) -> Response {
        self.show_as(StatusCode::UNPROCESSABLE_ENTITY, view)
    }

    /// Renders a page with another status.
    pub fn show_as(&self, status: StatusCode, view: &impl Template) -> Response {
        let html = match view.render() {
            Ok(html) => html,
            Err(error) => return Problem::internal(error).into_response(),
        };
        let mut response = (status, Html(html)).into_response();
        if self.notice.is_some() {
            response
                .headers_mut()
                .append(header::SET_COOKIE, cookie::set(&self.site, "notice", "", 0));
        }
        response
    }

    /// Leads on to `to` with GET, after a form has done its work.
    #[must_use]
    pub fn redirect(&self, to: &str) -> Response {
        Redirect::to(safe_back(to)).into_response()
    }

    /// Leads on to `to`, where `notice` is shown once.
    #[must_use]
    pub fn redirect_with(&self, to: &str, notice: impl Into<Message>) -> Response {
        let mut response = self.redirect(to);
        let value = serde_json::to_vec(&notice.into())
            .map(|json| URL_SAFE_NO_PAD.encode(json))
            .unwrap_or_default();
        response.headers_mut().append(
            header::SET_COOKIE,
            cookie::set(&self.site, "notice", &value, 60),
        );
        response
    }

    /// Takes one request of `rule`; the response states what is left.
    ///
    /// # Errors
    /// 429 when it was one too many.
    pub fn limit(&self, rule: &Rule) -> Result<(), Problem> {
        let allowance = self.app.limits.check(rule, self.client, self.now);
        self.slot.put(allowance);
        allowance.done()
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// 401, which leads pages to the sign-in.
    pub fn signed_in(&self) -> Result<&SignedIn, Problem> {
        self.actor.signed_in().ok_or_else(Problem::unauthorized)
    }

    /// Whoever is signed in and holds one of `roles`.
    ///
    /// # Errors
    /// 401 for nobody, 403 for somebody else.
    pub fn require(&self, roles: &[Role]) -> Result<&SignedIn, Problem> {
        let who = self.signed_in()?;
        let holds = roles.iter().any(|role| who.roles.contains(role));
        if holds {
            Ok(who)
        } else {
            Err(Problem::forbidden())
        }
    }

    /// Whether the visitor holds `role`; for templates.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.actor.is(role)
    }

    /// What form tokens are bound to.
    pub(crate) fn binding(&self) -> String {
        self.actor
            .signed_in()
            .map(|who| who.account.to_string())
            .unwrap_or_default()
    }

    /// A new form token.
    #[must_use]
    pub fn token(&self) -> String {
        FormToken::issue(
            &self.site.secret,
            &self.binding(),
            self.now,
            &*self.app.entropy,
        )
    }

    /// The places in the header that this visitor sees.
    #[must_use]
    pub fn nav(&self) -> Vec<NavLink> {
        let seen =
            |roles: &[Role]| roles.is_empty() || roles.iter().any(|role| self.actor.is(*role));
        let here = self.path.split('?').next().unwrap_or_default();
        let under = |href: &str| {
            here.strip_prefix(href)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let items = self.app.nav.iter().filter(|item| seen(item.roles));
        items
            .map(|item| NavLink {
                label: self.t.get(item.key),
                href: item.href,
                current: under(item.href),
            })
            .collect()
    }

    /// The congress's name in the visitor's language.
    #[must_use]
    pub fn congress(&self) -> &str {
        self.site.name(self.lang)
    }

    /// Where the asset `name` is.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// The link that sets the preference `name` and leads back to this page.
    #[must_use]
    pub fn prefs(&self, name: &str, value: impl AsRef<str>) -> String {
        format!(
            "/prefs?{name}={}&back={}",
            value.as_ref(),
            escape(&self.path_without_lang())
        )
    }

    /// The link that signs in and leads back to this page.
    #[must_use]
    pub fn sign_in(&self) -> String {
        format!("/sign-in?back={}", escape(&self.path))
    }

    /// The name shown to whoever is signed in.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.actor.signed_in().map(|who| who.name.as_str())
    }

    /// What is wrong with `field`, in the visitor's language; empty when nothing is.
    #[must_use]
    pub fn error(&self, errors: &FieldErrors, field: &str) -> String {
        errors
            .of(field)
            .map(|message| self.t.say(message))
            .unwrap_or_default()
    }

    fn path_without_lang(&self) -> String {
        let Some((path, query)) = self.path.split_once('?') else {
            return self.path.clone();
        };
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.starts_with("lang="))
            .collect();
        if kept.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", kept.join("&"))
        }
    }
}

#[derive(serde::Deserialize)]
struct LangQuery {
    lang: Option<String>,
}

/// `?lang=`, else the cookie, else what the browser likes, else Chinese.
fn language(parts: &Parts) -> Lang {
    let asked = Query::<LangQuery>::try_from_uri(&parts.uri)
        .ok()
        .and_then(|query| query.0.lang);
    let header = || {
        parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
    };
    asked
        .and_then(|tag| Lang::parse(&tag))
        .or_else(|| cookie::read(&parts.headers, "lang").and_then(Lang::parse))
        .or_else(|| header().and_then(Lang::from_accept))
        .unwrap_or_default()
}

fn read_notice(value: &str) -> Option<Message> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

/// `path` when it is a path on this site, else `/`: nobody is led elsewhere by a link of ours.
#[must_use]
pub fn safe_back(path: &str) -> &str {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let plain = path.len() <= 2_000 && !path.chars().any(char::is_control);
    if local && plain && HeaderValue::from_str(path).is_ok() {
        path
    } else {
        "/"
    }
}

/// Percent-encodes a query value.
pub(crate) fn escape(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_ours_lead_nowhere_else() {
        assert_eq!(safe_back("/consultations?x=1"), "/consultations?x=1");
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "evil",
            "",
            "/a\r\nx: y",
            "/\t/evil",
        ] {
            assert_eq!(safe_back(bad), "/", "{bad:?}");
        }
    }
}
