//! What is wanted of the local server, whoever handles it. Knows no action.

use std::path::Path;
use std::time::Duration;

use thiserror::Error;

use crate::agent::decide::lineage::Lineage;
use crate::agent::decide::scores::ReplicationRow;
use crate::agent::decide::state::ServerEvidence;
use crate::agent::ocf::code::Code;
use crate::agent::ocf::node::Node;
use crate::base::deadline::Deadline;
use crate::health::Lsn;
use crate::postgres::branch::PromotionTime;
use crate::postgres::position::{Position, Traces};
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::History;

/// So many promotions before the last are told apart by their moments. Each is a look at the WAL that it has begun.
const MOST_MOMENTS: usize = 3;

/// The local server. Everything ends at the deadline that it is given.
pub trait Server {
    /// Everything that can be seen of it now. It is asked for its role where a postmaster runs.
    fn evidence(&mut self, deadline: Deadline) -> ServerEvidence;

    /// The resource that the running server was started for, if that is known.
    fn started_for(&mut self) -> Option<String>;

    /// Whether the running server's data directory is this one, by whatever path.
    fn runs_in(&mut self, directory: &Path) -> bool;

    /// The history of a timeline; none where its file is not there, or tells nothing. The first timeline has
    /// none before it and no file.
    fn history(&mut self, timeline: Timeline) -> Option<History>;

    /// When the newest timeline of a history began; none where the WAL that its promotion wrote is not there any more.
    fn promoted_at(&mut self, history: &History, deadline: Deadline) -> Option<PromotionTime>;

    /// The timelines that led to one, and when that began; none where its history is not there.
    fn lineage(&mut self, timeline: Timeline, deadline: Deadline) -> Option<Lineage> {
        let history = self.history(timeline)?;
        let promoted = self.promoted_at(&history, deadline);
        Some(Lineage::of(&history, promoted))
    }

    /// The same, with the moments of as many promotions before as its WAL still tells: two servers that were promoted
    /// apart may both have been promoted once more.
    fn lineage_with_moments(&mut self, timeline: Timeline, deadline: Deadline) -> Option<Lineage> {
        let newest = self.history(timeline)?;
        let promoted = self.promoted_at(&newest, deadline);
        let mut lineage = Lineage::of(&newest, promoted);
        let past: Vec<Timeline> = newest.past().map(|(timeline, _)| timeline).collect();
        for timeline in past.into_iter().rev().take(MOST_MOMENTS) {
            let history = self.history(timeline);
            let promoted = history.and_then(|history| self.promoted_at(&history, deadline));
            let Some(promoted) = promoted else {
                break;
            };
            lineage = lineage.with(timeline, promoted);
        }
        Some(lineage)
    }

    /// Whether its files say that it runs as a primary, or did so when it crashed. It is not asked.
    fn seems_primary(&mut self) -> bool;

    /// What is wrong with its configuration, or with the parameters beside it, so that it could not be
    /// started, or not be part of the cluster.
    fn problem(&mut self, local: &Node, deadline: Deadline) -> Option<ConfigurationProblem>;

    /// Starts it as a standby, whatever it was, and waits until it lets readers in, or has replayed all its WAL and needs
    /// a primary for that. What a dead server has left running is ended first.
    fn start(&mut self, deadline: Deadline) -> Result<(), ServerError>;

    /// Stops it, and waits until none of its processes is left.
    fn stop(&mut self, shutdown: Shutdown, deadline: Deadline) -> Result<Force, ServerError>;

    /// Ends what a dead server has left running.
    fn sweep(&mut self, deadline: Deadline) -> Result<(), ServerError>;

    /// Makes a standby a primary, and waits until it is one.
    fn promote(&mut self, deadline: Deadline) -> Result<(), ServerError>;

    /// Of a standby: whether a primary of its database cluster answers where it has its WAL from. Who does not answer
    /// there, or answers something else, is none; it is an error where it is not known whom to ask.
    fn primary_answers(&mut self, whom: Whom, deadline: Deadline) -> Result<bool, ServerError>;

    /// How far it is, running or not.
    fn traces(&mut self, deadline: Deadline) -> Result<Traces, ServerError>;

    /// Where its WAL ends, if it ends with the checkpoint of a primary that was stopped cleanly.
    fn shutdown_checkpoint(&mut self, deadline: Deadline) -> Result<Option<Position>, ServerError>;

    /// Which database cluster it is.
    fn system_identifier(&mut self) -> Result<u64, ServerError>;

    /// Of a primary: how long ago it was promoted, if that is known.
    fn promoted_for(&mut self) -> Option<Duration>;

    /// Of a primary: the end of its WAL, and who replicates from it.
    fn senders(&mut self, deadline: Deadline) -> Result<(Lsn, Vec<ReplicationRow>), ServerError>;

    /// Of a server that runs: its `synchronous_standby_names`, as they are in force. Of a standby that does not answer,
    /// as its configuration has them: they are of no use to it before it is a primary.
    fn synchronous_standby_names(&mut self, deadline: Deadline) -> Result<String, ServerError>;

    /// Of a primary: commits a transaction, and waits until the standby of that name has written it to its
    /// disk.
    fn prove(&mut self, standby: &Node, deadline: Deadline) -> Result<CommitProof, ServerError>;
}

/// Something wrong with a configuration or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationProblem {
    /// What keeps Pacemaker from doing harm.
    pub code: Code,
    /// Which parameter or setting, what was found and what was expected.
    pub sentence: String,
}

/// Whom a standby is to ask for a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The server that its WAL receiver is connected to; nobody where it has none.
    Sender,
    /// Also where it would connect.
    Configured,
}

/// How a server is to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// It answers: it may take its time, and send its standbys everything.
    Orderly,
    /// It does not answer: it gets a few seconds for that.
    Hasty,
}

/// How much force a stop has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// None: it has written its last checkpoint.
    None,
    /// It had to be ended as a crash would.
    Needed,
}

/// Whether a standby has what was committed just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitProof {
    /// It has.
    Given,
    /// It has not, for this reason, in a few words.
    Missing(String),
}

/// Something that could not be done with a server.
#[derive(Debug, Error)]
pub enum ServerError {
    /// A wait has ended at the deadline.
    #[error("{0} did not end in time")]
    Late(&'static str),
    /// One of its programs has failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Which.
        program: String,
        /// What it said, or how it ended.
        said: String,
    },
    /// It refused a question.
    #[error("the server did not answer {question}: {cause}")]
    Question {
        /// What was asked for.
        question: &'static str,
        /// Why not.
        cause: String,
    },
    /// A file of its could not be used.
    #[error("{what}: {cause}")]
    File {
        /// Which, and what for.
        what: String,
        /// Why not.
        cause: String,
    },
}
