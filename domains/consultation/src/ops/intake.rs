//! Taking opinions that come at the same time in one transaction (收件).
//!
//! While some are being written, those who come next wait together; then they are checked one by one
//! and written by one statement a table. Nobody waits for company: whoever comes alone is taken
//! alone. What is refused is refused to one person only, and a fault that a single opinion could have
//! caused is found by taking each by itself.

use std::collections::{HashMap, VecDeque, hash_map::Entry};

use ::store::StoreError;
use kernel::{Actor, ConsultationId, MatterId, OpinionId};
use tokio::sync::{Mutex, oneshot};

use super::{
    Desk, OpError, Result,
    submit::{self, Came, Marks, Said, Taken, Taking},
};
use crate::{
    store::{self, Consultation, Opinion},
    way::Way,
};

/// Opinions taken together at most: more would not be quicker, and each number of rows is a
/// statement of its own to the database.
const AT_ONCE: usize = 32;

/// Those who wait for their opinion to be taken, in the order in which they came.
#[derive(Debug, Default)]
pub struct Intake {
    waiting: std::sync::Mutex<VecDeque<Waiting>>,
    turn: Mutex<()>,
}

#[derive(Debug)]
struct Waiting {
    consultation: ConsultationId,
    said: Said,
    marks: Marks,
    taken: oneshot::Sender<Result<Taken>>,
}

impl Intake {
    fn queue(&self) -> std::sync::MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
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
    desk.intake.queue().push_back(Waiting {
        consultation,
        said,
        marks,
        taken,
    });
    // In a task of its own: whoever goes away must not leave the others waiting.
    let desk = desk.clone();
    tokio::spawn(async move {
        let _turn = desk.intake.turn.lock().await;
        let together: Vec<Waiting> = {
            let mut queue = desk.intake.queue();
            let some = queue.len().min(AT_ONCE);
            queue.drain(..some).collect()
        };
        serve(&desk, together).await;
    });
    let lost = || StoreError::Inconsistent("an opinion was not taken".into());
    answer.await.map_err(|_| lost())?
}

async fn serve(desk: &Desk, together: Vec<Waiting>) {
    let outcomes = match write(desk, &together).await {
        Err(error) if together.len() > 1 && !error.is_unavailable() => {
            let mut each = Vec::with_capacity(together.len());
            for one in &together {
                each.push(alone(desk, one).await);
            }
            each
        }
        Err(error) => together.iter().map(|_| Err(error.clone().into())).collect(),
        Ok(outcomes) => outcomes,
    };
    for (one, outcome) in together.into_iter().zip(outcomes) {
        // Whoever went away hears nothing; the opinion is kept all the same.
        let _ = one.taken.send(outcome);
    }
}

async fn alone(desk: &Desk, one: &Waiting) -> Result<Taken> {
    let mut outcomes = write(desk, std::slice::from_ref(one)).await?;
    outcomes.pop().unwrap_or(Err(StoreError::Missing.into()))
}

/// Writes what may be taken of `together`; what became of each.
async fn write(
    desk: &Desk,
    together: &[Waiting],
) -> std::result::Result<Vec<Result<Taken>>, StoreError> {
    let mut tx = desk.db.begin(Actor::Resident).await?;
    let mut known: HashMap<ConsultationId, Result<Consultation, StoreError>> = HashMap::new();
    for one in together {
        if let Entry::Vacant(place) = known.entry(one.consultation) {
            place.insert(store::consultation(&mut tx, one.consultation).await);
        }
    }
    let mut outcomes = Vec::with_capacity(together.len());
    let mut admitted = Vec::new();
    for one in together {
        let admission = admit(desk, one, known.get(&one.consultation)).await;
        outcomes.push(match admission {
            Ok(taking) => {
                admitted.push(taking);
                None
            }
            Err(refusal) => Some(refusal),
        });
    }
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
    let mut ways = ways(desk, &admitted, &taken).await;
    let mut taken = taken.into_iter();
    let outcome = |refusal: Option<OpError>| match refusal {
        Some(refusal) => Err(refusal),
        None => match taken.next().flatten() {
            Some(Opinion { id, .. }) => Ok(Taken {
                opinion: id,
                way: ways.remove(&id),
            }),
            None => Err(submit::sent_before()),
        },
    };
    Ok(outcomes.into_iter().map(outcome).collect())
}

/// The ways of what was taken, for the receipts: one question for all. Where it is not answered, each
/// is asked for by itself.
async fn ways(
    desk: &Desk,
    takings: &[Taking<'_>],
    taken: &[Option<Opinion>],
) -> HashMap<OpinionId, Way> {
    let there = || {
        let both = takings.iter().zip(taken);
        both.filter_map(|(taking, opinion)| Some((taking, opinion.as_ref()?)))
    };
    let matters: Vec<MatterId> = there().map(|(_, opinion)| opinion.id.into()).collect();
    let asked = procedure::load_timelines(&desk.db, &matters).await;
    let mut timelines = asked.unwrap_or_default();
    let way = |(taking, opinion): (&Taking<'_>, &Opinion)| {
        let way = Way {
            consultation: taking.consultation.clone(),
            opinion: opinion.clone(),
            steps: timelines.remove(&opinion.id.into())?,
            led_to: Vec::new(),
        };
        Some((opinion.id, way))
    };
    there().filter_map(way).collect()
}

/// Whether one opinion may be taken.
async fn admit<'a>(
    desk: &Desk,
    one: &'a Waiting,
    consultation: Option<&'a Result<Consultation, StoreError>>,
) -> Result<Taking<'a>> {
    let consultation = match consultation {
        Some(Ok(row)) => row,
        Some(Err(error)) => return Err(error.clone().into()),
        None => return Err(StoreError::Missing.into()),
    };
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
