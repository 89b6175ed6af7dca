//! Rate limits: how often one visitor may ask, and what for. The one table is here.
//!
//! A token bucket is kept as one instant: when it would be full again (GCRA). Memory is bounded;
//! when too many visitors are remembered, those whose bucket is full are forgotten first.

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
    /// How many requests at once.
    pub burst: u32,
    /// In how many seconds an empty bucket is full again.
    pub seconds: u32,
}

/// Any request to the API.
pub const API: Rule = Rule {
    name: "api",
    burst: 600,
    seconds: 60,
};
/// Any form that is sent.
pub const FORM: Rule = Rule {
    name: "form",
    burst: 120,
    seconds: 60,
};
/// Leaving an opinion. A whole neighbourhood may share one address.
pub const OPINION: Rule = Rule {
    name: "opinion",
    burst: 60,
    seconds: 600,
};
/// Looking up a receipt: whoever holds a code may look, nobody may guess.
pub const RECEIPT: Rule = Rule {
    name: "receipt",
    burst: 30,
    seconds: 60,
};
/// Trying to sign in.
pub const SIGN_IN: Rule = Rule {
    name: "sign_in",
    burst: 10,
    seconds: 300,
};
/// Making a table or a file that is costly to make.
pub const EXPORT: Rule = Rule {
    name: "export",
    burst: 10,
    seconds: 60,
};

/// Every rule.
pub const RULES: [Rule; 6] = [API, FORM, OPINION, RECEIPT, SIGN_IN, EXPORT];

/// Visitors remembered at most.
const REMEMBERED_MAX: usize = 100_000;

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
    full_at: Mutex<HashMap<(&'static str, ClientKey), i64>>,
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
            full_at: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one request of `rule` for `client`.
    pub fn check(&self, rule: &Rule, client: ClientKey, now: Timestamp) -> Allowance {
        let burst = i64::from(rule.burst) * i64::from(self.times);
        let span = i64::from(rule.seconds) * 1_000_000;
        // Rounded up, so that a bucket is never fuller than the rule says.
        let cost = span.div_euclid(burst).max(1);
        let now = now.micros();
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        forget(&mut buckets, now);
        let full_at = buckets.entry((rule.name, client)).or_insert(now);
        let debt = (*full_at - now).max(0);
        let allowed = debt + cost <= cost * burst;
        let debt = if allowed { debt + cost } else { debt };
        *full_at = now + debt;
        let left = (cost * burst - debt) / cost;
        let wait = (debt + cost - cost * burst).max(1);
        Allowance {
            rule: *rule,
            limit: narrow(burst),
            remaining: narrow(left),
            reset_seconds: seconds(debt),
            retry_after_seconds: (!allowed).then(|| seconds(wait)),
        }
    }
}

fn forget(buckets: &mut HashMap<(&'static str, ClientKey), i64>, now: i64) {
    if buckets.len() < REMEMBERED_MAX {
        return;
    }
    buckets.retain(|_, full_at| *full_at > now);
    if buckets.len() >= REMEMBERED_MAX {
        tracing::warn!("too many visitors at once: rate limits begin anew");
        buckets.clear();
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
    fn memory_is_bounded() {
        let (limits, now) = (RateLimits::standard(), TestClock::START);
        for n in 0..=u32::try_from(REMEMBERED_MAX).unwrap() {
            let _ = limits.check(&RULE, client(n), now);
        }
        assert!(limits.full_at.lock().unwrap().len() <= REMEMBERED_MAX);
    }
}
