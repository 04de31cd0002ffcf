//! A server's processes: found by their directory and title, stopped and continued one by one.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::Postgres;
use crate::procfs::{Process, is_still, working_in};
use crate::trouble::Trouble;
use crate::wait::until;

/// Which of a server's processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The postmaster alone: old sessions are answered, new connections are not.
    Postmaster,
    /// All of them.
    Everyone,
    /// The children whose title begins so, after `postgres: ` and the cluster's name:
    /// `"checkpointer"`, `"walreceiver"`, `"startup"`.
    Child(&'static str),
}

impl Postgres {
    /// Stops processes with SIGSTOP and waits until they stand still.
    pub fn freeze(&mut self, whom: Whom) -> Result<(), Trouble> {
        // The postmaster first, so that it starts nothing while the others are counted.
        if whom == Whom::Everyone {
            self.freeze(Whom::Postmaster)?;
        }
        let pids = self.pids(whom)?;
        self.signal_all(&pids, Signal::STOP)?;
        until(
            Duration::from_secs(10),
            "the processes to stand still",
            || pids.iter().all(|pid| is_still(*pid)),
        )
    }

    /// Continues every stopped process.
    pub fn thaw(&mut self) -> Result<(), Trouble> {
        let pids = self.pids(Whom::Everyone)?;
        self.signal_all(&pids, Signal::CONT)
    }

    /// Sends a signal to some of its processes; an error if there is none.
    pub fn signal(&mut self, whom: Whom, signal: Signal) -> Result<(), Trouble> {
        let pids = self.pids(whom)?;
        self.signal_all(&pids, signal)
    }

    /// All its processes.
    pub fn processes(&self) -> Vec<Process> {
        working_in(&self.data_dir())
    }

    fn pids(&mut self, whom: Whom) -> Result<Vec<Pid>, Trouble> {
        let postmaster = self.postmaster()?.pid();
        let prefix = format!("postgres: {}: ", self.name);
        let pids: Vec<Pid> = self
            .processes()
            .into_iter()
            .filter(|process| match whom {
                Whom::Postmaster => process.pid == postmaster,
                Whom::Everyone => true,
                Whom::Child(title) => process
                    .title
                    .strip_prefix(&prefix)
                    .is_some_and(|rest| rest.starts_with(title)),
            })
            .map(|process| process.pid)
            .collect();
        if pids.is_empty() {
            return Err(Trouble::Unfit(format!(
                "{} has no such process as {whom:?}, only {:?}",
                self.name,
                self.processes()
            )));
        }
        Ok(pids)
    }

    /// A process that ended meanwhile needs no signal.
    fn signal_all(&self, pids: &[Pid], signal: Signal) -> Result<(), Trouble> {
        for pid in pids {
            match kill_process(*pid, signal) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(errno) => {
                    let doing = format!("signal a process of {}", self.name);
                    return Err(Trouble::io(doing)(errno.into()));
                }
            }
        }
        Ok(())
    }
}
