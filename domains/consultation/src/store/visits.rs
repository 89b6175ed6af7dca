//! Visits and the units visited.

use ::store::{Result, Target, Tx, sql};
use jiff::civil::Date;
use kernel::{CongressId, ConsultationId, DeputyId, Timestamp, UnitId, VisitId};

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
    /// A deputy's so far.
    OF_DEPUTY = "SELECT COUNT(*) FROM visit WHERE consultation_id = $1 AND deputy_id = $2";
    /// A unit's so far.
    AT_UNIT = "SELECT COUNT(*) FROM visit WHERE consultation_id = $1 AND unit_id = $2";
    /// Those of a consultation.
    OF_CONSULTATION = select!("WHERE v.consultation_id = $1");
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

/// How many visits this deputy, and this unit, have in the consultation so far.
pub(crate) async fn visits_so_far(
    tx: &mut Tx,
    consultation: ConsultationId,
    deputy: DeputyId,
    unit: UnitId,
) -> Result<(i64, i64)> {
    let of_deputy = sql(OF_DEPUTY).bind(consultation).bind(deputy);
    let (by_deputy,): (i64,) = of_deputy.one(&mut *tx).await?;
    let (at_unit,): (i64,) = sql(AT_UNIT).bind(consultation).bind(unit).one(tx).await?;
    Ok((by_deputy, at_unit))
}

/// The visits of a consultation, newest first, `limit` of those before `before`.
///
/// # Errors
/// The store's.
pub async fn visits(
    on: impl Target,
    consultation: ConsultationId,
    before: Option<VisitId>,
    limit: u32,
) -> Result<Vec<Visit>> {
    let mut query = sql(OF_CONSULTATION).bind(consultation);
    if let Some(before) = before {
        query = query.push(" AND v.id < ").push_bind(before);
    }
    query
        .push(" ORDER BY v.id DESC LIMIT ")
        .push_bind(limit)
        .all(on)
        .await
}

/// One visit.
///
/// # Errors
/// [`StoreError::Missing`](::store::StoreError::Missing) when there is none.
pub async fn visit(on: impl Target, id: VisitId) -> Result<Visit> {
    sql(ONE).bind(id).one(on).await
}
