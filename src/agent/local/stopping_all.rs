//! Stops every server of the resource, in `datadir` and elsewhere, and looks again until none is left. Knows nothing of
//! how one server is stopped.

use super::instance::Instance;
use super::processes::{self, OwnPostmaster};
use super::stopping;
use crate::agent::actions::{Force, ServerError, Shutdown};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

impl Instance {
    /// Stops all of them. It succeeds only if it has seen none after that, whatever `postmaster.pid` says.
    pub(super) fn stop_all(
        &mut self,
        shutdown: Shutdown,
        deadline: Deadline,
    ) -> Result<Force, ServerError> {
        let elsewhere = self.certainly_elsewhere()?;
        let mut force = self.stop_seen(&elsewhere, shutdown, deadline)?;
        loop {
            let elsewhere = self.certainly_elsewhere()?;
            if elsewhere.is_empty() && !self.is_left_in_datadir()? {
                return Ok(force);
            }
            if deadline.has_passed() {
                return Err(ServerError::Late("a server of the resource"));
            }
            tracing::warn!("a server of this resource still runs, and is stopped too");
            force = force.max(self.stop_seen(&elsewhere, Shutdown::Hasty, deadline)?);
        }
    }

    /// Returns the servers in other directories. One that an agent has started for this resource on this node is among them
    /// also if its system identifier is another one: `datadir` may hold a new cluster since.
    fn certainly_elsewhere(&mut self) -> Result<Vec<OwnPostmaster>, ServerError> {
        let found = self.elsewhere();
        found.map_err(|doubt| ServerError::Unproven(doubt.to_string()))
    }

    /// Stops the server in `datadir`, whether or not `postmaster.pid` names one, and those in other directories.
    fn stop_seen(
        &mut self,
        elsewhere: &[OwnPostmaster],
        shutdown: Shutdown,
        deadline: Deadline,
    ) -> Result<Force, ServerError> {
        let foreign = self.foreign();
        if let Some(foreign) = &foreign
            && (elsewhere.is_empty() || processes::any_works_in(&self.parameters.datadir))
        {
            return Err(ServerError::Unproven(foreign.clone()));
        }
        self.as_user(|inside| {
            inside.conversation.end();
            let datadir = &inside.parameters.datadir;
            let mut force = Force::None;
            if foreign.is_none() {
                let here = processes::postmaster(datadir);
                if let Some(running) = &here {
                    inside.account.remember(running.environment());
                }
                if here.is_some() || elsewhere.is_empty() {
                    force = stopping::stop(datadir, shutdown, deadline)?;
                } else {
                    // Its control file may be that of a copy, so it does not tell how these servers end.
                    stopping::sweep(datadir, deadline)?;
                }
            }
            for own in elsewhere {
                force = force.max(stopping::stop_elsewhere(own, deadline)?);
            }
            Ok(force)
        })
    }

    /// Returns whether a process of a server is left in `datadir`.
    fn is_left_in_datadir(&mut self) -> Result<bool, ServerError> {
        if self.foreign().is_some() {
            return Ok(processes::any_works_in(&self.parameters.datadir));
        }
        self.as_user(|inside| Ok(stopping::is_left(&inside.parameters.datadir)))
    }
}
