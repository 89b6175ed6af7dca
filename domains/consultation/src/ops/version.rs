//! Publishing the next version, and telling every adopted opinion where it was written.

use std::collections::HashMap;

use kernel::{Actor, ConsultationId, VersionId};
use lawtext::ProvisionId;
use procedure::{Carry, LinkKind};

use super::{
    Desk, OpError, Result,
    held::{advance, advance_opinion},
    limits, words,
};
use crate::{
    model::{Move, OpinionMove, OpinionState, Outcome, says},
    store::{self, Opinion},
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

/// How many opinions one transaction writes into a version.
const AT_ONCE: u32 = 200;

/// Publishes the next version of the draft, and writes every adopted opinion into it.
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
    row.version = version;
    store::save_consultation(&mut tx, &row).await?;
    tx.commit().await?;
    carry_over(desk, id).await?;
    Ok(version)
}

/// Writes adopted opinions into the present version, some at a time, until none is left; how many.
/// Run again after a crash it goes on where it stopped.
///
/// # Errors
/// [`OpError`].
pub async fn carry_over(desk: &Desk, id: ConsultationId) -> Result<usize> {
    let consultation = store::consultation(&desk.db, id).await?;
    let heads = corpus::heads(&desk.db, consultation.text).await?;
    if heads.len() < 2 {
        return Ok(0);
    }
    let mut map = LandingMap {
        desk,
        version: consultation.version,
        moved: HashMap::new(),
    };
    let mut written = 0;
    loop {
        let some = store::to_land(&desk.db, id, AT_ONCE).await?;
        if some.is_empty() {
            return Ok(written);
        }
        let mut places = Vec::with_capacity(some.len());
        for opinion in &some {
            places.push(map.place(opinion).await?);
        }
        write_some(desk, consultation.version, &some, places).await?;
        written += some.len();
    }
}

async fn write_some(
    desk: &Desk,
    version: VersionId,
    opinions: &[Opinion],
    places: Vec<Option<String>>,
) -> Result<()> {
    let mut tx = desk.db.begin(Actor::System).await?;
    for (opinion, place) in opinions.iter().zip(places) {
        let opinion = store::opinion(&mut tx, opinion.id).await?;
        let adopted = opinion.outcome.is_some_and(Outcome::changes_the_draft);
        if opinion.state != OpinionState::Decided || !adopted {
            continue;
        }
        let said = says::Write {
            version,
            provision: place.clone(),
        };
        let write = (OpinionMove::Write, Carry::saying(&said)?);
        advance_opinion(desk, &mut tx, &opinion, write, |row| row.lands_on = place).await?;
        store::land(&mut tx, opinion.id, version).await?;
        let (from, to) = (opinion.id.into(), opinion.consultation.into());
        let works = desk.works(desk.now());
        procedure::link(&mut tx, from, to, LinkKind::LedTo, &said.anchor(), works).await?;
    }
    Ok(tx.commit().await?)
}

/// Where the articles of older versions went in the new one, worked out once a version.
struct LandingMap<'a> {
    desk: &'a Desk,
    version: VersionId,
    moved: HashMap<VersionId, HashMap<String, String>>,
}

impl LandingMap<'_> {
    /// The provision that shows an opinion: the one staff named, else where the article spoken of
    /// went; `None` when it went nowhere.
    async fn place(&mut self, opinion: &Opinion) -> Result<Option<String>> {
        let new = self.desk.library.read(&self.desk.db, self.version).await?;
        if let Some(named) = &opinion.lands_on
            && named
                .parse()
                .is_ok_and(|id: ProvisionId| new.document.find(&id).is_some())
        {
            return Ok(Some(named.clone()));
        }
        let Some(spoken_of) = &opinion.provision else {
            return Ok(None);
        };
        if !self.moved.contains_key(&opinion.version) {
            let old = self
                .desk
                .library
                .read(&self.desk.db, opinion.version)
                .await?;
            let alignment = lawtext::align(&old.document, &new.document);
            self.moved
                .insert(opinion.version, main_landings(&alignment));
        }
        let Some(article) = spoken_of
            .parse()
            .ok()
            .and_then(|id: ProvisionId| id.article())
        else {
            return Ok(None);
        };
        Ok(self
            .moved
            .get(&opinion.version)
            .and_then(|moved| moved.get(article.as_str()))
            .cloned())
    }
}

/// For each article that went somewhere its successor: the main one, where it was split.
fn main_landings(alignment: &lawtext::Alignment) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for pair in alignment.provisions() {
        if let (Some(old), Some(new)) = (&pair.old, &pair.new)
            && (!pair.part || !found.contains_key(old.as_str()))
        {
            found.insert(old.to_string(), new.to_string());
        }
    }
    found
}
