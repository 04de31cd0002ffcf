//! The local server, handled: the one folder in which the agent touches its files, its processes, its programs
//! and its socket, always as the user whose they are. It decides nothing; what is wanted of it is
//! [`actions::Server`](crate::agent::actions::Server).
//!
//! - `users`: what the system knows of users.
//! - `privileges`: as whom.
//! - `waiting`: until when.
//! - `files`: what a data directory says.
//! - `marker`: the file that makes a standby.
//! - `processes`: a server's processes.
//! - `pg_wal`: its WAL.
//! - `programs`: its programs.
//! - `log`: what it says while it starts.
//! - `place`: where it may be asked.
//! - `reaching`: a session with it, and with no other one.
//! - `conversation`: one session for all questions.
//! - `asking`: its answers.
//! - `looking`: all that can be seen of it.
//! - `socket`: what a dead one has left beside its socket.
//! - `starting`, `stopping`, `promoting`: its life.
//! - `position`: how far it is.
//! - `upstream`: whether a primary answers where it has its WAL from.
//! - `proof`: whether a standby gets what it commits.
//! - `problem`: whether all of this can work.
//! - `one`: the server of a resource, and as whom it is touched.
//! - `server`: what is wanted of it.

mod asking;
mod conversation;
mod files;
mod log;
mod looking;
mod marker;
mod one;
mod pg_wal;
mod place;
mod position;
mod privileges;
mod problem;
mod processes;
mod programs;
mod promoting;
mod proof;
mod reaching;
mod server;
mod socket;
mod starting;
mod stopping;
mod upstream;
mod users;
mod waiting;

pub use one::Instance;

use std::path::{Path, PathBuf};

use crate::agent::ocf::node::Node;

/// Where the own running server of a resource has its data directory: for parameters that do not say so, or only
/// which directory it was started with.
#[must_use]
pub fn place_of_running(
    resource: &str,
    node: Option<&Node>,
    pgdata: Option<&Path>,
) -> Option<PathBuf> {
    processes::place(&processes::Marks {
        resource,
        node,
        directories: [pgdata, None],
    })
}
