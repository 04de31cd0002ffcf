//! What a commit waits for.

use pgsql_state_traffic::{Failure, Traffic};
use support::{Postgres, Trouble, until};

use crate::front::{PATIENCE, at_an_address, look, plan, wait_for_notes, wait_for_rows};

/// A primary whose synchronous standby is not there.
fn waiting_primary() -> Result<Postgres, Trouble> {
    at_an_address(Postgres::primary(), "one")?
        .setting("synchronous_standby_names", "nobody")
        .start()
}

#[test]
fn a_commit_whose_wait_was_cancelled_is_no_acknowledgement() -> Result<(), Trouble> {
    let primary = waiting_primary()?;
    let plan = plan(primary.tcp().unwrap(), &["--synchronous-commit", "on"]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    until(PATIENCE, "a commit that waits", || {
        primary
            .query(cancel)
            .is_ok_and(|cancelled| cancelled == "t")
    })?;
    wait_for_notes(&traffic, "the outcome", |record| !record.writes.is_empty())?;
    let record = traffic.finish().unwrap();
    assert_eq!(record.writes[0].outcome, Err(Failure::Warned));
    let rows = look(&record, &plan).rows.unwrap();
    assert!(rows.unacknowledged.contains(&record.writes[0].number));
    Ok(())
}

#[test]
fn without_the_option_the_servers_own_setting_counts() -> Result<(), Trouble> {
    let primary = waiting_primary()?;
    // `local`, as every server of the harness has it.
    let traffic = Traffic::start(plan(primary.tcp().unwrap(), &[])).unwrap();
    wait_for_rows(5, || traffic.acknowledged())?;
    traffic.finish().unwrap();
    Ok(())
}
