//! The checkpoint (检查点): the state of the log at some size, as the text of a signed note (C2SP tlog-checkpoint).

use crate::hash::Hash;
use crate::note::{NoteError, Signer, VerifierKey, open_note, sign_note};

/// The three facts that a checkpoint states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name: its address without scheme, and the name of its key.
    pub origin: String,
    /// How many entries the log has.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text of the note: three lines.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            self.root.to_base64()
        )
    }

    /// Reads the text of a note. Further lines are allowed and passed over, but none may be empty.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, digits, root) = (lines.next()?, lines.next()?, lines.next()?);
        let size: u64 = digits.parse().ok()?;
        let canonical = size.to_string() == digits;
        if origin.is_empty() || !canonical || lines.any(str::is_empty) {
            return None;
        }
        Some(Self {
            origin: origin.to_owned(),
            size,
            root: Hash::from_base64(root).ok()?,
        })
    }
}

/// Signs a checkpoint; gives the text of the note. The caller never signs two that contradict each other.
///
/// # Errors
/// [`NoteError::Origin`] when the checkpoint's origin is not the signer's name.
pub fn sign_checkpoint(checkpoint: &Checkpoint, signer: &Signer) -> Result<String, NoteError> {
    if checkpoint.origin != signer.name() {
        return Err(NoteError::Origin);
    }
    sign_note(&checkpoint.text(), signer)
}

/// Reads a checkpoint that the trusted key has signed, under the key's own name.
///
/// # Errors
/// [`NoteError`]: the note is malformed, unsigned, changed, no checkpoint, or of another log.
pub fn open_checkpoint(note: &str, trusted: &VerifierKey) -> Result<Checkpoint, NoteError> {
    let checkpoint = Checkpoint::parse(open_note(note, trusted)?).ok_or(NoteError::Checkpoint)?;
    if checkpoint.origin == trusted.name() {
        Ok(checkpoint)
    } else {
        Err(NoteError::Origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{EMPTY_ROOT, leaf_hash};

    fn signer() -> Signer {
        Signer::new("example.com/log", [3; 32]).unwrap()
    }

    #[test]
    fn what_was_signed_opens() {
        let origin = "example.com/log".to_owned();
        for (size, root) in [(0, EMPTY_ROOT), (20_852_163, leaf_hash(b"x"))] {
            let checkpoint = Checkpoint {
                origin: origin.clone(),
                size,
                root,
            };
            let note = sign_checkpoint(&checkpoint, &signer()).unwrap();
            assert_eq!(open_checkpoint(&note, signer().public()), Ok(checkpoint));
        }
    }

    #[test]
    fn the_published_text_reads() {
        // The example of tlog-checkpoint.
        let text =
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let checkpoint = Checkpoint::parse(text).unwrap();
        assert_eq!(checkpoint.size, 20_852_163);
        assert_eq!(checkpoint.text(), text);
    }

    #[test]
    fn signed_texts_that_are_no_checkpoint_are_refused() {
        let root = EMPTY_ROOT.to_base64();
        for text in [
            "example.com/log\n1\n".to_owned(),
            format!("example.com/log\n01\n{root}\n"),
            format!("example.com/log\n+1\n{root}\n"),
            format!("example.com/log\n-1\n{root}\n"),
            format!("example.com/log\n18446744073709551616\n{root}\n"),
            format!("\n1\n{root}\n"),
            format!("example.com/log\n1\n{root}=\n"),
            format!("example.com/log\n1\n{root}\n\nmore\n"),
        ] {
            let note = sign_note(&text, &signer()).unwrap();
            assert_eq!(
                open_checkpoint(&note, signer().public()),
                Err(NoteError::Checkpoint),
                "{text}"
            );
        }
        let extended =
            sign_note(&format!("example.com/log\n1\n{root}\nmore\n"), &signer()).unwrap();
        assert!(open_checkpoint(&extended, signer().public()).is_ok());
        let foreign = sign_note(&format!("other.example\n1\n{root}\n"), &signer()).unwrap();
        assert_eq!(
            open_checkpoint(&foreign, signer().public()),
            Err(NoteError::Origin)
        );
        let other = Checkpoint {
            origin: "other".to_owned(),
            size: 0,
            root: EMPTY_ROOT,
        };
        assert_eq!(sign_checkpoint(&other, &signer()), Err(NoteError::Origin));
    }
}
