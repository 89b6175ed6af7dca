//! Parsed texts, kept while they are read.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex},
};

use kernel::VersionId;
use lawtext::Document;
use lru::LruCache;
use store::{Db, Result};

use crate::{Version, versions};

/// A version with its parsed text.
#[derive(Debug)]
pub struct Reading {
    /// The version.
    pub version: Version,
    /// Its tree.
    pub document: Document,
}

/// Reads versions and remembers the latest ones. Only published versions are remembered: others
/// may still change.
#[derive(Debug)]
pub struct Library {
    shelf: Mutex<LruCache<VersionId, Arc<Reading>>>,
}

impl Default for Library {
    fn default() -> Self {
        Self {
            shelf: Mutex::new(LruCache::new(Self::MOST)),
        }
    }
}

impl Library {
    /// How many parsed texts are kept at most.
    pub const MOST: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not zero");

    /// The version `id`, parsed.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(&self, db: &Db, id: VersionId) -> Result<Arc<Reading>> {
        if let Some(reading) = self.shelf().get(&id) {
            return Ok(Arc::clone(reading));
        }
        let version = versions::load(db, id).await?;
        let document = lawtext::parse(&version.source).document;
        let reading = Arc::new(Reading { version, document });
        if reading.version.published_at.is_some() {
            self.shelf().put(id, Arc::clone(&reading));
        }
        Ok(reading)
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, LruCache<VersionId, Arc<Reading>>> {
        self.shelf
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
