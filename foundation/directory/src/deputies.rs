//! Deputies' seats (代表). A seat belongs to one congress and one term; the person who holds it may
//! hold others elsewhere, so seats and persons are counted apart.

use kernel::{Clock, CongressId, DeputyId, Entropy, OrganId, PersonId, TermId};
use store::{Db, Target, Tx, sql};

use crate::{Action, DirectoryError, Page, Result, authorize, error::tidy, paging};

/// How a seat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeatState {
    /// In office (在任).
    Seated,
    /// The exercise of the office is suspended (暂停执行职务; 代表法).
    Suspended,
    /// The office ended: resigned, recalled, moved away, died or the term ended (终止).
    Ended,
}

impl SeatState {
    /// The word in the table and in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seated => "seated",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
        }
    }
}

/// A deputy's seat with the name of who holds it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Deputy {
    /// The seat's id.
    pub id: DeputyId,
    /// Who holds it.
    pub person_id: PersonId,
    /// In which congress.
    pub congress_id: CongressId,
    /// In which term.
    pub term_id: TermId,
    /// The deputy's name.
    pub name: String,
    /// Unit and post.
    pub post: Option<String>,
    /// The number of the deputy's card (代表证号).
    pub number: Option<String>,
    /// Constituency or electing body (选区、选举单位).
    pub constituency: String,
    /// The delegation sat with (代表团).
    pub delegation_id: Option<OrganId>,
    /// A [`SeatState`]'s word.
    pub state: String,
    /// First day, `YYYY-MM-DD`.
    pub since_on: String,
    /// Last day.
    pub until_on: Option<String>,
}

/// A seat to be filled.
#[derive(Debug, Clone)]
pub struct NewDeputy<'a> {
    /// Who takes it.
    pub person: PersonId,
    /// In which congress.
    pub congress: CongressId,
    /// In which of its terms.
    pub term: TermId,
    /// The number of the deputy's card (代表证号).
    pub number: Option<&'a str>,
    /// Constituency or electing body (选区、选举单位).
    pub constituency: &'a str,
    /// The delegation sat with (代表团).
    pub delegation: Option<OrganId>,
    /// First day.
    pub since: jiff::civil::Date,
}

/// Seats and persons of a congress's term: never the same number by right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct SeatCount {
    /// Seats filled now (人次 of office).
    pub seats: i64,
    /// Natural persons in them.
    pub persons: i64,
}

const INSERT: &str = "INSERT INTO deputy \
    (id, person_id, congress_id, term_id, number, constituency, delegation_id, state, since_on) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'seated', $8)";
const BY_ID: &str = "SELECT d.id, d.person_id, d.congress_id, d.term_id, p.name, p.post, d.number, d.constituency, \
    d.delegation_id, d.state, d.since_on, d.until_on FROM deputy d JOIN person p ON p.id = d.person_id WHERE d.id = $1";
const LIST: &str = "SELECT d.id, d.person_id, d.congress_id, d.term_id, p.name, p.post, d.number, d.constituency, \
    d.delegation_id, d.state, d.since_on, d.until_on FROM deputy d JOIN person p ON p.id = d.person_id \
    WHERE d.congress_id = $1 AND d.id > $2 AND d.state <> 'ended' ORDER BY d.id LIMIT $3";
const OF_PERSON: &str = "SELECT d.id, d.person_id, d.congress_id, d.term_id, p.name, p.post, d.number, d.constituency, \
    d.delegation_id, d.state, d.since_on, d.until_on FROM deputy d JOIN person p ON p.id = d.person_id \
    WHERE d.person_id = $1 ORDER BY d.id";
const SEARCH: &str = "SELECT d.id, d.person_id, d.congress_id, d.term_id, p.name, p.post, d.number, d.constituency, \
    d.delegation_id, d.state, d.since_on, d.until_on FROM deputy d JOIN person p ON p.id = d.person_id \
    WHERE d.congress_id = $1 AND d.id > $2 AND d.state <> 'ended' \
    AND (p.name LIKE $4 ESCAPE '!' OR d.constituency LIKE $4 ESCAPE '!') ORDER BY d.id LIMIT $3";
const CHANGE_STATE: &str =
    "UPDATE deputy SET state = $2, until_on = $3 WHERE id = $1 AND state <> 'ended'";
const COUNT_CONGRESS: &str = "SELECT COUNT(*) AS seats, COUNT(DISTINCT person_id) AS persons FROM deputy \
    WHERE congress_id = $1 AND state <> 'ended'";
const COUNT_ALL: &str = "SELECT COUNT(*) AS seats, COUNT(DISTINCT person_id) AS persons FROM deputy WHERE state <> 'ended'";

/// Fills a seat.
///
/// # Errors
/// [`DirectoryError::Refused`], `Taken { what: "seat" }` when the person or the number has one in
/// this term, or `Invalid`.
pub async fn create(
    tx: &mut Tx,
    new: &NewDeputy<'_>,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<DeputyId> {
    authorize(tx.actor(), Action::KeepPeople, Some(new.congress))?;
    let constituency = tidy("constituency", new.constituency, 80)?;
    let number = new
        .number
        .map(|number| tidy("number", number, 40))
        .transpose()?;
    let id = DeputyId::new(clock.now(), entropy);
    let query = sql(INSERT)
        .bind(id)
        .bind(new.person)
        .bind(new.congress)
        .bind(new.term)
        .bind(number);
    let query = query
        .bind(constituency)
        .bind(new.delegation)
        .bind(new.since.to_string());
    query
        .execute(tx)
        .await
        .map_err(DirectoryError::taken("seat"))?;
    Ok(id)
}

/// Suspends, restores or ends the office; an ended one stays ended.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("deputy")`.
pub async fn change_state(
    tx: &mut Tx,
    id: DeputyId,
    state: SeatState,
    on: jiff::civil::Date,
) -> Result<()> {
    let seat = find(&mut *tx, id).await?;
    authorize(tx.actor(), Action::KeepPeople, Some(seat.congress_id))?;
    let until = (state == SeatState::Ended).then(|| on.to_string());
    let changed = sql(CHANGE_STATE)
        .bind(id)
        .bind(state.as_str())
        .bind(until)
        .execute(tx)
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(DirectoryError::Missing("deputy"))
    }
}

/// The seat with this id.
///
/// # Errors
/// [`DirectoryError::Missing`]; what the database says.
pub async fn find(on: impl Target, id: DeputyId) -> Result<Deputy> {
    sql(BY_ID)
        .bind(id)
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("deputy"))
}

/// The seats of a congress that have not ended.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &Db,
    congress: CongressId,
    after: Option<DeputyId>,
    size: u32,
) -> Result<Page<Deputy, DeputyId>> {
    let query = sql(LIST)
        .bind(congress)
        .bind(paging::after(after))
        .bind(paging::fetch(size));
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Deputy| row.id))
}

/// [`list`], of those whose name or constituency contains `words` (找代表).
///
/// # Errors
/// What the database says.
pub async fn search(
    db: &Db,
    congress: CongressId,
    words: &str,
    after: Option<DeputyId>,
    size: u32,
) -> Result<Page<Deputy, DeputyId>> {
    let query = sql(SEARCH)
        .bind(congress)
        .bind(paging::after(after))
        .bind(paging::fetch(size));
    let rows = query.bind(contains(words)).all(db).await?;
    Ok(paging::cut(rows, size, |row: &Deputy| row.id))
}

/// A LIKE pattern in which what people type means only itself.
fn contains(words: &str) -> String {
    let words: String = words.trim().chars().take(40).collect();
    format!(
        "%{}%",
        words
            .replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_")
    )
}

/// Every seat a person holds or held.
///
/// # Errors
/// What the database says.
pub async fn of_person(on: impl Target, person: PersonId) -> Result<Vec<Deputy>> {
    Ok(sql(OF_PERSON).bind(person).all(on).await?)
}

/// Seats and persons, in one congress or in all.
///
/// # Errors
/// What the database says.
pub async fn count(on: impl Target, congress: Option<CongressId>) -> Result<SeatCount> {
    let query = match congress {
        Some(congress) => sql(COUNT_CONGRESS).bind(congress),
        None => sql(COUNT_ALL),
    };
    Ok(query.one(on).await?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_people_type_means_only_itself() {
        assert_eq!(super::contains(" 100%_! "), "%100!%!_!!%");
    }
}
