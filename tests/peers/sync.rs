//! Whether a primary waits for a standby, as the standby's daemon learns it from the primary's.

use support::postgres::SUPERUSER;
use support::{Mode, Postgres, Trouble, until};

use crate::{Nodes, SECONDS, Served};

/// The paths that depend on it, and the state that each wants.
const PATHS: [(&str, &[&str]); 5] = [
    ("/sync", &["sync"]),
    ("/read-only-sync", &["sync"]),
    ("/quorum", &["quorum"]),
    ("/read-only-quorum", &["quorum"]),
    ("/async", &["async", "potential"]),
];

/// Waits until a standby's daemon knows this, and holds what it tells against it.
fn is_told(standby: &Served, state: &str) -> Result<(), Trouble> {
    standby.wait_for("sync_state", |seen| seen == state)?;
    for (path, wanted) in PATHS {
        let expected = if wanted.contains(&state) { 200 } else { 503 };
        let (status, body) = standby.get(path)?;
        assert_eq!(status, expected, "{path} while {state}: {body}");
        assert_eq!(body.contains("\"reason\""), status == 503, "{path}: {body}");
    }
    let waited_for = ["sync", "quorum"].contains(&state);
    let expected = if waited_for {
        "up ready 100%\n"
    } else {
        "up drain\n"
    };
    assert_eq!(standby.agent("ro-sync")?, expected, "{state}");
    assert_eq!(standby.agent("ro")?, "up ready 100%\n");
    Ok(())
}

fn wait_for(primary: &mut Postgres, standbys: &str) -> Result<(), Trouble> {
    primary.query(&format!(
        "ALTER SYSTEM SET synchronous_standby_names = '{standbys}'"
    ))?;
    primary.reload()
}

#[test]
fn a_standby_knows_whether_its_primary_waits_for_it() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().start()?;
    let second = primary.standby().name("srv2").start()?;
    // This one is called after its cluster_name alone.
    let conninfo = primary.conninfo(SUPERUSER);
    let third = primary
        .standby()
        .name("the third")
        .setting("primary_conninfo", &conninfo);
    let third = third.start()?;
    let nodes = Nodes::new(3)?;
    let of_primary = nodes.serve(1, &primary, "")?;
    let (of_second, of_third) = (nodes.serve(2, &second, "")?, nodes.serve(3, &third, "")?);
    for (standbys, is_second, is_third) in [
        ("", "async", "async"),
        ("FIRST 1 (srv2, \"the third\")", "sync", "potential"),
        ("ANY 1 (srv2, \"the third\")", "quorum", "quorum"),
        ("srv2", "sync", "async"),
    ] {
        wait_for(&mut primary, standbys)?;
        is_told(&of_second, is_second)?;
        is_told(&of_third, is_third)?;
    }
    for (path, _) in PATHS {
        let expected = if path.starts_with("/read-only") {
            200
        } else {
            503
        };
        assert_eq!(of_primary.get(path)?.0, expected, "{path} of a primary");
    }
    assert_eq!(of_primary.agent("ro-sync")?, "up drain\n");
    assert!(of_primary.state()?["sync_state"].is_null());

    primary.stop(Mode::Fast)?;
    of_second.wait_for("sync_state", serde_json::Value::is_null)?;
    let (status, body) = of_second.get("/sync")?;
    assert_eq!(status, 503);
    assert!(body.contains("\"reason\":\"sync-unknown\""), "{body}");
    assert_eq!(of_second.agent("ro-sync")?, "up drain\n");
    Ok(())
}

#[test]
fn of_standbys_with_one_name_nothing_is_known() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let one = primary.standby().name("twin").start()?;
    let nodes = Nodes::new(2)?;
    let _of_primary = nodes.serve(1, &primary, "")?;
    let of_one = nodes.serve(2, &one, "")?;
    is_told(&of_one, "async")?;
    let _other = primary.standby().name("twin").start()?;
    of_one.wait_for("sync_state", serde_json::Value::is_null)?;
    assert_eq!(of_one.get("/async")?.0, 503);
    Ok(())
}

#[test]
fn without_nodes_it_is_not_known() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().name("srv2").start()?;
    let streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
    until(SECONDS, "the standby to stream", || {
        primary.query(streaming).is_ok_and(|count| count == "1")
    })?;
    let nodes = Nodes::new(1)?;
    let _of_primary = nodes.serve_aside(&primary, "")?;
    let of_standby = nodes.serve(1, &standby, "")?;
    of_standby.daemon.wait_for(SECONDS, "standby")?;
    assert!(of_standby.state()?["sync_state"].is_null());
    for (path, _) in PATHS {
        assert_eq!(of_standby.get(path)?.0, 503, "{path}");
    }
    Ok(())
}
