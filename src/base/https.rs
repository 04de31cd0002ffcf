//! TLS of the HTTP port, and of daemons that ask one another there: from the bytes of files to what a handshake needs.
//! Opens no file and no connection.
//!
//! - [`identity`]: a certificate and its key.
//! - [`server`]: what the port shows, and what it wants to see.
//! - [`client`]: what a daemon that is asked has to show.

pub mod client;
pub mod identity;
pub mod server;

pub use client::TlsClient;
pub use identity::{Certificates, Identity, MaterialError, PrivateKey};
pub use server::{CertificateDemand, ClientDemand, Least, TlsServer, Trusted};

use ring::digest::{Context, SHA256};

#[cfg(test)]
mod tests;

/// The only protocol that is spoken (ALPN, RFC 7301), for clients that offer several.
const ALPN: &[u8] = b"http/1.1";

/// Tells configurations apart by what they were made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin([u8; 32]);

impl Origin {
    /// Of these parts in this order.
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
