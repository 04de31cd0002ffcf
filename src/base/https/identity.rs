//! Parses a certificate and its private key, and checks that they can be used.

use std::fmt;
use std::net::IpAddr;

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::Error as PemError;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::sign::CertifiedKey;
use thiserror::Error;

use crate::base::certificates::certificate::{self, Period};
use crate::base::certificates::names::{self, CommonName};
use crate::base::certificates::pem::{self, Purpose};
use crate::base::tls_error::worded;

/// A problem with a file; the message continues a sentence that begins with its path.
#[derive(Debug, Error)]
pub enum TlsFileError {
    /// The file contains no valid certificate.
    #[error(
        "it contains no valid certificate ({0}); it must be PEM, with \"-----BEGIN CERTIFICATE-----\""
    )]
    NoCertificate(String),
    /// The file contains no valid private key.
    #[error("it contains no valid private key ({0}); it must be PEM or DER, without a passphrase")]
    NoKey(String),
    /// The file of the certificate contains no private key, and no other file is named.
    #[error("it contains no private key; name the key's file in {0}")]
    NoKeyBeside(String),
    /// The private key is encrypted with a passphrase.
    #[error(
        "its private key has a passphrase, which nobody can enter when the service starts; remove it with: openssl pkey"
    )]
    Locked,
    /// The certificate has version 1, and so no extensions.
    #[error(
        "its certificate has X.509 version 1, which is not supported; issue one of version 3, with \
         \"openssl x509 -req ... -extfile\" and a subjectAltName"
    )]
    OldVersion,
    /// rustls does not support this kind of key.
    #[error(
        "its private key is not supported ({}); RSA of 2048 to 8192 bits, P-256, P-384 and Ed25519 are",
        worded(.0)
    )]
    UnusableKey(rustls::Error),
    /// The private key does not belong to the certificate.
    #[error("its private key does not belong to the certificate")]
    NoPair,
    /// No certificate of the file may sign others.
    #[error("it contains no certificate that may sign others: {0}")]
    NoAuthority(String),
    /// rustls rejects the content.
    #[error("it cannot be used: {0}")]
    Unusable(String),
}

/// A certificate, followed by the chain of certificates that sign it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificates(pub(super) Vec<CertificateDer<'static>>);

/// A private key.
pub struct PrivateKey(PrivateKeyDer<'static>);

/// A certificate with the key that belongs to it.
#[derive(Clone)]
pub struct Identity {
    pub(super) certificates: Certificates,
    pub(super) key: PrivateKey,
}

impl Certificates {
    /// Parses the certificates of a file, in which the certificate itself comes first.
    pub fn read(text: &[u8]) -> Result<Self, TlsFileError> {
        let found = pem::certificates(text, Purpose::Servers)
            .map_err(|error| TlsFileError::NoCertificate(pem::worded(&error)))?;
        let chain: Vec<_> = found.into_iter().map(|one| one.certificate).collect();
        let Some(own) = chain.first() else {
            let nothing = pem::worded(&PemError::NoItemsFound);
            return Err(TlsFileError::NoCertificate(nothing));
        };
        match certificate::read(own) {
            None => Err(TlsFileError::NoCertificate("it is broken".into())),
            Some(read) if certificate::is_version_1(&read.tbs_certificate) => {
                Err(TlsFileError::OldVersion)
            }
            Some(_) => Ok(Self(chain)),
        }
    }

    /// The certificate itself.
    pub(super) fn own(&self) -> Option<&CertificateDer<'static>> {
        self.0.first()
    }
}

impl PrivateKey {
    /// Parses the private key that follows the certificate in its file; `named_in` is what would name another file.
    pub fn read_beside(text: &[u8], named_in: &dyn fmt::Display) -> Result<Self, TlsFileError> {
        Self::read(text).map_err(|error| {
            if matches!(error, TlsFileError::NoKey(_)) {
                TlsFileError::NoKeyBeside(named_in.to_string())
            } else {
                error
            }
        })
    }

    /// Parses the private key of a file, which may contain certificates too.
    pub fn read(text: &[u8]) -> Result<Self, TlsFileError> {
        const LOCKED: [&str; 2] = ["BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED"];
        let has = |mark: &str| text.windows(mark.len()).any(|part| part == mark.as_bytes());
        if LOCKED.into_iter().any(has) {
            return Err(TlsFileError::Locked);
        }
        let key = pem::key(text).map_err(|error| TlsFileError::NoKey(pem::worded(&error)))?;
        Ok(Self(key))
    }

    pub(super) fn der(&self) -> &PrivateKeyDer<'static> {
        &self.0
    }
}

impl Identity {
    /// Combines certificate and key, if they belong together.
    pub fn new(certificates: Certificates, key: PrivateKey) -> Result<Self, TlsFileError> {
        let signing = any_supported_type(&key.0).map_err(TlsFileError::UnusableKey)?;
        let pair = CertifiedKey::new(certificates.0.clone(), signing);
        match pair.keys_match() {
            Ok(()) => Ok(Self { certificates, key }),
            Err(rustls::Error::InconsistentKeys(_)) => Err(TlsFileError::NoPair),
            Err(error) => Err(TlsFileError::NoCertificate(error.to_string())),
        }
    }
}

/// To whom a certificate is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresentedTo {
    /// Clients of the HTTP port.
    Clients,
    /// Daemons of other nodes that require a client's certificate.
    Daemons,
}

impl Identity {
    /// Whether the certificate identifies a host by its address or by its name, as the other nodes compare them.
    #[must_use]
    pub fn identifies(&self, address: IpAddr, name: &str) -> bool {
        let known = [address.to_string(), name.to_owned()];
        let is_for = |own| {
            known
                .iter()
                .any(|name| names::is_for(own, name, CommonName::Counts))
        };
        self.certificates.own().is_some_and(is_for)
    }

    /// Why the certificate is refused by those to whom it is presented; `None` if nothing in it is a reason. The text
    /// continues a sentence that begins with the certificate.
    pub fn refused_by(&self, whom: PresentedTo, now: UnixTime) -> Option<String> {
        let own = certificate::read(self.certificates.own()?)?.tbs_certificate;
        let (purpose, mistaken) = match whom {
            PresentedTo::Clients => (Purpose::Servers, "is not for servers"),
            PresentedTo::Daemons => (Purpose::Clients, "is not for clients"),
        };
        match Period::of(&own).check(now) {
            Err(error) => Some(error.to_string()),
            Ok(()) => certificate::misuse(&own, purpose)
                .or_else(|| {
                    // One that has signed itself is known by its copy, and OpenSSL marks it so.
                    let is_others =
                        certificate::is_authority(&own) && !certificate::is_self_issued(&own);
                    is_others.then_some("it is an authority's (CA:TRUE)")
                })
                .map(|why| format!("{mistaken}: {why}")),
        }
    }
}

impl Clone for PrivateKey {
    fn clone(&self) -> Self {
        Self(self.0.clone_key())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey")
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", self.0.len())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.certificates).finish()
    }
}
