//! People's congresses (人民代表大会) and their terms (届).

use jiff::civil::Date;
use kernel::{CongressId, DivisionId, DivisionKind, Level, TermId, time::china};
use store::{Db, Target, Tx, sql};

use crate::{
    Action, DirectoryError, Gate, Page, Result,
    audit::{self, Act, Object},
    authorize, authorize_deployment, divisions,
    error::tidy,
    paging,
};

/// A people's congress.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Congress {
    /// Its id.
    pub id: CongressId,
    /// The division it is the congress of.
    pub division_id: DivisionId,
    /// Its full name, such as 启明市人民代表大会.
    pub name: String,
    /// Its level. A township's has a presidium (主席团) and no standing committee.
    pub level: Level,
    /// Whether it keeps the deployment: its administrator brings in divisions and sets up the other
    /// congresses.
    pub keeper: bool,
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
    pub starts_on: Date,
    /// The legal number of deputies (法定名额).
    pub seats: i64,
}

store::statements! {
    INSERT = "INSERT INTO congress (id, division_id, name, level, keeper) VALUES ($1, $2, $3, $4, $5)";
    ANY = "SELECT id FROM congress LIMIT 1";
    BY_ID = "SELECT id, division_id, name, level, keeper FROM congress WHERE id = $1";
    BY_DIVISION = "SELECT id, division_id, name, level, keeper FROM congress WHERE division_id = $1";
    LIST = "SELECT id, division_id, name, level, keeper FROM congress WHERE id > $1 ORDER BY id LIMIT $2";
    INSERT_TERM = "INSERT INTO term (id, congress_id, ordinal, starts_on, seats) VALUES ($1, $2, $3, $4, $5)";
    END_TERM = "UPDATE term SET ends_on = $2 WHERE id = $1";
    END_SEATS = "UPDATE deputy SET state = 'ended', until_on = $2 WHERE term_id = $1 AND state <> 'ended'";
    TERM = "SELECT id, congress_id, ordinal, starts_on, ends_on, seats FROM term WHERE id = $1";
    TERMS = "SELECT id, congress_id, ordinal, starts_on, ends_on, seats FROM term WHERE congress_id = $1 ORDER BY ordinal DESC";
    CURRENT_TERM = "SELECT id, congress_id, ordinal, starts_on, ends_on, seats FROM term \
        WHERE congress_id = $1 AND ends_on IS NULL ORDER BY ordinal DESC LIMIT 1";
}

/// Sets up the congress of a division, at the level of its kind. Not every kind has one: a
/// sub-district (街道) has none (地方组织法 59). The first congress keeps the deployment.
///
/// # Errors
/// [`DirectoryError::Refused`], `Missing("division")`, `Taken { what: "division" }`, or `Invalid`.
pub async fn create(
    gate: &Gate,
    tx: &mut Tx,
    division: DivisionId,
    name: &str,
) -> Result<Congress> {
    let actor = tx.actor().clone();
    authorize_deployment(&mut *tx, &actor, Action::KeepCongresses).await?;
    let division = divisions::find(&mut *tx, division).await?;
    let level = division.kind().and_then(DivisionKind::congress_level);
    let level = level.ok_or(DirectoryError::Invalid {
        field: "division",
        reason: "no-congress",
    })?;
    let first: Option<(CongressId,)> = sql(ANY).optional(&mut *tx).await?;
    let congress = Congress {
        id: CongressId::new(gate.clock.now(), &*gate.entropy),
        division_id: division.id,
        name: tidy("name", name, 60)?,
        level,
        keeper: first.is_none(),
    };
    let query = sql(INSERT)
        .bind(congress.id)
        .bind(congress.division_id)
        .bind(&congress.name)
        .bind(congress.level)
        .bind(congress.keeper);
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("division"))?;
    let place = actor.signed_in().map_or(congress.id, |who| who.congress);
    let object = Object::new(Some(place), congress.id);
    audit::note(gate, tx, Act::CongressSetUp, object, &congress.name).await?;
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

/// Starts a term. The one before ends the day before it, and with it every seat that is still
/// filled (代表法 2: the office lasts until the first session of the next term).
///
/// # Errors
/// [`DirectoryError::Refused`], `Taken { what: "ordinal" }`, or `Invalid`: a term neither starts in
/// the future nor before the one that runs, nor has a smaller number.
pub async fn start_term(
    gate: &Gate,
    tx: &mut Tx,
    congress: CongressId,
    term: &NewTerm,
) -> Result<TermId> {
    authorize(tx.actor(), Action::KeepOrgans, congress)?;
    let running: Option<Term> = sql(CURRENT_TERM).bind(congress).optional(&mut *tx).await?;
    check_term(term, running.as_ref(), gate.clock.now().date(&china()))?;
    let id = TermId::new(gate.clock.now(), &*gate.entropy);
    let query = sql(INSERT_TERM).bind(id).bind(congress).bind(term.ordinal);
    let query = query.bind(term.starts_on.to_string()).bind(term.seats);
    query
        .execute(&mut *tx)
        .await
        .map_err(DirectoryError::taken("ordinal"))?;
    if let Some(running) = running {
        let last_day = term.starts_on.yesterday().unwrap_or(term.starts_on);
        for statement in [END_TERM, END_SEATS] {
            let query = sql(statement).bind(running.id).bind(last_day.to_string());
            query.execute(&mut *tx).await?;
        }
    }
    let object = Object::new(Some(congress), id);
    audit::note(
        gate,
        tx,
        Act::TermStarted,
        object,
        &term.ordinal.to_string(),
    )
    .await?;
    Ok(id)
}

fn check_term(term: &NewTerm, running: Option<&Term>, today: Date) -> Result<()> {
    let invalid = |field, reason| Err(DirectoryError::Invalid { field, reason });
    let starts_on = term.starts_on.to_string();
    if !(1..=999).contains(&term.ordinal) {
        return invalid("ordinal", "out-of-range");
    }
    if !(1..=3_000).contains(&term.seats) {
        return invalid("seats", "out-of-range");
    }
    if term.starts_on > today {
        return invalid("starts_on", "in-future");
    }
    match running {
        Some(running) if running.starts_on >= starts_on => {
            invalid("starts_on", "before-running-term")
        }
        Some(running) if running.ordinal > term.ordinal => {
            invalid("ordinal", "before-running-term")
        }
        _ => Ok(()),
    }
}

/// The term with this id, when it is one of this congress and runs.
pub(crate) async fn running_term(
    on: impl Target,
    congress: CongressId,
    id: TermId,
) -> Result<Term> {
    let term: Option<Term> = sql(TERM).bind(id).optional(on).await?;
    let here = |term: &Term| term.congress_id == congress && term.ends_on.is_none();
    term.filter(here).ok_or(DirectoryError::Missing("term"))
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
