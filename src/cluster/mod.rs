//! Talks to the cluster manager, to HAProxy and to the daemons of other nodes; knows nothing of PostgreSQL and
//! decides nothing.
//!
//! - [`quorum`]: what Pacemaker says of this node's quorum.
//! - [`peers`]: what other nodes' daemons say of their servers.
//! - [`haproxy`]: what HAProxy says on its own socket.
//! - [`get`], [`told`]: one question to one of them, and what its answer means.
//! - [`credentials`]: what a daemon is shown, and what it has to prove.

pub mod credentials;
pub mod get;
pub mod haproxy;
pub mod peers;
pub mod quorum;
pub mod told;
