//! Work that nobody waits for.

use ::store::jobs::{Failure, Handlers, Job};

use crate::ops::{self, Desk, WRITE_OPINIONS};

/// Who does the jobs of this domain.
#[must_use]
pub fn handlers(desk: &Desk) -> Handlers {
    let writing = desk.clone();
    Handlers::default().on(WRITE_OPINIONS, move |job: Job, _| {
        let desk = writing.clone();
        async move { done(ops::write_opinions(&desk, &job.read()?).await) }
    })
}

fn done(outcome: ops::Result<()>) -> Result<(), Failure> {
    outcome.map_err(|error| Failure::Passing(error.to_string()))
}
