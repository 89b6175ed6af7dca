//! Making moves: check, save, and stage the log entry, all in the caller's transaction.

use kernel::{Actor, CongressId, Entropy, MatterId, MoveId, Role, Timestamp};
use store::{Staged, StoreError, Tx, Value, sql};
use translog::{Entry, commitment};

use crate::{
    Allowed, Asked, Content, Number, Procedure, Record, Refusal, Word, clocks, number,
    statements as q,
};

/// What every move is given from outside: the instant, and randomness for ids and salts.
#[derive(Clone, Copy)]
pub struct Clockwork<'a> {
    /// The instant of the move.
    pub now: Timestamp,
    /// Where ids and salts come from.
    pub entropy: &'a dyn Entropy,
}

/// A matter about to be opened.
#[derive(Debug, Clone, Copy)]
pub struct NewMatter {
    /// Its id, made by the domain (a `ConsultationId` is its matter's id too).
    pub id: MatterId,
    /// The congress it belongs to.
    pub congress: CongressId,
    /// The matter it is part of: an opinion's consultation.
    pub parent: Option<MatterId>,
    /// The year of its number: today's, where the congress sits.
    pub year: i16,
}

/// What a move carries. All of it but the role goes into the step's [`Record`], to which the log
/// commits; it never enters the log itself.
#[derive(Debug, Clone)]
pub struct Carry<S> {
    /// The role in which the actor acts, where several fit; else the rule's first that fits.
    pub role: Option<Role>,
    /// The state chosen by the domain's decision, where the rule leaves a choice.
    pub to: Option<S>,
    /// Why, in the words everybody concerned will read.
    pub reason: Option<String>,
    /// What the move says.
    pub content: Content,
    /// The last day of the clock that the rule starts, and its article.
    pub due: Option<(jiff::civil::Date, String)>,
}

impl<S> Default for Carry<S> {
    fn default() -> Self {
        Self {
            role: None,
            to: None,
            reason: None,
            content: Content::default(),
            due: None,
        }
    }
}

impl<S> Carry<S> {
    /// Carries what the move says and nothing else.
    ///
    /// # Errors
    /// As [`Content::of`].
    pub fn saying(said: &impl serde::Serialize) -> Result<Self, StoreError> {
        Ok(Self {
            content: Content::of(said)?,
            ..Self::default()
        })
    }
}

impl<S: Copy> Carry<S> {
    fn asked(&self) -> Asked<'_, S> {
        Asked {
            role: self.role,
            reason: self.reason.as_deref(),
            to: self.to,
        }
    }
}

/// A move that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made<S> {
    /// The move's id; the log entry hangs on it.
    pub id: MoveId,
    /// Which step of the matter it is, from 1.
    pub seq: u32,
    /// The state after it.
    pub state: S,
    /// The matter's number.
    pub number: Number,
}

/// Why a move was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MoveError {
    /// The procedure does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a matter with the procedure's first move.
///
/// # Errors
/// [`MoveError::Refused`] when the actor may not; else the store's.
pub async fn open<S: Word, M: Word>(
    tx: &mut Tx,
    procedure: &Procedure<S, M>,
    matter: NewMatter,
    made: M,
    carry: Carry<S>,
    works: Clockwork<'_>,
) -> Result<Made<S>, MoveError> {
    let mut opened = open_all(tx, procedure, made, vec![(matter, carry)], works).await?;
    opened
        .pop()
        .ok_or_else(|| StoreError::Inconsistent("a matter was not opened".into()).into())
}

/// Opens several matters of one congress and year at once, each with the procedure's first move: a
/// statement a table, however many they are. Keep it to some dozens.
///
/// # Errors
/// As [`open`]; then none is opened.
pub async fn open_all<S: Word, M: Word>(
    tx: &mut Tx,
    procedure: &Procedure<S, M>,
    made: M,
    matters: Vec<(NewMatter, Carry<S>)>,
    works: Clockwork<'_>,
) -> Result<Vec<Made<S>>, MoveError> {
    let Some((first, _)) = matters.first() else {
        return Ok(Vec::new());
    };
    let (congress, year) = (first.congress, first.year);
    if matters
        .iter()
        .any(|(matter, _)| (matter.congress, matter.year) != (congress, year))
    {
        return Err(
            StoreError::Inconsistent("matters of several congresses or years".into()).into(),
        );
    }
    let mut allowed = Vec::with_capacity(matters.len());
    for (_, carry) in &matters {
        allowed.push(procedure.check(None, made, tx.actor(), carry.asked())?);
    }
    let count = matters.len() as i64;
    let first = number::next(tx, congress, procedure.kind, year, count).await?;
    let (mut rows, mut steps) = (Vec::new(), Vec::new());
    for ((n, allowed), (matter, carry)) in (first.n..).zip(allowed).zip(matters) {
        let number = Number { n, ..first };
        rows.push(matter_row(
            procedure.kind,
            &matter,
            number,
            allowed.to,
            works,
        ));
        let step = Making {
            congress,
            number,
            kind: procedure.kind,
            matter: matter.id,
            seq: 1,
            made: made.word(),
            from: "none",
        };
        steps.push((step, allowed, carry));
    }
    sql(q::INSERT_MATTERS)
        .push_rows(rows)
        .execute(&mut *tx)
        .await?;
    record(tx, steps, works).await
}

fn matter_row<S: Word>(
    kind: &'static str,
    matter: &NewMatter,
    number: Number,
    state: S,
    works: Clockwork<'_>,
) -> [Value; 10] {
    [
        matter.id.into(),
        matter.congress.into(),
        kind.into(),
        i64::from(number.year).into(),
        number.n.into(),
        matter.parent.map(uuid::Uuid::from).into(),
        state.word().into(),
        1i64.into(),
        works.now.into(),
        works.now.into(),
    ]
}

/// Makes the next move of a matter.
///
/// # Errors
/// [`MoveError::Refused`] when the procedure does not allow it; [`StoreError::Missing`] when there
/// is no such matter; [`StoreError::Conflict`] when somebody else moved it in between.
pub async fn advance<S: Word, M: Word>(
    tx: &mut Tx,
    procedure: &Procedure<S, M>,
    matter: MatterId,
    made: M,
    carry: Carry<S>,
    works: Clockwork<'_>,
) -> Result<Made<S>, MoveError> {
    let row: MatterRow = sql(q::MATTER_STATE).bind(matter).one(&mut *tx).await?;
    let here = known_state::<S>(procedure.kind, &row)?;
    let allowed = procedure.check(Some(here), made, tx.actor(), carry.asked())?;
    let moved = sql(q::MOVE_MATTER)
        .bind(matter)
        .bind(allowed.to.word())
        .bind(works.now)
        .bind(row.steps)
        .execute(&mut *tx)
        .await?;
    if moved != 1 {
        return Err(StoreError::Conflict {
            constraint: "matter.steps".into(),
        }
        .into());
    }
    let seq = u32::try_from(row.steps + 1).map_err(|_| {
        StoreError::Inconsistent(format!("matter {matter} has {} steps", row.steps))
    })?;
    let step = Making {
        congress: row.congress_id,
        number: Number::of(row.year, row.number)?,
        kind: procedure.kind,
        matter,
        seq,
        made: made.word(),
        from: here.word(),
    };
    let mut made = record(tx, vec![(step, allowed, carry)], works).await?;
    made.pop()
        .ok_or_else(|| StoreError::Inconsistent("a step was not recorded".into()).into())
}

#[derive(sqlx::FromRow)]
struct MatterRow {
    congress_id: CongressId,
    kind: String,
    year: i64,
    number: i64,
    state: String,
    steps: i64,
}

fn known_state<S: Word>(wanted: &str, row: &MatterRow) -> Result<S, StoreError> {
    let (kind, state) = (&row.kind, &row.state);
    if kind != wanted {
        return Err(StoreError::Inconsistent(format!(
            "a {kind} is not a {wanted}"
        )));
    }
    S::parse(state)
        .ok_or_else(|| StoreError::Inconsistent(format!("{kind} in unknown state {state}")))
}

/// Empties what was said with a step, for ever: its words, its reason and the salt. The entry in the
/// log stays and still says that, when and in what role the move was made. A domain calls it from
/// a move of its own that says why, so that the redaction itself is a step of the matter.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such step.
pub async fn redact(tx: &mut Tx, matter: MatterId, seq: u32) -> Result<(), StoreError> {
    let redacted = sql(q::REDACT_MOVE)
        .bind(matter)
        .bind(seq)
        .execute(tx)
        .await?;
    if redacted == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}

/// The step being written down.
struct Making {
    congress: CongressId,
    number: Number,
    kind: &'static str,
    matter: MatterId,
    seq: u32,
    made: &'static str,
    from: &'static str,
}

/// Writes steps down, stages their log entries and keeps their clocks.
async fn record<S: Word>(
    tx: &mut Tx,
    steps: Vec<(Making, Allowed<S>, Carry<S>)>,
    works: Clockwork<'_>,
) -> Result<Vec<Made<S>>, MoveError> {
    let account = match tx.actor() {
        Actor::Account(who) => Some(uuid::Uuid::from(who.account)),
        Actor::Resident | Actor::System => None,
    };
    let (mut rows, mut made, mut clocks) = (Vec::new(), Vec::new(), Vec::new());
    for (step, allowed, carry) in steps {
        let id = MoveId::new(works.now, works.entropy);
        let (to, reason) = (allowed.to.word(), carry.reason.as_deref());
        let text = Record::new(to, carry.content, reason, carry.due.as_ref()).to_text()?;
        let mut salt = [0u8; 32];
        works.entropy.fill(&mut salt);
        tx.stage(Staged {
            move_id: id,
            entry: entry_bytes(&step, &allowed, &salt, &text, works.now)?,
        });
        rows.push([
            id.into(),
            step.matter.into(),
            i64::from(step.seq).into(),
            step.made.into(),
            step.from.into(),
            to.into(),
            allowed.role.as_str().into(),
            account.into(),
            works.now.into(),
            carry.reason.into(),
            text.into(),
            salt.into(),
        ]);
        made.push(Made {
            id,
            seq: step.seq,
            state: allowed.to,
            number: step.number,
        });
        clocks.push((step.congress, step.matter, allowed.clocks, carry.due));
    }
    sql(q::INSERT_MOVES)
        .push_rows(rows)
        .execute(&mut *tx)
        .await?;
    for (congress, matter, moves, due) in clocks {
        clocks::keep(tx, congress, matter, moves, due, works).await?;
    }
    Ok(made)
}

fn entry_bytes<S>(
    step: &Making,
    allowed: &Allowed<S>,
    salt: &[u8; 32],
    text: &str,
    now: Timestamp,
) -> Result<Vec<u8>, StoreError> {
    let entry = Entry {
        v: 1,
        matter: step.matter.to_string(),
        kind: step.kind.to_owned(),
        step: step.seq,
        move_name: step.made.to_owned(),
        role: allowed.role.as_str().to_owned(),
        at: now.rfc3339(),
        commitment: commitment(salt, text.as_bytes()),
    };
    entry.to_bytes().map_err(|error| {
        StoreError::Inconsistent(format!("a log entry cannot be written: {error}"))
    })
}
