//! What the connection string says about TLS; reads no certificate and shakes no hands.

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
    /// Only where the server does not let the daemon in without.
    Allow,
    /// Where the server can.
    Prefer,
    /// Always; with root certificates as `verify-ca`.
    Require,
    /// Always, and the certificate comes from a known authority.
    VerifyCa,
    /// As `verify-ca`, and the certificate is for this host.
    VerifyFull,
}

/// How TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Negotiation {
    /// With a question in PostgreSQL's protocol (`SSLRequest`).
    Postgres,
    /// At once, as servers from 17 on understand it.
    Direct,
}

/// The versions of TLS that may be spoken; older ones than 1.2 never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// 1.2 and 1.3.
    Both,
    /// 1.2 alone.
    Only12,
    /// 1.3 alone.
    Only13,
}

/// Whether the server's name is sent in clear text before the encryption begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameIndication {
    /// It is, if it is a name and no address.
    Sent,
    /// It is not.
    Withheld,
}

/// Whose signature makes a server's certificate good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// Of any authority that the operating system trusts: `sslrootcert=system`.
    System,
    /// Of those in a file, if it exists.
    File(FileChoice),
    /// No file is named, and there is no home directory with a default one.
    Nowhere,
}

/// The daemon's own certificate, shown to a server that asks for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate and those between it and its authority. Without this file none is shown.
    pub certificate: FileChoice,
    /// Its private key.
    pub key: PathBuf,
    /// What the key is encrypted by, if it is.
    pub passphrase: Option<Secret>,
}

/// Everything about TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Whether at all.
    pub mode: SslMode,
    /// How it begins.
    pub negotiation: Negotiation,
    /// Which versions.
    pub versions: Versions,
    /// Whether the server's name goes ahead.
    pub name_indication: NameIndication,
    /// Whom to trust.
    pub roots: Roots,
    /// Certificates that are no longer good, if the file exists.
    pub revocations: Option<FileChoice>,
    /// A folder with more of them, in files that are called as OpenSSL calls them.
    pub revocation_folder: Option<PathBuf>,
    /// What to show, if asked.
    pub client: Option<ClientCertificate>,
}
