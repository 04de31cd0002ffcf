//! Certificates and private keys as bytes: which texts hold them, what they say, and whether one vouches for another.
//! Opens no file and no connection.
//!
//! - `pem`: the texts.
//! - `certificate`: one taken apart, and whether it may sign others.
//! - `authorities`: those that may vouch for others.
//! - `chain`: whether one of them vouches for a server.
//! - `revocations`: which lists of revoked certificates count.
//! - `names`: whether a certificate is for a host.

pub(crate) mod authorities;
pub(crate) mod certificate;
pub(crate) mod chain;
pub(crate) mod names;
pub(crate) mod pem;
pub(crate) mod revocations;

#[cfg(test)]
pub(crate) mod tests;

/// Whether a private key with this owner and these permission bits is exposed to others. As in `initialize_SSL` of
/// libpq's `fe-secure-openssl.c` root's own files may be readable for a group, so that several services can share a key.
pub(crate) fn is_exposed(owner: u32, mode: u32) -> bool {
    let forbidden = if owner == 0 { 0o037 } else { 0o077 };
    mode & forbidden != 0
}
