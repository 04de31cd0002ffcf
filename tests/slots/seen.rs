//! What plugins, metrics and doctor make of slots.

use support::{Mode, Trouble};

use crate::cluster::Cluster;

#[test]
fn a_slot_that_is_not_in_use_is_told_on_a_primary_and_a_standbys_is_not() -> Result<(), Trouble> {
    let mut cluster = Cluster::new(2, "role = \"keeper\"\ncap = \"1GB\"\n")?;
    cluster.wait_for_slot(0, "pgsql_state_srv2", "active", "t")?;
    cluster.wait_for_slot(1, "pgsql_state_srv1", "restart_lsn IS NOT NULL", "t")?;
    let check = ["check", "slots", "--warning", "1GB"];
    for index in [0, 1] {
        let (said, status) = cluster.said(index, &check);
        assert_eq!(status, Some(0), "{said}");
        assert!(
            said.starts_with("SLOTS OK - slots: 1, the most is "),
            "{said}"
        );
    }
    let (planned, _) = cluster.said(1, &["keeper", "--dry-run"]);
    assert!(planned.starts_with("Replication slots:\n"), "{planned}");
    assert!(planned.contains(" the slot pgsql_state_srv1"), "{planned}");
    cluster.servers[1].stop(Mode::Fast)?;
    cluster.wait_for_slot(0, "pgsql_state_srv2", "active", "f")?;
    cluster.write(0, 2)?;
    let (said, status) = cluster.said(0, &check);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("; pgsql_state_srv2 is not in use | retained="),
        "{said}"
    );
    let (said, status) = cluster.said(0, &["check", "slots", "--critical", "1MB", "--json"]);
    assert_eq!(status, Some(2), "{said}");
    let metrics = cluster.metrics(0);
    let label = "{slot=\"pgsql_state_srv2\"} ";
    let of = |name: &str| {
        let line = format!("pgsql_state_slot_{name}{label}");
        let found = metrics.lines().find_map(|one| one.strip_prefix(&line));
        found.map(|value| value.parse::<i64>().unwrap())
    };
    assert_eq!(of("active"), Some(0), "{metrics}");
    assert!(of("retained_bytes") > Some(1 << 20), "{metrics}");
    Ok(())
}

#[test]
fn doctor_finds_what_the_keeper_does_not_mend() -> Result<(), Trouble> {
    let cluster = Cluster::new(2, "role = \"keeper\"\n")?;
    let server = &cluster.servers[1];
    server.query("SELECT pg_create_physical_replication_slot('forgotten', true)")?;
    let (said, _) = cluster.said(1, &["doctor", "--node", "srv2"]);
    for finding in ["slots-no-cap", "slot-missing", "slot-foreign"] {
        assert!(said.contains(finding), "{finding}: {said}");
    }
    Ok(())
}
