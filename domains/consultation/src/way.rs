//! The whole way of an opinion (全链条): its steps, and the file that proves them.

use ::store::StoreError;
use kernel::{OpinionId, ReceiptCode, Timestamp};
use procedure::{Diagram as _, LinkKind, Timeline};
use translog::MatterLine;

use crate::{
    model::{OPINION, says},
    ops::{Desk, Result, code_hash},
    store::{self, Consultation, Opinion},
};

/// An opinion with everything that became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The consultation it belongs to.
    pub consultation: Consultation,
    /// The opinion.
    pub opinion: Opinion,
    /// Every step, oldest first.
    pub steps: Timeline,
    /// Every place of a version that it led to, oldest first; also those that it has moved on from.
    pub led_to: Vec<LedTo>,
}

/// A place of a version to which an opinion led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedTo {
    /// The place.
    pub place: says::Write,
    /// Since when.
    pub at: Timestamp,
}

/// Places that are shown of one opinion; each stands for an answer of its own.
pub(crate) const PLACES: u32 = 50;

/// The way of the opinion whose receipt has this code.
///
/// # Errors
/// The store's.
pub async fn by_code(desk: &Desk, code: ReceiptCode) -> Result<Option<Way>> {
    match store::opinion_by_code(&desk.db, code_hash(code)).await? {
        Some(opinion) => Ok(Some(with_steps(desk, opinion).await?)),
        None => Ok(None),
    }
}

/// The way of an opinion, for those who may see it without its receipt.
///
/// # Errors
/// [`StoreError::Missing`] when there is none.
pub async fn by_id(desk: &Desk, id: OpinionId) -> Result<Way> {
    let opinion = store::opinion(&desk.db, id).await?;
    with_steps(desk, opinion).await
}

async fn with_steps(desk: &Desk, opinion: Opinion) -> Result<Way> {
    let consultation = store::consultation(&desk.db, opinion.consultation).await?;
    let steps = procedure::load_timeline(&desk.db, opinion.id.into()).await?;
    let links = procedure::links_from(&desk.db, opinion.id.into(), None, PLACES).await?;
    let led_to = links.into_iter().filter_map(|link| {
        let place = says::Write::at(&link.anchor).filter(|_| link.kind == LinkKind::LedTo)?;
        Some(LedTo {
            place,
            at: link.made_at,
        })
    });
    Ok(Way {
        consultation,
        opinion,
        steps,
        led_to: led_to.collect(),
    })
}

/// The receipt's file: every step with its entry, its words, and the proof that it is in the log.
///
/// # Errors
/// [`crate::ops::OpError`].
pub async fn file(desk: &Desk, code: ReceiptCode, way: &Way) -> Result<translog::Receipt> {
    let head = desk.log.head(&desk.db).await.map_err(StoreError::from)?;
    let missing = || StoreError::Inconsistent("a step is not in the log".into());
    let indices: Option<Vec<u64>> = way.steps.iter().map(|step| step.index).collect();
    let indices = indices.ok_or_else(missing)?;
    let proofs = procedure::prove_inclusions(&desk.db, &indices, head.size).await?;
    let mut steps = Vec::with_capacity(way.steps.len());
    for ((step, index), inclusion) in way.steps.iter().zip(indices).zip(proofs) {
        steps.push(translog::ReceiptStep {
            at: step.at.rfc3339(),
            move_name: step.made.clone(),
            role: step.role.clone(),
            entry: step.entry.clone().ok_or_else(missing)?,
            index,
            inclusion,
            content: step.opening.clone(),
        });
    }
    Ok(translog::Receipt {
        format: translog::RECEIPT_FORMAT.to_owned(),
        origin: desk.log.signer().name().to_owned(),
        code: code.to_string(),
        matter: MatterLine {
            kind: "opinion".into(),
            number: Some(OPINION.written(way.opinion.number)),
            title: Some(way.consultation.title.clone()),
        },
        steps,
        checkpoint: head.note,
        log_key: desk.log.signer().verifier_key(),
    })
}
