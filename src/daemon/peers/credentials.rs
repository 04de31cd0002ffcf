//! The secrets of a request to another node's daemon: what the request carries, and what the answer must prove.
//! Opens no socket.

use crate::admit::{ClusterKeys, Token};
use crate::base::https::TlsClient;
use crate::health::PeerProof;

/// The secrets that the daemons of one cluster share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerCredentials {
    /// Sent with each request, for daemons that require a token (`admission.token`).
    pub token: Option<Token>,
    /// If set, an answer counts only if its proof was made with one of these keys.
    pub keys: Option<ClusterKeys>,
    /// If set, requests are sent over TLS, and the other daemon must present a valid certificate.
    pub tls: Option<TlsClient>,
}

impl PeerCredentials {
    /// Whether an answer that counts proves which node it comes from.
    #[must_use]
    pub fn proof(&self) -> PeerProof {
        match (&self.keys, &self.tls) {
            (Some(_), _) | (None, Some(_)) => PeerProof::Required,
            (None, None) => PeerProof::None,
        }
    }
}
