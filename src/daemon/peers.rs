//! The daemons of the cluster's other nodes, and HAProxy beside this one; knows nothing of PostgreSQL and decides nothing.
//!
//! - [`listen`]: what other nodes' daemons say of their servers, asked in a thread of its own.
//! - [`get`], [`told`]: one question to one of them, and what its answer means.
//! - [`credentials`]: what a daemon is shown, and what it has to prove.
//! - [`haproxy`]: what HAProxy says on its own socket.

pub mod credentials;
pub mod get;
pub mod haproxy;
pub mod listen;
pub mod told;
