//! The one place that signs the log's head.
//!
//! A signature binds for ever: two heads under one key of which neither grew out of the other are
//! the proof that a log lied. So each head is noted in a file before its signature leaves the
//! house, and the next one must be proven to have grown out of the noted one. A database that was
//! brought back from an older backup, or exchanged, is noticed before anything is signed for it.
//!
//! Invariants:
//! * no signature leaves before the note of it is on the disk;
//! * nothing is signed that did not grow out of what the note says, whoever wrote the note: programs
//!   that share the file take turns by a lock.

use std::{
    io,
    path::{Path, PathBuf},
    time::Instant,
};

use store::{Db, StoreError, files};
use tokio::{sync::Mutex, task::spawn_blocking};
use translog::{Checkpoint, Hash, NoteError, Signer, VerifyError, consistency_plan};

use crate::ledger::{self, Head};

/// Why a head is not signed.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    /// The note of what was signed cannot be read or written.
    #[error(
        "签名记录 {path} 无法读写 · the note of what was signed, {path}, cannot be read or written"
    )]
    File {
        /// The note.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The note is none that this key signed.
    #[error(
        "签名记录 {path} 不是这个日志密钥签的 · the note {path} was not signed by this log's key"
    )]
    Foreign {
        /// The note.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: NoteError,
    },
    /// The log is not the one that was signed.
    #[error(
        "数据库里的日志（{size}条）接不上已签名公布的日志（{signed}条） · the log in the database ({size} \
         entries) does not continue the one that was signed and made public ({signed} entries)"
    )]
    Forked {
        /// Entries in the database.
        size: u64,
        /// Entries in what was signed last.
        signed: u64,
        /// The proof that failed.
        #[source]
        source: VerifyError,
    },
    /// The head cannot be signed.
    #[error("the log's head cannot be signed")]
    Unsigned(#[from] NoteError),
    /// The database did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeeperError> for StoreError {
    fn from(error: KeeperError) -> Self {
        match error {
            KeeperError::Store(error) => error,
            other => Self::Inconsistent(other.to_string()),
        }
    }
}

/// A head of the log with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// Entries in the log.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
}

/// Signs the log's head, and remembers what it signed.
#[derive(Debug)]
pub struct LogKeeper {
    signer: Signer,
    note: Option<PathBuf>,
    last: Mutex<Option<(Instant, SignedHead)>>,
}

impl LogKeeper {
    /// A keeper that notes in the file `note` what it has signed.
    #[must_use]
    pub fn new(signer: Signer, note: PathBuf) -> Self {
        Self {
            signer,
            note: Some(note),
            last: Mutex::default(),
        }
    }

    /// A keeper that forgets what it signed when it is dropped: for logs that do not outlive it.
    #[must_use]
    pub fn forgetful(signer: Signer) -> Self {
        Self {
            signer,
            note: None,
            last: Mutex::default(),
        }
    }

    /// Who signs.
    #[must_use]
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The head of the log as it stands now, signed and noted. Those who ask while one is being
    /// signed share the next, and so one wait for the disk.
    ///
    /// # Errors
    /// [`KeeperError`]; nothing was signed then.
    pub async fn head(&self, db: &Db) -> Result<SignedHead, KeeperError> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((read_at, signed)) = &*last
            && *read_at >= asked
        {
            return Ok(signed.clone());
        }
        let read_at = Instant::now();
        let signed = match (ledger::head(db).await?, &*last) {
            (head, Some((_, signed))) if is_of(signed, &head) => signed.clone(),
            (head, last) => {
                let last = last.as_ref().map(|(_, signed)| signed);
                self.sign(db, head, last).await?
            }
        };
        *last = Some((read_at, signed.clone()));
        Ok(signed)
    }

    async fn sign(
        &self,
        db: &Db,
        mut head: Head,
        last: Option<&SignedHead>,
    ) -> Result<SignedHead, KeeperError> {
        let Some(path) = &self.note else {
            if let Some(last) = last {
                grew(db, last.size, last.root, &head).await?;
            }
            return self.signed(&head);
        };
        let _turn = blocking(path, |path| {
            let lock = files::private()
                .create(true)
                .open(path.with_extension("lock"))?;
            lock.lock().map(|()| lock)
        })
        .await?;
        if let Some(noted) = self.noted().await? {
            // Read again: another program may have noted a longer one meanwhile.
            head = ledger::head(db).await?;
            grew(db, noted.size, noted.root, &head).await?;
        }
        let signed = self.signed(&head)?;
        let text = signed.note.clone();
        blocking(path, move |path| {
            files::write_private(path, text.as_bytes())
        })
        .await?;
        Ok(signed)
    }

    fn signed(&self, head: &Head) -> Result<SignedHead, KeeperError> {
        let (size, root) = (head.size, head.frontier.root());
        let checkpoint = Checkpoint {
            origin: self.signer.name().to_owned(),
            size,
            root,
        };
        let note = translog::sign_checkpoint(&checkpoint, &self.signer)?;
        Ok(SignedHead { size, root, note })
    }

    /// What the note says was signed last; nothing when there is no note.
    ///
    /// # Errors
    /// A note that cannot be read, or that another key signed.
    pub async fn noted(&self) -> Result<Option<Checkpoint>, KeeperError> {
        let Some(path) = &self.note else {
            return Ok(None);
        };
        let text = blocking(path, |path| match std::fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        })
        .await?;
        let opened = text.map(|text| translog::open_checkpoint(&text, self.signer.public()));
        opened.transpose().map_err(|source| KeeperError::Foreign {
            path: path.clone(),
            source,
        })
    }
}

/// Proves that the log in `db` goes on from the head that was signed, without signing anything; how
/// long it is.
///
/// # Errors
/// [`KeeperError::Forked`] when it does not, or the store's.
pub async fn continues(db: &Db, signed: &Checkpoint) -> Result<u64, KeeperError> {
    let head = ledger::head(db).await?;
    grew(db, signed.size, signed.root, &head).await?;
    Ok(head.size)
}

fn is_of(signed: &SignedHead, head: &Head) -> bool {
    (signed.size, signed.root) == (head.size, head.frontier.root())
}

/// Proves that the log under `head` begins with the log of `size` entries under `root`.
async fn grew(db: &Db, size: u64, root: Hash, head: &Head) -> Result<(), KeeperError> {
    let forked = |source| KeeperError::Forked {
        size: head.size,
        signed: size,
        source,
    };
    let plan = consistency_plan(size, head.size);
    let tiles = ledger::tiles(db, plan.needs()).await?;
    let proof = plan.prove(&tiles).map_err(|error| forked(error.into()))?;
    translog::verify_consistency(size, root, head.size, head.frontier.root(), &proof)
        .map_err(forked)
}

/// Does something with a file on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> Result<T, KeeperError> {
    let theirs = path.to_owned();
    let done = spawn_blocking(move || work(&theirs)).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(|source| KeeperError::File {
            path: path.to_owned(),
            source,
        })
}
