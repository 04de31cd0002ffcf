//! One process of the server: its signals, and its end. Knows nothing of what it does.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, RawPid, Signal, kill_process, pidfd_send_signal, test_kill_process};

use super::procfs::{Life, has_proc, life};
use crate::base::Deadline;
use crate::base::program::wait_for_end;
use crate::base::system_clock::OnSystemClock;

/// A process that was identified as one of the server's.
#[derive(Debug)]
pub(in crate::agent::local) struct Process {
    pub(super) pid: Pid,
    /// Its start time, in the kernel's clock ticks: together with the process ID it identifies the process.
    pub(super) began: u64,
    /// The handle of the process; `None` before Linux 5.3.
    pub(super) handle: Option<OwnedFd>,
}

impl Process {
    /// Returns the process ID.
    pub(in crate::agent::local) fn pid(&self) -> RawPid {
        self.pid.as_raw_nonzero().get()
    }

    /// Sends it a signal, if it still runs.
    pub(in crate::agent::local) fn signal(&self, signal: Signal) {
        let sent = match &self.handle {
            Some(handle) => pidfd_send_signal(handle, signal),
            None if self.has_ended() => return,
            None => kill_process(self.pid, signal),
        };
        match sent {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => {
                let pid = self.pid();
                tracing::warn!("cannot send a signal to process {pid} of the server: {error}");
            }
        }
    }

    /// Continues it if it was stopped by a signal: a stopped process handles no signal but SIGKILL.
    pub(in crate::agent::local) fn thaw(&self) {
        if self.is_frozen() {
            self.signal(Signal::CONT);
        }
    }

    /// Returns whether it was stopped by a signal.
    pub(in crate::agent::local) fn is_frozen(&self) -> bool {
        life(self.pid).is_some_and(|(life, _)| life == Life::Frozen)
    }

    /// Returns whether it has ended.
    pub(in crate::agent::local) fn has_ended(&self) -> bool {
        self.wait(Deadline::after(Duration::ZERO)).is_some()
    }

    /// Waits for its end; returns `None` if it has not ended at the deadline.
    pub(in crate::agent::local) fn wait(&self, deadline: Deadline) -> Option<()> {
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

/// Waits for the end of several processes; returns `None` if one has not ended at the deadline.
pub(in crate::agent::local) fn wait_all(processes: &[Process], deadline: Deadline) -> Option<()> {
    processes
        .iter()
        .try_for_each(|process| process.wait(deadline))
}
