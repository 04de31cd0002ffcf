//! Asks a server; the one folder that knows PostgreSQL's protocol, its files and TLS.
//!
//! - [`passfile`]: the password, read when a connection needs it.
//! - [`tls`]: encryption, from the settings to what a connection is to try.

mod optional_file;
pub mod passfile;
pub mod tls;
