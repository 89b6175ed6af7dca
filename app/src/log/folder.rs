//! A copy of a log in a folder, its files named as they are published.
//!
//! A file appears whole or not at all: it is written beside its place, made durable, and renamed.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
};

use translog::{BundleRef, FormatError, MAX_RECEIPT_BYTES, TileRef};
use web::Message;

use super::Trouble;

/// A folder with a copy of a log.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The path of one of its files.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The text of the checkpoint; nothing when there is none yet.
    pub(super) fn checkpoint(&self) -> Result<Option<String>, Trouble> {
        let path = self.place("checkpoint");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// The hashes of a tile; the full tile stands in for a part of it.
    pub(super) fn tile(&self, tile: TileRef) -> Result<Vec<u8>, Trouble> {
        let path = self.place(&tile.path());
        let full = || fs::read(self.place(&tile.full().path()));
        let mut bytes = fs::read(&path)
            .or_else(|_| full())
            .map_err(|error| unreadable(&path, &error))?;
        bytes.truncate(usize::from(tile.width) * 32);
        Ok(bytes)
    }

    /// A bundle of entries, as it is.
    pub(super) fn entries(&self, bundle: BundleRef) -> Option<Vec<u8>> {
        fs::read(self.place(&bundle.path())).ok()
    }

    /// Writes a file whole and durably.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let path = self.place(name);
        write(&path, bytes).map_err(|error| {
            Trouble::NotChecked(about("log-file-unwritable", &path, error.to_string()))
        })
    }

    /// Removes a file that a longer one has replaced. That it stays would do no harm.
    pub(super) fn remove(&self, name: &str) {
        let path = self.place(name);
        let _ = fs::remove_file(&path);
        // Its folder, such as `001.p`, when nothing is left in it.
        let _ = path.parent().map(fs::remove_dir);
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// The text of a receipt's file, of which no more is read than a receipt may have.
pub(super) fn receipt(path: &Path) -> Result<String, Trouble> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut bytes = Vec::new();
    file.take(MAX_RECEIPT_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() > MAX_RECEIPT_BYTES {
        return Err(FormatError::TooLong.into());
    }
    String::from_utf8(bytes).map_err(|_| FormatError::NotText.into())
}

fn unreadable(path: &Path, error: &io::Error) -> Trouble {
    Trouble::NotChecked(match error.kind() {
        ErrorKind::NotFound => Message::new("log-file-missing").put("file", shown(path)),
        _ => about("log-file-unreadable", path, error.to_string()),
    })
}

fn about(key: &'static str, path: &Path, system: String) -> Message {
    Message::new(key)
        .put("file", shown(path))
        .put("system", system)
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
