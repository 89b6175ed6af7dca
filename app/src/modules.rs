//! The one list of domains. A new domain is one crate and one line in each function here.

use std::sync::Arc;

use consultation::ops::Desk;
use directory::{Gate, oidc::Oidc};
use kernel::Clock;
use procedure::{Diagram, LogKeeper};
use store::{Db, Migration};
use web::Module;

use crate::{keys, log_pages, matters};

/// What the domains are given.
pub struct Parts {
    /// For consultations.
    pub desk: Desk,
    /// For people.
    pub gate: Gate,
    /// The city's identity provider.
    pub oidc: Option<Arc<Oidc>>,
    /// For the log.
    pub log: Arc<LogKeeper>,
}

/// Every domain's manifest.
#[must_use]
pub fn all(parts: Parts) -> Vec<Module> {
    let Parts {
        desk,
        gate,
        oidc,
        log,
    } = parts;
    vec![
        consultation::module(desk),
        people::module(gate, oidc),
        log_pages::module(log),
        matters::module(),
    ]
}

/// The life of every kind of matter.
#[must_use]
pub fn procedures() -> Vec<&'static dyn Diagram> {
    consultation::PROCEDURES.to_vec()
}

/// Every table, in the order in which they are made.
#[must_use]
pub fn migrations() -> Vec<Migration> {
    let mut all = vec![store::jobs::MIGRATION];
    all.extend(directory::MIGRATIONS);
    all.extend(procedure::MIGRATIONS);
    all.extend(corpus::MIGRATIONS);
    all.extend(consultation::MIGRATIONS);
    all.push(keys::MIGRATION);
    all
}

/// Brings the tables up to date; the ids of the steps that ran.
///
/// # Errors
/// The store's.
pub async fn migrate(db: &Db, clock: &dyn Clock) -> store::Result<Vec<&'static str>> {
    store::migrate(db, &migrations(), clock).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use store::testing::TestDb;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn both_databases_get_the_same_tables() {
        let (sqlite, postgres) = (
            TestDb::sqlite(&migrations(), None).await,
            TestDb::postgres(&migrations(), None).await,
        );
        let shown = async |db| {
            store::schema::tables(db)
                .await
                .unwrap()
                .iter()
                .map(ToString::to_string)
                .collect::<String>()
        };
        assert_eq!(shown(&sqlite.db).await, shown(&postgres.db).await);
        assert_eq!(
            migrate(&sqlite.db, &kernel::TestClock::default())
                .await
                .unwrap(),
            Vec::<&str>::new()
        );
    }

    /// Statements of those crates that do not prepare their own in their own tests.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn both_databases_read_every_statement() {
        let lists = [corpus::STATEMENTS];
        let all: Vec<(&str, &str)> = lists
            .into_iter()
            .flatten()
            .map(|text| (*text, *text))
            .collect();
        for test in [
            TestDb::sqlite(&migrations(), None).await,
            TestDb::postgres(&migrations(), None).await,
        ] {
            store::testing::prepare_all(&test, &all).await;
        }
    }

    #[test]
    fn every_text_of_the_program_is_there_in_both_languages() {
        let keys = |text: &str| -> BTreeSet<String> {
            let names = text
                .lines()
                .filter_map(|line| line.split_once(" ="))
                .map(|(name, _)| name);
            names
                .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
                .map(str::to_owned)
                .collect()
        };
        let (zh, en) = (
            keys(include_str!("../locales/zh-CN.ftl")),
            keys(include_str!("../locales/en.ftl")),
        );
        assert_eq!(zh, en);
        assert!(zh.len() > 15);
    }

    #[test]
    fn migrations_have_names_of_their_own() {
        let all = migrations();
        let names: BTreeSet<_> = all.iter().map(|step| step.id).collect();
        assert_eq!(names.len(), all.len());
    }
}
