//! Everything that was seen of an instance at one moment, before it is judged.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::lsn::Lsn;

/// What one round of questions found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What the shared session answered.
    pub session: SessionEvidence,
    /// The outcome of the newest fresh connection.
    pub fresh: FreshConnection,
    /// What was known of the server before it stopped answering.
    pub past: Past,
    /// The postmaster's status in its file; `None` if that cannot be read.
    pub postmaster: Option<PostmasterStatus>,
}

/// The evidence from the shared session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEvidence {
    /// It answered the question.
    Answered(Role),
    /// The question failed.
    Failed(Failure),
    /// There is no session, because no connection could be made.
    None,
}

/// The role the server itself states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Not in recovery.
    Primary,
    /// In recovery, and accepting read-only sessions.
    Standby(Standby),
}

/// What a hot standby reports about its replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standby {
    /// The figures, which cost more to query than the role; `None` if they were not needed.
    pub replication: Option<Replication>,
}

/// A standby's replication in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replication {
    /// The WAL receiver's state.
    pub receiver: Receiver,
    /// The end of WAL received and flushed; `None` if the standby never streamed.
    pub received: Option<Lsn>,
    /// The end of WAL replayed.
    pub replayed: Option<Lsn>,
    /// Whether replay is paused, or a pause was requested.
    pub replay: Replay,
    /// Time since the last replayed transaction was committed on the primary: the difference of the two servers'
    /// clocks.
    pub last_commit_age: Option<Duration>,
}

/// `pg_stat_wal_receiver` as this role sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// Status `streaming`, with the end of WAL that the primary reported last.
    Streaming {
        /// `latest_end_lsn`.
        primary_end: Option<Lsn>,
    },
    /// There is no WAL receiver, or it is not streaming.
    Gone,
    /// It runs, but without `pg_monitor` its columns are NULL.
    Hidden,
}

/// Whether WAL that arrives is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Replay {
    /// Replay is not paused.
    Running,
    /// `pg_is_wal_replay_paused()` is true.
    Paused,
}

/// Whether a client that connects now gets a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreshConnection {
    /// The connection was accepted, and ordinary users still find slots.
    Succeeded,
    /// The connection was accepted in a slot reserved for its role, while ordinary users find none.
    ReservedOnly,
    /// The connection failed.
    Failed(Failure),
}

/// What was known before; it distinguishes a shutdown from a start, which SQLSTATE 57P03 alone does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Past {
    /// This process has never had a session with the server.
    #[default]
    Unknown,
    /// The server was up, and the last thing seen was this end of a session (or this failure of a fresh connection,
    /// while the session lived).
    Up(Failure),
    /// Since the server was up, no server was found at all.
    Absent,
}

/// The postmaster's own status in `postmaster.pid` (`src/include/utils/pidfile.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostmasterStatus {
    /// `starting`.
    Starting,
    /// `stopping`.
    Stopping,
    /// `ready`: up; while clients are refused with 57P03 it recovers from a crash.
    Ready,
    /// `standby`: up, and will not accept connections.
    Standby,
}
