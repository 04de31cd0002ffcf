//! What can be spoken on a listening socket, by name; knows no socket.

/// What is spoken on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// One line to whoever connects.
    State,
    /// HTTP/1.
    Http,
    /// `HAProxy`'s agent-check.
    Agent,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 3] = [Self::State, Self::Http, Self::Agent];

    /// Its name in `FileDescriptorName=` and in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Http => "http",
            Self::Agent => "agent-check",
        }
    }

    /// Its key in `[listen]`.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Http => "http",
            Self::Agent => "agent_check",
        }
    }

    /// By its name, alone or among so many sockets. A single socket that was given no name is the state
    /// port. systemd names such a socket after its unit (`systemd.socket(5)`, `FileDescriptorName=`),
    /// other starters `unknown` or nothing.
    pub(super) fn of(name: &str, sockets: usize) -> Option<Self> {
        let unnamed = name.is_empty() || name == "unknown" || name.ends_with(".socket");
        if unnamed && sockets == 1 {
            return Some(Self::State);
        }
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_socket_without_a_name_is_the_state_port() {
        for name in ["", "unknown", "pgsql-state.socket", "state"] {
            assert_eq!(Protocol::of(name, 1), Some(Protocol::State), "{name}");
        }
        assert_eq!(Protocol::of("", 2), None);
    }

    #[test]
    fn a_name_is_a_protocol_however_many_sockets_there_are() {
        for (protocol, sockets) in Protocol::ALL.into_iter().zip([1, 7, 2]) {
            assert_eq!(Protocol::of(protocol.name(), sockets), Some(protocol));
        }
        for name in ["agents", "states", "STATE"] {
            assert_eq!(Protocol::of(name, 1), None, "{name}");
        }
    }
}
