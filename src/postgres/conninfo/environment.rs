//! The process that a connection string is read in; asks it nothing.

use std::path::{Path, PathBuf};

/// What libpq would take from the process in which it runs.
pub struct Environment<'a> {
    /// Looks up an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a service file; called only if a service is named.
    pub service_file: &'a dyn Fn(&Path) -> ServiceFile,
    /// The operating system's name for the user of this process.
    pub user: Option<String>,
    /// The user's home directory.
    pub home: Option<PathBuf>,
}

/// The outcome of reading a service file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceFile {
    /// The content of the file.
    Text(Vec<u8>),
    /// The file does not exist.
    Missing,
    /// The file cannot be read, for this reason.
    Unreadable(String),
}
