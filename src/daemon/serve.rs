//! Handles connections of clients from `accept(2)` to their last byte. Does not access PostgreSQL; it asks the
//! observer.
//!
//! - [`protocol`]: the protocols that a socket can serve.
//! - [`sockets`]: listening sockets, passed by systemd or bound here.
//! - [`accept`](mod@accept): the accept loop, which no error ends.
//! - `accepted`: a connection that was admitted.
//! - [`slots`]: the number of connections that may be open at once, in total and for each client.
//! - [`gate`]: decides which connections are answered.
//! - [`outcomes`]: counts answered and refused connections, and logs the refused ones.
//! - `greeting`: reads what some clients must send first, a PROXY header or the token.
//! - [`refuse`]: closes refused connections.
//! - [`exchange`]: the state port: waiting connections and their answers.
//! - [`agent_check`]: the agent-check port.
//! - [`http`]: the HTTP port.
//! - `handshake`: the TLS handshake on the HTTP port.
//! - `refused_handshakes`: a line in the log about those that failed.
//! - `turns`: limits the processor time that untrusted clients' handshakes may take.
//! - `silence`: ends idle connections to the HTTP port.
//! - `closing`: answered connections that the client has not closed yet.
//! - [`half_close`]: sends a line, ends the stream, and discards what the client sent.

pub mod accept;
mod accepted;
pub mod agent_check;
mod closing;
pub mod exchange;
pub mod gate;
mod greeting;
pub mod half_close;
mod handshake;
pub mod http;
pub mod outcomes;
pub mod protocol;
pub mod refuse;
mod refused_handshakes;
mod silence;
pub mod slots;
pub mod sockets;
mod turns;

pub use accept::{SocketPolicy, accept, admit, peer_address};
pub use accepted::Accepted;
pub use agent_check::AgentPort;
pub use exchange::StatePort;
pub use gate::Gate;
pub use http::HttpPort;
pub use protocol::Protocol;
pub use slots::{Capacity, Reservation};
