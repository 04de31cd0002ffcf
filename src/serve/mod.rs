//! Sockets and what happens on them: from accepting a connection to its last byte. Knows nothing of
//! PostgreSQL; it asks the observer.
//!
//! - [`sockets`]: listening sockets, passed by systemd or bound here.
//! - [`accept`](mod@accept): the loop that no error ends.
//! - [`exchange`]: one connection to the state port.
//! - [`half_close`]: say a line, end the stream, read away what the client sent.

pub mod accept;
pub mod exchange;
pub mod half_close;
pub mod sockets;

pub use accept::accept;
pub use exchange::StatePort;
