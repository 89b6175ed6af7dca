//! The few cookies of the site: the session, the preferences, the notice shown once.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::Site;

/// Cookies kept for a year: preferences.
pub(crate) const YEAR_SECONDS: u32 = 365 * 86_400;

/// The value of the cookie `name`.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The token of the visitor's session: what a program sends as `Authorization: Bearer`, else what
/// the browser's cookie holds.
#[must_use]
pub fn session_token<'a>(headers: &'a HeaderMap, site: &Site) -> Option<&'a str> {
    let token = match headers.get(header::AUTHORIZATION) {
        Some(value) => value.to_str().ok()?.strip_prefix("Bearer ").map(str::trim),
        None => read(headers, session_name(site)),
    };
    token.filter(|token| !token.is_empty())
}

/// The session cookie's name; `__Host-` binds it to this host and to HTTPS.
pub(crate) const fn session_name(site: &Site) -> &'static str {
    if site.secure {
        "__Host-session"
    } else {
        "session"
    }
}

/// The name of a cookie that is bound to this host, and to HTTPS where there is one.
fn host_name(site: &Site, name: &str) -> String {
    let prefix = if site.secure { "__Host-" } else { "" };
    format!("{prefix}{name}")
}

/// A `Set-Cookie` header for a cookie of this host alone, which scripts do not see; for 0 seconds it
/// is taken away. `value` holds only URL-safe characters.
#[must_use]
pub fn host_cookie(site: &Site, name: &str, value: &str, max_age_seconds: u32) -> HeaderValue {
    set(site, &host_name(site, name), value, max_age_seconds)
}

/// The value of a cookie that [`host_cookie`] has set; empty when there is none.
#[must_use]
pub fn read_host_cookie<'a>(headers: &'a HeaderMap, site: &Site, name: &str) -> &'a str {
    read(headers, &host_name(site, name)).unwrap_or_default()
}

/// A `Set-Cookie` header. `value` holds only URL-safe characters.
pub(crate) fn set(site: &Site, name: &str, value: &str, max_age_seconds: u32) -> HeaderValue {
    let secure = if site.secure { "; Secure" } else { "" };
    let text = format!(
        "{name}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// The `Set-Cookie` header that signs a visitor in with `token`.
#[must_use]
pub fn session_cookie(site: &Site, token: &str, max_age_seconds: u32) -> HeaderValue {
    set(site, session_name(site), token, max_age_seconds)
}

/// The `Set-Cookie` header that signs a visitor out.
#[must_use]
pub fn clear_session_cookie(site: &Site) -> HeaderValue {
    set(site, session_name(site), "", 0)
}
