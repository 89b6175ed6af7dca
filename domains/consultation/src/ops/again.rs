//! The same thing sent twice: how it is known, and what receipt codes are made of.
//!
//! A receipt's code is a keyed hash of where the opinion belongs, of the sender's key, and of what was
//! said. The same words under the same key give the same code; other words another one; and nobody
//! without the secret can tell either.

use ::store::StoreError;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::ReceiptCode;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{OpError, Result};

/// What whoever sends something gives with it, so that a second sending is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendKey {
    /// The nonce of a form. Somebody who goes back and writes something else means something else.
    Form(Vec<u8>),
    /// A key that a client has chosen for one request. Other words under it are a mistake.
    Client(String),
}

impl SendKey {
    /// Whether it may stand for one thing only.
    pub(super) const fn is_clients(&self) -> bool {
        matches!(self, Self::Client(_))
    }

    fn parts(&self) -> [&[u8]; 2] {
        match self {
            Self::Form(nonce) => [b"form", nonce],
            Self::Client(key) => [b"client", key.as_bytes()],
        }
    }
}

/// The SHA-256 of what was sent, in one form.
pub(super) fn digest(content: &impl serde::Serialize) -> Result<[u8; 32]> {
    let json = serde_json::to_vec(content)
        .map_err(|error| StoreError::Inconsistent(format!("cannot be hashed: {error}")))?;
    Ok(Sha256::digest(json).into())
}

/// The code of a receipt.
pub(super) fn receipt_code(
    secret: &[u8; 32],
    scope: &Uuid,
    key: &SendKey,
    content: &[u8; 32],
) -> ReceiptCode {
    let [kind, key] = key.parts();
    let parts = [
        b"receipt code".as_slice(),
        scope.as_bytes(),
        kind,
        key,
        content,
    ];
    let [a, b, c, d, e, f, g, h, ..] = keyed(secret, &parts);
    ReceiptCode::from_bits(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// A hash of a key, to know it when it is used again in the same place.
pub(super) fn key_hash(secret: &[u8; 32], scope: &Uuid, key: &SendKey) -> [u8; 32] {
    let [kind, key] = key.parts();
    keyed(secret, &[b"key", scope.as_bytes(), kind, key])
}

/// A keyed hash of `parts`, each with its length before it: no two lists of parts run together.
fn keyed(secret: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// What is stored of a receipt's code.
pub(crate) fn code_hash(code: ReceiptCode) -> [u8; 32] {
    Sha256::digest(code.to_string().as_bytes()).into()
}

/// Whether a refusal may come from this having been sent before.
pub(super) const fn may_be_repeated(refusal: &OpError) -> bool {
    matches!(
        refusal,
        OpError::Closed { .. }
            | OpError::NoProvision
            | OpError::VisitDay
            | OpError::Store(StoreError::Conflict { .. })
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_that_a_first_sending_explains_are_looked_into() {
        let conflict = StoreError::Conflict {
            constraint: "opinion_by_code".into(),
        };
        assert!(may_be_repeated(&conflict.into()));
        assert!(may_be_repeated(&OpError::Closed { since: None }));
        assert!(!may_be_repeated(&StoreError::Missing.into()));
        assert!(!may_be_repeated(&OpError::Elsewhere));
    }

    #[test]
    fn a_code_belongs_to_one_place_one_key_and_one_content() {
        let code = |scope: u128, key: &str, content| {
            let key = SendKey::Client(key.to_owned());
            receipt_code(&[7; 32], &Uuid::from_u128(scope), &key, &content)
        };
        let one = code(1, "key", [1; 32]);
        assert_eq!(one, code(1, "key", [1; 32]));
        for other in [
            code(2, "key", [1; 32]),
            code(1, "yek", [1; 32]),
            code(1, "key", [2; 32]),
        ] {
            assert_ne!(one, other);
        }
        let nonce = SendKey::Form(b"key".to_vec());
        assert_ne!(
            one,
            receipt_code(&[7; 32], &Uuid::from_u128(1), &nonce, &[1; 32])
        );
    }
}
