//! Parses the address of a server or a listener; resolves no name (Configuration Manual, "Address formats").
//!
//! - `prefix`: the kind of an address.
//! - `socket`: addresses of all kinds, to be compared.

mod prefix;
mod socket;

use std::net::IpAddr;

use crate::postgres::conninfo::HostAddress;
use prefix::{AddressKind, split};
pub(super) use socket::{Families, Socket, SocketHost, SocketPorts};

/// The address of a `server` line.
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
        let text = match split(text) {
            (AddressKind::Tcp(_), rest) => rest,
            (AddressKind::Path | AddressKind::Name | AddressKind::Other, _) => {
                return Self {
                    host: Host::Other,
                    port: None,
                };
            }
        };
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
        let text = without_brackets(text);
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text == "*" || HostAddress::read(text).is_some() {
            Self::Number
        } else if text.chars().all(named) {
            Self::Name(text.to_owned())
        } else {
            Self::Other
        }
    }
}

/// A host in the one form in which it can be compared with others: `ipv4@10.1`, `10.0.0.1` and `[::ffff:10.0.0.1]` are one
/// address. A name remains one, but for `localhost`.
pub(super) fn comparable(host: &str) -> String {
    let bare = without_brackets(without_family(host));
    if let Some(HostAddress { ip, zone }) = HostAddress::read(bare) {
        let ip: IpAddr = ip.to_canonical();
        return zone.map_or_else(|| ip.to_string(), |zone| format!("{ip}%{zone}"));
    }
    let name = bare.strip_suffix('.').unwrap_or(bare).to_lowercase();
    match Host::read(bare) {
        Host::Name(_) if name == "localhost" => "127.0.0.1".to_owned(),
        Host::Name(_) => name,
        Host::Number | Host::Other => bare.to_owned(),
    }
}

fn without_family(text: &str) -> &str {
    match split(text) {
        (AddressKind::Tcp(_), rest) => rest,
        (AddressKind::Path | AddressKind::Name | AddressKind::Other, _) => text,
    }
}

fn without_brackets(text: &str) -> &str {
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_the_same_however_it_is_written() {
        for same in [
            &[
                "10.0.0.1",
                "ipv4@10.0.0.1",
                "10.1",
                "012.0.0.1",
                "0xa000001",
                "::ffff:10.0.0.1",
                "[::ffff:10.0.0.1]",
            ][..],
            &["127.0.0.1", "localhost", "LocalHost", "127.1"],
            &["2001:db8::1", "[2001:DB8:0::1]", "ipv6@2001:db8::1"],
            &["db1.example.com", "DB1.example.com."],
            &["${DB}"],
        ] {
            let mut forms: Vec<String> = same.iter().map(|host| comparable(host)).collect();
            forms.dedup();
            assert_eq!(forms.len(), 1, "{same:?}: {forms:?}");
        }
        for (one, other) in [
            ("10.0.0.1", "10.0.0.2"),
            ("db1", "db2"),
            ("${A}", "${B}"),
            ("::1", "::2"),
        ] {
            assert_ne!(comparable(one), comparable(other));
        }
    }

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
