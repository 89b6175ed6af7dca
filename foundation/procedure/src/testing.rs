//! A test for every procedure: each move tried in each state as each role, through [`open`] and
//! [`advance`], on a real database.
//!
//! What must follow is worked out here from the lines of the table by a small model of its own, not
//! by asking the engine; what the table says is for the domain to pin down with [`crate::matrix`].

use jiff::{Span, civil::Date};
use kernel::{
    Actor, CongressId, MatterId, Role, SeededEntropy, TestClock, Timestamp, actor::SignedIn,
};
use store::{Db, sql};
use translog::Entry;
use uuid::Uuid;

use crate::{
    Carry, Clock, ClockMoves, Clockwork, MoveError, NewMatter, Number, Procedure, Refusal, Rule,
    Timeline, Word, advance, clocks, head, load_timeline, open, statements as q,
};

/// The year of the matters that a walk opens.
const YEAR: i16 = 2026;
/// The reason and the article that a walk gives.
const WHY: &str = "理由";
const BASIS: &str = "第一条";

/// Somebody who holds `role` and no other, except that all who are signed in are residents too.
#[must_use]
pub fn actor(role: Role) -> Actor {
    match role {
        Role::Resident => Actor::Resident,
        Role::System => Actor::System,
        role => Actor::Account(SignedIn {
            account: Uuid::from_u128(role as u128 + 1).into(),
            person: Uuid::from_u128(role as u128 + 101).into(),
            congress: congress(),
            deputy: None,
            name: String::new(),
            roles: vec![role],
        }),
    }
}

fn congress() -> CongressId {
    Uuid::from_u128(0xC0).into()
}

/// What a walk tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Walked {
    /// States (and none yet) × moves × roles.
    pub tried: usize,
    /// Moves that were made.
    pub made: usize,
    /// Moves that were refused and changed nothing.
    pub refused: usize,
}

/// Walks `procedure` on `db`, an empty database that has this crate's tables and seals with the
/// [`crate::MerkleLedger`].
///
/// # Panics
/// With the state, the move and the role where something else happened than the table says.
pub async fn walk<S: Word, M: Word>(db: &Db, procedure: &'static Procedure<S, M>) -> Walked {
    let mut walker = Walker {
        db,
        procedure,
        entropy: SeededEntropy::new(5),
        seconds: 0,
        opened: 0,
        walked: Walked::default(),
    };
    let states = std::iter::once(None).chain(S::ALL.iter().copied().map(Some));
    for state in states {
        for made in M::ALL {
            for role in Role::ALL {
                let try_of = Try {
                    state,
                    made: *made,
                    role,
                };
                walker.try_move(try_of).await;
                walker.walked.tried += 1;
            }
        }
    }
    walker.walked
}

/// The role in which somebody who holds `role` makes the move, when nothing else is asked for.
fn acting<S, M>(line: &Rule<S, M>, role: Role) -> Option<Role> {
    let also = (role != Role::System).then_some(Role::Resident);
    let holds = |by: &&Role| **by == role || Some(**by) == also;
    line.by.iter().find(holds).copied()
}

/// One move tried in one state by somebody with one role.
#[derive(Debug, Clone, Copy)]
struct Try<S, M> {
    state: Option<S>,
    made: M,
    role: Role,
}

/// A row of `matter`: state, steps, opened, changed, year, number.
type MatterRow = (String, i64, Timestamp, Timestamp, i64, i64);

/// What was read of a matter and of the log: equal before and after when nothing changed.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    matter: Option<MatterRow>,
    steps: Timeline,
    clocks: Vec<Clock>,
    log: u64,
}

struct Walker<'a, S: 'static, M: 'static> {
    db: &'a Db,
    procedure: &'static Procedure<S, M>,
    entropy: SeededEntropy,
    seconds: i64,
    opened: i64,
    walked: Walked,
}

impl<S: Word, M: Word> Walker<'_, S, M> {
    async fn try_move(&mut self, this: Try<S, M>) {
        let fits = |line: &&Rule<S, M>| line.on == this.made && line.begins(this.state);
        let lines: Vec<_> = self.procedure.rules.iter().filter(fits).collect();
        assert!(lines.len() < 2, "{this:?}: two lines of the table");
        let Some(line) = lines.first().copied() else {
            let refusal = self.refused(this, self.carry(None, None)).await;
            assert!(
                matches!(refusal, Refusal::NotNow { .. }),
                "{this:?}: {refusal}"
            );
            return;
        };
        if acting(line, this.role).is_none() {
            let refusal = self.refused(this, self.carry(Some(line), None)).await;
            assert!(
                matches!(refusal, Refusal::NotYou { .. }),
                "{this:?}: {refusal}"
            );
            return;
        }
        self.try_without(this, line).await;
        for target in line.leads(this.state) {
            self.made(this, line, target).await;
        }
    }

    /// The same move with something missing or wrong that its line asks for.
    async fn try_without(&mut self, this: Try<S, M>, line: &'static Rule<S, M>) {
        let target = line.leads(this.state).first().copied();
        let mut wrong = self.carry(Some(line), target);
        if line.because {
            wrong.reason = Some(" ".into());
            let refusal = self.refused(this, wrong.clone()).await;
            assert!(
                matches!(refusal, Refusal::NoReason { .. }),
                "{this:?}: {refusal}"
            );
            wrong.reason = Some(WHY.into());
        }
        let beside = |to: &&S| !line.leads(this.state).contains(to);
        if let Some(to) = S::ALL.iter().find(beside) {
            wrong.to = Some(*to);
            let refusal = self.refused(this, wrong.clone()).await;
            assert!(
                matches!(refusal, Refusal::NotThere { .. }),
                "{this:?}: {refusal}"
            );
            wrong.to = target;
        }
        if let Some(role) = Role::ALL.into_iter().find(|role| !line.by.contains(role)) {
            wrong.role = Some(role);
            let refusal = self.refused(this, wrong).await;
            assert!(
                matches!(refusal, Refusal::NotYou { .. }),
                "{this:?}: {refusal}"
            );
        }
    }

    /// Tries a move that must be refused and must change nothing.
    async fn refused(&mut self, this: Try<S, M>, carry: Carry<S>) -> Refusal {
        let matter = self.reach(this.state).await;
        let before = self.see(matter).await;
        let tried = self.make(matter, this, carry).await;
        assert_eq!(
            self.see(matter).await,
            before,
            "{this:?}: a refusal changed something"
        );
        self.walked.refused += 1;
        match tried {
            Err(MoveError::Refused(refusal)) => refusal,
            other => panic!("{this:?}: {other:?}"),
        }
    }

    /// Makes a move that must succeed, and looks at everything it wrote.
    async fn made(&mut self, this: Try<S, M>, line: &'static Rule<S, M>, target: S) {
        let matter = self.reach(this.state).await;
        let before = self.see(matter).await;
        let carry = self.carry(Some(line), Some(target));
        let due = carry.due.clone();
        let number = match self.make(matter, this, carry).await {
            Ok(number) => number,
            Err(error) => panic!("{this:?}: {error}"),
        };
        let after = self.see(matter).await;
        let now = self.now();
        let mut row = before.matter.clone().unwrap_or_else(|| {
            let none_yet = String::new();
            (none_yet, 0, now, now, i64::from(YEAR), self.opened)
        });
        assert_eq!(
            (i64::from(number.year), number.n),
            (row.4, row.5),
            "{this:?}: the number"
        );
        (row.0, row.1, row.3) = (target.word().to_owned(), row.1 + 1, now);
        assert_eq!(after.matter, Some(row), "{this:?}: the matter");
        assert_eq!(after.log, before.log + 1, "{this:?}: one entry");
        let (kept, new) = after.steps.split_at(before.steps.len());
        assert_eq!(kept, before.steps, "{this:?}: the steps before");
        assert_eq!(new.len(), 1, "{this:?}: one step");
        self.assert_said(this, &after, target, due.as_ref());
        self.assert_entry(this, &after, matter, line);
        let moved = model(&before.clocks, line.clocks, now, due.as_ref());
        assert_eq!(facts(&after.clocks), moved, "{this:?}: the clocks");
        self.walked.made += 1;
    }

    /// The last step and its record.
    fn assert_said(&self, this: Try<S, M>, after: &Seen, target: S, due: Option<&(Date, String)>) {
        let step = after.steps.last().expect("a move was made");
        let from = this.state.map_or("none", Word::word);
        assert_eq!(step.seq as usize, after.steps.len(), "{this:?}: the step");
        assert_eq!(
            (
                step.made.as_str(),
                step.from.as_str(),
                step.to.as_str(),
                step.at
            ),
            (this.made.word(), from, target.word(), self.now()),
            "{this:?}: the step"
        );
        let record = step.record.as_ref().expect("a fresh step is not redacted");
        let (day, basis) = due.cloned().unzip();
        assert_eq!(
            (record.to.as_str(), record.reason.as_deref(), &record.basis),
            (target.word(), Some(WHY), &basis),
            "{this:?}: the record"
        );
        assert_eq!(
            record.due,
            day.map(|day| day.to_string()),
            "{this:?}: the record"
        );
        assert_eq!(record.reason, step.reason, "{this:?}: the reason");
        assert_eq!(step.says(), Some(self.said()), "{this:?}: the content");
    }

    /// Who made the last step, and its entry in the log.
    fn assert_entry(&self, this: Try<S, M>, after: &Seen, matter: MatterId, line: &Rule<S, M>) {
        let step = after.steps.last().expect("a move was made");
        let role = acting(line, this.role)
            .expect("the move was allowed")
            .as_str();
        let account = actor(this.role).signed_in().map(|who| who.account);
        assert_eq!(
            (step.role.as_str(), step.account),
            (role, account),
            "{this:?}: who"
        );
        let opening = step.opening.as_ref().expect("a fresh step is not redacted");
        let entry = Entry {
            v: 1,
            matter: matter.to_string(),
            kind: self.procedure.kind.to_owned(),
            step: step.seq,
            move_name: this.made.word().to_owned(),
            role: role.to_owned(),
            at: self.now().rfc3339(),
            commitment: opening.commitment(),
        };
        let bytes = entry.to_bytes().expect("an entry can be written");
        assert_eq!(
            step.index,
            Some(after.log - 1),
            "{this:?}: its place in the log"
        );
        assert_eq!(step.entry, Some(bytes), "{this:?}: the entry");
    }

    /// A matter in `state`, brought there by the shortest way; for `None` the id of one to come.
    async fn reach(&mut self, state: Option<S>) -> MatterId {
        self.seconds += 1;
        let matter = MatterId::new(self.now(), &self.entropy);
        let Some(state) = state else { return matter };
        let way = self.procedure.shortest_way(state);
        assert!(!way.is_empty(), "no way leads to {state:?}");
        let mut here = None;
        for (made, to) in way {
            let fits = |line: &&Rule<S, M>| line.on == made && line.begins(here);
            let line = self
                .procedure
                .rules
                .iter()
                .find(fits)
                .expect("ways follow lines");
            let this = Try {
                state: here,
                made,
                role: line.by[0],
            };
            let carry = self.carry(Some(line), Some(to));
            if let Err(error) = self.make(matter, this, carry).await {
                panic!("on the way to {state:?}, {this:?}: {error}");
            }
            here = Some(to);
        }
        matter
    }

    /// All that the line may ask for.
    fn carry(&self, line: Option<&Rule<S, M>>, to: Option<S>) -> Carry<S> {
        let clocks = line.map(|line| line.clocks).unwrap_or_default();
        let runs = clocks.starts.or(clocks.resumes).is_some();
        let day = jiff::civil::date(2026, 8, 1).saturating_add(Span::new().days(self.seconds));
        Carry {
            to,
            reason: Some(WHY.into()),
            due: runs.then(|| (day, BASIS.to_owned())),
            ..Carry::saying(&self.said()).expect("a text can be said")
        }
    }

    fn said(&self) -> String {
        format!("{} {}", self.procedure.kind, self.procedure.noun)
    }

    /// Tries a move in a transaction of its own, which is committed whatever becomes of it.
    async fn make(
        &mut self,
        matter: MatterId,
        this: Try<S, M>,
        carry: Carry<S>,
    ) -> Result<Number, MoveError> {
        self.seconds += 1;
        let works = Clockwork {
            now: self.now(),
            entropy: &self.entropy,
        };
        let mut tx = self.db.begin(actor(this.role)).await?;
        let tried = match this.state {
            Some(_) => advance(&mut tx, self.procedure, matter, this.made, carry, works).await,
            None => {
                let new = NewMatter {
                    id: matter,
                    congress: congress(),
                    parent: None,
                    year: YEAR,
                };
                open(&mut tx, self.procedure, new, this.made, carry, works).await
            }
        };
        tx.commit().await?;
        let made = tried?;
        self.opened += i64::from(this.state.is_none());
        Ok(made.number)
    }

    fn now(&self) -> Timestamp {
        TestClock::START.plus_seconds(self.seconds)
    }

    async fn see(&self, matter: MatterId) -> Seen {
        let row = sql(q::WALK_MATTER).bind(matter).optional(self.db).await;
        let log = head(self.db).await.expect("the head can be read");
        Seen {
            matter: row.expect("the matter can be read"),
            steps: load_timeline(self.db, matter)
                .await
                .expect("steps can be read"),
            clocks: clocks(self.db, matter).await.expect("clocks can be read"),
            log: log.size,
        }
    }
}

/// A clock without its id: key, started, last day, article, paused, stopped.
type Facts = (
    String,
    Timestamp,
    Date,
    String,
    Option<Timestamp>,
    Option<Timestamp>,
);

fn facts(clocks: &[Clock]) -> Vec<Facts> {
    let facts = |clock: &Clock| {
        let clock = clock.clone();
        (
            clock.key,
            clock.started_at,
            clock.due_on,
            clock.basis,
            clock.paused_at,
            clock.stopped_at,
        )
    };
    clocks.iter().map(facts).collect()
}

/// What the clocks must be after the move.
fn model(
    before: &[Clock],
    moves: ClockMoves,
    now: Timestamp,
    due: Option<&(Date, String)>,
) -> Vec<Facts> {
    let mut after = facts(before);
    for (key, _, last, article, paused, stopped) in &mut after {
        let is = |kind: Option<crate::ClockKind>| kind.is_some_and(|kind| kind.key == key);
        if stopped.is_some() {
            continue;
        }
        if is(moves.stops) {
            *stopped = Some(now);
        }
        if is(moves.pauses) {
            *paused = Some(now);
        }
        if let Some((day, basis)) = due.filter(|_| is(moves.resumes)) {
            (*paused, *last, *article) = (None, *day, basis.clone());
        }
    }
    if let Some((kind, (day, basis))) = moves.starts.zip(due) {
        after.push((kind.key.to_owned(), now, *day, basis.clone(), None, None));
    }
    after
}
