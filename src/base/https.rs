//! Builds the TLS configurations of the HTTP port, and of daemons that send requests to each other there, from the contents
//! of files. Opens no files and no connections.
//!
//! - `client_verifier`: how a client's certificate is verified.
//! - [`identity`]: a certificate and its key.
//! - [`server`]: the configuration of the port: its certificate, and whether clients need one.
//! - [`client`]: the configuration for requests to a daemon, and how its certificate is verified.

pub mod client;
mod client_verifier;
pub mod identity;
pub mod server;

pub use client::TlsClient;
pub use identity::{Certificates, Identity, PresentedTo, PrivateKey, TlsFileError};
pub use server::{CertificateDemand, ClientAuthorities, ClientDemand, MinTls, TlsServer};

use ring::digest::{Context, SHA256};

#[cfg(test)]
mod tests;

/// The only application protocol (ALPN, RFC 7301), for clients that offer several.
const ALPN: &[u8] = b"http/1.1";

/// A digest of the parts that a configuration was made of, to compare configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin([u8; 32]);

impl Origin {
    /// The digest of these parts in this order.
    fn of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        let mut origin = [0; 32];
        for (to, from) in origin.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Self(origin)
    }
}
