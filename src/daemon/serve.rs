//! Sockets and what happens on them: from accepting a connection to its last byte. Knows nothing of
//! PostgreSQL; it asks the observer.
//!
//! - [`protocol`]: what can be spoken on a socket.
//! - [`sockets`]: listening sockets, passed by systemd or bound here.
//! - [`accept`](mod@accept): the loop that no error ends.
//! - [`slots`]: how many connections may be open at once, and whose.
//! - [`gate`]: who is answered.
//! - [`ledger`]: how many were, and who was not.
//! - `greeting`: what some must send first, a PROXY header or the token.
//! - [`refuse`]: how the others are ended.
//! - [`exchange`]: those who wait at the state port, and their answers.
//! - [`agent`]: those at the agent port.
//! - [`http`]: those at the HTTP port.
//! - `handshake`: TLS before them.
//! - `turns`: how much of the time untrusted clients' handshakes may take.
//! - `silence`: a client that keeps a connection to the HTTP port and says nothing.
//! - `closing`: the answered, until they have closed.
//! - [`half_close`]: say a line, end the stream, read away what the client sent.

pub mod accept;
pub mod agent;
mod closing;
pub mod exchange;
pub mod gate;
mod greeting;
pub mod half_close;
mod handshake;
pub mod http;
pub mod ledger;
pub mod protocol;
pub mod refuse;
mod silence;
pub mod slots;
pub mod sockets;
mod turns;

pub use accept::{Accepted, SocketPolicy, accept, admit, peer_address};
pub use agent::AgentPort;
pub use exchange::StatePort;
pub use gate::Gate;
pub use http::HttpPort;
pub use protocol::Protocol;
pub use slots::{Capacity, Reservation};
