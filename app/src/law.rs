//! Law texts on the command line.

use std::{
    ffi::OsStr,
    io::{ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use clap::{Subcommand, ValueEnum};
use lawtext::{Parsed, Text, docx};

const EXIT_CODES: &str = "\
退出码 · Exit codes:
  0  读完 · read
  1  读不了，原因在标准错误中 · not read, the reason is on standard error
  2  命令写错 · a wrong command line";

/// What can be done with a law's text.
#[derive(Debug, Subcommand)]
pub enum Law {
    /// 解析 · Reads a law's text and shows its provisions.
    #[command(after_help = EXIT_CODES)]
    Parse {
        /// 文件（.md、.txt、.docx），- 为标准输入 · The file, - for standard input.
        file: PathBuf,
        /// 显示方式 · How to show them.
        #[arg(long, value_enum, default_value = "tree")]
        format: Format,
        /// 只显示条文，不说明问题 · Shows the provisions alone, without what was odd.
        #[arg(long)]
        quiet: bool,
    },
}

/// How provisions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// 供程序用 · For programs.
    Json,
    /// 供人看，一行一条 · For people: one line a provision.
    Tree,
}

/// Does what was asked.
///
/// # Errors
/// A file that cannot be read, in words.
pub fn run(asked: &Law) -> Result<ExitCode> {
    let Law::Parse {
        file,
        format,
        quiet,
    } = asked;
    let Text { text, notices } = read(file)?;
    let parsed = lawtext::parse(&text);
    if let Some(unread) = parsed.unread {
        bail!("{} · {}", unread.zh(), unread.en());
    }
    if !quiet {
        for notice in &notices {
            eprintln!("{} · {}", notice.message_zh, notice.message_en);
        }
    }
    print(&shown(&parsed, *format, *quiet))?;
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Text> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("无法读取标准输入 · cannot read standard input")?;
        bytes
    } else {
        std::fs::read(file)
            .with_context(|| format!("无法读取 {0} · cannot read {0}", file.display()))?
    };
    let named = file
        .extension()
        .and_then(OsStr::to_str)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("docx"));
    if named || bytes.starts_with(b"PK\x03\x04") {
        Ok(docx::read(&bytes, &docx::Limits::default())?)
    } else {
        Ok(lawtext::decode(&bytes)?)
    }
}

fn shown(parsed: &Parsed, format: Format, quiet: bool) -> String {
    if format == Format::Json {
        return lawtext::json(parsed);
    }
    let mut out = lawtext::tree(&parsed.document);
    if !quiet {
        for odd in &parsed.diagnostics {
            out.push_str(&format!("! {odd}\n"));
        }
    }
    out
}

/// Whoever has seen enough closes the pipe: that is no fault.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
