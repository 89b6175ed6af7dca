//! Taking an opinion from anybody and giving a receipt.

use ::store::{StoreError, Tx};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Actor, ConsultationId, OpinionId, ReceiptCode, Role, VisitId};
use procedure::{Carry, NewMatter};
use sha2::{Digest as _, Sha256};

use super::{Desk, OpError, Result, limits, words};
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
    /// The way it came.
    pub source: Source,
    /// A key that is the same when the same form is sent twice.
    pub form_key: Vec<u8>,
}

/// What whoever spoke holds from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The code that opens the way of the opinion.
    pub code: ReceiptCode,
    /// The opinion.
    pub opinion: OpinionId,
    /// Whether the same form had been sent before; then nothing new was kept.
    pub repeated: bool,
}

/// Takes an opinion. The receipt is returned only when the opinion, its first move and its log
/// entry are durable; the same form sent again gives the same receipt.
///
/// # Errors
/// [`OpError`].
pub async fn submit(
    desk: &Desk,
    actor: &Actor,
    id: ConsultationId,
    new: &NewOpinion,
) -> Result<Receipt> {
    let consultation = store::consultation(&desk.db, id).await?;
    let body = words("text", &new.text, limits::OPINION)?;
    check_open(desk, &consultation)?;
    check_provision(desk, &consultation, new.provision.as_deref()).await?;
    let code = receipt_code(&desk.secret, &new.form_key);
    let mut tx = desk.db.begin(actor.clone()).await?;
    let taking = Taking {
        consultation: &consultation,
        new,
        body,
        visit: None,
        code,
    };
    match take(desk, &mut tx, taking).await {
        Ok(opinion) => {
            tx.commit().await?;
            Ok(Receipt {
                code,
                opinion,
                repeated: false,
            })
        }
        Err(OpError::Store(StoreError::Conflict { .. })) => {
            tx.roll_back().await;
            repeated(desk, code).await
        }
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

/// The receipt given before. The first sending may still be on its way to the disk in the same
/// group: reading in the lane and committing waits for it.
async fn repeated(desk: &Desk, code: ReceiptCode) -> Result<Receipt> {
    let mut tx = desk.db.begin(Actor::Resident).await?;
    let opinion = store::opinion_by_code(&mut tx, code_hash(code)).await?;
    tx.commit().await?;
    let opinion = opinion.ok_or(StoreError::Missing)?;
    Ok(Receipt {
        code,
        opinion: opinion.id,
        repeated: true,
    })
}

/// What is needed to keep one opinion inside a transaction.
pub(super) struct Taking<'a> {
    pub consultation: &'a Consultation,
    pub new: &'a NewOpinion,
    pub body: String,
    pub visit: Option<VisitId>,
    pub code: ReceiptCode,
}

/// Keeps one opinion: the row, its matter with the first move, the counters.
pub(super) async fn take(desk: &Desk, tx: &mut Tx, taking: Taking<'_>) -> Result<OpinionId> {
    let Taking {
        consultation,
        new,
        body,
        visit,
        code,
    } = taking;
    let now = desk.now();
    let id = OpinionId::new(now, &*desk.entropy);
    let matter = NewMatter {
        id: id.into(),
        congress: consultation.congress,
        parent: Some(consultation.id.into()),
        year: now.date(&desk.zone).year(),
    };
    let said = says::Submit {
        consultation: consultation.id,
        version: consultation.version,
        provision: new.provision.clone(),
        stance: new.stance,
        source: new.source,
        visit,
        text: body.clone(),
    };
    let carry = Carry {
        role: recorder(new.source),
        ..Carry::saying(&said)?
    };
    let works = desk.works(now);
    let made = procedure::open(tx, &OPINION, matter, OpinionMove::Submit, carry, works).await?;
    let row = Opinion {
        id,
        consultation: consultation.id,
        version: consultation.version,
        provision: new.provision.clone(),
        stance: new.stance,
        source: new.source,
        body,
        visit,
        state: made.state,
        steps: made.seq,
        hidden: None,
        outcome: None,
        answer: None,
        lands_on: None,
        landed: None,
        received_at: now,
        decided_at: None,
    };
    if !store::insert_opinion(tx, &row, code_hash(code)).await? {
        return Err(OpError::Closed {
            since: consultation.closes,
        });
    }
    store::tally(tx, consultation.id, tally::difference(None, &row)).await?;
    Ok(id)
}

/// In what role an opinion is handed in that somebody else spoke or wrote.
const fn recorder(source: Source) -> Option<Role> {
    match source {
        Source::Web => None,
        Source::Visit => Some(Role::Deputy),
        Source::Desk => Some(Role::Clerk),
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
    consultation: &Consultation,
    provision: Option<&str>,
) -> Result<()> {
    let Some(provision) = provision else {
        return Ok(());
    };
    let reading = desk.library.read(&desk.db, consultation.version).await?;
    let known = provision
        .parse()
        .is_ok_and(|id| reading.document.find(&id).is_some());
    if known {
        Ok(())
    } else {
        Err(OpError::NoProvision)
    }
}

/// The receipt code of a form: the same form gives the same code, and nobody without the key can
/// tell the next one.
pub(super) fn receipt_code(secret: &[u8; 32], form_key: &[u8]) -> ReceiptCode {
    let digest = keyed(secret, b"receipt code", form_key);
    let mut bits = [0u8; 8];
    bits.copy_from_slice(&digest[..8]);
    ReceiptCode::from_bits(u64::from_be_bytes(bits))
}

/// A hash of a form's key, to recognise the form when it is sent again.
#[must_use]
pub fn form_hash(secret: &[u8; 32], form_key: &[u8]) -> [u8; 32] {
    keyed(secret, b"form", form_key)
}

fn keyed(secret: &[u8; 32], purpose: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(purpose);
    mac.update(&[0]);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// What is stored of a receipt's code.
pub(crate) fn code_hash(code: ReceiptCode) -> [u8; 32] {
    Sha256::digest(code.to_string().as_bytes()).into()
}
