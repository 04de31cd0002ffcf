//! Another program, run to its end, or killed at a deadline. Knows nothing of what it prints.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use thiserror::Error;

use crate::recipes::{ClusterError, Deadline};

/// Between two looks at a process where the kernel tells nobody that it has ended: before Linux 5.3, as in
/// Red Hat's 8.
const LOOK: Duration = Duration::from_millis(5);

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    status: ExitStatus,
    printed: Vec<u8>,
    complaint: Vec<u8>,
}

/// Why it did not.
#[derive(Debug, Error)]
pub enum RunError {
    /// It cannot be started.
    #[error("it cannot be started: {0}")]
    Start(io::Error),
    /// It did not end in time.
    #[error("it did not end in time")]
    Late,
    /// It cannot be listened to.
    #[error("it cannot be listened to: {0}")]
    Listen(#[from] io::Error),
}

impl Ended {
    /// The status it ended with, unless a signal ended it.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// What it printed, where it ended well.
    pub fn well(self, program: &str) -> Result<String, ClusterError> {
        if self.status.success() {
            return Ok(String::from_utf8_lossy(&self.printed).into_owned());
        }
        let complaint = String::from_utf8_lossy(&self.complaint);
        let complaint = complaint.lines().next().unwrap_or_default().trim();
        let separator = if complaint.is_empty() { "" } else { ": " };
        Err(ClusterError::Program {
            program: program.into(),
            said: format!("{}{separator}{complaint}", self.status),
        })
    }
}

/// Runs it, without input.
pub fn run(command: &mut Command, deadline: Deadline) -> Result<Ended, RunError> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().map_err(RunError::Start)?;
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let process = process.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    Running(child).listen(process.as_ref(), deadline)
}

/// A program that is killed where nobody waits for its end any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended is left alone by both.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Running {
    /// Reads what it says until it ends: what its own children may still say counts for nothing.
    fn listen(mut self, process: Option<&OwnedFd>, deadline: Deadline) -> Result<Ended, RunError> {
        let mut printed = Pipe::of(self.0.stdout.take().map(OwnedFd::from))?;
        let mut complaint = Pipe::of(self.0.stderr.take().map(OwnedFd::from))?;
        loop {
            let status = self.0.try_wait()?;
            printed.drain()?;
            complaint.drain()?;
            if let Some(status) = status {
                let [printed, complaint] = [printed.read, complaint.read];
                return Ok(Ended {
                    status,
                    printed,
                    complaint,
                });
            }
            if deadline.has_passed() {
                return Err(RunError::Late);
            }
            let sources = [printed.source(), complaint.source()];
            let process = process.map(AsFd::as_fd);
            let longest = process.map_or(LOOK, |_| deadline.left());
            wait(sources.into_iter().flatten().chain(process), longest)?;
        }
    }
}

/// Waits until one of them has something to say, but no longer than that.
fn wait<'fd>(sources: impl Iterator<Item = BorrowedFd<'fd>>, longest: Duration) -> io::Result<()> {
    let mut watched: Vec<_> = sources
        .map(|source| PollFd::from_borrowed_fd(source, PollFlags::IN))
        .collect();
    // A time that cannot be counted is none.
    let longest = Timespec::try_from(longest).ok();
    match poll(&mut watched, longest.as_ref()) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// One of the two that a program speaks into.
struct Pipe {
    /// None once it is closed.
    end: Option<File>,
    read: Vec<u8>,
}

impl Pipe {
    fn of(end: Option<OwnedFd>) -> io::Result<Self> {
        if let Some(end) = &end {
            ioctl_fionbio(end, true)?;
        }
        Ok(Self {
            end: end.map(File::from),
            read: Vec::new(),
        })
    }

    fn source(&self) -> Option<BorrowedFd<'_>> {
        self.end.as_ref().map(AsFd::as_fd)
    }

    /// Reads what is there.
    fn drain(&mut self) -> io::Result<()> {
        let Some(end) = &mut self.end else {
            return Ok(());
        };
        match end.read_to_end(&mut self.read) {
            Ok(_) => self.end = None,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn both_pipes_are_read_whole_and_at_once() {
        let script = "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; exit 3";
        let ended = run(&mut sh(script), Deadline::after(LONG)).unwrap();
        assert_eq!(ended.code(), Some(3));
        assert_eq!(ended.printed.len(), 300_000);
        assert_eq!(ended.complaint.len(), 300_000);
    }

    #[test]
    fn what_does_not_end_is_killed_at_the_deadline() {
        let began = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(50));
        let late = run(&mut sh("exec sleep 60"), deadline).unwrap_err();
        assert!(matches!(late, RunError::Late), "{late}");
        assert!(began.elapsed() < LONG);
    }

    #[test]
    fn a_child_that_keeps_the_pipes_open_is_not_waited_for() {
        let began = Instant::now();
        let ended = run(&mut sh("sleep 60 & echo said"), Deadline::after(LONG)).unwrap();
        assert_eq!(ended.well("sh").unwrap(), "said\n");
        assert!(began.elapsed() < LONG);
    }

    #[test]
    fn where_the_kernel_does_not_tell_it_is_looked_after() {
        let mut command = sh("exec >&- 2>&-; sleep 0.05; exit 4");
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let running = Running(command.spawn().unwrap());
        let ended = running.listen(None, Deadline::after(LONG)).unwrap();
        assert_eq!(ended.code(), Some(4));
    }

    #[test]
    fn a_failure_is_told_with_its_first_line() {
        let ended = |script| run(&mut sh(script), Deadline::after(LONG)).unwrap();
        let said = |script| ended(script).well("crm_node").unwrap_err().to_string();
        assert_eq!(
            said("echo 'No such device'; echo 'Not connected' >&2; exit 102"),
            "crm_node failed: exit status: 102: Not connected"
        );
        assert_eq!(said("kill $$"), "crm_node failed: signal: 15 (SIGTERM)");
        let mut missing = Command::new("/nowhere/crm_node");
        let error = run(&mut missing, Deadline::after(LONG)).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("it cannot be started: No such file"),
            "{error}"
        );
    }
}
