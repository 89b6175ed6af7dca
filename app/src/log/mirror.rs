//! `quancheng log mirror`: keeps a copy of a whole log, each piece checked before it is kept.
//!
//! The new checkpoint must be a later state of the one kept; then the missing tiles are fetched and checked from the
//! root down, and each bundle of entries against its leaf tile. The checkpoint is replaced last, so that whatever
//! happens the folder holds a whole copy of the log at the size its checkpoint says. A checkpoint that contradicts the
//! one kept is put beside it: both signed, they are the evidence.

use std::{cmp::Reverse, collections::HashMap, path::PathBuf};

use translog::{
    BundleRef, Checkpoint, EMPTY_ROOT, TILE_WIDTH, TileRef, VerifierKey, VerifyError, growth_tiles,
    open_checkpoint, verify_entries, verify_full_tile, verify_growth,
};
use web::Message;

use super::{
    Language, Trouble,
    folder::{Folder, shown},
    key,
    site::Site,
    words::{Line, Words},
};

/// Beside the checkpoint: the one that contradicts it.
const CONFLICT: &str = "checkpoint.conflict";

/// Whose log to keep, and where.
#[derive(Debug, clap::Args)]
pub struct MirrorArgs {
    /// 公布日志的网站 · The site whose log to keep, such as `https://rd.example.org`.
    #[arg(long, value_name = "URL")]
    url: String,
    /// 存放的文件夹 · The folder of the copy; the same one again fetches only what is new.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// 公钥 · The log's verifier key, as the congress made it known.
    #[arg(long, value_parser = key)]
    key: VerifierKey,
    /// 语言 · The language of the findings.
    #[arg(long, value_enum, default_value = "zh")]
    pub(super) lang: Language,
}

/// Brings the copy up to date; gives the findings.
pub(super) fn run(args: &MirrorArgs, words: &Words) -> Result<Vec<Line>, Trouble> {
    let (site, folder) = (Site::new(&args.url)?, Folder::new(&args.dir));
    let old = kept(&folder, &args.key)?;
    let note = site.checkpoint()?;
    let new = open_checkpoint(&note, &args.key)?;
    let tiles = grown(&site, &old, &new).map_err(|trouble| match trouble {
        Trouble::NotProven { why, .. } => contradicted(why, &folder, &note, &old, &new),
        other => other,
    })?;
    fetch(&site, &folder, &old, &new, tiles)?;
    if new != old {
        folder.write("checkpoint", note.as_bytes())?;
        drop_outgrown(&folder, &old, &new);
    }
    let mut lines = words.kept(&old, &new, &shown(&args.dir));
    let conflict = folder.place(CONFLICT);
    if conflict.exists() {
        let earlier = Message::new("log-mirror-earlier").put("file", shown(&conflict));
        lines.push(Line::warning(words.t.say(earlier)));
    }
    Ok(lines)
}

/// The checkpoint of the copy; that of the empty log when there is none yet.
fn kept(folder: &Folder, key: &VerifierKey) -> Result<Checkpoint, Trouble> {
    let Some(note) = folder.checkpoint()? else {
        return Ok(Checkpoint {
            origin: key.name().to_owned(),
            size: 0,
            root: EMPTY_ROOT,
        });
    };
    open_checkpoint(&note, key).map_err(|_| {
        let file = shown(&folder.place("checkpoint"));
        Trouble::NotChecked(Message::new("log-mirror-other").put("file", file))
    })
}

/// Checks that the log only grew; gives the tiles that show it, among them every partial one.
fn grown(
    site: &Site,
    old: &Checkpoint,
    new: &Checkpoint,
) -> Result<HashMap<TileRef, Vec<u8>>, Trouble> {
    let mut tiles = HashMap::new();
    for tile in growth_tiles(old, new)? {
        tiles.insert(tile, site.tile(tile)?);
    }
    verify_growth(old, new, &tiles)?;
    Ok(tiles)
}

/// Keeps a checkpoint that contradicts ours, the first such one, and says so.
fn contradicted(
    why: VerifyError,
    folder: &Folder,
    note: &str,
    old: &Checkpoint,
    new: &Checkpoint,
) -> Trouble {
    if !matches!(
        why,
        VerifyError::Shrunk { .. } | VerifyError::NotAnExtension
    ) {
        return why.into();
    }
    let place = folder.place(CONFLICT);
    if !place.exists()
        && let Err(trouble) = folder.write(CONFLICT, note.as_bytes())
    {
        return trouble;
    }
    let note = Message::new("log-mirror-conflict")
        .put("ours", shown(&folder.place("checkpoint")))
        .put("theirs", shown(&place))
        .put("old", old.size)
        .put("old_root", old.root.to_base64())
        .put("new", new.size)
        .put("new_root", new.root.to_base64());
    Trouble::NotProven {
        why,
        note: Some(note),
    }
}

/// Fetches what the copy does not have yet, from the root down, so that each full tile is checked against the one
/// above it. `tiles` are those that showed the growth.
fn fetch(
    site: &Site,
    folder: &Folder,
    old: &Checkpoint,
    new: &Checkpoint,
    mut tiles: HashMap<TileRef, Vec<u8>>,
) -> Result<(), Trouble> {
    let mut wanted: Vec<TileRef> = TileRef::all(new.size)
        .filter(|tile| TileRef::of(tile.level, tile.index, old.size) != Some(*tile))
        .collect();
    wanted.sort_by_key(|tile| (Reverse(tile.level), tile.index));
    for tile in wanted {
        let bytes = match tiles.remove(&tile) {
            // All of a partial tile is folded into the root, which was checked.
            Some(bytes) if tile.width < TILE_WIDTH => bytes,
            _ => full_tile(site, folder, tile, new.size, &tiles)?,
        };
        if tile.level == 0 {
            entries(site, folder, tile, &bytes)?;
        }
        folder.write(&tile.path(), &bytes)?;
        if tile.level > 0 {
            tiles.insert(tile, bytes);
        }
    }
    Ok(())
}

/// A full tile that belongs to the tree: from an earlier run that was cut short, or from the site.
fn full_tile(
    site: &Site,
    folder: &Folder,
    tile: TileRef,
    size: u64,
    above: &HashMap<TileRef, Vec<u8>>,
) -> Result<Vec<u8>, Trouble> {
    if let Ok(bytes) = folder.tile(tile)
        && verify_full_tile(tile, &bytes, size, above).is_ok()
    {
        return Ok(bytes);
    }
    let bytes = site.tile(tile)?;
    verify_full_tile(tile, &bytes, size, above)?;
    Ok(bytes)
}

/// Makes sure that the copy has the entries of a leaf tile.
fn entries(site: &Site, folder: &Folder, tile: TileRef, leaves: &[u8]) -> Result<(), Trouble> {
    let bundle = BundleRef {
        index: tile.index,
        width: tile.width,
    };
    let kept = folder.entries(bundle);
    if kept.is_some_and(|bytes| verify_entries(bundle, &bytes, leaves).is_ok()) {
        return Ok(());
    }
    let bytes = site.entries(bundle)?;
    verify_entries(bundle, &bytes, leaves)?;
    folder.write(&bundle.path(), &bytes)
}

/// Removes the partial tiles and bundles that longer ones have replaced.
fn drop_outgrown(folder: &Folder, old: &Checkpoint, new: &Checkpoint) {
    for tile in TileRef::all(old.size).filter(|tile| tile.width < TILE_WIDTH) {
        if TileRef::of(tile.level, tile.index, new.size) == Some(tile) {
            continue;
        }
        folder.remove(&tile.path());
        if tile.level == 0 {
            let (index, width) = (tile.index, tile.width);
            folder.remove(&BundleRef { index, width }.path());
        }
    }
}
