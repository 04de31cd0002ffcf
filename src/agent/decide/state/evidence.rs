//! What can be seen of a server at one moment. Knows neither how it was looked at nor what it means.

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
    /// What it said when it was asked for its role.
    pub answer: ServerAnswer,
    /// What its replay of WAL was seen to do, where it lets nobody in.
    pub replay: ReplayProgress,
}

/// A data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataDirectory {
    /// There is none, or nothing of PostgreSQL's is in it.
    Missing,
    /// It holds a server's files.
    Present {
        /// What the control file says, or the sentence why it says nothing.
        control: Result<Control, String>,
        /// Whether they are a backup that no server has been started from yet.
        backup: BackupLabel,
    },
}

/// The file `backup_label`: a recovery has to begin where it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupLabel {
    /// It is there.
    Present,
    /// It is not.
    Absent,
}

/// The process that a server consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostmasterEvidence {
    /// There is none.
    Gone,
    /// It runs, and has written this of itself.
    Runs(Option<PostmasterStatus>),
    /// None works in this directory, and one of the resource's runs in another.
    Elsewhere,
}

/// What a server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerAnswer {
    /// It was not asked: nobody is there.
    NotAsked,
    /// It is a primary.
    Primary,
    /// It is a standby.
    Standby(Standby),
    /// Nothing, for this reason.
    Refused(Failure),
}
