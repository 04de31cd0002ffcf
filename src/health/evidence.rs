//! Everything that was seen of an instance at one moment, before anyone judges it.

use std::time::Duration;

use super::failure::Failure;
use super::lsn::Lsn;

/// What one round of asking brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What the kept session answered.
    pub session: SessionEvidence,
    /// What the newest fresh connection met.
    pub fresh: FreshConnection,
    /// What was known of the server before it stopped answering.
    pub past: Past,
    /// What the postmaster wrote of itself, where that can be read.
    pub postmaster: Option<PostmasterStatus>,
}

/// The kept session's part of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEvidence {
    /// It answered the question.
    Answered(Role),
    /// It was asked and failed.
    Failed(Failure),
    /// There is none, because no connection could be made.
    None,
}

/// The role the server itself states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Not in recovery.
    Primary,
    /// In recovery and letting readers in.
    Standby(Standby),
}

/// What a hot standby says of its replication; `None` where it was not asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standby {
    /// The details, which cost more to ask than the role and are asked only when needed.
    pub replication: Option<Replication>,
}

/// A standby's replication in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replication {
    /// The WAL receiver's state.
    pub receiver: Receiver,
    /// The end of WAL received and flushed; none if it never streamed.
    pub received: Option<Lsn>,
    /// The end of WAL replayed.
    pub replayed: Option<Lsn>,
    /// Whether replay is, or is asked to be, paused.
    pub replay: Replay,
    /// Time since the commit on the primary of the last transaction replayed, by both clocks.
    pub last_commit_age: Option<Duration>,
}

/// `pg_stat_wal_receiver` as this role sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// Status `streaming`, with the primary's WAL end as last told.
    Streaming {
        /// `latest_end_lsn`.
        primary_end: Option<Lsn>,
    },
    /// There is none, or it is not streaming.
    Gone,
    /// It runs, but without `pg_monitor` its columns are NULL.
    Hidden,
}

/// Whether WAL that arrives is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// It is.
    Running,
    /// `pg_is_wal_replay_paused()` is true.
    Paused,
}

/// What a client that comes now meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreshConnection {
    /// The connection got in, and ordinary users still find slots.
    Open,
    /// The connection got in through slots reserved for its role, while ordinary users find none.
    ReservedOnly,
    /// It did not get in.
    Shut(Failure),
}

/// What was known before; it tells a shutdown from a start where SQLSTATE 57P03 alone does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Past {
    /// This process never met the server.
    #[default]
    Unknown,
    /// The server was up, and the last thing seen was this end of a session (or this door, while
    /// the session lived).
    Up(Failure),
    /// Since the server was up, nobody was there at all.
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
