//! The settings of TLS in a connection string; reads no certificate and does no handshake.

mod reading;

use std::path::PathBuf;

use super::file_choice::FileChoice;
use super::secret::Secret;

/// Whether TLS is used over TCP, and what the server has to prove (PostgreSQL manual, "SSL Mode
/// Descriptions"). Over Unix sockets it is never used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Never.
    Disable,
    /// Only if the server refuses the login without it.
    Allow,
    /// If the server supports it.
    Prefer,
    /// Always; with root certificates like `verify-ca`.
    Require,
    /// Always, and a known authority must have issued the certificate.
    VerifyCa,
    /// Like `verify-ca`, and the certificate must be for this host.
    VerifyFull,
}

/// How TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Negotiation {
    /// With a message of PostgreSQL's protocol (`SSLRequest`).
    Postgres,
    /// At once, as servers of version 17 and later support it.
    Direct,
}

/// The versions of TLS that are offered; versions older than 1.2 never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// 1.2 and 1.3.
    Both,
    /// Only 1.2.
    Only12,
    /// Only 1.3.
    Only13,
}

/// Whether the server's name is sent in clear text before the encryption begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameIndication {
    /// It is sent, if it is a name and not an address.
    Sent,
    /// It is not sent.
    Withheld,
}

/// The certificate authorities by which a server's certificate is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// All authorities that the operating system trusts: `sslrootcert=system`.
    System,
    /// The authorities in a file, if it exists.
    File(FileChoice),
    /// No file is named, and there is no home directory with a default one.
    Nowhere,
}

/// The daemon's own certificate, shown to a server that asks for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate and its intermediate certificates. If this file does not exist, no certificate is sent.
    pub certificate: FileChoice,
    /// Its private key.
    pub key: FileChoice,
    /// The passphrase of an encrypted key.
    pub passphrase: Option<Secret>,
}

/// The settings of TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// `sslmode`.
    pub mode: SslMode,
    /// `sslnegotiation`: how TLS begins.
    pub negotiation: Negotiation,
    /// The versions of TLS that are offered.
    pub versions: Versions,
    /// `sslsni`: whether the server's name is sent in clear text.
    pub name_indication: NameIndication,
    /// `sslrootcert`: the certificate authorities.
    pub roots: Roots,
    /// `sslcrl`: the certificate revocation lists, if the file exists.
    pub revocations: Option<FileChoice>,
    /// `sslcrldir`: a folder with more lists, in files that are named as OpenSSL names them.
    pub revocation_folder: Option<PathBuf>,
    /// The certificate to send if the server asks for one.
    pub client: Option<ClientCertificate>,
}
