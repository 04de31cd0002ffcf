//! The states of a server and its daemon that a check can meet.

use crate::health::{DownReason, LagReason, Maintenance, Verdict, maintain};

/// A state of a server and its daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum Case {
    Primary,
    Standby,
    /// A standby that does not meet a condition.
    Lagging,
    Down,
    Maintenance,
    /// Nothing listens on the port of the check, except possibly `PostgreSQL`.
    NoDaemon,
    /// Another program answers, or a daemon that does not know the path.
    NotFound,
}

impl Case {
    /// Every case.
    pub(in crate::tools::lint::haproxy) const ALL: [Self; 7] = [
        Self::Primary,
        Self::Standby,
        Self::Lagging,
        Self::Down,
        Self::Maintenance,
        Self::NoDaemon,
        Self::NotFound,
    ];

    /// The name of the case in output.
    pub(in crate::tools::lint::haproxy) fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Standby => "standby",
            Self::Lagging => "lagging standby",
            Self::Down => "down",
            Self::Maintenance => "maintenance",
            Self::NoDaemon => "no daemon",
            Self::NotFound => "404",
        }
    }

    /// The verdict of the daemon, with the order of maintenance; `None` if no daemon of this project answers.
    pub(super) fn verdict(self) -> Option<(Verdict, Option<Maintenance>)> {
        let ordered = Some(Maintenance::Down);
        match self {
            Self::Primary => Some((Verdict::Production, None)),
            Self::Standby => Some((Verdict::Standby, None)),
            Self::Lagging => Some((Verdict::Lagging(LagReason::Behind), None)),
            Self::Down => Some((Verdict::Down(DownReason::NoSocket), None)),
            Self::Maintenance => Some((maintain(Verdict::Production, ordered), ordered)),
            Self::NoDaemon | Self::NotFound => None,
        }
    }
}
