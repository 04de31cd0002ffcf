//! Whatever becomes of a test, no process and no file of it stays.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use support::procfs::working_in;
use support::{Postgres, Trouble, until};

/// Enough on a machine that does everything at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that holds servers, in a process group of its own as test runners make one.
fn hold() -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hold"));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0);
    command.spawn().unwrap()
}

/// The directories that it works in, until it is ready or enough are known.
fn directories(holder: &mut Child, enough: usize) -> Vec<PathBuf> {
    let lines = BufReader::new(holder.stdout.as_mut().unwrap()).lines();
    lines
        .map(Result::unwrap)
        .take_while(|line| line != "ready")
        .take(enough)
        .map(|line| {
            Path::new(&line)
                .ancestors()
                .find(|path| path.parent() == Some(Path::new("/tmp")))
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// The number of a server's shared memory segment: the end of line 7 of `postmaster.pid`.
fn segment(directory: &Path) -> Option<String> {
    let text = fs::read_to_string(directory.join("data/postmaster.pid")).ok()?;
    text.lines()
        .nth(6)?
        .split_whitespace()
        .next_back()
        .map(str::to_owned)
}

fn segments() -> Vec<String> {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap();
    let numbers = table
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().nth(1));
    numbers.map(|number| number.unwrap().to_owned()).collect()
}

fn wait_for_nothing(directories: &[PathBuf], memory: &[String]) -> Result<(), Trouble> {
    until(PATIENCE, "the directories to vanish", || {
        directories.iter().all(|path| !path.exists())
    })?;
    for directory in directories {
        assert_eq!(working_in(directory), [], "{}", directory.display());
    }
    let left: Vec<String> = segments()
        .into_iter()
        .filter(|number| memory.contains(number))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

#[test]
fn nothing_stays_of_a_killed_process_and_its_frozen_servers() -> Result<(), Trouble> {
    let mut holder = hold();
    let directories = directories(&mut holder, usize::MAX);
    assert_eq!(directories.len(), 3);
    let memory: Vec<String> = directories
        .iter()
        .filter_map(|path| segment(path))
        .collect();
    assert_eq!(memory.len(), 2);
    assert!(memory.iter().all(|number| segments().contains(number)));
    kill_process_group(Pid::from_child(&holder), Signal::KILL).unwrap();
    holder.wait().unwrap();
    wait_for_nothing(&directories, &memory)
}

#[test]
fn nothing_stays_of_a_process_killed_while_it_makes_servers() -> Result<(), Trouble> {
    let mut holder = hold();
    let directories = directories(&mut holder, 1);
    let memory: Vec<String> = directories
        .iter()
        .filter_map(|path| segment(path))
        .collect();
    kill_process_group(Pid::from_child(&holder), Signal::KILL).unwrap();
    holder.wait().unwrap();
    wait_for_nothing(&directories, &memory)
}

#[test]
fn a_process_that_ends_by_itself_has_cleaned_up_before() {
    let mut holder = hold();
    let directories = directories(&mut holder, usize::MAX);
    drop(holder.stdin.take());
    assert!(holder.wait().unwrap().success());
    assert!(
        directories.iter().all(|path| !path.exists()),
        "{directories:?}"
    );
}

#[test]
fn a_panic_cleans_up() {
    let (tell, told) = std::sync::mpsc::channel();
    let panicked = std::thread::spawn(move || {
        let server = Postgres::primary().start().unwrap();
        tell.send(server.data_dir()).unwrap();
        panic!("as a failed assertion does");
    });
    assert!(panicked.join().is_err());
    let directory = told.recv().unwrap();
    assert!(!directory.exists());
    assert_eq!(working_in(&directory), []);
}
