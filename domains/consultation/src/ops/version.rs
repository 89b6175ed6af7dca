//! Publishing the next version.

use kernel::{Actor, ConsultationId, VersionId};
use procedure::Carry;

use super::{Desk, OpError, Result, held::advance, limits, words, write::Writing};
use crate::{
    model::{Move, says},
    store,
};

/// The next version as staff hand it in.
#[derive(Debug, Clone)]
pub struct NextVersion {
    /// What it is called, such as 二次审议稿.
    pub label: String,
    /// Its text.
    pub source: String,
    /// The version that whoever publishes it has compared it with.
    pub follows: VersionId,
}

/// Publishes the next version of the draft. Adopted opinions are written into it by a job that the
/// same transaction asks for.
///
/// # Errors
/// [`OpError::SameText`] when nothing changed, [`OpError::Changed`] when another version was
/// published meanwhile; else [`OpError`].
pub async fn next_version(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    next: &NextVersion,
) -> Result<VersionId> {
    let label = words("label", &next.label, limits::LABEL)?;
    let now = desk.now();
    let version = VersionId::new(now, &*desk.entropy);
    let (mut tx, mut row) = desk.take_up(actor, id).await?;
    let present = corpus::load(&mut tx, row.version).await?;
    let same = present.source == next.source;
    if row.version != next.follows {
        // Sent twice, it is the version that was published the first time.
        return if same && present.label == label {
            tx.commit().await?;
            Ok(row.version)
        } else {
            Err(OpError::Changed)
        };
    }
    if same {
        return Err(OpError::SameText);
    }
    let carry = Carry::saying(&says::PublishVersion {
        version,
        label: label.clone(),
        source_sha256: says::source_sha256(&next.source),
    })?;
    advance(desk, &mut tx, &mut row, Move::PublishVersion, carry).await?;
    let new = corpus::NewVersion {
        id: version,
        text: row.text,
        label: &label,
        source: &next.source,
    };
    corpus::add(&mut tx, new, now).await?;
    corpus::publish(&mut tx, version, now).await?;
    (row.version, row.writing) = (version, Some(version));
    store::save_consultation(&mut tx, &row).await?;
    Writing::all(id, version).enqueue(desk, &mut tx).await?;
    tx.commit().await?;
    Ok(version)
}
