//! What others record for those who spoke: a deputy's visit with the opinions heard there, and
//! letters and callers at the desk (来信来访).
//!
//! Both may be recorded some days after the last day, when they were heard or arrived in time.

use ::store::Tx;
use jiff::{Span, civil::Date};
use kernel::{
    Actor, CongressId, ConsultationId, DeputyId, ReceiptCode, Role, UnitId, VersionId, VisitId,
};

use super::{
    Desk, OpError, Receipt, Result,
    again::{self, SendKey},
    at_home, limits, staff,
    submit::{self, Came, Marks, Said, Taken, Taking},
    words,
};
use crate::{
    model::{Stance, State},
    rules,
    store::{self, Consultation},
    tally,
};

/// A visit as a deputy records it.
#[derive(Debug, Clone)]
pub struct NewVisit {
    /// The unit visited (基层单位).
    pub unit: String,
    /// Persons heard (人次).
    pub heads: u32,
    /// The day of the visit.
    pub day: Date,
    /// What was heard, in the people's own words.
    pub opinions: Vec<HeardOpinion>,
    /// What makes a second sending known.
    pub key: SendKey,
}

/// One opinion heard.
#[derive(Debug, Clone)]
pub struct HeardOpinion {
    /// The person's own words.
    pub text: String,
    /// The provision it speaks of.
    pub provision: Option<String>,
    /// What it wants.
    pub stance: Stance,
}

/// A recorded visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The visit.
    pub visit: VisitId,
    /// A receipt's code for each opinion, in their order, to hand to whoever spoke.
    pub codes: Vec<ReceiptCode>,
    /// Whether the same visit had been sent before; then nothing new was kept.
    pub repeated: bool,
}

/// A letter or a call as staff record it. Who wrote is not kept.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The person's own words, without name and address.
    pub text: String,
    /// The provision it speaks of.
    pub provision: Option<String>,
    /// What it wants.
    pub stance: Stance,
    /// The day it arrived.
    pub arrived: Date,
    /// What makes a second sending known.
    pub key: SendKey,
}

/// Records a visit with all its opinions, or nothing of it. The deputy routes what was heard and
/// never settles it (代表法 31). The same visit sent again under the same key gives the same receipts;
/// another one under it is refused, so that nobody is counted twice.
///
/// # Errors
/// [`OpError`].
pub async fn record_visit(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    new: &NewVisit,
) -> Result<Heard> {
    let deputy = acting_deputy(actor)?;
    let consultation = store::consultation(&desk.db, id).await?;
    at_home(actor, consultation.congress)?;
    let visit = Visit::read(desk, &consultation, deputy, new)?;
    let kept = async {
        let version = recordable(desk, &consultation, visit.day).await?;
        for said in &visit.said {
            submit::check_provision(desk, version, said.provision.as_deref()).await?;
        }
        let mut tx = desk.db.begin(actor.clone()).await?;
        match visit.keep(desk, &mut tx, version).await {
            Ok(kept) => tx.commit().await.map(|()| kept).map_err(OpError::from),
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        }
    };
    match kept.await {
        Ok(kept) => Ok(visit.heard(kept, false)),
        Err(refusal) => known(desk, &visit, refusal).await,
    }
}

/// The visit that was recorded before, where there is one; else the refusal stands.
async fn known(desk: &Desk, visit: &Visit<'_>, refusal: OpError) -> Result<Heard> {
    if !again::may_be_repeated(&refusal) {
        return Err(refusal);
    }
    let mut tx = desk.db.begin(Actor::System).await?;
    let found = store::visit_by_key(&mut tx, visit.key_hash).await?;
    tx.commit().await?;
    match found {
        Some((id, content)) if content == visit.content => Ok(visit.heard(id, true)),
        Some(_) => Err(OpError::KeyReused),
        None => Err(refusal),
    }
}

fn acting_deputy(actor: &Actor) -> Result<(DeputyId, &str)> {
    let who = actor
        .signed_in()
        .filter(|who| who.roles.contains(&Role::Deputy));
    let seat = who.and_then(|who| Some((who.deputy?, who.name.as_str())));
    seat.ok_or(OpError::NotDeputy)
}

/// A visit as it may be kept.
struct Visit<'a> {
    consultation: &'a Consultation,
    /// The seat, and the deputy's name.
    deputy: (DeputyId, &'a str),
    unit: String,
    heads: u32,
    day: Date,
    said: Vec<Said>,
    /// What makes a second sending known, and what must be the same in it.
    key_hash: [u8; 32],
    content: [u8; 32],
    marks: Vec<Marks>,
}

impl<'a> Visit<'a> {
    fn read(
        desk: &Desk,
        consultation: &'a Consultation,
        deputy: (DeputyId, &'a str),
        new: &NewVisit,
    ) -> Result<Self> {
        if !(1..=limits::HEADS).contains(&new.heads) {
            return Err(OpError::Heads {
                most: limits::HEADS,
            });
        }
        if new.opinions.len() > limits::OPINIONS_A_VISIT {
            return Err(OpError::TooManyHeard {
                most: limits::OPINIONS_A_VISIT,
            });
        }
        let unit = words("unit", &new.unit, limits::UNIT)?;
        let said = new
            .opinions
            .iter()
            .map(|heard| Said::read(&heard.text, heard.provision.as_deref(), heard.stance));
        let said = said.collect::<Result<Vec<_>>>()?;
        let whole = (deputy.0, &unit, new.heads, new.day.to_string(), &said);
        let marks = (0..said.len())
            .map(|number| Marks::of(desk, consultation.id, &new.key, &(&whole, number)));
        // An opinion of a visit needs no key of its own: the visit has it.
        let marks = marks.map(|marks| marks.map(|marks| Marks { key: None, ..marks }));
        let scope = uuid::Uuid::from(consultation.id);
        Ok(Self {
            key_hash: again::key_hash(&desk.secret, &scope, &new.key),
            content: again::digest(&whole)?,
            marks: marks.collect::<Result<Vec<_>>>()?,
            consultation,
            deputy,
            heads: new.heads,
            day: new.day,
            unit,
            said,
        })
    }

    fn heard(&self, visit: VisitId, repeated: bool) -> Heard {
        Heard {
            visit,
            codes: self.marks.iter().map(|marks| marks.code).collect(),
            repeated,
        }
    }

    async fn keep(&self, desk: &Desk, tx: &mut Tx, version: VersionId) -> Result<VisitId> {
        let (consultation, now) = (self.consultation, desk.now());
        still_taken(tx, consultation.id).await?;
        let fresh = UnitId::new(now, &*desk.entropy);
        let unit = store::unit(tx, consultation.congress, fresh, &self.unit).await?;
        let row = store::NewVisit {
            id: VisitId::new(now, &*desk.entropy),
            consultation: consultation.id,
            deputy: self.deputy.0,
            unit,
            heads: self.heads,
            visited_on: self.day,
            key_hash: self.key_hash,
            content: self.content,
        };
        store::insert_visit(tx, &row, now).await?;
        let (by_deputy, at_unit) = store::count_visit(tx, &row, self.deputy.1).await?;
        let counted = tally::visited(self.heads, by_deputy, at_unit);
        store::tally(tx, consultation.id, counted).await?;
        let heard = self.said.iter().zip(&self.marks);
        let takings: Vec<Taking<'_>> = heard
            .map(|(said, marks)| Taking {
                consultation,
                version,
                said,
                came: Came::Visit(row.id),
                marks: *marks,
            })
            .collect();
        let taken = submit::take_all(desk, tx, &takings).await?;
        if taken.contains(&None) {
            return Err(submit::sent_before());
        }
        Ok(row.id)
    }
}

/// Records a letter or a call (来信来访) for whoever wrote or came; the receipt is theirs.
///
/// # Errors
/// [`OpError`].
pub async fn record_letter(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    letter: &Letter,
) -> Result<Receipt> {
    let consultation = store::consultation(&desk.db, id).await?;
    at_home(actor, consultation.congress)?;
    staff(actor)?;
    let said = Said::read(&letter.text, letter.provision.as_deref(), letter.stance)?;
    let content = (&said, letter.arrived.to_string());
    let marks = Marks::of(desk, id, &letter.key, &content)?;
    match recordable(desk, &consultation, letter.arrived).await {
        Ok(version) => {
            let taking = Taking {
                consultation: &consultation,
                version,
                said: &said,
                came: Came::Desk(letter.arrived),
                marks,
            };
            submit::given(desk, &marks, keep_letter(desk, actor, taking).await).await
        }
        Err(refusal) => submit::given(desk, &marks, Err(refusal)).await,
    }
}

async fn keep_letter(desk: &Desk, actor: &Actor, taking: Taking<'_>) -> Result<Taken> {
    let provision = taking.said.provision.as_deref();
    submit::check_provision(desk, taking.version, provision).await?;
    let mut tx = desk.db.begin(actor.clone()).await?;
    let kept = async {
        still_taken(&mut tx, taking.consultation.id).await?;
        let mut taken = submit::take_all(desk, &mut tx, &[taking]).await?;
        taken.pop().flatten().ok_or_else(submit::sent_before)
    };
    match kept.await {
        Ok(opinion) => {
            tx.commit().await?;
            let (opinion, way) = (opinion.id, Ok(None));
            Ok(Taken { opinion, way })
        }
        Err(refusal) => {
            tx.roll_back().await;
            Err(refusal)
        }
    }
}

/// What was heard or written in time may be recorded a little later. Looks once more, where it
/// counts: closing and recording go one after the other.
async fn still_taken(tx: &mut Tx, id: ConsultationId) -> Result<()> {
    let now = store::consultation(tx, id).await?;
    match now.state {
        State::Open | State::Studying => Ok(()),
        _ => Err(OpError::Closed { since: now.closes }),
    }
}

/// The version that was heard or written about on `day`, if it may still be recorded today.
async fn recordable(desk: &Desk, consultation: &Consultation, day: Date) -> Result<VersionId> {
    if !takes_records(desk, consultation)? {
        return Err(OpError::Closed {
            since: consultation.closes,
        });
    }
    let opens = consultation.opens.unwrap_or(day);
    let closes = consultation.closes.unwrap_or(day);
    if day < opens || day > closes || day > desk.today() {
        return Err(OpError::VisitDay);
    }
    laid_open(desk, consultation).await
}

/// The version that was laid open and that people spoke of: after the last day the next one may be
/// there already.
///
/// # Errors
/// The store's.
pub async fn laid_open(desk: &Desk, consultation: &Consultation) -> Result<VersionId> {
    if consultation.state == State::Open {
        return Ok(consultation.version);
    }
    let versions = corpus::heads(&desk.db, consultation.text).await?;
    Ok(versions
        .first()
        .map_or(consultation.version, |first| first.id))
}

/// The consultations of a congress for which visits and letters are recorded today.
///
/// # Errors
/// [`OpError`].
pub async fn taking_records(desk: &Desk, congress: CongressId) -> Result<Vec<Consultation>> {
    let today = desk.today();
    let grace = Span::new().days(i64::from(rules::days_of_grace(desk, today)?));
    let day = today.saturating_sub(grace);
    let mut taking = Vec::new();
    for consultation in store::not_long_over(&desk.db, congress, day).await? {
        if takes_records(desk, &consultation)? {
            taking.push(consultation);
        }
    }
    Ok(taking)
}

/// Whether visits and letters of a consultation are recorded today: from its first day to some days
/// after its last.
///
/// # Errors
/// [`OpError::NoRule`].
pub fn takes_records(desk: &Desk, consultation: &Consultation) -> Result<bool> {
    let (Some(opens), Some(closes)) = (consultation.opens, consultation.closes) else {
        return Ok(false);
    };
    let grace = rules::days_of_grace(desk, closes)?;
    let until = closes.saturating_add(Span::new().days(i64::from(grace)));
    let today = desk.today();
    Ok(matches!(consultation.state, State::Open | State::Studying)
        && opens <= today
        && today <= until)
}
