//! Runs real PostgreSQL servers, a real HAProxy and the daemon `pgsql-state`, for the integration
//! tests and for `make demo`. It knows the daemon as its users do: a program, a configuration file
//! and ports.
//!
//! ```no_run
//! # fn main() -> Result<(), support::Trouble> {
//! use support::{Mode, Postgres};
//!
//! let mut primary = Postgres::primary().start()?;
//! let standby = primary.standby().start()?;
//! primary.stop(Mode::Fast)?;
//! standby.promote()?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`postgres`]: servers: made, started, stopped, promoted, frozen, filled.
//! - [`haproxy`]: a load balancer in front of them, and its statistics.
//! - [`daemon`]: `pgsql-state serve`, started as systemd would, and what it tells systemd.
//! - [`mod@ask`]: a client of the state port.
//! - [`ports`]: addresses that nobody else uses.
//! - [`deaf`]: an address that lets no connection stand.
//! - [`wait`]: until something is so.
//! - [`suites`]: which versions of what each Debian has.
//! - [`kept`]: folders that take long to make, made once.
//! - [`scratch`], [`running`], [`procfs`]: the ground under them: whatever becomes of the process
//!   that asked for a server, server and directory are gone after it.
//! - [`trouble`]: what can go wrong, as one sentence.

pub mod ask;
pub mod daemon;
pub mod deaf;
pub mod haproxy;
pub mod kept;
pub mod ports;
pub mod postgres;
pub mod procfs;
pub mod running;
pub mod scratch;
pub mod suites;
pub mod trouble;
pub mod wait;

pub use ask::{Exchange, ask, ask_every, ask_flat_out};
pub use daemon::Daemon;
pub use haproxy::{Haproxy, Listen, Status};
pub use ports::Ports;
pub use postgres::{Mode, Postgres, Whom};
pub use trouble::Trouble;
pub use wait::{until, until_ok, until_ok_every};
