//! Storing texts and their versions.

use kernel::{CongressId, TextId, Timestamp, VersionId};
use sha2::{Digest as _, Sha256};
use store::{Result, StoreError, Target, Tx, sql};

store::statements! {
    INSERT_TEXT = "INSERT INTO text (id, congress_id, made_at) VALUES ($1, $2, $3)";
    INSERT_VERSION = "INSERT INTO text_version (id, text_id, seq, label, source, digest, made_at)
        VALUES ($1, $2, (SELECT COALESCE(MAX(seq), 0) + 1 FROM text_version WHERE text_id = $2), $3, $4, $5, $6)";
    LOAD = "SELECT v.id, v.text_id, v.seq, v.label, v.source, v.digest, v.made_at, v.published_at
        FROM text_version v WHERE v.id = $1";
    HEADS = "SELECT id, text_id, seq, label, made_at, published_at
        FROM text_version WHERE text_id = $1 ORDER BY seq";
    REPLACE = "UPDATE text_version SET label = $2, source = $3, digest = $4
        WHERE id = $1 AND published_at IS NULL";
    PUBLISH = "UPDATE text_version SET published_at = $2 WHERE id = $1 AND published_at IS NULL";
}

/// A version about to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// Its id.
    pub id: VersionId,
    /// The text it is a version of.
    pub text: TextId,
    /// What it is called, such as 征求意见稿 or 二次审议稿.
    pub label: &'a str,
    /// The text itself, to the byte.
    pub source: &'a str,
}

/// A version without its text, for lists.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct VersionHead {
    /// Its id.
    pub id: VersionId,
    /// The text it is a version of.
    pub text_id: TextId,
    /// From 1.
    pub seq: i64,
    /// What it is called.
    pub label: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was published; from then on it never changes.
    pub published_at: Option<Timestamp>,
}

/// A version with its text.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// The text it is a version of.
    pub text_id: TextId,
    /// From 1.
    pub seq: i64,
    /// What it is called.
    pub label: String,
    /// The text itself, to the byte.
    pub source: String,
    /// SHA-256 of the source.
    pub digest: Vec<u8>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was published; from then on it never changes.
    pub published_at: Option<Timestamp>,
}

/// Starts a text. What it is called is a matter of whoever uses it: names change, the text does not.
///
/// # Errors
/// The store's.
pub async fn create(tx: &mut Tx, id: TextId, congress: CongressId, now: Timestamp) -> Result<()> {
    sql(INSERT_TEXT)
        .bind(id)
        .bind(congress)
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// Adds a version at the end.
///
/// # Errors
/// The store's.
pub async fn add(tx: &mut Tx, version: NewVersion<'_>, now: Timestamp) -> Result<()> {
    sql(INSERT_VERSION)
        .bind(version.id)
        .bind(version.text)
        .bind(version.label)
        .bind(version.source)
        .bind(digest(version.source))
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// Puts another text into a version that is not published yet.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such version or it is published already.
pub async fn replace(tx: &mut Tx, id: VersionId, label: &str, source: &str) -> Result<()> {
    let changed = sql(REPLACE)
        .bind(id)
        .bind(label)
        .bind(source)
        .bind(digest(source))
        .execute(tx)
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}

/// Freezes a version.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such version or it is published already.
pub async fn publish(tx: &mut Tx, id: VersionId, now: Timestamp) -> Result<()> {
    let changed = sql(PUBLISH).bind(id).bind(now).execute(tx).await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}

/// One version with its text; the text is checked against its digest.
///
/// # Errors
/// [`StoreError::Missing`], or [`StoreError::Inconsistent`] when the text was changed behind our
/// back.
pub async fn load(on: impl Target, id: VersionId) -> Result<Version> {
    let version: Version = sql(LOAD).bind(id).one(on).await?;
    if version.digest == digest(&version.source) {
        Ok(version)
    } else {
        Err(StoreError::Inconsistent(format!(
            "version {id} does not match its digest"
        )))
    }
}

/// The versions of a text, oldest first.
///
/// # Errors
/// The store's.
pub async fn heads(on: impl Target, text: TextId) -> Result<Vec<VersionHead>> {
    sql(HEADS).bind(text).all(on).await
}

fn digest(source: &str) -> Vec<u8> {
    Sha256::digest(source.as_bytes()).to_vec()
}
