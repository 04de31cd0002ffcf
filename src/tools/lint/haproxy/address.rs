//! Parses the address of a server or a listener; resolves no name (Configuration Manual, "Address formats").

use std::net::IpAddr;

/// The address of a `server` or `bind` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: Host,
    /// `None` if there is no port, or if it is a variable or an offset.
    pub(super) port: Option<u16>,
}

/// The host of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// An IP address, or every address of the host.
    Number,
    /// A name that has to be resolved.
    Name(String),
    /// A Unix socket, a variable, or an unknown form.
    Other,
}

impl Address {
    /// Parses the form that every version accepts: the port follows the last colon.
    pub(super) fn read(text: &str) -> Self {
        let text = ["ipv4@", "ipv6@", "tcp@", "tcp4@", "tcp6@"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))
            .unwrap_or(text);
        if text.contains(['/', '@']) {
            return Self {
                host: Host::Other,
                port: None,
            };
        }
        let (host, port) = match text.rsplit_once(':') {
            // With a sign the port is an offset from the client's port.
            Some((host, port)) if port.starts_with('+') => (host, None),
            Some((host, port)) => (host, port.parse().ok()),
            None => (text, None),
        };
        Self {
            host: Host::read(host),
            port,
        }
    }
}

impl Address {
    /// The name, if the host is a name.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Name(name) => Some(name),
            Host::Number | Host::Other => None,
        }
    }
}

impl Host {
    /// Parses the part before the port.
    pub(super) fn read(text: &str) -> Self {
        let bare = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let text = bare.unwrap_or(text);
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text == "*" || text.parse::<IpAddr>().is_ok() {
            Self::Number
        } else if text.chars().all(named) {
            Self::Name(text.to_owned())
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_port_are_told_apart() {
        let name = |name: &str| Host::Name(name.to_owned());
        for (text, host, port) in [
            ("10.0.0.1:5432", Host::Number, Some(5432)),
            ("*:5432", Host::Number, Some(5432)),
            (":5432", Host::Number, Some(5432)),
            ("[::1]:5432", Host::Number, Some(5432)),
            ("::1:5432", Host::Number, Some(5432)),
            ("ipv4@srv1:5432", name("srv1"), Some(5432)),
            (
                "pg-0.pg.svc.cluster.local:5432",
                name("pg-0.pg.svc.cluster.local"),
                Some(5432),
            ),
            ("srv1", name("srv1"), None),
            ("srv1:+1", name("srv1"), None),
            (
                "_pgsql._tcp.service.consul",
                name("_pgsql._tcp.service.consul"),
                None,
            ),
            ("unix@/run/x.sock", Host::Other, None),
            ("/run/x.sock", Host::Other, None),
            ("abns@pg", Host::Other, None),
            ("${DB}:5432", Host::Other, Some(5432)),
            ("srv1:${PORT}", name("srv1"), None),
        ] {
            let expected = Address { host, port };
            assert_eq!(Address::read(text), expected, "{text}");
        }
    }
}
