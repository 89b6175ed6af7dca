//! Deputies' seats (代表). A seat belongs to one congress and one term; the person who holds it may
//! hold others elsewhere, so seats and persons are counted apart.

use kernel::{CongressId, DeputyId, OrganId, PersonId, TermId};
use store::{Db, Target, Tx, sql};
use uuid::Uuid;

use crate::{
    Action, DirectoryError, Gate, Page, Result,
    audit::{self, Act, Object},
    authorize, congresses,
    error::tidy,
    once,
    organs::{self, OrganKind},
    paging,
    people::{self, contains},
};

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

    /// Reads [`SeatState::as_str`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Seated, Self::Suspended, Self::Ended]
            .into_iter()
            .find(|state| state.as_str() == word)
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

macro_rules! deputies {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.person_id, d.congress_id, d.term_id, p.name, p.post, d.number, d.constituency, \
             d.delegation_id, d.state, d.since_on, d.until_on FROM deputy d JOIN person p ON p.id = d.person_id ",
            $rest
        )
    };
}

store::statements! {
    INSERT = "INSERT INTO deputy (id, person_id, congress_id, term_id, number, constituency, delegation_id, state, since_on) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'seated', $8)";
    BY_ID = deputies!("WHERE d.id = $1");
    LIST = deputies!("WHERE d.congress_id = $1 AND d.id > $2 AND d.state <> 'ended' ORDER BY d.id LIMIT $3");
    OF_PERSON = deputies!("WHERE d.person_id = $1 ORDER BY d.id DESC LIMIT 100");
    SEARCH = deputies!("WHERE d.congress_id = $1 AND d.id > $2 AND d.state <> 'ended' \
        AND (p.name LIKE $4 ESCAPE '!' OR d.constituency LIKE $4 ESCAPE '!') ORDER BY d.id LIMIT $3");
    CHANGE_STATE = "UPDATE deputy SET state = $2, until_on = $3 WHERE id = $1 AND state <> 'ended' AND state <> $2";
    COUNT_CONGRESS = "SELECT COUNT(*) AS seats, COUNT(DISTINCT person_id) AS persons FROM deputy \
        WHERE congress_id = $1 AND state <> 'ended'";
    COUNT_ALL = "SELECT COUNT(*) AS seats, COUNT(DISTINCT person_id) AS persons FROM deputy WHERE state <> 'ended'";
}

/// Fills a seat of a term that runs. A person the congress did not know so far, it knows from now on.
///
/// # Errors
/// [`DirectoryError::Refused`], `Missing` with `person`, `term` or `organ` (a delegation of this
/// congress), `Taken { what: "seat" }` when the person or the number has one in this term, or
/// `Invalid`.
pub async fn create(gate: &Gate, tx: &mut Tx, new: &NewDeputy<'_>) -> Result<DeputyId> {
    authorize(tx.actor(), Action::KeepPeople, new.congress)?;
    let constituency = tidy("constituency", new.constituency, 80)?;
    let number = new
        .number
        .map(|number| tidy("number", number, 40))
        .transpose()?;
    check_place(tx, new).await?;
    people::link(tx, new.congress, new.person).await?;
    let id = DeputyId::new(gate.clock.now(), &*gate.entropy);
    let query = sql(INSERT)
        .bind(id)
        .bind(new.person)
        .bind(new.congress)
        .bind(new.term)
        .bind(number);
    let query = query
        .bind(&constituency)
        .bind(new.delegation)
        .bind(new.since.to_string());
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("seat"))?;
    let object = Object::new(Some(new.congress), id);
    audit::note(gate, tx, Act::SeatFilled, object, &constituency).await?;
    Ok(id)
}

/// Term and delegation are this congress's, and the seat is filled within the term.
async fn check_place(tx: &mut Tx, new: &NewDeputy<'_>) -> Result<()> {
    let term = congresses::running_term(&mut *tx, new.congress, new.term).await?;
    if new.since.to_string() < term.starts_on {
        return Err(DirectoryError::Invalid {
            field: "since",
            reason: "before-term",
        });
    }
    if let Some(delegation) = new.delegation {
        let organ = organs::find_here(&mut *tx, new.congress, delegation).await?;
        if organ.kind != OrganKind::Delegation.as_str() {
            return Err(DirectoryError::Missing("organ"));
        }
    }
    Ok(())
}

/// [`create`] for a form: sent again, it gives the seat that it has filled.
///
/// # Errors
/// As [`create`].
pub async fn create_once(
    gate: &Gate,
    tx: &mut Tx,
    nonce: Uuid,
    new: &NewDeputy<'_>,
) -> Result<DeputyId> {
    if let Some(made) = once::made(tx, nonce).await? {
        return Ok(made.into());
    }
    let id = create(gate, tx, new).await?;
    once::keep(gate, tx, nonce, id.into()).await?;
    Ok(id)
}

/// Suspends, restores or ends the office; an ended one stays ended.
///
/// # Errors
/// [`DirectoryError::Refused`], `Missing("deputy")`, also when the seat has ended or stands so
/// already, or `Invalid` for a last day before the first.
pub async fn change_state(
    gate: &Gate,
    tx: &mut Tx,
    id: DeputyId,
    state: SeatState,
    on: jiff::civil::Date,
) -> Result<()> {
    let seat = find(&mut *tx, id).await?;
    authorize(tx.actor(), Action::KeepPeople, seat.congress_id)?;
    let until = (state == SeatState::Ended).then(|| on.to_string());
    if until.as_ref().is_some_and(|until| *until < seat.since_on) {
        return Err(DirectoryError::Invalid {
            field: "on",
            reason: "before-first-day",
        });
    }
    let query = sql(CHANGE_STATE).bind(id).bind(state.as_str()).bind(until);
    if query.execute(&mut *tx).await? != 1 {
        return Err(DirectoryError::Missing("deputy"));
    }
    let act = match state {
        SeatState::Seated => Act::SeatRestored,
        SeatState::Suspended => Act::SeatSuspended,
        SeatState::Ended => Act::SeatEnded,
    };
    let object = Object::new(Some(seat.congress_id), id);
    audit::note(gate, tx, act, object, &on.to_string()).await
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

/// The seats of a congress that have not ended and whose name or constituency contains `words`, all
/// of them for none (找代表).
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &Db,
    congress: CongressId,
    words: &str,
    after: Option<DeputyId>,
    size: u32,
) -> Result<Page<Deputy, DeputyId>> {
    let query = if words.is_empty() {
        sql(LIST)
    } else {
        sql(SEARCH)
    };
    let mut query = query
        .bind(congress)
        .bind(paging::after(after))
        .bind(paging::fetch(size));
    if !words.is_empty() {
        query = query.bind(contains(words));
    }
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Deputy| row.id))
}

/// The seats a person holds or held, in every congress, the latest first.
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
