//! `quancheng log verify`: checks a receipt by itself, against saved tiles, or against the log as a
//! server publishes it. The server is never trusted: what it sends is only input to the proof.

use std::{
    collections::HashMap,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use translog::{Receipt, Report, TileRef, VerifierKey};

/// Tiles are 8 KiB; a checkpoint is less.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// Seconds for one answer.
const ANSWER_SECONDS: u64 = 30;

/// What to check, and against what.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The receipt's file.
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// The site whose log to check against, such as `https://rd.example.org`.
    #[arg(long, value_name = "URL", conflicts_with = "tiles")]
    url: Option<String>,
    /// A folder with a saved log: `checkpoint` and `tile/…`, as the server publishes them.
    #[arg(long, value_name = "DIR")]
    tiles: Option<PathBuf>,
    /// Where to save the checkpoint and the tiles that were fetched, to check again offline.
    #[arg(long, value_name = "DIR", requires = "url")]
    save: Option<PathBuf>,
    /// The log's verifier key, as the congress made it known. Without it, the key in the receipt is used, and said so.
    #[arg(long)]
    key: Option<String>,
    /// The language of the findings.
    #[arg(long, value_enum, default_value = "zh")]
    lang: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Zh,
    En,
}

impl Language {
    fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Checks the receipt and prints the findings. What does not hold gives exit code 1.
///
/// # Errors
/// Files that cannot be read, servers that do not answer.
pub fn run(args: &VerifyArgs) -> Result<ExitCode> {
    let say = args.lang;
    let text = read(&args.receipt)?;
    match check(args, &text) {
        Ok(report) => {
            for line in &report.lines {
                println!("✓ {}", say.of(&line.zh, &line.en));
            }
            if args.key.is_none() {
                println!("! {}", say.of(KEY_ZH, KEY_EN));
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(Trouble::NotProven(error)) => {
            println!("✗ {}", say.of(&error.zh(), &error.to_string()));
            Ok(ExitCode::FAILURE)
        }
        Err(Trouble::Other(error)) => Err(error),
    }
}

const KEY_ZH: &str = "没有给出公钥（--key），用的是回执里写的公钥。请与人大公布的公钥核对。";
const KEY_EN: &str = "No --key was given: the key written in the receipt was used. Compare it with the one the congress made known.";

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// Something does not hold.
    #[error(transparent)]
    NotProven(#[from] translog::VerifyError),
    /// It did not come to a check.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

fn check(args: &VerifyArgs, text: &str) -> Result<Report, Trouble> {
    let receipt = Receipt::from_json(text)?;
    let key = args.key.as_deref().unwrap_or(&receipt.log_key);
    let key = VerifierKey::parse(key.trim()).map_err(translog::VerifyError::from)?;
    if let Some(folder) = &args.tiles {
        let checkpoint = read(&folder.join("checkpoint"))?;
        return against(&receipt, &checkpoint, &key, |tile| read_tile(folder, tile));
    }
    let Some(url) = &args.url else {
        return Ok(translog::verify_receipt(&receipt, &key)?);
    };
    let site = Site::new(url)?;
    let checkpoint =
        String::from_utf8(site.get("checkpoint")?).context("the checkpoint is no text")?;
    save(args, "checkpoint", checkpoint.as_bytes())?;
    against(&receipt, &checkpoint, &key, |tile| {
        let bytes = site.get(&tile.path())?;
        save(args, &tile.path(), &bytes)?;
        Ok(bytes)
    })
}

fn against(
    receipt: &Receipt,
    checkpoint: &str,
    key: &VerifierKey,
    mut fetch: impl FnMut(TileRef) -> Result<Vec<u8>>,
) -> Result<Report, Trouble> {
    let mut tiles: HashMap<TileRef, Vec<u8>> = HashMap::new();
    for tile in translog::receipt_tiles(receipt, checkpoint, key)? {
        tiles.insert(tile, fetch(tile)?);
    }
    Ok(translog::verify_receipt_with_tiles(
        receipt, checkpoint, &tiles, key,
    )?)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .with_context(|| format!("无法读取 {0} · cannot read {0}", path.display()))
}

/// A saved tile; a mirror may hold the full tile where a part is asked for.
fn read_tile(folder: &Path, tile: TileRef) -> Result<Vec<u8>> {
    let part = folder.join(tile.path());
    let full = folder.join(tile.full().path());
    match std::fs::read(&part).or_else(|_| std::fs::read(full)) {
        Ok(mut bytes) => {
            bytes.truncate(usize::from(tile.width) * 32);
            Ok(bytes)
        }
        Err(error) => {
            Err(error).with_context(|| format!("缺少日志文件 {0} · {0} is missing", part.display()))
        }
    }
}

fn save(args: &VerifyArgs, path: &str, bytes: &[u8]) -> Result<()> {
    let Some(folder) = &args.save else {
        return Ok(());
    };
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&path, bytes)
        .with_context(|| format!("无法写入 {0} · cannot write {0}", path.display()))
}

/// The log that a server publishes.
struct Site {
    agent: ureq::Agent,
    base: String,
}

impl Site {
    fn new(url: &str) -> Result<Self> {
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            bail!("网址应以 https:// 开头 · the address must begin with https://: {url}");
        }
        let timeout = std::time::Duration::from_secs(ANSWER_SECONDS);
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .build();
        let base = url.trim_end_matches('/').trim_end_matches("/log");
        Ok(Self {
            agent: config.into(),
            base: format!("{base}/log"),
        })
    }

    fn get(&self, path: &str) -> Result<Vec<u8>> {
        let url = format!("{}/{path}", self.base);
        let asked = self.agent.get(&url).call();
        let mut answer = asked.with_context(|| format!("无法取得 {url} · cannot fetch {url}"))?;
        let mut bytes = Vec::new();
        answer
            .body_mut()
            .as_reader()
            .take(ANSWER_BYTES_MAX)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
