//! What the units are to be, valid by construction; knows no line of them.

use std::net::{IpAddr, SocketAddr};

use thiserror::Error;

use super::sockets::Sockets;
use crate::config::{ClusterNode, Connections, Encryption};
use crate::health::QuorumGuard;
use crate::tools::generate::WholePath;

/// Everything that the units are made from.
#[derive(Clone, Debug)]
pub struct SystemdPlan {
    /// Who binds the ports, and how long a process lives.
    pub(super) variant: Variant,
    /// Where checks arrive.
    pub(super) sockets: Sockets,
    /// How the server is reached.
    pub postgres: ServerSocket,
    /// Whether the daemon looks at who serves that socket.
    pub peer_check: PeerCheck,
    /// Whom the daemon asks for their servers.
    pub peers: Vec<ClusterNode>,
    /// Whether Pacemaker is asked.
    pub quorum: QuorumGuard,
    /// How many connections the daemon may have at once, on each port.
    pub connections: Connections,
    /// What is spoken on the HTTP port.
    pub http: Encryption,
    /// The program.
    pub program: WholePath,
}

/// Who binds the ports, and how long a process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// `systemd` does, for one daemon.
    Socket,
    /// The daemon itself does.
    Daemon,
    /// `systemd` does, and starts a process for each check.
    Accept,
}

/// How the server is reached, as far as a sandbox has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerSocket {
    /// By a Unix socket.
    Socket,
    /// Over TCP at this address.
    Address(IpAddr),
    /// Over TCP at a name's address, which name servers are asked for.
    Name,
}

/// Whether the daemon looks at who serves a Unix socket (`requirepeer`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerCheck {
    /// It does not.
    None,
    /// It does, and must see who that is.
    ByName,
}

/// Why there are no such units.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// It takes a privilege to bind it.
    #[error(
        "{0}: the daemon may not bind a port below 1024 by itself; take the variant \"socket\""
    )]
    Privileged(SocketAddr),
}

/// The first port that everybody may bind (ip(7), `ip_unprivileged_port_start`).
const FIRST_FREE: u16 = 1024;

const RESTARTS: &str = "While the daemon is restarted, for some milliseconds, checks are refused. The variant \
     \"socket\" has them wait instead.";

const UNHEARD: &str = "The daemons of cluster.nodes ask one another over HTTP, and listen.http names no address for \
     it: nobody hears of this server.";

impl SystemdPlan {
    /// Units for a server on a Unix socket, without peers and without Pacemaker.
    pub fn new(variant: Variant, sockets: Sockets, program: WholePath) -> Result<Self, PlanError> {
        let privileged = sockets.all().find(|place| place.port() < FIRST_FREE);
        match (variant, privileged) {
            (Variant::Daemon, Some(place)) => Err(PlanError::Privileged(place)),
            (Variant::Daemon, None) | (Variant::Socket | Variant::Accept, _) => Ok(Self {
                variant,
                sockets,
                postgres: ServerSocket::Socket,
                peer_check: PeerCheck::None,
                peers: Vec::new(),
                quorum: QuorumGuard::Off,
                connections: Connections::default(),
                http: Encryption::None,
                program,
            }),
        }
    }

    /// What whoever uses the variant should know.
    pub(super) fn caveats(&self) -> Vec<String> {
        let sockets = &self.sockets;
        match self.variant {
            Variant::Socket => Vec::new(),
            Variant::Daemon => {
                let mut caveats = vec![RESTARTS.to_owned()];
                if sockets.http.is_empty() && !self.peers.is_empty() {
                    caveats.push(UNHEARD.into());
                }
                caveats
            }
            Variant::Accept if sockets.http.is_empty() && sockets.agent.is_empty() => Vec::new(),
            Variant::Accept => {
                vec![
                    "HTTP and agent-checks take a daemon; this variant answers the state port."
                        .into(),
                ]
            }
        }
    }
}

impl Variant {
    /// As it is chosen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Daemon => "daemon",
            Self::Accept => "accept",
        }
    }
}
