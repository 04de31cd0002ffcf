//! The states of a server and its daemon that a check can meet.

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
}
