//! Why encryption cannot be set up.

use std::fmt;
use std::io;
use std::path::PathBuf;

use rustls::client::VerifierBuilderError;
use thiserror::Error;

use crate::base::shell::quoted;

/// The expected content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFile {
    /// `sslrootcert`
    RootCertificates,
    /// `sslcrl`
    RevocationList,
    /// `sslcert`
    ClientCertificate,
    /// `sslkey`
    PrivateKey,
}

/// Why the TLS settings cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file exists and cannot be read.
    #[error(
        "cannot read the {what} in {path}: {source}; make the file readable for the user this runs as"
    )]
    Unreadable {
        /// What it was to hold.
        what: TlsFile,
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file does not have the expected content, or is broken.
    #[error(
        "{path} holds no {what} that can be used ({reason}); it must be PEM, that is \"-----BEGIN ...\""
    )]
    Unusable {
        /// What it was to hold.
        what: TlsFile,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The server is to be verified, and there are no root certificates.
    #[error(
        "the server is to be verified, but there are no root certificates{}; name the file in \
         sslrootcert, or use sslrootcert=system for the authorities that the system trusts",
        path.as_ref().map_or_else(String::new, |path| format!(" in {}", path.display()))
    )]
    NoRoots {
        /// The file in which they were expected.
        path: Option<PathBuf>,
    },
    /// The operating system has no root certificates.
    #[error(
        "sslrootcert=system, but the system has no trusted certificates; install the package that contains them, \
         usually ca-certificates, or name a file in sslrootcert"
    )]
    NoSystemRoots,
    /// The verifier does not accept the root certificates and revocation lists.
    #[error(
        "the server cannot be verified: {0}; look at the files of sslrootcert, sslcrl and sslcrldir"
    )]
    Unverifiable(#[source] VerifierBuilderError),
    /// A folder for revocation lists has none.
    #[error(
        "there are no revocation lists in {}; put them there as files called HASH.r0, as \"openssl rehash\" calls \
         them, or remove sslcrldir",
        path.display()
    )]
    NoRevocations {
        /// The folder.
        path: PathBuf,
    },
    /// Each of the revocation lists covers a part of an authority's certificates.
    #[error(
        "each list of revoked certificates in sslcrl and sslcrldir covers a part of an authority's certificates \
         (issuingDistributionPoint), which is not supported; name lists that cover all of them"
    )]
    PartialRevocations,
    /// The certificate's key does not exist.
    #[error(
        "there is the client certificate {certificate}, but not its private key {key}; name the key \
         in sslkey, or write sslcertmode=disable"
    )]
    NoKey {
        /// The certificate.
        certificate: PathBuf,
        /// The path at which its key was expected.
        key: PathBuf,
    },
    /// The private key is a folder, a pipe or the like.
    #[error("the private key {path} is not a plain file; put it into one")]
    KeyNotPlain {
        /// The key.
        path: PathBuf,
    },
    /// The private key is encrypted, and cannot be decrypted.
    #[error("the private key {path} cannot be used: {why}")]
    KeyLocked {
        /// The key.
        path: PathBuf,
        /// Why it cannot be decrypted, and what to do.
        why: String,
    },
    /// Other users may read the private key.
    #[error(
        "the private key {path} has group or world access ({mode:04o}); run chmod 0600 {shown} (0640 if \
         root owns it)",
        shown = quoted(&path.to_string_lossy())
    )]
    KeyExposed {
        /// The key.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Certificate and key are not a pair.
    #[error(
        "the private key {key} does not belong to the client certificate {certificate} ({source}); \
             name the two that belong together in sslcert and sslkey"
    )]
    KeyMismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// The error of the TLS library.
        source: rustls::Error,
    },
    /// A client certificate without extensions.
    #[error(
        "the client certificate {certificate} has X.509 version 1, which is not supported; issue one of version 3, \
         with \"openssl x509 -req ... -extfile\""
    )]
    OldVersion {
        /// The certificate.
        certificate: PathBuf,
    },
    /// With `verify-full`, the host is not a name that could be verified.
    #[error(
        "sslmode=verify-full needs the name in the server's certificate, and \"{host}\" is not one; write the name \
         into host and the address into hostaddr"
    )]
    NotAName {
        /// The host in the settings.
        host: String,
    },
    /// The TLS library does not support the settings.
    #[error(
        "TLS cannot be set up: {0}; relax ssl_min_protocol_version and ssl_max_protocol_version"
    )]
    Unsupported(#[source] rustls::Error),
}

impl fmt::Display for TlsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RootCertificates => "root certificates",
            Self::RevocationList => "revocation list",
            Self::ClientCertificate => "client certificate",
            Self::PrivateKey => "private key",
        })
    }
}
