//! What has to be seen before a server counts as stopped, or as failed: one that lives is not stopped for a mistake
//! somewhere else, and none is called stopped that lives.
//!
//! - [`probe`]: parameters with a mistake, where a server runs and where none does.
//! - [`refusal`]: a server that refuses the agent and serves everybody else.
//! - [`user`]: a system that does not know the server's user.
//! - [`directory`]: a data directory that was renamed or unmounted below a running server.
//! - [`impostor`]: a process of another user that looks like the server.
//! - [`neighbour`]: an address that leads to another server.
//! - [`recovery`]: a server that is stopped while it recovers from a crash.
//! - [`socket`]: what a dead server has left beside its socket.

mod directory;
mod impostor;
mod neighbour;
mod probe;
mod recovery;
mod refusal;
mod socket;
mod user;

use crate::call::{End, Ended};
use crate::judge::{Judged, ensure};

/// Fails unless a call ended with a status.
fn ends_with(ended: &Ended, status: i32, what: &str) -> Judged {
    ensure(ended.end == End::Status(status), || {
        format!("{what}: not {status}, but {ended}")
    })
}
