//! A server and the rows of its `pg_replication_slots`, in the terms of that view. Knows no query and no consequence.

use super::slot_name::SlotName;
use crate::base::units::Bytes;
use crate::health::{Claim, Lsn};

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotServer {
    /// Its role.
    pub role: Claim,
    /// The system identifier, in decimal digits.
    pub system: String,
    /// The timeline that a primary writes, or a standby receives.
    pub timeline: i64,
    /// Where a primary has flushed, or a standby has replayed.
    pub end: Lsn,
    /// Where recovery would begin: the redo location of the last checkpoint or restartpoint. All WAL from here on is kept anyway.
    pub redo: Lsn,
    /// `max_slot_wal_keep_size`.
    pub keeps: ServerCap,
    /// `max_replication_slots`.
    pub most: usize,
}

/// `max_slot_wal_keep_size` of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerCap {
    /// No version before 13 has it.
    Absent,
    /// -1.
    Unlimited,
    /// A size.
    Limited(Bytes),
}

/// A row of `pg_replication_slots`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationSlot {
    /// `slot_name`.
    pub name: SlotName,
    /// `slot_type` and `temporary`.
    pub kind: SlotKind,
    /// `active`.
    pub activity: SlotActivity,
    /// `restart_lsn`; none if it reserves no WAL.
    pub restart: Option<Lsn>,
    /// `xmin`.
    pub xmin: SlotXmin,
    /// `wal_status`; none before version 13, and while no WAL is reserved.
    pub wal: Option<WalStatus>,
    /// `safe_wal_size`; none before version 13, and without `max_slot_wal_keep_size`.
    pub safe: Option<i64>,
}

/// What kind of slot it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A physical one that lasts.
    Physical,
    /// A logical one that lasts.
    Logical,
    /// One that goes with its session, as that of a base backup.
    Temporary,
}

/// Whether a session streams from a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotActivity {
    /// One does; then the slot can be neither advanced nor dropped.
    Active,
    /// None does.
    Inactive,
}

/// Whether a slot keeps dead rows from `VACUUM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotXmin {
    /// It does not.
    None,
    /// It does, by the feedback of its standby. Advancing the slot does not take this back.
    Held,
}

/// `wal_status` (`PostgreSQL` manual, "`pg_replication_slots`").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalStatus {
    /// The WAL is within `max_wal_size`.
    Reserved,
    /// It is beyond that, and kept.
    Extended,
    /// It may go at the next checkpoint.
    Unreserved,
    /// Some of it is gone.
    Lost,
}

impl WalStatus {
    /// Every status, from the best to the worst.
    pub const ALL: [Self; 4] = [Self::Reserved, Self::Extended, Self::Unreserved, Self::Lost];

    /// The word that the view shows.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Extended => "extended",
            Self::Unreserved => "unreserved",
            Self::Lost => "lost",
        }
    }

    /// Parses the word that the view shows.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

impl ReplicationSlot {
    /// How much WAL it holds, before the server's end.
    #[must_use]
    pub fn holds(&self, server: &SlotServer) -> Bytes {
        self.restart
            .map_or(Bytes(0), |restart| restart.behind(server.end))
    }
}
