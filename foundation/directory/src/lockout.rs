//! Waiting after failed sign-ins.
//!
//! Failures are counted by sign-in name at one network, by sign-in name anywhere, and by network.
//! A browser that its owner has signed in with before is counted by itself: strangers who guess at
//! a name keep its owner out nowhere they have been. An attempt counts as failed from the moment it
//! starts, and is taken back when it succeeds: so a thousand attempts at once are a thousand
//! failures, not one. A name nobody has is counted like any other. Failures fade one by one.

use std::net::IpAddr;

use kernel::{AccountId, Actor, CongressId, Timestamp};
use store::{Db, Tx, sql};

use crate::{
    Action, DirectoryError, Gate, Page, Result,
    audit::{self, Act, Object},
    authorize,
    codes::{hex, sha256},
    paging,
};

/// How waits grow with failures, and how those fade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// The failure that first makes one wait.
    pub free: i64,
    /// The first wait, in seconds; each further failure doubles it.
    pub first_wait: i64,
    /// The longest wait, in seconds.
    pub longest_wait: i64,
    /// Seconds after which one failure is forgotten.
    pub fades_every: i64,
}

impl Schedule {
    /// For one sign-in name at one network, for one known browser, and for codes of one account.
    pub const NAME_HERE: Self = Self {
        free: 5,
        first_wait: 60,
        longest_wait: 900,
        fades_every: 3_600,
    };
    /// For one sign-in name wherever it is tried: a ceiling for many networks together. One alone,
    /// which may try once in the longest wait, never gets there.
    pub const NAME: Self = Self {
        free: 100,
        first_wait: 60,
        longest_wait: 900,
        fades_every: 600,
    };
    /// For one network, which may be a whole office's.
    pub const NETWORK: Self = Self {
        free: 60,
        first_wait: 60,
        longest_wait: 900,
        fades_every: 120,
    };

    /// The wait after this many failures, in seconds.
    #[must_use]
    pub fn wait(&self, failures: i64) -> i64 {
        let beyond = failures - self.free;
        if beyond < 0 {
            return 0;
        }
        let doubled = self.first_wait.saturating_mul(1i64 << beyond.min(32));
        doubled.min(self.longest_wait)
    }

    /// The failures that have not faded at `now`, when the last one will have at `clear_at`.
    fn failures(&self, clear_at: Timestamp, now: Timestamp) -> i64 {
        let every = self.fades_every * 1_000_000;
        (clear_at.micros() - now.micros() + every - 1).div_euclid(every)
    }
}

/// Where a request comes from: an IPv4 address, the /64 network of an IPv6 one, or the command line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Network(String);

impl Network {
    /// The network of this address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        })
    }

    /// The machine itself, at the command line.
    #[must_use]
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    /// As it is stored and shown to the account's owner.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose failures are counted: stored as a hash, because people type passwords into the name's
/// field.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    key: String,
    schedule: Schedule,
    /// Its owner proves it to be theirs: one success clears it.
    own: bool,
}

impl Subject {
    /// A name tried at the network of `gate`.
    pub(crate) fn name_here(gate: &Gate, congress: CongressId, login: &str) -> Self {
        let text = format!("{congress}:{}:{login}", gate.network.as_str());
        Self::own(gate, "here", &text)
    }

    /// A name, wherever it is tried.
    pub(crate) fn name(gate: &Gate, congress: CongressId, login: &str) -> Self {
        let text = format!("{congress}:{login}");
        Self::shared("name", &text, gate.rules.name)
    }

    /// A network, whatever is tried there.
    pub(crate) fn network(gate: &Gate, congress: CongressId) -> Self {
        let text = format!("{congress}:{}", gate.network.as_str());
        Self::shared("network", &text, gate.rules.network)
    }

    /// A browser that its owner has signed in with before.
    pub(crate) fn device(gate: &Gate, cookie: &str) -> Self {
        Self::own(gate, "device", cookie)
    }

    /// Codes of an account's second factor.
    pub(crate) fn factor(gate: &Gate, account: AccountId) -> Self {
        Self::own(gate, "factor", &account.to_string())
    }

    /// The password of somebody signed in already.
    pub(crate) fn proof(gate: &Gate, account: AccountId) -> Self {
        Self::own(gate, "proof", &account.to_string())
    }

    fn own(gate: &Gate, kind: &str, text: &str) -> Self {
        Self {
            own: true,
            ..Self::shared(kind, text, gate.rules.name_here)
        }
    }

    fn shared(kind: &str, text: &str, schedule: Schedule) -> Self {
        let hash = sha256(format!("{kind}:{text}"));
        Self {
            key: format!("{kind}:{}", hex(&hash[..16])),
            schedule,
            own: false,
        }
    }
}

/// Seconds to wait before trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub i64);

/// Whose sign-in is tried, for whoever looks at what is locked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tried {
    pub congress: CongressId,
    /// None for a name nobody has.
    pub account: Option<AccountId>,
}

/// An attempt that counts as failed until it is told otherwise.
#[derive(Debug)]
#[must_use]
pub(crate) struct Attempt(Vec<Counted>);

#[derive(Debug)]
struct Counted {
    subject: Subject,
    locked_until: i64,
}

store::statements! {
    FIND = "SELECT clear_at, locked_until FROM sign_in_failure WHERE subject = $1";
    COUNT = "INSERT INTO sign_in_failure (subject, congress_id, account_id, network, clear_at, locked_until) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (subject) DO UPDATE SET account_id = excluded.account_id, \
        network = excluded.network, clear_at = excluded.clear_at, locked_until = excluded.locked_until";
    FORGET = "DELETE FROM sign_in_failure WHERE subject = $1";
    TAKE_BACK = "UPDATE sign_in_failure SET clear_at = clear_at - $2, \
        locked_until = CASE WHEN locked_until = $3 THEN 0 ELSE locked_until END WHERE subject = $1";
    CLEAR = "DELETE FROM sign_in_failure WHERE account_id = $1";
    PURGE = "DELETE FROM sign_in_failure WHERE clear_at <= $1 AND locked_until <= $1";
    LOCKED = "SELECT f.subject, f.account_id, a.login, p.name, f.network, f.locked_until FROM sign_in_failure f \
        LEFT JOIN account a ON a.id = f.account_id LEFT JOIN person p ON p.id = a.person_id \
        WHERE f.congress_id = $1 AND f.subject > $2 AND f.locked_until > $3 ORDER BY f.subject LIMIT $4";
    UNLOCK = "DELETE FROM sign_in_failure WHERE subject = $1 AND congress_id = $2 RETURNING account_id, network";
}

/// Counts an attempt as failed, or says how long to wait. Transactions run one after another, so
/// nobody slips in between.
pub(crate) async fn attempt(
    gate: &Gate,
    tx: &mut Tx,
    tried: Tried,
    subjects: impl IntoIterator<Item = Subject>,
) -> Result<std::result::Result<Attempt, Wait>> {
    let mut counted = Vec::new();
    for subject in subjects {
        match count(gate, tx, tried, subject).await? {
            Ok(one) => counted.push(one),
            Err(wait) => return Ok(Err(wait)),
        }
    }
    Ok(Ok(Attempt(counted)))
}

async fn count(
    gate: &Gate,
    tx: &mut Tx,
    tried: Tried,
    subject: Subject,
) -> Result<std::result::Result<Counted, Wait>> {
    let now = gate.clock.now();
    let row: Option<(Timestamp, i64)> = sql(FIND).bind(&subject.key).optional(&mut *tx).await?;
    let (clear_at, locked_until) = row.unwrap_or((now, 0));
    if now.micros() < locked_until {
        return Ok(Err(Wait(
            (locked_until - now.micros() + 999_999) / 1_000_000,
        )));
    }
    let clear_at = clear_at.max(now).plus_seconds(subject.schedule.fades_every);
    let wait = subject
        .schedule
        .wait(subject.schedule.failures(clear_at, now));
    let locked_until = if wait == 0 {
        0
    } else {
        now.plus_seconds(wait).micros()
    };
    let query = sql(COUNT)
        .bind(&subject.key)
        .bind(tried.congress)
        .bind(tried.account)
        .bind(gate.network.as_str());
    query
        .bind(clear_at)
        .bind(locked_until)
        .execute(&mut *tx)
        .await?;
    Ok(Ok(Counted {
        subject,
        locked_until,
    }))
}

impl Attempt {
    /// It succeeded: what is the owner's own is forgotten, of what is shared only this attempt. One
    /// good sign-in does not clear a network's other failures.
    pub(crate) async fn succeeded(self, tx: &mut Tx) -> Result<()> {
        for one in self.0 {
            if one.subject.own {
                sql(FORGET).bind(&one.subject.key).execute(&mut *tx).await?;
            } else {
                one.take_back(tx).await?;
            }
        }
        Ok(())
    }

    /// It was not looked at, so it did not fail.
    pub(crate) async fn withdrawn(self, tx: &mut Tx) -> Result<()> {
        for one in self.0 {
            one.take_back(tx).await?;
        }
        Ok(())
    }

    /// How long the next attempt has to wait, when this one has failed: in seconds, 0 for not at
    /// all.
    pub(crate) fn wait(&self, now: Timestamp) -> i64 {
        let until = self.0.iter().map(|one| one.locked_until).max();
        (until.unwrap_or(0) - now.micros()).max(0) / 1_000_000
    }
}

impl Counted {
    async fn take_back(self, tx: &mut Tx) -> Result<()> {
        let query = sql(TAKE_BACK)
            .bind(self.subject.key)
            .bind(self.subject.schedule.fades_every * 1_000_000);
        query.bind(self.locked_until).execute(tx).await?;
        Ok(())
    }
}

/// Forgets all failures at an account, for whoever has just reset it.
pub(crate) async fn clear(tx: &mut Tx, account: AccountId) -> Result<()> {
    sql(CLEAR).bind(account).execute(tx).await?;
    Ok(())
}

/// Removes what has faded.
pub(crate) async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    Ok(sql(PURGE).bind(now).execute(tx).await?)
}

/// Somebody or some place that has to wait.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Locked {
    /// Which lock it is, for [`unlock`].
    pub subject: String,
    /// The account that was tried; none for a name nobody has, and for a network.
    pub account_id: Option<AccountId>,
    /// Its sign-in name.
    pub login: Option<String>,
    /// Its person's name.
    pub name: Option<String>,
    /// Where the last attempt came from.
    pub network: Option<String>,
    /// Until when.
    pub locked_until: Timestamp,
}

/// Who has to wait in a congress at this moment, in no order that means anything; `after` is the
/// subject of the last one seen.
///
/// # Errors
/// [`DirectoryError::Refused`]; what the database says.
pub async fn list(
    db: &Db,
    actor: &Actor,
    congress: CongressId,
    now: Timestamp,
    after: Option<&str>,
    size: u32,
) -> Result<Page<Locked, String>> {
    authorize(actor, Action::KeepSessions, congress)?;
    let query = sql(LOCKED)
        .bind(congress)
        .bind(after.unwrap_or_default())
        .bind(now)
        .bind(paging::fetch(size));
    let rows = query.all(db).await?;
    Ok(paging::cut(rows, size, |row: &Locked| row.subject.clone()))
}

/// Lets somebody try again at once.
///
/// # Errors
/// [`DirectoryError::Refused`] or `Missing("lock-out")`.
pub async fn unlock(gate: &Gate, tx: &mut Tx, congress: CongressId, subject: &str) -> Result<()> {
    authorize(tx.actor(), Action::KeepSessions, congress)?;
    let query = sql(UNLOCK).bind(subject).bind(congress);
    let row: Option<(Option<AccountId>, Option<String>)> = query.optional(&mut *tx).await?;
    let (account, network) = row.ok_or(DirectoryError::Missing("lock-out"))?;
    let object = account.map_or(Object::none(Some(congress)), |account| {
        Object::new(Some(congress), account)
    });
    let network = network.unwrap_or_default();
    audit::note(gate, tx, Act::Unlocked, object, &network).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::TestClock;

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<i64> = (4..=11)
            .map(|failures| Schedule::NAME_HERE.wait(failures))
            .collect();
        assert_eq!(waits, [0, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(Schedule::NAME_HERE.wait(i64::MAX), 900);
    }

    #[test]
    fn failures_fade_one_by_one() {
        let (schedule, now) = (Schedule::NAME_HERE, TestClock::START);
        let clear_at = now.plus_seconds(3 * schedule.fades_every);
        let at = |seconds| schedule.failures(clear_at, now.plus_seconds(seconds));
        assert_eq!((at(0), at(1), at(3_600), at(3_601)), (3, 3, 2, 2));
        assert_eq!((at(3 * 3_600), at(3 * 3_600 - 1)), (0, 1));
    }

    /// A single stranger, who has to wait between guesses, does not fill the ceiling.
    #[test]
    fn one_network_never_locks_a_name_everywhere() {
        const { assert!(Schedule::NAME.fades_every < Schedule::NAME_HERE.longest_wait) };
    }

    #[test]
    fn an_ipv6_network_is_counted_as_one() {
        let of = |text: &str| Network::of(text.parse().unwrap()).as_str().to_owned();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
