//! The forms of the output, and the statuses of what cannot be asked.

use serde_json::Value;
use support::postgres::MONITOR;
use support::{Postgres, Trouble};

use crate::{NOWHERE, Plugin};

#[test]
fn programs_read_json() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let plugin = Plugin::asking(&primary.conninfo(MONITOR))?;
    let output = plugin.run("replication --json --critical 1");
    assert_eq!(output.status.code(), Some(2));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["check"], "replication");
    assert_eq!(document["status"], "critical");
    assert_eq!(document["figures"]["streaming"]["value"], 0);
    assert_eq!(document["figures"]["streaming"]["critical"], 1);
    Ok(())
}

#[test]
fn what_cannot_be_asked_is_unknown_and_never_a_weight() -> Result<(), Trouble> {
    let plugin = Plugin::with("[postgres]\ntimeout = \"5\"\n")?;
    for (form, status) in [
        ("--nagios", 3),
        ("--json", 3),
        ("--consul", 2),
        ("--keepalived", 1),
        ("--misc-dynamic", 1),
    ] {
        for subject in ["role", "lag", "replication", "connect"] {
            let output = plugin.run(&format!("{subject} {form}"));
            assert_eq!(output.status.code(), Some(status), "{subject} {form}");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("postgres.timeout"), "{said}");
        }
    }
    let plugin = Plugin::asking(NOWHERE)?;
    for (wrong, status) in [
        ("role --warning 1", 64),
        ("lag --warning 2", 64),
        ("lag --warning 2MB --critical 1MB", 64),
        ("lag --warning 1s,2s", 64),
        ("replication --critical 1s", 64),
        ("connect --expect standby", 64),
        ("rule", 64),
        ("rule --keepalived", 1),
        ("rule --misc-dynamic", 1),
        ("role --warning 1 --keepalived", 1),
        ("role --warning 1 --misc-dynamic", 1),
        ("role --misc-dynamc", 1),
    ] {
        let output = plugin.run(wrong);
        assert_eq!(output.status.code(), Some(status), "{wrong}");
        assert_eq!(output.stdout, b"", "{wrong}");
        assert!(!output.stderr.is_empty(), "{wrong}");
    }
    Ok(())
}
