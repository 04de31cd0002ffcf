//! The rows on the primary afterwards.

use pgsql_state_traffic::{Error, Traffic};
use support::postgres::ORDINARY;
use support::{Postgres, Trouble};

use crate::front::{Front, at_an_address, look, plan, wait_for_rows};

#[test]
fn a_deleted_row_is_missing_and_a_stranger_is_not_acknowledged() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let front = Front::leading(&[&primary], &[])?;
    let plan = front.plan(&[]);
    let traffic = Traffic::start(plan.clone()).unwrap();
    wait_for_rows(20, || traffic.acknowledged())?;
    let record = traffic.finish().unwrap();
    assert_eq!(look(&record, &plan).rows.unwrap().missing, []);

    primary.query("DELETE FROM pgsql_state_traffic WHERE number = 7")?;
    let run = &record.begin.run;
    primary.query(&format!(
        "INSERT INTO pgsql_state_traffic VALUES ('{run}', 100000, 0, 'nobody', 1), ('other', 100001, 0, 'one', 1)"
    ))?;
    let report = look(&record, &plan);
    let rows = report.rows.as_ref().unwrap();
    let missing: Vec<i64> = rows.missing.iter().map(|row| row.number).collect();
    assert_eq!(missing, [7]);
    assert_eq!(rows.missing[0].acknowledged_by.host, "one");
    assert_eq!(rows.unacknowledged, [100_000]);
    // One went and one came.
    assert_eq!(rows.found, report.acknowledged());
    Ok(())
}

#[test]
fn a_second_run_uses_the_table_of_the_first_and_sees_its_own_rows() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let plan = plan(primary.tcp().unwrap(), &[]);
    for _ in 0..2 {
        let traffic = Traffic::start(plan.clone()).unwrap();
        wait_for_rows(5, || traffic.acknowledged())?;
        let record = traffic.finish().unwrap();
        let rows = look(&record, &plan).rows.unwrap();
        assert_eq!((rows.missing.len(), rows.unacknowledged.len()), (0, 0));
    }
    assert_eq!(
        primary.query("SELECT count(DISTINCT run) FROM pgsql_state_traffic")?,
        "2"
    );
    Ok(())
}

#[test]
fn a_role_that_may_create_nothing_is_told_so_and_uses_a_table_of_its_own() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let options = ["--user", ORDINARY];
    let plan = plan(primary.tcp().unwrap(), &options);
    let refusal = Traffic::start(plan.clone()).err().unwrap();
    assert!(matches!(refusal, Error::Table { .. }), "{refusal}");

    let mut own = plan.clone();
    own.access.user = "postgres".into();
    Traffic::start(own).unwrap().finish().unwrap();
    primary.query(&format!(
        "ALTER TABLE pgsql_state_traffic OWNER TO {ORDINARY}"
    ))?;
    let traffic = Traffic::start(plan).unwrap();
    wait_for_rows(5, || traffic.acknowledged())?;
    traffic.finish().unwrap();
    Ok(())
}
