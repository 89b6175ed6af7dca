//! Passwords: what a good one is, in words, and the hash that is kept (argon2id).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use kernel::Entropy;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use crate::{DirectoryError, Result, accounts::InitialPassword, codes::read_code};

/// Characters at least.
pub const LENGTH_LEAST: usize = 12;
/// Characters at most; more would only slow the hash down.
pub const LENGTH_MOST: usize = 128;
/// Different characters at least.
pub const DIFFERENT_LEAST: usize = 6;

/// A rule of passwords that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasswordFault {
    /// Fewer than [`LENGTH_LEAST`] characters.
    TooShort,
    /// More than [`LENGTH_MOST`] characters.
    TooLong,
    /// Only one kind of character: only letters or only digits (GB/T 22239-2019: 复杂度要求).
    OneKind,
    /// Fewer than [`DIFFERENT_LEAST`] different characters.
    Monotonous,
    /// Contains the sign-in name.
    ContainsLogin,
    /// Is one of those that are tried first.
    Common,
    /// Is the old one.
    Unchanged,
}

impl PasswordFault {
    /// The key of the translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::OneKind => "one-kind",
            Self::Monotonous => "monotonous",
            Self::ContainsLogin => "contains-login",
            Self::Common => "common",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Beginnings of the passwords that are tried first, in lower case and without separators.
const COMMON: [&str; 12] = [
    "password",
    "passw0rd",
    "qwerty",
    "1qaz2wsx",
    "123456",
    "abc123",
    "admin",
    "woaini",
    "5201314",
    "renda",
    "quancheng",
    "iloveyou",
];

/// Every rule that `password` breaks, for the account with this sign-in name.
#[must_use]
pub fn faults(password: &str, login: &str) -> Vec<PasswordFault> {
    let password: &str = &password.nfc().collect::<String>();
    let length = password.chars().count();
    let lower = password.to_lowercase();
    let different: std::collections::HashSet<char> = lower.chars().collect();
    let broken = [
        (length < LENGTH_LEAST, PasswordFault::TooShort),
        (length > LENGTH_MOST, PasswordFault::TooLong),
        (only_one_kind(password), PasswordFault::OneKind),
        (different.len() < DIFFERENT_LEAST, PasswordFault::Monotonous),
        (
            !login.is_empty() && lower.contains(&login.to_lowercase()),
            PasswordFault::ContainsLogin,
        ),
        (is_common(&lower), PasswordFault::Common),
    ];
    broken
        .into_iter()
        .filter(|(broken, _)| *broken)
        .map(|(_, fault)| fault)
        .collect()
}

fn only_one_kind(password: &str) -> bool {
    let only = |kind: fn(&char) -> bool| password.chars().all(|c| kind(&c));
    only(char::is_ascii_digit) || only(char::is_ascii_alphabetic)
}

/// A common beginning with little else after it.
fn is_common(lower: &str) -> bool {
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    COMMON.iter().any(|common| {
        plain
            .strip_prefix(common)
            .is_some_and(|rest| rest.chars().count() < 8)
    })
}

/// Memory of one hash in KiB (OWASP's first recommendation for argon2id: 19 MiB, 2 passes).
pub const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory.
pub const PASSES: u32 = 2;
/// Lanes of one hash.
pub const LANES: u32 = 1;

/// Memory in KiB for secrets of random characters, which nobody can guess: a thousand of them are
/// hashed in one import.
const RANDOM_MEMORY_KIB: u32 = 64;
/// How the hashes of those begin.
const RANDOM_START: &str = "$argon2id$v=19$m=64,";

/// The hash of a password somebody else hands over: 80 random bits need no costly one. It is typed
/// from paper, so case, dashes and wide letters do not count.
#[must_use]
pub fn hash_initial(password: &InitialPassword, entropy: &dyn Entropy) -> String {
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    let password = read_code(password.secret());
    hash_now(&argon2(RANDOM_MEMORY_KIB, 1), &password, &salt)
}

/// Whether `hash` is [`hash_initial`]'s of this password.
pub(crate) fn is_initial(password: &InitialPassword, hash: &str) -> bool {
    hash.starts_with(RANDOM_START)
        && argon2(RANDOM_MEMORY_KIB, 1)
            .verify_password(read_code(password.secret()).as_bytes(), hash)
            .is_ok()
}

/// Makes and checks hashes, few at once: a flood of sign-ins waits or is refused instead of eating
/// the machine.
#[derive(Clone)]
pub struct Hasher {
    at_once: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_most: usize,
    decoy: Arc<str>,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher")
            .field("waiting_most", &self.waiting_most)
            .finish_non_exhaustive()
    }
}

/// Counts one who waits, until dropped.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Hasher {
    /// Works on `at_once` hashes; lets `waiting_most` more wait and refuses the rest.
    #[must_use]
    pub fn new(at_once: usize, waiting_most: usize) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(at_once.max(1))),
            waiting: Arc::default(),
            waiting_most,
            decoy: hash_now(&argon2(MEMORY_KIB, PASSES), "decoy", &[0; 16]).into(),
        }
    }

    /// The hash of `password`, as a PHC string.
    ///
    /// # Errors
    /// [`DirectoryError::Busy`] when too many wait already.
    pub async fn hash(&self, password: &str, entropy: &dyn Entropy) -> Result<String> {
        let mut salt = [0u8; 16];
        entropy.fill(&mut salt);
        let password: String = password.nfc().collect();
        self.work(move || hash_now(&argon2(MEMORY_KIB, PASSES), &password, &salt))
            .await
    }

    /// Whether `password` belongs to `hash`. Without a hash it takes as long and says no, so that
    /// the time tells nobody whether an account exists.
    ///
    /// # Errors
    /// [`DirectoryError::Busy`] when too many wait already.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        // More than this was never accepted as a password; do not spend time on it.
        let password: String = password.nfc().take(LENGTH_MOST + 1).collect();
        let decoy = Arc::clone(&self.decoy);
        let check = move || {
            let fits = |password: &str, hash: &str| {
                argon2(MEMORY_KIB, PASSES)
                    .verify_password(password.as_bytes(), hash)
                    .is_ok()
            };
            if hash.starts_with(RANDOM_START) {
                // A hash of random characters is cheap; make up for the time.
                fits(&password, &decoy);
                return fits(&read_code(&password), &hash);
            }
            fits(&password, &hash)
        };
        let fits = self.work(check).await?;
        Ok(fits && known)
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let waiting = Waiting(Arc::clone(&self.waiting));
        if self.waiting.fetch_add(1, Ordering::SeqCst)
            >= self.waiting_most + self.at_once.available_permits()
        {
            return Err(DirectoryError::Busy);
        }
        let permit = Arc::clone(&self.at_once)
            .acquire_owned()
            .await
            .map_err(|_| DirectoryError::Busy)?;
        drop(waiting);
        // The permit goes along: a request that is broken off still holds its place until done.
        let done = tokio::task::spawn_blocking(move || {
            let answer = job();
            drop(permit);
            answer
        });
        done.await.map_err(|_| DirectoryError::Busy)
    }
}

fn argon2(memory_kib: u32, passes: u32) -> Argon2<'static> {
    let params = Params::new(memory_kib, passes, LANES, None)
        .expect("the parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(argon2: &Argon2<'_>, password: &str, salt: &[u8; 16]) -> String {
    let hash = argon2.hash_password_with_salt(password.as_bytes(), salt);
    hash.expect("sixteen bytes are a good salt").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededEntropy;

    #[test]
    fn each_rule_has_a_password_that_breaks_it() {
        let broken = |password: &str| faults(password, "zhang.wei");
        assert_eq!(broken("晨跑三公里-再吃一碗粉"), [PasswordFault::TooShort]);
        assert_eq!(broken("每天晨跑三公里再吃一碗米粉"), []);
        assert_eq!(broken("correct-horse-battery"), []);
        assert_eq!(broken("correcthorsebattery"), [PasswordFault::OneKind]);
        assert_eq!(broken("aaaaaa-aaaaaa"), [PasswordFault::Monotonous]);
        assert_eq!(broken("my Zhang.Wei 1949"), [PasswordFault::ContainsLogin]);
        assert_eq!(broken("Password-2026!"), [PasswordFault::Common]);
        assert_eq!(broken(&"x1y2z3-".repeat(20)), [PasswordFault::TooLong]);
    }

    #[tokio::test]
    async fn a_password_fits_only_its_own_hash() {
        let hasher = Hasher::new(2, 10);
        let hash = hasher
            .hash("每天晨跑三公里再吃一碗米粉", &SeededEntropy::new(1))
            .await
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            hasher
                .verify("每天晨跑三公里再吃一碗米粉", Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify("每天晨跑三公里再吃两碗米粉", Some(&hash))
                .await
                .unwrap()
        );
        assert!(!hasher.verify("decoy", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_fits_in_whatever_form_the_keyboard_sends_it() {
        let hasher = Hasher::new(2, 10);
        let entropy = SeededEntropy::new(1);
        let hash = hasher
            .hash("caf\u{e9} 每天晨跑三公里", &entropy)
            .await
            .unwrap();
        let decomposed = "cafe\u{301} 每天晨跑三公里";
        assert!(hasher.verify(decomposed, Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_to_hand_over_fits_as_typed() {
        let (hasher, entropy) = (Hasher::new(2, 10), SeededEntropy::new(1));
        let password = InitialPassword::new(&entropy);
        let hash = hash_initial(&password, &entropy);
        assert!(hash.starts_with(RANDOM_START), "{hash}");
        let lower = password.secret().to_lowercase().replace('-', " ");
        for typed in [password.secret(), &lower] {
            assert!(hasher.verify(typed, Some(&hash)).await.unwrap());
        }
        assert!(
            !hasher
                .verify("0000-0000-0000-0000", Some(&hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_flood_is_refused_and_the_patient_are_served() {
        let hasher = Hasher::new(1, 2);
        let all = (0..20).map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify("x", None).await })
        });
        let mut refused = 0;
        for one in all.collect::<Vec<_>>() {
            refused += usize::from(matches!(one.await.unwrap(), Err(DirectoryError::Busy)));
        }
        assert!(refused > 0, "twenty at once must be too many");
        assert!(
            !hasher.verify("x", None).await.unwrap(),
            "afterwards there is room again"
        );
    }
}
