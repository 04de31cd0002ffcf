//! Configurations with the structure of those that others have published. `NAME.expected` beside `NAME.cfg`,
//! or beside a folder of files that are read as one, lists what is to be found, a line and an id each, and the
//! sections of which something cannot be evaluated.
//! The first lines of a file say what has its structure, and what HAProxy 2.6 says to it: it `accepts` the
//! file, or `refuses` it, or the file is for `newer` versions; and which `reader` has faults that matter for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pgsql_state::tools::lint::Rule;
use pgsql_state::tools::release::Release;
use support::haproxy::PROGRAM as HAPROXY;

use crate::{found_for, listed, repository};

/// One configuration.
struct Case {
    path: PathBuf,
    files: Vec<PathBuf>,
}

impl Case {
    fn expected(&self) -> Vec<String> {
        let list = fs::read_to_string(self.path.with_extension("expected")).unwrap();
        list.lines().map(str::to_owned).collect()
    }

    /// What stands behind a heading's name, in its place at the top.
    fn heading(&self, number: usize, name: &str) -> String {
        let text = fs::read_to_string(&self.files[0]).unwrap();
        let line = text.lines().nth(number).unwrap();
        let said = line.strip_prefix(&format!("# {name}: "));
        said.unwrap_or_else(|| panic!("{}: {line}", self.path.display()))
            .to_owned()
    }

    /// The release that reads it, where it names one.
    fn reader(&self) -> Option<Release> {
        let text = fs::read_to_string(&self.files[0]).unwrap();
        let line = text.lines().nth(2)?.strip_prefix("# reader: ")?;
        Some(line.parse().unwrap())
    }
}

fn cases() -> Vec<Case> {
    let paths = listed(&repository("tests/lint/corpus"));
    let paths = paths.into_iter().filter(|path| !ends(path, "expected"));
    paths
        .map(|path| {
            let files = if path.is_dir() {
                listed(&path)
            } else {
                vec![path.clone()]
            };
            Case { path, files }
        })
        .collect()
}

fn ends(path: &Path, end: &str) -> bool {
    path.extension().is_some_and(|extension| extension == end)
}

#[test]
fn what_is_wrong_is_found_and_nothing_else() {
    let cases = cases();
    assert!(cases.len() >= 20, "only {} configurations", cases.len());
    for case in &cases {
        assert_eq!(
            found_for(&case.files, case.reader()),
            case.expected(),
            "{}",
            case.path.display()
        );
    }
    let lists = listed(&repository("tests/lint/corpus"));
    let lists = lists.iter().filter(|path| ends(path, "expected"));
    assert_eq!(
        lists.count(),
        cases.len(),
        "a list belongs to no configuration"
    );
}

#[test]
fn every_rule_meets_a_configuration_of_others() {
    let all: Vec<String> = cases().iter().flat_map(Case::expected).collect();
    for rule in Rule::ALL {
        let id = format!(" {}", rule.id());
        assert!(all.iter().any(|line| line.ends_with(&id)), "{id}");
    }
}

/// So that the configurations stay real ones.
#[test]
fn haproxy_says_what_is_written_of_it() {
    for case in cases() {
        assert!(case.heading(0, "structure").len() > 20);
        let expected = case.heading(1, "haproxy");
        let output = Command::new(HAPROXY)
            .arg("-c")
            .arg("-f")
            .arg(&case.path)
            .output();
        let output = output.unwrap();
        let accepted = output.status.success();
        let said = String::from_utf8_lossy(&output.stderr);
        match expected.as_str() {
            "accepts" => assert!(accepted, "{}: {said}", case.path.display()),
            "refuses" => assert!(!accepted, "{}", case.path.display()),
            "newer" => {}
            other => panic!("{}: {other}", case.path.display()),
        }
    }
}
