//! Taking opinions that come at the same time in one transaction (收件).
//!
//! While some are being written, those who come next wait together; then they are checked one by one
//! and written by one statement a table. Nobody waits for company: whoever comes alone is taken
//! alone. What is refused is refused to one person only, and a fault that a single opinion could have
//! caused is found by taking each by itself.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use ::store::{StoreError, Tx};
use kernel::{Actor, ConsultationId, MatterId};
use tokio::sync::oneshot;

use super::{
    Desk, Result,
    submit::{self, Came, Marks, Said, Taken, Taking},
};
use crate::{
    store::{self, Consultation, Opinion},
    way::Way,
};

/// Opinions taken together at most: more would not be quicker, and each number of rows is a
/// statement of its own to the database.
const AT_ONCE: usize = 64;

/// Those who wait for their opinion to be taken.
#[derive(Debug, Default)]
pub struct Intake(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    /// In the order in which they came.
    waiting: VecDeque<Waiting>,
    /// Whether somebody takes them already.
    led: bool,
}

#[derive(Debug)]
struct Waiting {
    consultation: ConsultationId,
    said: Said,
    marks: Marks,
    /// Until when whoever waits is kept waiting for the database.
    until: Instant,
    taken: oneshot::Sender<Result<Taken>>,
}

impl Intake {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts somebody in the queue; whether nobody takes from it yet, so that the caller has to.
    fn join(&self, one: Waiting) -> bool {
        let mut queue = self.queue();
        queue.waiting.push_back(one);
        !std::mem::replace(&mut queue.led, true)
    }

    /// Those who come next: as many as a power of two, so that few numbers of rows become statements
    /// that each connection keeps. With `None` the taking ends, until somebody joins again.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.queue();
        let some = queue.waiting.len().min(AT_ONCE);
        queue.led = some > 0;
        let some = 1 << some.checked_ilog2()?;
        Some(queue.waiting.drain(..some).collect())
    }
}

/// Takes an opinion together with others that wait; durable when this returns.
pub(super) async fn take(
    desk: &Desk,
    consultation: ConsultationId,
    said: Said,
    marks: Marks,
) -> Result<Taken> {
    let (taken, answer) = oneshot::channel();
    let first = desk.intake.join(Waiting {
        consultation,
        said,
        marks,
        until: desk.db.deadline(),
        taken,
    });
    if first {
        // In a task of its own: whoever goes away must not leave the others waiting.
        tokio::spawn(take_on(desk.clone()));
    }
    let lost = || StoreError::Inconsistent("an opinion was not taken".into());
    answer.await.map_err(|_| lost())?
}

/// Takes until nobody waits.
async fn take_on(desk: Desk) {
    while let Some(together) = desk.intake.next() {
        let work = tokio::spawn({
            let desk = desk.clone();
            async move {
                let outcomes = keep(&desk, &together).await;
                (together, outcomes)
            }
        });
        // A panic is told to its own turn, who hear no answer; the others go on.
        if let Ok((together, outcomes)) = work.await {
            // Those who come next need not wait for these receipts.
            tokio::spawn(answer_all(desk.clone(), together, outcomes));
        }
    }
}

/// An opinion that is durable, and its consultation as it was then.
struct Kept {
    opinion: Opinion,
    consultation: Consultation,
}

async fn keep(desk: &Desk, together: &[Waiting]) -> Vec<Result<Kept>> {
    match write(desk, together).await {
        Err(error) if together.len() > 1 && !error.is_unavailable() => {
            let mut each = Vec::with_capacity(together.len());
            for one in together {
                each.push(alone(desk, one).await);
            }
            each
        }
        Err(error) => together.iter().map(|_| Err(error.clone().into())).collect(),
        Ok(outcomes) => outcomes,
    }
}

async fn alone(desk: &Desk, one: &Waiting) -> Result<Kept> {
    let mut outcomes = write(desk, std::slice::from_ref(one)).await?;
    outcomes.pop().unwrap_or(Err(StoreError::Missing.into()))
}

/// Writes what may be taken of `together`; what became of each.
async fn write(
    desk: &Desk,
    together: &[Waiting],
) -> std::result::Result<Vec<Result<Kept>>, StoreError> {
    // Whoever waited for those before does not wait as long again for the database.
    let until = together.iter().map(|one| one.until).min();
    let until = until.unwrap_or_else(|| desk.db.deadline());
    let mut tx = desk.db.begin_by(Actor::Resident, until).await?;
    let known = match consultations(&mut tx, together).await {
        Ok(known) => known,
        Err(error) => {
            tx.roll_back().await;
            return Err(error);
        }
    };
    let mut admissions = Vec::with_capacity(together.len());
    for one in together {
        admissions.push(admit(desk, one, known.get(&one.consultation)).await);
    }
    let admitted: Vec<Taking<'_>> = admissions.iter().flatten().copied().collect();
    let taken = match submit::take_all(desk, &mut tx, &admitted).await {
        Ok(taken) => {
            tx.commit().await?;
            taken
        }
        Err(error) => {
            tx.roll_back().await;
            return Err(error);
        }
    };
    let mut taken = taken.into_iter();
    let outcome = |admission: Result<Taking<'_>>| {
        let consultation = admission?.consultation.clone();
        let opinion = taken.next().flatten().ok_or_else(submit::sent_before)?;
        Ok(Kept {
            opinion,
            consultation,
        })
    };
    Ok(admissions.into_iter().map(outcome).collect())
}

/// Tells each what became of it, with the way of what was taken: one question for all.
async fn answer_all(desk: Desk, together: Vec<Waiting>, outcomes: Vec<Result<Kept>>) {
    let kept = outcomes.iter().flatten();
    let matters: Vec<MatterId> = kept.map(|kept| kept.opinion.id.into()).collect();
    let mut asked = procedure::load_timelines(&desk.db, &matters).await;
    let mut taken = |kept: Kept| {
        let opinion = kept.opinion.id;
        let steps = match &mut asked {
            Ok(timelines) => Ok(timelines.remove(&opinion.into())),
            Err(error) => Err(error.clone()),
        };
        let way = |steps| Way {
            consultation: kept.consultation,
            opinion: kept.opinion,
            steps,
            led_to: Vec::new(),
        };
        let way = steps.map(|steps| steps.map(way));
        Taken { opinion, way }
    };
    for (one, outcome) in together.into_iter().zip(outcomes) {
        // Whoever went away hears nothing; the opinion is kept all the same.
        let _ = one.taken.send(outcome.map(&mut taken));
    }
}

/// The consultations that are spoken of, as far as there are such.
async fn consultations(
    tx: &mut Tx,
    together: &[Waiting],
) -> std::result::Result<HashMap<ConsultationId, Consultation>, StoreError> {
    let mut known = HashMap::new();
    for one in together {
        if let Entry::Vacant(place) = known.entry(one.consultation) {
            match store::consultation(&mut *tx, one.consultation).await {
                Ok(row) => {
                    place.insert(row);
                }
                Err(StoreError::Missing) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(known)
}

/// Whether one opinion may be taken.
async fn admit<'a>(
    desk: &Desk,
    one: &'a Waiting,
    consultation: Option<&'a Consultation>,
) -> Result<Taking<'a>> {
    let consultation = consultation.ok_or(StoreError::Missing)?;
    submit::check_open(desk, consultation)?;
    let provision = one.said.provision.as_deref();
    submit::check_provision(desk, consultation.version, provision).await?;
    Ok(Taking {
        consultation,
        version: consultation.version,
        said: &one.said,
        came: Came::Web,
        marks: one.marks,
    })
}
