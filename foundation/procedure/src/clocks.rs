//! Statutory clocks (期限): started, paused, resumed and stopped by moves; read by whoever must act in
//! time. How long a period is, and on which day it ends, is the Rulebook's and the calendar's to say.

use jiff::civil::Date;
use kernel::{ClockId, CongressId, MatterId, Timestamp};
use store::{Result, StoreError, Target, Tx, sql};

use crate::{Number, engine::Clockwork, statements as q};

/// A kind of clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockKind {
    /// Its word in the database and in translation keys (`clock-KEY`); one clock of the whole house.
    pub key: &'static str,
    /// The rule of the Rulebook that says how long it runs, and by which article.
    pub rule: &'static str,
}

/// What a move does to clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockMoves {
    /// The clock it stops, if that is running.
    pub stops: Option<ClockKind>,
    /// The clock it starts; the move carries its last day.
    pub starts: Option<ClockKind>,
    /// The clock it pauses: from then on its last day does not count.
    pub pauses: Option<ClockKind>,
    /// The clock it lets run on; the move carries its new last day.
    pub resumes: Option<ClockKind>,
}

/// A clock of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Its id.
    pub id: ClockId,
    /// The matter it is on.
    pub matter: MatterId,
    /// Its kind's key.
    pub key: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// The last day.
    pub due_on: Date,
    /// The article of that day.
    pub basis: String,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// When it was stopped.
    pub stopped_at: Option<Timestamp>,
}

/// How a clock stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It runs, with so many days left; 0 on the last day.
    Left(i32),
    /// It ran out so many days ago.
    Over(i32),
    /// It is paused.
    Paused,
    /// What it waited for was done.
    Stopped,
}

impl Clock {
    /// How the clock stands on `today`.
    #[must_use]
    pub fn standing(&self, today: Date) -> Standing {
        let left = (self.due_on - today).get_days();
        match (self.stopped_at, self.paused_at) {
            (Some(_), _) => Standing::Stopped,
            (None, Some(_)) => Standing::Paused,
            (None, None) if left < 0 => Standing::Over(-left),
            (None, None) => Standing::Left(left),
        }
    }

    /// Its place in lists of what is due: after it the next page begins.
    #[must_use]
    pub const fn place(&self) -> DuePlace {
        DuePlace {
            due_on: self.due_on,
            id: self.id,
        }
    }
}

/// A place in a list of what is due, by last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuePlace {
    /// The last day.
    pub due_on: Date,
    /// The clock, among those with the same last day.
    pub id: ClockId,
}

/// A running clock with the matter it is on, for lists that people work through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMatter {
    /// The clock.
    pub clock: Clock,
    /// The kind of matter.
    pub kind: String,
    /// The matter's number.
    pub number: Number,
    /// The matter's state.
    pub state: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ClockId,
    matter_id: MatterId,
    key: String,
    started_at: Timestamp,
    due_on: String,
    basis: String,
    paused_at: Option<Timestamp>,
    stopped_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    #[sqlx(flatten)]
    clock: Row,
    kind: String,
    year: i64,
    number: i64,
    state: String,
}

impl TryFrom<Row> for Clock {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let due_on = row.due_on.parse().map_err(|_| {
            StoreError::Inconsistent(format!("the clock {} ends on no day", row.id))
        })?;
        Ok(Self {
            id: row.id,
            matter: row.matter_id,
            key: row.key,
            started_at: row.started_at,
            due_on,
            basis: row.basis,
            paused_at: row.paused_at,
            stopped_at: row.stopped_at,
        })
    }
}

impl TryFrom<DueRow> for DueMatter {
    type Error = StoreError;

    fn try_from(row: DueRow) -> Result<Self> {
        Ok(Self {
            clock: row.clock.try_into()?,
            kind: row.kind,
            number: Number::of(row.year, row.number)?,
            state: row.state,
        })
    }
}

/// All clocks that ever ran on `matter`, oldest first.
///
/// # Errors
/// The store's.
pub async fn clocks(on: impl Target, matter: MatterId) -> Result<Vec<Clock>> {
    let rows: Vec<Row> = sql(q::CLOCKS).bind(matter).all(on).await?;
    rows.into_iter().map(Clock::try_from).collect()
}

/// `limit` running clocks of one kind, in all congresses, whose last day is `until` or earlier, the
/// most urgent first, after `after`.
///
/// # Errors
/// The store's.
pub async fn due(
    on: impl Target,
    kind: ClockKind,
    until: Date,
    after: Option<DuePlace>,
    limit: u32,
) -> Result<Vec<Clock>> {
    let (day, id) = begin_after(after);
    let query = sql(q::DUE).bind(kind.key).bind(until.to_string());
    let rows: Vec<Row> = query.bind(day).bind(id).bind(limit).all(on).await?;
    rows.into_iter().map(Clock::try_from).collect()
}

/// `limit` running clocks of all kinds in one congress whose last day is `until` or earlier, the most
/// urgent first, after `after`: what staff are reminded of.
///
/// # Errors
/// The store's.
pub async fn due_in_congress(
    on: impl Target,
    congress: CongressId,
    until: Date,
    after: Option<DuePlace>,
    limit: u32,
) -> Result<Vec<DueMatter>> {
    let (day, id) = begin_after(after);
    let query = sql(q::DUE_IN_CONGRESS)
        .bind(congress)
        .bind(until.to_string());
    let rows: Vec<DueRow> = query.bind(day).bind(id).bind(limit).all(on).await?;
    rows.into_iter().map(DueMatter::try_from).collect()
}

/// The place after which a page begins; no day sorts before the empty text.
fn begin_after(after: Option<DuePlace>) -> (String, ClockId) {
    match after {
        Some(place) => (place.due_on.to_string(), place.id),
        None => (String::new(), uuid::Uuid::nil().into()),
    }
}

/// Does to the clocks of `matter` what its move does, stopping before starting.
pub(crate) async fn keep(
    tx: &mut Tx,
    congress: CongressId,
    matter: MatterId,
    moves: ClockMoves,
    due: Option<(Date, String)>,
    works: Clockwork<'_>,
) -> Result<()> {
    if let Some(kind) = moves.stops {
        let stop = sql(q::STOP_CLOCK).bind(matter).bind(kind.key);
        stop.bind(works.now).execute(&mut *tx).await?;
    }
    if let Some(kind) = moves.pauses {
        let pause = sql(q::PAUSE_CLOCK).bind(matter).bind(kind.key);
        changed_one(
            kind,
            "running",
            pause.bind(works.now).execute(&mut *tx).await?,
        )?;
    }
    let (kind, new, due, basis) = match (moves.starts, moves.resumes, due) {
        (Some(kind), None, Some((due, basis))) => (kind, true, due, basis),
        (None, Some(kind), Some((due, basis))) => (kind, false, due, basis),
        (None, None, None) => return Ok(()),
        (None, None, Some((due, _))) => {
            return Err(StoreError::Inconsistent(format!(
                "no clock runs until {due}"
            )));
        }
        _ => {
            return Err(StoreError::Inconsistent(format!(
                "matter {matter} needs the last day of one clock"
            )));
        }
    };
    if new {
        let start = sql(q::START_CLOCK)
            .bind(ClockId::new(works.now, works.entropy))
            .bind(matter)
            .bind(congress)
            .bind(kind.key)
            .bind(works.now);
        start.bind(due.to_string()).bind(basis).execute(tx).await?;
        return Ok(());
    }
    let resume = sql(q::RESUME_CLOCK).bind(matter).bind(kind.key);
    let resumed = resume.bind(due.to_string()).bind(basis).execute(tx).await?;
    changed_one(kind, "paused", resumed)
}

fn changed_one(kind: ClockKind, wanted: &str, changed: u64) -> Result<()> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Inconsistent(format!(
            "the clock {} is not {wanted}",
            kind.key
        )))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_clock_counts_down_to_its_last_day_and_then_up() {
        let at = Timestamp::from_micros(0);
        let mut clock = Clock {
            id: uuid::Uuid::nil().into(),
            matter: uuid::Uuid::nil().into(),
            key: "window".into(),
            started_at: at,
            due_on: date(2026, 7, 31),
            basis: String::new(),
            paused_at: None,
            stopped_at: None,
        };
        assert_eq!(clock.standing(date(2026, 7, 1)), Standing::Left(30));
        assert_eq!(clock.standing(date(2026, 7, 31)), Standing::Left(0));
        assert_eq!(clock.standing(date(2026, 8, 2)), Standing::Over(2));
        clock.paused_at = Some(at);
        assert_eq!(clock.standing(date(2026, 8, 2)), Standing::Paused);
        clock.stopped_at = Some(at);
        assert_eq!(clock.standing(date(2026, 8, 2)), Standing::Stopped);
    }
}
