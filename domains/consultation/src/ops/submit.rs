//! Taking an opinion from anybody and giving a receipt.

use std::collections::HashMap;

use ::store::{StoreError, Tx};
use jiff::civil::Date;
use kernel::{Actor, ConsultationId, OpinionId, ReceiptCode, Role, Timestamp, VersionId, VisitId};
use procedure::{Carry, Made, NewMatter};

use super::{
    Desk, OpError, Result,
    again::{self, SendKey, code_hash},
    intake, limits, words,
};
use crate::{
    model::{OPINION, OpinionMove, OpinionState, Source, Stance, State, says},
    store::{self, Consultation, Opinion},
    tally,
    way::Way,
};

/// An opinion as it is handed in.
#[derive(Debug, Clone)]
pub struct NewOpinion {
    /// The person's own words.
    pub text: String,
    /// The provision it speaks of; `None` for the whole draft.
    pub provision: Option<String>,
    /// What it wants.
    pub stance: Stance,
    /// What makes a second sending known.
    pub key: SendKey,
}

/// What whoever spoke holds from now on.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The code that opens the way of the opinion.
    pub code: ReceiptCode,
    /// The opinion.
    pub opinion: OpinionId,
    /// Whether it had been sent before; then nothing new was kept.
    pub repeated: bool,
    /// Its way so far, where that was asked for already. An error leaves the opinion as durable as
    /// it is: only its way could not be read.
    pub way: std::result::Result<Option<Way>, StoreError>,
}

/// An opinion that is durable now.
#[derive(Debug)]
pub(super) struct Taken {
    pub opinion: OpinionId,
    pub way: std::result::Result<Option<Way>, StoreError>,
}

/// Takes an opinion. The receipt is returned only when the opinion, its first move and its log
/// entry are durable. The same opinion sent again under the same key gives the same receipt, also
/// when nothing more is taken meanwhile. Whoever speaks here speaks as a resident, signed in or not:
/// the log keeps no name of theirs.
///
/// # Errors
/// [`OpError`].
pub async fn submit(desk: &Desk, id: ConsultationId, new: &NewOpinion) -> Result<Receipt> {
    let said = Said::read(&new.text, new.provision.as_deref(), new.stance)?;
    let marks = Marks::of(desk, id, &new.key, &said)?;
    given(desk, &marks, intake::take(desk, id, said, marks).await).await
}

/// The receipt of what was taken now, or before.
pub(super) async fn given(desk: &Desk, marks: &Marks, taken: Result<Taken>) -> Result<Receipt> {
    match taken {
        Ok(Taken { opinion, way }) => Ok(Receipt {
            code: marks.code,
            opinion,
            repeated: false,
            way,
        }),
        Err(refusal) => known(desk, marks, refusal).await,
    }
}

/// The receipt that was given before, where there is one; else the refusal stands. The first sending
/// may still be on its way to the disk in the same group: reading in the lane and committing waits
/// for it.
async fn known(desk: &Desk, marks: &Marks, refusal: OpError) -> Result<Receipt> {
    if !again::may_be_repeated(&refusal) {
        return Err(refusal);
    }
    let mut tx = desk.db.begin(Actor::Resident).await?;
    let same = store::opinion_by_code(&mut tx, code_hash(marks.code)).await?;
    let reused = match (&same, marks.key) {
        (None, Some(key)) => store::key_is_used(&mut tx, key).await?,
        _ => false,
    };
    tx.commit().await?;
    match same {
        Some(opinion) => Ok(Receipt {
            code: marks.code,
            opinion: opinion.id,
            repeated: true,
            way: Ok(None),
        }),
        None if reused => Err(OpError::KeyReused),
        None => Err(refusal),
    }
}

/// What somebody said, as it may be kept.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Said {
    pub text: String,
    pub provision: Option<String>,
    pub stance: Stance,
}

impl Said {
    pub(super) fn read(text: &str, provision: Option<&str>, stance: Stance) -> Result<Self> {
        Ok(Self {
            text: words("text", text, limits::OPINION)?,
            provision: provision.map(str::to_owned),
            stance,
        })
    }
}

/// By what a second sending of one opinion is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// The receipt's code: the same for the same opinion under the same key.
    pub code: ReceiptCode,
    /// The client's key, hashed: it may stand for one opinion only.
    pub key: Option<[u8; 32]>,
}

impl Marks {
    pub(super) fn of(
        desk: &Desk,
        id: ConsultationId,
        key: &SendKey,
        content: &impl serde::Serialize,
    ) -> Result<Self> {
        let (secret, scope) = (&desk.secret, uuid::Uuid::from(id));
        Ok(Self {
            code: again::receipt_code(secret, &scope, key, &again::digest(content)?),
            key: key
                .is_clients()
                .then(|| again::key_hash(secret, &scope, key)),
        })
    }
}

/// The way an opinion came, with what belongs to it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Came {
    /// By the page or the API.
    Web,
    /// Heard at this visit.
    Visit(VisitId),
    /// In a letter that arrived on this day.
    Desk(Date),
}

/// What is needed to keep one opinion inside a transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taking<'a> {
    pub consultation: &'a Consultation,
    /// The version it speaks of.
    pub version: VersionId,
    pub said: &'a Said,
    pub came: Came,
    pub marks: Marks,
}

impl Taking<'_> {
    fn says(&self) -> says::Submit {
        let (source, visit, arrived) = match self.came {
            Came::Web => (Source::Web, None, None),
            Came::Visit(visit) => (Source::Visit, Some(visit), None),
            Came::Desk(day) => (Source::Desk, None, Some(day.to_string())),
        };
        says::Submit {
            consultation: self.consultation.id,
            version: self.version,
            provision: self.said.provision.clone(),
            stance: self.said.stance,
            source,
            visit,
            arrived,
            text: self.said.text.clone(),
        }
    }
}

/// Keeps opinions of one congress: their rows, their matters with the first move, the counters. `None`
/// stands for one that was sent before: then nothing of it is kept.
pub(super) async fn take_all(
    desk: &Desk,
    tx: &mut Tx,
    takings: &[Taking<'_>],
) -> std::result::Result<Vec<Option<Opinion>>, StoreError> {
    if takings.is_empty() {
        return Ok(Vec::new());
    }
    let now = desk.now();
    let marks = takings.iter().flat_map(|taking| taking.keys().marks());
    let mut marked = store::marked(tx, &marks.collect::<Vec<_>>()).await?;
    let (mut known, mut fresh, mut matters) = (Vec::new(), Vec::new(), Vec::new());
    for taking in takings {
        // One that comes twice among these is known the second time.
        let new = taking.keys().marks().all(|mark| !marked.contains(&mark));
        known.push(!new);
        if new {
            let id = OpinionId::new(now, &*desk.entropy);
            marked.extend(taking.keys().marks());
            matters.push(taking.matter(desk, tx.actor(), id, now)?);
            fresh.push((taking, id));
        }
    }
    let works = desk.works(now);
    let made = procedure::open_all(tx, &OPINION, OpinionMove::Submit, matters, works);
    let made = made.await.map_err(unexpected)?;
    let (mut rows, mut changes) = (Vec::new(), HashMap::<_, Vec<_>>::new());
    for ((taking, id), made) in fresh.into_iter().zip(made) {
        let row = taking.row(id, &made, now);
        let changed = changes.entry(row.consultation).or_default();
        changed.extend(tally::difference(None, &row));
        rows.push((row, taking.keys()));
    }
    store::insert_opinions(tx, &rows).await?;
    for (consultation, changed) in changes {
        store::tally(tx, consultation, tally::together(changed)).await?;
    }
    let mut rows = rows.into_iter().map(|(row, _)| row);
    let kept = known.iter().map(|known| match known {
        true => None,
        false => rows.next(),
    });
    Ok(kept.collect())
}

/// Anybody may hand in an opinion in the roles that callers take.
fn unexpected(error: procedure::MoveError) -> StoreError {
    match error {
        procedure::MoveError::Store(error) => error,
        procedure::MoveError::Refused(refusal) => StoreError::Inconsistent(refusal.to_string()),
    }
}

/// What is said of an opinion whose code or key is there already.
pub(super) fn sent_before() -> OpError {
    let constraint = "opinion_by_code".into();
    StoreError::Conflict { constraint }.into()
}

impl Taking<'_> {
    fn keys(&self) -> store::OpinionKeys {
        store::OpinionKeys {
            code: code_hash(self.marks.code),
            client: self.marks.key,
        }
    }

    fn row(&self, id: OpinionId, made: &Made<OpinionState>, now: Timestamp) -> Opinion {
        let said = self.says();
        Opinion {
            id,
            consultation: said.consultation,
            number: made.number,
            version: said.version,
            provision: said.provision,
            stance: said.stance,
            source: said.source,
            body: said.text,
            visit: said.visit,
            state: made.state,
            steps: made.seq,
            hidden: None,
            outcome: None,
            answer: None,
            lands_on: None,
            referred_to: None,
            received_at: now,
            decided_at: None,
        }
    }

    fn matter(
        &self,
        desk: &Desk,
        actor: &Actor,
        id: OpinionId,
        now: Timestamp,
    ) -> std::result::Result<(NewMatter, Carry<OpinionState>), StoreError> {
        let said = self.says();
        let matter = NewMatter {
            id: id.into(),
            congress: self.consultation.congress,
            parent: Some(self.consultation.id.into()),
            year: now.date(&desk.zone).year(),
        };
        let carry = Carry {
            role: recorder(said.source, actor),
            ..Carry::saying(&said)?
        };
        Ok((matter, carry))
    }
}

/// In what role an opinion is handed in that somebody else spoke or wrote.
fn recorder(source: Source, actor: &Actor) -> Option<Role> {
    match source {
        Source::Web => None,
        Source::Visit => Some(Role::Deputy),
        Source::Desk if actor.is(Role::Clerk) => Some(Role::Clerk),
        Source::Desk => Some(Role::Chair),
    }
}

/// Opinions are taken from the first day to the end of the last.
pub(super) fn check_open(desk: &Desk, consultation: &Consultation) -> Result<()> {
    let today = desk.today();
    let within = consultation.opens.is_some_and(|opens| opens <= today)
        && consultation.closes.is_some_and(|closes| today <= closes);
    if consultation.state == State::Open && within {
        Ok(())
    } else {
        Err(OpError::Closed {
            since: consultation.closes,
        })
    }
}

pub(super) async fn check_provision(
    desk: &Desk,
    version: VersionId,
    provision: Option<&str>,
) -> Result<()> {
    let Some(provision) = provision else {
        return Ok(());
    };
    let reading = desk.library.read(&desk.db, version).await?;
    let known = provision
        .parse()
        .is_ok_and(|id| reading.document.find(&id).is_some());
    if known {
        Ok(())
    } else {
        Err(OpError::NoProvision)
    }
}
