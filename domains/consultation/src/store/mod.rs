//! SQL of the domain, one named const a statement, portable to both databases.

mod consultations;
mod opinions;
mod tallies;
mod visits;

pub use consultations::{Consultation, Scope, consultation, consultations};
pub(crate) use consultations::{insert_consultation, save_consultation};
pub use opinions::{Filter, Opinion, landed, landed_counts, opinion, opinions};
pub(crate) use opinions::{
    OpinionKeys, insert_opinion, key_is_used, land, opinion_by_code, save_opinion, to_land,
};
pub(crate) use tallies::{Tally, tallies, tally};
pub(crate) use visits::{NewVisit, insert_visit, unit, visit_by_key, visits_so_far};
pub use visits::{Visit, visit, visits};

use ::store::{Query, Result, StoreError, Tx};

/// Every statement with its name, for the test that has both databases read them.
#[must_use]
pub fn statements() -> Vec<(&'static str, &'static str)> {
    [
        consultations::STATEMENTS,
        opinions::STATEMENTS,
        tallies::STATEMENTS,
        visits::STATEMENTS,
    ]
    .concat()
}

fn word<W: procedure::Word>(column: &str, word: &str) -> Result<W> {
    W::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("{column} is {word}")))
}

fn day(column: &str, text: Option<String>) -> Result<Option<jiff::civil::Date>> {
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|_| StoreError::Inconsistent(format!("{column} is no date")))
}

fn steps(column: &str, number: i64) -> Result<u32> {
    u32::try_from(number).map_err(|_| StoreError::Inconsistent(format!("{column} is {number}")))
}

async fn changed_one(query: Query, tx: &mut Tx) -> Result<()> {
    if query.execute(tx).await? == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}
