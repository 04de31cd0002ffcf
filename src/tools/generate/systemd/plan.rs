//! The inputs of the units, valid by construction; knows no line of them.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::str::FromStr;

use thiserror::Error;

use super::sockets::Sockets;
use crate::config::{ClusterNode, Connections, Encryption};
use crate::health::QuorumGuard;
use crate::tools::generate::{WholePath, WholePathError};

/// The inputs of the units.
#[derive(Clone, Debug)]
pub struct SystemdPlan {
    /// Which process binds the ports, and how long a process lives.
    pub(super) variant: Variant,
    /// The addresses and ports of checks.
    pub(super) sockets: Sockets,
    /// How the server is reached.
    pub postgres: ServerSocket,
    /// Whether the daemon verifies which user serves that socket.
    pub peer_check: PeerCheck,
    /// The nodes whose daemons it asks.
    pub peers: Vec<ClusterNode>,
    /// Where the keeper asks this host's daemon about the other nodes; `None` if it keeps no replication slots.
    pub slots_daemon: Option<IpAddr>,
    /// Whether the daemon needs Pacemaker's quorum.
    pub quorum: QuorumGuard,
    /// The maximal number of connections at once, for each port.
    pub connections: Connections,
    /// The encryption of the HTTP port.
    pub http: Encryption,
    /// The path of the program.
    pub program: WholePath,
    /// The configuration that every command names; `None` for the default one.
    pub config: Option<WholePath>,
    /// The file in which the quorum is noted; `None` for the default one.
    pub quorum_file: Option<QuorumFile>,
}

/// The file in which the quorum's unit notes the quorum, in a folder that its sandbox can give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumFile {
    path: WholePath,
    place: QuorumFolder,
}

/// How the unit may write to the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum QuorumFolder {
    /// `systemd` makes it below `/run`, under this name.
    Runtime(String),
    /// It exists already.
    Given(String),
}

/// Why a unit cannot write a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuorumFileError {
    /// The path has special characters.
    #[error(transparent)]
    Path(#[from] WholePathError),
    /// The folder is root's, or that of all.
    #[error("{0} needs a folder of its own, as /run/pgsql-state/pacemaker/quorum has")]
    Shared(WholePath),
    /// The sandboxes of the units hide the folder.
    #[error(
        "the units' sandboxes hide {0}; name a file below /run, as /run/pgsql-state/pacemaker/quorum"
    )]
    Hidden(WholePath),
}

impl FromStr for QuorumFile {
    type Err = QuorumFileError;

    fn from_str(text: &str) -> Result<Self, QuorumFileError> {
        // `PrivateTmp=yes` and `ProtectHome=yes`.
        const HIDDEN: [&str; 5] = ["/tmp", "/var/tmp", "/home", "/root", "/run/user"];
        const SHARED: [&str; 4] = ["", "/run", "/run/pgsql-state", "/var/run"];
        let path: WholePath = text.parse()?;
        let (folder, _) = text.rsplit_once('/').unwrap_or_default();
        let is_below = |above: &&str| Path::new(folder).starts_with(above);
        if HIDDEN.iter().any(is_below) {
            return Err(QuorumFileError::Hidden(path));
        }
        if SHARED.contains(&folder) {
            return Err(QuorumFileError::Shared(path));
        }
        let place = match folder.strip_prefix("/run/") {
            Some(name) => QuorumFolder::Runtime(name.to_owned()),
            None => QuorumFolder::Given(folder.to_owned()),
        };
        Ok(Self { path, place })
    }
}

impl QuorumFile {
    /// Its path.
    pub(super) fn path(&self) -> &WholePath {
        &self.path
    }

    /// Its folder.
    pub(super) fn place(&self) -> &QuorumFolder {
        &self.place
    }
}

/// Which process binds the ports, and how long a process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// `systemd` binds them for one daemon.
    Socket,
    /// The daemon binds them itself.
    Daemon,
    /// `systemd` binds them and starts a process for each check.
    Accept,
}

/// How the server is reached, as far as the sandbox depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerSocket {
    /// Through a Unix socket.
    Socket,
    /// Over TCP at this address.
    Address(IpAddr),
    /// Over TCP at the address of a name, which is resolved by name servers.
    Name,
}

/// Whether the daemon verifies the user that serves a Unix socket (`requirepeer`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerCheck {
    /// It does not.
    None,
    /// It does, so it must see user names.
    ByName,
}

/// Why the units cannot be generated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Binding the port requires a privilege.
    #[error("{0}: the daemon may not bind a port below 1024 by itself; use the variant \"socket\"")]
    Privileged(SocketAddr),
}

/// The first port that every user may bind (ip(7), `ip_unprivileged_port_start`).
const FIRST_FREE: u16 = 1024;

const RESTARTS: &str = "While the daemon restarts, checks are refused for some milliseconds. With the variant \
                        \"socket\" they wait instead.";

const UNHEARD: &str = "The daemons of cluster.nodes ask one another over HTTP, but listen.http has no address: the \
                       others cannot ask this daemon.";

impl SystemdPlan {
    /// Plans units for a server on a Unix socket, without peers and without Pacemaker.
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
                slots_daemon: None,
                quorum: QuorumGuard::Off,
                connections: Connections::default(),
                http: Encryption::None,
                program,
                config: None,
                quorum_file: None,
            }),
        }
    }

    /// What an administrator has to know about the variant.
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
                    "HTTP and agent-checks need a daemon; this variant answers only on the state port."
                        .into(),
                ]
            }
        }
    }
}

impl Variant {
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Daemon => "daemon",
            Self::Accept => "accept",
        }
    }
}
