//! Who acknowledged: one primary after the other, or two at once.

use std::time::Duration;

use pgsql_state_traffic::{Error, Failure, Instead, Traffic, verify};
use support::{Mode, Postgres, Trouble, until};

use crate::front::{
    Front, PATIENCE, THRESHOLD, at_an_address, look, plan, report, wait_for_notes, wait_for_rows,
};

#[test]
fn a_promotion_ends_one_reign_and_begins_another() -> Result<(), Trouble> {
    let mut old = at_an_address(Postgres::primary(), "one")?.start()?;
    let new = at_an_address(old.standby(), "two")?.start()?;
    let front = Front::leading(&[&old, &new], &[])?;
    // In turn, so every other connection meets the standby.
    let plan = front.plan(&[]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    wait_for_rows(20, || traffic.acknowledged())?;
    until(PATIENCE, "the standby to stream", || {
        old.query("SELECT state FROM pg_stat_replication")
            .is_ok_and(|state| state == "streaming")
    })?;

    old.stop(Mode::Fast)?;
    wait_for_notes(&traffic, "a row that a standby refuses", |record| {
        let mut outcomes = record.writes.iter().map(|write| &write.outcome);
        outcomes.any(|outcome| *outcome == Err(Failure::ReadOnly))
    })?;
    let promoted = new.promote()?;
    wait_for_rows(20, || traffic.acknowledged_since(promoted))?;
    let record = traffic.finish().unwrap();

    let report = look(&record, &plan);
    let reigns: Vec<(&str, i64)> = report
        .reigns
        .iter()
        .map(|reign| (reign.primary.host.as_str(), reign.primary.timeline))
        .collect();
    assert_eq!(reigns, [("one", 1), ("two", 2)]);
    assert_eq!(report.overlaps, []);
    let rows = report.rows.unwrap();
    assert_eq!(rows.on.host, "two");
    assert_eq!(rows.missing, []);
    assert!(report.reigns[0].last < report.reigns[1].first);

    // What the old primary has proves nothing.
    old.start()?;
    let mut access = plan.access.clone();
    access.patience = Duration::from_millis(300);
    let place = old.tcp().unwrap().into();
    let refusal = verify(&record, &place, &access, THRESHOLD).unwrap_err();
    let Error::NoPrimary { seen, .. } = refusal else {
        panic!("{refusal}");
    };
    assert!(matches!(seen, Instead::Former { newest: 2, .. }), "{seen}");
    Ok(())
}

#[test]
fn a_standby_alone_is_no_place_to_look_for_rows() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let standby = at_an_address(primary.standby(), "two")?.start()?;
    let plan = plan(primary.tcp().unwrap(), &["--patience", "300ms"]);
    let record = Traffic::start(plan.clone()).unwrap().finish().unwrap();
    let place = standby.tcp().unwrap().into();
    let said = verify(&record, &place, &plan.access, THRESHOLD).unwrap_err();
    let said = said.to_string();
    assert!(said.ends_with("it leads to a standby"), "{said}");
    Ok(())
}

#[test]
fn two_servers_that_take_writes_in_the_same_second_are_reported() -> Result<(), Trouble> {
    let one = at_an_address(Postgres::primary(), "one")?.start()?;
    let two = at_an_address(Postgres::primary(), "two")?.start()?;
    for server in [&one, &two] {
        // Each is given the table.
        let alone = plan(server.tcp().unwrap(), &[]);
        Traffic::start(alone).unwrap().finish().unwrap();
    }
    let front = Front::leading(&[&one, &two], &[])?;
    let plan = front.plan(&["--write-session", "fresh"]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    wait_for_rows(20, || traffic.acknowledged())?;
    let report = report(traffic, &plan);

    let [overlap] = report.overlaps.as_slice() else {
        panic!("{report}");
    };
    let mut hosts = overlap.primaries.each_ref().map(|primary| &primary.host);
    hosts.sort();
    assert_eq!(hosts, ["one", "two"]);
    assert!(overlap.length > Duration::ZERO);
    let shared = &report.shared_seconds[0].acknowledged;
    assert!(shared["one"] > 0 && shared["two"] > 0, "{report}");
    // Each row is on one of them only.
    let rows = report.rows.as_ref().unwrap();
    assert_eq!(rows.found + rows.missing.len(), report.acknowledged());
    let by = |host: &str| {
        let of_it = report
            .reigns
            .iter()
            .filter(|reign| reign.primary.host == host);
        of_it.map(|reign| reign.acknowledged).sum::<usize>()
    };
    let other = if rows.on.host == "one" { "two" } else { "one" };
    assert_eq!(rows.missing.len(), by(other));
    assert!(
        rows.missing
            .iter()
            .all(|row| row.acknowledged_by.host == other)
    );
    Ok(())
}

#[test]
fn two_writers_that_keep_their_sessions_meet_both_servers_too() -> Result<(), Trouble> {
    let one = at_an_address(Postgres::primary(), "one")?.start()?;
    let two = at_an_address(Postgres::primary(), "two")?.start()?;
    let second = two.tcp().unwrap().to_string();
    Traffic::start(plan(two.tcp().unwrap(), &[]))
        .unwrap()
        .finish()
        .unwrap();
    let both = plan(one.tcp().unwrap(), &["--write", &second]);
    let traffic = Traffic::start(both.clone()).unwrap();
    wait_for_notes(&traffic, "rows of both", |record| {
        let by = |index| {
            let acknowledged = record.acknowledged();
            acknowledged
                .filter(|(write, _)| write.writer == index)
                .count()
        };
        by(0) > 5 && by(1) > 5
    })?;
    let report = report(traffic, &both);
    assert_eq!(report.overlaps.len(), 1, "{report}");
    assert_eq!(report.writers.len(), 2);
    Ok(())
}
