use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Instant;

use super::*;

const LONG: Duration = Duration::from_secs(30);

fn sh(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

#[test]
fn the_whole_output_is_read() {
    let script = "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; exit 3";
    let ended = run(&mut sh(script), Deadline::after(LONG)).unwrap();
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.printed.len(), 300_000);
    assert_eq!(ended.complaint.len(), 300_000);
}

#[test]
fn too_much_output_takes_bounded_memory_and_is_an_error() {
    let mut running =
        RunningProgram::start(&mut sh("head -c 1000000000 /dev/zero; exit 0")).unwrap();
    let ended = running.child.wait().unwrap();
    assert!(ended.success());
    let blocks = running.printed.metadata().unwrap().blocks();
    assert!(blocks * 512 <= MOST, "{blocks}");
    let error = running.end(Deadline::after(LONG)).unwrap_err();
    assert!(matches!(error, RunError::TooMuchOutput), "{error}");
}

#[test]
fn a_program_that_does_not_end_is_killed_at_the_deadline() {
    let began = Instant::now();
    let deadline = Deadline::after(Duration::from_millis(50));
    let late = run(&mut sh("exec sleep 60"), deadline).unwrap_err();
    assert!(matches!(late, RunError::Late), "{late}");
    assert!(began.elapsed() < LONG);
}

#[test]
fn a_process_that_a_program_leaves_running_is_not_waited_for() {
    let began = Instant::now();
    let ended = run(&mut sh("sleep 60 & echo said"), Deadline::after(LONG)).unwrap();
    assert_eq!(ended.printed, "said\n");
    assert!(began.elapsed() < LONG);
}

#[test]
fn without_a_pidfd_a_process_is_polled() {
    let mut running = RunningProgram::start(&mut sh("sleep 0.05")).unwrap();
    let has_ended = || Ok(running.child.try_wait()?.is_some());
    assert!(wait_for_end(None, has_ended, Deadline::after(LONG)).unwrap());
    let deadline = Deadline::after(Duration::from_millis(20));
    assert!(!wait_for_end(None, || Ok(false), deadline).unwrap());
}

#[test]
fn a_running_program_is_killed_when_it_is_dropped() {
    let mut running = RunningProgram::start(&mut sh("exec sleep 60")).unwrap();
    let folder = PathBuf::from(format!("/proc/{}", running.id()));
    assert!(folder.exists() && !running.has_ended());
    drop(running);
    assert!(!folder.exists());
}

#[test]
fn a_missing_program_is_an_error() {
    let mut missing = Command::new("/nowhere/crm_node");
    let error = run(&mut missing, Deadline::after(LONG)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("it cannot be started: No such file"),
        "{message}"
    );
}
