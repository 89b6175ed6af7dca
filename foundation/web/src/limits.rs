//! Rate limits: how often one visitor may ask, and what for. The one table is here.
//!
//! A token bucket is kept as one instant: when it would be full again (GCRA). Memory is bounded;
//! when too many visitors are remembered, those who have used least of their allowance are
//! forgotten first, so that a crowd never gives a guesser his tries back.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderValue};
use kernel::Timestamp;

use crate::{ClientKey, Problem};

/// A limit: `burst` requests at once, all of them again after `seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The rule's name.
    pub name: &'static str,
    /// What it limits, for the description of the API.
    pub of: &'static str,
    /// How many requests at once.
    pub burst: u32,
    /// In how many seconds an empty bucket is full again.
    pub seconds: u32,
}

/// Any request to the API.
pub const API: Rule = Rule {
    name: "api",
    of: "any request to the API",
    burst: 600,
    seconds: 60,
};
/// Any form that is sent.
pub const FORM: Rule = Rule {
    name: "form",
    of: "any form that is sent",
    burst: 120,
    seconds: 60,
};
/// Leaving an opinion. A whole neighbourhood may share one address.
pub const OPINION: Rule = Rule {
    name: "opinion",
    of: "leaving an opinion",
    burst: 60,
    seconds: 600,
};
/// Looking up a receipt: whoever holds a code may look, nobody may guess.
pub const RECEIPT: Rule = Rule {
    name: "receipt",
    of: "asking with a receipt's code",
    burst: 30,
    seconds: 60,
};
/// Trying to sign in, against floods only: a whole office may come through one address at nine, and
/// failures are the directory's to count.
pub const SIGN_IN: Rule = Rule {
    name: "sign_in",
    of: "trying to sign in",
    burst: 60,
    seconds: 60,
};
/// Making a table or a file that is costly to make.
pub const EXPORT: Rule = Rule {
    name: "export",
    of: "making a table or a file that is costly to make",
    burst: 10,
    seconds: 60,
};
/// Handing in a spreadsheet, which is costly to read.
pub const IMPORT: Rule = Rule {
    name: "import",
    of: "handing in a spreadsheet",
    burst: 10,
    seconds: 60,
};

/// Reading the public log: a first copy of a long one takes many files, one after the other.
pub const LOG: Rule = Rule {
    name: "log",
    of: "reading the public log",
    burst: 1_200,
    seconds: 60,
};

/// Every rule.
pub const RULES: [Rule; 8] = [API, FORM, OPINION, RECEIPT, SIGN_IN, EXPORT, IMPORT, LOG];

/// Buckets remembered at most.
const REMEMBERED_MAX: usize = 100_000;
/// How many are left after a clearing. What is cleared at once is so much that a clearing, which
/// looks at all of them, comes once in many thousand new visitors.
const REMEMBERED_AFTER: usize = REMEMBERED_MAX / 4 * 3;

/// What a visitor may still do under a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The rule.
    pub rule: Rule,
    /// The bucket's size.
    pub limit: u32,
    /// Requests left now.
    pub remaining: u32,
    /// Seconds until the bucket is full again.
    pub reset_seconds: u32,
    /// Seconds until the next request is allowed, when this one is not.
    pub retry_after_seconds: Option<u32>,
}

impl Allowance {
    /// States the limit in the response.
    pub fn write(&self, headers: &mut HeaderMap) {
        headers.insert("ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("ratelimit-reset", HeaderValue::from(self.reset_seconds));
    }

    /// `Ok` when the request is allowed.
    ///
    /// # Errors
    /// [`Problem::too_many`].
    pub fn done(self) -> Result<(), Problem> {
        self.retry_after_seconds
            .map_or(Ok(()), |seconds| Err(Problem::too_many(seconds)))
    }
}

/// The buckets of all visitors.
#[derive(Debug)]
pub struct RateLimits {
    times: u32,
    buckets: Mutex<HashMap<(&'static str, ClientKey), Bucket>>,
}

/// One visitor's bucket under one rule, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When it is full again.
    full_at: i64,
    /// How long it takes from empty to full.
    span: i64,
}

impl Bucket {
    /// How much of the allowance is used, in millionths.
    fn used(self, now: i64) -> i64 {
        (self.full_at - now).max(0).saturating_mul(1_000_000) / self.span
    }
}

impl RateLimits {
    /// The limits of the table.
    #[must_use]
    pub fn standard() -> Self {
        Self::times(1)
    }

    /// The limits of the table, so many times as wide: for a load test from one address.
    #[must_use]
    pub fn times(times: u32) -> Self {
        Self {
            times: times.max(1),
            buckets: Mutex::default(),
        }
    }

    /// Takes one request of `rule` for `client`.
    pub fn check(&self, rule: &Rule, client: ClientKey, now: Timestamp) -> Allowance {
        let burst = i64::from(rule.burst) * i64::from(self.times);
        let cost = (i64::from(rule.seconds) * 1_000_000 / burst).max(1);
        let now = now.micros();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (rule.name, client);
        if buckets.len() >= REMEMBERED_MAX && !buckets.contains_key(&key) {
            forget(&mut buckets, now);
        }
        let span = cost * burst;
        let fresh = Bucket { full_at: now, span };
        let bucket = buckets.entry(key).or_insert(fresh);
        let debt = (bucket.full_at - now).max(0);
        let allowed = debt + cost <= span;
        let debt = if allowed { debt + cost } else { debt };
        bucket.full_at = now + debt;
        let left = (span - debt) / cost;
        let wait = (debt + cost - span).max(1);
        Allowance {
            rule: *rule,
            limit: narrow(burst),
            remaining: narrow(left),
            reset_seconds: seconds(debt),
            retry_after_seconds: (!allowed).then(|| seconds(wait)),
        }
    }
}

/// Forgets those who have used least, until [`REMEMBERED_AFTER`] are left.
fn forget(buckets: &mut HashMap<(&'static str, ClientKey), Bucket>, now: i64) {
    let mut used: Vec<_> = buckets
        .iter()
        .map(|(key, bucket)| (bucket.used(now), *key))
        .collect();
    let too_many = used.len().saturating_sub(REMEMBERED_AFTER);
    if too_many == 0 {
        return;
    }
    used.select_nth_unstable_by_key(too_many - 1, |(used, _)| *used);
    for (_, key) in &used[..too_many] {
        buckets.remove(key);
    }
}

fn narrow(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

fn seconds(micros: i64) -> u32 {
    narrow((micros + 999_999) / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::TestClock;
    use std::net::{IpAddr, Ipv4Addr};

    const RULE: Rule = Rule {
        name: "test",
        of: "testing",
        burst: 3,
        seconds: 30,
    };

    fn client(n: u32) -> ClientKey {
        ClientKey::from(IpAddr::V4(Ipv4Addr::from(n)))
    }

    #[test]
    fn the_limit_is_allowed_and_one_more_is_not() {
        let (limits, now) = (RateLimits::standard(), TestClock::START);
        for left in [2, 1, 0] {
            let allowance = limits.check(&RULE, client(1), now);
            assert_eq!(
                (allowance.remaining, allowance.retry_after_seconds),
                (left, None)
            );
        }
        let refused = limits.check(&RULE, client(1), now);
        assert_eq!((refused.remaining, refused.reset_seconds), (0, 30));
        assert_eq!(refused.retry_after_seconds, Some(10));
        assert!(limits.check(&RULE, client(2), now).done().is_ok());
        assert!(
            limits
                .check(&RULE, client(1), now.plus_seconds(9))
                .done()
                .is_err()
        );
        assert!(
            limits
                .check(&RULE, client(1), now.plus_seconds(10))
                .done()
                .is_ok()
        );
    }

    #[test]
    fn a_crowd_gives_nobody_his_tries_back() {
        let (limits, now) = (RateLimits::standard(), TestClock::START);
        let guesser = client(u32::MAX);
        while limits.check(&RULE, guesser, now).done().is_ok() {}
        for n in 0..u32::try_from(REMEMBERED_MAX).unwrap() * 2 {
            let _ = limits.check(&RULE, client(n), now);
            let known = limits.buckets.lock().unwrap().len();
            assert!(known <= REMEMBERED_MAX, "{known}");
        }
        assert!(limits.check(&RULE, guesser, now).done().is_err());
    }

    #[test]
    fn a_wider_limit_allows_so_many_times_as_much() {
        let (limits, now) = (RateLimits::times(5), TestClock::START);
        let allowed = (0..100).filter(|_| limits.check(&RULE, client(1), now).done().is_ok());
        assert_eq!(allowed.count(), 15);
    }
}
