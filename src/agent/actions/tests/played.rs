//! A simulated server and cluster that only record what was done to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;
use crate::agent::actions::cluster::PermanentAttributes;
use crate::agent::actions::server::{CommitProof, ConfigurationProblem, Whom};
use crate::agent::decide::replay::ReplayProgress;
use crate::agent::decide::scores::{ReplicationRow, SenderState};
use crate::agent::decide::state::{
    BackupLabel, DataDirectory, PostmasterEvidence, ServerAnswer, ServerEvidence,
};
use crate::health::{Detail, Failure, PostmasterStatus, Receiver, Replication, Standby};
use crate::postgres::branch::PromotionTime;
use crate::postgres::control::Control;
use crate::postgres::control::example::{SYSTEM, control};
use crate::postgres::position::Traces;
use crate::postgres::wal::History;

pub(super) fn node(name: &str) -> Node {
    name.parse().unwrap()
}

pub(super) struct World {
    pub(super) server: Played,
    pub(super) cluster: Told,
}

/// What a server does when it is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stops {
    Cleanly,
    ByForce,
}

/// What answers where a standby gets its WAL from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upstream {
    Nobody,
    Primary,
    Unknown,
}

#[derive(Debug)]
pub(super) struct Played {
    pub(super) evidence: ServerEvidence,
    pub(super) position: Position,
    pub(super) problem: Option<ConfigurationProblem>,
    pub(super) senders: Vec<ReplicationRow>,
    pub(super) promoted_for: Option<Duration>,
    /// The result of a proof, or why the server cannot be asked.
    pub(super) proof: Result<CommitProof, String>,
    pub(super) stops: Stops,
    pub(super) started_for: Option<String>,
    /// What answers where it gets its WAL from.
    pub(super) upstream: Upstream,
    /// How much it has received, and how much more each time it is asked.
    pub(super) received: u64,
    pub(super) receives: u64,
    /// Which server it was told to ask for a primary.
    pub(super) asked: Vec<Whom>,
    /// When timelines began, if that is known.
    pub(super) promoted_at: BTreeMap<Timeline, PromotionTime>,
    /// The histories that exist.
    pub(super) histories: BTreeMap<Timeline, History>,
    pub(super) synchronous_standby_names: String,
    /// Whether its WAL ends with the shutdown checkpoint of a primary, though it runs.
    pub(super) has_the_end: bool,
    /// How often it was observed.
    pub(super) looks: usize,
    /// After this many observations it no longer answers.
    pub(super) freezes_after: Option<usize>,
    /// What was done to it, in this order.
    pub(super) done: Vec<&'static str>,
}

impl World {
    pub(super) fn with(evidence: ServerEvidence) -> Self {
        let nodes = ["srv1", "srv2", "srv3"].map(|name| (node(name), PermanentAttributes::new()));
        Self {
            server: Played {
                evidence,
                position: at(1, 1000),
                problem: None,
                senders: Vec::new(),
                promoted_for: None,
                proof: Ok(CommitProof::Given),
                stops: Stops::Cleanly,
                started_for: None,
                upstream: Upstream::Nobody,
                received: 0,
                receives: 0,
                asked: Vec::new(),
                promoted_at: BTreeMap::new(),
                histories: [(Timeline(1), History::alone(Timeline(1)))].into(),
                synchronous_standby_names: String::new(),
                has_the_end: false,
                looks: 0,
                freezes_after: None,
                done: Vec::new(),
            },
            cluster: Told {
                kept: nodes.into(),
                private: BTreeMap::new(),
                fails: Fails::Never,
                members: ["srv1", "srv2", "srv3"].map(node).into(),
                lacks_quorum: false,
                outdated: 0,
                tells: 0,
                directories: BTreeMap::new(),
                foreseen: 0,
            },
        }
    }

    pub(super) fn score(&self, name: &str) -> Option<&str> {
        self.kept(name, "master-pgsqld")
    }

    pub(super) fn kept(&self, name: &str, attribute: &str) -> Option<&str> {
        let kept = self.cluster.kept.get(&node(name))?;
        kept.get(attribute).map(String::as_str)
    }

    pub(super) fn keep(&mut self, name: &str, attribute: &str, value: &str) {
        let kept = self.cluster.kept.entry(node(name)).or_default();
        kept.insert(attribute.into(), value.into());
    }

    pub(super) fn tell(&mut self, name: &str, attribute: &str, value: &str) {
        let key = (node(name), attribute.to_owned());
        self.cluster.private.insert(key, value.into());
    }

    pub(super) fn told(&self, name: &str, attribute: &str) -> Option<&str> {
        let key = (node(name), attribute.to_owned());
        self.cluster.private.get(&key).map(String::as_str)
    }
}

pub(super) fn alive(answer: ServerAnswer) -> ServerEvidence {
    ServerEvidence {
        files: files(ClusterState::Production),
        postmaster: PostmasterEvidence::Runs(None),
        answer,
        replay: ReplayProgress::Unproven,
    }
}

pub(super) fn primary() -> ServerEvidence {
    alive(ServerAnswer::Primary)
}

pub(super) fn standby() -> ServerEvidence {
    ServerEvidence {
        files: files(ClusterState::ArchiveRecovery),
        ..alive(ServerAnswer::Standby(Standby::default()))
    }
}

/// A standby with this state of its WAL receiver.
pub(super) fn receiving(receiver: Receiver) -> ServerEvidence {
    let replication = Some(Replication {
        receiver,
        received: Some(Lsn(1000)),
        replayed: Some(Lsn(1000)),
        replay: crate::health::Replay::Running,
        last_commit_age: None,
    });
    ServerEvidence {
        answer: ServerAnswer::Standby(Standby { replication }),
        ..standby()
    }
}

/// A standby that has replayed all its WAL and accepts no connections.
pub(super) fn pending() -> ServerEvidence {
    let needed = at(2, 0x0400_00D8);
    ServerEvidence {
        files: DataDirectory::Present {
            control: Ok(Control {
                minimum_recovery: Some(needed),
                ..control(ClusterState::ArchiveRecovery)
            }),
            backup: BackupLabel::Absent,
        },
        postmaster: PostmasterEvidence::Runs(Some(PostmasterStatus::Starting)),
        replay: ReplayProgress::Waiting {
            on_disk: Some(needed),
        },
        ..alive(ServerAnswer::Refused(Failure::CannotConnectNow(
            Detail::Given,
        )))
    }
}

pub(super) fn dead(state: ClusterState) -> ServerEvidence {
    ServerEvidence {
        files: files(state),
        postmaster: PostmasterEvidence::Gone,
        answer: ServerAnswer::NotAsked,
        replay: ReplayProgress::Unproven,
    }
}

fn files(state: ClusterState) -> DataDirectory {
    DataDirectory::Present {
        control: Ok(control(state)),
        backup: BackupLabel::Absent,
    }
}

pub(super) fn streaming(name: &str) -> ReplicationRow {
    ReplicationRow {
        application_name: name.into(),
        state: SenderState::Streaming,
        written: Some(Lsn(1000)),
        sync: None,
    }
}

impl Played {
    /// Continues from a position on a new timeline.
    pub(super) fn begin(&mut self, from: Position) {
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

/// A clock that only advances while an action waits.
#[derive(Debug)]
pub(super) struct PlayedClock(pub(super) Instant);

impl Clock for PlayedClock {
    fn now(&self) -> Instant {
        self.0
    }

    fn pause(&mut self, time: Duration) {
        self.0 += time;
    }
}

/// When the cluster's programs fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fails {
    Never,
    Always,
    /// When an attribute with this name is set.
    ToKeep(&'static str),
}

#[derive(Debug)]
pub(super) struct Told {
    pub(super) kept: BTreeMap<Node, PermanentAttributes>,
    private: BTreeMap<(Node, String), String>,
    pub(super) fails: Fails,
    /// The nodes that are online.
    pub(super) members: BTreeSet<Node>,
    /// Whether the partition lacks quorum.
    pub(super) lacks_quorum: bool,
    /// How often the configuration of absent nodes was made obsolete.
    pub(super) outdated: u32,
    /// How often an attribute was published.
    pub(super) tells: u32,
    /// The data directories of resources.
    pub(super) directories: BTreeMap<&'static str, &'static str>,
    /// How often its nodes were queried ahead of time.
    pub(super) foreseen: u32,
}

impl Told {
    fn works(&self) -> Result<(), ClusterError> {
        match self.fails {
            Fails::Never | Fails::ToKeep(_) => Ok(()),
            Fails::Always => Err(no_cluster()),
        }
    }
}

fn no_cluster() -> ClusterError {
    ClusterError::Program {
        program: "crm_attribute".into(),
        said: "no cluster".into(),
    }
}

impl Cluster for Told {
    fn directory_of(
        &mut self,
        resource: &str,
        _: Deadline,
    ) -> Result<Option<PathBuf>, ClusterError> {
        self.works()?;
        Ok(self.directories.get(resource).map(PathBuf::from))
    }

    fn foresee_nodes(&mut self) {
        self.foreseen += 1;
    }

    fn nodes(&mut self, _: Deadline) -> Result<BTreeMap<Node, PermanentAttributes>, ClusterError> {
        self.works()?;
        Ok(self.kept.clone())
    }

    fn members(&mut self, _: Deadline) -> Result<BTreeSet<Node>, ClusterError> {
        self.works()?;
        Ok(self.members.clone())
    }

    fn has_quorum(&mut self, _: Deadline) -> Result<bool, ClusterError> {
        self.works()?;
        Ok(!self.lacks_quorum)
    }

    fn outdate_absent(&mut self, _: Deadline) -> Result<(), ClusterError> {
        self.works()?;
        self.outdated += 1;
        Ok(())
    }

    fn keep(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        _: Deadline,
    ) -> Result<(), ClusterError> {
        self.works()?;
        if matches!(self.fails, Fails::ToKeep(one) if one == name) {
            return Err(no_cluster());
        }
        let kept = self.kept.entry(node.clone()).or_default();
        match value {
            Some(value) => kept.insert(name.into(), value.into()),
            None => kept.remove(name),
        };
        Ok(())
    }

    fn tell(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        _: Deadline,
    ) -> Result<(), ClusterError> {
        self.works()?;
        self.tells += 1;
        let key = (node.clone(), name.to_owned());
        match value {
            Some(value) => self.private.insert(key, value.into()),
            None => self.private.remove(&key),
        };
        Ok(())
    }

    fn told(
        &mut self,
        node: &Node,
        name: &str,
        _: Deadline,
    ) -> Result<Option<String>, ClusterError> {
        self.works()?;
        Ok(self.private.get(&(node.clone(), name.to_owned())).cloned())
    }
}
