//! Asks the daemons of the cluster's other nodes, and HAProxy on this host; does not access PostgreSQL and decides nothing.
//!
//! - [`polling`]: asks the other nodes' daemons periodically, in a separate thread.
//! - [`get`], [`state_document`]: requests `/state` from one of them, and reads the document.
//! - [`error`]: why such a request brought no document.
//! - `peer_log`: logs which nodes do not report their server, and when they do again.
//! - [`credentials`]: the secrets for such a request.
//! - [`haproxy`]: sends a command to HAProxy's own socket.

pub mod credentials;
pub mod error;
pub mod get;
pub mod haproxy;
mod peer_log;
pub mod polling;
pub mod state_document;
