//! The settings by which a server is asked and judged; asks and judges nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::daemon::peers::credentials::PeerCredentials;
use crate::daemon::peers::polling;
use crate::health::{Policy, QuorumGuard, TwoPrimaries};
use crate::postgres::conninfo::Target;

/// The settings by which the server is asked and judged; a reload replaces them.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservationSettings {
    /// The server to ask.
    pub target: Arc<Target>,
    /// `postgres.timeout`: for a whole round.
    pub timeout: Duration,
    /// The operator's conditions for a verdict.
    pub policy: Policy,
    /// `guard.maintenance_file`.
    pub maintenance_file: Arc<Path>,
    /// `guard.quorum`.
    pub quorum: QuorumGuard,
    /// `guard.quorum_file`.
    pub quorum_file: Arc<Path>,
    /// `guard.two_primaries`.
    pub two_primaries: TwoPrimaries,
    /// `cluster.nodes`: the nodes to compare the server with.
    pub nodes: Arc<[polling::PeerAddress]>,
    /// The secrets for requests to their daemons.
    pub credentials: Arc<PeerCredentials>,
}
