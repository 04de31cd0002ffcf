//! The process between the suite and the agent, which inherits and reaps what the agent leaves. A server's
//! parent is `pg_ctl`, which ends; whoever inherits it has to reap it, else the killed server stays as a
//! zombie, which `pg_ctl` takes for a running one. Init would, but not every container has one.
//!
//! A program of its own beside the suite would not be built with it, so the suite's own program is called
//! again, for one test that is none.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::io::Errno;
use rustix::process::{WaitOptions, getpid, set_child_subreaper, wait};

/// The arguments with which the suite's program is a reaper.
pub(super) const ARGUMENTS: &[&str] = &[
    "--exact",
    "call::reaper::stays_as_long_as_what_it_started",
    "--ignored",
    "--nocapture",
];

/// Begins the lines on standard output that are meant for the suite.
pub(super) const PREFIX: &str = "reaper: ";

/// Reads a command, its words separated by zero bytes, from standard input; writes `pid N`, and `exit N`
/// or `signal N` once that has ended; ends itself when nothing is left to reap. What the command writes goes
/// to standard error.
#[test]
#[ignore = "no test, but the program that the suite calls agents with"]
fn stays_as_long_as_what_it_started() -> io::Result<()> {
    let mut words = String::new();
    io::stdin().read_to_string(&mut words)?;
    let mut words = words.split('\0');
    let Some(program) = words.next().filter(|word| !word.is_empty()) else {
        return Ok(());
    };
    set_child_subreaper(Some(getpid()))?;
    let output = || io::stderr().as_fd().try_clone_to_owned().map(Stdio::from);
    let agent = Command::new(program)
        .args(words)
        // A group of its own, as Pacemaker gives it: that is killed at a timeout.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(output()?)
        .stderr(output()?)
        .spawn()?;
    println!("\n{PREFIX}pid {}", agent.id());
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status)))
                if u32::try_from(pid.as_raw_nonzero().get()) == Ok(agent.id()) =>
            {
                let end = (status.exit_status(), status.terminating_signal());
                match end {
                    (Some(status), _) => println!("{PREFIX}exit {status}"),
                    (None, signal) => println!("{PREFIX}signal {}", signal.unwrap_or_default()),
                }
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Ok(()),
        }
    }
}
