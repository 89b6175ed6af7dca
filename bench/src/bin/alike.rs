//! What many said in almost the same words, found by `textmine` and by Python's datasketch (MinHash, LSH), in one
//! run on the same texts. Of these it is known which were copied from which.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, bail, ensure};
use clap::Parser;
use consultation::ops::LIKE;
use kernel::{Entropy, SeededEntropy};

/// How many times quicker at least.
const QUICKER: f64 = 5.0;
/// The most memory, in bytes.
const MEMORY_MOST: u64 = 1024 * 1024 * 1024;
/// Where the words of the texts come from.
const DRAFTS: [&str; 6] = [
    include_str!("../../../data/demo/drafts/bikes-1.md"),
    include_str!("../../../data/demo/drafts/dogs-1.md"),
    include_str!("../../../data/demo/drafts/elevator-1.md"),
    include_str!("../../../data/demo/drafts/noise-1.md"),
    include_str!("../../../data/demo/drafts/waste-1.md"),
    include_str!("../../../data/demo/drafts/waste-2.md"),
];
const BEFORE: [&str; 6] = [
    "",
    "您好，",
    "各位代表好：",
    "我是三号楼的，",
    "尊敬的领导：",
    "提一条意见。",
];
const AFTER: [&str; 5] = ["", "谢谢！", "请采纳。", "希望重视。", "拜托了"];

/// Measures how what is alike is brought together.
#[derive(Debug, Parser)]
struct Cli {
    /// An empty folder.
    #[arg(long)]
    folder: PathBuf,
    /// A Python with datasketch.
    #[arg(long)]
    python: PathBuf,
    /// The script that asks it.
    #[arg(long)]
    peer: PathBuf,
    /// Texts.
    #[arg(long, default_value_t = 300_000)]
    texts: usize,
    /// Writes the report to this file too.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Only brings together the texts of this file, one a line, and writes the places of the firsts.
    #[arg(long, hide = true)]
    only: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(texts) = &cli.only {
        return gather(texts, &cli.folder.join("textmine.txt"));
    }
    let (texts, origins) = made(cli.texts);
    let file = cli.folder.join("texts.txt");
    std::fs::write(&file, texts.join("\n"))?;
    let ours = cli.folder.join("textmine.txt");
    let mut program = Command::new(std::env::current_exe()?);
    program
        .arg("--only")
        .arg(&file)
        .arg("--folder")
        .arg(&cli.folder);
    program.args(["--python", "none", "--peer", "none"]);
    let ours = Measured::of(&mut program, &ours, &origins)?;
    let theirs = cli.folder.join("datasketch.txt");
    let mut program = Command::new(&cli.python);
    let least = LIKE.per_mille().to_string();
    program.arg(&cli.peer).arg(&file).arg(&theirs).arg(least);
    let theirs = Measured::of(&mut program, &theirs, &origins)?;
    let report = report(&texts, &origins, &ours, &theirs)?;
    println!("{report}");
    if let Some(file) = &cli.write {
        std::fs::write(file, &report)?;
    }
    ensure!(!report.contains("NOT HELD"), "a limit is not held");
    Ok(())
}

/// Brings the texts of a file together and writes the places of the firsts.
fn gather(texts: &Path, to: &Path) -> anyhow::Result<()> {
    let texts = std::fs::read_to_string(texts)?;
    let begun = Instant::now();
    let members = textmine::gather(texts.lines(), LIKE);
    let took = begun.elapsed().as_secs_f64();
    let firsts: Vec<String> = members
        .iter()
        .map(|member| member.first.to_string())
        .collect();
    std::fs::write(to, firsts.join("\n"))?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next());
    let kilobytes: u64 = kilobytes.context("no VmHWM")?.parse()?;
    println!("{took} {}", kilobytes * 1024);
    Ok(())
}

/// Texts, and for each the number of the text that it was copied from.
fn made(most: usize) -> (Vec<String>, Vec<usize>) {
    let chance = Chance(SeededEntropy::new(18));
    let words = words();
    let mut all: Vec<(String, usize)> = Vec::new();
    for origin in 0.. {
        if all.len() >= most {
            break;
        }
        let length = 12 + chance.below(20);
        let text: String = (0..length)
            .map(|_| words[chance.below(words.len())].as_str())
            .collect();
        let copies = match chance.below(100) {
            0..70 => 1,
            70..90 => 2 + chance.below(4),
            90..99 => 6 + chance.below(45),
            _ => 51 + chance.below(450),
        };
        all.extend((0..copies).map(|n| (copied(&text, n, &chance), origin)));
    }
    all.truncate(most);
    for place in (1..all.len()).rev() {
        all.swap(place, chance.below(place + 1));
    }
    all.into_iter().unzip()
}

/// Pieces of two characters, out of drafts.
fn words() -> Vec<String> {
    let letters: Vec<char> = DRAFTS.iter().flat_map(|draft| draft.chars()).collect();
    let letters: Vec<char> = letters
        .into_iter()
        .filter(|c| c.is_alphanumeric())
        .collect();
    letters
        .chunks_exact(2)
        .map(|pair| pair.iter().collect())
        .collect()
}

/// The first copy is the text itself; others have words before or after it, or a character in place of another.
fn copied(text: &str, n: usize, chance: &Chance) -> String {
    if n == 0 {
        return text.to_owned();
    }
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..chance.below(3) {
        let place = chance.below(letters.len());
        letters[place] = '某';
    }
    let own: String = letters.into_iter().collect();
    let before = BEFORE[chance.below(BEFORE.len())];
    format!("{before}{own}{}", AFTER[chance.below(AFTER.len())])
}

struct Chance(SeededEntropy);

impl Chance {
    fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % end as u64).unwrap_or(0)
    }
}

/// What a program needed, and how much of what was copied it found.
struct Measured {
    seconds: f64,
    bytes: u64,
    /// Of the pairs that were copied from one text, the share found.
    recall: f64,
    /// Of the pairs found, the share copied from one text.
    precision: f64,
}

impl Measured {
    fn of(program: &mut Command, firsts: &Path, origins: &[usize]) -> anyhow::Result<Self> {
        let ran = program.output().context("cannot start a program")?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        if !ran.status.success() {
            bail!("{}", String::from_utf8_lossy(&ran.stderr));
        }
        let (seconds, bytes) = said.trim().split_once(' ').context("no figures")?;
        let firsts = std::fs::read_to_string(firsts)?;
        let firsts: Vec<usize> = firsts.lines().map(str::parse).collect::<Result<_, _>>()?;
        ensure!(firsts.len() == origins.len(), "a text was left out");
        let both: Vec<(usize, usize)> = firsts
            .iter()
            .copied()
            .zip(origins.iter().copied())
            .collect();
        let found = pairs_of(&both);
        Ok(Self {
            seconds: seconds.parse()?,
            bytes: bytes.parse()?,
            recall: found / pairs_of(origins),
            precision: found / pairs_of(&firsts),
        })
    }
}

/// How many pairs of places hold the same.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn pairs_of<T: Ord + Copy>(places: &[T]) -> f64 {
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    let same = sorted.chunk_by(|one, other| one == other);
    same.map(|some| (some.len() * (some.len() - 1) / 2) as f64)
        .sum()
}

fn report(
    texts: &[String],
    origins: &[usize],
    ours: &Measured,
    theirs: &Measured,
) -> anyhow::Result<String> {
    let held = |held: bool| if held { "held" } else { "NOT HELD" };
    let megabytes = |bytes: u64| bytes / (1024 * 1024);
    let letters: usize = texts.iter().map(|text| text.chars().count()).sum();
    let mut out = String::new();
    writeln!(out, "# What many said in almost the same words\n")?;
    writeln!(
        out,
        "One run of `cargo xtask bench alike`: {} texts of {} characters on average, {:.0} pairs of which were copied from \
        one text, with words before or after and up to two characters changed. Beside it datasketch 2.0.0 (MinHash of 128 permutations, LSH) \
        on the same pairs of characters with the same threshold of {} ‰.\n",
        texts.len(),
        letters / texts.len(),
        pairs_of(origins),
        LIKE.per_mille()
    )?;
    writeln!(
        out,
        "| what | textmine | datasketch | limit |\n|---|---|---|---|"
    )?;
    let ratio = theirs.seconds / ours.seconds;
    writeln!(
        out,
        "| time | {:.1} s | {:.1} s | {QUICKER} times quicker: {ratio:.0} times, {} |",
        ours.seconds,
        theirs.seconds,
        held(ratio >= QUICKER)
    )?;
    writeln!(
        out,
        "| memory, peak | {} MB | {} MB | under 1 GB: {} |",
        megabytes(ours.bytes),
        megabytes(theirs.bytes),
        held(ours.bytes < MEMORY_MOST)
    )?;
    writeln!(
        out,
        "| copied pairs found | {:.2} % | {:.2} % | not fewer: {} |",
        100.0 * ours.recall,
        100.0 * theirs.recall,
        held(ours.recall >= theirs.recall)
    )?;
    writeln!(
        out,
        "| found pairs copied | {:.2} % | {:.2} % | not fewer: {} |",
        100.0 * ours.precision,
        100.0 * theirs.precision,
        held(ours.precision >= theirs.precision)
    )?;
    Ok(out)
}
