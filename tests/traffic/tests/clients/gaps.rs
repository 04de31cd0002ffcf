//! Servers that are away for a while.

use std::time::Instant;

use pgsql_state_traffic::{Failure, Traffic};
use support::{Mode, Postgres, Trouble, Whom, until};

use crate::front::{Front, PATIENCE, at_an_address, report, wait_for_notes, wait_for_rows};

#[test]
fn a_restart_is_a_gap_from_the_stop_to_the_start_and_loses_nothing() -> Result<(), Trouble> {
    let mut primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let front = Front::leading(&[&primary], &[&primary])?;
    let plan = front.plan(&[]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    wait_for_rows(20, || traffic.acknowledged())?;

    primary.stop(Mode::Fast)?;
    let stopped = traffic.at(Instant::now());
    wait_for_notes(&traffic, "a connection that is not had", |record| {
        !record.unreached.is_empty()
    })?;
    let starting = traffic.at(Instant::now());
    primary.start()?;
    let started = Instant::now();
    wait_for_rows(20, || traffic.acknowledged_since(started))?;
    let report = report(traffic, &plan);

    let gap = report.longest_gap();
    assert!(gap.begin <= stopped, "{gap:?}, stopped at {stopped:?}");
    assert!(gap.begin + gap.length >= starting, "{gap:?}, {starting:?}");
    assert!(report.length > gap.begin + gap.length);
    let writer = &report.writers[0];
    assert_eq!(writer.failures.asking, [(Failure::ShuttingDown, 1)].into());
    let known = [Failure::Closed, Failure::Reset, Failure::CannotConnectNow];
    let connecting = &writer.failures.connecting;
    assert!(!connecting.is_empty());
    assert!(connecting.keys().all(|why| known.contains(why)), "{report}");

    let rows = report.rows.unwrap();
    assert_eq!(rows.missing, []);
    assert_eq!(rows.found, writer.acknowledged + rows.unacknowledged.len());
    assert_eq!((report.reigns.len(), report.overlaps.len()), (1, 0));
    Ok(())
}

#[test]
fn a_frozen_server_is_given_up_in_time_and_its_last_row_has_an_unknown_outcome()
-> Result<(), Trouble> {
    let mut primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let front = Front::leading(&[&primary], &[])?;
    let plan = front.plan(&["--statement-timeout", "1s", "--connect-timeout", "500ms"]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    wait_for_rows(20, || traffic.acknowledged())?;

    primary.freeze(Whom::Everyone)?;
    wait_for_notes(&traffic, "a connection to be given up", |record| {
        let mut whys = record.unreached.iter().map(|unreached| unreached.why);
        whys.any(|why| why == Failure::ConnectTimeout)
    })?;
    let sent = traffic.record().writes.pop().unwrap();
    assert_eq!(sent.outcome, Err(Failure::StatementTimeout));
    primary.thaw()?;
    let thawed = Instant::now();
    wait_for_rows(5, || traffic.acknowledged_since(thawed))?;
    // The server had the row in its hands and nobody to tell.
    let written = "SELECT count(*) FROM pgsql_state_traffic WHERE number";
    until(PATIENCE, "the row without a reader", || {
        let question = format!("{written} = {}", sent.number);
        primary.query(&question).is_ok_and(|count| count == "1")
    })?;

    let report = report(traffic, &plan);
    let rows = report.rows.as_ref().unwrap();
    assert!(rows.unacknowledged.contains(&sent.number), "{report}");
    assert_eq!(rows.missing, []);
    assert!(report.longest_gap().length >= plan.access.statement_timeout);
    Ok(())
}
