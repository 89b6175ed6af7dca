//! `quancheng log`: what anybody can do with the public log without trusting the server.
//!
//! Whatever a server sends is only input to a proof. What was found is said in the reader's language, and just as
//! plainly what was not proven. Exit codes: 0 proven, 1 not proven, 3 it did not come to a check (2 is clap's, for a
//! command that it does not understand).

mod folder;
mod mirror;
mod site;
mod verify;
mod words;

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use translog::{VerifierKey, VerifyError};
use web::{Lang, Message};

use words::{Line, Words, plain};

const EXIT_CODES: &str = "\
退出码 · Exit codes:
  0  成立 · proven
  1  不成立 · not proven
  2  命令写错了 · the command was not understood
  3  没有核对成（网络、文件）· it did not come to a check (network, files)";

/// What can be done with the log.
#[derive(Debug, Subcommand)]
pub enum Log {
    /// 核验回执 · Proves, without trusting the server, that a receipt's steps are in the log.
    #[command(after_help = EXIT_CODES)]
    Verify(verify::VerifyArgs),
    /// 做镜像 · Keeps a checked copy of a whole log in a folder, and says when the log contradicts itself.
    #[command(after_help = EXIT_CODES)]
    Mirror(mirror::MirrorArgs),
}

/// The language of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// 中文.
    Zh,
    /// English.
    En,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::Zh => Self::Zh,
            Language::En => Self::En,
        }
    }
}

/// Why there is no proof.
#[derive(Debug)]
enum Trouble {
    /// Something does not hold; and what was done about it.
    NotProven {
        /// What does not hold.
        why: VerifyError,
        /// What was done about it, when anything was.
        note: Option<Message>,
    },
    /// It did not come to a check.
    NotChecked(Message),
}

impl<E: Into<VerifyError>> From<E> for Trouble {
    fn from(why: E) -> Self {
        let (why, note) = (why.into(), None);
        Self::NotProven { why, note }
    }
}

/// Does it, and prints what was found.
pub fn run(log: &Log) -> ExitCode {
    let lang = match log {
        Log::Verify(args) => args.lang,
        Log::Mirror(args) => args.lang,
    };
    let words = Words::new(lang.into());
    let done = match log {
        Log::Verify(args) => verify::run(args, &words),
        Log::Mirror(args) => mirror::run(args, &words),
    };
    match done {
        Ok(lines) => {
            for line in lines {
                println!("{line}");
            }
            ExitCode::SUCCESS
        }
        Err(Trouble::NotProven { why, note }) => {
            println!("✗ {}", plain(&words.refusal(&why)));
            if let Some(note) = note {
                println!("{}", Line::warning(words.t.say(note)));
            }
            ExitCode::FAILURE
        }
        Err(Trouble::NotChecked(why)) => {
            eprintln!("? {}", plain(&words.t.say(why)));
            ExitCode::from(3)
        }
    }
}

/// Reads `--key`.
fn key(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text.trim()).map_err(|why| format!("{} · {why}", why.zh()))
}
