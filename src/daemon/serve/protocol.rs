//! The protocols that a listening socket can serve, and their names; opens no socket.

/// The protocol of a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The state port: one line for each connection.
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

    /// The protocol of a socket with this name, which is one of `sockets` sockets. A single socket without a name is the
    /// state port: systemd names such a socket after its unit (`systemd.socket(5)`, `FileDescriptorName=`),
    /// other service managers name it `unknown` or not at all.
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
