//! Asks the daemons of the cluster's other nodes, and HAProxy on this host; does not access PostgreSQL and decides nothing.
//!
//! - [`polling`]: asks the other nodes' daemons periodically, in a separate thread.
//! - [`get`], [`state_document`]: requests `/state` from one of them, and reads the document.
//! - [`credentials`]: the secrets for such a request.
//! - [`haproxy`]: sends a command to HAProxy's own socket.

pub mod credentials;
pub mod get;
pub mod haproxy;
pub mod polling;
pub mod state_document;
