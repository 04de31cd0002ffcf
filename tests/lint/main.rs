//! `lint`: what it finds in configurations that others have, in those that are generated, and how it says so.
//!
//! - [`corpus`]: the files in `corpus/`, each with what is to be found in it.
//! - [`evaluated`]: what is computed of the checks in `checks`, beside what a real HAProxy makes of the same answers.
//! - [`generated`]: the files in `haproxy/`.
//! - [`program`]: the command line.
//! - [`unevaluated`]: what it says of sections that it cannot evaluate, and of those that nobody can use.
//! - [`weights`]: what it finds where servers have `weight 0`, beside what a real HAProxy does.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

mod checks;
mod corpus;
mod evaluated;
mod generated;
mod program;
mod unevaluated;
mod weights;

use std::fs;
use std::path::{Path, PathBuf};

use pgsql_state::tools::lint::haproxy::{
    Configuration, Resolved, SourceFile, findings, names, not_evaluated,
};
use pgsql_state::tools::release::Release;

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// A path of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The names in a folder, in order.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// What is found in some files, as `FILE:LINE ID`, and what could not be evaluated, as `SECTION not evaluated`. Of the names those that end in `.invalid` are lost.
fn found(files: &[PathBuf]) -> Vec<String> {
    found_for(files, None)
}

/// The same where a release of HAProxy reads them.
fn found_for(files: &[PathBuf], reader: Option<Release>) -> Vec<String> {
    let sources = files.iter().map(|file| SourceFile {
        name: file.file_name().unwrap().to_str().unwrap().to_owned(),
        text: fs::read_to_string(file).unwrap(),
    });
    let sources: Vec<SourceFile> = sources.collect();
    let read = Configuration::read(&sources).unwrap();
    let lost = names(&read).into_iter();
    let lost = lost.filter(|name| name.ends_with(".invalid")).collect();
    let found = findings(&read, &Resolved::AllBut(lost), reader);
    let found = found.iter();
    let found = found.map(|finding| format!("{} {}", finding.place, finding.rule.id()));
    let unknown = not_evaluated(&read).into_iter();
    let unknown = unknown.map(|unknown| format!("{} not evaluated", unknown.section));
    found.chain(unknown).collect()
}
