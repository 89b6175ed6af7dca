//! Taking an opinion from anybody and giving a receipt.

use ::store::Tx;
use jiff::civil::Date;
use kernel::{Actor, ConsultationId, OpinionId, ReceiptCode, Role, VersionId, VisitId};
use procedure::{Carry, NewMatter};

use super::{
    Desk, OpError, Result,
    again::{self, SendKey, code_hash},
    limits, words,
};
use crate::{
    model::{OPINION, OpinionMove, Source, Stance, State, says},
    store::{self, Consultation, Opinion},
    tally,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The code that opens the way of the opinion.
    pub code: ReceiptCode,
    /// The opinion.
    pub opinion: OpinionId,
    /// Whether it had been sent before; then nothing new was kept.
    pub repeated: bool,
}

/// Takes an opinion. The receipt is returned only when the opinion, its first move and its log
/// entry are durable. The same opinion sent again under the same key gives the same receipt, also
/// when nothing more is taken meanwhile.
///
/// # Errors
/// [`OpError`].
pub async fn submit(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    new: &NewOpinion,
) -> Result<Receipt> {
    let said = Said::read(&new.text, new.provision.as_deref(), new.stance)?;
    let marks = Marks::of(desk, id, &new.key, &said)?;
    let consultation = store::consultation(&desk.db, id).await?;
    let taking = Taking {
        consultation: &consultation,
        version: consultation.version,
        said: &said,
        came: Came::Web,
        marks,
    };
    match check_open(desk, &consultation) {
        Ok(()) => take_one(desk, actor, taking).await,
        Err(closed) => known(desk, &marks, closed).await,
    }
}

/// Takes one opinion in a transaction of its own, unless it was taken before.
pub(super) async fn take_one(desk: &Desk, actor: &Actor, taking: Taking<'_>) -> Result<Receipt> {
    let marks = taking.marks;
    let kept = async {
        check_provision(desk, taking.version, taking.said.provision.as_deref()).await?;
        let mut tx = desk.db.begin(actor.clone()).await?;
        match take(desk, &mut tx, taking).await {
            Ok(opinion) => tx.commit().await.map(|()| opinion).map_err(OpError::from),
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        }
    };
    match kept.await {
        Ok(opinion) => Ok(Receipt {
            code: marks.code,
            opinion,
            repeated: false,
        }),
        Err(refusal) => known(desk, &marks, refusal).await,
    }
}

/// The receipt that was given before, where there is one; else the refusal stands. The first sending
/// may still be on its way to the disk in the same group: reading in the lane and committing waits
/// for it.
pub(super) async fn known(desk: &Desk, marks: &Marks, refusal: OpError) -> Result<Receipt> {
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

/// Keeps one opinion: its matter with the first move, the row, the counters.
pub(super) async fn take(desk: &Desk, tx: &mut Tx, taking: Taking<'_>) -> Result<OpinionId> {
    let consultation = taking.consultation;
    let now = desk.now();
    let id = OpinionId::new(now, &*desk.entropy);
    let matter = NewMatter {
        id: id.into(),
        congress: consultation.congress,
        parent: Some(consultation.id.into()),
        year: now.date(&desk.zone).year(),
    };
    let said = taking.says();
    let carry = Carry {
        role: recorder(said.source, tx.actor()),
        ..Carry::saying(&said)?
    };
    let works = desk.works(now);
    let made = procedure::open(tx, &OPINION, matter, OpinionMove::Submit, carry, works).await?;
    let row = Opinion {
        id,
        consultation: consultation.id,
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
        received_at: now,
        decided_at: None,
    };
    let keys = store::OpinionKeys {
        code: code_hash(taking.marks.code),
        client: taking.marks.key,
    };
    if !store::insert_opinion(tx, &row, keys, taking.while_in()).await? {
        return Err(OpError::Closed {
            since: consultation.closes,
        });
    }
    store::tally(tx, consultation.id, tally::difference(None, &row)).await?;
    Ok(id)
}

impl Taking<'_> {
    /// The state, besides open, in which the consultation still takes it: what was heard or written
    /// in time may be recorded a little later.
    const fn while_in(&self) -> State {
        match self.came {
            Came::Web => State::Open,
            Came::Visit(_) | Came::Desk(_) => State::Studying,
        }
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
fn check_open(desk: &Desk, consultation: &Consultation) -> Result<()> {
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
