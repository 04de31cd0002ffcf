//! The inputs of a configuration, valid by construction; knows no line of it.

use std::net::IpAddr;

use super::choice::{HaproxyCheck, Profile, ReplicationPath};
use super::headers::Headers;
use super::places::{AdminSocket, Bind, CheckFile};
use super::ports::Ports;
use super::version::{Feature, HaproxyVersion, VersionOrigin};
use crate::admit::Token;
use crate::health::RoleWords;
use crate::tools::generate::Nodes;

/// The inputs of a configuration.
#[derive(Clone, Debug)]
pub struct HaproxyPlan {
    /// The version of `HAProxy` that reads it.
    pub version: HaproxyVersion,
    /// Why it is that version.
    pub origin: VersionOrigin,
    /// The profile.
    pub profile: Profile,
    /// How servers are checked.
    pub check: HaproxyCheck,
    /// How a standby reaches the primary.
    pub replication: ReplicationPath,
    /// The servers.
    pub nodes: Nodes,
    /// The ports of all that runs on them.
    pub ports: Ports,
    /// The address on which clients connect.
    pub bind: Bind,
    /// The words for the roles in the daemons' answers.
    pub words: RoleWords,
    /// The token that a check sends first.
    pub token: Option<Token>,
    /// The certificates of checks, if the HTTP port speaks TLS.
    pub tls: Option<CheckTls>,
    /// Which checks begin with a PROXY header.
    pub headers: Headers,
    /// The path of `HAProxy`'s admin socket.
    pub admin_socket: AdminSocket,
    /// The hosts of `HAProxy` that the daemons' configuration does not trust.
    pub untrusted: Vec<IpAddr>,
}

/// The certificates of checks over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckTls {
    /// The file with the authorities that sign the daemons' certificates.
    pub ca_file: CheckFile,
    /// The file with `HAProxy`'s own certificate and key, if the daemons require one.
    pub certificate: Option<CheckFile>,
}

impl HaproxyPlan {
    /// Whether it has the protections that the three-node example lacks.
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
