//! The names under which a log's files are published (C2SP tlog-tiles): `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
//! `tile/entries/<N>[.p/<W>]`. Exactly one spelling of each is accepted, so a cache holds each file once.

use crate::tile::{BundleRef, MAX_SIZE, TILE_WIDTH, TileRef};

/// A file of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogPath {
    /// The checkpoint; the only file that changes.
    Checkpoint,
    /// A tile of hashes.
    Tile(TileRef),
    /// A bundle of entries.
    Entries(BundleRef),
}

/// The path names no file that a log can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this path names no file of a log")]
pub struct PathError;

impl LogPath {
    /// The path relative to the log's address, without a leading slash.
    #[must_use]
    pub fn path(self) -> String {
        match self {
            Self::Checkpoint => "checkpoint".to_owned(),
            Self::Tile(tile) => tile.path(),
            Self::Entries(bundle) => bundle.path(),
        }
    }

    /// Reads what [`path`](Self::path) writes and nothing else.
    ///
    /// # Errors
    /// [`PathError`] for any other text.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        if path == "checkpoint" {
            return Ok(Self::Checkpoint);
        }
        if path.starts_with("tile/entries/") {
            return BundleRef::parse(path).map(Self::Entries);
        }
        TileRef::parse(path).map(Self::Tile)
    }
}

impl TileRef {
    /// The path, for example `tile/0/x001/234.p/5`.
    #[must_use]
    pub fn path(self) -> String {
        format!("tile/{}/{}", self.level, place(self.index, self.width))
    }

    /// Reads what [`path`](Self::path) writes and nothing else.
    ///
    /// # Errors
    /// [`PathError`] for any other text, and for levels beyond 63.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let rest = path.strip_prefix("tile/").ok_or(PathError)?;
        let (level, rest) = rest.split_once('/').ok_or(PathError)?;
        let level: u8 = level.parse().map_err(|_| PathError)?;
        let (index, width) = parse_place(rest)?;
        let tile = Self {
            level,
            index,
            width,
        };
        if level < 64 && tile.path() == path {
            Ok(tile)
        } else {
            Err(PathError)
        }
    }
}

impl BundleRef {
    /// The path, for example `tile/entries/x001/234.p/5`.
    #[must_use]
    pub fn path(self) -> String {
        format!("tile/entries/{}", place(self.index, self.width))
    }

    /// Reads what [`path`](Self::path) writes and nothing else.
    ///
    /// # Errors
    /// [`PathError`] for any other text.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let rest = path.strip_prefix("tile/entries/").ok_or(PathError)?;
        let (index, width) = parse_place(rest)?;
        let bundle = Self { index, width };
        if bundle.path() == path {
            Ok(bundle)
        } else {
            Err(PathError)
        }
    }
}

/// `<N>[.p/<W>]`: groups of three digits, all but the last after an `x`.
fn place(index: u64, width: u16) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH {
        text.push_str(&format!(".p/{width}"));
    }
    text
}

/// Reads the index and the width loosely; the caller compares with the one right spelling.
fn parse_place(text: &str) -> Result<(u64, u16), PathError> {
    let (number, width) = match text.split_once(".p/") {
        None => (text, TILE_WIDTH),
        Some((number, width)) => (number, width.parse().map_err(|_| PathError)?),
    };
    if !(1..=TILE_WIDTH).contains(&width) {
        return Err(PathError);
    }
    let mut index = 0_u64;
    for group in number.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        let value: u64 = digits.parse().map_err(|_| PathError)?;
        index = index
            .checked_mul(1000)
            .and_then(|i| i.checked_add(value))
            .ok_or(PathError)?;
    }
    if index < MAX_SIZE {
        Ok((index, width))
    } else {
        Err(PathError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_specification() {
        let tile = TileRef {
            level: 0,
            index: 1_234_067,
            width: 256,
        };
        assert_eq!(tile.path(), "tile/0/x001/x234/067");
        let partial = TileRef {
            level: 0,
            index: 1234,
            width: 5,
        };
        assert_eq!(partial.path(), "tile/0/x001/234.p/5");
        let bundle = BundleRef {
            index: 0,
            width: 256,
        };
        assert_eq!(bundle.path(), "tile/entries/000");
        assert_eq!(LogPath::parse("checkpoint"), Ok(LogPath::Checkpoint));
        assert_eq!(LogPath::parse(&partial.path()), Ok(LogPath::Tile(partial)));
        assert_eq!(LogPath::parse(&bundle.path()), Ok(LogPath::Entries(bundle)));
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            "",
            "/checkpoint",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/00/000",
            "tile/+0/000",
            "tile/64/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/0/001/234",
            "tile/0/x001/x234",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/05",
            "tile/0/000.p/",
            "tile/0/000.p/5/",
            "tile/0/../000",
            "tile/-1/000",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "tile/entries/",
            "tile/entries/x1/000",
            "tile/0/＋00",
        ] {
            assert_eq!(LogPath::parse(bad), Err(PathError), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_place_reads_back(level in 0_u8..64, index in 0..MAX_SIZE, width in 1..=256_u16) {
            let tile = TileRef { level, index, width };
            prop_assert_eq!(TileRef::parse(&tile.path()), Ok(tile));
            let bundle = BundleRef { index, width };
            prop_assert_eq!(BundleRef::parse(&bundle.path()), Ok(bundle));
        }

        #[test]
        fn no_text_makes_the_reader_fall(text in "(tile/)?[x0-9/.p+-]{0,40}") {
            if let Ok(path) = LogPath::parse(&text) {
                prop_assert_eq!(path.path(), text);
            }
        }
    }
}
