//! The files in `haproxy/`: the profiles `safe` and `fast` are without fault, and the three-node example's parameters have
//! the faults that its first lines tell of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use support::Trouble;
use support::scratch::Scratch;

use crate::{PROGRAM, found, found_for, listed, repository};

/// What the three-node example's parameters do: its timeouts end idle sessions, and so on; the blocks for writers and for
/// standbys on their way to the primary have the same faults.
const TALK: [(&str, usize); 4] = [
    ("fall-1-kills-readers", 1),
    ("no-two-primaries-guard", 2),
    ("session-timeout", 2),
    ("up-before-check", 2),
];

fn counted(found: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in found {
        let (_, id) = line.split_once(' ').unwrap();
        *counts.entry(id).or_default() += 1;
    }
    counts
}

#[test]
fn what_is_generated_is_without_fault_but_for_the_talks_own() {
    let folders = listed(&repository("haproxy"));
    let files = folders
        .iter()
        .filter(|path| path.is_dir())
        .flat_map(|folder| listed(folder));
    let mut seen = 0;
    for file in files {
        let version = file.parent().and_then(Path::file_name).unwrap();
        let reader = version.to_str().unwrap().parse().unwrap();
        let found = found_for(std::slice::from_ref(&file), Some(reader));
        let shown = file.display();
        if file
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("classic")
        {
            assert_eq!(counted(&found), BTreeMap::from(TALK), "{shown}: {found:?}");
        } else {
            assert_eq!(found, Vec::<String>::new(), "{shown}");
        }
        seen += 1;
    }
    assert_eq!(seen, 49);
}

#[test]
fn blocks_alone_are_without_fault_too() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let file = scratch.path().join("blocks.cfg");
    for version in ["2.0", "2.2", "2.6", "3.1", "3.4"] {
        for check in ["text", "http", "agent"] {
            let mut generate = Command::new(PROGRAM);
            generate.args(["generate", "haproxy", "--blocks-only", "--profile", "safe"]);
            generate.args(["--haproxy-version", version, "--check", check]);
            generate.args(["--node", "srv1=10.20.30.51", "--node", "srv2=10.20.30.52"]);
            let output = generate.output().unwrap();
            assert!(output.status.success(), "{output:?}");
            fs::write(&file, output.stdout).unwrap();
            let found = found(std::slice::from_ref(&file));
            assert_eq!(found, Vec::<String>::new(), "{version} {check}");
        }
    }
    Ok(())
}
