//! Consultations.

use ::store::{Result, StoreError, Target, Tx, sql};
use jiff::civil::Date;
use kernel::{CongressId, ConsultationId, TextId, Timestamp, VersionId};
use procedure::{Number, Word as _};
use uuid::Uuid;

use super::{changed_one, day, list::Listed, steps, word};
use crate::model::State;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, congress_id, year, number, text_id, version_id, state, steps, title, lead, opens_on, closes_on,
                short_reason, writing_id, made_at
            FROM consultation ",
            $rest
        )
    };
}

::store::statements! {
    /// A new one is a draft.
    INSERT = "INSERT INTO consultation
            (id, congress_id, year, number, text_id, version_id, state, steps, title, lead, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// One.
    ONE = select!("WHERE id = $1");
    /// Those of a congress, newest first.
    pub(super) OF_CONGRESS = select!(
        "WHERE (congress_id, id) < ($1, $2) AND (congress_id, id) > ($1, $3)
        ORDER BY congress_id DESC, id DESC LIMIT $4"
    );
    /// The same, those the public may see: once opened, for ever.
    pub(super) PUBLISHED = select!(
        "WHERE (congress_id, id) < ($1, $2) AND (congress_id, id) > ($1, $3) AND opens_on IS NOT NULL
        ORDER BY congress_id DESC, id DESC LIMIT $4"
    );
    /// Those whose last day is not long over, the next to close first.
    pub(super) NOT_LONG_OVER = select!("WHERE congress_id = $1 AND closes_on >= $2 ORDER BY closes_on, id LIMIT 100");
    /// All that can change.
    SAVE = "UPDATE consultation SET version_id = $2, state = $3, steps = $4, title = $5, lead = $6,
            opens_on = $7, closes_on = $8, short_reason = $9, writing_id = $10
        WHERE id = $1";
}

/// A consultation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultation {
    /// Its id, and its matter's.
    pub id: ConsultationId,
    /// The congress that consults.
    pub congress: CongressId,
    /// Its matter's number.
    pub number: Number,
    /// The text consulted on.
    pub text: TextId,
    /// The version people read now.
    pub version: VersionId,
    /// Where it stands.
    pub state: State,
    /// How many steps its matter has.
    pub steps: u32,
    /// What it is called.
    pub title: String,
    /// What it is about, in plain words.
    pub lead: String,
    /// The first day, once opened.
    pub opens: Option<Date>,
    /// The last day, once opened.
    pub closes: Option<Date>,
    /// Why the window is shorter than the law's minimum.
    pub exception: Option<String>,
    /// The version into which adopted opinions are still being written.
    pub writing: Option<VersionId>,
    /// When it was begun.
    pub made_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ConsultationId,
    congress_id: CongressId,
    year: i64,
    number: i64,
    text_id: TextId,
    version_id: VersionId,
    state: String,
    steps: i64,
    title: String,
    lead: String,
    opens_on: Option<String>,
    closes_on: Option<String>,
    short_reason: Option<String>,
    writing_id: Option<VersionId>,
    made_at: Timestamp,
}

impl TryFrom<Row> for Consultation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            congress: row.congress_id,
            number: Number::of(row.year, row.number)?,
            text: row.text_id,
            version: row.version_id,
            state: word("consultation.state", &row.state)?,
            steps: steps("consultation.steps", row.steps)?,
            title: row.title,
            lead: row.lead,
            opens: day("consultation.opens_on", row.opens_on)?,
            closes: day("consultation.closes_on", row.closes_on)?,
            exception: row.short_reason,
            writing: row.writing_id,
            made_at: row.made_at,
        })
    }
}

/// Keeps a new consultation.
pub(crate) async fn insert_consultation(tx: &mut Tx, new: &Consultation) -> Result<()> {
    sql(INSERT)
        .bind(new.id)
        .bind(new.congress)
        .bind(i32::from(new.number.year))
        .bind(new.number.n)
        .bind(new.text)
        .bind(new.version)
        .bind(new.state.word())
        .bind(new.steps)
        .bind(&new.title)
        .bind(&new.lead)
        .bind(new.made_at)
        .execute(tx)
        .await
        .map(drop)
}

/// Keeps what has changed of a consultation that the same transaction has read.
pub(crate) async fn save_consultation(tx: &mut Tx, row: &Consultation) -> Result<()> {
    let query = sql(SAVE)
        .bind(row.id)
        .bind(row.version)
        .bind(row.state.word())
        .bind(row.steps)
        .bind(&row.title)
        .bind(&row.lead)
        .bind(row.opens.map(|day| day.to_string()))
        .bind(row.closes.map(|day| day.to_string()))
        .bind(row.exception.clone())
        .bind(row.writing.map(Uuid::from));
    changed_one(query, tx).await
}

/// One consultation.
///
/// # Errors
/// [`StoreError::Missing`] when there is none.
pub async fn consultation(on: impl Target, id: ConsultationId) -> Result<Consultation> {
    sql(ONE).bind(id).one::<Row>(on).await?.try_into()
}

/// Which consultations a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those the public may see.
    Published,
    /// Drafts too, for staff.
    All,
}

/// At most `most` consultations of a congress, newest first, of those older than `before`.
///
/// # Errors
/// The store's.
pub async fn consultations(
    on: impl Target,
    congress: CongressId,
    scope: Scope,
    before: Option<ConsultationId>,
    most: usize,
) -> Result<Listed<Consultation, ConsultationId>> {
    let query = match scope {
        Scope::Published => sql(PUBLISHED),
        Scope::All => sql(OF_CONGRESS),
    };
    let query = query
        .bind(congress)
        .bind(before.map_or(Uuid::max(), Uuid::from))
        .bind(Uuid::nil())
        .bind(u32::try_from(most + 1).unwrap_or(u32::MAX));
    let rows = read(query.all(on).await?)?;
    Ok(Listed::cut(rows, most, |row| row.id))
}

fn read(rows: Vec<Row>) -> Result<Vec<Consultation>> {
    rows.into_iter().map(Consultation::try_from).collect()
}

/// The consultations of a congress whose last day was `day` or later.
pub(crate) async fn not_long_over(
    on: impl Target,
    congress: CongressId,
    day: Date,
) -> Result<Vec<Consultation>> {
    let query = sql(NOT_LONG_OVER).bind(congress).bind(day.to_string());
    read(query.all(on).await?)
}
