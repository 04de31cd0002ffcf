//! The simulated server: what it was told to do, and what it answers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::evidence::{dead, primary, standby};
use crate::agent::actions::server::{
    CommitProof, ConfigurationProblem, Force, NodeAnswer, Server, ServerError, Shutdown, Whom,
};
use crate::agent::actions::tests::at;
use crate::agent::decide::scores::ReplicationRow;
use crate::agent::decide::state::{DataDirectory, ServerAnswer, ServerEvidence};
use crate::agent::ocf::node::Node;
use crate::base::Deadline;
use crate::health::{Failure, Lsn};
use crate::postgres::control::ClusterState;
use crate::postgres::control::example::SYSTEM;
use crate::postgres::position::{Position, Traces};
use crate::postgres::timeline::{PromotionTime, Timeline};
use crate::postgres::wal::History;

/// What a server does when it is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent::actions::tests) enum Stops {
    Cleanly,
    ByForce,
}

/// What answers where a standby gets its WAL from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::agent::actions::tests) enum Upstream {
    Nobody,
    Primary,
    Unknown,
}

#[derive(Debug)]
pub(in crate::agent::actions::tests) struct Played {
    pub(in crate::agent::actions::tests) evidence: ServerEvidence,
    pub(in crate::agent::actions::tests) position: Position,
    pub(in crate::agent::actions::tests) problem: Option<ConfigurationProblem>,
    pub(in crate::agent::actions::tests) senders: Vec<ReplicationRow>,
    pub(in crate::agent::actions::tests) promoted_for: Option<Duration>,
    /// The result of a proof, or why the server cannot be asked.
    pub(in crate::agent::actions::tests) proof: Result<CommitProof, String>,
    pub(in crate::agent::actions::tests) stops: Stops,
    pub(in crate::agent::actions::tests) started_for: Option<String>,
    /// What answers where it gets its WAL from.
    pub(in crate::agent::actions::tests) upstream: Upstream,
    /// What answers on other nodes.
    pub(in crate::agent::actions::tests) servers_on: BTreeMap<Node, NodeAnswer>,
    /// How much it has received, and how much more each time it is asked.
    pub(in crate::agent::actions::tests) received: u64,
    pub(in crate::agent::actions::tests) receives: u64,
    /// Which server it was told to ask for a primary.
    pub(in crate::agent::actions::tests) asked: Vec<Whom>,
    /// When timelines began, if that is known.
    pub(in crate::agent::actions::tests) promoted_at: BTreeMap<Timeline, PromotionTime>,
    /// The histories that exist.
    pub(in crate::agent::actions::tests) histories: BTreeMap<Timeline, History>,
    pub(in crate::agent::actions::tests) synchronous_standby_names: String,
    /// Whether its WAL ends with the shutdown checkpoint of a primary, though it runs.
    pub(in crate::agent::actions::tests) has_the_end: bool,
    /// How often it was observed.
    pub(in crate::agent::actions::tests) looks: usize,
    /// After this many observations it no longer answers.
    pub(in crate::agent::actions::tests) freezes_after: Option<usize>,
    /// How many checkpoints it was told to write, and how many it writes.
    pub(in crate::agent::actions::tests) checkpoints: usize,
    pub(in crate::agent::actions::tests) most_checkpoints: usize,
    /// What was done to it, in this order.
    pub(in crate::agent::actions::tests) done: Vec<&'static str>,
}

impl Played {
    /// Continues from a position on a new timeline.
    pub(in crate::agent::actions::tests) fn begin(&mut self, from: Position) {
        let history = self.histories.get(&from.timeline);
        let past = history.into_iter().flat_map(|history| {
            let ends = (1..from.timeline.0).filter_map(|one| {
                let end = history.end_of(Timeline(one))?;
                Some(format!("{one}\t{end}\n"))
            });
            ends.collect::<Vec<_>>()
        });
        let past: String = past.collect();
        let text = format!("{past}{}\t{}\n", from.timeline, from.lsn);
        let timeline = Timeline(from.timeline.0 + 1);
        let history = History::parse(timeline, &text).unwrap();
        self.histories.insert(timeline, history);
        self.position = Position { timeline, ..from };
    }
}

impl Server for Played {
    fn evidence(&mut self, _: Deadline) -> ServerEvidence {
        self.looks += 1;
        if self.freezes_after.is_some_and(|looks| self.looks > looks) {
            self.evidence.answer = ServerAnswer::Refused(Failure::TimedOut);
        }
        self.evidence.clone()
    }

    fn started_for(&mut self) -> Option<String> {
        self.started_for.clone()
    }

    fn runs_in(&mut self, directory: &Path) -> bool {
        directory == Path::new("/data")
    }

    fn history(&mut self, timeline: Timeline) -> Option<History> {
        self.histories.get(&timeline).cloned()
    }

    fn promoted_at(&mut self, history: &History, _: Deadline) -> Option<PromotionTime> {
        self.promoted_at.get(&history.target()).copied()
    }

    fn seems_primary(&mut self) -> bool {
        match &self.evidence.files {
            DataDirectory::Present { control, .. } => control
                .as_ref()
                .is_ok_and(|control| control.state == ClusterState::Production),
            DataDirectory::Missing => false,
        }
    }

    fn problem(&mut self, _: &Node, _: Deadline) -> Option<ConfigurationProblem> {
        self.problem.clone()
    }

    fn start(&mut self, _: Deadline) -> Result<(), ServerError> {
        self.done.push("start");
        self.evidence = standby();
        Ok(())
    }

    fn stop(&mut self, shutdown: Shutdown, _: Deadline) -> Result<Force, ServerError> {
        self.done.push(match shutdown {
            Shutdown::Orderly => "stop",
            Shutdown::Hasty => "stop at once",
        });
        let (state, force) = match self.stops {
            Stops::Cleanly => (ClusterState::ShutDown, Force::None),
            Stops::ByForce => (ClusterState::Production, Force::Needed),
        };
        self.evidence = dead(state);
        Ok(force)
    }

    fn checkpoint(&mut self, _: Deadline) -> Result<(), ServerError> {
        self.checkpoints += 1;
        if self.checkpoints > self.most_checkpoints {
            return Err(ServerError::Late("the checkpoint"));
        }
        Ok(())
    }

    fn unarchived(&mut self) -> Result<usize, ServerError> {
        Ok(0)
    }

    fn sweep(&mut self, _: Deadline) -> Result<(), ServerError> {
        self.done.push("sweep");
        Ok(())
    }

    fn promote(&mut self, _: Deadline) -> Result<(), ServerError> {
        self.done.push("promote");
        self.evidence = primary();
        self.begin(self.position);
        // Clients write at once.
        self.position.lsn.0 += 64;
        Ok(())
    }

    fn server_on(&mut self, node: &Node, _: Deadline) -> Result<NodeAnswer, ServerError> {
        let answer = self.servers_on.get(node).copied();
        Ok(answer.unwrap_or(NodeAnswer::NoPrimary))
    }

    fn primary_answers(&mut self, whom: Whom, _: Deadline) -> Result<bool, ServerError> {
        self.asked.push(whom);
        match self.upstream {
            Upstream::Nobody => Ok(false),
            Upstream::Primary => Ok(true),
            Upstream::Unknown => Err(ServerError::Question {
                question: "where it gets its WAL from",
                cause: "it did not answer in time".into(),
            }),
        }
    }

    fn traces(&mut self, _: Deadline) -> Result<Traces, ServerError> {
        self.received += self.receives;
        Ok(Traces {
            received: Some(at(1, self.received)),
            replayed: None,
            on_disk: Some(self.position),
        })
    }

    fn shutdown_checkpoint(&mut self, _: Deadline) -> Result<Option<Position>, ServerError> {
        let is_stopped = self.evidence == dead(ClusterState::ShutDown);
        Ok((is_stopped || self.has_the_end).then_some(self.position))
    }

    fn system_identifier(&mut self) -> Result<u64, ServerError> {
        Ok(SYSTEM)
    }

    fn promoted_for(&mut self) -> Option<Duration> {
        self.promoted_for
    }

    fn senders(&mut self, _: Deadline) -> Result<(Lsn, Vec<ReplicationRow>), ServerError> {
        Ok((self.position.lsn, self.senders.clone()))
    }

    fn synchronous_standby_names(&mut self, _: Deadline) -> Result<String, ServerError> {
        Ok(self.synchronous_standby_names.clone())
    }

    fn prove(&mut self, _: &Node, _: Deadline) -> Result<CommitProof, ServerError> {
        self.done.push("prove");
        self.proof.clone().map_err(|cause| ServerError::Question {
            question: "whether a standby has everything",
            cause,
        })
    }
}
