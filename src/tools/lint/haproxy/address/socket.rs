//! Where a socket listens, or where a server connects to, in the form in which both can be compared; resolves no name.

use std::ops::RangeInclusive;

use super::comparable;
use super::prefix::{AddressFamily, AddressKind, split};

/// An address of HAProxy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::tools::lint::haproxy) enum Socket {
    Tcp {
        host: SocketHost,
        ports: SocketPorts,
    },
    /// A Unix socket by its path, an abstract one, or a descriptor.
    Named(String),
}

/// The host of a TCP socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::tools::lint::haproxy) enum SocketHost {
    /// Every address of these families.
    Every(Families),
    /// An address or a name, in the form for comparisons.
    One(String),
}

/// Families of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::tools::lint::haproxy) enum Families {
    V4,
    V6,
    Both,
}

/// The ports of a TCP socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::tools::lint::haproxy) enum SocketPorts {
    Range(RangeInclusive<u16>),
    /// As far from the port to which the client connected.
    Offset(i32),
    /// A variable, as it is written.
    Variable(String),
}

impl Socket {
    /// Reads the address of a `bind` or `server` line; `None` if it is no address of a stream of bytes.
    pub(in crate::tools::lint::haproxy) fn read(written: &str) -> Option<Self> {
        match split(written) {
            (AddressKind::Tcp(family), rest) => {
                let (host, ports) = rest.rsplit_once(':').unwrap_or((rest, ""));
                let (host, ports) = (SocketHost::read(host, family), SocketPorts::read(ports));
                Some(Self::Tcp { host, ports })
            }
            (AddressKind::Path, path) => Some(Self::Named(normal(path))),
            (AddressKind::Name, name) => Some(Self::Named(name.to_owned())),
            (AddressKind::Other, _) => None,
        }
    }

    /// The same with the options of a `bind` line. `v6only` prevails over `v4v6`, and without either Linux accepts both
    /// families on `::` (`net.ipv6.bindv6only`).
    pub(in crate::tools::lint::haproxy) fn bound<'w>(
        self,
        options: impl IntoIterator<Item = &'w str>,
    ) -> Self {
        match self {
            Self::Tcp {
                host: SocketHost::Every(Families::Both),
                ports,
            } if options.into_iter().any(|word| word == "v6only") => Self::Tcp {
                host: SocketHost::Every(Families::V6),
                ports,
            },
            other @ (Self::Tcp { .. } | Self::Named(_)) => other,
        }
    }

    /// The same below the folder of `unix-bind prefix`, in which Unix sockets are bound.
    pub(in crate::tools::lint::haproxy) fn below(self, prefix: &str) -> Self {
        match self {
            Self::Named(path) if path.starts_with('/') => {
                Self::Named(normal(&(prefix.to_owned() + &path)))
            }
            other @ (Self::Named(_) | Self::Tcp { .. }) => other,
        }
    }

    /// Whether two sockets would listen on one address. One on a single address and one on every address are told apart
    /// by the kernel.
    pub(in crate::tools::lint::haproxy) fn is_shared_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Named(one), Self::Named(other)) => one == other,
            (
                Self::Tcp { host, ports },
                Self::Tcp {
                    host: other,
                    ports: others,
                },
            ) => {
                let is_same = match (host, other) {
                    (SocketHost::Every(one), SocketHost::Every(other)) => one.overlaps(*other),
                    (SocketHost::One(one), SocketHost::One(other)) => one == other,
                    (SocketHost::Every(_), SocketHost::One(_))
                    | (SocketHost::One(_), SocketHost::Every(_)) => false,
                };
                is_same && ports.overlaps(others)
            }
            (Self::Named(_), Self::Tcp { .. }) | (Self::Tcp { .. }, Self::Named(_)) => false,
        }
    }

    /// The host, unless it is every address.
    pub(in crate::tools::lint::haproxy) fn host(&self) -> Option<&str> {
        match self {
            Self::Tcp {
                host: SocketHost::One(host),
                ports: _,
            } => Some(host),
            Self::Tcp {
                host: SocketHost::Every(_),
                ports: _,
            }
            | Self::Named(_) => None,
        }
    }

    /// The ports, if they are known.
    pub(in crate::tools::lint::haproxy) fn ports(&self) -> Option<&RangeInclusive<u16>> {
        match self {
            Self::Tcp {
                host: _,
                ports: SocketPorts::Range(ports),
            } => Some(ports),
            Self::Tcp {
                host: _,
                ports: SocketPorts::Offset(_) | SocketPorts::Variable(_),
            }
            | Self::Named(_) => None,
        }
    }
}

impl SocketHost {
    fn read(written: &str, family: AddressFamily) -> Self {
        match (comparable(written).as_str(), family) {
            ("" | "*", AddressFamily::V6) | ("::", _) => Self::Every(Families::Both),
            ("" | "*" | "0.0.0.0", _) => Self::Every(Families::V4),
            (one, _) => Self::One(one.to_owned()),
        }
    }
}

impl Families {
    pub(in crate::tools::lint::haproxy) fn overlaps(self, other: Self) -> bool {
        self == other || self == Self::Both || other == Self::Both
    }

    /// Whether a host in the form for comparisons has such an address. A name may have any.
    pub(in crate::tools::lint::haproxy) fn has(self, host: &str) -> bool {
        let is_v6 = host.contains(':');
        let is_v4 = !is_v6 && !host.contains(|c: char| !c.is_ascii_digit() && c != '.');
        match self {
            Self::V4 => !is_v6,
            Self::V6 => !is_v4,
            Self::Both => true,
        }
    }
}

impl SocketPorts {
    fn read(written: &str) -> Self {
        let number = |text: &str| text.parse::<u16>().ok();
        let (low, high) = written.split_once('-').unwrap_or((written, written));
        match (number(low), number(high)) {
            // A server without a port has that of the client.
            _ if written.is_empty() => Self::Offset(0),
            _ if written.starts_with(['+', '-']) => {
                let offset = written.parse().map(Self::Offset);
                offset.unwrap_or_else(|_| Self::Variable(written.to_owned()))
            }
            (Some(low), Some(high)) => Self::Range(low..=high),
            (Some(_) | None, Some(_) | None) => Self::Variable(written.to_owned()),
        }
    }

    pub(in crate::tools::lint::haproxy) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Range(one), Self::Range(other)) => {
                one.start().max(other.start()) <= one.end().min(other.end())
            }
            (Self::Variable(one), Self::Variable(other)) => one == other,
            (Self::Range(_) | Self::Offset(_) | Self::Variable(_), _) => false,
        }
    }
}

/// A path without what changes nothing in it. `/var/run` is a link to `/run`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let parts = match parts.as_slice() {
        ["var", rest @ ..] if rest.first() == Some(&"run") => rest,
        all => all,
    };
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests;
