//! Groups of opinions that say almost the same (相近意见).

use ::store::{Result, Target, Tx, Value, sql};
use kernel::{ConsultationId, OpinionId, Timestamp};
use procedure::Word as _;
use uuid::Uuid;

use super::{
    list::Listed,
    opinions::{Opinion, by_ids},
};
use crate::model::OpinionState;

::store::statements! {
    /// What was said, by provision, in the order in which it came.
    pub(super) SAID = "SELECT id, provision, body, state FROM opinion
        WHERE (consultation_id, provision, id) > ($1, $2, $3) AND (consultation_id, provision, id) < ($4, '', $5)
        ORDER BY consultation_id, provision, id LIMIT $6";
    /// The number of a new run.
    BEGIN = "INSERT INTO gathering (consultation_id, latest, shown, opinions) VALUES ($1, 1, 0, 0)
        ON CONFLICT (consultation_id) DO UPDATE SET latest = gathering.latest + 1
        RETURNING latest";
    /// Rows are pushed.
    KEEP = "INSERT INTO alike (consultation_id, run, first_id, opinion_id, likeness) VALUES ";
    /// A group whose members are kept, with how many of them wait.
    KEEP_GROUP = "INSERT INTO alike_group (consultation_id, run, first_id, size, waiting)
        SELECT $1, $2, $3, COUNT(*), SUM(CASE WHEN o.state = 'received' THEN 1 ELSE 0 END)
        FROM alike a JOIN opinion o ON o.id = a.opinion_id
        WHERE a.consultation_id = $1 AND a.run = $2 AND a.first_id = $3";
    /// A run that is complete, unless a later one is shown.
    SHOW = "UPDATE gathering SET shown = $2, made_at = $3, opinions = $4 WHERE consultation_id = $1 AND shown < $2";
    /// Groups of earlier runs.
    FORMER = "SELECT run, first_id FROM alike_group WHERE consultation_id = $1 AND run < $2
        ORDER BY consultation_id, run, first_id LIMIT $3";
    FORGET = "DELETE FROM alike WHERE consultation_id = $1 AND run = $2 AND first_id = $3";
    FORGET_GROUP = "DELETE FROM alike_group WHERE consultation_id = $1 AND run = $2 AND first_id = $3";
    /// An opinion waits no more, or again.
    COUNT = "UPDATE alike_group SET waiting = waiting + $2
        WHERE (consultation_id, run, first_id) IN
            (SELECT consultation_id, run, first_id FROM alike WHERE opinion_id = $1)";
    /// The run that is shown.
    SHOWN = "SELECT shown AS run, made_at, opinions FROM gathering
        WHERE consultation_id = $1 AND made_at IS NOT NULL";
    /// Those in which most wait first.
    pub(super) GROUPS = "SELECT first_id, size, waiting FROM alike_group
        WHERE (consultation_id, run, waiting, first_id) < ($1, $2, $3, $4)
            AND (consultation_id, run, waiting, first_id) > ($1, $2, -1, $4)
        ORDER BY consultation_id DESC, run DESC, waiting DESC, first_id DESC LIMIT $5";
    /// One.
    ONE = "SELECT first_id, size, waiting FROM alike_group
        WHERE consultation_id = $1 AND run = $2 AND first_id = $3";
    /// That of an opinion in a run.
    OF_OPINION = "SELECT g.first_id, g.size, g.waiting
        FROM alike a JOIN alike_group g
            ON g.consultation_id = a.consultation_id AND g.run = a.run AND g.first_id = a.first_id
        WHERE a.opinion_id = $1 AND a.run = $2";
    /// The members in the order in which they came.
    pub(super) MEMBERS = "SELECT opinion_id, likeness FROM alike
        WHERE (consultation_id, run, first_id, opinion_id) > ($1, $2, $3, $4)
            AND (consultation_id, run, first_id, opinion_id) <= ($1, $2, $3, $5)
        ORDER BY consultation_id, run, first_id, opinion_id LIMIT $6";
    /// Those of the members that wait.
    pub(super) WAITING = "SELECT a.opinion_id FROM alike a JOIN opinion o ON o.id = a.opinion_id
        WHERE (a.consultation_id, a.run, a.first_id, a.opinion_id) > ($1, $2, $3, $4)
            AND (a.consultation_id, a.run, a.first_id, a.opinion_id) <= ($1, $2, $3, $5)
            AND o.state = 'received'
        ORDER BY a.consultation_id, a.run, a.first_id, a.opinion_id LIMIT $6";
}

/// Which groups of which consultation are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Gathering {
    /// Its number; the next one has a higher number.
    pub run: i64,
    /// When it was complete.
    pub made_at: Timestamp,
    /// How many opinions were compared.
    pub opinions: i64,
}

/// Opinions that say almost the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Alike {
    /// The earliest of them.
    pub first_id: OpinionId,
    /// How many there are, two at least.
    pub size: i64,
    /// How many of them wait for a decision.
    pub waiting: i64,
}

/// What somebody said of a provision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub id: OpinionId,
    pub provision: String,
    pub text: String,
}

/// All that was said in a consultation and stands, by provision, in the order in which it came. Read in
/// pages: a consultation can have hundreds of thousands of opinions.
pub(crate) async fn spoken(db: &::store::Db, consultation: ConsultationId) -> Result<Vec<Spoken>> {
    const PAGE: usize = 2_000;
    let beyond = Uuid::from(consultation).as_u128().saturating_add(1);
    let (mut all, mut after) = (Vec::new(), (String::new(), Uuid::nil()));
    loop {
        let query = sql(SAID)
            .bind(consultation)
            .bind(after.0.as_str())
            .bind(after.1)
            .bind(Uuid::from_u128(beyond))
            .bind(Uuid::nil())
            .bind(u32::try_from(PAGE).unwrap_or(u32::MAX));
        let page: Vec<(OpinionId, String, String, String)> = query.all(db).await?;
        let Some((id, provision, ..)) = page.last() else {
            return Ok(all);
        };
        after = (provision.clone(), (*id).into());
        let stands =
            |text: &str, state: &str| !text.is_empty() && state != OpinionState::Withdrawn.word();
        let rows = page
            .into_iter()
            .filter(|(_, _, text, state)| stands(text, state));
        all.extend(rows.map(|(id, provision, text, _)| Spoken {
            id,
            provision,
            text,
        }));
    }
}

/// Begins to gather: the number of the run.
pub(crate) async fn begin_gathering(tx: &mut Tx, consultation: ConsultationId) -> Result<i64> {
    let (run,): (i64,) = sql(BEGIN).bind(consultation).one(tx).await?;
    Ok(run)
}

/// A group about to be kept: how like the first one each member is, in thousandths, the first included.
pub(crate) type Members = Vec<(OpinionId, u16)>;

/// Keeps a group of a run; the first member is the earliest.
pub(crate) async fn keep_alike(
    tx: &mut Tx,
    (consultation, run): (ConsultationId, i64),
    members: &Members,
) -> Result<()> {
    /// Members of one statement.
    const ROWS: usize = 500;
    let Some((first, _)) = members.first() else {
        return Ok(());
    };
    let row = |(id, likeness): &(OpinionId, u16)| -> [Value; 5] {
        [
            consultation.into(),
            run.into(),
            (*first).into(),
            (*id).into(),
            i64::from(*likeness).into(),
        ]
    };
    for some in members.chunks(ROWS) {
        let query = sql(KEEP).push_rows(some.iter().map(row));
        query.execute(&mut *tx).await?;
    }
    let group = sql(KEEP_GROUP).bind(consultation).bind(run).bind(*first);
    group.execute(tx).await.map(drop)
}

/// Shows a run that is complete, in place of the one before.
pub(crate) async fn show_gathering(
    tx: &mut Tx,
    (consultation, run): (ConsultationId, i64),
    made_at: Timestamp,
    opinions: usize,
) -> Result<()> {
    let query = sql(SHOW)
        .bind(consultation)
        .bind(run)
        .bind(made_at)
        .bind(i64::try_from(opinions).unwrap_or(i64::MAX));
    query.execute(tx).await.map(drop)
}

/// Takes away some groups of runs before `run`; whether there may be more.
pub(crate) async fn forget_former(
    tx: &mut Tx,
    (consultation, run): (ConsultationId, i64),
    most: u32,
) -> Result<bool> {
    let query = sql(FORMER).bind(consultation).bind(run).bind(most);
    let former: Vec<(i64, OpinionId)> = query.all(&mut *tx).await?;
    for (run, first) in &former {
        for delete in [FORGET, FORGET_GROUP] {
            let delete = sql(delete).bind(consultation).bind(*run).bind(*first);
            delete.execute(&mut *tx).await?;
        }
    }
    Ok(former.len() == most as usize)
}

/// Counts that an opinion waits no more (-1) or again (1) in its groups.
pub(crate) async fn count_waiting(tx: &mut Tx, opinion: OpinionId, by: i64) -> Result<()> {
    sql(COUNT)
        .bind(opinion)
        .bind(by)
        .execute(tx)
        .await
        .map(drop)
}

/// The groups that are shown; `None` before anybody had them found.
///
/// # Errors
/// The store's.
pub async fn gathering(on: impl Target, consultation: ConsultationId) -> Result<Option<Gathering>> {
    sql(SHOWN).bind(consultation).optional(on).await
}

/// At most `most` groups of a run, those in which most wait first, after `after`.
///
/// # Errors
/// The store's.
pub async fn alike(
    on: impl Target,
    (consultation, run): (ConsultationId, i64),
    after: Option<(i64, OpinionId)>,
    most: usize,
) -> Result<Listed<Alike, (i64, OpinionId)>> {
    let (waiting, first) = after.map_or((i64::MAX, Uuid::max()), |(waiting, first)| {
        (waiting, first.into())
    });
    let query = sql(GROUPS)
        .bind(consultation)
        .bind(run)
        .bind(waiting)
        .bind(first)
        .bind(u32::try_from(most + 1).unwrap_or(u32::MAX));
    let place = |group: &Alike| (group.waiting, group.first_id);
    Ok(Listed::cut(query.all(on).await?, most, place))
}

/// The group of a run that begins with `first`.
///
/// # Errors
/// [`StoreError::Missing`](::store::StoreError::Missing) when there is none.
pub async fn alike_to(
    on: impl Target,
    (consultation, run): (ConsultationId, i64),
    first: OpinionId,
) -> Result<Alike> {
    let query = sql(ONE).bind(consultation).bind(run).bind(first);
    query.one(on).await
}

/// The group of a run to which an opinion belongs, if it belongs to any.
///
/// # Errors
/// The store's.
pub async fn alike_of(on: impl Target, run: i64, opinion: OpinionId) -> Result<Option<Alike>> {
    sql(OF_OPINION).bind(opinion).bind(run).optional(on).await
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlikeOpinion {
    /// The opinion.
    pub opinion: Opinion,
    /// How like the first one it is, in thousandths.
    pub likeness: u16,
}

/// At most `most` members of a group in the order in which they came, after `after`.
///
/// # Errors
/// The store's.
pub async fn alike_opinions(
    db: &::store::Db,
    (consultation, run): (ConsultationId, i64),
    first: OpinionId,
    after: Option<OpinionId>,
    most: usize,
) -> Result<Listed<AlikeOpinion, OpinionId>> {
    let query = sql(MEMBERS)
        .bind(consultation)
        .bind(run)
        .bind(first)
        .bind(after.map_or(Uuid::nil(), Uuid::from))
        .bind(Uuid::max())
        .bind(u32::try_from(most + 1).unwrap_or(u32::MAX));
    let found: Vec<(OpinionId, i64)> = query.all(db).await?;
    let page = Listed::cut(found, most, |(id, _)| *id);
    let ids: Vec<OpinionId> = page.rows.iter().map(|(id, _)| *id).collect();
    let opinions = by_ids(db, &ids).await?;
    let likeness = |id| page.rows.iter().find(|(other, _)| *other == id);
    let member = |opinion: Opinion| AlikeOpinion {
        likeness: likeness(opinion.id).map_or(0, |(_, n)| u16::try_from(*n).unwrap_or(0)),
        opinion,
    };
    Ok(Listed {
        rows: opinions.into_iter().map(member).collect(),
        next: page.next,
    })
}

/// At most `most` members of a group that wait for a decision, after `after`.
pub(crate) async fn waiting_alike(
    tx: &mut Tx,
    (consultation, run): (ConsultationId, i64),
    first: OpinionId,
    after: Option<OpinionId>,
    most: u32,
) -> Result<Vec<OpinionId>> {
    let query = sql(WAITING)
        .bind(consultation)
        .bind(run)
        .bind(first)
        .bind(after.map_or(Uuid::nil(), Uuid::from))
        .bind(Uuid::max())
        .bind(most);
    let found: Vec<(OpinionId,)> = query.all(tx).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
