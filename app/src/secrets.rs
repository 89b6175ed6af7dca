//! Secrets as files of the data folder, readable by their owner only. Whoever starts the first time
//! gets fresh ones.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kernel::Entropy;
use store::files;

/// The key of form tokens and receipt codes.
pub const SITE: &str = "site.secret";
/// The key that seals second-factor secrets in the database.
pub const SEAL: &str = "seal.key";
/// The seed of the key that signs the log.
pub const LOG: &str = "log.key";
/// The head of the log that was signed last. It stands in the data folder even when the key does
/// not: a key may be in a place that cannot be written.
pub const SIGNED: &str = "log.signed";
/// Where the data folder belongs.
pub const PLACE: &str = "house.place";

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file or its folder cannot be read or written.
    #[error("密钥文件 {path} 无法读写 · the secret's file {path} cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds something else.
    #[error(
        "密钥文件 {0} 的内容不对，应为64个十六进制字符 · {0} should hold 64 hexadecimal characters"
    )]
    Content(PathBuf),
    /// Others can read it.
    #[cfg(unix)]
    #[error(
        "密钥文件 {0} 其他人也能读，请执行 chmod 600 · others can read {0}: run chmod 600 on it"
    )]
    Open(PathBuf),
}

/// The secret in the file at `path`, made from `entropy` when there is no such file.
///
/// # Errors
/// [`SecretError`].
pub fn load_or_make(path: &Path, entropy: &dyn Entropy) -> Result<[u8; 32], SecretError> {
    if let Some(secret) = load(path)? {
        return Ok(secret);
    }
    let fault = |source| SecretError::File {
        path: path.to_owned(),
        source,
    };
    let mut secret = [0u8; 32];
    entropy.fill(&mut secret);
    if let Some(folder) = path.parent() {
        files::private_folder(folder).map_err(fault)?;
    }
    match files::create_private(path, format!("{}\n", hex::encode(secret)).as_bytes()) {
        Ok(()) => Ok(secret),
        // Another start was quicker: its secret is the one that counts.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            load(path)?.ok_or_else(|| fault(error))
        }
        Err(error) => Err(fault(error)),
    }
}

/// The secret in the file at `path`; nothing when there is no such file.
///
/// # Errors
/// [`SecretError`].
pub fn load(path: &Path) -> Result<Option<[u8; 32]>, SecretError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(SecretError::File {
                path: path.to_owned(),
                source,
            });
        }
    };
    check_private(path)?;
    let mut secret = [0u8; 32];
    hex::decode_to_slice(text.trim(), &mut secret)
        .map_err(|_| SecretError::Content(path.to_owned()))?;
    Ok(Some(secret))
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_err(|source| SecretError::File {
        path: path.to_owned(),
        source,
    })?;
    if mode.permissions().mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(SecretError::Open(path.to_owned()))
    }
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), SecretError> {
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use kernel::SeededEntropy;

    /// A folder of one test's own, removed afterwards.
    pub(crate) struct Folder(pub PathBuf);

    impl Folder {
        pub(crate) fn new() -> Self {
            let mut name = [0u8; 8];
            kernel::OsEntropy.fill(&mut name);
            let path = std::env::temp_dir().join(format!("quancheng-app-{}", hex::encode(name)));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_secret_is_made_once_and_kept() {
        let folder = Folder::new();
        let path = folder.0.join("deep/site.secret");
        let made = load_or_make(&path, &SeededEntropy::new(1)).unwrap();
        assert_eq!(load_or_make(&path, &SeededEntropy::new(2)).unwrap(), made);
        fs::write(&path, "abc").unwrap();
        let refused = load_or_make(&path, &SeededEntropy::new(3)).unwrap_err();
        assert!(refused.to_string().contains("64"), "{refused}");
    }

    #[test]
    fn first_starts_at_once_agree_on_one_secret() {
        let folder = Folder::new();
        let path = folder.0.join("site.secret");
        let starts: Vec<_> = (0..16)
            .map(|seed| {
                let path = path.clone();
                std::thread::spawn(move || load_or_make(&path, &SeededEntropy::new(seed)).unwrap())
            })
            .collect();
        let kept = starts.into_iter().map(|start| start.join().unwrap());
        let kept: std::collections::BTreeSet<_> = kept.collect();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept.first(), load(&path).unwrap().as_ref());
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new();
        let path = folder.0.join("data/log.key");
        load_or_make(&path, &SeededEntropy::new(1)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&folder.0.join("data")), 0o700);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            load_or_make(&path, &SeededEntropy::new(1)),
            Err(SecretError::Open(_))
        ));
    }
}
