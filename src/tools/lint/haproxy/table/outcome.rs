//! What becomes of a server in a case.

/// The state that a server gets in `HAProxy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum ServerOutcome {
    Up,
    /// It keeps its sessions and gets no new ones.
    Draining,
    Down,
    /// It cannot be determined, for this reason.
    Unknown(&'static str),
}

impl ServerOutcome {
    pub(in crate::tools::lint::haproxy) fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Draining => "draining",
            Self::Down => "down",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The combined result of a check and an agent-check: the worse of both.
    pub(super) fn with(self, agent: Self) -> Self {
        match (self, agent) {
            (Self::Down, _) | (_, Self::Down) => Self::Down,
            (Self::Unknown(why), _) | (_, Self::Unknown(why)) => Self::Unknown(why),
            (Self::Draining, _) | (_, Self::Draining) => Self::Draining,
            (Self::Up, Self::Up) => Self::Up,
        }
    }
}
