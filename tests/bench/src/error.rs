//! Why a measurement cannot be made, in sentences for the person who started it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What ends the run. Everything started is stopped all the same.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// Another user cannot start servers as `postgres` in namespaces of their own.
    #[error(
        "run this as root: the servers are started as user postgres, each in its own namespace"
    )]
    NotRoot,
    /// Client and servers would disturb each other on one core.
    #[error(
        "only one core may be used here; two are needed, one for the servers and one for the client"
    )]
    OneCore,
    /// Programs that the contenders consist of are not installed.
    #[error("missing from this machine: {0}; install with: apt-get install {0}")]
    MissingPackages(String),
    /// No contender is left to measure.
    #[error("nothing to measure: every contender that was asked for is left out")]
    NothingToMeasure,
    /// A helper command could not be run or failed.
    #[error("{command} failed: {detail}")]
    Command {
        /// The program's name.
        command: String,
        /// What it said.
        detail: String,
    },
    /// A contender did not give its right answer in time.
    #[error("{name} did not answer as it should within {seconds} s; the end of its log:\n{log}")]
    NotReady {
        /// The contender.
        name: String,
        /// How long was waited.
        seconds: u64,
        /// The last lines its processes wrote.
        log: String,
    },
    /// A contender ended instead of answering.
    #[error("{name} ended before it answered; the end of its log:\n{log}")]
    Ended {
        /// The contender.
        name: String,
        /// The last lines its processes wrote.
        log: String,
    },
    /// The kernel has no port left for the client's side of a connection.
    #[error(
        "the client ran out of local ports, so what it counted is its own failure; \
             wait a minute or widen net.ipv4.ip_local_port_range"
    )]
    OutOfPorts,
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
    /// An operation of the system failed.
    #[error("cannot {what}")]
    Io {
        /// The operation and its object.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// A file of the kernel, or a server's reply, has an unknown form.
    #[error("cannot read {what} from {text:?}")]
    Form {
        /// What was looked for.
        what: &'static str,
        /// Where.
        text: String,
    },
    /// A file could not be read or written.
    #[error("cannot use {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    /// Names the operation that failed with `source`.
    pub(crate) fn io(what: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Self::Io {
            what: what.into(),
            source: source.into(),
        }
    }

    /// Names the file that could not be used, for `map_err`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
