//! Brings a node back: one phase after the other, each written down before it begins. Decides nothing but whether the plan still
//! holds once the server is stopped.
//!
//! - `ways`: the phases of a rewind and of a copy.
//! - `following`: the last phases of every way.

mod following;
mod ways;

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use super::beside::Beside;
use super::error::RejoinError;
use super::facts::{LocalServer, ServerManager};
use super::gather::{RejoinGathered, ThisNode, gather};
use super::phases;
use super::plan::{Method, RejoinPlan, RejoinRequest, plan};
use crate::agent::decide::rejoin_record::{KeptFacts, RejoinPhase};
use crate::agent::pacemaker::Pacemaker;
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// Longest wait for Pacemaker's answer to a command.
const TO_ANSWER: Duration = Duration::from_secs(60);

/// Longest wait for Pacemaker to have stopped the server: the stop of a busy server takes minutes.
const TO_STOP: Duration = Duration::from_secs(900);

/// How often what is waited for is looked at.
const PACE: Duration = Duration::from_millis(250);

/// Who watches the work.
pub trait Watcher: Send {
    /// A phase begins, and is written down. An error ends the work here.
    fn begins(&mut self, phase: RejoinPhase) -> Result<(), RejoinError>;

    /// A program tells how far it is.
    fn says(&mut self, line: &str);
}

/// What becomes of WAL that is thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveWal {
    /// It is kept beside the data directory.
    Kept,
    /// It is not.
    Dropped,
}

/// The work on one node.
pub struct Executor<'a> {
    /// The node.
    pub node: &'a mut ThisNode,
    /// Pacemaker's programs.
    pub pacemaker: &'a Pacemaker,
    /// Who watches.
    pub watcher: &'a mut dyn Watcher,
    /// What becomes of WAL that is thrown away.
    pub save: SaveWal,
}

/// What the phases of a rewind and of a copy have in common.
#[derive(Clone, Copy, Debug)]
struct RejoinWork<'a> {
    beside: &'a Beside,
    gathered: &'a RejoinGathered,
    planned: &'a RejoinPlan,
    /// Keeps a second command from the data directory.
    lock: &'a File,
}

impl Executor<'_> {
    /// Does what is planned, and returns where the WAL is kept that was thrown away.
    pub fn bring_back(
        &mut self,
        mut gathered: RejoinGathered,
        mut planned: RejoinPlan,
        request: RejoinRequest,
    ) -> Result<Option<PathBuf>, RejoinError> {
        let beside = Beside::of(&self.node.instance.parameters().datadir);
        let Some(method) = planned.decision else {
            return Err(RejoinError::changed(&planned));
        };
        if method != Method::AsIs {
            let lock = locked(self.node, &beside)?;
            // What is written down keeps a half-rewound directory from being started until its files are whole again.
            let is_half = self.is_half_rewound()?;
            if !is_half {
                self.begin(&beside, RejoinPhase::KeepOff, None)?;
            }
            self.keep_off()?;
            gathered = gather(self.node)?;
            let same = RejoinRequest {
                method: Some(method),
                ..request
            };
            planned = plan(&gathered.facts, same);
            if planned.decision != Some(method) {
                if !is_half {
                    self.give_back(&beside)?;
                }
                return Err(RejoinError::changed(&planned));
            }
            let work = RejoinWork {
                beside: &beside,
                gathered: &gathered,
                planned: &planned,
                lock: &lock,
            };
            if method == Method::Rewind {
                self.rewind(&work)?;
            } else {
                self.copy(&work)?;
            }
        }
        self.follow(&beside, &gathered)?;
        self.finish(&beside)
    }

    /// Makes what an interrupted copy has left whole: between its two renames there is no data directory. To be called
    /// before anything else is looked at.
    pub fn finish_swap(node: &mut ThisNode) -> Result<(), RejoinError> {
        let beside = Beside::of(&node.instance.parameters().datadir);
        let recorded = |node: &mut ThisNode| {
            let record = node.instance.rejoin_record()?;
            Ok::<_, RejoinError>(record.filter(|record| record.phase == RejoinPhase::Swap))
        };
        if recorded(node)?.is_none() {
            return Ok(());
        }
        let _lock = locked(node, &beside)?;
        // Another command may have done it meanwhile.
        if let Some(record) = recorded(node)? {
            node.instance.as_owner(|owner| {
                phases::swap(owner.datadir(), &beside)?;
                beside.begin(RejoinPhase::Start, record.kept)
            })?;
            node.instance = node.instance.anew();
        }
        Ok(())
    }

    /// Has Pacemaker stop the server, if it runs it, and waits until no process of it is left.
    fn keep_off(&mut self) -> Result<(), RejoinError> {
        if let ServerManager::Pacemaker { resource, node } = &self.node.manager {
            self.pacemaker
                .ban(resource, node, Deadline::after(TO_ANSWER))?;
        }
        let deadline = Deadline::after(TO_STOP);
        while super::gather::local_server(&mut self.node.instance) != LocalServer::Stopped {
            if deadline.has_passed() {
                return Err(RejoinError::StillRuns(TO_STOP.as_secs()));
            }
            deadline.pause(PACE);
        }
        Ok(())
    }

    /// Leaves everything as it was.
    fn give_back(&mut self, beside: &Beside) -> Result<(), RejoinError> {
        self.node.instance.as_owner(|_| beside.remove())?;
        if let ServerManager::Pacemaker { resource, node } = &self.node.manager {
            self.pacemaker
                .free(resource, node, Deadline::after(TO_ANSWER))?;
        }
        Ok(())
    }

    fn begin(
        &mut self,
        beside: &Beside,
        phase: RejoinPhase,
        kept: Option<KeptFacts>,
    ) -> Result<(), RejoinError> {
        self.node.instance.as_owner(|_| beside.begin(phase, kept))?;
        self.watcher.begins(phase)
    }

    /// Returns whether `pg_rewind` has begun, and the configuration is not back yet.
    fn is_half_rewound(&mut self) -> Result<bool, RejoinError> {
        let recorded = self.recorded()?;
        Ok(recorded
            .is_some_and(|(phase, _)| matches!(phase, RejoinPhase::Rewind | RejoinPhase::Restore)))
    }

    fn recorded(&mut self) -> Result<Option<(RejoinPhase, Option<KeptFacts>)>, RejoinError> {
        let record = self.node.instance.rejoin_record()?;
        Ok(record.map(|record| (record.phase, record.kept)))
    }
}

fn locked(node: &mut ThisNode, beside: &Beside) -> Result<File, RejoinError> {
    let lock = node.instance.as_owner(|_| beside.lock())?;
    lock.ok_or(RejoinError::UnderWay)
}
