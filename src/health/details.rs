//! What is reported about a server beside its role; judges nothing.

use super::lsn::Lsn;

/// Facts that only documents show, and that are queried only when one is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// `server_version_num`.
    pub server_version: i64,
    /// When the postmaster started, as `2026-11-22 08:00:00.123456+00:00`.
    pub started: String,
    /// The system identifier in decimal digits, equal on all servers of a cluster.
    pub system_identifier: String,
    /// The timeline that a primary writes or a standby receives.
    pub timeline: Option<i64>,
    /// The end of the WAL that a primary has flushed.
    pub flushed: Option<Lsn>,
    /// When the last transaction that a standby has replayed was committed, in the form of `started`.
    pub replayed_commit: Option<String>,
    /// Whether a standby has a `restore_command`, and so can recover from an archive while it does not stream.
    pub archive: Archive,
    /// The name under which a standby's WAL receiver connects to the server that it streams from.
    pub receiver_name: Option<String>,
    /// The WAL senders: a JSON array of objects, nothing if there are none, an empty text if there are too many.
    pub senders: Option<String>,
    /// The replication slots, in the same form.
    pub slots: Option<String>,
}

/// Whether a standby can fetch WAL from an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// A `restore_command` is set.
    Configured,
    /// No `restore_command` is set.
    None,
}
