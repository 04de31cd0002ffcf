//! Who may ask, and how often: pure decisions about addresses, rates and the first bytes of a client.
//! Knows no socket and no clock; moments are arguments.
//!
//! Each connection is met in one fixed order, and ends with one [`Reason`], which is counted once:
//!
//! 1. a slot for the connection;
//! 2. the peer's address, announced by a PROXY header where this peer must send one ([`proxy`]);
//! 3. [`rules`]: `deny`, then `allow`, then `trusted`;
//! 4. for untrusted clients, who are those that are not trusted: a slot that is not kept for the trusted,
//!    then [`limits`]: the total, then their own;
//! 5. the [`token`] line, where one is asked for.
//!
//! - [`net`], [`list`]: a network as operators write it, and a list of them.
//! - [`client`], [`clients`]: whom a limit counts as one, and the bounded table of them.
//! - [`reason`], [`counts`], [`noise`]: how a connection ended, how often, and who was refused most.
//! - [`proof`]: how a daemon proves to another one that it belongs to the cluster.
//! - [`explain`]: the same rules in words, for one address.

pub mod client;
pub mod clients;
pub mod counts;
pub mod explain;
pub mod limits;
pub mod list;
pub mod net;
pub mod noise;
pub mod proof;
pub mod proxy;
pub mod reason;
pub mod rules;
pub mod token;

pub use client::Client;
pub use counts::Counts;
pub use limits::{Limits, Quotas};
pub use list::{AccessList, ListEntry};
pub use net::{Net, NetError};
pub use noise::Noise;
pub use proof::{ClusterKeys, Nonce};
pub use reason::Reason;
pub use rules::{ClientTrust, Rules};
pub use token::Token;
