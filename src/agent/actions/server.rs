//! The interface to the local server, whatever implements it. Knows no action.

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
use crate::postgres::position::{Position, Traces};
use crate::postgres::timeline::{PromotionTime, Timeline};
use crate::postgres::wal::History;

/// How many promotions before the last are distinguished by their times. Each time is read from the WAL that began
/// then.
const MOST_MOMENTS: usize = 3;

/// The local server. Every call ends at its deadline.
pub trait Server {
    /// Returns everything that can be seen of it now. It is asked for its role if a postmaster runs.
    fn evidence(&mut self, deadline: Deadline) -> ServerEvidence;

    /// Returns the resource that the running server was started for, if that is known.
    fn started_for(&mut self) -> Option<String>;

    /// Returns whether the running server's data directory is this one, by whatever path.
    fn runs_in(&mut self, directory: &Path) -> bool;

    /// Returns the history of a timeline; `None` if its file does not exist, or cannot be parsed. The first timeline
    /// has no parent and no file.
    fn history(&mut self, timeline: Timeline) -> Option<History>;

    /// Returns when the newest timeline of a history began; `None` if the WAL that its promotion wrote no longer
    /// exists.
    fn promoted_at(&mut self, history: &History, deadline: Deadline) -> Option<PromotionTime>;

    /// Returns the timelines that led to this one, and when it began; `None` if its history is not available.
    fn lineage(&mut self, timeline: Timeline, deadline: Deadline) -> Option<Lineage> {
        let history = self.history(timeline)?;
        let promoted = self.promoted_at(&history, deadline);
        Some(Lineage::of(&history, promoted))
    }

    /// Returns the lineage with the times of as many earlier promotions as its WAL still shows: two servers that were
    /// promoted apart may both have been promoted once more.
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

    /// Returns whether its files say that it runs as a primary, or did so when it crashed. It is not asked.
    fn seems_primary(&mut self) -> bool;

    /// Returns what is wrong with its configuration, or with the parameters, so that it could not be
    /// started, or not be part of the cluster.
    fn problem(&mut self, local: &Node, deadline: Deadline) -> Option<ConfigurationProblem>;

    /// Starts it as a standby, whatever it was, and waits until it accepts connections, or has replayed all its WAL and
    /// needs a primary to accept them. The processes that a dead server has left running are ended first.
    fn start(&mut self, deadline: Deadline) -> Result<(), ServerError>;

    /// Stops it, and waits until none of its processes is left.
    fn stop(&mut self, shutdown: Shutdown, deadline: Deadline) -> Result<Force, ServerError>;

    /// Has it write a checkpoint, and waits until that is written.
    fn checkpoint(&mut self, deadline: Deadline) -> Result<(), ServerError>;

    /// Returns how many files of its WAL are ready to be archived and have not been.
    fn unarchived(&mut self) -> Result<usize, ServerError>;

    /// Ends the processes that a dead server has left running.
    fn sweep(&mut self, deadline: Deadline) -> Result<(), ServerError>;

    /// Makes a standby a primary, and waits until it is one.
    fn promote(&mut self, deadline: Deadline) -> Result<(), ServerError>;

    /// Of a standby: returns whether a primary of its database cluster answers where the standby gets its WAL from. A
    /// server that does not answer there, or answers something else, is not one; not knowing which server to ask is an
    /// error.
    fn primary_answers(&mut self, whom: Whom, deadline: Deadline) -> Result<bool, ServerError>;

    /// Of a standby: returns what answers on another node, at the port that all servers of the resource have.
    fn server_on(&mut self, node: &Node, deadline: Deadline) -> Result<NodeAnswer, ServerError>;

    /// Returns how far its WAL reaches, whether it runs or not.
    fn traces(&mut self, deadline: Deadline) -> Result<Traces, ServerError>;

    /// Returns where its WAL ends, if it ends with the shutdown checkpoint of a primary.
    fn shutdown_checkpoint(&mut self, deadline: Deadline) -> Result<Option<Position>, ServerError>;

    /// Returns the system identifier of its database cluster.
    fn system_identifier(&mut self) -> Result<u64, ServerError>;

    /// Of a primary: returns how long ago it was promoted, if that is known.
    fn promoted_for(&mut self) -> Option<Duration>;

    /// Of a primary: returns the end of its WAL, and the servers that replicate from it.
    fn senders(&mut self, deadline: Deadline) -> Result<(Lsn, Vec<ReplicationRow>), ServerError>;

    /// Of a running server: returns its `synchronous_standby_names` in force. Of a standby that does not answer: as its
    /// configuration has it; a standby does not use the setting before it is a primary.
    fn synchronous_standby_names(&mut self, deadline: Deadline) -> Result<String, ServerError>;

    /// Of a primary: commits a transaction, and waits until the standby with that name has written it to
    /// disk.
    fn prove(&mut self, standby: &Node, deadline: Deadline) -> Result<CommitProof, ServerError>;
}

/// Something wrong with a configuration or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationProblem {
    /// The exit status that keeps Pacemaker from doing harm.
    pub code: Code,
    /// Which parameter or setting is wrong, what was found and what was expected.
    pub sentence: String,
}

/// What answers at the port of a resource's servers on another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeAnswer {
    /// A primary of the database cluster.
    Primary,
    /// A server that does not tell its role: it refuses this standby, whatever the reason, or accepts the connection and
    /// says nothing. It may be a primary whose disk does not answer.
    Undetermined,
    /// No primary of the database cluster: nobody is there, or something else.
    NoPrimary,
}

/// Which server is asked whether it is a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The server that the standby's WAL receiver is connected to; none if there is no connection.
    Sender,
    /// Also the servers of `primary_conninfo`.
    Configured,
}

/// How a server is to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// The server answers: it may take its time, and send its standbys all WAL.
    Orderly,
    /// The server does not answer: it gets a few seconds for that.
    Hasty,
}

/// How much force a stop has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// No force: it has written its shutdown checkpoint.
    None,
    /// It had to be killed; to the server that is a crash.
    Needed,
}

/// Whether a standby has what was just committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitProof {
    /// It has.
    Given,
    /// It has not; the reason in a few words.
    Missing(String),
}

/// An operation on the server that failed.
#[derive(Debug, Error)]
pub enum ServerError {
    /// A wait has ended at the deadline.
    #[error("{0} did not end in time")]
    Late(&'static str),
    /// One of its programs has failed.
    #[error("{program} failed: {said}")]
    Program {
        /// The program.
        program: String,
        /// Its output, or how it ended.
        said: String,
    },
    /// The server refused or did not answer a question.
    #[error("the server did not answer {question}: {cause}")]
    Question {
        /// What the server was asked.
        question: &'static str,
        /// Why it did not answer.
        cause: String,
    },
    /// It is not certain which process or which directory is the server's.
    #[error("{0}")]
    Unproven(String),
    /// A file of the server could not be used.
    #[error("{what}: {cause}")]
    File {
        /// The file, and what it was needed for.
        what: String,
        /// Why it could not be used.
        cause: String,
    },
}
