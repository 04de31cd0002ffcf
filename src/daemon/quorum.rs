//! What Pacemaker says of this node's quorum. Whoever may ask Pacemaker may command the cluster, and by that root on every
//! node, so a process of its own asks, which listens to nobody; the daemon reads what it has noted. Knows nothing of what
//! becomes of it.
//!
//! - [`mod@ask`]: the question to Pacemaker.
//! - [`note`]: what is noted of its answer; pure.
//! - [`tell`](mod@tell): asks on and on, and notes each answer.
//! - [`watch`]: what the note is worth to a daemon.

mod ask;
mod note;
mod tell;
mod watch;

pub use note::Note;
pub use tell::tell;
pub use watch::QuorumWatch;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Where the answer is noted, unless somebody says otherwise.
pub const FILE: &str = "/run/pgsql-state/pacemaker/quorum";

/// The time since the host was started, which is the same for all its processes, and goes on while it is suspended.
fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanoseconds))
}
