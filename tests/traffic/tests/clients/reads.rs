//! Readers: who answers them, and how old what they see is.

use std::time::Duration;

use pgsql_state_traffic::{Record, Traffic, tally};
use support::{Postgres, Trouble};

use crate::front::{Front, THRESHOLD, at_an_address, look, report, wait_for_notes, wait_for_rows};

fn answers_of_primaries(record: &Record) -> usize {
    let of_primaries = record.answered().filter(|(_, seen)| !seen.in_recovery);
    of_primaries.count()
}

#[test]
fn reads_that_a_primary_serves_are_told_from_those_of_a_standby() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let standby = at_an_address(primary.standby(), "two")?.start()?;
    let front = Front::leading(&[&primary], &[&standby])?;
    let plan = front.plan(&["--read", &front.readers.to_string()]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    wait_for_notes(&traffic, "rows that a reader sees", |record| {
        record.answered().any(|(_, seen)| seen.newest > Some(5))
    })?;
    assert_eq!(answers_of_primaries(&traffic.record()), 0);

    standby.promote()?;
    wait_for_notes(&traffic, "an answer of the new primary", |record| {
        answers_of_primaries(record) > 0
    })?;
    let record = traffic.finish().unwrap();
    let report = look(&record, &plan);
    let reader = &report.readers[0];
    assert_eq!(reader.by_a_primary, answers_of_primaries(&record));
    assert!(reader.by_a_primary < reader.answered["two"], "{report}");
    assert_eq!(reader.answered.len(), 1);
    assert!(reader.failures.connecting.is_empty(), "{report}");
    Ok(())
}

#[test]
fn answers_of_a_standby_that_replays_nothing_grow_old() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let standby = at_an_address(primary.standby(), "two")?.start()?;
    let front = Front::leading(&[&primary], &[&standby])?;
    let readers = front.readers.to_string();
    let plan = front.plan(&["--read", &readers, "--read-session", "kept"]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    wait_for_rows(5, || traffic.acknowledged())?;

    standby.query("SELECT pg_wal_replay_pause()")?;
    let old = Duration::from_millis(300);
    wait_for_notes(&traffic, "an old answer", |record| {
        let report = tally(record, THRESHOLD, None);
        let stalest = report.readers[0].stalest.as_ref();
        stalest.is_some_and(|stale| stale.host == "two" && stale.behind >= old)
    })?;
    let report = report(traffic, &plan);
    assert!(report.readers[0].failures.asking.is_empty(), "{report}");
    Ok(())
}

#[test]
fn a_reader_whose_port_leads_nowhere_fails_all_the_time() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let front = Front::leading(&[&primary], &[])?;
    let plan = front.plan(&["--read", &front.readers.to_string()]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    wait_for_rows(20, || traffic.acknowledged())?;
    wait_for_notes(&traffic, "connections that are not had", |record| {
        record.unreached.len() > 2
    })?;
    let report = report(traffic, &plan);
    let reader = &report.readers[0];
    assert!(reader.answered.is_empty());
    assert!(reader.failures.connecting.values().sum::<usize>() > 2);
    assert_eq!(reader.gaps.longest.length, report.length);
    assert!(report.longest_gap().length < report.length);
    Ok(())
}
