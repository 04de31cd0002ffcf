//! What keeps a run from being made or judged, in sentences for the person who started it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::Failure;
use crate::place::Place;
use crate::record::Primary;

/// What ends the program. What clients go through is no error but what a run is made to see.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There was no primary to begin with, or to look at afterwards.
    #[error("no primary was found through {place} within {patience:?}: {seen}")]
    NoPrimary {
        /// Where it was looked for.
        place: Place,
        /// How long.
        patience: Duration,
        /// What was seen instead, last.
        seen: Instead,
    },
    /// The table could not be made.
    #[error(
        "the table pgsql_state_traffic could not be made through {place}; let the role create tables, \
         or make the table beforehand as this role"
    )]
    Table {
        /// Through which port.
        place: Place,
    },
    /// A file could not be read or written.
    #[error("could not {doing} {path}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A record's file holds something else.
    #[error("{path}, line {line}, is no record of a run; give the file that `run --record` wrote")]
    Record {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it, if it is a line at all.
        source: Option<serde_json::Error>,
    },
    /// The operating system refused to let the program work.
    #[error("could not {doing}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// A signal came before there was anything to report.
    #[error("interrupted before the run began")]
    Interrupted,
}

/// What was seen instead of a primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// No session, or no answer.
    Failure(Failure),
    /// A server in recovery.
    Standby,
    /// A primary that others have succeeded.
    Former {
        /// It.
        found: Primary,
        /// The newest timeline on which a row was acknowledged.
        newest: i64,
    },
}

impl From<Failure> for Instead {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => write!(f, "the last attempt ended with {failure}"),
            Self::Standby => f.write_str("it leads to a standby"),
            Self::Former { found, newest } => write!(
                f,
                "it leads to {} on timeline {}, and rows were acknowledged on timeline {newest}",
                found.host, found.timeline
            ),
        }
    }
}

impl Error {
    /// For `map_err`: a file failed.
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }

    /// For `map_err`: the operating system refused.
    pub(crate) fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}
