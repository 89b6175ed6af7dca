//! Waiting after failed sign-ins, per sign-in name and per network.
//!
//! An attempt counts as failed from the moment it starts, and is taken back when it succeeds: so a
//! thousand attempts at once are a thousand failures, not one. A name nobody has is counted like
//! any other.

use std::net::IpAddr;

use kernel::Timestamp;
use store::{Tx, sql};

use crate::{Result, codes::sha256};

/// How waits grow with failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Failures that cost nothing.
    pub free: i64,
    /// The first wait, in seconds; each further failure doubles it.
    pub first_wait: i64,
    /// The longest wait, in seconds.
    pub longest_wait: i64,
}

impl Schedule {
    /// For one sign-in name. The longest wait is short enough that a stranger cannot keep the
    /// owner out for a day.
    pub const ACCOUNT: Self = Self {
        free: 5,
        first_wait: 60,
        longest_wait: 900,
    };
    /// For one network, which may be a whole office's.
    pub const NETWORK: Self = Self {
        free: 30,
        first_wait: 60,
        longest_wait: 900,
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
}

/// Failures are forgotten after this long without another, in seconds.
pub const FORGOTTEN_AFTER: i64 = 24 * 3600;

/// Where a request comes from: an IPv4 address, or the /64 network of an IPv6 one.
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

    /// As it is stored and shown to the account's owner.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose failures are counted. Stored as a hash: people type passwords into the name's field.
#[derive(Debug, Clone)]
pub(crate) struct Subject(String);

impl Subject {
    pub(crate) fn login(login: &str) -> Self {
        Self::hashed("login", login)
    }

    pub(crate) fn network(network: &Network) -> Self {
        Self::hashed("network", network.as_str())
    }

    pub(crate) fn factor(account: kernel::AccountId) -> Self {
        Self::hashed("factor", &account.to_string())
    }

    fn hashed(kind: &str, text: &str) -> Self {
        let hash = sha256(format!("{kind}:{text}"));
        let half: String = hash[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self(format!("{kind}:{half}"))
    }
}

/// Seconds to wait before trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub i64);

/// A counted attempt, to be taken back when it succeeds.
#[derive(Debug)]
pub(crate) struct Reserved {
    subject: Subject,
    locked_until: i64,
}

const FIND: &str =
    "SELECT failures, last_at, locked_until FROM sign_in_failures WHERE subject = $1";
const COUNT: &str = "INSERT INTO sign_in_failures (subject, failures, last_at, locked_until) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, \
    locked_until = excluded.locked_until";
const FORGET: &str = "DELETE FROM sign_in_failures WHERE subject = $1";
const TAKE_BACK: &str = "UPDATE sign_in_failures SET failures = failures - 1, \
    locked_until = CASE WHEN locked_until = $2 THEN 0 ELSE locked_until END WHERE subject = $1 AND failures > 0";
const PURGE: &str = "DELETE FROM sign_in_failures WHERE last_at < $1";

/// Counts an attempt as failed, or says how long to wait. Transactions run one after another, so
/// nobody slips in between.
pub(crate) async fn reserve(
    tx: &mut Tx,
    subject: Subject,
    schedule: Schedule,
    now: Timestamp,
) -> Result<std::result::Result<Reserved, Wait>> {
    let row: Option<(i64, i64, i64)> = sql(FIND).bind(&subject.0).optional(&mut *tx).await?;
    let (failures, last_at, locked_until) = row.unwrap_or_default();
    if now.micros() < locked_until {
        return Ok(Err(Wait(
            (locked_until - now.micros() + 999_999) / 1_000_000,
        )));
    }
    let forgotten = Timestamp::from_micros(last_at).plus_seconds(FORGOTTEN_AFTER) <= now;
    let failures = if forgotten { 1 } else { failures + 1 };
    let wait = schedule.wait(failures);
    let locked_until = if wait == 0 {
        0
    } else {
        now.plus_seconds(wait).micros()
    };
    sql(COUNT)
        .bind(&subject.0)
        .bind(failures)
        .bind(now)
        .bind(locked_until)
        .execute(tx)
        .await?;
    Ok(Ok(Reserved {
        subject,
        locked_until,
    }))
}

/// Forgets all failures of a name whose owner has just proved to be it.
pub(crate) async fn forget(tx: &mut Tx, reserved: &Reserved) -> Result<()> {
    sql(FORGET).bind(&reserved.subject.0).execute(tx).await?;
    Ok(())
}

/// Takes only this attempt back: one good sign-in does not clear a network's other failures.
pub(crate) async fn take_back(tx: &mut Tx, reserved: &Reserved) -> Result<()> {
    sql(TAKE_BACK)
        .bind(&reserved.subject.0)
        .bind(reserved.locked_until)
        .execute(tx)
        .await?;
    Ok(())
}

/// Removes what is forgotten anyway.
pub(crate) async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    Ok(sql(PURGE)
        .bind(now.plus_seconds(-FORGOTTEN_AFTER))
        .execute(tx)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<i64> = (4..=11)
            .map(|failures| Schedule::ACCOUNT.wait(failures))
            .collect();
        assert_eq!(waits, [0, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(Schedule::ACCOUNT.wait(i64::MAX), 900);
    }

    #[test]
    fn an_ipv6_network_is_counted_as_one() {
        let of = |text: &str| Network::of(text.parse().unwrap()).as_str().to_owned();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
