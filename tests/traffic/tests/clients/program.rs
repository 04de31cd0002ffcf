//! The program on the command line: how it is ended, what it leaves, and what it says.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use pgsql_state_traffic::{Record, Report};
use rustix::process::Signal;
use support::running::{Running, run};
use support::scratch::Scratch;
use support::{Postgres, Trouble, Whom, ports, until};

use crate::front::{PATIENCE, at_an_address};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state-traffic");

fn program(scratch: &Scratch, options: &[&str]) -> Command {
    let mut command = scratch.command(PROGRAM);
    command.args(options);
    command
}

fn output(scratch: &Scratch, options: &[&str]) -> Output {
    program(scratch, options).output().unwrap()
}

fn read(path: &Path) -> Report {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn sigterm_ends_a_run_and_the_report_is_for_programs_and_for_people() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let scratch = Scratch::new()?;
    let (place, file) = (primary.tcp().unwrap(), scratch.path().join("report.json"));
    let options = [
        "run",
        "--write",
        &place.to_string(),
        "--report",
        "report.json",
    ];
    let mut running = Running::start(&scratch, "traffic", program(&scratch, &options))?;
    until(PATIENCE, "rows", || {
        let count = primary.query("SELECT count(*) > 5 FROM pgsql_state_traffic");
        count.is_ok_and(|enough| enough == "t")
    })?;
    running.signal(Signal::TERM)?;
    assert!(running.end_within(PATIENCE)?.success());

    let report = read(&file);
    assert!(report.acknowledged() > 5);
    assert_eq!(report.reigns[0].primary.host, place.to_string());
    assert_eq!(report.rows.as_ref().unwrap().missing, []);
    assert_eq!(running.log(), report.to_string());
    Ok(())
}

#[test]
fn a_run_ends_by_itself_and_is_verified_later_from_its_record() -> Result<(), Trouble> {
    let primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let scratch = Scratch::new()?;
    let place = primary.tcp().unwrap().to_string();
    let to = ["--write", &place, "--record", "record"];
    let going = [
        "run",
        "--for",
        "500ms",
        "--unverified",
        "--report",
        "first.json",
    ];
    run(program(&scratch, &[&going[..], &to].concat()))?;
    let first = read(&scratch.path().join("first.json"));
    assert!(first.rows.is_none());
    assert!(first.length.as_millis() >= 500, "{first}");

    primary.query("DELETE FROM pgsql_state_traffic WHERE number = 2")?;
    let later = ["verify", "--report", "second.json"];
    run(program(&scratch, &[&later[..], &to].concat()))?;
    let second = read(&scratch.path().join("second.json"));
    assert_eq!(second.rows.as_ref().unwrap().missing[0].number, 2);
    assert_eq!(second.writers, first.writers);
    let record = Record::read(&scratch.path().join("record")).unwrap();
    assert_eq!(record.end, Some(first.length));
    Ok(())
}

#[test]
fn without_a_primary_there_is_one_sentence_and_no_report() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let nobody = ports::free()?.to_string();
    let options = [
        "run",
        "--write",
        &nobody,
        "--patience",
        "100ms",
        "--report",
        "report.json",
    ];
    let output = output(&scratch, &options);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!(
            "pgsql-state-traffic: no primary was found through {nobody} within 100ms: \
             the last attempt ended with refused\n"
        )
    );
    assert!(output.stdout.is_empty());
    assert!(!scratch.path().join("report.json").exists());
    Ok(())
}

#[test]
fn a_primary_that_is_away_at_the_end_takes_only_the_rows_from_the_report() -> Result<(), Trouble> {
    let mut primary = at_an_address(Postgres::primary(), "one")?.start()?;
    let scratch = Scratch::new()?;
    let place = primary.tcp().unwrap().to_string();
    let to = [
        "--write",
        &place,
        "--record",
        "record",
        "--report",
        "report.json",
    ];
    let times = [
        "--patience",
        "1s",
        "--statement-timeout",
        "500ms",
        "--connect-timeout",
        "500ms",
    ];
    let going = program(&scratch, &[&["run"], &to[..], &times].concat());
    let mut running = Running::start(&scratch, "traffic", going)?;
    let record = scratch.path().join("record");
    until(PATIENCE, "rows", || {
        Record::read(&record).is_ok_and(|record| record.acknowledged().count() > 5)
    })?;
    primary.freeze(Whom::Everyone)?;
    running.signal(Signal::INT)?;
    assert_eq!(running.end_within(PATIENCE)?.code(), Some(1));
    let said = running.log();
    assert!(said.contains("no primary was found"), "{said}");
    let report = read(&scratch.path().join("report.json"));
    assert!(report.rows.is_none());
    assert!(report.acknowledged() > 5);
    Ok(())
}
