//! People's congresses (人民代表大会) and their terms (届).

use kernel::{Clock, CongressId, DivisionId, Entropy, TermId};
use store::{Db, Target, Tx, sql};

use crate::{Action, DirectoryError, Page, Result, authorize, divisions, error::tidy, paging};

/// A people's congress.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Congress {
    /// Its id.
    pub id: CongressId,
    /// The division it is the congress of.
    pub division_id: DivisionId,
    /// Its full name, such as 启明市人民代表大会.
    pub name: String,
    /// 0 nation, 1 province, 2 prefecture, 3 county, 4 township. A township's has a presidium
    /// (主席团) and no standing committee.
    pub level: i64,
}

/// A term of a congress (届).
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Term {
    /// Its id.
    pub id: TermId,
    /// Whose term.
    pub congress_id: CongressId,
    /// 第几届, from 1.
    pub ordinal: i64,
    /// First day, `YYYY-MM-DD`.
    pub starts_on: String,
    /// Last day; none while it runs.
    pub ends_on: Option<String>,
    /// The legal number of deputies (法定名额).
    pub seats: i64,
}

/// A term to be set up.
#[derive(Debug, Clone)]
pub struct NewTerm {
    /// 第几届, from 1.
    pub ordinal: i64,
    /// First day.
    pub starts_on: jiff::civil::Date,
    /// The legal number of deputies (法定名额).
    pub seats: i64,
}

const INSERT: &str = "INSERT INTO congress (id, division_id, name, level) VALUES ($1, $2, $3, $4)";
const BY_ID: &str = "SELECT id, division_id, name, level FROM congress WHERE id = $1";
const BY_DIVISION: &str =
    "SELECT id, division_id, name, level FROM congress WHERE division_id = $1";
const LIST: &str =
    "SELECT id, division_id, name, level FROM congress WHERE id > $1 ORDER BY id LIMIT $2";
const INSERT_TERM: &str =
    "INSERT INTO term (id, congress_id, ordinal, starts_on, seats) VALUES ($1, $2, $3, $4, $5)";
const END_TERMS: &str = "UPDATE term SET ends_on = $2 WHERE congress_id = $1 AND ends_on IS NULL";
const TERMS: &str = "SELECT id, congress_id, ordinal, starts_on, ends_on, seats FROM term \
    WHERE congress_id = $1 ORDER BY ordinal DESC";
const CURRENT_TERM: &str = "SELECT id, congress_id, ordinal, starts_on, ends_on, seats FROM term \
    WHERE congress_id = $1 AND ends_on IS NULL ORDER BY ordinal DESC LIMIT 1";

/// Sets up the congress of a division, at the division's level. A sub-district (街道) has none
/// (地方组织法 59).
///
/// # Errors
/// [`DirectoryError::Refused`], `Missing("division")`, `Taken { what: "division" }`, or `Invalid`.
pub async fn create(
    tx: &mut Tx,
    division: DivisionId,
    name: &str,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Congress> {
    authorize(tx.actor(), Action::KeepCongresses, None)?;
    let division = divisions::find(&mut *tx, division).await?;
    if division.name.ends_with("街道") {
        return Err(DirectoryError::Invalid {
            field: "division",
            reason: "sub-district",
        });
    }
    let name = tidy("name", name, 60)?;
    let congress = Congress {
        id: CongressId::new(clock.now(), entropy),
        division_id: division.id,
        name,
        level: division.level,
    };
    let query = sql(INSERT)
        .bind(congress.id)
        .bind(congress.division_id)
        .bind(&congress.name)
        .bind(congress.level);
    query
        .execute(tx)
        .await
        .map_err(DirectoryError::taken("division"))?;
    Ok(congress)
}

/// The congress with this id.
///
/// # Errors
/// [`DirectoryError::Missing`]; what the database says.
pub async fn find(on: impl Target, id: CongressId) -> Result<Congress> {
    sql(BY_ID)
        .bind(id)
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("congress"))
}

/// The congress of this division, if it has one.
///
/// # Errors
/// What the database says.
pub async fn of_division(on: impl Target, division: DivisionId) -> Result<Option<Congress>> {
    Ok(sql(BY_DIVISION).bind(division).optional(on).await?)
}

/// All congresses, in the order they were set up.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &Db,
    after: Option<CongressId>,
    size: u32,
) -> Result<Page<Congress, CongressId>> {
    let rows = sql(LIST)
        .bind(paging::after(after))
        .bind(paging::fetch(size))
        .all(db)
        .await?;
    Ok(paging::cut(rows, size, |row: &Congress| row.id))
}

/// Starts a term; the one before ends the day before it.
///
/// # Errors
/// [`DirectoryError::Refused`], `Taken { what: "ordinal" }` or `Invalid`.
pub async fn start_term(
    tx: &mut Tx,
    congress: CongressId,
    term: &NewTerm,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<TermId> {
    authorize(tx.actor(), Action::KeepCongresses, Some(congress))?;
    if term.ordinal < 1 || !(1..=3_000).contains(&term.seats) {
        return Err(DirectoryError::Invalid {
            field: "term",
            reason: "out-of-range",
        });
    }
    let last_day = term
        .starts_on
        .yesterday()
        .unwrap_or(term.starts_on)
        .to_string();
    sql(END_TERMS)
        .bind(congress)
        .bind(last_day)
        .execute(&mut *tx)
        .await?;
    let id = TermId::new(clock.now(), entropy);
    let query = sql(INSERT_TERM).bind(id).bind(congress).bind(term.ordinal);
    let query = query.bind(term.starts_on.to_string()).bind(term.seats);
    query
        .execute(tx)
        .await
        .map_err(DirectoryError::taken("ordinal"))?;
    Ok(id)
}

/// The terms of a congress, latest first.
///
/// # Errors
/// What the database says.
pub async fn terms(on: impl Target, congress: CongressId) -> Result<Vec<Term>> {
    Ok(sql(TERMS).bind(congress).all(on).await?)
}

/// The running term.
///
/// # Errors
/// [`DirectoryError::Missing`]; what the database says.
pub async fn current_term(on: impl Target, congress: CongressId) -> Result<Term> {
    sql(CURRENT_TERM)
        .bind(congress)
        .optional(on)
        .await?
        .ok_or(DirectoryError::Missing("term"))
}
