//! The addresses and ports of checks, which can all be bound at once; knows no unit.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

use crate::config::Listen;

/// Addresses and ports of checks: at least one for the state port, and no two that cover the same port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sockets {
    /// Those of the state port.
    pub(super) state: Vec<SocketAddr>,
    /// Those of HTTP.
    pub(super) http: Vec<SocketAddr>,
    /// Those of agent-checks.
    pub(super) agent: Vec<SocketAddr>,
}

/// An address and port, `[ADDRESS:]PORT`; a port alone means every address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Where(pub SocketAddr);

/// A text that is not an address and port.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is neither a port from 1 to 65535 nor an address with a port, as in 10.20.30.51:5431"
)]
pub struct WhereError(String);

/// Why addresses and ports cannot be used in units.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SocketsError {
    /// The state port has no address.
    #[error("there is no address for the state port, which every load balancer asks")]
    NoState,
    /// With port 0 the system chooses the port.
    #[error("{0}: a load balancer cannot know port 0")]
    NoPort(SocketAddr),
    /// Two of them cannot be bound at the same time.
    #[error("{0} and {1} cover the same port")]
    Same(SocketAddr, SocketAddr),
}

impl Sockets {
    /// Accepts addresses and ports that can all be bound at once.
    pub fn new(
        state: Vec<SocketAddr>,
        http: Vec<SocketAddr>,
        agent: Vec<SocketAddr>,
    ) -> Result<Self, SocketsError> {
        if state.is_empty() {
            return Err(SocketsError::NoState);
        }
        let sockets = Self { state, http, agent };
        let mut earlier: Vec<SocketAddr> = Vec::new();
        for place in sockets.all() {
            if place.port() == 0 {
                return Err(SocketsError::NoPort(place));
            }
            if let Some(other) = earlier.iter().find(|other| cover(**other, place)) {
                return Err(SocketsError::Same(*other, place));
            }
            earlier.push(place);
        }
        Ok(sockets)
    }

    /// The same as the daemon's.
    pub(super) fn listen(&self) -> Listen {
        let Self { state, http, agent } = self.clone();
        Listen { state, http, agent }
    }

    /// All addresses and ports.
    pub(super) fn all(&self) -> impl Iterator<Item = SocketAddr> {
        let all = [&self.state, &self.http, &self.agent];
        all.into_iter().flatten().copied()
    }
}

/// Whether two sockets cover the same port of the same address.
fn cover(one: SocketAddr, other: SocketAddr) -> bool {
    let (one_ip, other_ip) = (one.ip().to_canonical(), other.ip().to_canonical());
    let same = one_ip == other_ip || one_ip.is_unspecified() || other_ip.is_unspecified();
    one.port() == other.port() && same
}

impl FromStr for Where {
    type Err = WhereError;

    fn from_str(text: &str) -> Result<Self, WhereError> {
        let everywhere = |port| SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        let place = match text.parse::<u16>() {
            Ok(port) => Some(everywhere(port)),
            Err(_) => text.parse().ok(),
        };
        let place = place.filter(|place| place.port() != 0);
        place
            .map(Self)
            .ok_or_else(|| WhereError(text.escape_debug().to_string()))
    }
}

/// The form of `ListenStream=` (systemd.socket(5)): a port alone is bound for IPv6 and IPv4.
impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SocketAddr::V6(place) if place.ip().is_unspecified() => write!(f, "{}", place.port()),
            place @ (SocketAddr::V4(_) | SocketAddr::V6(_)) => write!(f, "{place}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_place_is_a_port_or_an_address_with_one() {
        for text in ["5431", "0.0.0.0:5431", "10.0.0.1:80", "[2001:db8::1]:8008"] {
            assert_eq!(text.parse::<Where>().unwrap().to_string(), text);
        }
        assert_eq!("[::]:1".parse::<Where>().unwrap().to_string(), "1");
        for text in [
            "",
            "0",
            "65536",
            "srv1:5431",
            "10.0.0.1",
            "10.0.0.1:0",
            "a\nb",
        ] {
            assert!(text.parse::<Where>().is_err(), "{text}");
        }
    }

    #[test]
    fn places_that_cannot_all_be_bound_are_refused() {
        let new =
            |state: &[&str], http: &[&str]| Sockets::new(places(state), places(http), Vec::new());
        assert!(new(&["[::]:5431"], &["[::]:8008"]).is_ok());
        assert!(new(&["10.0.0.1:5431", "10.0.0.2:5431"], &[]).is_ok());
        assert_eq!(new(&[], &["[::]:8008"]), Err(SocketsError::NoState));
        for (state, http) in [
            (&["[::]:5431"][..], &["10.0.0.1:5431"][..]),
            (&["10.0.0.1:1", "[::ffff:10.0.0.1]:1"], &[]),
            (&["10.0.0.1:5431", "0.0.0.0:5431"], &[]),
        ] {
            let error = new(state, http).unwrap_err();
            assert!(matches!(error, SocketsError::Same(..)), "{error}");
        }
        let error = new(&["[::]:0"], &[]).unwrap_err();
        assert!(matches!(error, SocketsError::NoPort(_)), "{error}");
    }
}
