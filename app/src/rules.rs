//! The rules and the working days in force: the program's own, with the operator's files over them.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use clap::Subcommand;
use jiff::civil::Date;
use kernel::{Level, Rule, Rulebook, WorkCalendar};

use crate::{cli::WithConfig, config::Config};

/// Days before the calendar's end from which `quancheng doctor` asks for the next year. The notice
/// comes out in November.
const ASK_BEFORE_DAYS: i64 = 30;

/// What the law asks, and which days count.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The Rulebook.
    pub book: Arc<Rulebook>,
    /// The working days.
    pub calendar: Arc<WorkCalendar>,
}

impl Rules {
    /// The program's own.
    ///
    /// # Errors
    /// None that a test does not find first.
    pub fn built_in() -> Result<Self> {
        Ok(Self {
            book: Arc::new(Rulebook::national()?),
            calendar: Arc::new(WorkCalendar::china().clone()),
        })
    }

    /// The program's own, with the files of the configuration over them.
    ///
    /// # Errors
    /// A file that cannot be read, or is wrong: with file, line and words in both languages.
    pub fn load(config: &Config) -> Result<Self> {
        let book = over(Rulebook::national()?, &config.rules.files)?;
        for warning in book.warnings() {
            tracing::warn!(
                rules.file = warning.file,
                rules.line = warning.line,
                "{warning}"
            );
        }
        let mut calendar = WorkCalendar::china().clone();
        for (name, text) in read(&config.calendar.files)? {
            calendar = calendar.with(WorkCalendar::from_toml(&name, &text)?);
        }
        Ok(Self {
            book: Arc::new(book),
            calendar: Arc::new(calendar),
        })
    }

    /// Until when working days are certain, with a request for the next year when that is soon or
    /// past: later days are counted by weekends and marked as not certain.
    #[must_use]
    pub fn calendar_lasts(&self, today: Date) -> String {
        let Some(until) = self.calendar.certain_until() else {
            return "–".to_owned();
        };
        if kernel::days_between(today, until) >= ASK_BEFORE_DAYS {
            return until.to_string();
        }
        format!(
            "工作日历到{until}为止，请把下一年的放假安排写入 [calendar] files · \
             the calendar ends on {until}: add the next year's holidays to [calendar] files"
        )
    }
}

/// The files with their names.
fn read(files: &[PathBuf]) -> Result<Vec<(String, String)>> {
    let text = |file: &PathBuf| {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("无法读取 {name} · cannot read {name}"))?;
        Ok((name, text))
    };
    files.iter().map(text).collect()
}

fn over(book: Rulebook, files: &[PathBuf]) -> Result<Rulebook> {
    let read = read(files)?;
    let named = read
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    Ok(book.with(&named.collect::<Vec<_>>())?)
}

/// What can be asked of the Rulebook.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// 检查 · Says what is wrong with files of rules, before they are named in the configuration.
    Check {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// 列出 · Lists the rules, each with its article.
    List {
        /// Only rules whose key begins so, such as `consultation.`.
        #[arg(long, value_name = "PREFIX", default_value = "")]
        key: String,
        /// Only national rules and those of this division (its code).
        #[arg(long, value_name = "CODE")]
        place: Option<String>,
        #[command(flatten)]
        config: WithConfig,
    },
}

/// Does what was asked.
///
/// # Errors
/// Files that cannot be read or are wrong.
pub fn run(command: &RulesCommand) -> Result<ExitCode> {
    match command {
        RulesCommand::Check { files } => check(files),
        RulesCommand::List { key, place, config } => {
            let rules = Rules::load(&config.load()?)?;
            list(&rules.book, key, place.as_deref());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(files: &[PathBuf]) -> Result<ExitCode> {
    let book = over(Rulebook::national()?, files)?;
    let own = |file: &str| files.iter().any(|own| own == Path::new(file));
    let count = book.rules().filter(|rule| own(&rule.file)).count();
    for warning in book.warnings() {
        println!("! {warning}");
    }
    println!("✓ {count}条规则可以使用 · {count} rules can be used");
    Ok(ExitCode::SUCCESS)
}

fn list(book: &Rulebook, prefix: &str, place: Option<&str>) {
    let wanted = |rule: &&Rule| {
        let here = rule.place.is_none() || place.is_none() || rule.place.as_deref() == place;
        here && rule.key.starts_with(prefix)
    };
    let mut asked = "";
    let mut rules: Vec<&Rule> = book.rules().filter(wanted).collect();
    rules.sort_by_key(|rule| (&rule.key, rule.valid_from));
    for rule in rules {
        if rule.key != asked {
            let words = book
                .question(&rule.key)
                .map(|question| format!("{} · {}", question.zh, question.en));
            println!("{}  {}", rule.key, words.unwrap_or_default());
            asked = &rule.key;
        }
        println!("  {}", in_one_line(rule));
    }
}

fn in_one_line(rule: &Rule) -> String {
    let levels: Vec<_> = rule.levels.iter().copied().map(Level::zh).collect();
    let until = rule
        .valid_to
        .map(|last| last.to_string())
        .unwrap_or_default();
    let seal = if rule.verified {
        "已核对"
    } else {
        "待核对"
    };
    format!(
        "{} · {} | {} | {} | {}–{until} | {} · {} | {seal}",
        rule.value.zh(),
        rule.value.en(),
        rule.place.as_deref().unwrap_or("全国"),
        if levels.is_empty() {
            "各级".to_owned()
        } else {
            levels.join("、")
        },
        rule.valid_from,
        rule.basis.zh,
        rule.basis.en,
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_doctor_asks_for_the_next_year_in_time() {
        let rules = Rules::built_in().unwrap();
        let until = rules.calendar.certain_until().unwrap();
        assert_eq!(rules.calendar_lasts(date(2026, 7, 1)), until.to_string());
        let late = rules.calendar_lasts(until.yesterday().unwrap());
        assert!(
            late.contains("工作日历到") && late.contains("the calendar ends on"),
            "{late}"
        );
    }
}
