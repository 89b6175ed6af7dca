//! What the test runners said, counted: on which database a test ran, which failed, what was left out.
//!
//! A test whose name ends in `::sqlite` or `::postgres` ran on that database. Such tests come in pairs, from one body; a
//! half without its other half is a failure, so that no test quietly stops running on one of them.

use std::collections::BTreeSet;

/// Where a test ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On SQLite.
    Sqlite,
    /// On PostgreSQL.
    Postgres,
    /// In no database of its own.
    Elsewhere,
}

/// The place that a test's name tells.
pub fn place(name: &str) -> Place {
    match name.rsplit("::").next() {
        Some("sqlite") => Place::Sqlite,
        Some("postgres") => Place::Postgres,
        _ => Place::Elsewhere,
    }
}

/// Numbers of tests run so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// On SQLite, whether passed or failed.
    pub sqlite: usize,
    /// On PostgreSQL.
    pub postgres: usize,
    /// In Rust, on neither.
    pub elsewhere: usize,
    /// Examples in the documentation.
    pub docs: usize,
    /// In the browser.
    pub browser: usize,
    /// Runs of the API against its description.
    pub api: usize,
    /// Names of those that ran and failed.
    pub failed: Vec<String>,
    /// What should have run and did not: a failure too.
    pub not_run: Vec<String>,
    /// Not run, by a runner's own count.
    pub skipped: usize,
    /// What tests said they left out, once each.
    pub left_out: BTreeSet<String>,
    /// Crate and name of each Rust test, to find halves of pairs.
    names: BTreeSet<String>,
}

impl Tally {
    /// Adds one Rust test.
    pub fn add(&mut self, name: &str, passed: bool) {
        match place(name) {
            Place::Sqlite => self.sqlite += 1,
            Place::Postgres => self.postgres += 1,
            Place::Elsewhere => self.elsewhere += 1,
        }
        if !passed {
            self.failed.push(name.to_owned());
        }
        self.names.insert(name.to_owned());
    }

    /// Gathers the `left out:` lines of a text.
    pub fn hear(&mut self, text: &str) {
        let said = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("left out:"));
        self.left_out
            .extend(said.map(|what| what.trim().to_owned()));
    }

    /// Adds what nextest's JUnit report holds.
    pub fn add_junit(&mut self, xml: &str) {
        for case in xml.split("<testcase ").skip(1) {
            let case = case.split("</testcase>").next().unwrap_or(case);
            let (head, body) = case.split_once('>').unwrap_or((case, ""));
            let (Some(name), Some(of)) = (attribute(head, "name"), attribute(head, "classname"))
            else {
                continue;
            };
            let failed = ["<failure", "<error"].iter().any(|tag| body.contains(tag));
            self.add(&format!("{of} {name}"), !failed);
            self.hear(
                &unescape(body)
                    .replace("<system-out>", "\n")
                    .replace("</system-out>", "\n"),
            );
        }
    }

    /// Adds what `cargo test` printed; answers whether it held any test.
    pub fn add_libtest(&mut self, text: &str) {
        for line in text.lines().filter_map(|line| line.strip_prefix("test ")) {
            match line.rsplit_once(" ... ") {
                Some((name, "ok")) => self.add(name, true),
                Some((name, "FAILED")) => self.add(name, false),
                Some((_, ignored)) if ignored.starts_with("ignored") => self.skipped += 1,
                _ => {}
            }
        }
        self.hear(text);
    }

    /// Adds the examples that `cargo test --doc` ran.
    pub fn add_docs(&mut self, text: &str) {
        let mut docs = Self::default();
        docs.add_libtest(text);
        self.docs += docs.elsewhere;
        self.failed.extend(docs.failed);
        self.skipped += docs.skipped;
    }

    /// Adds what node's test runner wrote in TAP form.
    pub fn add_tap(&mut self, text: &str) {
        let count = |what: &str| {
            text.lines()
                .find_map(|line| {
                    line.strip_prefix(&format!("# {what} "))?
                        .parse::<usize>()
                        .ok()
                })
                .unwrap_or(0)
        };
        self.browser += count("pass") + count("fail") + count("cancelled");
        self.skipped += count("skipped") + count("todo");
        let failed = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("not ok "))
            .filter_map(|line| line.split_once(" - "));
        self.failed
            .extend(failed.map(|(_, name)| format!("browser: {name}")));
        self.hear(text);
    }

    /// Adds the checks of the API: of all `visitors`, those who asked and whether all answers were right.
    pub fn add_api(&mut self, visitors: &[&str], asked: &[(&str, bool)]) {
        for visitor in visitors {
            let name = format!("the API, asked as {visitor}");
            match asked.iter().find(|(who, _)| who == visitor) {
                Some((_, right)) => {
                    self.api += 1;
                    self.failed.extend((!right).then_some(name));
                }
                None => self.not_run.push(name),
            }
        }
    }

    /// Tests on one database that did not run on the other.
    pub fn unpaired(&self) -> Vec<String> {
        let other = |name: &String| match place(name) {
            Place::Sqlite => Some(format!("{}postgres", name.strip_suffix("sqlite")?)),
            Place::Postgres => Some(format!("{}sqlite", name.strip_suffix("postgres")?)),
            Place::Elsewhere => None,
        };
        self.names
            .iter()
            .filter_map(other)
            .filter(|name| !self.names.contains(name))
            .collect()
    }

    /// All tests that ran.
    pub fn ran(&self) -> usize {
        self.sqlite + self.postgres + self.elsewhere + self.docs + self.browser + self.api
    }

    /// How many failed, or did not run and should have.
    pub fn failures(&self) -> usize {
        self.failed.len() + self.not_run.len()
    }

    /// The closing lines.
    pub fn report(&self) -> String {
        let mut lines = vec![
            format!("on SQLite          {:>5}", self.sqlite),
            format!("on PostgreSQL      {:>5}", self.postgres),
            format!("elsewhere in Rust  {:>5}", self.elsewhere),
            format!("in documentation   {:>5}", self.docs),
            format!("the API            {:>5}", self.api),
            format!("in the browser     {:>5}", self.browser),
        ];
        lines.extend(self.left_out.iter().map(|what| format!("left out: {what}")));
        lines.extend(self.failed.iter().map(|name| format!("failed: {name}")));
        lines.extend(
            self.not_run
                .iter()
                .map(|name| format!("did not run: {name}")),
        );
        let passed = self.ran().saturating_sub(self.failed.len());
        lines.push(format!(
            "{passed} passed, {} failed, {} skipped",
            self.failures(),
            self.skipped
        ));
        lines.join("\n")
    }
}

/// The value of an attribute, unescaped.
fn attribute(head: &str, name: &str) -> Option<String> {
    let at = head
        .find(&format!("{name}=\""))
        .filter(|at| *at == 0 || head[..*at].ends_with(' '))?
        + name.len()
        + 2;
    Some(unescape(&head[at..at + head[at..].find('"')?]))
}

fn unescape(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_junit_report_is_counted_by_database() {
        let mut tally = Tally::default();
        tally.add_junit(
            r#"<testsuite name="store"><testcase name="saves::sqlite" classname="store" time="0.1"><system-out>running
left out: the big file
</system-out></testcase><testcase name="saves::postgres" classname="store"><failure type="test failure">no &lt;row&gt;</failure></testcase>
<testcase name="pure" classname="kernel"></testcase></testsuite>"#,
        );
        assert_eq!((tally.sqlite, tally.postgres, tally.elsewhere), (1, 1, 1));
        assert_eq!(tally.failed, ["store saves::postgres"]);
        assert_eq!(tally.left_out.iter().collect::<Vec<_>>(), ["the big file"]);
        assert!(tally.unpaired().is_empty());
        assert!(tally.report().ends_with("\n2 passed, 1 failed, 0 skipped"));
    }

    #[test]
    fn half_a_pair_is_found() {
        let mut tally = Tally::default();
        tally.add_libtest(
            "test ops::saves::sqlite ... ok\ntest pure ... ok\ntest later ... ignored\n",
        );
        assert_eq!(tally.unpaired(), ["ops::saves::postgres"]);
        assert_eq!(tally.skipped, 1);
    }

    #[test]
    fn a_check_of_the_api_that_never_ran_is_not_counted_as_run() {
        let mut tally = Tally::default();
        let asked = [("resident", true), ("admin", false)];
        tally.add_api(&["resident", "deputy", "admin"], &asked);
        assert_eq!(tally.api, 2);
        assert_eq!(tally.failed, ["the API, asked as admin"]);
        assert_eq!(tally.not_run, ["the API, asked as deputy"]);
        assert!(tally.report().ends_with("\n1 passed, 2 failed, 0 skipped"));
    }

    #[test]
    fn the_browser_runner_is_counted() {
        let mut tally = Tally::default();
        tally.add_tap("ok 1 - Lin reads\nnot ok 2 - Lin writes\n# tests 3\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n");
        assert_eq!((tally.browser, tally.skipped), (2, 1));
        assert_eq!(tally.failed, ["browser: Lin writes"]);
    }
}
