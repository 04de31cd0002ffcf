//! Gets a plugin's facts from the daemon if one answers over HTTP, otherwise from PostgreSQL. Judges nothing.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time;

use crate::answer::document::rows;
use crate::base::https::TlsClient;
use crate::base::units::show_duration;
use crate::cli::exit::Exit;
use crate::daemon::observe::once;
use crate::daemon::peers::credentials::PeerCredentials;
use crate::daemon::peers::error::GetError;
use crate::daemon::peers::get;
use crate::daemon::{self, Configured};
use crate::health::Depth;
use crate::postgres::{Refusal, chain};
use crate::tools::plugin::document::{self, DocumentError};
use crate::tools::plugin::{CheckFacts, Senders};

/// The port of `pgsql-state-http.socket`.
const HTTP_PORT: u16 = 8008;

/// Time for the request to the daemon, in addition to its question to PostgreSQL.
const SLACK: Duration = Duration::from_millis(500);

/// Largest document that is read, in bytes; the senders and slots of a server take a few kilobytes.
const LARGEST: usize = 1 << 20;

/// The source of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AskedFirst {
    /// The daemon at this address if it answers, otherwise PostgreSQL.
    Daemon(SocketAddr),
    /// Only the daemon at this address, which may be on another host; over TLS if a configuration for it is given.
    Only(SocketAddr, Option<TlsClient>),
    /// Only PostgreSQL.
    Postgres,
}

/// The source according to the settings. These do not contain sockets that systemd passes. Their default port is asked
/// only with the default configuration file, because with another one the daemon on that port may watch another server.
pub(super) fn of(settings: &Configured, config: Option<&Path>) -> AskedFirst {
    match (settings.listen.http.first(), config) {
        (Some(address), _) if address.port() != 0 => AskedFirst::Daemon(reachable(*address)),
        (None, None) => AskedFirst::Daemon((Ipv4Addr::LOCALHOST, HTTP_PORT).into()),
        (Some(_), _) | (None, Some(_)) => AskedFirst::Postgres,
    }
}

/// The daemon at an address, asked over TLS as the arguments say, otherwise as the other nodes are, otherwise as this
/// host's daemon is.
pub(super) fn at(
    address: SocketAddr,
    given: Option<TlsClient>,
    settings: &Configured,
) -> AskedFirst {
    let client = given
        .or_else(|| settings.cluster.tls.clone())
        .or_else(|| own(settings));
    AskedFirst::Only(address, client)
}

/// The address of this host's daemon, with the TLS configuration for it; none if its HTTP port is not known.
pub(in crate::cli) fn daemon_of(
    settings: &Configured,
    config: Option<&Path>,
) -> Option<(SocketAddr, Option<TlsClient>)> {
    match of(settings, config) {
        AskedFirst::Daemon(address) => Some((address, own(settings))),
        AskedFirst::Only(..) | AskedFirst::Postgres => None,
    }
}

/// The TLS configuration for this host's daemon, if its HTTP port is encrypted.
fn own(settings: &Configured) -> Option<TlsClient> {
    let read = settings.https.as_ref()?.read.as_ref()?;
    Some(read.own.clone())
}

/// Replaces the unspecified address, to which one cannot connect, with loopback.
pub(in crate::cli) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

impl AskedFirst {
    /// Returns the facts about the server, at least of this depth; `None` if the only daemon to ask does not answer.
    pub(super) async fn facts(self, settings: &Configured, depth: Depth) -> Option<CheckFacts> {
        let (address, tls) = match &self {
            Self::Daemon(address) => (*address, own(settings)),
            Self::Only(address, tls) => (*address, tls.clone()),
            Self::Postgres => return Some(of_postgres(settings, depth).await),
        };
        let limit = settings.postgres.timeout.saturating_add(SLACK);
        let asked = time::timeout(limit, of_daemon(address, tls, settings)).await;
        let error = match asked {
            Ok(Ok(facts)) => return Some(facts),
            Ok(Err(error)) => error,
            Err(_) => AskError::Silent(show_duration(limit)),
        };
        let said = chain(&error);
        match self {
            Self::Only(_, _) => {
                Exit::Success.saying(&format!("pgsql-state: {address}: {said}"));
                return None;
            }
            Self::Daemon(_) if !error.is_absence() => {
                Exit::Success.saying(&format!(
                    "pgsql-state: {address}: {said}; asking PostgreSQL instead"
                ));
            }
            Self::Daemon(_) | Self::Postgres => {}
        }
        Some(of_postgres(settings, depth).await)
    }
}

/// The daemon returned no facts.
#[derive(Debug, Error)]
enum AskError {
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    #[error("no answer within {0}")]
    Silent(String),
    #[error(transparent)]
    Get(#[from] GetError),
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl AskError {
    /// Whether the error means that no daemon runs there, which is not reported.
    fn is_absence(&self) -> bool {
        match self {
            Self::Connect(error) => error.kind() == io::ErrorKind::ConnectionRefused,
            Self::Silent(_) | Self::Get(_) | Self::Document(_) => false,
        }
    }
}

async fn of_daemon(
    address: SocketAddr,
    tls: Option<TlsClient>,
    settings: &Configured,
) -> Result<CheckFacts, AskError> {
    // The administrator has chosen the daemon, mostly that of this host, so no proof of membership is needed.
    let credentials = PeerCredentials {
        keys: None,
        tls,
        ..daemon::credentials(settings)
    };
    let stream = TcpStream::connect(address)
        .await
        .map_err(AskError::Connect)?;
    let body = get::document(stream, address, LARGEST, &credentials).await?;
    Ok(document::read(&body)?)
}

async fn of_postgres(settings: &Configured, depth: Depth) -> CheckFacts {
    let (seen, refusal) = once(&daemon::observation_settings(settings), depth).await;
    if let Some(refusal) = refusal {
        report(settings, &refusal);
    }
    let details = seen.details;
    CheckFacts {
        verdict: seen.verdict,
        state: seen.state,
        delay: seen.delay,
        slots: details
            .as_ref()
            .and_then(|details| rows(details.slots.as_deref())),
        senders: details.and_then(|details| Senders::read(details.senders.as_deref())),
    }
}

/// Prints the message of `PostgreSQL` to standard error; it does not belong in the line that a plugin prints.
pub(super) fn report(settings: &Configured, refusal: &Refusal) {
    Exit::Success.saying(&format!(
        "pgsql-state: {}: {refusal}",
        settings.postgres.target
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unspecified_address_is_replaced_with_loopback() {
        for (bound, asked) in [
            ("[::]:8008", "[::1]:8008"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("10.0.0.1:8008", "10.0.0.1:8008"),
        ] {
            assert_eq!(reachable(bound.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
