//! What can be seen of a server at one moment. Knows neither how it was observed nor what it means.

use crate::agent::decide::replay::ReplayProgress;
use crate::health::{Failure, PostmasterStatus, Standby};
use crate::postgres::control::Control;

/// Everything that was seen of a server at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerEvidence {
    /// Its data directory.
    pub files: DataDirectory,
    /// Its postmaster.
    pub postmaster: PostmasterEvidence,
    /// Its answer to the question for its role.
    pub answer: ServerAnswer,
    /// What is known of its replay of WAL if it accepts no connections.
    pub replay: ReplayProgress,
}

/// A data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataDirectory {
    /// It does not exist, or contains no file of PostgreSQL.
    Missing,
    /// It contains a server's files.
    Present {
        /// The content of the control file, or why it cannot be read.
        control: Result<Control, String>,
        /// Whether the files are a backup from which no server has been started yet.
        backup: BackupLabel,
    },
}

/// The file `backup_label`, which says where a recovery has to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupLabel {
    /// It exists.
    Present,
    /// It does not exist.
    Absent,
}

/// The postmaster of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostmasterEvidence {
    /// There is no postmaster.
    Gone,
    /// It runs, and has written this status into `postmaster.pid`.
    Runs(Option<PostmasterStatus>),
    /// No postmaster runs in this directory, but one of the resource's runs in another.
    Elsewhere,
}

/// The answer of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerAnswer {
    /// It was not asked: no postmaster runs.
    NotAsked,
    /// It is a primary.
    Primary,
    /// It is a standby.
    Standby(Standby),
    /// It did not say, for this reason.
    Refused(Failure),
}
