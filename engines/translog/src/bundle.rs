//! Bundles of entries as published: each entry after its length in two big-endian bytes (C2SP tlog-tiles, Log entries).

use crate::tile::TILE_WIDTH;

/// The longest entry a bundle can carry, in bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// Why entries cannot be bundled or a bundle cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is longer than [`MAX_ENTRY_BYTES`].
    #[error("entry {place} of the bundle has {bytes} bytes; at most 65535 fit")]
    TooLong {
        /// Which entry of the bundle, from 0.
        place: usize,
        /// Its length in bytes.
        bytes: usize,
    },
    /// A bundle holds at most 256 entries.
    #[error("a bundle holds at most 256 entries")]
    TooMany,
    /// The bundle ends inside an entry.
    #[error("the bundle ends inside entry {0}")]
    Cut(usize),
}

/// Bundles entries.
///
/// # Errors
/// [`BundleError`] when an entry is too long or there are more than 256.
pub fn encode_entries(entries: &[&[u8]]) -> Result<Vec<u8>, BundleError> {
    if entries.len() > usize::from(TILE_WIDTH) {
        return Err(BundleError::TooMany);
    }
    let mut out = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 2).sum());
    for (place, entry) in entries.iter().enumerate() {
        let bytes = entry.len();
        let length = u16::try_from(bytes).map_err(|_| BundleError::TooLong { place, bytes })?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// Reads a bundle: at most 256 entries, nothing left over.
///
/// # Errors
/// [`BundleError`] when the bundle ends inside an entry or holds too many.
pub fn decode_entries(mut bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let place = entries.len();
        if place == usize::from(TILE_WIDTH) {
            return Err(BundleError::TooMany);
        }
        let (length, rest) = bundle
            .split_first_chunk::<2>()
            .ok_or(BundleError::Cut(place))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest
            .split_at_checked(length)
            .ok_or(BundleError::Cut(place))?;
        entries.push(entry);
        bundle = rest;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_limits_hold() {
        let long = vec![0_u8; MAX_ENTRY_BYTES];
        assert_eq!(
            decode_entries(&encode_entries(&[&long]).unwrap()).unwrap(),
            [&long[..]]
        );
        let longer = vec![0_u8; MAX_ENTRY_BYTES + 1];
        let too_long = BundleError::TooLong {
            place: 0,
            bytes: 65_536,
        };
        assert_eq!(encode_entries(&[&longer]), Err(too_long));
        assert_eq!(encode_entries(&[&b""[..]; 257]), Err(BundleError::TooMany));
        assert_eq!(decode_entries(&[0; 514]), Err(BundleError::TooMany));
        assert_eq!(decode_entries(&[0; 512]).unwrap().len(), 256);
    }

    proptest! {
        #[test]
        fn bundles_read_back_and_cuts_are_seen(
            entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20),
        ) {
            let refs: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
            let bundle = encode_entries(&refs).unwrap();
            prop_assert_eq!(&decode_entries(&bundle).unwrap(), &refs);
            for cut in 0..bundle.len() {
                prop_assert!(decode_entries(&bundle[..cut]).ok() != Some(refs.clone()));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            if let Ok(entries) = decode_entries(&bytes) {
                prop_assert_eq!(encode_entries(&entries).unwrap(), bytes);
            }
        }
    }
}
