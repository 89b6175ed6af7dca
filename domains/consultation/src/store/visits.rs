//! Visits and the units visited.

use ::store::{Query, Result, Target, Tx, sql};
use jiff::civil::Date;
use kernel::{CongressId, ConsultationId, DeputyId, Timestamp, UnitId, VisitId};
use uuid::Uuid;

use super::list::Listed;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.deputy_id, v.unit_id, u.name AS unit_name, v.heads, v.visited_on, v.recorded_at
            FROM visit v JOIN unit u ON u.id = v.unit_id ",
            $rest
        )
    };
}

::store::statements! {
    /// A unit, unless it is known.
    INSERT_UNIT = "INSERT INTO unit (id, congress_id, name, name_key) VALUES ($1, $2, $3, $4)
        ON CONFLICT (congress_id, name_key) DO NOTHING";
    /// The unit of this name.
    UNIT_BY_KEY = "SELECT id FROM unit WHERE congress_id = $1 AND name_key = $2";
    /// A visit.
    INSERT = "INSERT INTO visit (id, consultation_id, deputy_id, unit_id, heads, visited_on, key_hash, content_hash,
            recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// The visit that was sent under a key, and the hash of all that was sent.
    BY_KEY = "SELECT id, content_hash FROM visit WHERE key_hash = $1";
    /// One more visit of a deputy.
    BY_DEPUTY = "INSERT INTO visiting_deputy (consultation_id, deputy_id, name, visits, heads)
        VALUES ($1, $2, $3, 1, $4)
        ON CONFLICT (consultation_id, deputy_id) DO UPDATE
            SET visits = visiting_deputy.visits + 1, heads = visiting_deputy.heads + excluded.heads,
                name = excluded.name
        RETURNING visits";
    /// One more visit to a unit.
    AT_UNIT = "INSERT INTO visited_unit (consultation_id, unit_id, visits, heads) VALUES ($1, $2, 1, $3)
        ON CONFLICT (consultation_id, unit_id) DO UPDATE
            SET visits = visited_unit.visits + 1, heads = visited_unit.heads + excluded.heads
        RETURNING visits";
    /// Those of a consultation, newest first.
    pub(super) OF_CONSULTATION = select!(
        "WHERE (v.consultation_id, v.id) < ($1, $2) AND (v.consultation_id, v.id) > ($1, $3)
        ORDER BY v.consultation_id DESC, v.id DESC LIMIT $4"
    );
    /// A deputy's, newest first.
    pub(super) BY_ONE = select!(
        "WHERE (v.consultation_id, v.deputy_id, v.id) < ($1, $2, $3)
            AND (v.consultation_id, v.deputy_id, v.id) > ($1, $2, $4)
        ORDER BY v.consultation_id DESC, v.deputy_id DESC, v.id DESC LIMIT $5"
    );
    /// Those to a unit, newest first.
    pub(super) TO_ONE = select!(
        "WHERE (v.consultation_id, v.unit_id, v.id) < ($1, $2, $3)
            AND (v.consultation_id, v.unit_id, v.id) > ($1, $2, $4)
        ORDER BY v.consultation_id DESC, v.unit_id DESC, v.id DESC LIMIT $5"
    );
    /// Who visited.
    pub(super) DEPUTIES = "SELECT deputy_id AS id, name, visits, heads FROM visiting_deputy
        WHERE consultation_id = $1 AND deputy_id > $2 ORDER BY deputy_id LIMIT $3";
    /// One who visited.
    DEPUTY = "SELECT name FROM visiting_deputy WHERE consultation_id = $1 AND deputy_id = $2";
    /// A unit that was visited.
    VISITED_UNIT = "SELECT u.name FROM visited_unit v JOIN unit u ON u.id = v.unit_id
        WHERE v.consultation_id = $1 AND v.unit_id = $2";
    /// Which units were visited.
    pub(super) UNITS = "SELECT v.unit_id AS id, u.name, v.visits, v.heads
        FROM visited_unit v JOIN unit u ON u.id = v.unit_id
        WHERE v.consultation_id = $1 AND v.unit_id > $2 ORDER BY v.unit_id LIMIT $3";
    /// One.
    ONE = select!("WHERE v.id = $1");
}

/// A visit as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// Who visited.
    pub deputy_id: DeputyId,
    /// The unit visited.
    pub unit_id: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Persons heard (人次).
    pub heads: i64,
    /// The day, ISO.
    pub visited_on: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// The unit called `name`, made if it is not known yet.
pub(crate) async fn unit(
    tx: &mut Tx,
    congress: CongressId,
    fresh: UnitId,
    name: &str,
) -> Result<UnitId> {
    let key: String = name
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    sql(INSERT_UNIT)
        .bind(fresh)
        .bind(congress)
        .bind(name)
        .bind(&key)
        .execute(&mut *tx)
        .await?;
    let (id,): (UnitId,) = sql(UNIT_BY_KEY).bind(congress).bind(&key).one(tx).await?;
    Ok(id)
}

/// A visit about to be kept.
pub(crate) struct NewVisit {
    pub id: VisitId,
    pub consultation: ConsultationId,
    pub deputy: DeputyId,
    pub unit: UnitId,
    pub heads: u32,
    pub visited_on: Date,
    pub key_hash: [u8; 32],
    pub content: [u8; 32],
}

pub(crate) async fn insert_visit(tx: &mut Tx, new: &NewVisit, now: Timestamp) -> Result<()> {
    sql(INSERT)
        .bind(new.id)
        .bind(new.consultation)
        .bind(new.deputy)
        .bind(new.unit)
        .bind(new.heads)
        .bind(new.visited_on.to_string())
        .bind(new.key_hash)
        .bind(new.content)
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// The visit sent under the key with this hash, and the hash of all that was sent.
pub(crate) async fn visit_by_key(
    on: impl Target,
    hash: [u8; 32],
) -> Result<Option<(VisitId, Vec<u8>)>> {
    sql(BY_KEY).bind(hash).optional(on).await
}

/// Counts one more visit for its deputy and its unit; whether it is the deputy's first, and the unit's.
pub(crate) async fn count_visit(tx: &mut Tx, new: &NewVisit, name: &str) -> Result<(bool, bool)> {
    let by_deputy = sql(BY_DEPUTY)
        .bind(new.consultation)
        .bind(new.deputy)
        .bind(name)
        .bind(new.heads);
    let (by_deputy,): (i64,) = by_deputy.one(&mut *tx).await?;
    let at_unit = sql(AT_UNIT)
        .bind(new.consultation)
        .bind(new.unit)
        .bind(new.heads);
    let (at_unit,): (i64,) = at_unit.one(tx).await?;
    Ok((by_deputy == 1, at_unit == 1))
}

/// Whose visits of a consultation are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visits {
    /// All.
    All,
    /// This deputy's.
    By(DeputyId),
    /// Those to this unit.
    To(UnitId),
}

/// At most `most` visits of a consultation, newest first, before `before`.
///
/// # Errors
/// The store's.
pub async fn visits(
    on: impl Target,
    consultation: ConsultationId,
    whose: Visits,
    before: Option<VisitId>,
    most: usize,
) -> Result<Listed<Visit, VisitId>> {
    let query = match whose {
        Visits::All => sql(OF_CONSULTATION).bind(consultation),
        Visits::By(deputy) => sql(BY_ONE).bind(consultation).bind(deputy),
        Visits::To(unit) => sql(TO_ONE).bind(consultation).bind(unit),
    };
    let query = query
        .bind(before.map_or(Uuid::max(), Uuid::from))
        .bind(Uuid::nil())
        .bind(one_more(most));
    Ok(Listed::cut(query.all(on).await?, most, |visit: &Visit| {
        visit.id
    }))
}

/// Somebody who visited, or a unit that was visited, for a consultation.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Visited {
    /// The deputy's or the unit's id.
    pub id: Uuid,
    /// The deputy's or the unit's name.
    pub name: String,
    /// Visits.
    pub visits: i64,
    /// Persons heard at them (人次).
    pub heads: i64,
}

/// At most `most` deputies who visited for a consultation, after `after`.
///
/// # Errors
/// The store's.
pub async fn visiting_deputies(
    on: impl Target,
    consultation: ConsultationId,
    after: Option<Uuid>,
    most: usize,
) -> Result<Listed<Visited, Uuid>> {
    visited(on, sql(DEPUTIES), consultation, after, most).await
}

/// At most `most` units visited for a consultation, after `after`.
///
/// # Errors
/// The store's.
pub async fn visited_units(
    on: impl Target,
    consultation: ConsultationId,
    after: Option<Uuid>,
    most: usize,
) -> Result<Listed<Visited, Uuid>> {
    visited(on, sql(UNITS), consultation, after, most).await
}

/// The name of a deputy who visited for a consultation.
///
/// # Errors
/// [`StoreError::Missing`](::store::StoreError::Missing) for others.
pub async fn visiting_deputy(
    on: impl Target,
    consultation: ConsultationId,
    deputy: DeputyId,
) -> Result<String> {
    let query = sql(DEPUTY).bind(consultation).bind(deputy);
    query.one(on).await.map(|(name,)| name)
}

/// The name of a unit visited for a consultation.
///
/// # Errors
/// [`StoreError::Missing`](::store::StoreError::Missing) for others.
pub async fn visited_unit(
    on: impl Target,
    consultation: ConsultationId,
    unit: UnitId,
) -> Result<String> {
    let query = sql(VISITED_UNIT).bind(consultation).bind(unit);
    query.one(on).await.map(|(name,)| name)
}

async fn visited(
    on: impl Target,
    query: Query,
    consultation: ConsultationId,
    after: Option<Uuid>,
    most: usize,
) -> Result<Listed<Visited, Uuid>> {
    let query = query
        .bind(consultation)
        .bind(after.unwrap_or(Uuid::nil()))
        .bind(one_more(most));
    Ok(Listed::cut(query.all(on).await?, most, |one: &Visited| {
        one.id
    }))
}

fn one_more(most: usize) -> u32 {
    u32::try_from(most + 1).unwrap_or(u32::MAX)
}

/// One visit.
///
/// # Errors
/// [`StoreError::Missing`](::store::StoreError::Missing) when there is none.
pub async fn visit(on: impl Target, id: VisitId) -> Result<Visit> {
    sql(ONE).bind(id).one(on).await
}
