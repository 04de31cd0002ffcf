//! What an administrator may set for a resource: declared once, and parsed. Knows neither the environment
//! nor whether what is named exists.
//!
//! - [`table`]: every parameter, for people and for the parser.
//! - [`parse`](mod@parse): from variables to parameters.

pub mod parse;
pub mod table;

use std::path::PathBuf;

use crate::base::units::Bytes;

pub use parse::{Lenient, ParameterError};
pub use table::{Content, Declaration, Default, OnChange, PARAMETERS};

/// A resource's parameters, each with a value that it can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Whom the server's files belong to, and as whom it runs.
    pub system_user: String,
    /// Where its programs are.
    pub bindir: PathBuf,
    /// What its programs are told: its data directory, or the one with its configuration.
    pub pgdata: PathBuf,
    /// Its data directory.
    pub datadir: PathBuf,
    /// The directory of its Unix socket, or an address.
    pub pghost: String,
    /// Its port.
    pub pgport: u16,
    /// How far behind a standby may be that is promoted; none, and it may be as far as it likes.
    pub maxlag: Option<Bytes>,
    /// What is copied to `recovery.conf`, up to PostgreSQL 11.
    pub recovery_template: PathBuf,
    /// More options for the server.
    pub start_opts: String,
}
