//! `quancheng log verify`: checks a receipt by itself, and once more against a saved copy of the log or against the log
//! as a server publishes it. The receipt itself is checked before anything is fetched for it.

use std::{collections::HashMap, path::PathBuf};

use translog::{
    Checkpoint, Receipt, Report, TileRef, VerifierKey, VerifyError, open_checkpoint, verify_receipt,
};
use web::Message;

use super::{
    Language, Trouble,
    folder::{Folder, receipt, shown},
    key,
    site::Site,
    words::{Line, Words},
};

/// What to check, and against what.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// 回执文件 · The receipt's file.
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// 公布日志的网站 · The site whose log to check against, such as `https://rd.example.org`.
    #[arg(long, value_name = "URL", conflicts_with = "tiles")]
    url: Option<String>,
    /// 存好的日志 · A folder with a copy of the log, as `quancheng log mirror` keeps it; needs no network.
    #[arg(long, value_name = "DIR")]
    tiles: Option<PathBuf>,
    /// 公钥 · The log's verifier key, as the congress made it known. Needed when nothing but the receipt is given:
    /// a receipt alone can name any key.
    #[arg(long, value_parser = key, required_unless_present_any = ["url", "tiles"])]
    key: Option<VerifierKey>,
    /// 语言 · The language of the findings.
    #[arg(long, value_enum, default_value = "zh")]
    pub(super) lang: Language,
}

/// Checks the receipt; gives the findings.
pub(super) fn run(args: &VerifyArgs, words: &Words) -> Result<Vec<Line>, Trouble> {
    let receipt = Receipt::from_json(&receipt(&args.receipt)?)?;
    let key = match &args.key {
        Some(key) => key.clone(),
        None => VerifierKey::parse(&receipt.log_key)?,
    };
    let report = verify_receipt(&receipt, &key)?;
    let mut lines = words.report(&report);
    if let Some(folder) = &args.tiles {
        let now = in_folder(&report, &Folder::new(folder), &key)?;
        lines.extend(words.grown(&report.checkpoint, &now, &shown(folder)));
    }
    if let Some(url) = &args.url {
        let now = on_site(&report, &Site::new(url)?, &key)?;
        lines.extend(words.grown(&report.checkpoint, &now, url));
    }
    lines.extend(words.not_proven(&report));
    let from = args
        .url
        .clone()
        .or_else(|| args.tiles.as_deref().map(shown));
    if let (None, Some(from)) = (&args.key, from) {
        let untrusted = Message::new("log-verify-no-key").put("from", from);
        lines.push(Line::warning(
            words.t.say(untrusted.put("key", key.to_string())),
        ));
    }
    Ok(lines)
}

/// Checks the receipt once more in a saved copy of the log; gives the copy's checkpoint.
fn in_folder(report: &Report, folder: &Folder, key: &VerifierKey) -> Result<Checkpoint, Trouble> {
    let missing = || {
        let file = shown(&folder.place("checkpoint"));
        Trouble::NotChecked(Message::new("log-file-missing").put("file", file))
    };
    let note = folder.checkpoint()?.ok_or_else(missing)?;
    let now = open_checkpoint(&note, key)?;
    let wanted = match report.tiles_in(&now) {
        // The copy is only older than the receipt: that says nothing about the log.
        Err(VerifyError::Shrunk { old, new }) => {
            let older = Message::new("log-verify-older").put("saved", new);
            return Err(Trouble::NotChecked(older.put("receipt", old)));
        }
        wanted => wanted?,
    };
    check(report, &now, wanted, |tile| folder.tile(tile))?;
    Ok(now)
}

/// Checks the receipt once more in the log as it is served; gives its checkpoint.
fn on_site(report: &Report, site: &Site, key: &VerifierKey) -> Result<Checkpoint, Trouble> {
    let now = open_checkpoint(&site.checkpoint()?, key)?;
    let wanted = report.tiles_in(&now)?;
    check(report, &now, wanted, |tile| site.tile(tile))?;
    Ok(now)
}

fn check(
    report: &Report,
    now: &Checkpoint,
    wanted: Vec<TileRef>,
    tile: impl Fn(TileRef) -> Result<Vec<u8>, Trouble>,
) -> Result<(), Trouble> {
    let mut tiles: HashMap<TileRef, Vec<u8>> = HashMap::new();
    for wanted in wanted {
        tiles.insert(wanted, tile(wanted)?);
    }
    Ok(report.check_in(now, &tiles)?)
}
