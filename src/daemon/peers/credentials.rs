//! What another daemon is shown before it answers, and what its answer has to prove. Knows no socket.

use crate::admit::{ClusterKeys, Token};
use crate::base::https::TlsClient;

/// What the daemons of one cluster have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerCredentials {
    /// Shown to a daemon that answers nobody without it.
    pub token: Option<Token>,
    /// Where there are some, only an answer counts that proves one of them.
    pub keys: Option<ClusterKeys>,
    /// Where there is this, it is asked over TLS, and has to show a certificate.
    pub tls: Option<TlsClient>,
}
