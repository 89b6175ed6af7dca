//! News for feed readers (Atom, RFC 4287): they ask as often as they like and show what is new.

use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use kernel::Timestamp;

use crate::{Page, Problem};

/// A feed: addresses are paths of this site.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    /// What it is called.
    pub title: String,
    /// Its own address.
    pub href: String,
    /// The page that shows the same.
    pub page: String,
    /// The news, newest first.
    pub entries: Vec<Entry>,
}

/// One piece of news.
#[derive(Debug, Clone)]
pub struct Entry {
    /// A path that no other piece of news of this site has.
    pub id: String,
    /// In a line.
    pub title: String,
    /// Where to read more.
    pub href: String,
    /// Since when it is there.
    pub published: Timestamp,
    /// When it changed last.
    pub updated: Timestamp,
    /// In a few sentences, plain text.
    pub summary: String,
}

#[derive(Template)]
#[template(path = "feed.xml")]
struct Atom<'a> {
    feed: &'a Feed,
    lang: &'static str,
    origin: &'a str,
    author: &'a str,
    updated: String,
}

impl Feed {
    /// The feed as an answer, in the visitor's language.
    ///
    /// # Errors
    /// When it cannot be written, which is our fault.
    pub fn answer(&self, page: &Page) -> Result<Response, Problem> {
        // A feed without news has not changed since before there were any.
        let updated = self.entries.iter().map(|entry| entry.updated).max();
        let atom = Atom {
            feed: self,
            lang: page.lang.tag(),
            origin: &page.site.base_url,
            author: page.congress(),
            updated: updated.unwrap_or(Timestamp::from_micros(0)).rfc3339(),
        };
        let xml = atom.render().map_err(Problem::internal)?;
        let kind = HeaderValue::from_static("application/atom+xml; charset=utf-8");
        Ok(([(header::CONTENT_TYPE, kind)], xml).into_response())
    }
}
