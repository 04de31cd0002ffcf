//! PostgreSQL as seen from outside: its connection strings, its protocol, its files and its WAL. Errors are typed
//! failures. Knows nothing of checks, clients or clusters, and judges no server.
//!
//! - [`conninfo`]: connection strings, and the server that one names, as libpq reads them.
//! - [`timeline`]: the timeline that a server writes, and what distinguishes two of the same number.
//! - [`position`]: how far its WAL reaches.
//! - [`control`]: reads the control file from its bytes.
//! - [`wal`]: reads the write-ahead log from its bytes.
//! - [`connect`](mod@connect): makes a fresh connection under one deadline.
//! - [`login`]: logs in over an open stream.
//! - `presets`: the settings of every session.
//! - [`wire`]: the protocol.
//! - [`session`]: one session and its questions.
//! - [`queries`]: the SQL for checks, and what its rows mean.
//! - [`identity`]: whether a server is that of a postmaster on this host.
//! - [`inspection`]: the SQL about a server's configuration.
//! - [`mod@replicate`]: whether a server would let a role replicate.
//! - [`classify`]: failures by SQLSTATE and error type.
//! - [`refusal`]: a failure with its causes for the log.
//! - [`slot_name`], [`slot_rows`]: a replication slot, and its server.
//! - `slots`: the SQL about replication slots.
//! - [`progress`]: the SQL about how far a server's WAL reaches, and about its standbys.
//! - [`source`]: what a primary tells a server that is to follow it.
//! - [`upstream`]: whether the server that a standby streams from is a primary.
//! - [`postmaster`]: whether the postmaster runs, and the status in its file.
//! - [`server_socket`]: whether a postmaster answers over its Unix socket.
//! - [`pid_file`]: reads `postmaster.pid`.
//! - [`service_file`]: reads a service file.
//! - `peer`: whether the required user serves a Unix socket.
//! - [`passfile`]: reads the password when a connection needs it.
//! - [`tls`]: encryption, from the settings to the attempts of a connection.

/// The major versions of PostgreSQL whose files are known and that the tests run.
pub const MAJORS: std::ops::RangeInclusive<u32> = 12..=18;

pub mod classify;
pub mod connect;
pub mod conninfo;
pub mod control;
pub mod identity;
pub mod inspection;
pub mod login;
mod optional_file;
pub mod passfile;
mod peer;
pub mod pid_file;
pub mod position;
pub mod postmaster;
mod presets;
pub mod progress;
pub mod queries;
pub mod recovery_target;
pub mod refusal;
pub mod replicate;
pub mod server_socket;
pub mod service_file;
pub mod session;
pub mod slot_name;
pub mod slot_rows;
mod slots;
pub mod source;
pub mod timeline;
pub mod tls;
pub mod upstream;
pub mod wal;
pub mod wire;

pub use connect::{accepts_connections, connect, enter, replicating};
pub use identity::{LocalPostmaster, ReportedIdentity};
pub use inspection::Inspection;
pub use pid_file::PidFile;
pub use position::Position;
pub use progress::{Progress, Replica};
pub use queries::{NewSession, Question};
pub use refusal::{Refusal, chain};
pub use replicate::{ReplicationAnswer, replicate};
pub use session::Session;
pub use source::{SourceAnswer, SourceReport};
pub use timeline::Timeline;
pub use upstream::Upstream;
