//! What every handler can reach: [`App`], and the site it belongs to.

use std::{future::Future, net::IpAddr, pin::Pin, sync::Arc};

use jiff::tz::TimeZone;
use kernel::{Actor, Clock, CongressId, Entropy, Timestamp};
use store::{Db, StoreError};

use crate::{Lang, Module, NavItem, RateLimits, T, Texts, TextsError};

/// The key of form tokens and receipt codes. Never printed.
#[derive(Clone)]
pub struct Secret(pub [u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The site of one congress.
#[derive(Clone, Debug)]
pub struct Site {
    /// The congress's name in Chinese.
    pub name_zh: String,
    /// The congress's name in English.
    pub name_en: String,
    /// Where the site is reached, without a slash at the end; links in receipts begin with it.
    pub base_url: String,
    /// How people reach whoever keeps the site: a telephone number, an address; empty for none.
    pub contact: String,
    /// The congress whose site this is.
    pub congress: CongressId,
    /// Whether cookies are sent over HTTPS only; off for a demo on plain HTTP.
    pub secure: bool,
    /// The key of form tokens.
    pub secret: Secret,
    /// Addresses of our own proxies, whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

impl Site {
    /// The congress's name in `lang`.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.name_zh,
            Lang::En => &self.name_en,
        }
    }
}

/// What [`Sessions::find`] gives.
pub type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<Actor>, StoreError>> + Send + 'a>>;

/// Turns the token in a visitor's cookie into who that is. The directory has the real one.
pub trait Sessions: Send + Sync {
    /// Who holds `token` at `now`; nobody when it is unknown, over or revoked.
    fn find<'a>(&'a self, token: &'a str, now: Timestamp) -> Found<'a>;
}

/// A site on which nobody signs in.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSessions;

impl Sessions for NoSessions {
    fn find<'a>(&'a self, _token: &'a str, _now: Timestamp) -> Found<'a> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// The state of the server, shared by all handlers. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// Who is signed in.
    pub sessions: Arc<dyn Sessions>,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// All translations.
    pub texts: Arc<Texts>,
    /// The congress's site.
    pub site: Arc<Site>,
    /// How often a visitor may ask.
    pub limits: Arc<RateLimits>,
    /// The places of the site, in order.
    pub nav: Arc<Vec<NavItem>>,
    /// The place's time zone.
    pub zone: TimeZone,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("site", &self.site)
            .finish_non_exhaustive()
    }
}

impl App {
    /// A site with this crate's own texts, in China's time zone, with the standard limits.
    /// [`App::with_modules`] adds what the domains bring.
    ///
    /// # Panics
    /// Never: this crate's own catalogues are read by its tests.
    #[must_use]
    pub fn new(
        db: Db,
        sessions: Arc<dyn Sessions>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        site: Site,
    ) -> Self {
        let texts = Texts::new(LOCALES).expect("this crate's own catalogues are read by its tests");
        Self {
            db,
            sessions,
            clock,
            entropy,
            texts: Arc::new(texts),
            site: Arc::new(site),
            limits: Arc::new(RateLimits::standard()),
            nav: Arc::new(Vec::new()),
            zone: kernel::time::china(),
        }
    }

    /// The same site with the texts and places of `modules`.
    ///
    /// # Errors
    /// A catalogue that cannot be read, or a key that two domains give.
    pub fn with_modules(mut self, modules: &[Module]) -> Result<Self, TextsError> {
        let sources = LOCALES
            .iter()
            .chain(modules.iter().flat_map(|module| module.locales));
        self.texts = Arc::new(Texts::new(sources)?);
        let mut nav: Vec<NavItem> = modules
            .iter()
            .flat_map(|module| module.nav.clone())
            .collect();
        nav.sort_by_key(|item| item.order);
        self.nav = Arc::new(nav);
        Ok(self)
    }

    /// A translator for `lang`, at the present instant.
    #[must_use]
    pub fn t(&self, lang: Lang) -> T {
        T::new(
            Arc::clone(&self.texts),
            lang,
            self.zone.clone(),
            self.clock.now(),
        )
    }
}

/// This crate's own texts.
pub(crate) const LOCALES: &[(Lang, &str)] = &[
    (Lang::Zh, include_str!("../locales/zh-CN.ftl")),
    (Lang::En, include_str!("../locales/en.ftl")),
];
