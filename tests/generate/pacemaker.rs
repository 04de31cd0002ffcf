//! The commands for Pacemaker, run by their tools on a cluster's configuration without its cluster, and what
//! comes out read by Pacemaker's own judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Output;

use pgsql_state::keeper::facts::MarkRule;
use support::Trouble;

use crate::Program;
use crate::cib::{Cib, FENCING};

const SERVERS: [&str; 10] = [
    "--node",
    "srv1=10.20.30.51",
    "--node",
    "srv2=10.20.30.52",
    "--node",
    "srv3=10.20.30.53",
    "--bindir",
    "/usr/lib/postgresql/15/bin",
    "--pgdata",
    "/var/lib/postgresql/15/main",
];

/// Runs what is generated, with the tool that it is for.
fn run(cib: &Cib, tool: &str, args: &[&str]) -> Output {
    let args = [&["--tool", tool], &SERVERS[..], args].concat();
    let commands = cib.0.generate("pacemaker", &args);
    cib.write("commands", &commands);
    if tool == "pcs" {
        cib.command("/bin/sh", &["commands"]).output().unwrap()
    } else {
        let mut crm = cib.command("/usr/sbin/crm", &["-f", "commands"]);
        crm.output().unwrap()
    }
}

fn made_by(tool: &str, args: &[&str]) -> Result<Cib, Trouble> {
    let cib = Cib::new(FENCING)?;
    let output = run(&cib, tool, args);
    assert!(output.status.success(), "{tool}: {output:?}");
    assert_eq!(cib.complaint(), None, "{tool}: {}", cib.text());
    Ok(cib)
}

#[test]
fn both_tools_make_the_same_resource() -> Result<(), Trouble> {
    for args in [
        &[][..],
        &["--agent", "ocf:heartbeat:pgsqlms"],
        &[
            "--datadir",
            "/srv/data",
            "--postgres-port",
            "5432",
            "--resource",
            "db",
        ],
    ] {
        let (pcs, crm) = (made_by("pcs", args)?, made_by("crm", args)?);
        for name in ["op", "nvpair", "primitive", "rsc_location"] {
            assert_eq!(pcs.elements(name), crm.elements(name), "{name} {args:?}");
        }
        assert_eq!(pcs.elements("clone").len(), 1);
        assert_eq!(crm.elements("clone").len(), 1);
    }
    Ok(())
}

#[test]
fn the_operations_are_those_of_the_guides() -> Result<(), Trouble> {
    let cib = made_by("pcs", &[])?;
    let operations = cib.elements("op").into_iter().map(|op| {
        let field = |key: &str| op.get(key).cloned().unwrap_or_default();
        [
            field("name"),
            field("interval"),
            field("timeout"),
            field("role"),
        ]
        .join(" ")
    });
    let operations: BTreeSet<String> = operations.collect();
    let expected = [
        "demote 0s 120s ",
        "monitor 3s 10s Promoted",
        "monitor 4s 10s Unpromoted",
        "notify 0s 60s ",
        "promote 0s 30s ",
        "start 0s 60s ",
        "stop 0s 60s ",
    ];
    assert_eq!(operations, expected.map(str::to_owned).into());
    let values: BTreeMap<String, String> = cib
        .elements("nvpair")
        .into_iter()
        .map(|pair| (pair["name"].clone(), pair["value"].clone()))
        .collect();
    for (name, value) in [
        ("notify", "true"),
        ("promotable", "true"),
        ("promoted-max", "1"),
        ("clone-max", "3"),
        ("interleave", "true"),
        ("migration-threshold", "5"),
        ("resource-stickiness", "10"),
        ("stonith-enabled", "true"),
        ("pghost", "/var/run/postgresql"),
        ("pgport", "5434"),
    ] {
        assert_eq!(values[name], value, "{name}");
    }
    Ok(())
}

/// What the keeper sets is what the rule looks at.
#[test]
fn the_rule_keeps_the_server_off_a_node_with_the_mark() -> Result<(), Trouble> {
    for tool in ["pcs", "crm"] {
        let cib = made_by(tool, &["--resource", "db"])?;
        let [expression] = &Vec::from_iter(cib.elements("expression"))[..] else {
            panic!("not one: {}", cib.text());
        };
        for (key, value) in [
            ("attribute", "died-db"),
            ("operation", "eq"),
            ("value", "1"),
        ] {
            assert_eq!(expression[key], value, "{tool}");
        }
        let [rule] = &Vec::from_iter(cib.elements("rule"))[..] else {
            panic!("not one: {}", cib.text());
        };
        assert_eq!(rule["score"], "-INFINITY", "{tool}");
        assert_eq!(rule.get("role"), None, "{tool}");
        let node = "srv1".parse().unwrap();
        let view = pgsql_state::keeper::cib::read(&cib.text(), None, &node).unwrap();
        assert_eq!(view.facts.rule, MarkRule::Present, "{tool}");
    }
    Ok(())
}

/// The words of Pacemaker 2.0 are still taken by later ones, and no longer by pcs 0.12, which is for 3.0.
#[test]
fn roles_are_spelt_as_the_version_has_them() -> Result<(), Trouble> {
    for (version, words) in [
        ("2.0", ["role=Master", "role=Slave"]),
        ("2.1", ["role=Promoted", "role=Unpromoted"]),
    ] {
        for tool in ["pcs", "crm"] {
            let cib = Cib::new(FENCING)?;
            let output = run(&cib, tool, &["--pacemaker-version", version]);
            let said = String::from_utf8_lossy(&output.stderr);
            if output.status.success() {
                assert_eq!(cib.complaint(), None, "{tool}: {}", cib.text());
            } else {
                assert_eq!((tool, version), ("pcs", "2.0"), "{said}");
                let told = "'Master' is not a valid role value";
                assert!(said.contains(told), "{said}");
            }
            let commands = cib.0.scratch.path().join("commands");
            let commands = fs::read_to_string(commands).unwrap();
            for word in words {
                assert!(commands.contains(&format!(" {word}")), "{commands}");
            }
        }
    }
    Ok(())
}

#[test]
fn nothing_starts_before_there_is_a_device_for_fencing() -> Result<(), Trouble> {
    let cib = Cib::new("<resources/>")?;
    let before = cib.text();
    assert!(!run(&cib, "crm", &[]).status.success());
    assert_eq!(cib.text(), before);
    assert!(run(&cib, "pcs", &[]).status.success());
    let said = cib.complaint().unwrap();
    assert!(said.contains("Resource start-up disabled"), "{said}");
    Ok(())
}

/// The agent says what it knows.
#[test]
fn a_parameter_that_the_agent_does_not_know_is_found() -> Result<(), Trouble> {
    for tool in ["pcs", "crm"] {
        let cib = Cib::new(FENCING)?;
        let before = cib.text();
        // Known to the tools, and another one.
        let output = run(&cib, tool, &["--agent", "ocf:pacemaker:Stateful"]);
        assert!(!output.status.success(), "{output:?}");
        assert_eq!(cib.text(), before);
    }
    Ok(())
}

#[test]
fn the_script_is_one_for_every_shell() -> Result<(), Trouble> {
    let program = Program::new("")?;
    let script = program.generate("pacemaker", &SERVERS);
    let path = program.scratch.path().join("script");
    fs::write(&path, script).unwrap();
    let mut command = program.scratch.command("shellcheck");
    let output = command.args(["--shell=sh", "script"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

/// Without the unit's note a primary is down, and Pacemaker stops before what tells the server's clients of it.
#[test]
fn the_unit_that_notes_the_quorum_is_among_those_that_pacemaker_waits_for() -> Result<(), Trouble> {
    let nodes = "cluster.nodes = [ { name = \"srv1\", address = \"10.20.30.51\" } ]\n\
                 admission.trusted = [\"@haproxy\"]\n";
    let line = |config: &str, args: &[&str], key: &str| -> Result<String, Trouble> {
        let printed = Program::new(config)?.generate("pacemaker", args);
        let begin = format!("#     {key}=");
        let lines: Vec<_> = printed
            .lines()
            .filter_map(|line| line.strip_prefix(&begin))
            .collect();
        assert_eq!(lines.len(), 1, "{printed}");
        assert!(printed.contains("pgsql-state-quorum.service"), "{printed}");
        Ok(lines[0].to_owned())
    };
    let guarded = format!("{nodes}guard.quorum = \"pacemaker\"\n");
    let without_nodes = &SERVERS[6..];
    for key in ["Wants", "After"] {
        assert_eq!(
            line(&guarded, without_nodes, key)?,
            "haproxy.service pgsql-state.socket pgsql-state-quorum.service"
        );
        for (config, args) in [(nodes, without_nodes), ("", &SERVERS[..])] {
            let units = line(config, args, key)?;
            assert_eq!(units, "haproxy.service pgsql-state.socket", "{config}");
        }
    }
    Ok(())
}

#[test]
fn the_agent_finds_the_server_where_the_configuration_does() -> Result<(), Trouble> {
    let config = "postgres.conninfo = \"host=/run/pg port=5436 user=monitor dbname=admin\"\n\
                  cluster.nodes = [ { name = \"srv1\", address = \"10.20.30.51\" } ]\n\
                  admission.trusted = [\"@haproxy\"]\n";
    let program = Program::new(config)?;
    let without_nodes = &SERVERS[6..];
    let printed = program.generate("pacemaker", without_nodes);
    assert!(printed.contains("pghost=/run/pg"), "{printed}");
    assert!(printed.contains("pgport=5436"), "{printed}");
    let given = [without_nodes, &["--socket-folder", "/run/other"]].concat();
    let printed = program.generate("pacemaker", &given);
    assert!(printed.contains("pghost=/run/other"), "{printed}");
    let rules = program.generate("pg-hba", &["--node", "srv1"]);
    let asks = |line: &str| {
        line.split_whitespace()
            .eq(["local", "\"admin\"", "\"monitor\"", "peer"])
    };
    assert!(rules.lines().any(asks), "{rules}");
    Ok(())
}
