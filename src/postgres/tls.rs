//! Plans the encryption of a connection to PostgreSQL: which attempts are made, and in which
//! order; opens no connection.
//!
//! - [`open`](Attempt::open): from an open socket to messages, encrypted or not.
//! - `binding`: the channel binding of a password exchange.
//! - [`files`]: reads certificates and keys; `encrypted_key`: decrypts a key with a passphrase.
//! - [`revocations`]: reads the certificate revocation lists.
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

/// The attempts to make for one session: one, or two, each on a fresh connection.
///
/// A plan keeps the certificates and keys that it has read: a renewed file needs a new plan.
#[derive(Debug)]
pub struct Plan {
    attempts: Vec<Result<Attempt, TlsError>>,
}

/// One way to connect.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// An attempt without encryption.
    Plain,
    /// An attempt with TLS.
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

/// What to do if the server has no TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WithoutTls {
    /// Log in on the same connection without TLS.
    Continue,
    /// Give up.
    Fail,
}

impl Plan {
    /// Reads the certificates and keys and plans the attempts.
    ///
    /// As in libpq, TLS is never used over a Unix socket, and its files are not read then.
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
            // A server that declines TLS has refused the login without it already: as with libpq 17, that login is not
            // repeated.
            SslMode::Allow => Self::of([plain, encrypted(WithoutTls::Fail)]),
            // With a server that declines TLS, the login goes on without it on the same connection.
            SslMode::Prefer => Self::of([encrypted(WithoutTls::Continue), plain]),
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

    /// Returns the attempts, in order. The second is worth making only if [`other_may_differ`]: as in libpq,
    /// an attempt whose files cannot be used counts as a failure of TLS.
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
/// TLS may fail where plain text works, and `pg_hba.conf` distinguishes `hostssl` from `hostnossl`. libpq also
/// tries again after any other refusal, which would only cost the server a second backend for the
/// same answer.
pub fn other_may_differ(failure: Failure, wire: Wire) -> bool {
    match failure {
        Failure::Tls => true,
        Failure::Auth => match wire {
            Wire::Plain | Wire::Encrypted => true,
            // The server has already judged the login without TLS.
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
    // The provider is chosen here, so that a process-wide default set by another crate has no effect.
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
    // As in libpq, the server is verified on each connection.
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

/// Returns the server's name for TLS. For a host that is neither a name nor an address (a path beside `hostaddr`)
/// it is an address, which is never sent and never compared, because `verify-full` refuses such a
/// host.
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
