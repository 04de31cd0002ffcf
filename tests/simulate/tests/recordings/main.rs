//! The model of Pacemaker is held against recordings of a real one: which actions it asks for, on which node, in which
//! order and with which variables.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod compare;
mod recording;
mod replay;

use std::path::{Path, PathBuf};
use std::{env, fs};

use recording::Recording;
use replay::Replay;

fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded");
    let entries = fs::read_dir(folder).expect("the recordings are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths
}

/// The one recording that whoever runs the tests wants to see.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says by the environment which recording"
)]
fn only() -> Option<String> {
    env::var("RECORDING").ok()
}

#[test]
fn the_model_asks_for_what_was_recorded() {
    let only = only();
    let mut all = Vec::new();
    for path in recordings() {
        let name = path.file_stem().expect("a name").to_string_lossy();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let recording = Recording::read(&path);
        let replay = Replay::of(&recording);
        if only.is_some() {
            println!("{replay:#?}");
        }
        let differences = compare::differences(&recording, &replay);
        all.extend(
            differences
                .into_iter()
                .map(|difference| format!("{name}: {difference}")),
        );
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
