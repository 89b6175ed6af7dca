//! Files that only their owner may read, and that are there whole or not at all, whatever happens
//! in between.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// Opens files for writing that only their owner may read.
#[must_use]
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder that only its owner may look into, and those above it. One that is there stays
/// as it is.
///
/// # Errors
/// The file system's.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes `path`, over what it held. It is on the disk when this returns. Nobody else may be
/// writing it at the time.
///
/// # Errors
/// The file system's.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = beside(path, "new");
    write_synced(private().create(true).truncate(true), &fresh, bytes)?;
    fs::rename(&fresh, path)?;
    sync_folder_of(path)
}

/// Writes `path` if it is not there yet. Of several who try at once one succeeds.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] for the others; else the file system's.
pub fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static TRIES: AtomicU64 = AtomicU64::new(0);
    let turn = TRIES.fetch_add(1, Ordering::Relaxed);
    let fresh = beside(path, &format!("{}-{turn}.new", process::id()));
    write_synced(private().create_new(true), &fresh, bytes)?;
    // A link, unlike a rename, never takes the place of a file.
    let linked = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    linked?;
    sync_folder_of(path)
}

/// Renames a file; the new name is on the disk when this returns.
///
/// # Errors
/// The file system's.
pub fn rename_synced(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder_of(to)
}

fn write_synced(options: &OpenOptions, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// A name in a folder is as lasting as the folder.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
