//! The states of a server and its daemon that a check may meet.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) enum Case {
    Primary,
    Standby,
    /// A standby that misses a condition.
    Lagging,
    Down,
    Maintenance,
    /// Nothing listens where the check goes, but `PostgreSQL` maybe.
    NoDaemon,
    /// Another program answers, or one that does not know the path.
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

    /// As it is said.
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
