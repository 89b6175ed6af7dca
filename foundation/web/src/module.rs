//! The manifest of a domain: everything it adds to the program.

use axum::Router;
use kernel::Role;
use store::jobs::{Handlers, Round};
use utoipa_axum::router::OpenApiRouter;

use crate::{App, Lang};

/// A place of the site, shown in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// The key of its name.
    pub key: &'static str,
    /// Where it is; the place is current on every path that begins with it.
    pub href: &'static str,
    /// Smaller numbers stand first.
    pub order: u16,
    /// Who sees it; nobody named means everybody.
    pub roles: &'static [Role],
}

/// What a domain adds to a running program. What it keeps in the database is its
/// [`store::Schema`]. A new domain is one crate, and one line where the program lists both.
pub struct Module {
    /// The domain's name, as in its crate.
    pub name: &'static str,
    /// Its pages, with their full paths.
    pub pages: Router<App>,
    /// Its API, with paths below `/api/v1`.
    pub api: OpenApiRouter<App>,
    /// Its texts.
    pub locales: &'static [(Lang, &'static str)],
    /// Its places in the header.
    pub nav: Vec<NavItem>,
    /// Who does its jobs.
    pub jobs: Handlers,
    /// Which of its jobs come round by themselves.
    pub rounds: Vec<Round>,
}

impl Module {
    /// A domain that brings nothing yet.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        let (pages, api) = (Router::new(), OpenApiRouter::new());
        Self {
            name,
            pages,
            api,
            locales: &[],
            nav: Vec::new(),
            jobs: Handlers::default(),
            rounds: Vec::new(),
        }
    }
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
