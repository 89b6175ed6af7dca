//! Preferences by plain links: language, theme, big type. No script, no form, no account.

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use crate::{App, Lang, Page, Query, Theme, cookie, safe_back};

#[derive(serde::Deserialize)]
struct Prefs {
    lang: Option<String>,
    theme: Option<String>,
    r#type: Option<String>,
    back: Option<String>,
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/prefs", get(set))
}

async fn set(page: Page, Query(prefs): Query<Prefs>) -> Response {
    let back = prefs.back.as_deref().map_or("/", safe_back);
    let mut response = Redirect::to(back).into_response();
    let lang = prefs.lang.as_deref().and_then(Lang::parse).map(Lang::tag);
    let theme = prefs.theme.as_deref().map(|word| Theme::parse(word).word());
    let big = prefs
        .r#type
        .as_deref()
        .map(|word| if word == "big" { "big" } else { "normal" });
    for (name, value) in [("lang", lang), ("theme", theme), ("type", big)] {
        let Some(value) = value else { continue };
        let cookie = cookie::set(&page.site, name, value, cookie::YEAR_SECONDS);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
