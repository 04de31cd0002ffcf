//! Units, time, files, other programs and certificates, for use by every other room; imports none of them.
//!
//! - [`units`], [`decimal`], [`bytes`]: numbers with a unit, in decimal digits, and in a file's bytes.
//! - [`clock`], [`deadline`], [`system_clock`]: the interface of a clock; a moment until which to wait; the system's clock.
//! - [`folder`], [`regular_file`]: opens folders, and reads and replaces files in those that other users may write.
//! - [`program`]: runs another program to its end or to a deadline.
//! - [`log_rate`]: which outcomes of what is tried again and again are worth a line of the log.
//! - [`shell`], [`terminal`]: quotes text for a shell, and escapes text for a terminal.
//! - [`json`], [`xml`]: formats documents as JSON; reads the XML that Pacemaker's tools print.
//! - [`certificates`], [`https`]: certificates for connections to PostgreSQL and for the HTTP port, and TLS for the latter.
//! - [`tcp_table`]: rows of the kernel's tables of TCP sockets.
//! - [`tls_error`]: errors of the TLS library, for people.

pub mod bytes;
pub mod certificates;
pub mod clock;
pub mod deadline;
pub mod decimal;
pub mod folder;
pub mod https;
pub mod json;
pub mod log_rate;
pub mod program;
pub mod regular_file;
pub mod shell;
pub mod system_clock;
pub mod tcp_table;
pub mod terminal;
pub mod tls_error;
pub mod units;
pub mod xml;

pub use clock::Clock;
pub use deadline::Deadline;
