//! `cargo xtask deps`: what we stand on, checked without a network.
//!
//! Licences against an allow list, sources, versions that come twice, and dependencies that nothing uses. Exceptions stand
//! in `deps.toml`, each with its reason; one that is no longer needed is an error, so that the list never grows stale.

use crate::licence;
use crate::run::{cargo, output, root};
use crate::tidy::files_under;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo metadata` tells, as far as we ask.
#[derive(Deserialize)]
pub struct Metadata {
    packages: Vec<Package>,
    resolve: Option<Resolve>,
    workspace_members: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

/// One crate.
#[derive(Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    version: String,
    id: String,
    license: Option<String>,
    source: Option<String>,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
}

impl Package {
    /// The folder of its manifest.
    pub fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new("."))
    }
}

impl Metadata {
    /// The crates of the workspace.
    pub fn workspace(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The crates that are not ours and are built on this platform.
    fn foreign(&self) -> impl Iterator<Item = &Package> {
        let built = self
            .resolve
            .iter()
            .flat_map(|resolve| &resolve.nodes)
            .map(|node| node.id.as_str())
            .collect::<BTreeSet<_>>();
        self.packages.iter().filter(move |package| {
            built.contains(package.id.as_str()) && !self.workspace_members.contains(&package.id)
        })
    }
}

/// Asks cargo, for the platform we run on: what others need is not downloaded here.
pub fn metadata() -> Result<Metadata> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc names no host")?;
    let json = output(cargo()?.args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ]))?;
    serde_json::from_str(&json).context("reading what cargo metadata says")
}

/// `deps.toml`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    licences: BTreeSet<String>,
    #[serde(default)]
    licence: Vec<Exception>,
    #[serde(default)]
    duplicate: Vec<Exception>,
    #[serde(default)]
    unused: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    names: Vec<String>,
    reason: String,
}

/// The check; an error lists every finding.
pub fn run() -> Result<()> {
    let rules: Rules = toml::from_str(&std::fs::read_to_string(root().join("deps.toml"))?)
        .context("reading deps.toml")?;
    let metadata = metadata()?;
    let findings = [
        reasons(&rules),
        licences(metadata.foreign(), &rules),
        sources(metadata.foreign()),
        duplicates(metadata.foreign(), &rules.duplicate),
        unused(&metadata, &rules.unused)?,
    ]
    .concat();
    if !findings.is_empty() {
        bail!(
            "dependencies:\n  {}\nExceptions go in deps.toml, each with its reason.",
            findings.join("\n  ")
        );
    }
    println!("   {} crates, all allowed", metadata.foreign().count());
    Ok(())
}

/// Exceptions without a reason.
fn reasons(rules: &Rules) -> Vec<String> {
    let all = [&rules.licence, &rules.duplicate, &rules.unused]
        .into_iter()
        .flatten();
    let bare = all.filter(|exception| exception.reason.trim().is_empty());
    bare.map(|exception| {
        format!(
            "{}: the exception gives no reason",
            exception.names.join(", ")
        )
    })
    .collect()
}

fn licences<'a>(packages: impl Iterator<Item = &'a Package>, rules: &Rules) -> Vec<String> {
    let mut used = BTreeSet::new();
    let mut refused = BTreeMap::new();
    for package in packages {
        let expression = package.license.as_deref().unwrap_or("none named");
        if !licence::allowed(expression, &rules.licences, &mut used) {
            refused.insert(
                package.name.clone(),
                format!(
                    "{} {}: licence {expression} is not allowed",
                    package.name, package.version
                ),
            );
        }
    }
    let stale = rules
        .licences
        .difference(&used)
        .map(|licence| format!("licence {licence}: allowed, but no crate needs it"));
    stale
        .chain(except(refused, &rules.licence, "licence"))
        .collect()
}

fn sources<'a>(packages: impl Iterator<Item = &'a Package>) -> Vec<String> {
    let from_registry =
        |source: &str| source.starts_with("registry+") && source.ends_with("/crates.io-index");
    packages
        .filter(|package| !package.source.as_deref().is_some_and(from_registry))
        .map(|package| {
            format!(
                "{} {}: comes from {}",
                package.name,
                package.version,
                package.source.as_deref().unwrap_or("a folder")
            )
        })
        .collect()
}

fn duplicates<'a>(
    packages: impl Iterator<Item = &'a Package>,
    exceptions: &[Exception],
) -> Vec<String> {
    let mut versions = BTreeMap::<_, BTreeSet<_>>::new();
    for package in packages {
        versions
            .entry(package.name.clone())
            .or_default()
            .insert(package.version.clone());
    }
    versions.retain(|_, versions| versions.len() > 1);
    let found = versions.into_iter().map(|(name, versions)| {
        let told = format!(
            "{name}: comes in versions {}",
            Vec::from_iter(versions).join(", ")
        );
        (name, told)
    });
    except(found.collect(), exceptions, "duplicate")
}

/// Dependencies that their crate never names, and entries of the workspace's list that no crate takes.
fn unused(metadata: &Metadata, exceptions: &[Exception]) -> Result<Vec<String>> {
    let mut found = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for package in metadata.workspace() {
        let text = sources_of(package.folder())?;
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            taken.insert(name.clone());
            if !names(&text, &name.replace('-', "_")) {
                found.insert(
                    format!("{}: {name}", package.name),
                    format!("{}: depends on {name} and never names it", package.name),
                );
            }
        }
    }
    for name in workspace_list()?.difference(&taken) {
        found.insert(
            name.clone(),
            format!("{name}: in [workspace.dependencies], but no crate takes it"),
        );
    }
    Ok(except(found, exceptions, "unused"))
}

fn workspace_list() -> Result<BTreeSet<String>> {
    let manifest: toml::Table =
        toml::from_str(&std::fs::read_to_string(root().join("Cargo.toml"))?)?;
    let list = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(toml::Value::as_table);
    Ok(list
        .context("Cargo.toml has no [workspace.dependencies]")?
        .keys()
        .cloned()
        .collect())
}

fn sources_of(folder: &Path) -> Result<String> {
    let mut text = String::new();
    for part in ["src", "tests", "benches", "examples", "build.rs"] {
        for file in files_under(&folder.join(part), "rs")? {
            text.push_str(&std::fs::read_to_string(file)?);
        }
    }
    Ok(text)
}

/// Whether `text` holds `word` as a whole word.
fn names(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// What is found and not excepted, and exceptions from nothing.
fn except(
    mut found: BTreeMap<String, String>,
    exceptions: &[Exception],
    kind: &str,
) -> Vec<String> {
    let names = exceptions.iter().flat_map(|exception| &exception.names);
    let stale = names
        .filter(|name| found.remove(*name).is_none())
        .map(|name| format!("{name}: the {kind} exception in deps.toml is no longer needed"))
        .collect::<Vec<_>>();
    found.into_values().chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, license: &str, source: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: version.to_owned(),
            id: format!("{name}@{version}"),
            license: Some(license.to_owned()),
            source: Some(source.to_owned()),
            manifest_path: PathBuf::new(),
            dependencies: Vec::new(),
        }
    }

    fn exception(name: &str) -> Exception {
        Exception {
            names: vec![name.to_owned()],
            reason: "because".to_owned(),
        }
    }

    #[test]
    fn a_version_that_comes_twice_is_found_and_a_stale_exception_too() {
        let packages = [
            package("a", "1", "MIT", ""),
            package("a", "2", "MIT", ""),
            package("b", "1", "MIT", ""),
        ];
        assert_eq!(
            duplicates(packages.iter(), &[]),
            ["a: comes in versions 1, 2"]
        );
        assert_eq!(
            duplicates(packages.iter(), &[exception("a")]),
            Vec::<String>::new()
        );
        assert_eq!(
            duplicates(packages[1..].iter(), &[exception("a")]),
            ["a: the duplicate exception in deps.toml is no longer needed"]
        );
    }

    #[test]
    fn a_licence_outside_the_list_is_found() {
        let rules = Rules {
            licences: ["MIT".to_owned()].into(),
            ..Rules::default()
        };
        let packages = [
            package("a", "1", "MIT", ""),
            package("b", "1", "GPL-3.0", ""),
        ];
        assert_eq!(
            licences(packages.iter(), &rules),
            ["b 1: licence GPL-3.0 is not allowed"]
        );
    }

    #[test]
    fn a_crate_from_elsewhere_is_found() {
        let packages = [
            package("a", "1", "MIT", "registry+x/crates.io-index"),
            package("b", "1", "MIT", "git+x"),
        ];
        assert_eq!(sources(packages.iter()), ["b 1: comes from git+x"]);
    }

    #[test]
    fn a_name_counts_only_as_a_whole_word() {
        assert!(names("use hex::encode;", "hex"));
        assert!(!names("let hexagon = my_hex;", "hex"));
    }
}
