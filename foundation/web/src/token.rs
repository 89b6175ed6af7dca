//! Form tokens: signed, expiring, and carrying a random nonce which makes a repeated form the same
//! form. A double click sends the same nonce twice; the use case answers the second time with what
//! came of the first.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Entropy, Timestamp};
use sha2::Sha256;
use uuid::Uuid;

use crate::Secret;

/// How long a form may stay open before it is sent, in seconds: 12 hours.
pub const TOKEN_SECONDS_MAX: i64 = 12 * 3600;
const NONCE_BYTES: usize = 16;
const TAG_BYTES: usize = 16;

/// A form that was really handed out by this site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormToken {
    /// Random and unguessable; the idempotency key of what the form does.
    pub nonce: Uuid,
    /// When the form was handed out.
    pub issued: Timestamp,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Handed out too long ago.
    #[error("the form is too old")]
    Expired,
    /// Missing, changed, or handed out to somebody else.
    #[error("the form was not handed out to this visitor")]
    Forged,
}

impl FormToken {
    /// A new token for the visitor named by `binding` (the account, empty for residents).
    #[must_use]
    pub fn issue(secret: &Secret, binding: &str, now: Timestamp, entropy: &dyn Entropy) -> String {
        let mut body = [0u8; NONCE_BYTES + 8];
        let (nonce, issued) = body.split_at_mut(NONCE_BYTES);
        entropy.fill(nonce);
        issued.copy_from_slice(&now.micros().to_be_bytes());
        let mut token = body.to_vec();
        let tag = signer(secret, binding, &body).finalize().into_bytes();
        token.extend_from_slice(tag.get(..TAG_BYTES).unwrap_or_default());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Reads a token back.
    ///
    /// # Errors
    /// [`TokenFault`].
    pub fn read(
        secret: &Secret,
        binding: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Self, TokenFault> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| TokenFault::Forged)?;
        let (body, tag) = bytes
            .split_at_checked(NONCE_BYTES + 8)
            .ok_or(TokenFault::Forged)?;
        let whole = tag.len() == TAG_BYTES;
        if !whole
            || signer(secret, binding, body)
                .verify_truncated_left(tag)
                .is_err()
        {
            return Err(TokenFault::Forged);
        }
        let (nonce, issued) = body
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(TokenFault::Forged)?;
        let issued = issued.first_chunk::<8>().ok_or(TokenFault::Forged)?;
        let issued = Timestamp::from_micros(i64::from_be_bytes(*issued));
        if issued.plus_seconds(TOKEN_SECONDS_MAX) < now {
            return Err(TokenFault::Expired);
        }
        Ok(Self {
            nonce: uuid::Builder::from_random_bytes(*nonce).into_uuid(),
            issued,
        })
    }
}

fn signer(secret: &Secret, binding: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&secret.0).expect("HMAC takes a key of any length");
    mac.update(b"form\0");
    mac.update(body);
    mac.update(binding.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{SeededEntropy, TestClock};

    #[test]
    fn tokens_hold_for_their_visitor_and_their_time() {
        let (secret, entropy, now) = (Secret([7; 32]), SeededEntropy::new(1), TestClock::START);
        let text = FormToken::issue(&secret, "a", now, &entropy);
        let read = |binding, at| FormToken::read(&secret, binding, &text, at);
        let last = now.plus_seconds(TOKEN_SECONDS_MAX);
        assert_eq!(
            read("a", last).unwrap().nonce,
            read("a", now).unwrap().nonce
        );
        assert_eq!(read("b", now), Err(TokenFault::Forged));
        assert_eq!(read("a", last.plus_seconds(1)), Err(TokenFault::Expired));
        for cut in 0..text.len() {
            assert!(FormToken::read(&secret, "a", &text[..cut], now).is_err());
        }
    }
}
