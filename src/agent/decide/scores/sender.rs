//! What a primary sees of a standby; runs no query.

use crate::health::{Lsn, SyncState};

/// A row of `pg_stat_replication` (PostgreSQL manual, "Monitoring Database Activity").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationRow {
    /// The `application_name` of the receiver: a node's name, if it is one of the cluster's standbys.
    pub application_name: String,
    /// The state of the WAL sender.
    pub state: SenderState,
    /// What the standby has written; `None` before it has reported it.
    pub written: Option<Lsn>,
    /// Whether the primary waits for it.
    pub sync: Option<SyncState>,
}

/// `pg_stat_replication.state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderState {
    /// It has connected.
    Startup,
    /// It receives the WAL that it missed.
    Catchup,
    /// It has caught up, and streams.
    Streaming,
    /// It is not a standby, but takes a base backup.
    Backup,
    /// The primary has sent all WAL and is about to stop.
    Stopping,
}

impl SenderState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Startup,
        Self::Catchup,
        Self::Streaming,
        Self::Backup,
        Self::Stopping,
    ];

    /// Returns PostgreSQL's name of the state.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Catchup => "catchup",
            Self::Streaming => "streaming",
            Self::Backup => "backup",
            Self::Stopping => "stopping",
        }
    }

    /// Returns the state with this name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Returns whether the standby gets WAL.
    pub(super) fn gets_wal(self) -> bool {
        match self {
            Self::Catchup | Self::Streaming | Self::Stopping => true,
            Self::Startup | Self::Backup => false,
        }
    }
}
