//! SQL of the domain, one named const a statement, portable to both databases.

use kernel::{
    CongressId, ConsultationId, DeputyId, OpinionId, TextId, Timestamp, UnitId, VersionId, VisitId,
};
use procedure::Word as _;
use store::{Query, Result, StoreError, Target, Tx, Value, sql};

use crate::model::{OpinionState, Outcome, Source, Stance, State};

const INSERT_CONSULTATION: &str = "
    INSERT INTO consultation (id, congress_id, text_id, version_id, state, title, lead, made_at)
    VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7)";

const CONSULTATION: &str = "
    SELECT id, congress_id, text_id, version_id, state, title, lead, opens_on, closes_on, short_reason, made_at
    FROM consultation WHERE id = $1";

const CONSULTATIONS: &str = "
    SELECT id, congress_id, text_id, version_id, state, title, lead, opens_on, closes_on, short_reason, made_at
    FROM consultation WHERE congress_id = $1";

const SET_STATE: &str = "UPDATE consultation SET state = $2 WHERE id = $1";
const SET_WORDS: &str =
    "UPDATE consultation SET title = $2, lead = $3 WHERE id = $1 AND state = 'draft'";
const SET_WINDOW: &str =
    "UPDATE consultation SET opens_on = $2, closes_on = $3, short_reason = $4 WHERE id = $1";
const SET_VERSION: &str = "UPDATE consultation SET version_id = $2 WHERE id = $1";

// Closing and submitting take the same lane; the state is looked at once more where it counts.
const INSERT_OPINION: &str = "
    INSERT INTO opinion
        (id, consultation_id, version_id, provision, stance, source, body, visit_id, code_hash, state, hidden,
         received_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'received', FALSE, $10
    FROM consultation WHERE id = $2 AND state = 'open'";

const OPINION_COLUMNS: &str = "
    SELECT id, consultation_id, version_id, provision, stance, source, body, visit_id, state, hidden,
           hidden_reason, outcome, answer, lands_on, landed_version, received_at, decided_at
    FROM opinion";

const OPINION: &str = "
    SELECT id, consultation_id, version_id, provision, stance, source, body, visit_id, state, hidden,
           hidden_reason, outcome, answer, lands_on, landed_version, received_at, decided_at
    FROM opinion WHERE id = $1";

const OPINION_BY_CODE: &str = "
    SELECT id, consultation_id, version_id, provision, stance, source, body, visit_id, state, hidden,
           hidden_reason, outcome, answer, lands_on, landed_version, received_at, decided_at
    FROM opinion WHERE code_hash = $1";

const DECIDE_OPINION: &str = "
    UPDATE opinion SET state = $2, outcome = $3, answer = $4, lands_on = $5, decided_at = $6
    WHERE id = $1";

const SET_OPINION_STATE: &str = "UPDATE opinion SET state = $2 WHERE id = $1";

const HIDE_OPINION: &str = "UPDATE opinion SET hidden = $2, hidden_reason = $3 WHERE id = $1";

const LAND_OPINION: &str = "
    UPDATE opinion SET state = 'written', landed_version = $2, lands_on = $3 WHERE id = $1";

const TO_LAND: &str = "
    SELECT id, consultation_id, version_id, provision, stance, source, body, visit_id, state, hidden,
           hidden_reason, outcome, answer, lands_on, landed_version, received_at, decided_at
    FROM opinion
    WHERE consultation_id = $1 AND state = 'decided' AND outcome IN ('adopted', 'partly_adopted')
    ORDER BY id LIMIT $2";

const LANDED: &str = "
    SELECT id, consultation_id, version_id, provision, stance, source, body, visit_id, state, hidden,
           hidden_reason, outcome, answer, lands_on, landed_version, received_at, decided_at
    FROM opinion WHERE landed_version = $1 AND lands_on = $2 ORDER BY id LIMIT $3";

const LANDED_COUNTS: &str = "
    SELECT lands_on, COUNT(*) FROM opinion WHERE landed_version = $1 AND lands_on IS NOT NULL
    GROUP BY lands_on";

const TALLY: &str = "INSERT INTO tally (consultation_id, provision, key, n) VALUES ";
const TALLY_ADD: &str = "
    ON CONFLICT (consultation_id, provision, key) DO UPDATE SET n = tally.n + excluded.n";

const TALLIES: &str = "SELECT provision, key, n FROM tally WHERE consultation_id = $1";

const INSERT_UNIT: &str = "
    INSERT INTO unit (id, congress_id, name, name_key) VALUES ($1, $2, $3, $4)
    ON CONFLICT (congress_id, name_key) DO NOTHING";
const UNIT_BY_KEY: &str = "SELECT id FROM unit WHERE congress_id = $1 AND name_key = $2";

const INSERT_VISIT: &str = "
    INSERT INTO visit (id, consultation_id, deputy_id, unit_id, heads, visited_on, form_hash, recorded_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const VISIT_BY_FORM: &str = "SELECT id FROM visit WHERE form_hash = $1";
const FIRST_OF_DEPUTY: &str =
    "SELECT COUNT(*) FROM visit WHERE consultation_id = $1 AND deputy_id = $2";
const FIRST_AT_UNIT: &str =
    "SELECT COUNT(*) FROM visit WHERE consultation_id = $1 AND unit_id = $2";

const VISITS: &str = "
    SELECT v.id, v.deputy_id, v.unit_id, u.name AS unit_name, v.heads, v.visited_on, v.recorded_at
    FROM visit v JOIN unit u ON u.id = v.unit_id
    WHERE v.consultation_id = $1";

const VISIT: &str = "
    SELECT v.id, v.deputy_id, v.unit_id, u.name AS unit_name, v.heads, v.visited_on, v.recorded_at
    FROM visit v JOIN unit u ON u.id = v.unit_id WHERE v.id = $1";

const OVERDUE: &str = "
    SELECT id, congress_id, text_id, version_id, state, title, lead, opens_on, closes_on, short_reason, made_at
    FROM consultation WHERE state = 'open' AND closes_on < $1 ORDER BY id LIMIT 50";

/// Every statement, so that one test can prepare each on both databases.
pub const STATEMENTS: &[&str] = &[
    INSERT_CONSULTATION,
    CONSULTATION,
    CONSULTATIONS,
    SET_STATE,
    SET_WORDS,
    SET_WINDOW,
    SET_VERSION,
    INSERT_OPINION,
    OPINION_COLUMNS,
    OPINION,
    OPINION_BY_CODE,
    DECIDE_OPINION,
    SET_OPINION_STATE,
    HIDE_OPINION,
    LAND_OPINION,
    TO_LAND,
    LANDED,
    LANDED_COUNTS,
    TALLIES,
    INSERT_UNIT,
    UNIT_BY_KEY,
    INSERT_VISIT,
    VISIT_BY_FORM,
    FIRST_OF_DEPUTY,
    FIRST_AT_UNIT,
    VISITS,
    VISIT,
    OVERDUE,
];

/// A consultation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultation {
    /// Its id, and its matter's.
    pub id: ConsultationId,
    /// The congress that consults.
    pub congress: CongressId,
    /// The text consulted on.
    pub text: TextId,
    /// The version people read now.
    pub version: VersionId,
    /// Where it stands.
    pub state: State,
    /// What it is called.
    pub title: String,
    /// What it is about, in plain words.
    pub lead: String,
    /// The first day, once opened.
    pub opens: Option<jiff::civil::Date>,
    /// The last day, once opened.
    pub closes: Option<jiff::civil::Date>,
    /// Why the window is shorter than the law's minimum.
    pub exception: Option<String>,
    /// When it was begun.
    pub made_at: Timestamp,
}

/// An opinion as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Its id, and its matter's.
    pub id: OpinionId,
    /// The consultation it belongs to.
    pub consultation: ConsultationId,
    /// The version it speaks of.
    pub version: VersionId,
    /// The provision it speaks of; `None` for the whole draft.
    pub provision: Option<String>,
    /// What it wants.
    pub stance: Stance,
    /// The way it came.
    pub source: Source,
    /// The person's own words.
    pub body: String,
    /// The visit it was heard at.
    pub visit: Option<VisitId>,
    /// Where it stands.
    pub state: OpinionState,
    /// Why it is hidden from the public, if it is.
    pub hidden: Option<String>,
    /// What was decided.
    pub outcome: Option<Outcome>,
    /// The reason given for that.
    pub answer: Option<String>,
    /// The provision of the next version that shows it.
    pub lands_on: Option<String>,
    /// The version that shows it.
    pub landed: Option<VersionId>,
    /// When it was received.
    pub received_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
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

#[derive(sqlx::FromRow)]
struct ConsultationRow {
    id: ConsultationId,
    congress_id: CongressId,
    text_id: TextId,
    version_id: VersionId,
    state: String,
    title: String,
    lead: String,
    opens_on: Option<String>,
    closes_on: Option<String>,
    short_reason: Option<String>,
    made_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct OpinionRow {
    id: OpinionId,
    consultation_id: ConsultationId,
    version_id: VersionId,
    provision: String,
    stance: String,
    source: String,
    body: String,
    visit_id: Option<VisitId>,
    state: String,
    hidden: bool,
    hidden_reason: Option<String>,
    outcome: Option<String>,
    answer: Option<String>,
    lands_on: Option<String>,
    landed_version: Option<VersionId>,
    received_at: Timestamp,
    decided_at: Option<Timestamp>,
}

fn word<W: procedure::Word>(column: &str, word: &str) -> Result<W> {
    W::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("{column} is {word}")))
}

fn day(column: &str, text: Option<String>) -> Result<Option<jiff::civil::Date>> {
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|_| StoreError::Inconsistent(format!("{column} is no date")))
}

impl TryFrom<ConsultationRow> for Consultation {
    type Error = StoreError;

    fn try_from(row: ConsultationRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            congress: row.congress_id,
            text: row.text_id,
            version: row.version_id,
            state: word("consultation.state", &row.state)?,
            title: row.title,
            lead: row.lead,
            opens: day("consultation.opens_on", row.opens_on)?,
            closes: day("consultation.closes_on", row.closes_on)?,
            exception: row.short_reason,
            made_at: row.made_at,
        })
    }
}

impl TryFrom<OpinionRow> for Opinion {
    type Error = StoreError;

    fn try_from(row: OpinionRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            consultation: row.consultation_id,
            version: row.version_id,
            provision: Some(row.provision).filter(|provision| !provision.is_empty()),
            stance: word("opinion.stance", &row.stance)?,
            source: word("opinion.source", &row.source)?,
            body: row.body,
            visit: row.visit_id,
            state: word("opinion.state", &row.state)?,
            hidden: row.hidden.then(|| row.hidden_reason.unwrap_or_default()),
            outcome: row
                .outcome
                .map(|outcome| word("opinion.outcome", &outcome))
                .transpose()?,
            answer: row.answer,
            lands_on: row.lands_on,
            landed: row.landed_version,
            received_at: row.received_at,
            decided_at: row.decided_at,
        })
    }
}

/// Keeps a new consultation.
pub(crate) async fn insert_consultation(tx: &mut Tx, new: &Consultation) -> Result<()> {
    sql(INSERT_CONSULTATION)
        .bind(new.id)
        .bind(new.congress)
        .bind(new.text)
        .bind(new.version)
        .bind(&new.title)
        .bind(&new.lead)
        .bind(new.made_at)
        .execute(tx)
        .await
        .map(drop)
}

/// One consultation.
///
/// # Errors
/// [`StoreError::Missing`] when there is none.
pub async fn consultation(on: impl Target, id: ConsultationId) -> Result<Consultation> {
    let row: ConsultationRow = sql(CONSULTATION).bind(id).one(on).await?;
    row.try_into()
}

/// The consultations of a congress, newest first, `limit` of those older than `before`; drafts and
/// withdrawn drafts only when `all`.
///
/// # Errors
/// The store's.
pub async fn consultations(
    on: impl Target,
    congress: CongressId,
    scope: Scope,
    before: Option<ConsultationId>,
    limit: u32,
) -> Result<Vec<Consultation>> {
    let mut query = sql(CONSULTATIONS).bind(congress);
    if scope == Scope::Published {
        query = query.push(" AND opens_on IS NOT NULL AND state <> 'draft'");
    }
    if let Some(before) = before {
        query = query.push(" AND id < ").push_bind(before);
    }
    let query = query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
    let rows: Vec<ConsultationRow> = query.all(on).await?;
    rows.into_iter().map(Consultation::try_from).collect()
}

/// Which consultations a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those the public may see.
    Published,
    /// Drafts too, for staff.
    All,
}

/// Open consultations whose last day was before `today`.
pub(crate) async fn overdue(
    on: impl Target,
    today: jiff::civil::Date,
) -> Result<Vec<Consultation>> {
    let rows: Vec<ConsultationRow> = sql(OVERDUE).bind(today.to_string()).all(on).await?;
    rows.into_iter().map(Consultation::try_from).collect()
}

pub(crate) async fn set_state(tx: &mut Tx, id: ConsultationId, state: State) -> Result<()> {
    changed_one(sql(SET_STATE).bind(id).bind(state.word()), tx).await
}

pub(crate) async fn set_words(
    tx: &mut Tx,
    id: ConsultationId,
    title: &str,
    lead: &str,
) -> Result<()> {
    changed_one(sql(SET_WORDS).bind(id).bind(title).bind(lead), tx).await
}

pub(crate) async fn set_window(
    tx: &mut Tx,
    id: ConsultationId,
    window: &crate::model::Window,
) -> Result<()> {
    let query = sql(SET_WINDOW)
        .bind(id)
        .bind(window.opens.to_string())
        .bind(window.closes.to_string())
        .bind(window.exception.clone());
    changed_one(query, tx).await
}

pub(crate) async fn set_version(tx: &mut Tx, id: ConsultationId, version: VersionId) -> Result<()> {
    changed_one(sql(SET_VERSION).bind(id).bind(version), tx).await
}

async fn changed_one(query: Query, tx: &mut Tx) -> Result<()> {
    if query.execute(tx).await? == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}

/// An opinion about to be kept.
#[derive(Debug, Clone)]
pub(crate) struct NewOpinion {
    pub id: OpinionId,
    pub consultation: ConsultationId,
    pub version: VersionId,
    pub provision: Option<String>,
    pub stance: Stance,
    pub source: Source,
    pub body: String,
    pub visit: Option<VisitId>,
    pub code_hash: [u8; 32],
}

/// Keeps an opinion; `false` when the consultation is not open.
pub(crate) async fn insert_opinion(tx: &mut Tx, new: &NewOpinion, now: Timestamp) -> Result<bool> {
    let kept = sql(INSERT_OPINION)
        .bind(new.id)
        .bind(new.consultation)
        .bind(new.version)
        .bind(new.provision.as_deref().unwrap_or_default())
        .bind(new.stance.word())
        .bind(new.source.word())
        .bind(&new.body)
        .bind(new.visit.map(uuid::Uuid::from))
        .bind(new.code_hash)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(kept == 1)
}

/// One opinion.
///
/// # Errors
/// [`StoreError::Missing`] when there is none.
pub async fn opinion(on: impl Target, id: OpinionId) -> Result<Opinion> {
    let row: OpinionRow = sql(OPINION).bind(id).one(on).await?;
    row.try_into()
}

/// The opinion whose receipt has this hash.
pub(crate) async fn opinion_by_code(on: impl Target, hash: [u8; 32]) -> Result<Option<Opinion>> {
    let row: Option<OpinionRow> = sql(OPINION_BY_CODE).bind(hash).optional(on).await?;
    row.map(Opinion::try_from).transpose()
}

/// What a list of opinions is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// On this provision; `Some("")` for those on the whole draft.
    pub provision: Option<String>,
    /// In this state.
    pub state: Option<OpinionState>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// With this stance.
    pub stance: Option<Stance>,
    /// That came this way.
    pub source: Option<Source>,
    /// Heard at this visit.
    pub visit: Option<VisitId>,
    /// Answered ones only: decided, whether or not a version shows it yet.
    pub answered: bool,
    /// Hidden ones only.
    pub hidden: bool,
}

/// `limit` opinions in the order they came, after `after`.
///
/// # Errors
/// The store's.
pub async fn opinions(
    on: impl Target,
    consultation: ConsultationId,
    filter: &Filter,
    after: Option<OpinionId>,
    limit: u32,
) -> Result<Vec<Opinion>> {
    let mut query = sql(OPINION_COLUMNS)
        .push(" WHERE consultation_id = ")
        .push_bind(consultation);
    query = equals(query, " AND provision = ", filter.provision.clone());
    query = equals(
        query,
        " AND state = ",
        filter.state.map(procedure::Word::word),
    );
    query = equals(
        query,
        " AND outcome = ",
        filter.outcome.map(procedure::Word::word),
    );
    query = equals(
        query,
        " AND stance = ",
        filter.stance.map(procedure::Word::word),
    );
    query = equals(
        query,
        " AND source = ",
        filter.source.map(procedure::Word::word),
    );
    query = equals(
        query,
        " AND visit_id = ",
        filter.visit.map(uuid::Uuid::from),
    );
    if filter.answered {
        query = query.push(" AND state IN ('decided', 'written')");
    }
    if filter.hidden {
        query = query.push(" AND hidden");
    }
    query = equals(query, " AND id > ", after.map(uuid::Uuid::from));
    let rows: Vec<OpinionRow> = query
        .push(" ORDER BY id LIMIT ")
        .push_bind(limit)
        .all(on)
        .await?;
    rows.into_iter().map(Opinion::try_from).collect()
}

fn equals(query: Query, text: &'static str, value: Option<impl Into<Value>>) -> Query {
    match value {
        Some(value) => query.push(text).push_bind(value),
        None => query,
    }
}

pub(crate) async fn decide(
    tx: &mut Tx,
    id: OpinionId,
    outcome: Outcome,
    answer: &str,
    lands_on: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let query = sql(DECIDE_OPINION)
        .bind(id)
        .bind(OpinionState::Decided.word())
        .bind(outcome.word())
        .bind(answer)
        .bind(lands_on)
        .bind(now);
    changed_one(query, tx).await
}

pub(crate) async fn set_opinion_state(
    tx: &mut Tx,
    id: OpinionId,
    state: OpinionState,
) -> Result<()> {
    changed_one(sql(SET_OPINION_STATE).bind(id).bind(state.word()), tx).await
}

pub(crate) async fn set_hidden(tx: &mut Tx, id: OpinionId, reason: Option<&str>) -> Result<()> {
    changed_one(
        sql(HIDE_OPINION)
            .bind(id)
            .bind(reason.is_some())
            .bind(reason),
        tx,
    )
    .await
}

pub(crate) async fn land(
    tx: &mut Tx,
    id: OpinionId,
    version: VersionId,
    provision: Option<&str>,
) -> Result<()> {
    changed_one(sql(LAND_OPINION).bind(id).bind(version).bind(provision), tx).await
}

/// Adopted opinions that no version shows yet.
pub(crate) async fn to_land(
    on: impl Target,
    consultation: ConsultationId,
    limit: u32,
) -> Result<Vec<Opinion>> {
    let rows: Vec<OpinionRow> = sql(TO_LAND).bind(consultation).bind(limit).all(on).await?;
    rows.into_iter().map(Opinion::try_from).collect()
}

/// The opinions that led to `provision` of `version`, at most `limit`.
///
/// # Errors
/// The store's.
pub async fn landed(
    on: impl Target,
    version: VersionId,
    provision: &str,
    limit: u32,
) -> Result<Vec<Opinion>> {
    let rows: Vec<OpinionRow> = sql(LANDED)
        .bind(version)
        .bind(provision)
        .bind(limit)
        .all(on)
        .await?;
    rows.into_iter().map(Opinion::try_from).collect()
}

/// How many opinions led to each provision of `version`.
///
/// # Errors
/// The store's.
pub async fn landed_counts(on: impl Target, version: VersionId) -> Result<Vec<(String, i64)>> {
    sql(LANDED_COUNTS).bind(version).all(on).await
}

/// One change of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub provision: String,
    pub key: String,
    pub by: i64,
}

pub(crate) async fn tally(
    tx: &mut Tx,
    consultation: ConsultationId,
    changes: Vec<Tally>,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let rows = changes.into_iter().map(|change| {
        [
            consultation.into(),
            change.provision.into(),
            change.key.into(),
            change.by.into(),
        ]
    });
    sql(TALLY)
        .push_rows(rows)
        .push(TALLY_ADD)
        .execute(tx)
        .await
        .map(drop)
}

/// All counters of a consultation: provision (`""` for the whole), key, number.
pub(crate) async fn tallies(
    on: impl Target,
    consultation: ConsultationId,
) -> Result<Vec<(String, String, i64)>> {
    sql(TALLIES).bind(consultation).all(on).await
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
    pub visited_on: jiff::civil::Date,
    pub form_hash: [u8; 32],
}

pub(crate) async fn insert_visit(tx: &mut Tx, new: &NewVisit, now: Timestamp) -> Result<()> {
    sql(INSERT_VISIT)
        .bind(new.id)
        .bind(new.consultation)
        .bind(new.deputy)
        .bind(new.unit)
        .bind(new.heads)
        .bind(new.visited_on.to_string())
        .bind(new.form_hash)
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn visit_by_form(on: impl Target, hash: [u8; 32]) -> Result<Option<VisitId>> {
    let row: Option<(VisitId,)> = sql(VISIT_BY_FORM).bind(hash).optional(on).await?;
    Ok(row.map(|(id,)| id))
}

/// How many visits this deputy, and this unit, have in the consultation so far.
pub(crate) async fn visits_so_far(
    tx: &mut Tx,
    consultation: ConsultationId,
    deputy: DeputyId,
    unit: UnitId,
) -> Result<(i64, i64)> {
    let (by_deputy,): (i64,) = sql(FIRST_OF_DEPUTY)
        .bind(consultation)
        .bind(deputy)
        .one(&mut *tx)
        .await?;
    let (at_unit,): (i64,) = sql(FIRST_AT_UNIT)
        .bind(consultation)
        .bind(unit)
        .one(tx)
        .await?;
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
    let mut query = sql(VISITS).bind(consultation);
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
/// [`StoreError::Missing`] when there is none.
pub async fn visit(on: impl Target, id: VisitId) -> Result<Visit> {
    sql(VISIT).bind(id).one(on).await
}
