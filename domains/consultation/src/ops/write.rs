//! Writing adopted opinions into a version: a job, some at a time.
//!
//! An opinion is written only where the version shows it: where the words of the article spoken of
//! changed, or where staff named the place. The others stay decided, and the desk lists them.

use std::{collections::HashMap, sync::Arc};

use ::store::{
    Tx,
    jobs::{self, NewJob},
};
use corpus::Reading;
use kernel::{Actor, ConsultationId, OpinionId, VersionId};
use lawtext::{Alignment, Pair, PairKind, ProvisionId};
use procedure::{Carry, LinkKind};

use super::{Desk, Result, held::advance_opinion};
use crate::{
    model::{OpinionMove, OpinionState, Outcome, says},
    store::{self, Opinion},
    tally,
    way::PLACES,
};

/// The kind of the job.
pub const WRITE_OPINIONS: &str = "consultation.write_opinions";

/// Opinions that one transaction looks at.
const AT_ONCE: usize = 200;

/// What the job is told.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Writing {
    /// The consultation.
    consultation: ConsultationId,
    /// The version that is to show its opinions.
    version: VersionId,
    /// The opinion after which it goes on.
    #[serde(default)]
    after: Option<OpinionId>,
    /// Only this one: it was adopted when the version was there already.
    #[serde(default)]
    only: Option<OpinionId>,
}

impl Writing {
    /// All opinions adopted so far.
    pub(super) const fn all(consultation: ConsultationId, version: VersionId) -> Self {
        Self {
            consultation,
            version,
            after: None,
            only: None,
        }
    }

    /// One opinion.
    pub(super) const fn one(opinion: &Opinion, version: VersionId) -> Self {
        Self {
            only: Some(opinion.id),
            ..Self::all(opinion.consultation, version)
        }
    }

    pub(super) async fn enqueue(&self, desk: &Desk, tx: &mut Tx) -> Result<()> {
        let now = desk.now();
        let mut job = NewJob::new(WRITE_OPINIONS, self, now)?;
        job.dedup_key = Some(format!("{WRITE_OPINIONS} {}", job.payload));
        jobs::enqueue(tx, &job, now, &*desk.entropy).await?;
        Ok(())
    }
}

/// Writes some of the adopted opinions into a version, and asks for the next of them. Run twice it does
/// no more than once.
///
/// # Errors
/// [`super::OpError`].
pub async fn write_opinions(desk: &Desk, job: &Writing) -> Result<()> {
    let some = match job.only {
        Some(id) => vec![store::opinion(&desk.db, id).await?],
        None => {
            let most = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
            store::to_write(&desk.db, job.consultation, job.after, most).await?
        }
    };
    // Texts are read and compared before the lane is taken.
    let mut places = Places::of(desk, job.version).await?;
    for opinion in &some {
        places.learn(desk, opinion.version).await?;
    }
    let mut tx = desk.db.begin(Actor::System).await?;
    for opinion in &some {
        let opinion = store::opinion(&mut tx, opinion.id).await?;
        write(desk, &mut tx, &opinion, &places).await?;
    }
    match some.last() {
        _ if job.only.is_some() => {}
        Some(last) if some.len() == AT_ONCE => {
            let next = Writing {
                after: Some(last.id),
                ..job.clone()
            };
            next.enqueue(desk, &mut tx).await?;
        }
        _ => {
            let mut row = store::consultation(&mut tx, job.consultation).await?;
            row.writing = row.writing.filter(|version| *version != job.version);
            store::save_consultation(&mut tx, &row).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Writes one opinion, if it is still adopted and the version shows it.
async fn write(desk: &Desk, tx: &mut Tx, opinion: &Opinion, places: &Places) -> Result<()> {
    let adopted = opinion.outcome.is_some_and(Outcome::changes_the_draft);
    if opinion.state != OpinionState::Decided || !adopted {
        return Ok(());
    }
    let Some(said) = places.landing(opinion) else {
        return Ok(());
    };
    // What the version shows already was looked at again and adopted again: the next one is to show it,
    // unless staff name another place of this one.
    let before = led_to(tx, opinion, said.version).await?;
    let elsewhere = opinion.lands_on.is_some() && !before.contains(&said);
    if !before.is_empty() && !elsewhere {
        return Ok(());
    }
    let write = (OpinionMove::Write, Carry::saying(&said)?);
    advance_opinion(desk, tx, opinion, write, |_| {}).await?;
    let (from, to) = (opinion.id.into(), opinion.consultation.into());
    let works = desk.works(desk.now());
    procedure::link(tx, from, to, LinkKind::LedTo, &said.anchor(), works).await?;
    Ok(store::tally(tx, opinion.consultation, tally::landed(&said)).await?)
}

/// The places of the version that the opinion has led to before.
async fn led_to(tx: &mut Tx, opinion: &Opinion, version: VersionId) -> Result<Vec<says::Write>> {
    let links = procedure::links_from(tx, opinion.id.into(), None, PLACES).await?;
    let places = links
        .iter()
        .filter_map(|link| says::Write::at(&link.anchor));
    Ok(places.filter(|place| place.version == version).collect())
}

/// Where a version shows what was said of older ones.
struct Places {
    new: Arc<Reading>,
    /// For each older version and article there, where its words went when they changed.
    changed: HashMap<VersionId, HashMap<ProvisionId, Option<ProvisionId>>>,
}

impl Places {
    async fn of(desk: &Desk, version: VersionId) -> Result<Self> {
        Ok(Self {
            new: desk.library.read(&desk.db, version).await?,
            changed: HashMap::new(),
        })
    }

    async fn learn(&mut self, desk: &Desk, old: VersionId) -> Result<()> {
        if !self.changed.contains_key(&old) {
            let reading = desk.library.read(&desk.db, old).await?;
            let alignment = lawtext::align(&reading.document, &self.new.document);
            self.changed.insert(old, changed_places(&alignment));
        }
        Ok(())
    }

    /// The provision that staff named; else what became of the article spoken of, if its words changed.
    fn landing(&self, opinion: &Opinion) -> Option<says::Write> {
        let named = opinion.lands_on.as_deref().filter(|id| self.has(id));
        let provision = match named {
            Some(named) => Some(named.to_owned()),
            None => self.moved(opinion)?,
        };
        Some(says::Write {
            version: self.new.version.id,
            provision,
        })
    }

    fn has(&self, id: &str) -> bool {
        id.parse()
            .is_ok_and(|id: ProvisionId| self.new.document.find(&id).is_some())
    }

    fn moved(&self, opinion: &Opinion) -> Option<Option<String>> {
        let spoken_of: ProvisionId = opinion.provision.as_deref()?.parse().ok()?;
        let whole = spoken_of.article().unwrap_or(spoken_of);
        let place = self.changed.get(&opinion.version)?.get(&whole)?;
        Some(place.as_ref().map(ToString::to_string))
    }
}

/// The provisions whose words changed, and where they are now: for one that was split, the likeliest
/// of its parts; nowhere for one that was left out.
fn changed_places(alignment: &Alignment) -> HashMap<ProvisionId, Option<ProvisionId>> {
    let changed = |pair: &&Pair| match pair.kind {
        PairKind::Changed | PairKind::Removed | PairKind::Split | PairKind::Merged => true,
        PairKind::Moved => pair.confidence < 1.0,
        PairKind::Unchanged | PairKind::Renumbered | PairKind::Added => false,
    };
    let mut pairs: Vec<&Pair> = alignment.provisions().filter(changed).collect();
    pairs.sort_by(|one, other| {
        let whole = other.part.cmp(&one.part);
        whole.then(one.confidence.total_cmp(&other.confidence))
    });
    let places = pairs
        .into_iter()
        .filter_map(|pair| Some((pair.old.clone()?, pair.new.clone())));
    places.collect()
}
