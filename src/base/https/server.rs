//! The TLS configuration of the HTTP port, and whether clients need a certificate; reads no file.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::UnixTime;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

use super::client_verifier::ClientVerifier;
use super::identity::{Identity, TlsFileError};
use super::{ALPN, Origin};
use crate::base::certificates::authorities::Authorities;
use crate::base::certificates::pem::Purpose;

/// The oldest version of TLS that is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinTls {
    /// TLS 1.2 and 1.3.
    #[default]
    Tls12,
    /// TLS 1.3 only.
    Tls13,
}

/// Whether a client needs a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateDemand {
    /// A client without a certificate is refused.
    #[default]
    Required,
    /// A client without a certificate is answered. A certificate that a client presents must still be valid.
    Optional,
}

/// The authorities for client certificates.
#[derive(Clone)]
pub struct ClientAuthorities {
    authorities: Arc<Authorities>,
    origin: Origin,
}

/// Which certificates clients have to present.
#[derive(Clone, Debug)]
pub enum ClientDemand {
    /// No certificate is requested.
    None,
    /// A certificate signed by one of these authorities.
    Certificate(ClientAuthorities, CertificateDemand),
}

/// The configuration of a handshake; two are equal if they were made from the same parts.
#[derive(Clone)]
pub struct TlsServer {
    config: Arc<ServerConfig>,
    origin: Origin,
}

impl ClientAuthorities {
    /// Parses the authorities of a file; fails if none may sign certificates.
    pub fn read(text: &[u8]) -> Result<Self, TlsFileError> {
        let found =
            Authorities::read(text, Purpose::Clients).map_err(TlsFileError::NoCertificate)?;
        if let Some(why) = found.why_none() {
            return Err(TlsFileError::NoAuthority(why));
        }
        Ok(Self {
            authorities: Arc::new(found),
            origin: Origin::of([text]),
        })
    }
}

impl ClientAuthorities {
    /// What is wrong with the authorities that are not valid at a moment.
    pub fn out_of_time(&self, now: UnixTime) -> Vec<String> {
        let errors = self.authorities.anchors.out_of_time(now);
        errors.iter().map(ToString::to_string).collect()
    }
}

impl TlsServer {
    /// Creates the configuration with this certificate and key.
    pub fn new(
        own: &Identity,
        clients: &ClientDemand,
        min_tls: MinTls,
    ) -> Result<Self, TlsFileError> {
        let unusable = |error: &dyn fmt::Display| TlsFileError::Unusable(error.to_string());
        // The provider is explicit, so that a default that another crate installs for the process has no effect.
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&min_tls.versions())
            .map_err(|error| unusable(&error))?;
        let builder = match clients {
            ClientDemand::None => builder.with_no_client_auth(),
            ClientDemand::Certificate(trusted, demand) => {
                let authorities = Arc::clone(&trusted.authorities);
                let store = Arc::clone(authorities.anchors.store());
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(store, Arc::clone(&provider));
                let verifier = match demand {
                    CertificateDemand::Required => verifier,
                    CertificateDemand::Optional => verifier.allow_unauthenticated(),
                };
                let verifier = verifier.build().map_err(|error| unusable(&error))?;
                let verifier = ClientVerifier::new(verifier, authorities, provider);
                builder.with_client_cert_verifier(Arc::new(verifier))
            }
        };
        let mut config = builder
            .with_single_cert(own.certificates.0.clone(), own.key.der().clone_key())
            .map_err(|error| unusable(&error))?;
        config.alpn_protocols = vec![ALPN.into()];
        // Every connection verifies its client's certificate, and sessions take no memory.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            config: Arc::new(config),
            origin: Self::origin(own, clients, min_tls),
        })
    }

    fn origin(own: &Identity, clients: &ClientDemand, min_tls: MinTls) -> Origin {
        let (asked, trusted) = match clients {
            ClientDemand::None => (0, None),
            ClientDemand::Certificate(trusted, CertificateDemand::Required) => (1, Some(trusted)),
            ClientDemand::Certificate(trusted, CertificateDemand::Optional) => (2, Some(trusted)),
        };
        let min_tls = match min_tls {
            MinTls::Tls12 => 0,
            MinTls::Tls13 => 1,
        };
        let choices = [asked, min_tls];
        let parts = [choices.as_slice(), own.key.der().secret_der()];
        let trusted = trusted.map(|trusted| trusted.origin.0.as_slice());
        let chain = own.certificates.0.iter().map(AsRef::as_ref);
        Origin::of(parts.into_iter().chain(trusted).chain(chain))
    }

    /// The configuration for rustls.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

impl MinTls {
    fn versions(self) -> Vec<&'static SupportedProtocolVersion> {
        match self {
            Self::Tls12 => vec![&TLS12, &TLS13],
            Self::Tls13 => vec![&TLS13],
        }
    }
}

impl PartialEq for TlsServer {
    fn eq(&self, other: &Self) -> bool {
        self.origin == other.origin
    }
}

impl Eq for TlsServer {}

impl fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TlsServer").field(&self.origin).finish()
    }
}

impl fmt::Debug for ClientAuthorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientAuthorities")
            .field(&self.origin)
            .finish()
    }
}
