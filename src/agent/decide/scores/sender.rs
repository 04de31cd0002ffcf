//! What a primary sees of a standby; knows no query.

use crate::health::{Lsn, SyncState};

/// A row of `pg_stat_replication` (PostgreSQL manual, "Monitoring Database Activity").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationRow {
    /// What the receiver calls itself: a node's name, if it is one of the cluster's standbys.
    pub application_name: String,
    /// What it does.
    pub state: SenderState,
    /// What the standby has written; none before it has said so.
    pub written: Option<Lsn>,
    /// Whether the primary waits for it.
    pub sync: Option<SyncState>,
}

/// `pg_stat_replication.state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderState {
    /// It has connected.
    Startup,
    /// It gets what it missed.
    Catchup,
    /// It has all.
    Streaming,
    /// It is no standby but takes a base backup.
    Backup,
    /// The primary has sent all and is about to end.
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

    /// As PostgreSQL spells it.
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

    /// By its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether the standby gets WAL.
    pub(super) fn gets_wal(self) -> bool {
        match self {
            Self::Catchup | Self::Streaming | Self::Stopping => true,
            Self::Startup | Self::Backup => false,
        }
    }
}
