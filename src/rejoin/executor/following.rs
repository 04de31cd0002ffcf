//! The last phases of every way: the server is started, and the primary sends WAL to it. Decides nothing.

use std::path::PathBuf;
use std::time::Duration;

use super::{Executor, PACE, SaveWal, TO_ANSWER};
use crate::agent::actions::Server;
use crate::agent::decide::rejoin_record::RejoinPhase;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::rejoin::beside::Beside;
use crate::rejoin::error::RejoinError;
use crate::rejoin::facts::ServerManager;
use crate::rejoin::gather::RejoinGathered;
use crate::rejoin::primary;

/// Longest wait for the server to be started, and for the primary to send WAL to it.
const TO_FOLLOW: Duration = Duration::from_secs(900);

impl Executor<'_> {
    /// Starts the server, and waits until the primary has a row for it.
    pub(super) fn follow(
        &mut self,
        beside: &Beside,
        gathered: &RejoinGathered,
    ) -> Result<(), RejoinError> {
        let deadline = Deadline::after(TO_FOLLOW);
        match self.node.manager.clone() {
            ServerManager::Nobody => self.node.instance.start(deadline)?,
            ServerManager::Pacemaker { resource, node } => {
                let deadline = Deadline::after(TO_ANSWER);
                self.pacemaker.free(&resource, &node, deadline)?;
            }
        }
        let kept = self.recorded()?;
        if let Some((_, kept)) = kept {
            self.begin(beside, RejoinPhase::Follow, kept)?;
        }
        let Some(found) = &gathered.primary else {
            return Err(RejoinError::Primary("it is not known".into()));
        };
        let name = gathered.application_name.clone().unwrap_or_default();
        loop {
            // A primary that does not answer for a moment may do so later.
            let asked = primary::has_row(&found.server, &name);
            if let Ok(true) = asked {
                return Ok(());
            }
            if deadline.has_passed() {
                asked?;
                return Err(RejoinError::DoesNotFollow {
                    name,
                    seconds: TO_FOLLOW.as_secs(),
                });
            }
            deadline.pause(PACE);
        }
    }

    /// Removes what was kept, but for the WAL that is to be kept.
    pub(super) fn finish(&mut self, beside: &Beside) -> Result<Option<PathBuf>, RejoinError> {
        let recorded = self.recorded()?;
        let save = self.save;
        let finished = self.node.instance.as_owner(|_| {
            let kept = match (save, recorded.and_then(|(_, kept)| kept)) {
                (SaveWal::Kept, Some(kept)) => {
                    beside.keep("wal", &format!(".discarded-{}", kept.end.replace('#', "-")))?
                }
                (SaveWal::Kept, None) | (SaveWal::Dropped, _) => None,
            };
            beside.remove()?;
            Ok(kept)
        });
        Ok(finished?)
    }
}
