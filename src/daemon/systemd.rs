//! Integration with systemd: readiness, watchdog, signals, log, file descriptors. Does not access PostgreSQL.
//!
//! - [`notify`]: notifications to systemd, and its watchdog.
//! - [`heartbeat`]: shows that a loop is still running.
//! - [`descriptors`]: the limit of open files.
//! - [`log`]: the destination of log events.
//! - [`signals`]: the signals from systemd and administrators.

pub mod descriptors;
pub mod heartbeat;
pub mod log;
pub mod notify;
pub mod signals;

pub use heartbeat::Heartbeat;
