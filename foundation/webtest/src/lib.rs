//! A site driven in process: the router of the whole site over a database of the test's own, with
//! a clock that stands still, seeded randomness, and a browser's cookies. Pages are asserted by
//! selecting in the DOM.
//!
//! ```ignore
//! let site = TestSite::sqlite(vec![consultation::module()]).await;
//! site.sign_in(clerk);
//! let page = site.get("/consultations").await.ok();
//! assert_eq!(page.select("h1"), ["征求意见"]);
//! let answer = site.submit("/consultations/new", &[("title", "…")]).await;
//! ```

mod described;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use kernel::{Actor, SeededEntropy, TestClock, Timestamp};
use store::{Ledger, Migration, testing::TestDb};
use tower::ServiceExt as _;
use web::{App, Found, Module, Secret, Sessions, Site};

/// Sessions kept in memory: whoever a test says is signed in.
#[derive(Default)]
struct Visitors(Mutex<HashMap<String, Actor>>);

impl Sessions for Visitors {
    fn find<'a>(&'a self, token: &'a str, _now: Timestamp) -> Found<'a> {
        let actor = lock(&self.0).get(token).cloned();
        Box::pin(std::future::ready(Ok(actor)))
    }
}

/// A site and one browser that visits it.
pub struct TestSite {
    /// The server's state.
    pub app: App,
    /// The clock, to move on.
    pub clock: Arc<TestClock>,
    /// The database.
    pub db: TestDb,
    router: Router,
    visitors: Arc<Visitors>,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl TestSite {
    /// A site over SQLite, without tables and without a ledger.
    pub async fn sqlite(modules: Vec<Module>) -> Self {
        let db = TestDb::sqlite(&[], None).await;
        Self::over(db, modules)
    }

    /// A site over SQLite, with tables and a ledger.
    pub async fn with_ledger(
        migrations: &[Migration],
        ledger: Arc<dyn Ledger>,
        modules: Vec<Module>,
    ) -> Self {
        let db = TestDb::sqlite(migrations, Some(ledger)).await;
        Self::over(db, modules)
    }

    /// A site over a database that is there already: for tests that run on both.
    ///
    /// # Panics
    /// When a module's texts cannot be used.
    #[must_use]
    pub fn over(db: TestDb, modules: Vec<Module>) -> Self {
        Self::adjusted(db, modules, |_| {})
    }

    /// The same, after `adjust` has changed the server's state: other limits, another site.
    ///
    /// # Panics
    /// When a module's texts cannot be used.
    #[must_use]
    pub fn adjusted(db: TestDb, modules: Vec<Module>, adjust: impl FnOnce(&mut App)) -> Self {
        let (clock, entropy) = (
            Arc::new(TestClock::default()),
            Arc::new(SeededEntropy::new(20_260_701)),
        );
        let visitors = Arc::new(Visitors::default());
        let mut app = App::new(
            db.db.clone(),
            visitors.clone(),
            clock.clone(),
            entropy,
            site(),
        );
        adjust(&mut app);
        let app = app
            .with_modules(&modules)
            .expect("the modules' texts can be used");
        let lonely = app.texts.lonely_keys();
        assert!(
            lonely.is_empty(),
            "texts that stand in one language only: {lonely:?}"
        );
        let router =
            web::serve::router(app.clone(), modules).expect("the modules' texts can be used");
        Self {
            app,
            clock,
            db,
            router,
            visitors,
            cookies: Mutex::default(),
        }
    }

    /// The browser is signed in as `actor` from now on.
    pub fn sign_in(&self, actor: Actor) {
        let mut visitors = lock(&self.visitors.0);
        let token = format!("token-{}", visitors.len());
        visitors.insert(token.clone(), actor);
        self.set_cookie("session", &token);
    }

    /// The browser is nobody's from now on, and has forgotten its preferences.
    pub fn sign_out(&self) {
        lock(&self.cookies).clear();
    }

    /// Gives the browser a cookie, such as `lang=en`.
    pub fn set_cookie(&self, name: &str, value: &str) {
        lock(&self.cookies).insert(name.to_owned(), value.to_owned());
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path, Body::empty())).await
    }

    /// Sends a form with exactly these fields.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        self.post_raw(path, body.collect::<Vec<_>>().join("&"))
            .await
    }

    /// Sends a form body as it is.
    pub async fn post_raw(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        let mut request = request("POST", path, Body::from(body.into()));
        let kind = header::HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        self.send(request).await
    }

    /// Sends a form with a token that was handed out to this browser.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token().await;
        let mut all = vec![("token", token.as_str())];
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    /// Sends a form with files, first those, and a token: `(field, file name, content)`.
    pub async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        const EDGE: &str = "the-edge-between-parts";
        let token = self.token().await;
        let mut body = Vec::new();
        for (name, file, content) in files {
            let head = format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        for (name, value) in fields.iter().chain([&("token", token.as_str())]) {
            let head = format!(
                "--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(head.as_bytes());
        }
        body.extend_from_slice(format!("--{EDGE}--\r\n").as_bytes());
        let mut request = request("POST", path, Body::from(body));
        let kind = format!("multipart/form-data; boundary={EDGE}");
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, kind.parse().expect("a plain header"));
        self.send(request).await
    }

    /// A form token handed out to this browser.
    pub async fn token(&self) -> String {
        self.get("/components")
            .await
            .attr("main input[name=token]", "value")
            .remove(0)
    }

    /// Sends JSON.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        let mut request = request("POST", path, Body::from(body.to_string()));
        let kind = header::HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        self.send(request).await
    }

    /// Sends a request to the API as a program does: without cookies, with the session's `token`
    /// unless it is empty, with `body` unless it is null.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &serde_json::Value,
    ) -> Answer {
        let sent = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let mut request = request(method, path, sent);
        let headers = request.headers_mut();
        let kind = header::HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, kind);
        if !token.is_empty() {
            let bearer = format!("Bearer {token}");
            let bearer = bearer.parse().expect("a token is plain text");
            headers.insert(header::AUTHORIZATION, bearer);
        }
        let cookies = std::mem::take(&mut *lock(&self.cookies));
        let answer = self.send(request).await;
        *lock(&self.cookies) = cookies;
        answer
    }

    /// Sends any request, with the browser's cookies, and keeps the cookies of the answer.
    ///
    /// # Panics
    /// When the answer is a page with a text that is missing.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = lock(&self.cookies)
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            let line = cookies.join("; ").parse().expect("cookies are plain text");
            request.headers_mut().insert(header::COOKIE, line);
        }
        let what = format!("{} {}", request.method(), request.uri());
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the router cannot fail");
        let (head, body) = response.into_parts();
        let bytes = body
            .collect()
            .await
            .expect("the body can be read")
            .to_bytes();
        let answer = Answer {
            what,
            status: head.status,
            headers: head.headers,
            bytes,
        };
        self.keep_cookies(&answer);
        let text = String::from_utf8_lossy(&answer.bytes);
        let missing = text
            .find('⟦')
            .map(|at| text[at..].chars().take(60).collect::<String>());
        assert_eq!(missing, None, "{}: a text is missing", answer.what);
        answer
    }

    fn keep_cookies(&self, answer: &Answer) {
        let mut cookies = lock(&self.cookies);
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("cookies are plain text");
            let (name, rest) = line.split_once('=').expect("a cookie has a name");
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// What the site answered.
#[derive(Debug)]
pub struct Answer {
    /// The request, for messages.
    pub what: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Bytes,
}

impl Answer {
    /// Itself, when the status is 200.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn ok(self) -> Self {
        self.is(200)
    }

    /// Itself, when the status is `status`.
    ///
    /// # Panics
    /// When it is not; shows the page's text.
    #[must_use]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}: {}",
            self.what,
            self.text()
        );
        self
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("{}: no JSON: {}", self.what, self.text()))
    }

    /// The text of every element that `css` selects, with spaces made one.
    #[must_use]
    pub fn select(&self, css: &str) -> Vec<String> {
        let squeeze = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.elements(css, |element| Some(squeeze(element.text().collect())))
    }

    /// The attribute `name` of every element that `css` selects and that has it.
    #[must_use]
    pub fn attr(&self, css: &str, name: &str) -> Vec<String> {
        self.elements(css, |element| element.attr(name).map(str::to_owned))
    }

    fn elements(
        &self,
        css: &str,
        read: impl Fn(scraper::ElementRef<'_>) -> Option<String>,
    ) -> Vec<String> {
        let selector = scraper::Selector::parse(css).expect("a selector");
        let page = scraper::Html::parse_document(&self.text());
        page.select(&selector).filter_map(read).collect()
    }

    /// A header, empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Where the answer leads.
    #[must_use]
    pub fn location(&self) -> &str {
        self.header("location")
    }
}

/// A request without a body's type.
///
/// # Panics
/// When `path` is none.
#[must_use]
pub fn request(method: &str, path: &str, body: Body) -> Request<Body> {
    let builder = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "quancheng.test");
    builder.body(body).expect("a request")
}

/// The paths that a router knows, out of what it says of itself, for a test that none is left out;
/// without its fallback, and without `/`, which every router names.
#[must_use]
pub fn paths(router: &Router<App>) -> BTreeSet<String> {
    let said = format!("{router:?}");
    let quoted = said.split('"').skip(1).step_by(2);
    let ours = quoted.filter(|text| text.len() > 1 && text.starts_with('/'));
    let ours = ours.filter(|text| !text.contains("axum"));
    ours.map(str::to_owned).collect()
}

/// The invented congress of the tests.
#[must_use]
pub fn site() -> Site {
    Site {
        name_zh: "启明市人民代表大会常务委员会".to_owned(),
        name_en: "Standing Committee of the Qiming People's Congress".to_owned(),
        base_url: "http://quancheng.test".to_owned(),
        congress: kernel::CongressId::new(TestClock::START, &SeededEntropy::new(1)),
        secure: false,
        secret: Secret([7; 32]),
        contact: "000-0000000".to_owned(),
        proxies: Vec::new(),
    }
}

fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
