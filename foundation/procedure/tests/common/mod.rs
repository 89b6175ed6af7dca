//! A small procedure with one of everything: the repair of a street lamp.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use jiff::civil::{Date, date};
use kernel::{
    Actor, Clock as _, CongressId, Entropy, MatterId, Role, SeededEntropy, TestClock, Timestamp,
};
use procedure::{
    Carry, ClockKind, Clockwork, Made, MerkleLedger, NewMatter, Procedure, advance, create, on,
    open, testing::actor, words,
};
use store::{Db, Ledger, Tx};
use uuid::Uuid;

words! {
    /// Where a lamp stands.
    pub enum State {
        /// Reported.
        Reported = "reported",
        /// Somebody was sent.
        Assigned = "assigned",
        /// Waiting for a part.
        Waiting = "waiting",
        /// It burns.
        Fixed = "fixed",
        /// Nothing will be done.
        Closed = "closed",
    }
}

words! {
    /// What can be done about it.
    pub enum Move {
        /// Somebody tells.
        Report = "report",
        /// Somebody is sent.
        Assign = "assign",
        /// More time is given.
        Extend = "extend",
        /// A part is missing.
        Wait = "wait",
        /// The part has come.
        GoOn = "go_on",
        /// The end of it.
        Decide = "decide",
        /// A word in between.
        Note = "note",
        /// Never mind.
        Withdraw = "withdraw",
    }
}

/// The time in which a lamp is repaired.
pub const REPAIR: ClockKind = ClockKind {
    key: "lamp_repair",
    rule: "lamp.days",
};

const STAFF: &[Role] = &[Role::Clerk, Role::Chair];

/// The repair of a lamp.
pub const LAMP: Procedure<State, Move> = Procedure {
    kind: "lamp",
    noun: "路灯",
    rules: &[
        create(Move::Report)
            .to(State::Reported)
            .by(&[Role::Resident, Role::Deputy]),
        on(Move::Assign)
            .from(&[State::Reported])
            .to(State::Assigned)
            .by(STAFF)
            .starts(REPAIR),
        on(Move::Extend)
            .from(&[State::Assigned])
            .to(State::Assigned)
            .by(STAFF)
            .because()
            .stops(REPAIR)
            .starts(REPAIR),
        on(Move::Wait)
            .from(&[State::Assigned])
            .to(State::Waiting)
            .by(STAFF)
            .because()
            .pauses(REPAIR),
        on(Move::GoOn)
            .from(&[State::Waiting])
            .to(State::Assigned)
            .by(&[Role::Clerk, Role::System])
            .resumes(REPAIR),
        on(Move::Decide)
            .from(&[State::Assigned])
            .to_one_of(&[State::Fixed, State::Closed])
            .by(STAFF)
            .because()
            .stops(REPAIR),
        on(Move::Note)
            .from(State::NOTABLE)
            .by(&[Role::Resident, Role::Clerk]),
        on(Move::Withdraw)
            .from(&[State::Reported, State::Assigned, State::Waiting])
            .to(State::Closed)
            .by(&[Role::Resident])
            .stops(REPAIR),
    ],
};

impl State {
    const NOTABLE: &'static [Self] = &[Self::Reported, Self::Assigned, Self::Waiting, Self::Fixed];
}

/// The ledger that seals.
pub fn ledger() -> Option<Arc<dyn Ledger>> {
    Some(Arc::new(MerkleLedger))
}

/// A congress of the tests.
pub fn congress(n: u128) -> CongressId {
    Uuid::from_u128(0xC0 + n).into()
}

/// A town hall: a clock that is moved by hand, and repeatable randomness.
pub struct Hall {
    /// What time it is.
    pub clock: TestClock,
    /// Where ids come from.
    pub entropy: Box<dyn Entropy>,
}

impl Default for Hall {
    fn default() -> Self {
        Self {
            clock: TestClock::default(),
            entropy: Box::new(SeededEntropy::new(3)),
        }
    }
}

impl Hall {
    /// A second later.
    pub fn works(&self) -> Clockwork<'_> {
        self.clock.advance_seconds(1);
        Clockwork {
            now: self.clock.now(),
            entropy: &*self.entropy,
        }
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A lamp reported inside a transaction.
    pub async fn report_in(&self, tx: &mut Tx, congress: CongressId, year: i16) -> Made<State> {
        self.report_as(tx, congress, year).await.1
    }

    /// The same, with the matter's id.
    pub async fn report_as(
        &self,
        tx: &mut Tx,
        congress: CongressId,
        year: i16,
    ) -> (MatterId, Made<State>) {
        let works = self.works();
        let id = MatterId::new(works.now, works.entropy);
        let new = NewMatter {
            id,
            congress,
            parent: None,
            year,
        };
        let carry = Carry::saying(&"路灯不亮").expect("a text can be said");
        let opened = open(tx, &LAMP, new, Move::Report, carry, works).await;
        (id, opened.expect("anybody may report"))
    }

    /// A lamp reported by a resident.
    pub async fn report(&self, db: &Db) -> MatterId {
        let mut tx = db.begin(Actor::Resident).await.expect("a transaction");
        let (id, _) = self.report_as(&mut tx, congress(0), 2026).await;
        tx.commit().await.expect("durable");
        id
    }

    /// A move by a clerk.
    pub async fn clerk(
        &self,
        db: &Db,
        matter: MatterId,
        made: Move,
        carry: Carry<State>,
    ) -> Result<(), procedure::MoveError> {
        let mut tx = db.begin(actor(Role::Clerk)).await.expect("a transaction");
        let done = advance(&mut tx, &LAMP, matter, made, carry, self.works()).await;
        match done {
            Ok(_) => tx.commit().await.expect("durable"),
            Err(_) => tx.roll_back().await,
        }
        done.map(drop)
    }

    /// A lamp to which somebody was sent until `due`.
    pub async fn assigned(&self, db: &Db, due: Date) -> MatterId {
        let lamp = self.report(db).await;
        let assign = self.clerk(db, lamp, Move::Assign, until(due)).await;
        assign.expect("a clerk may assign");
        lamp
    }
}

/// Carries a last day.
pub fn until(due: Date) -> Carry<State> {
    Carry {
        reason: Some("理由".into()),
        due: Some((due, "条例第三条".into())),
        ..Carry::default()
    }
}

/// Carries a reason.
pub fn because(reason: &str) -> Carry<State> {
    Carry {
        reason: Some(reason.into()),
        ..Carry::default()
    }
}

/// A day of July 2026.
pub fn july(day: i8) -> Date {
    date(2026, 7, day)
}
