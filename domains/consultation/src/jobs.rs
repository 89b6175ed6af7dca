//! Work that nobody waits for.

use ::store::jobs::{Failure, Handlers, Job};

use crate::ops::{self, Desk, GATHER, WRITE_OPINIONS};

/// The job that closes consultations whose last day is over.
pub const CLOSE_OVERDUE: &str = "consultation.close_overdue";

/// Who does the jobs of this domain.
#[must_use]
pub fn handlers(desk: &Desk) -> Handlers {
    let (closing, writing, gathering) = (desk.clone(), desk.clone(), desk.clone());
    Handlers::default()
        .on(CLOSE_OVERDUE, move |_, _| {
            let desk = closing.clone();
            async move { done(ops::close_overdue(&desk).await.map(drop)) }
        })
        .on(WRITE_OPINIONS, move |job: Job, _| {
            let desk = writing.clone();
            async move { done(ops::write_opinions(&desk, &job.read()?).await) }
        })
        .on(GATHER, move |job: Job, _| {
            let desk = gathering.clone();
            async move { done(ops::gather(&desk, job.read()?).await) }
        })
}

fn done(outcome: ops::Result<()>) -> Result<(), Failure> {
    outcome.map_err(|error| Failure::Passing(error.to_string()))
}
