//! PostgreSQL from outside: its connection strings, its protocol, its files and its WAL. Errors are typed failures. Knows
//! nothing of checks, clients or clusters, and judges no server.
//!
//! - [`conninfo`]: connection strings, and the server that one names, as libpq reads them.
//! - [`timeline`], [`position`]: which of its histories a server writes, and how far that goes.
//! - [`branch`]: what tells a timeline from another of the same number.
//! - [`control`]: the control file, from its bytes.
//! - [`wal`]: the write-ahead log, from its bytes.
//! - [`connect`](mod@connect): a fresh connection, under one deadline.
//! - [`login`]: from an open stream to a session.
//! - `presets`: what every session is set to.
//! - [`wire`]: the protocol.
//! - [`session`]: one session and its questions.
//! - [`question`]: the SQL and what its rows mean.
//! - [`identity`]: whether it is the server of a postmaster on this host.
//! - [`inspection`]: the SQL about how a server is configured.
//! - [`mod@replicate`]: whether it would let somebody replicate.
//! - [`classify`]: errors by SQLSTATE and type.
//! - [`refusal`]: a failure with its causes for the log.
//! - [`progress`]: the SQL about how far a server is, and who replicates from it.
//! - [`postmaster`]: whether the postmaster runs, and what it wrote of itself.
//! - [`pid_file`]: the file that it wrote that into.
//! - [`service_file`]: a service file, read.
//! - `peer`: whether the right user serves a Unix socket.
//! - [`passfile`]: the password, read when a connection needs it.
//! - [`tls`]: encryption, from the settings to what a connection is to try.

pub mod branch;
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
pub mod question;
pub mod refusal;
pub mod replicate;
pub mod service_file;
pub mod session;
pub mod timeline;
pub mod tls;
pub mod upstream;
pub mod wal;
pub mod wire;

pub use connect::{connect, enter, replicating};
pub use identity::{Local, ReportedIdentity};
pub use inspection::Inspection;
pub use pid_file::PidFile;
pub use position::Position;
pub use progress::{Progress, Replica};
pub use question::{NewSession, Question};
pub use refusal::{Refusal, chain};
pub use replicate::{Welcome, replicate};
pub use session::Session;
pub use timeline::Timeline;
pub use upstream::Upstream;
