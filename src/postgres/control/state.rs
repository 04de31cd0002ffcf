//! What a server was doing when it last wrote its control file, alive or not; knows no byte's place.

use std::fmt;

/// `DBState` (`src/include/catalog/pg_control.h`). A server that was killed leaves what it was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterState {
    /// A number of its own, which no server of these versions leaves behind.
    StartingUp,
    /// A primary was stopped cleanly.
    ShutDown,
    /// A standby was stopped cleanly.
    ShutDownInRecovery,
    /// A primary is writing its last checkpoint.
    ShuttingDown,
    /// It replays its own WAL after a crash, and becomes a primary.
    CrashRecovery,
    /// A standby, or a server that is restored from an archive.
    ArchiveRecovery,
    /// A primary.
    Production,
}

impl ClusterState {
    /// Every state, in the order of its number.
    pub const ALL: [Self; 7] = [
        Self::StartingUp,
        Self::ShutDown,
        Self::ShutDownInRecovery,
        Self::ShuttingDown,
        Self::CrashRecovery,
        Self::ArchiveRecovery,
        Self::Production,
    ];

    /// By its number, the same in PostgreSQL 10 to 18.
    pub(super) fn of(number: u32) -> Option<Self> {
        let index = usize::try_from(number).ok()?;
        Self::ALL.get(index).copied()
    }
}

impl fmt::Display for ClusterState {
    /// As `pg_controldata` says it where the language is C (`dbState` in
    /// `src/bin/pg_controldata/pg_controldata.c`), which is what operators know.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StartingUp => "starting up",
            Self::ShutDown => "shut down",
            Self::ShutDownInRecovery => "shut down in recovery",
            Self::ShuttingDown => "shutting down",
            Self::CrashRecovery => "in crash recovery",
            Self::ArchiveRecovery => "in archive recovery",
            Self::Production => "in production",
        })
    }
}
