//! Handles the local server: the only folder in which the agent touches its files, its processes, its programs
//! and its socket, always as the user who owns them. It makes no decision; it implements
//! [`actions::Server`](crate::agent::actions::Server).
//!
//! - `users`: the operating system's users.
//! - `credentials`: the rights of a thread and of a program.
//! - `owner`: who owns a data directory, and who leads to it.
//! - `privileges`: drops privileges to the server's user.
//! - `polling`: waits for processes and files until a deadline.
//! - `files`: the files of a data directory.
//! - `marker`: the file that makes a server a standby.
//! - `processes`: a server's processes.
//! - `pg_wal`: its WAL.
//! - `histories`: the histories of its timelines.
//! - `programs`: its programs.
//! - `log`: the server's output while it starts.
//! - `server_address`: where to connect to it.
//! - `connect`: a session with this server, and with no other one.
//! - `conversation`: one session for all questions of an action.
//! - `queries`: the questions and their answers.
//! - `evidence`: collects all that can be seen of it.
//! - `socket`: the files that a dead server has left beside its socket.
//! - `starting`, `stopping`, `promoting`: starts, stops and promotes it.
//! - `position`: how far its WAL reaches.
//! - `upstream`: whether a primary answers where it gets its WAL from.
//! - `standby_flush`: whether a standby receives what it commits.
//! - `problem`: verifies the configuration.
//! - `instance`: the server of a resource, and the user who owns it.
//! - `stopping_all`: stops every server of a resource, wherever it runs.
//! - [`owner_access`]: what other rooms may do with its files and programs.
//! - `rejoin_mark`: keeps a server from being started while its files are replaced.
//! - `server`: implements the interface.

mod connect;
mod conversation;
mod credentials;
mod evidence;
mod files;
mod histories;
mod instance;
mod log;
mod marker;
mod owner;
pub mod owner_access;
mod pg_wal;
mod polling;
mod position;
mod privileges;
mod problem;
mod processes;
mod programs;
mod promoting;
mod queries;
mod rejoin_mark;
mod server;
mod server_address;
mod socket;
mod standby_flush;
mod starting;
mod stopping;
mod stopping_all;
mod upstream;
mod users;

pub use instance::Instance;
pub use owner_access::Owner;

use std::path::{Path, PathBuf};

use rustix::process::{Pid, RawPid};

use crate::agent::ocf::node::Node;

/// Returns the data directory of a resource's running server: for parameters that do not say it, or only
/// which directory the server was started with. If it is not certain which process that server is, returns why.
pub fn data_directory_of_running(
    resource: &str,
    node: Option<&Node>,
    pgdata: Option<&Path>,
    system_user: &str,
    bindir: &Path,
) -> Result<Option<PathBuf>, String> {
    let marks = processes::Marks {
        resource,
        node,
        directories: [pgdata, None],
    };
    let user = users::Users::default().named(system_user);
    let expected = processes::Expected {
        user: user.map(|user| user.uid),
        bindir,
    };
    processes::place(&marks, expected).map_err(|doubt| doubt.to_string())
}

/// Returns the start time of a process in clock ticks since the host was booted; `None` if there is no such process, or it
/// has ended.
#[must_use]
pub fn process_began(pid: RawPid) -> Option<u64> {
    processes::began(Pid::from_raw(pid)?)
}
