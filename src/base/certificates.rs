//! Parses certificates and private keys, and verifies chains of certificates, from bytes in memory.
//! Opens no files and no connections.
//!
//! - `pem`: the PEM formats that OpenSSL accepts.
//! - `certificate`: parses a certificate, and decides when it is valid, what it is for, and whether it may sign others.
//! - `authorities`: the trusted certificates of a file.
//! - `anchors`: the limits that the certificates of authorities set.
//! - `chain`: verifies the chain from a server's certificate to an authority.
//! - `revocations`: decides which revocation lists apply.
//! - `names`: decides whether a certificate is valid for a host name.

pub(crate) mod anchors;
pub(crate) mod authorities;
pub(crate) mod certificate;
pub(crate) mod chain;
pub(crate) mod names;
pub(crate) mod pem;
pub(crate) mod revocations;

#[cfg(test)]
pub(crate) mod tests;

/// Whether a private key file with this owner and these permission bits is accessible to others. As in `initialize_SSL` of
/// libpq's `fe-secure-openssl.c`, root's files may be readable for a group, so that several services can share a key.
pub(crate) fn is_exposed(owner: u32, mode: u32) -> bool {
    let forbidden = if owner == 0 { 0o037 } else { 0o077 };
    mode & forbidden != 0
}
