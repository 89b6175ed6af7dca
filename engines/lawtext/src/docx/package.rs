//! The zip archive around the parts, and which part is what.

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use super::{
    DocxError, Excess, FileKind, Limits,
    xml::{Met, value_of, walk},
};

/// Parts smaller than this may grow as they like: a short, repetitive text packs very well.
const RATIO_FROM: u64 = 1 << 20;

/// An opened file.
pub(super) struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    limits: &'b Limits,
}

impl<'b> Package<'b> {
    pub(super) fn open(bytes: &'b [u8], limits: &'b Limits) -> Result<Self, DocxError> {
        if bytes.len() > limits.file_bytes {
            return Err(DocxError::TooMuch(Excess::File));
        }
        if let Some(kind) = other_kind(bytes) {
            return Err(DocxError::OtherKind(kind));
        }
        if declared_entries(bytes).is_some_and(|entries| entries > limits.entries) {
            return Err(DocxError::TooMuch(Excess::Parts));
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(refused)?;
        if archive.len() > limits.entries {
            return Err(DocxError::TooMuch(Excess::Parts));
        }
        Ok(Self { archive, limits })
    }

    /// Unpacks one part, never more than the limits allow, whatever the archive declares.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, DocxError> {
        let entry = match self.archive.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(refused(error)),
        };
        let grown = entry.compressed_size().saturating_mul(self.limits.ratio);
        let most = self.limits.part_bytes.min(grown.max(RATIO_FROM));
        let mut unpacked = Vec::new();
        entry
            .take(most + 1)
            .read_to_end(&mut unpacked)
            .map_err(|_| DocxError::Damaged)?;
        if unpacked.len() as u64 > most {
            return Err(DocxError::TooMuch(Excess::Unpacked));
        }
        String::from_utf8(unpacked)
            .map(Some)
            .map_err(|_| DocxError::Damaged)
    }

    /// The main part, as the package declares it.
    pub(super) fn document_name(&mut self) -> Result<String, DocxError> {
        let [named] = self.related("_rels/.rels", "", ["officeDocument"])?;
        Ok(named.unwrap_or_else(|| "word/document.xml".to_owned()))
    }

    /// The numbering and the styles that belong to the main part.
    pub(super) fn parts_of(&mut self, document: &str) -> Result<[String; 2], DocxError> {
        let (folder, file) = document.rsplit_once('/').unwrap_or(("", document));
        let relations = join(folder, &format!("_rels/{file}.rels"));
        let kinds = ["numbering", "styles"];
        let named = self.related(&relations, folder, kinds)?;
        let usual = kinds.map(|kind| join(folder, &format!("{kind}.xml")));
        let mut usual = usual.into_iter();
        Ok(named.map(|named| {
            let usual = usual.next().unwrap_or_default();
            named.unwrap_or(usual)
        }))
    }

    /// The targets of the relations of these kinds.
    fn related<const N: usize>(
        &mut self,
        relations: &str,
        folder: &str,
        kinds: [&str; N],
    ) -> Result<[Option<String>; N], DocxError> {
        let mut found = [const { None }; N];
        let Some(xml) = self.part(relations)? else {
            return Ok(found);
        };
        walk(&xml, self.limits.depth, |met| {
            if let Met::Start(tag) = met
                && let (Some(kind), Some(target)) = (value_of(tag, "Type"), value_of(tag, "Target"))
            {
                let at = kinds
                    .iter()
                    .position(|wanted| kind.rsplit('/').next() == Some(wanted));
                if let Some(at) = at {
                    found[at] = Some(join(folder, &target));
                }
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// The name of a part that `target` means when a part in `folder` says so.
fn join(folder: &str, target: &str) -> String {
    let (folder, target) = match target.strip_prefix('/') {
        Some(absolute) => ("", absolute),
        None => (folder, target),
    };
    let mut way: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                way.pop();
            }
            _ => way.push(step),
        }
    }
    way.join("/")
}

/// What the first bytes say the file is, when it is no zip archive.
fn other_kind(bytes: &[u8]) -> Option<FileKind> {
    const KINDS: [(&[u8], FileKind); 6] = [
        (b"%PDF", FileKind::Pdf),
        (&[0xd0, 0xcf, 0x11, 0xe0], FileKind::OldWord),
        (b"{\\rtf", FileKind::Rtf),
        (&[0x89, b'P', b'N', b'G'], FileKind::Picture),
        (&[0xff, 0xd8, 0xff], FileKind::Picture),
        (b"<", FileKind::Web),
    ];
    let known = KINDS
        .into_iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, kind)| kind);
    known.or_else(|| (!bytes.starts_with(b"PK")).then_some(FileKind::Unknown))
}

/// How many files the end of the archive says are in it (APPNOTE 4.3.16): asked before the library
/// makes room for them all.
fn declared_entries(bytes: &[u8]) -> Option<usize> {
    const RECORD: usize = 22;
    let from = bytes.len().saturating_sub(RECORD + usize::from(u16::MAX));
    let at = from
        + bytes[from..]
            .windows(4)
            .rposition(|window| window == b"PK\x05\x06")?;
    let count = bytes.get(at + 10..at + 12)?;
    Some(usize::from(u16::from_le_bytes([count[0], count[1]])))
}

fn refused(error: ZipError) -> DocxError {
    match error {
        ZipError::UnsupportedArchive(why) if why == ZipError::PASSWORD_REQUIRED => {
            DocxError::Encrypted
        }
        _ => DocxError::Damaged,
    }
}
