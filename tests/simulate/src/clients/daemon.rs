//! What the daemon beside a server says of it, by its own judgement, and what it has heard from the others. Knows no
//! HAProxy.

use std::time::Duration;

use pgsql_state::health::{
    Archive, Claim, Details, Evidence, Failure, FreshConnection, Heard, JudgedState, Past,
    PastRounds, Peer, PeerServer, Policy, Quorum, Reachability, Role, RoundFacts, ServerIdentity,
    SessionEvidence, Standby, TwoPrimaries, Verdict,
};

use crate::postgres::server;
use crate::world::{self, Thing, World};

/// Between two questions to the other daemons (`src/daemon/peers/polling.rs`).
pub(crate) const PACE: Duration = Duration::from_secs(1);

/// A daemon.
#[derive(Debug, Default)]
pub(crate) struct Daemon {
    /// What the others have told, as long as there is another primary to tell of, or was.
    peers: Vec<Peer>,
    past: PastRounds,
    has_rival: bool,
}

impl World {
    /// What the daemon beside a server says of it.
    pub(crate) fn verdict(&mut self, node: usize) -> Verdict {
        let state = JudgedState::of(self.instant(node), &self.daemons_evidence(node));
        let quorum = self.setup.quorum_guard.then(|| {
            if self.pacemaker.quorate(world::node(node)) {
                Quorum::Held
            } else {
                Quorum::Lost
            }
        });
        let daemon = &self.hosts[node].daemon;
        // As long as there is one primary, the others tell nothing that changes a verdict.
        let counts = !daemon.peers.is_empty() || daemon.has_rival;
        let own = counts.then(|| self.details(node));
        let Daemon {
            peers,
            past,
            has_rival,
        } = &mut self.hosts[node].daemon;
        let facts = RoundFacts {
            quorum,
            own: own.as_ref(),
            peers: counts.then_some(&peers[..]),
            ..RoundFacts::default()
        };
        let judgement = past.judge(state, &facts, &Policy::default(), self.setup.two_primaries);
        *has_rival = judgement.rival.is_some();
        judgement.verdict
    }

    fn daemons_evidence(&self, node: usize) -> Evidence {
        let fresh = self.fresh(node);
        let session = match (fresh, self.hosts[node].server.role) {
            (Ok(()) | Err(Failure::Full | Failure::Auth), server::Role::Primary) => {
                SessionEvidence::Answered(Role::Primary)
            }
            (Ok(()) | Err(Failure::Full | Failure::Auth), server::Role::Standby) => {
                // What it says of its replication counts only where `[standby]` sets a condition.
                SessionEvidence::Answered(Role::Standby(Standby { replication: None }))
            }
            (Err(failure), _) => SessionEvidence::Failed(failure),
        };
        Evidence {
            session,
            fresh: fresh.map_or_else(FreshConnection::Failed, |()| FreshConnection::Succeeded),
            past: Past::Unknown,
            postmaster: Some(self.status(node)),
        }
    }

    fn details(&self, node: usize) -> Details {
        let ServerIdentity { system, started } = self.instance(node);
        Details {
            server_version: 150_000,
            started,
            system_identifier: system,
            timeline: Some(self.current_timeline(node)),
            flushed: None,
            replayed_commit: None,
            archive: Archive::None,
            receiver_name: None,
            senders: None,
            slots: None,
        }
    }

    fn instance(&self, node: usize) -> ServerIdentity {
        let host = &self.hosts[node];
        ServerIdentity {
            system: host.disk.control.system_identifier.to_string(),
            started: format!("{node} {}", host.server.epoch),
        }
    }

    fn current_timeline(&self, node: usize) -> i64 {
        let branch = self.hosts[node].disk.extent.branch;
        self.lineage.branch(branch).timeline.into()
    }

    /// The daemons ask one another, and come again.
    pub(crate) fn daemons_ask(&mut self) {
        if self.setup.two_primaries == TwoPrimaries::Report {
            return;
        }
        self.after(PACE, Thing::DaemonsAsk);
        let is_primary = |node: &usize| {
            let server = &self.hosts[*node].server;
            server.role == server::Role::Primary && server.life == server::Life::Ready
        };
        let primaries = (0..self.count()).filter(is_primary).count();
        for node in 0..self.count() {
            // As long as there is one primary, nobody hears of another one.
            if primaries < 2 && !self.hosts[node].daemon.has_rival {
                self.hosts[node].daemon.peers.clear();
            } else if self.is_on(node) {
                self.daemon_asks(node);
            }
        }
    }

    fn daemon_asks(&mut self, node: usize) {
        let now = self.instant(node);
        let told: Vec<(usize, Option<PeerServer>, Reachability)> = (0..self.count())
            .filter(|other| *other != node)
            .map(|other| {
                let is_reached = self.is_on(other) && self.network.joins(node, other);
                let server = is_reached.then(|| self.told_of(other)).flatten();
                let reach = if is_reached {
                    Reachability::Answers
                } else {
                    Reachability::Silent
                };
                (other, server, reach)
            })
            .collect();
        for (other, server, reach) in told {
            let name = self.hosts[other].name.name().to_owned();
            let peers = &mut self.hosts[node].daemon.peers;
            let place = peers.iter().position(|peer| peer.node == name);
            let place = place.unwrap_or_else(|| {
                peers.push(Peer {
                    node: name,
                    heard: None,
                    reach,
                });
                peers.len() - 1
            });
            peers[place].reach = reach;
            // Silence leaves the last word, which becomes too old by itself.
            if let Some(server) = server {
                peers[place].heard = Some(Heard { at: now, server });
            }
        }
    }

    /// What a daemon tells another one of its server, if that has said what it is.
    fn told_of(&self, node: usize) -> Option<PeerServer> {
        self.fresh(node).ok()?;
        Some(PeerServer {
            instance: self.instance(node),
            claim: match self.hosts[node].server.role {
                server::Role::Primary => Claim::Primary,
                server::Role::Standby => Claim::Standby,
            },
            timeline: self.current_timeline(node),
            senders: Vec::new(),
            end: None,
            slots: Vec::new(),
        })
    }

    /// A daemon starts: it asks the others before it answers.
    pub(crate) fn start_daemon(&mut self, node: usize) {
        self.hosts[node].daemon = Daemon::default();
        if self.setup.two_primaries == TwoPrimaries::Yield {
            self.daemon_asks(node);
        }
    }
}
