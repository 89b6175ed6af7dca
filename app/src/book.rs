//! The book's page of each procedure, drawn from its table. `cargo xtask gen` keeps docs/procedures
//! as this writes it.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};
use kernel::Rulebook;
use procedure::{ClockKind, ClockMoves, Diagram, Line};
use web::{Lang, Texts};

use crate::modules;

/// Writes one page for each procedure into `folder`.
///
/// # Errors
/// A folder that cannot be written, or texts and rules that cannot be read.
pub fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let book = Book {
        texts: modules::texts(),
        rules: Rulebook::national()?,
    };
    for procedure in modules::procedures() {
        let path = folder.join(format!("{}.md", procedure.kind()));
        fs::write(&path, book.page(procedure))
            .with_context(|| format!("无法写入 {0} · cannot write {0}", path.display()))?;
    }
    Ok(())
}

struct Book {
    texts: Texts,
    rules: Rulebook,
}

impl Book {
    fn page(&self, procedure: &dyn Diagram) -> String {
        let kind = procedure.kind();
        let mut page = format!(
            "<!-- Drawn from the procedure's table by `cargo xtask gen`; not to be edited. -->\n\n\
             # {}\n\n## 流程图 · Diagram\n\n```mermaid\n{}```\n\n## 环节 · Moves\n\n\
             | 环节 Move | 谁 Who | 从 From | 到 To | 理由 Reason | 期限 Clock | 依据 Article |\n\
             |---|---|---|---|---|---|---|\n",
            self.both(&format!("kind-{kind}")),
            procedure.mermaid(&|key| self.both(key)),
        );
        for line in procedure.lines() {
            let _ = writeln!(page, "{}", self.row(kind, &line));
        }
        page
    }

    fn row(&self, kind: &str, line: &Line) -> String {
        let states = |words: &[&str], none: &str| match words {
            [] => none.to_owned(),
            words => self.list(words.iter().map(|word| format!("{kind}-state-{word}"))),
        };
        let cells = [
            self.both(&format!("{kind}-move-{}", line.made)),
            self.list(line.by.iter().map(|role| format!("role-{}", role.as_str()))),
            states(&line.from, "（新） (new)"),
            states(&line.to, "不变 stays"),
            if line.because {
                "须说明 must be given"
            } else {
                ""
            }
            .to_owned(),
            self.clocks(line.clocks),
            self.articles(line.clocks),
        ];
        format!("| {} |", cells.join(" | "))
    }

    /// A text in both languages.
    fn both(&self, key: &str) -> String {
        let key = key.replace('_', "-");
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| self.texts.format(lang, &key, &[]));
        format!("{zh} {en}")
    }

    fn list(&self, keys: impl Iterator<Item = String>) -> String {
        keys.map(|key| self.both(&key))
            .collect::<Vec<_>>()
            .join("<br>")
    }

    fn clocks(&self, clocks: ClockMoves) -> String {
        let told = |what: &str, kind: Option<ClockKind>| {
            let name = self.both(&format!("clock-{}", kind?.key));
            Some(format!("{what}: {name}"))
        };
        let all = [
            told("止 stops", clocks.stops),
            told("起 starts", clocks.starts),
            told("停 pauses", clocks.pauses),
            told("续 resumes", clocks.resumes),
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join("<br>")
    }

    /// The articles by which the clocks that start run in the country as the law stands.
    fn articles(&self, clocks: ClockMoves) -> String {
        let Some(kind) = clocks.starts.or(clocks.resumes) else {
            return String::new();
        };
        let stand = self.rules.rules().filter(|rule| {
            rule.key == kind.rule && rule.place.is_none() && rule.valid_to.is_none()
        });
        let mut articles: Vec<String> = stand
            .map(|rule| format!("{} {}", rule.basis.zh, rule.basis.en))
            .collect();
        articles.dedup();
        articles.join("<br>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_every_procedure_has_a_name_and_every_clock_an_article() {
        let book = Book {
            texts: modules::texts(),
            rules: Rulebook::national().unwrap(),
        };
        for procedure in modules::procedures() {
            let page = book.page(procedure);
            assert!(!page.contains('⟦'), "{page}");
            for line in procedure.lines() {
                let starts = line.clocks.starts.is_some();
                assert_eq!(!book.articles(line.clocks).is_empty(), starts, "{line:?}");
            }
        }
        let page = book.page(&consultation::model::CONSULTATION);
        let open = page.lines().find(|line| line.starts_with("| 公布草案"));
        let open = open.unwrap();
        assert!(
            open.contains("立法法第四十条") && open.contains("Staff"),
            "{open}"
        );
        assert!(page.contains("draft --> open"), "{page}");
    }
}
