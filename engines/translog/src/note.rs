//! Signed notes (C2SP signed-note): a text, an empty line, and signature lines that name their key.
//!
//! Only Ed25519 (signature type 0x01). Every accepted note has one spelling: base64 is canonical, the signatures of
//! the trusted key must all hold, malformed lines refuse the whole note. Signatures of other keys are passed over, as
//! the specification asks (witnesses may have co-signed).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fmt;

/// The longest note that is read, in bytes: room for 16 large signatures of other kinds.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;
/// The most signature lines that are read; the specification asks for at least 16.
const MAX_SIGNATURES: usize = 64;
/// Signature type Ed25519 (signed-note, Signature types).
const ED25519: u8 = 0x01;

/// Why a note or a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A key's name is empty or has a space, a plus sign or a control character.
    #[error("the name of a key must not be empty nor hold spaces or plus signs")]
    Name,
    /// The text of a verifier key is not `name+hash+base64`.
    #[error("this is not a verifier key (name+hash+base64)")]
    Key,
    /// The note's form is not that of a signed note.
    #[error("this is not a signed note")]
    Malformed,
    /// The note is longer than any real one.
    #[error("the note is too long")]
    TooLong,
    /// The trusted key has not signed this note.
    #[error("the note is not signed by the trusted key")]
    NotSigned,
    /// The signature does not fit the text.
    #[error("the signature does not fit the text: one of them was changed")]
    BadSignature,
    /// The text is not that of a checkpoint.
    #[error("the signed text is not a checkpoint (name, size, root)")]
    Checkpoint,
    /// The checkpoint names another log than its key.
    #[error("it names another log than its key")]
    Origin,
}

impl NoteError {
    /// The same in Chinese, for people.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Name => "公钥名称不能为空，也不能含空格或加号。",
            Self::Key => "这不是公钥（应为“名称+校验+base64”）。",
            Self::Malformed => "这不是一份签名文本。",
            Self::TooLong => "签名文本过长。",
            Self::NotSigned => "没有您信任的公钥的签名。",
            Self::BadSignature => "签名与内容不符，其中一处被改动过。",
            Self::Checkpoint => "签名的内容不是日志的名称、条数和树根。",
            Self::Origin => "签名的内容写的是另一个日志的名称。",
        }
        .to_owned()
    }
}

/// The log's signing key with its name. `Debug` does not show the secret.
pub struct Signer {
    key: SigningKey,
    public: VerifierKey,
}

/// A key that is trusted to sign notes: what a verifier must know beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl Signer {
    /// A signer from its name (the log's origin) and the 32 secret bytes of RFC 8032.
    ///
    /// # Errors
    /// [`NoteError::Name`] when the name cannot stand in a note.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(&seed);
        let public = VerifierKey::new(name, key.verifying_key())?;
        Ok(Self { key, public })
    }

    /// The name, which is also the origin of the checkpoints it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.public.name
    }

    /// The public half, as text: `name+hash+base64`.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.public.to_string()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &VerifierKey {
        &self.public
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public)
    }
}

impl VerifierKey {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        if !good_name(name) {
            return Err(NoteError::Name);
        }
        let mut sha = Sha256::new();
        sha.update(name.as_bytes());
        sha.update([b'\n', ED25519]);
        sha.update(key.as_bytes());
        let digest: [u8; 32] = sha.finalize().into();
        let id = digest.first_chunk::<4>().copied().ok_or(NoteError::Key)?;
        Ok(Self {
            name: name.to_owned(),
            id,
            key,
        })
    }

    /// Reads `name+hash+base64`; the hash must be that of the name and the key.
    ///
    /// # Errors
    /// [`NoteError::Key`] or [`NoteError::Name`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let data = STANDARD.decode(data).map_err(|_| NoteError::Key)?;
        let Some((&ED25519, bytes)) = data.split_first() else {
            return Err(NoteError::Key);
        };
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| NoteError::Key)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| NoteError::Key)?;
        let parsed = Self::new(name, key)?;
        // A weak key would accept signatures that nobody made.
        if key.is_weak() || parsed.to_string() != text {
            return Err(NoteError::Key);
        }
        Ok(parsed)
    }

    /// The key's name, the origin of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = [&[ED25519][..], self.key.as_bytes()].concat();
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex::encode(self.id),
            STANDARD.encode(data)
        )
    }
}

/// Signs a text, which must end in a newline and hold no other control characters; gives the whole note.
///
/// # Errors
/// [`NoteError::Malformed`] when the text cannot be the text of a note.
pub fn sign_note(text: &str, signer: &Signer) -> Result<String, NoteError> {
    if !text.ends_with('\n') || !printable(text) {
        return Err(NoteError::Malformed);
    }
    let signature = signer.key.sign(text.as_bytes()).to_bytes();
    let blob = STANDARD.encode([&signer.public.id[..], &signature].concat());
    Ok(format!("{text}\n— {} {blob}\n", signer.public.name))
}

/// Gives the text of a note that the trusted key has signed.
///
/// # Errors
/// [`NoteError`]: malformed, not signed by this key, or the signature does not fit.
pub fn open_note<'note>(note: &'note str, trusted: &VerifierKey) -> Result<&'note str, NoteError> {
    if note.len() > MAX_NOTE_BYTES {
        return Err(NoteError::TooLong);
    }
    if !printable(note) {
        return Err(NoteError::Malformed);
    }
    let blank = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
    let (text, rest) = note
        .split_at_checked(blank + 1)
        .ok_or(NoteError::Malformed)?;
    let block = rest.strip_prefix('\n').ok_or(NoteError::Malformed)?;
    let lines = block.strip_suffix('\n').ok_or(NoteError::Malformed)?;
    let mut signed = false;
    for (count, line) in lines.split('\n').enumerate() {
        if count == MAX_SIGNATURES {
            return Err(NoteError::TooLong);
        }
        signed |= check_line(line, text, trusted)?;
    }
    if signed {
        Ok(text)
    } else {
        Err(NoteError::NotSigned)
    }
}

/// Whether this line is a holding signature of the trusted key; a line of another key is passed over.
fn check_line(line: &str, text: &str, trusted: &VerifierKey) -> Result<bool, NoteError> {
    let line = line.strip_prefix("— ").ok_or(NoteError::Malformed)?;
    let (name, blob) = line.split_once(' ').ok_or(NoteError::Malformed)?;
    let blob = STANDARD.decode(blob).map_err(|_| NoteError::Malformed)?;
    let (id, signature) = blob.split_first_chunk::<4>().ok_or(NoteError::Malformed)?;
    if !good_name(name) || signature.is_empty() {
        return Err(NoteError::Malformed);
    }
    if name != trusted.name || *id != trusted.id {
        return Ok(false);
    }
    let signature = Signature::from_slice(signature).map_err(|_| NoteError::BadSignature)?;
    let held = trusted.key.verify_strict(text.as_bytes(), &signature);
    held.map(|()| true).map_err(|_| NoteError::BadSignature)
}

/// A key's name: not empty, no spaces of any script, no plus, nothing unprintable.
fn good_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c == '+' || c.is_control())
}

/// No ASCII control character but the newline (signed-note, Format).
fn printable(text: &str) -> bool {
    !text.bytes().any(|b| b < 0x20 && b != b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and note published in the documentation of Go's `sumdb/note`.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n";
    const BLOB: &str = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";

    fn published() -> (Signer, String) {
        let secret = STANDARD.decode(SECRET).unwrap();
        let signer = Signer::new("PeterNeumann", secret[1..].try_into().unwrap()).unwrap();
        (signer, format!("{TEXT}\n— PeterNeumann {BLOB}\n"))
    }

    #[test]
    fn the_published_note_is_made_and_opened_byte_for_byte() {
        let (signer, note) = published();
        assert_eq!(signer.verifier_key(), KEY);
        assert_eq!(sign_note(TEXT, &signer).unwrap(), note);
        assert_eq!(
            open_note(&note, &VerifierKey::parse(KEY).unwrap()),
            Ok(TEXT)
        );
        assert!(!format!("{signer:?}").contains("YEKFALV"));
    }

    #[test]
    fn every_changed_byte_of_a_note_is_refused() {
        let (signer, note) = published();
        for place in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[place] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert!(
                        open_note(&changed, signer.public()).is_err(),
                        "byte {place} bit {bit}"
                    );
                }
            }
        }
        for cut in (0..note.len()).filter(|cut| note.is_char_boundary(*cut)) {
            assert!(open_note(&note[..cut], signer.public()).is_err());
        }
    }

    #[test]
    fn every_changed_byte_of_a_key_is_refused() {
        for place in 0..KEY.len() {
            for bit in 0..7 {
                let mut bytes = KEY.as_bytes().to_vec();
                bytes[place] ^= 1 << bit;
                assert!(
                    VerifierKey::parse(&String::from_utf8(bytes).unwrap()).is_err(),
                    "byte {place}"
                );
            }
        }
        for bad in [
            "",
            "+",
            "++",
            "a+b",
            "a++",
            " +c74f20a3+AA==",
            "PeterNeumann+c74f20a3+ARpc",
        ] {
            assert!(VerifierKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_signatures_are_passed_over_and_malformed_ones_are_not() {
        let (signer, note) = published();
        let other = Signer::new("witness.example/w", [7; 32]).unwrap();
        let theirs = sign_note(TEXT, &other).unwrap();
        let line = theirs.strip_prefix(TEXT).unwrap().trim_start_matches('\n');
        let both = format!("{note}{line}");
        assert_eq!(open_note(&both, signer.public()), Ok(TEXT));
        assert_eq!(open_note(&both, other.public()), Ok(TEXT));
        assert_eq!(
            open_note(&theirs, signer.public()),
            Err(NoteError::NotSigned)
        );
        assert_eq!(
            open_note(&format!("{note}— x\n"), signer.public()),
            Err(NoteError::Malformed)
        );
        let many = format!("{note}{}", line.repeat(MAX_SIGNATURES));
        assert_eq!(open_note(&many, signer.public()), Err(NoteError::TooLong));
        let fifteen = format!("{note}{}", line.repeat(15));
        assert_eq!(open_note(&fifteen, signer.public()), Ok(TEXT));
    }

    #[test]
    fn names_that_cannot_stand_in_a_note_are_refused() {
        for bad in ["", "a b", "a+b", "a\u{3000}b", "a\nb", "a\u{0}"] {
            assert_eq!(Signer::new(bad, [1; 32]).unwrap_err(), NoteError::Name);
        }
        let signer = Signer::new("人大.example/日志", [1; 32]).unwrap();
        assert_eq!(sign_note("no newline", &signer), Err(NoteError::Malformed));
        assert_eq!(sign_note("tab\t\n", &signer), Err(NoteError::Malformed));
        let note = sign_note("甲\n\n乙\n", &signer).unwrap();
        assert_eq!(open_note(&note, signer.public()), Ok("甲\n\n乙\n"));
    }
}
