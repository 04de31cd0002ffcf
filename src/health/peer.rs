//! What the daemons beside the other servers of a cluster told of them; judges nothing, and knows nothing
//! of how they were asked.

use std::time::{Duration, Instant};

use super::details::Details;
use super::sync::SyncState;

/// Oldest word of a peer that counts: one that comes late, and one that does not come at all.
pub const OLDEST: Duration = Duration::from_secs(3);

/// A node of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name in `[cluster]`.
    pub node: String,
    /// The newest word of its server; none where nobody told of one that runs.
    pub heard: Option<Heard>,
    /// What came of the last question.
    pub reach: Reachability,
}

/// Whether a node's daemon is reached from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// It was not asked yet.
    Unasked,
    /// The node is this one.
    Own,
    /// It answered.
    Answers,
    /// No daemon answered in time.
    Silent,
}

/// What is known of the way to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its name in `[cluster]`.
    pub node: String,
    /// Whether its daemon is reached.
    pub reach: Reachability,
}

/// A word of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// It was said of this moment, or of a later one.
    pub at: Instant,
    /// The server.
    pub server: PeerServer,
}

/// A server that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerServer {
    /// Which one.
    pub instance: ServerIdentity,
    /// What it says it is.
    pub claim: Claim,
    /// The timeline that it writes or receives.
    pub timeline: i64,
    /// Who streams from it.
    pub senders: Vec<Sender>,
}

/// What tells one server from all others for as long as it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerIdentity {
    /// The same for all servers of a cluster, as decimal digits.
    pub system: String,
    /// When its postmaster started, to the microsecond.
    pub started: String,
}

/// What a server says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// `sync_state`; none where it is hidden from the daemon that told.
    pub sync: Option<SyncState>,
}

impl Peer {
    /// The way to it.
    #[must_use]
    pub fn contact(&self) -> Contact {
        Contact {
            node: self.node.clone(),
            reach: self.reach,
        }
    }

    /// The word of its server that counts at this moment.
    #[must_use]
    pub fn fresh(&self, moment: Instant) -> Option<&Heard> {
        let fresh = |heard: &&Heard| moment.saturating_duration_since(heard.at) <= OLDEST;
        self.heard.as_ref().filter(fresh)
    }
}

impl ServerIdentity {
    /// Whether this is the server that told these details of itself.
    #[must_use]
    pub fn is(&self, own: &Details) -> bool {
        self.system == own.system_identifier && self.started == own.started
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_for_a_bounded_time() {
        let at = Instant::now();
        let server = PeerServer {
            instance: ServerIdentity {
                system: "1".into(),
                started: "then".into(),
            },
            claim: Claim::Standby,
            timeline: 1,
            senders: Vec::new(),
        };
        let peer = Peer {
            node: "srv2".into(),
            heard: Some(Heard { at, server }),
            reach: Reachability::Answers,
        };
        assert_eq!(peer.fresh(at), peer.heard.as_ref());
        assert_eq!(peer.fresh(at + OLDEST), peer.heard.as_ref());
        assert_eq!(peer.fresh(at + OLDEST + Duration::from_millis(1)), None);
    }
}
