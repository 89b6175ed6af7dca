//! A deputy's visit, and the opinions heard there.

use ::store::{StoreError, Tx};
use jiff::civil::Date;
use kernel::{Actor, ConsultationId, DeputyId, ReceiptCode, Role, UnitId, VisitId};

use super::{
    Desk, NewOpinion, OpError, Result, at_home, form_hash, limits,
    submit::{self, Taking},
    words,
};
use crate::{
    model::{Source, Stance},
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
    /// A key that is the same when the same form is sent twice.
    pub form_key: Vec<u8>,
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
    /// Whether the same form had been sent before; then nothing new was kept.
    pub repeated: bool,
}

/// Records a visit with all its opinions, or nothing of it. The deputy routes what was heard and
/// never settles it (代表法 31).
///
/// # Errors
/// [`OpError`].
pub async fn record_visit(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    visit: &NewVisit,
) -> Result<Heard> {
    let deputy = acting_deputy(actor)?;
    let consultation = store::consultation(&desk.db, id).await?;
    at_home(actor, consultation.congress)?;
    submit::check_open(desk, &consultation)?;
    let unit = check(desk, &consultation, visit)?;
    for opinion in &visit.opinions {
        submit::check_provision(desk, &consultation, opinion.provision.as_deref()).await?;
    }
    let hash = form_hash(&desk.secret, &visit.form_key);
    if let Some(known) = store::visit_by_form(&desk.db, hash).await? {
        return Ok(Heard {
            visit: known,
            codes: codes(desk, visit),
            repeated: true,
        });
    }
    let mut tx = desk.db.begin(actor.clone()).await?;
    match keep(desk, &mut tx, &consultation, deputy, visit, &unit, hash).await {
        Ok(kept) => {
            tx.commit().await?;
            Ok(Heard {
                visit: kept,
                codes: codes(desk, visit),
                repeated: false,
            })
        }
        Err(OpError::Store(StoreError::Conflict { .. })) => {
            tx.roll_back().await;
            // The first sending may still be on its way to the disk: wait for it in the lane.
            let mut tx = desk.db.begin(actor.clone()).await?;
            let known = store::visit_by_form(&mut tx, hash)
                .await?
                .ok_or(StoreError::Missing)?;
            tx.commit().await?;
            Ok(Heard {
                visit: known,
                codes: codes(desk, visit),
                repeated: true,
            })
        }
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

fn acting_deputy(actor: &Actor) -> Result<DeputyId> {
    let seat = actor
        .signed_in()
        .filter(|who| who.roles.contains(&Role::Deputy))
        .and_then(|who| who.deputy);
    seat.ok_or(OpError::NotDeputy)
}

/// Checks the form; the unit's name as it may be kept.
fn check(desk: &Desk, consultation: &Consultation, visit: &NewVisit) -> Result<String> {
    if !(1..=limits::HEADS).contains(&visit.heads) {
        return Err(OpError::Heads {
            most: limits::HEADS,
        });
    }
    let opens = consultation.opens.unwrap_or(visit.day);
    if visit.day < opens || visit.day > desk.today() {
        return Err(OpError::VisitDay);
    }
    words("unit", &visit.unit, limits::UNIT)
}

async fn keep(
    desk: &Desk,
    tx: &mut Tx,
    consultation: &Consultation,
    deputy: DeputyId,
    visit: &NewVisit,
    unit: &str,
    form_hash: [u8; 32],
) -> Result<VisitId> {
    let now = desk.now();
    let fresh = UnitId::new(now, &*desk.entropy);
    let unit = store::unit(tx, consultation.congress, fresh, unit).await?;
    let (by_deputy, at_unit) = store::visits_so_far(tx, consultation.id, deputy, unit).await?;
    let id = VisitId::new(now, &*desk.entropy);
    let row = store::NewVisit {
        id,
        consultation: consultation.id,
        deputy,
        unit,
        heads: visit.heads,
        visited_on: visit.day,
        form_hash,
    };
    store::insert_visit(tx, &row, now).await?;
    store::tally(
        tx,
        consultation.id,
        tally::visited(visit.heads, by_deputy == 0, at_unit == 0),
    )
    .await?;
    for (number, heard) in visit.opinions.iter().enumerate() {
        let new = as_opinion(heard, visit, number);
        let body = words("text", &heard.text, limits::OPINION)?;
        let code = submit::receipt_code(&desk.secret, &new.form_key);
        submit::take(
            desk,
            tx,
            Taking {
                consultation,
                new: &new,
                body,
                visit: Some(id),
                code,
            },
        )
        .await?;
    }
    Ok(id)
}

fn as_opinion(heard: &HeardOpinion, visit: &NewVisit, number: usize) -> NewOpinion {
    NewOpinion {
        text: heard.text.clone(),
        provision: heard.provision.clone(),
        stance: heard.stance,
        source: Source::Visit,
        form_key: opinion_key(&visit.form_key, number),
    }
}

fn opinion_key(form_key: &[u8], number: usize) -> Vec<u8> {
    [form_key, b"/", number.to_string().as_bytes()].concat()
}

fn codes(desk: &Desk, visit: &NewVisit) -> Vec<ReceiptCode> {
    let numbers = 0..visit.opinions.len();
    numbers
        .map(|number| submit::receipt_code(&desk.secret, &opinion_key(&visit.form_key, number)))
        .collect()
}
