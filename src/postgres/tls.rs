//! Encryption of a connection to PostgreSQL: from the settings to what is to be tried, and in which
//! order; opens no connection.
//!
//! - [`open`](Attempt::open): from an open socket to messages, encrypted or not.
//! - `binding`: what a password exchange is tied to.
//! - [`files`]: the certificates and keys; `encrypted_key`: a key with a passphrase.
//! - [`revocations`]: the lists of certificates that are no longer good.
//! - [`verifier`]: what a server has to prove.

mod binding;
mod encrypted_key;
mod error;
mod files;
mod open;
mod revocations;
mod verifier;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::SupportedProtocolVersion;
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use tokio_rustls::TlsConnector;

pub use error::{TlsError, TlsFile};
pub use open::Opened;

use super::refusal::Wire;
use crate::health::Failure;
use crate::postgres::conninfo::{Endpoint, NameIndication, Negotiation, SslMode, Tls, Versions};
use verifier::ServerVerifier;

/// The protocol that libpq offers (ALPN), for servers and proxies that serve several on one port
/// (PostgreSQL manual, "SSL Session Encryption").
const ALPN: &[u8] = b"postgresql";

/// The attempts to make at one connection: one, or two on a fresh connection each.
///
/// Made once for the settings it was made of: it keeps what it read of certificates and keys.
#[derive(Debug)]
pub struct Plan {
    attempts: Vec<Result<Attempt, TlsError>>,
}

/// One way to connect.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// Without encryption.
    Plain,
    /// With TLS.
    Tls(Encryption),
}

/// How to encrypt a connection.
#[derive(Clone)]
pub struct Encryption {
    connector: TlsConnector,
    server_name: ServerName<'static>,
    without_tls: WithoutTls,
    negotiation: Negotiation,
}

/// What to do where the server has no TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WithoutTls {
    /// Log in on the same connection all the same.
    GoOn,
    /// Give up.
    Fail,
}

impl Plan {
    /// Reads the certificates and keys and plans the attempts.
    ///
    /// As in libpq TLS is never used over a Unix socket, and none of its files is read then.
    pub fn new(endpoint: &Endpoint, tls: &Tls) -> Self {
        let plain = Ok(Attempt::Plain);
        let Endpoint::Tcp { host, address, .. } = endpoint else {
            return Self::of([plain]);
        };
        let encrypted = |without_tls| {
            Encryption::new(
                host,
                address.as_ref().map(|address| address.ip),
                tls,
                without_tls,
            )
            .map(Attempt::Tls)
        };
        match tls.mode {
            SslMode::Disable => Self::of([plain]),
            // A server that declines TLS has refused the login without it already: as with libpq 17 it is not asked
            // the same again.
            SslMode::Allow => Self::of([plain, encrypted(WithoutTls::Fail)]),
            // One that declines TLS goes on without it on the same connection.
            SslMode::Prefer => Self::of([encrypted(WithoutTls::GoOn), plain]),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                Self::of([encrypted(WithoutTls::Fail)])
            }
        }
    }

    fn of<const N: usize>(attempts: [Result<Attempt, TlsError>; N]) -> Self {
        Self {
            attempts: attempts.into(),
        }
    }

    /// The attempts, in order. The second is worth making only where [`other_may_differ`]: as in libpq
    /// an attempt whose files cannot be used is TLS that failed.
    pub fn attempts(&self) -> &[Result<Attempt, TlsError>] {
        &self.attempts
    }
}

impl Encryption {
    fn new(
        host: &str,
        address: Option<IpAddr>,
        tls: &Tls,
        without_tls: WithoutTls,
    ) -> Result<Self, TlsError> {
        Ok(Self {
            connector: TlsConnector::from(Arc::new(client_config(host, tls)?)),
            server_name: server_name(host, address, tls.mode)?,
            without_tls,
            negotiation: tls.negotiation,
        })
    }
}

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encryption")
            .field("server_name", &self.server_name)
            .field("without_tls", &self.without_tls)
            .field("negotiation", &self.negotiation)
            .finish_non_exhaustive()
    }
}

/// Whether the other attempt of a plan may end differently from this one.
///
/// TLS may fail where plain text works, and `pg_hba.conf` tells `hostssl` from `hostnossl`. libpq also
/// tries again after any other refusal, which would only cost the server a second backend to say the
/// same.
pub fn other_may_differ(failure: Failure, wire: Wire) -> bool {
    match failure {
        Failure::Tls => true,
        Failure::Auth => match wire {
            Wire::Plain | Wire::Encrypted => true,
            // The server has heard the login without TLS.
            Wire::Declined => false,
        },
        Failure::NoSocket
        | Failure::Refused
        | Failure::Unreachable
        | Failure::NoHost
        | Failure::Denied
        | Failure::OtherServer
        | Failure::TimedOut
        | Failure::Full
        | Failure::NoDatabase
        | Failure::DatabaseClosed
        | Failure::MissingFile
        | Failure::CannotConnectNow(_)
        | Failure::AdminShutdown
        | Failure::CrashShutdown
        | Failure::Lost
        | Failure::Setup
        | Failure::Rejected
        | Failure::Unexpected => false,
    }
}

fn client_config(host: &str, tls: &Tls) -> Result<ClientConfig, TlsError> {
    // Named here, so that no other crate's choice of a default for the process matters.
    let provider = Arc::new(ring::default_provider());
    let verifier = ServerVerifier::new(host, tls, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(tls.versions))
        .map_err(TlsError::Unsupported)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let client = tls
        .client
        .as_ref()
        .map(files::client_certificate)
        .transpose()?;
    let mut config = match client.flatten() {
        Some(client) => client.present(builder)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN.into()];
    config.enable_sni = tls.name_indication == NameIndication::Sent;
    // As in libpq each connection proves the server anew.
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn versions(versions: Versions) -> Vec<&'static SupportedProtocolVersion> {
    match versions {
        Versions::Both => vec![&TLS12, &TLS13],
        Versions::Only12 => vec![&TLS12],
        Versions::Only13 => vec![&TLS13],
    }
}

/// The name to connect by. A host that is neither a name nor an address (a path beside `hostaddr`)
/// leaves an address, which is never sent; nothing is compared with it unless the mode is
/// `verify-full`.
fn server_name(
    host: &str,
    address: Option<IpAddr>,
    mode: SslMode,
) -> Result<ServerName<'static>, TlsError> {
    if let Ok(name) = ServerName::try_from(host) {
        return Ok(name.to_owned());
    }
    if mode == SslMode::VerifyFull {
        return Err(TlsError::NotAName { host: host.into() });
    }
    let address = address.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    Ok(ServerName::IpAddress(address.into()))
}
