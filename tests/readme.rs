//! The README tells everything that the program can say.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::path::Path;

use pgsql_state::doctor::Id;
use pgsql_state::lint::Rule;
use pgsql_state::role::{DownReason, LagReason};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The words that `src/role/reason.rs` gives to reasons, as it is written there.
fn words_in_source() -> Vec<String> {
    let source = file("src/role/reason.rs");
    let quoted = source
        .lines()
        .filter_map(|line| line.split_once("=> \"")?.1.split_once('"'));
    quoted.map(|(word, _)| word.to_owned()).collect()
}

#[test]
fn every_reason_is_explained() {
    let words = words_in_source();
    assert_eq!(words.len(), DownReason::ALL.len() + LagReason::ALL.len());
    let readme = file("README.md");
    let missing: Vec<&String> = words
        .iter()
        .filter(|word| {
            !readme.contains(&format!("`{word}`")) && !readme.contains(&format!(" {word}`"))
        })
        .collect();
    assert!(missing.is_empty(), "README.md does not tell of {missing:?}");
}

#[test]
fn every_finding_is_explained() {
    let readme = file("README.md");
    let rows = Rule::ALL.map(|rule| format!("\n| `{}` | ", rule.id()));
    let missing: Vec<&String> = rows.iter().filter(|row| !readme.contains(*row)).collect();
    assert!(missing.is_empty(), "README.md does not tell of {missing:?}");
}

#[test]
fn every_finding_of_a_host_is_in_the_table_with_why_it_matters() {
    let readme = file("README.md");
    let rows: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let missing: Vec<&str> = Id::ALL
        .iter()
        .filter(|id| {
            let (begin, end) = (
                format!("| `{}` | ", id.word()),
                format!(" | {} |", id.why()),
            );
            !rows
                .iter()
                .any(|row| row.starts_with(&begin) && row.ends_with(&end))
        })
        .map(|id| id.word())
        .collect();
    assert!(missing.is_empty(), "README.md does not tell of {missing:?}");
}
