//! Where a client connects: `HOST:PORT`, as it is typed.

use std::fmt;
use std::net::SocketAddrV4;
use std::str::FromStr;

/// Where a client connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a text is no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write HOST:PORT, as in \"srv1:5432\" or \"[::1]:5432\"")]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (host, port) = text.rsplit_once(':').ok_or(NoPlace)?;
        let inside = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = match inside {
            Some(host) => host,
            // An address of IPv6 without brackets has no end.
            None if host.contains(':') => return Err(NoPlace),
            None => host,
        };
        if host.is_empty() {
            return Err(NoPlace);
        }
        Ok(Self {
            host: host.into(),
            port: port.parse().map_err(|_| NoPlace)?,
        })
    }
}

impl From<SocketAddrV4> for Place {
    fn from(address: SocketAddrV4) -> Self {
        Self {
            host: address.ip().to_string(),
            port: address.port(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_printed_as_they_are_read() {
        for text in ["srv1:5432", "127.0.0.1:5432", "[::1]:5432"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        assert_eq!("[::1]:5432".parse::<Place>().unwrap().host, "::1");
    }

    #[test]
    fn what_lacks_a_host_or_a_port_is_refused() {
        for text in ["srv1", ":5432", "srv1:", "srv1:99999", "::1:5432", ""] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
