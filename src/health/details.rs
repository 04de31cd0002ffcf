//! What is told of a server beside its role, and decides nothing.

use super::lsn::Lsn;

/// Facts that only documents show: asked when somebody wants one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// `server_version_num`.
    pub server_version: i64,
    /// When the postmaster started, as `2026-11-22 08:00:00.123456+00:00`.
    pub started: String,
    /// The same for all servers of a cluster, as decimal digits.
    pub system_identifier: String,
    /// The timeline written to, or received.
    pub timeline: Option<i64>,
    /// The end of WAL flushed by a primary.
    pub flushed: Option<Lsn>,
    /// The commit of the last transaction replayed by a standby, in the form of `started`.
    pub replayed_commit: Option<String>,
    /// Whether a standby has a `restore_command`, so that it recovers from an archive while it does not
    /// stream.
    pub archive: Archive,
    /// What a standby's WAL receiver calls itself to the server that it streams from.
    pub receiver_name: Option<String>,
    /// The WAL senders: a JSON array of objects, or nothing.
    pub senders: Option<String>,
    /// The replication slots: a JSON array of objects, or nothing.
    pub slots: Option<String>,
}

/// Where WAL may come from that does not stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// A `restore_command` is set.
    There,
    /// None is.
    None,
}
