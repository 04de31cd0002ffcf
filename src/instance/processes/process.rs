//! One process of the server's: its signals, and its end. Knows nothing of what it does.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, RawPid, Signal, kill_process, pidfd_send_signal, test_kill_process};

use super::procfs::{Life, has_proc, life};
use crate::instance::waiting::Pace;
use crate::recipes::Deadline;

/// How soon a process is looked at again where the kernel does not tell of its end.
const STEP: Duration = Duration::from_millis(20);

/// A process that was seen to be one of the server's.
#[derive(Debug)]
pub(in crate::instance) struct Process {
    pub(super) pid: Pid,
    /// When it began, in the kernel's ticks: with its number that is the one process.
    pub(super) began: u64,
    /// The process itself; none before Linux 5.3.
    pub(super) handle: Option<OwnedFd>,
}

impl Process {
    /// Its number.
    pub(in crate::instance) fn pid(&self) -> RawPid {
        self.pid.as_raw_nonzero().get()
    }

    /// Sends it a signal, if it is still there.
    pub(in crate::instance) fn signal(&self, signal: Signal) {
        let sent = match &self.handle {
            Some(handle) => pidfd_send_signal(handle, signal),
            None if self.has_ended() => return,
            None => kill_process(self.pid, signal),
        };
        match sent {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => {
                let pid = self.pid();
                tracing::warn!("process {pid} of the server takes no signal: {error}");
            }
        }
    }

    /// Lets it go on if it was stopped by a signal: before, it takes none but SIGKILL.
    pub(in crate::instance) fn thaw(&self) {
        if life(self.pid).is_some_and(|(life, _)| life == Life::Frozen) {
            self.signal(Signal::CONT);
        }
    }

    /// Whether it has ended.
    pub(in crate::instance) fn has_ended(&self) -> bool {
        self.wait(Deadline::after(Duration::ZERO)).is_some()
    }

    /// Waits for its end; none if it has not ended at the deadline.
    pub(in crate::instance) fn wait(&self, deadline: Deadline) -> Option<()> {
        let ended = || Ok(!self.is_there());
        match wait_for_end(self.handle.as_ref(), ended, deadline) {
            Ok(true) => Some(()),
            Ok(false) | Err(_) => None,
        }
    }

    fn is_there(&self) -> bool {
        match life(self.pid) {
            Some((life, began)) => began == self.began && life != Life::Zombie,
            None => !has_proc() && test_kill_process(self.pid).is_ok(),
        }
    }
}

/// Waits for the end of a process, by its handle if there is one, and says whether it has come.
pub(in crate::instance) fn wait_for_end(
    handle: Option<&OwnedFd>,
    mut has_ended: impl FnMut() -> io::Result<bool>,
    deadline: Deadline,
) -> io::Result<bool> {
    let Some(handle) = handle else {
        let mut pace = Pace::every(STEP);
        while !has_ended()? {
            if pace.pause(deadline).is_none() {
                return Ok(false);
            }
        }
        return Ok(true);
    };
    loop {
        let left = deadline.left();
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        // A process that has ended is readable (pidfd_open(2)).
        match poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&timeout)) {
            Ok(0) if left.is_zero() => return Ok(false),
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Waits for the end of several; none if one has not ended at the deadline.
pub(in crate::instance) fn wait_all(processes: &[Process], deadline: Deadline) -> Option<()> {
    processes
        .iter()
        .try_for_each(|process| process.wait(deadline))
}
