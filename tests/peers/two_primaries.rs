//! `guard.two_primaries`, with an old primary that goes on beside a promoted standby.

use std::fs;
use std::process::Command;

use support::{Mode, Postgres, Trouble, until};

use crate::{Nodes, PROGRAM, SECONDS, Served};

const YIELD: &str = "[guard]\ntwo_primaries = \"yield\"\n";
const REPORT: &str = "[guard]\ntwo_primaries = \"report\"\n";

/// Longer than a word of a peer counts, in seconds.
const STALE: f64 = 3.5;

/// A primary and a standby.
fn pair() -> Result<(Postgres, Postgres), Trouble> {
    let old = Postgres::primary().start()?;
    let new = old.standby().start()?;
    Ok((old, new))
}

fn says(served: &Served) -> String {
    served.daemon.ask().unwrap()
}

/// Waits until a daemon knows of another primary.
fn knows_of(served: &Served, node: &str, timeline: i64) -> Result<(), Trouble> {
    let is_so = |other: &serde_json::Value| other["node"] == node && other["timeline"] == timeline;
    served.wait_for("other_primary", is_so).map(drop)
}

#[test]
fn an_old_primary_gives_way_to_a_new_one_until_that_is_a_standby() -> Result<(), Trouble> {
    let (old, mut new) = pair()?;
    let nodes = Nodes::new(2)?;
    let first = nodes.serve(1, &old, YIELD)?;
    let second = nodes.serve(2, &new, YIELD)?;
    first.daemon.wait_for(SECONDS, "production")?;
    second.daemon.wait_for(SECONDS, "standby")?;
    assert!(first.state()?["other_primary"].is_null());

    new.promote()?;
    first.daemon.wait_for(SECONDS, "down two-primaries")?;
    assert_eq!(first.get("/primary")?.0, 503);
    assert_eq!(first.agent("rw")?, "down #two-primaries\n");
    assert!(
        first
            .get("/metrics")?
            .1
            .contains("pgsql_state_two_primaries 1\n")
    );
    let line = "srv2 is a primary of the same system, on timeline 2, newer than this server's";
    until(SECONDS, "a line about it", || {
        first.daemon.log().contains(line)
    })?;
    // The new one sees the old one, and stays.
    knows_of(&second, "srv1", 1)?;
    assert_eq!(says(&second), "production");

    // Nobody tells of it any more, for longer than any word counts.
    new.stop(Mode::Fast)?;
    first.wait_for("other_primary", |other| {
        other["heard_seconds_ago"].as_f64() > Some(STALE)
    })?;
    assert_eq!(says(&first), "down two-primaries");

    let signal = new.data_dir().join("standby.signal");
    fs::write(signal, "").map_err(Trouble::io("make a standby of the new primary"))?;
    new.start()?;
    first.daemon.wait_for(SECONDS, "production")?;
    assert!(first.state()?["other_primary"].is_null());
    Ok(())
}

#[test]
fn a_report_changes_no_answer() -> Result<(), Trouble> {
    let (old, new) = pair()?;
    let nodes = Nodes::new(2)?;
    let first = nodes.serve(1, &old, REPORT)?;
    let _second = nodes.serve(2, &new, "")?;
    new.promote()?;
    knows_of(&first, "srv2", 2)?;
    assert_eq!(says(&first), "production");
    assert!(
        first
            .get("/metrics")?
            .1
            .contains("pgsql_state_two_primaries 1\n")
    );
    Ok(())
}

#[test]
fn a_daemon_that_has_just_begun_knows_of_the_new_primary() -> Result<(), Trouble> {
    let (old, new) = pair()?;
    new.promote()?;
    let nodes = Nodes::new(2)?;
    let second = nodes.serve(2, &new, "")?;
    second.daemon.wait_for(SECONDS, "production")?;
    // The one beside it, of the same server, is no other primary.
    let first = nodes.serve(1, &old, REPORT)?;
    let mut aside = nodes.serve_aside(&old, YIELD)?;
    assert_eq!(says(&aside), "down two-primaries");
    assert_eq!(says(&first), "production");
    let probe = Command::new(PROGRAM)
        .args(["probe", "--config"])
        .arg(aside.daemon.config_file())
        .output()
        .map_err(Trouble::io("probe"))?;
    assert_eq!(probe.stdout, b"down two-primaries\n");
    let yielding = fs::read_to_string(aside.daemon.config_file()).unwrap();
    aside
        .daemon
        .reload(&yielding.replace("\"yield\"", "\"report\""))?;
    assert_eq!(says(&aside), "production");
    Ok(())
}

#[test]
fn who_hears_nobody_and_who_hears_only_itself_are_what_they_are() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let nodes = Nodes::new(2)?;
    let first = nodes.serve(1, &primary, YIELD)?;
    assert_eq!(says(&first), "production");
    let aside = nodes.serve_aside(&primary, YIELD)?;
    assert_eq!(says(&aside), "production");
    for served in [&first, &aside] {
        let line = "srv2 does not report its server: ";
        until(SECONDS, "a line about it", || {
            served.daemon.log().contains(line)
        })?;
        assert!(
            !served.daemon.log().contains("srv1"),
            "{}",
            served.daemon.log()
        );
        assert!(served.state()?["other_primary"].is_null());
    }
    Ok(())
}
