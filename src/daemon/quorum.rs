//! Whether this node has quorum, according to Pacemaker. Any process that may ask Pacemaker may also command the cluster,
//! and so act as root on every node. Therefore a separate process asks, which listens on no socket, and the daemon reads
//! the note that it writes. Does not know what effect the quorum has on answers.
//!
//! - [`mod@ask`]: asks Pacemaker once.
//! - [`note`]: the text format of the note; pure.
//! - [`write`](mod@write): asks periodically, and writes each answer to the note.
//! - [`watch`]: reads the note for the daemon, and rejects an old one.

mod ask;
mod note;
mod watch;
mod write;

pub use note::Note;
pub use watch::{QuorumWatch, problem};
pub use write::write_notes;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The default path of the note.
pub const FILE: &str = "/run/pgsql-state/pacemaker/quorum";

/// The time since the host was booted (`CLOCK_BOOTTIME`): the same for all its processes, and it advances during suspend.
fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanoseconds))
}
