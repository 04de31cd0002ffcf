//! The state of a server when it last wrote its control file, running or not.

use std::fmt;

/// `DBState` (`src/include/catalog/pg_control.h`). A server that was killed leaves the state in which it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterState {
    /// `DB_STARTUP`, which no server of these versions leaves behind.
    StartingUp,
    /// A primary was stopped cleanly.
    ShutDown,
    /// A standby was stopped cleanly.
    ShutDownInRecovery,
    /// A primary is writing its last checkpoint.
    ShuttingDown,
    /// A server replays its own WAL after a crash, and then becomes a primary.
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

    /// Returns the state of a number, equal in PostgreSQL 12 to 18.
    pub(super) fn of(number: u32) -> Option<Self> {
        let index = usize::try_from(number).ok()?;
        Self::ALL.get(index).copied()
    }
}

impl fmt::Display for ClusterState {
    /// Writes the state as `pg_controldata` does in the locale C (`dbState` in
    /// `src/bin/pg_controldata/pg_controldata.c`), which operators know.
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
