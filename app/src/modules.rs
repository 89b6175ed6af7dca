//! The one list of domains. A new domain is one crate, and one line here.

use std::sync::Arc;

use consultation::ops::Desk;
use directory::{Gate, oidc::Oidc};
use kernel::Clock;
use procedure::{Diagram, LogKeeper};
use store::{Db, Migration, Schema};
use web::{Lang, Module, Texts};

use crate::{
    doctor,
    keys::{self, Place},
    log_pages, matters,
    rules::Rules,
};

/// What the domains are given.
pub struct Parts {
    /// For consultations.
    pub desk: Desk,
    /// For people.
    pub gate: Gate,
    /// The city's identity provider.
    pub oidc: Option<Arc<Oidc>>,
    /// For how many days the audit trail is kept.
    pub audit_days: u32,
    /// For the log.
    pub log: Arc<LogKeeper>,
    /// Where the keys are.
    pub place: Place,
    /// What the law asks, and which days count.
    pub rules: Rules,
}

/// A domain.
struct Domain {
    /// What it keeps in the database.
    schema: Schema,
    /// The procedures of its matters.
    procedures: &'static [&'static dyn Diagram],
    /// Its texts.
    locales: &'static [(Lang, &'static str)],
    /// What it adds to a running program.
    module: fn(&Parts) -> Module,
}

/// What the domains stand on and what keeps tables, in the order in which they are made.
const FOUNDATION: [Schema; 5] = [
    store::SCHEMA,
    directory::SCHEMA,
    procedure::SCHEMA,
    corpus::SCHEMA,
    keys::SCHEMA,
];

/// The domains. A new one is one crate, and one line here.
const DOMAINS: &[Domain] = &[
    Domain {
        schema: consultation::SCHEMA,
        procedures: consultation::PROCEDURES,
        locales: consultation::LOCALES,
        module: |parts| consultation::module(parts.desk.clone()),
    },
    Domain {
        schema: people::SCHEMA,
        procedures: &[],
        locales: people::LOCALES,
        module: |parts| people::module(parts.gate.clone(), parts.oidc.clone(), parts.audit_days),
    },
];

/// What a running program is put together from.
#[must_use]
pub fn all(parts: &Parts) -> Vec<Module> {
    let domains = DOMAINS.iter().map(|domain| (domain.module)(parts));
    let own = [
        log_pages::module(Arc::clone(&parts.log)),
        matters::module(),
        doctor::module(parts.place.clone(), parts.rules.clone()),
    ];
    domains.chain(own).collect()
}

/// What each crate keeps, in the order in which its tables are made.
pub fn schemas() -> impl Iterator<Item = Schema> {
    FOUNDATION
        .into_iter()
        .chain(DOMAINS.iter().map(|domain| domain.schema))
}

/// The life of every kind of matter.
pub fn procedures() -> impl Iterator<Item = &'static dyn Diagram> {
    DOMAINS.iter().flat_map(|domain| domain.procedures).copied()
}

/// Every text of the domains and of the program itself, for commands that serve nothing.
///
/// # Panics
/// When they cannot be used, which the tests would show.
#[must_use]
pub fn texts() -> Texts {
    let domains = DOMAINS.iter().flat_map(|domain| domain.locales);
    let sources = log_pages::LOCALES.iter().chain(domains);
    Texts::new(sources).expect("the tests read all catalogues")
}
/// Every table, in the order in which they are made.
#[must_use]
pub fn migrations() -> Vec<Migration> {
    schemas()
        .flat_map(|schema| schema.migrations)
        .copied()
        .collect()
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

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn both_databases_read_every_statement() {
        for test in [
            TestDb::sqlite(&migrations(), None).await,
            TestDb::postgres(&migrations(), None).await,
        ] {
            for schema in schemas() {
                store::testing::prepare_all(&test, &(schema.statements)()).await;
            }
        }
    }

    #[test]
    fn crates_and_checks_have_names_of_their_own() {
        let crates: Vec<_> = schemas().map(|schema| schema.name).collect();
        assert_eq!(crates.iter().collect::<BTreeSet<_>>().len(), crates.len());
        let checks: Vec<_> = schemas()
            .flat_map(|schema| schema.checks)
            .map(|check| check.name)
            .collect();
        assert_eq!(checks.iter().collect::<BTreeSet<_>>().len(), checks.len());
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
