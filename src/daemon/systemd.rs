//! Being a good service of systemd: readiness, watchdog, signals. Knows nothing of PostgreSQL.
//!
//! - [`notify`]: datagrams to systemd, and the watchdog's feeding.
//! - [`heartbeat`]: proof that a loop still turns.
//! - [`descriptors`]: how many files may be open.
//! - [`log`]: where events go.
//! - [`signals`]: what systemd and administrators order.

pub mod descriptors;
pub mod heartbeat;
pub mod log;
pub mod notify;
pub mod signals;

pub use heartbeat::Heartbeat;
