//! Sealing of small secrets at rest with the deployment's key.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::Entropy;
use sha2::Sha256;

const NONCE_BYTES: usize = 24;

/// The key that seals secrets in the database (XChaCha20-Poly1305). It lives in the configuration,
/// never in the database it protects.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// The key made of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A keyed hash of `parts`, for one purpose only.
    pub(crate) fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Seals `plain` for `owner`: it cannot be opened as another's.
    pub(crate) fn seal(&self, entropy: &dyn Entropy, owner: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let cipher = XChaCha20Poly1305::new((&self.0).into());
        let payload = Payload {
            msg: plain,
            aad: owner,
        };
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a few bytes can be sealed");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`SealKey::seal`] made; `None` when the key or the owner is another.
    pub(crate) fn open(&self, owner: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let cipher = XChaCha20Poly1305::new((&self.0).into());
        cipher
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: owner,
                },
            )
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SeededEntropy;

    #[test]
    fn only_the_same_key_and_owner_open_it() {
        let key = SealKey::new([7; 32]);
        let sealed = key.seal(&SeededEntropy::new(1), b"zhang", b"secret");
        assert_eq!(
            key.open(b"zhang", &sealed).as_deref(),
            Some(b"secret".as_slice())
        );
        assert_eq!(key.open(b"li", &sealed), None);
        assert_eq!(SealKey::new([8; 32]).open(b"zhang", &sealed), None);
        assert_eq!(key.open(b"zhang", &sealed[..10]), None);
    }
}
