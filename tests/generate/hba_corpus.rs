//! Files as others have them: of distributions, containers, operators, tools and people, rewritten. Each says
//! where the rules land, and what a server makes of the result.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use pgsql_state::tools::generate::pg_hba_file;
use pgsql_state::tools::generate::pg_hba_file::{install, remove};
use support::{Postgres, Trouble};

use crate::{Program, repository};

/// What becomes of a file.
enum Outcome {
    /// The rules land in front of this line, counted from 1.
    Before(usize),
    /// It is left alone, and this is said.
    Refused(&'static str),
}

/// What `PostgreSQL` makes of the file with the rules.
enum Server {
    /// It takes all of it.
    Reads,
    /// It refuses these lines of the file, with the rules and without them.
    Refuses(&'static [u64]),
    /// Up to 15 it refuses the first of these lines, from 16 on the others.
    RefusesOf16(&'static [u64], &'static [u64]),
}

use Outcome::{Before, Refused};
use Server::{Reads, Refuses, RefusesOf16};

const FILES: &[(&str, Outcome, Server)] = &[
    // The second empty line parts the heading from the comments above the first record.
    ("debian-9.6", Before(7), Reads),
    ("debian-15", Before(8), Reads),
    ("rpm-13", Before(10), Reads),
    ("initdb-trust", Before(9), Reads),
    ("container-appended", Before(1), Reads),
    ("patroni", Before(1), Reads),
    ("paf-quick-start", Before(1), Reads),
    ("paf-haproxy", Before(1), Reads),
    ("repmgr", Before(1), Reads),
    ("auto-failover", Before(1), Reads),
    ("operator-certificates", Before(1), Reads),
    ("operator-pam", Before(1), Reads),
    ("ansible-tabs", Before(4), Reads),
    ("puppet-named-rules", Before(3), Reads),
    ("windows-crlf", Before(8), Reads),
    ("crlf-mixed", Before(4), Reads),
    ("masks", Before(1), Reads),
    ("names-in-quotes", Before(1), Reads),
    ("continued-lines", Before(4), Reads),
    // Whatever is included has to come behind the rules too. Version 15 knows no such records; 16 does not find what
    // has to be there.
    ("includes-16", Before(1), RefusesOf16(&[1, 5, 6], &[5, 6])),
    // There is no such role and no such database for version 15, and no mistake.
    ("regular-expressions-16", Before(3), Reads),
    ("options", Before(1), Reads),
    ("anothers-block", Before(1), Reads),
    ("comments-alone", Before(1), Reads),
    ("nothing", Before(1), Reads),
    ("indented", Before(4), Reads),
    ("latin-1", Before(3), Reads),
    // What only the server can tell is left to `--verify`.
    ("method-misspelt", Before(1), Refuses(&[1])),
    (
        "version-7.2",
        Refused(
            "line 3: \"255.255.255.255 trust\" is not an address with a mask, and not the name of a host",
        ),
        Reads,
    ),
    (
        "template-left",
        Refused(
            "line 2: \"$NODE1_IP/32\" is not an address with a mask, and not the name of a host",
        ),
        Reads,
    ),
    ("ours-older", Before(3), Reads),
    (
        "merge-conflict",
        Refused("line 2: \"<<<<<<<\" is not the type of a rule"),
        Reads,
    ),
    (
        "yaml-pasted",
        Refused("line 2: \"pg_hba:\" is not the type of a rule"),
        Reads,
    ),
    (
        "open-quote",
        Refused("line 2: a quote is not closed"),
        Reads,
    ),
    (
        "no-method",
        Refused("line 3: the rule has 4 fields and needs 5"),
        Reads,
    ),
    (
        "byte-order-mark",
        Refused("line 1: \"\\u{feff}\" is not the type of a rule"),
        Reads,
    ),
    (
        "ours-cut",
        Refused("line 1: this marker of pgsql-state's rules has no matching marker"),
        Reads,
    ),
];

fn path(name: &str) -> PathBuf {
    repository("tests/fixtures/hba").join(format!("{name}.conf"))
}

fn rules() -> Result<String, Trouble> {
    let nodes = [
        "--member",
        "srv1=10.20.30.51",
        "--member",
        "srv2=10.20.30.52",
    ];
    let node = ["--node", "srv1"];
    Ok(Program::new("")?.generate("pg-hba", &[&node[..], &nodes[..]].concat()))
}

/// The bytes above a line.
fn above(text: &[u8], line: usize) -> usize {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.take(line - 1).map(<[u8]>::len).sum()
}

#[test]
fn every_file_of_the_corpus_has_an_outcome() {
    let named: BTreeSet<PathBuf> = FILES.iter().map(|(name, _, _)| path(name)).collect();
    let there = fs::read_dir(repository("tests/fixtures/hba")).unwrap();
    let there: BTreeSet<PathBuf> = there.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(named, there);
}

#[test]
fn rules_land_where_they_take_effect_and_leave_without_a_trace() -> Result<(), Trouble> {
    let rules = rules()?;
    for (name, outcome, _) in FILES {
        let text = fs::read(path(name)).unwrap();
        let installed = install(&text, &rules);
        let line = match outcome {
            Before(line) => *line,
            Refused(said) => {
                assert_eq!(installed.unwrap_err().to_string(), *said, "{name}");
                continue;
            }
        };
        let installed = installed.unwrap();
        // An older block is no part of the file.
        let text = remove(&text).unwrap();
        let (above, below) = text.split_at(above(&text, line));
        let expected = [above, rules.as_bytes(), below].concat();
        let shown = String::from_utf8_lossy(&installed);
        assert!(installed == expected, "{name}: {shown}");
        assert!(remove(&installed).unwrap() == text, "{name}: {shown}");
        assert!(install(&installed, &rules).unwrap() == installed, "{name}");
    }
    Ok(())
}

/// The lines that `PostgreSQL` reads, in its order, and those of them that it refuses. A line with a remark, as
/// a record for TLS without TLS, is none of the latter.
fn read(server: &Postgres, text: &[u8]) -> Result<(Vec<u64>, Vec<u64>), Trouble> {
    // The view shows the file as it is now; the server goes by what it was.
    fs::write(server.data_dir().join("pg_hba.conf"), text).unwrap();
    let lines = server.query("SELECT line_number, type IS NULL FROM pg_hba_file_rules")?;
    let (mut all, mut refused) = (Vec::new(), Vec::new());
    for line in lines.lines() {
        let (number, wrong) = line.split_once('|').unwrap();
        let number = number.parse().unwrap();
        all.push(number);
        if wrong == "t" {
            refused.push(number);
        }
    }
    Ok((all, refused))
}

#[test]
fn a_server_reads_the_rules_first_and_the_rest_as_before() -> Result<(), Trouble> {
    let rules = rules()?;
    let server = Postgres::primary()
        .file("demodbs", "one two\n")
        .file("admins", "alice, bob\n")
        .start()?;
    let version = server.query("SHOW server_version_num")?;
    let knows_includes = version.parse::<u32>().unwrap() >= 160_000;
    for (name, outcome, made_of_it) in FILES {
        let text = fs::read(path(name)).unwrap();
        if let Refused(_) = outcome {
            continue;
        }
        let expected: Vec<u64> = match made_of_it {
            Reads => Vec::new(),
            Refuses(lines) => lines.to_vec(),
            RefusesOf16(before, since) => if knows_includes { since } else { before }.to_vec(),
        };
        let (before, refused) = read(&server, &text)?;
        assert_eq!(refused, expected, "{name}");

        let installed = install(&text, &rules).unwrap();
        let own = pg_hba_file::rules_of_block(&installed);
        let (after, refused) = read(&server, &installed)?;
        assert_eq!(after[..own.len()], own, "{name}");
        assert_eq!(refused.len(), expected.len(), "{name}");
        // An older block had its own.
        let older = pg_hba_file::rules_of_block(&text).len();
        assert_eq!(after.len() - own.len(), before.len() - older, "{name}");
    }
    Ok(())
}
