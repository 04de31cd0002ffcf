//! What a configuration is to be, valid by construction; knows no line of it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

use super::version::{Feature, Version};
use crate::admit::Token;
use crate::admit::net::canonical;
use crate::generate::Nodes;
use crate::role::Words;
use crate::settings::HeaderPeers;

/// Everything that a configuration is made from.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which `HAProxy` is to read it.
    pub version: Version,
    /// What it is to be good at.
    pub profile: Profile,
    /// How a server is asked for its role.
    pub check: Check,
    /// How a standby reaches the primary.
    pub replication: Replication,
    /// The servers.
    pub nodes: Nodes,
    /// The ports of all that runs on them.
    pub ports: Ports,
    /// Where clients connect.
    pub bind: Bind,
    /// The words for the roles.
    pub words: Words,
    /// What a check of the state port must say first.
    pub token: Option<Token>,
    /// Which checks announce their peer.
    pub headers: Headers,
    /// `HAProxy`'s own socket.
    pub admin_socket: AdminSocket,
}

/// What a configuration is to be good at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Being the talk's: its blocks with its parameters.
    Talk,
    /// Never leading a writer astray, and ending no session without need.
    Safe,
    /// The same, with little time between checks.
    Fast,
}

/// How a server is asked for its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// By the line of the state port.
    Text,
    /// By the status of an HTTP path.
    Http,
    /// By the line of the state port, and its share of the readers by an agent-check.
    Agent,
}

/// How a standby reaches whichever server is the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replication {
    /// Through a listen block that lets it stay with a primary that shuts down.
    Own,
    /// Through the block for writers.
    Prod,
    /// Past `HAProxy`.
    Direct,
}

/// Whether the check of a port begins with a PROXY header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// It does: its peers must send one.
    Sent,
    /// It does not.
    None,
}

/// Whether the checks of each port begin with a PROXY header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headers {
    /// Those of the state port.
    pub state: Header,
    /// Those of the HTTP port.
    pub http: Header,
}

/// Why it cannot be told whether a check is to send a PROXY header.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeadersError {
    /// One file for all hosts cannot do both.
    #[error(
        "\"{with}\" must send a PROXY header to port {port} and \"{without}\" must not; name both or none"
    )]
    Some {
        /// The port.
        port: u16,
        /// A node in the list.
        with: String,
        /// A node that is not.
        without: String,
    },
    /// An agent-check has no header to send (Configuration Manual, "agent-check").
    #[error(
        "\"{0}\" must send a PROXY header to the agent port, which HAProxy never does; name ports, as in {{ 5431 = [...] }}"
    )]
    Agent(String),
}

/// The ports of everything on a host; no two are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports(Numbers);

/// The ports of everything on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The daemon's, for a line.
    pub state: u16,
    /// The daemon's, for HTTP.
    pub http: u16,
    /// The daemon's, for agent-checks.
    pub agent: u16,
    /// `PostgreSQL`'s.
    pub postgres: u16,
    /// Clients', to the primary.
    pub read_write: u16,
    /// Clients', to the standbys.
    pub read_only: u16,
    /// Standbys', to the primary.
    pub replication: u16,
    /// The page of statistics.
    pub stats: u16,
}

/// Two services of one host cannot have one port.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{one} and {other} are both {port}, and both are on each host")]
pub struct PortsError {
    one: &'static str,
    other: &'static str,
    port: u16,
}

/// Where clients connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bind {
    /// At every IPv4 address.
    Everywhere,
    /// At one.
    At(IpAddr),
}

/// A text is no address to bind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is no IP address and no \"*\"")]
pub struct BindError(String);

/// The path of `HAProxy`'s own socket, in characters that mean nothing to its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSocket(String);

/// A text is no path for a socket.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no path for a socket; write a whole path of letters, digits and \"/._-\", of at most 97"
)]
pub struct AdminSocketError(String);

impl Ports {
    /// Accepts ports that differ.
    pub fn new(numbers: Numbers) -> Result<Self, PortsError> {
        let all = numbers.named();
        for (index, (other, port)) in all.into_iter().enumerate() {
            let twin = all.iter().take(index).find(|(_, earlier)| *earlier == port);
            if let Some((one, _)) = twin {
                return Err(PortsError { one, other, port });
            }
        }
        Ok(Self(numbers))
    }

    pub(super) fn numbers(&self) -> &Numbers {
        &self.0
    }
}

impl Numbers {
    /// Those that users know, and the daemon's own.
    pub const USUAL: Self = Self {
        state: 5431,
        http: 8008,
        agent: 5430,
        postgres: 5434,
        read_write: 5432,
        read_only: 5433,
        replication: 5435,
        stats: 7000,
    };

    /// Each with the option that sets it.
    fn named(&self) -> [(&'static str, u16); 8] {
        [
            ("--state-port", self.state),
            ("--http-port", self.http),
            ("--agent-port", self.agent),
            ("--postgres-port", self.postgres),
            ("--read-write-port", self.read_write),
            ("--read-only-port", self.read_only),
            ("--replication-port", self.replication),
            ("--stats-port", self.stats),
        ]
    }
}

impl Headers {
    /// What the lists of `admission.proxy_protocol` ask of checks that come from the nodes: each runs a
    /// `HAProxy`, which asks from the node's own address.
    pub fn of(
        nodes: &Nodes,
        peers: &HeaderPeers,
        ports: &Ports,
        check: Check,
    ) -> Result<Self, HeadersError> {
        let numbers = ports.numbers();
        if check == Check::Agent {
            let peers = peers.at(numbers.agent);
            let asked = |address| peers.contains(canonical(address));
            if let Some(node) = nodes.iter().find(|node| asked(node.address)) {
                return Err(HeadersError::Agent(node.name.clone()));
            }
        }
        Ok(Self {
            state: Header::of(nodes, peers, numbers.state)?,
            http: match check {
                Check::Http => Header::of(nodes, peers, numbers.http)?,
                Check::Text | Check::Agent => Header::None,
            },
        })
    }
}

impl Header {
    fn of(nodes: &Nodes, peers: &HeaderPeers, port: u16) -> Result<Self, HeadersError> {
        let peers = peers.at(port);
        let asked = |address| peers.contains(canonical(address));
        let with = nodes.iter().find(|node| asked(node.address));
        let without = nodes.iter().find(|node| !asked(node.address));
        match (with, without) {
            (Some(_), None) => Ok(Self::Sent),
            (None, _) => Ok(Self::None),
            (Some(with), Some(without)) => Err(HeadersError::Some {
                port,
                with: with.name.clone(),
                without: without.name.clone(),
            }),
        }
    }
}

impl Plan {
    /// Whether clients and checks are treated with the care of the profiles beyond the talk's.
    pub(super) fn is_careful(&self) -> bool {
        match self.profile {
            Profile::Talk => false,
            Profile::Safe | Profile::Fast => true,
        }
    }

    pub(super) fn has(&self, feature: Feature) -> bool {
        self.version.has(feature)
    }
}

impl Profile {
    /// As it is chosen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Talk => "talk",
            Self::Safe => "safe",
            Self::Fast => "fast",
        }
    }
}

impl Check {
    /// As it is chosen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Http => "http",
            Self::Agent => "agent",
        }
    }
}

impl Replication {
    /// As it is chosen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Prod => "prod",
            Self::Direct => "direct",
        }
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("*"),
            Self::At(address) => address.fmt(f),
        }
    }
}

impl FromStr for Bind {
    type Err = BindError;

    fn from_str(text: &str) -> Result<Self, BindError> {
        if text == "*" {
            return Ok(Self::Everywhere);
        }
        let address = text.parse().map(Self::At);
        address.map_err(|_| BindError(text.to_owned()))
    }
}

impl AdminSocket {
    /// Where Debian's package has it.
    pub const USUAL: &str = "/run/haproxy/admin.sock";

    /// Longest path: `HAProxy` binds a temporary one first, with ten characters more, and the kernel
    /// takes 107 (unix(7)).
    const LONGEST: usize = 97;
}

impl FromStr for AdminSocket {
    type Err = AdminSocketError;

    fn from_str(text: &str) -> Result<Self, AdminSocketError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        let fits = text.starts_with('/') && !text.ends_with('/') && text.len() <= Self::LONGEST;
        if fits && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AdminSocketError(text.to_owned()))
        }
    }
}

impl fmt::Display for AdminSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
