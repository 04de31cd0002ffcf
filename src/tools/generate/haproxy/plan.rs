//! What a configuration is to be, valid by construction; knows no line of it.

use std::net::IpAddr;

use super::headers::Headers;
use super::places::{AdminSocket, Bind, CheckFile};
use super::ports::Ports;
use super::version::{Feature, HaproxyVersion};
use crate::admit::Token;
use crate::health::Words;
use crate::tools::generate::Nodes;

/// Everything that a configuration is made from.
#[derive(Clone, Debug)]
pub struct HaproxyPlan {
    /// Which `HAProxy` is to read it.
    pub version: HaproxyVersion,
    /// What it is to be good at.
    pub profile: Profile,
    /// How a server is asked for its role.
    pub check: HaproxyCheck,
    /// How a standby reaches the primary.
    pub replication: ReplicationPath,
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
    /// How the HTTP port is asked, where it speaks TLS.
    pub tls: Option<CheckTls>,
    /// Which checks announce their peer.
    pub headers: Headers,
    /// `HAProxy`'s own socket.
    pub admin_socket: AdminSocket,
    /// The hosts of `HAProxy` that the daemons' configuration does not trust.
    pub untrusted: Vec<IpAddr>,
}

/// What a check over TLS takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckTls {
    /// Those who vouch for the daemons' certificates.
    pub ca_file: CheckFile,
    /// `HAProxy`'s own certificate with its key, where the daemons want to see one.
    pub certificate: Option<CheckFile>,
}

/// What a configuration is to be good at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Being the three-node example's: its blocks with its parameters.
    Classic,
    /// Never leading a writer astray, and ending no session without need.
    Safe,
    /// The same, with little time between checks.
    Fast,
}

/// How a server is asked for its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaproxyCheck {
    /// By the line of the state port.
    Text,
    /// By the status of an HTTP path.
    Http,
    /// By the line of the state port, and its share of the readers by an agent-check.
    Agent,
}

/// How a standby reaches whichever server is the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicationPath {
    /// Through a listen block that lets it stay with a primary that shuts down.
    Own,
    /// Through the block for writers.
    Prod,
    /// Past `HAProxy`.
    Direct,
}

impl HaproxyPlan {
    /// Whether clients and checks are treated with the care of the profiles beyond the three-node example's.
    pub(super) fn is_careful(&self) -> bool {
        match self.profile {
            Profile::Classic => false,
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
            Self::Classic => "classic",
            Self::Safe => "safe",
            Self::Fast => "fast",
        }
    }
}

impl HaproxyCheck {
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

impl ReplicationPath {
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
