//! The parameters that an administrator may set for a resource: declared once, and parsed. Knows neither the
//! environment nor whether what a parameter names exists.
//!
//! - [`table`]: the declarations, for people and for the parser.
//! - [`parse`](mod@parse): parses variables into parameters.

pub mod parse;
pub mod table;

use std::path::PathBuf;

use crate::base::units::Bytes;

pub use parse::{Lenient, ParameterError};
pub use table::{Content, Declaration, Default, OnChange, PARAMETERS};

/// A resource's parameters, each with a valid value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The user who owns the server's files and runs the server.
    pub system_user: String,
    /// The directory of the server's programs.
    pub bindir: PathBuf,
    /// The argument of `pg_ctl --pgdata`: the data directory, or the directory of the configuration.
    pub pgdata: PathBuf,
    /// The data directory.
    pub datadir: PathBuf,
    /// The directory of the server's Unix socket, or an address.
    pub pghost: String,
    /// The server's port.
    pub pgport: u16,
    /// How much WAL a standby may lack and still be promoted; `None` means any amount.
    pub maxlag: Option<Bytes>,
    /// The file that PAF copied to `recovery.conf`, up to PostgreSQL 11; without effect here.
    pub recovery_template: PathBuf,
    /// Additional options for the server.
    pub start_opts: String,
}
