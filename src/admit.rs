//! Decides which clients are answered, and how often, from addresses, rates and the first bytes of a client.
//! Uses no socket and no clock; the time is an argument.
//!
//! Each connection passes these steps in this order, and ends with one [`Reason`], which is counted once:
//!
//! 1. a slot for the connection;
//! 2. the peer's address, announced by a PROXY header where this peer must send one ([`proxy`]);
//! 3. [`rules`]: `deny`, then `allow`, then `trusted`;
//! 4. for clients that are not trusted: a slot that is not reserved for trusted ones,
//!    then [`limits`]: the total, then the client's own;
//! 5. the [`token`] line, if `admission.token` requires one.
//!
//! - [`net`], [`list`]: a network as operators write it, and a list of them.
//! - [`client`], [`clients`]: the unit that a limit applies to, and the bounded table of clients.
//! - [`reason`], [`counts`], [`most_refused`]: how a connection ended, how often, and which clients were refused most.
//! - [`peer_proof`]: how a daemon proves to another one that it belongs to the cluster.
//! - [`explain`]: describes in words how these rules apply to one address.

pub mod client;
pub mod clients;
pub mod counts;
pub mod explain;
pub mod limits;
pub mod list;
pub mod most_refused;
pub mod net;
pub mod peer_proof;
pub mod proxy;
pub mod reason;
pub mod rules;
pub mod token;

pub use client::Client;
pub use counts::Counts;
pub use limits::{Limits, Quotas};
pub use list::{AccessList, ListEntry};
pub use most_refused::MostRefused;
pub use net::{Net, NetError};
pub use peer_proof::{ClusterKeys, Nonce};
pub use reason::Reason;
pub use rules::{ClientTrust, Rules};
pub use token::Token;
