//! The inputs of the commands; knows no command.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::names::{Agent, ResourceName};
use crate::health::QuorumGuard;
use crate::tools::generate::{Nodes, WholePath};

/// The inputs of the commands.
#[derive(Clone, Debug)]
pub struct PacemakerPlan {
    /// The tool that runs the commands.
    pub tool: Tool,
    /// The series of Pacemaker that they are for.
    pub pacemaker: PacemakerSeries,
    /// The servers.
    pub nodes: Nodes,
    /// The name of the resource.
    pub resource: ResourceName,
    /// Its agent.
    pub agent: Agent,
    /// The folder of PostgreSQL's programs.
    pub programs: WholePath,
    /// The folder of the instance's configuration, which is its data directory unless `datadir` is set.
    pub data: WholePath,
    /// The data directory, if the configuration is elsewhere.
    pub datadir: Option<WholePath>,
    /// The folder of the instance's Unix socket.
    pub socket: WholePath,
    /// The instance's port.
    pub port: u16,
    /// Whether the daemons report a primary only with Pacemaker's quorum.
    pub quorum: QuorumGuard,
}

/// The tool that runs the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `pcs`, of Red Hat and related distributions, also in Debian.
    Pcs,
    /// `crmsh`, of SUSE, also in Debian.
    Crm,
}

/// The series of Pacemaker, as far as it matters: since 2.1 the roles have other names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacemakerSeries {
    /// 2.0.
    Before21,
    /// 2.1 and later.
    Since21,
}

/// A text that is not a known version of Pacemaker.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a version of Pacemaker from 2.0 to 3.0")]
pub struct PacemakerError(String);

impl PacemakerSeries {
    /// The series in Debian 12 and Rocky 9.
    pub const DEFAULT: Self = Self::Since21;

    /// The role of the primary.
    pub(super) fn promoted(self) -> &'static str {
        match self {
            Self::Before21 => "Master",
            Self::Since21 => "Promoted",
        }
    }

    /// The role of a standby.
    pub(super) fn unpromoted(self) -> &'static str {
        match self {
            Self::Before21 => "Slave",
            Self::Since21 => "Unpromoted",
        }
    }
}

impl Tool {
    /// The word for it on the command line.
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
