//! What the resource is to be; knows no command.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::names::{Agent, ResourceName};
use crate::health::QuorumGuard;
use crate::tools::generate::{Nodes, WholePath};

/// Everything that the commands are made from.
#[derive(Clone, Debug)]
pub struct PacemakerPlan {
    /// Who runs the commands.
    pub tool: Tool,
    /// Which Pacemaker they are for.
    pub pacemaker: PacemakerSeries,
    /// The servers.
    pub nodes: Nodes,
    /// What the resource is called.
    pub resource: ResourceName,
    /// Its agent.
    pub agent: Agent,
    /// Where PostgreSQL's programs are.
    pub programs: WholePath,
    /// The folder of the instance's configuration: its data, or what `datadir` adds.
    pub data: WholePath,
    /// Its data, where the configuration is elsewhere.
    pub datadir: Option<WholePath>,
    /// The folder of its Unix socket.
    pub socket: WholePath,
    /// Its port.
    pub port: u16,
    /// Whether the daemons tell a primary only with Pacemaker's quorum.
    pub quorum: QuorumGuard,
}

/// Who runs the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `pcs`, of Red Hat and its kin, in Debian too.
    Pcs,
    /// `crmsh`, of SUSE, in Debian too.
    Crm,
}

/// Which Pacemaker, as far as it matters: 2.1 has other words for the roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacemakerSeries {
    /// 2.0.
    Before21,
    /// 2.1 and later.
    Since21,
}

/// A text is no version of Pacemaker that is known.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is no version of Pacemaker from 2.0 to 3.0")]
pub struct PacemakerError(String);

impl PacemakerSeries {
    /// That of Debian 12 and Rocky 9.
    pub const DEFAULT: Self = Self::Since21;

    /// The role of a server that accepts writes.
    pub(super) fn promoted(self) -> &'static str {
        match self {
            Self::Before21 => "Master",
            Self::Since21 => "Promoted",
        }
    }

    /// That of a standby.
    pub(super) fn unpromoted(self) -> &'static str {
        match self {
            Self::Before21 => "Slave",
            Self::Since21 => "Unpromoted",
        }
    }
}

impl Tool {
    /// As it is chosen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pcs => "pcs",
            Self::Crm => "crm",
        }
    }
}

impl FromStr for PacemakerSeries {
    type Err = PacemakerError;

    fn from_str(text: &str) -> Result<Self, PacemakerError> {
        match text {
            "2.0" => Ok(Self::Before21),
            "2.1" | "3.0" => Ok(Self::Since21),
            _ => Err(PacemakerError(text.escape_debug().to_string())),
        }
    }
}

impl fmt::Display for PacemakerSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before21 => "2.0",
            Self::Since21 => "2.1",
        })
    }
}
