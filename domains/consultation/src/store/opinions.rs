//! Opinions.

use std::collections::HashSet;

use ::store::{Result, StoreError, Target, Tx, Value, sql};
use kernel::{ConsultationId, OpinionId, Timestamp, VersionId, VisitId};
use procedure::{Number, Word};
use uuid::Uuid;

use super::{changed_one, steps, word};
use crate::model::{OpinionState, Outcome, Source, Stance};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, consultation_id, year, number, version_id, provision, stance, source, body, visit_id, state, steps,
                hidden, hidden_reason, outcome, answer, lands_on, referred_to, received_at, decided_at
            FROM opinion",
            $rest
        )
    };
}

/// All columns of any; lists are narrowed further.
pub(super) const SELECT: &str = select!("");

::store::statements! {
    /// Rows are pushed.
    INSERT = "INSERT INTO opinion
            (id, consultation_id, year, number, version_id, provision, stance, source, body, visit_id, code_hash,
             key_hash, state, steps, hidden, received_at)
        VALUES ";
    /// One.
    ONE = select!(" WHERE id = $1");
    /// The one whose receipt has this hash.
    pub(super) BY_CODE = select!(" WHERE code_hash = $1");
    /// Whether a client's key stands for one.
    pub(super) BY_KEY = "SELECT id FROM opinion WHERE key_hash = $1";
    /// All that moves change.
    SAVE = "UPDATE opinion SET state = $2, steps = $3, hidden = $4, hidden_reason = $5, outcome = $6, answer = $7,
            lands_on = $8, referred_to = $9, decided_at = $10
        WHERE id = $1";
    /// The words of one, gone for good.
    ERASE = "UPDATE opinion SET body = '' WHERE id = $1";
    /// Adopted ones that no version shows yet.
    pub(super) TO_WRITE = select!(
        " WHERE (consultation_id, id) > ($1, $2) AND (consultation_id, id) <= ($1, $3)
            AND state = 'decided' AND outcome IN ('adopted', 'partly_adopted')
        ORDER BY consultation_id, id LIMIT $4"
    );
}

/// An opinion as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Its id, and its matter's.
    pub id: OpinionId,
    /// The consultation it belongs to.
    pub consultation: ConsultationId,
    /// Its matter's number.
    pub number: Number,
    /// The version it speaks of.
    pub version: VersionId,
    /// The provision it speaks of; `None` for the whole draft.
    pub provision: Option<String>,
    /// What it wants.
    pub stance: Stance,
    /// The way it came.
    pub source: Source,
    /// The person's own words; empty when they were erased.
    pub body: String,
    /// The visit it was heard at.
    pub visit: Option<VisitId>,
    /// Where it stands.
    pub state: OpinionState,
    /// How many steps its matter has: whoever acts says how many they had seen.
    pub steps: u32,
    /// Why it is hidden from the public, if it is.
    pub hidden: Option<String>,
    /// What was decided.
    pub outcome: Option<Outcome>,
    /// The reason given for that.
    pub answer: Option<String>,
    /// The provision of the next version that is to show it, where staff named one.
    pub lands_on: Option<String>,
    /// The body that handles it, where it was referred.
    pub referred_to: Option<String>,
    /// When it was received.
    pub received_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
}

impl Opinion {
    /// The words as everybody may read them; `None` when they are hidden, erased or taken back.
    #[must_use]
    pub fn public_words(&self) -> Option<&str> {
        let public = self.hidden.is_none() && self.state != OpinionState::Withdrawn;
        public.then_some(self.body.as_str())
    }

    /// Whether its words were erased for good.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.body.is_empty()
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: OpinionId,
    consultation_id: ConsultationId,
    year: i64,
    number: i64,
    version_id: VersionId,
    provision: String,
    stance: String,
    source: String,
    body: String,
    visit_id: Option<VisitId>,
    state: String,
    steps: i64,
    hidden: bool,
    hidden_reason: Option<String>,
    outcome: Option<String>,
    answer: Option<String>,
    lands_on: Option<String>,
    referred_to: Option<String>,
    received_at: Timestamp,
    decided_at: Option<Timestamp>,
}

impl TryFrom<Row> for Opinion {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let outcome = row.outcome.as_deref();
        Ok(Self {
            id: row.id,
            consultation: row.consultation_id,
            number: Number::of(row.year, row.number)?,
            version: row.version_id,
            provision: Some(row.provision).filter(|provision| !provision.is_empty()),
            stance: word("opinion.stance", &row.stance)?,
            source: word("opinion.source", &row.source)?,
            body: row.body,
            visit: row.visit_id,
            state: word("opinion.state", &row.state)?,
            steps: steps("opinion.steps", row.steps)?,
            hidden: row.hidden.then(|| row.hidden_reason.unwrap_or_default()),
            outcome: outcome
                .map(|word_| word("opinion.outcome", word_))
                .transpose()?,
            answer: row.answer,
            lands_on: row.lands_on,
            referred_to: row.referred_to,
            received_at: row.received_at,
            decided_at: row.decided_at,
        })
    }
}

/// Reads rows as they were selected by [`SELECT`].
pub(super) fn read(rows: Vec<Row>) -> Result<Vec<Opinion>> {
    rows.into_iter().map(Opinion::try_from).collect()
}

/// By which a new opinion is found again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpinionKeys {
    /// The SHA-256 of its receipt's code.
    pub code: [u8; 32],
    /// The hash of the key under which a client sent it.
    pub client: Option<[u8; 32]>,
}

impl OpinionKeys {
    /// All that may stand for one opinion only.
    pub(crate) fn marks(self) -> impl Iterator<Item = [u8; 32]> {
        [Some(self.code), self.client].into_iter().flatten()
    }
}

/// What marks those that are there already; the marks in question are pushed twice.
const MARKED: &str = "SELECT code_hash, key_hash FROM opinion WHERE code_hash IN (";

/// Which of these marks stand for an opinion already.
pub(crate) async fn marked(tx: &mut Tx, marks: &[[u8; 32]]) -> Result<HashSet<[u8; 32]>> {
    type Found = (Vec<u8>, Option<Vec<u8>>);
    let mut query = sql(MARKED);
    for (n, mark) in marks.iter().enumerate() {
        query = query.push(if n == 0 { "" } else { ", " }).push_bind(*mark);
    }
    query = query.push(") OR key_hash IN (");
    for (n, mark) in marks.iter().enumerate() {
        query = query.push(if n == 0 { "" } else { ", " }).push_bind(*mark);
    }
    let found: Vec<Found> = query.push(")").all(tx).await?;
    let marks = found
        .into_iter()
        .flat_map(|(code, key)| [Some(code), key])
        .flatten();
    Ok(marks.filter_map(|mark| mark.try_into().ok()).collect())
}

/// Keeps new opinions.
pub(crate) async fn insert_opinions(tx: &mut Tx, new: &[(Opinion, OpinionKeys)]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let row = |(new, keys): &(Opinion, OpinionKeys)| -> [Value; 16] {
        [
            new.id.into(),
            new.consultation.into(),
            i64::from(new.number.year).into(),
            new.number.n.into(),
            new.version.into(),
            new.provision.clone().unwrap_or_default().into(),
            new.stance.word().into(),
            new.source.word().into(),
            new.body.clone().into(),
            new.visit.map(uuid::Uuid::from).into(),
            keys.code.into(),
            keys.client.into(),
            new.state.word().into(),
            i64::from(new.steps).into(),
            new.hidden.is_some().into(),
            new.received_at.into(),
        ]
    };
    let query = sql(INSERT).push_rows(new.iter().map(row));
    query.execute(tx).await.map(drop)
}

/// Keeps what moves have changed of an opinion that the same transaction has read.
pub(crate) async fn save_opinion(tx: &mut Tx, row: &Opinion) -> Result<()> {
    let query = sql(SAVE)
        .bind(row.id)
        .bind(row.state.word())
        .bind(row.steps)
        .bind(row.hidden.is_some())
        .bind(row.hidden.clone())
        .bind(row.outcome.map(Word::word))
        .bind(row.answer.clone())
        .bind(row.lands_on.clone())
        .bind(row.referred_to.clone())
        .bind(row.decided_at);
    changed_one(query, tx).await
}

/// Erases the words of an opinion.
pub(crate) async fn erase_words(tx: &mut Tx, id: OpinionId) -> Result<()> {
    changed_one(sql(ERASE).bind(id), tx).await
}

/// One opinion.
///
/// # Errors
/// [`StoreError::Missing`] when there is none.
pub async fn opinion(on: impl Target, id: OpinionId) -> Result<Opinion> {
    sql(ONE).bind(id).one::<Row>(on).await?.try_into()
}

/// The opinion whose receipt has this hash.
pub(crate) async fn opinion_by_code(on: impl Target, hash: [u8; 32]) -> Result<Option<Opinion>> {
    let row: Option<Row> = sql(BY_CODE).bind(hash).optional(on).await?;
    row.map(Opinion::try_from).transpose()
}

/// Whether a client's key stands for an opinion already.
pub(crate) async fn key_is_used(on: impl Target, hash: [u8; 32]) -> Result<bool> {
    let row: Option<(OpinionId,)> = sql(BY_KEY).bind(hash).optional(on).await?;
    Ok(row.is_some())
}

/// The opinions with these ids, in their order.
///
/// # Errors
/// The store's.
pub async fn by_ids(on: impl Target, ids: &[OpinionId]) -> Result<Vec<Opinion>> {
    let Some((first, others)) = ids.split_first() else {
        return Ok(Vec::new());
    };
    let mut query = sql(SELECT).push(" WHERE id IN (").push_bind(*first);
    for id in others {
        query = query.push(", ").push_bind(*id);
    }
    let mut rows = read(query.push(")").all(on).await?)?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

/// At most `most` adopted opinions that no version shows yet, after `after`.
pub(crate) async fn to_write(
    on: impl Target,
    consultation: ConsultationId,
    after: Option<OpinionId>,
    most: u32,
) -> Result<Vec<Opinion>> {
    let query = sql(TO_WRITE)
        .bind(consultation)
        .bind(after.map_or(Uuid::nil(), Uuid::from))
        .bind(Uuid::max())
        .bind(most);
    read(query.all(on).await?)
}
