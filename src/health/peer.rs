//! What the daemons of the cluster's other nodes report about their servers; judges nothing, and knows nothing
//! of how the daemons were asked.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::details::Details;
use super::lsn::Lsn;

/// Greatest age at which a peer's last report still counts, whether the next one is late or never comes.
pub const OLDEST: Duration = Duration::from_secs(3);

/// A node of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name in `[cluster]`.
    pub node: String,
    /// The newest report about its server; `None` if no report described a running server.
    pub heard: Option<Heard>,
    /// The outcome of the last request.
    pub reach: Reachability,
}

/// Whether a node's daemon is reached from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// Its daemon was not asked yet.
    Unasked,
    /// The node is this one.
    Own,
    /// Its daemon answered.
    Answers,
    /// No daemon answered in time.
    Silent,
}

/// A node, and whether its daemon is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its name in `[cluster]`.
    pub node: String,
    /// Whether its daemon is reached.
    pub reach: Reachability,
    /// Its server, if a fresh report of its daemon has proved where it comes from.
    pub server: Option<PeerServer>,
}

/// Whether the daemons of other nodes prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerProof {
    /// They do, by a key or a certificate.
    Required,
    /// They do not.
    None,
}

/// A report about a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The earliest moment that the report can be about.
    pub at: Instant,
    /// The server that the report describes.
    pub server: PeerServer,
}

/// A server that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerServer {
    /// The server's identity.
    pub instance: ServerIdentity,
    /// The role that it claims.
    pub claim: Claim,
    /// The timeline that it writes or receives.
    pub timeline: i64,
    /// The rows of its `pg_stat_replication`.
    pub senders: Vec<Sender>,
    /// How far its WAL reaches: what a primary has flushed; what a standby has received while it streams, otherwise
    /// replayed.
    pub end: Option<Lsn>,
    /// Its physical replication slots that reserve WAL.
    pub slots: Vec<PeerSlot>,
}

/// A physical replication slot of another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerSlot {
    /// `slot_name`.
    pub name: String,
    /// `restart_lsn`.
    pub restart: Lsn,
}

/// What distinguishes a running server from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerIdentity {
    /// The system identifier in decimal digits, equal on all servers of a cluster.
    pub system: String,
    /// When its postmaster started, to the microsecond.
    pub started: String,
}

/// The role that a server claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// A primary.
    Primary,
    /// A hot standby.
    Standby,
}

/// A row of `pg_stat_replication`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// `application_name`.
    pub name: String,
    /// `sync_state`; `None` if it is hidden from the daemon that reports.
    pub sync: Option<SyncState>,
}

/// `pg_stat_replication.sync_state` (`PostgreSQL` manual, "Monitoring Database Activity").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncState {
    /// The primary does not wait for it.
    Async,
    /// The primary does not wait for it until a synchronous standby fails, whose place it takes.
    Potential,
    /// The primary waits for it.
    Sync,
    /// The primary waits for a number of the standbys with this state.
    Quorum,
}

impl Peer {
    /// Returns what a document shows of the node.
    #[must_use]
    pub fn contact(&self, moment: Instant, proof: PeerProof) -> Contact {
        Contact {
            node: self.node.clone(),
            reach: self.reach,
            server: match proof {
                PeerProof::Required => self.fresh(moment).map(|heard| heard.server.clone()),
                PeerProof::None => None,
            },
        }
    }

    /// Returns the report about its server, if it is no older than [`OLDEST`] at this moment.
    #[must_use]
    pub fn fresh(&self, moment: Instant) -> Option<&Heard> {
        let fresh = |heard: &&Heard| moment.saturating_duration_since(heard.at) <= OLDEST;
        self.heard.as_ref().filter(fresh)
    }
}

impl SyncState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Async, Self::Potential, Self::Sync, Self::Quorum];

    /// The word that `pg_stat_replication` shows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Potential => "potential",
            Self::Sync => "sync",
            Self::Quorum => "quorum",
        }
    }

    /// Parses the word that `pg_stat_replication` shows.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl ServerIdentity {
    /// Whether this is the identity of the server with these details.
    #[must_use]
    pub fn is(&self, own: &Details) -> bool {
        self.system == own.system_identifier && self.started == own.started
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_for_a_bounded_time() {
        let at = Instant::now();
        let server = PeerServer {
            instance: ServerIdentity {
                system: "1".into(),
                started: "then".into(),
            },
            claim: Claim::Standby,
            timeline: 1,
            senders: Vec::new(),
            end: None,
            slots: Vec::new(),
        };
        let peer = Peer {
            node: "srv2".into(),
            heard: Some(Heard { at, server }),
            reach: Reachability::Answers,
        };
        assert_eq!(peer.fresh(at), peer.heard.as_ref());
        assert_eq!(peer.fresh(at + OLDEST), peer.heard.as_ref());
        assert_eq!(peer.fresh(at + OLDEST + Duration::from_millis(1)), None);
        let server = |moment, proof| peer.contact(moment, proof).server.is_some();
        assert!(server(at, PeerProof::Required));
        assert!(!server(at, PeerProof::None));
        assert!(!server(at + OLDEST * 2, PeerProof::Required));
    }
}
