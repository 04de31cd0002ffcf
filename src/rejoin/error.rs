//! Why a return has not come to its end. Knows no phase.

use thiserror::Error;

use super::plan::RejoinPlan;
use crate::agent::actions::{ClusterError, ServerError};

/// Why a return has not come to its end.
#[derive(Debug, Error)]
pub enum RejoinError {
    /// Something of the server could not be done.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Pacemaker could not be told.
    #[error("Pacemaker was not told: {0}")]
    Cluster(#[from] ClusterError),
    /// Another command works on the data directory.
    #[error(
        "another pgsql-state rejoin, or a program that one has started, still works on the data directory; wait for its end"
    )]
    UnderWay,
    /// The server does not end.
    #[error("the server of this node still runs after {0} seconds; look at crm_mon")]
    StillRuns(u64),
    /// Once the server was stopped, another plan is right.
    #[error("nothing was changed, since the facts have changed: {0}")]
    Changed(String),
    /// The primary cannot be asked.
    #[error("the primary cannot be asked: {0}")]
    Primary(String),
    /// The primary has no row for this node.
    #[error(
        "the server was started, and after {seconds} seconds the primary has no row for {name} in pg_stat_replication; look \
         at the log of the server"
    )]
    DoesNotFollow {
        /// The name of this node there.
        name: String,
        /// How long that was waited for.
        seconds: u64,
    },
    /// Whoever watches has had enough.
    #[error("interrupted before the phase {0}")]
    Interrupted(&'static str),
}

impl RejoinError {
    /// Returns the error of a plan that refuses after all.
    #[must_use]
    pub fn changed(plan: &RejoinPlan) -> Self {
        let refusals: Vec<String> = plan.refusals.iter().map(ToString::to_string).collect();
        Self::Changed(refusals.join("; "))
    }
}
