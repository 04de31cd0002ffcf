//! Generates the tables of `docs/` from the declarations that help, manual pages and parsing use. A test compares each page
//! with them, and `make reference` writes them into the pages. Does not know the text around the tables.
//!
//! - [`markers`]: the generated parts of a page.
//! - [`tables`]: the tables.
//! - [`commands`]: every command with its arguments.

mod commands;
mod markers;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::invocation;

/// Set by `make reference`: pages that are not current are rewritten instead of reported.
const WRITE: &str = "PGSQL_STATE_WRITE_REFERENCE";

/// Generates one part of a page.
type Generate = fn() -> String;

/// The generated parts, by the names in their markers.
const GENERATED: [(&str, Generate); 11] = [
    ("agent-parameters", tables::agent_parameters),
    ("commands", commands::all),
    ("configuration-keys", tables::keys),
    ("doctor-findings", tables::doctor),
    ("exit-statuses", tables::exit_statuses),
    ("lint-findings", tables::lint),
    ("metrics", tables::metrics),
    ("reasons-of-down", tables::down),
    ("reasons-of-lagging", tables::lagging),
    ("refusals", tables::refusals),
    ("suites", tables::suites),
];

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// Every page below a folder.
pub(super) fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = paths
        .flat_map(|path| {
            if path.is_dir() {
                pages(&path)
            } else {
                [path].into_iter().filter(|path| is_page(path)).collect()
            }
        })
        .collect();
    pages.sort();
    pages
}

/// The folder of the documents.
pub(super) fn documents() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

#[test]
fn every_generated_part_of_a_page_is_current() {
    let write = invocation::variable(WRITE).is_some();
    let mut used = BTreeSet::new();
    let mut stale = Vec::new();
    for path in pages(&documents()) {
        let page = fs::read_to_string(&path).unwrap();
        let current = markers::filled(&page, |name| {
            assert!(used.insert(name.to_owned()), "{name} occurs twice");
            let found = GENERATED.iter().find(|(known, _)| *known == name);
            found.map(|(_, generate)| generate())
        });
        let current = current.unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
        if page != current && write {
            fs::write(&path, current).unwrap();
        } else if page != current {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "run `make reference`, for {stale:?}");
    let known: BTreeSet<_> = GENERATED.map(|(name, _)| name.to_owned()).into();
    assert_eq!(used, known, "every generated part occurs in a page");
}
