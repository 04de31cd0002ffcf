//! Removes the lock files that a dead server has left beside its Unix socket. Touches no running server's.

use std::fs;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use super::processes::{self, ProcessHolder};
use crate::agent::actions::ServerError;
use crate::agent::ocf::parameters::Parameters;
use crate::postgres::conninfo::endpoint::socket_name;
use crate::postgres::{PidFile, pid_file};

/// Removes the lock file beside a socket if its process ID now belongs to another process of the same user, or to a
/// zombie: PostgreSQL only checks that the process ID exists, and would not start (`CreateLockFile` in
/// `src/backend/utils/init/miscinit.c`). It removes any other by itself. The sockets are the one that the parameters
/// name and the one at which the directory's last server listened.
pub(super) fn clear_lock_files(parameters: &Parameters) -> Result<(), ServerError> {
    clear(Path::new(&parameters.pghost), parameters.pgport)?;
    let text = pid_file::read(&parameters.datadir.join("postmaster.pid"));
    let last = text.ok().and_then(|text| PidFile::parse(&text));
    let place = last.and_then(|file| Some((file.socket_directory?, file.port?)));
    place.map_or(Ok(()), |(directory, port)| clear(&directory, port))
}

fn clear(directory: &Path, port: u16) -> Result<(), ServerError> {
    if !directory.is_absolute() {
        return Ok(());
    }
    let name = socket_name(port);
    let lock = directory.join(format!("{name}.lock"));
    let socket = directory.join(name);
    // It begins like a postmaster.pid.
    let text = pid_file::read(&lock).unwrap_or_default();
    let (Some(file), Some(datadir)) = (PidFile::parse(&text), text.lines().nth(1)) else {
        return Ok(());
    };
    match processes::holder(file.pid, Path::new(datadir)) {
        ProcessHolder::Nobody | ProcessHolder::Server(_) => return Ok(()),
        ProcessHolder::Unknown => {}
    }
    if may_be_listened_on(&socket) {
        return Ok(());
    }
    tracing::warn!(
        "removing the stale lock file {}: process ID {} belongs to another process",
        lock.display(),
        file.pid
    );
    fs::remove_file(&lock).map_err(|error| ServerError::File {
        what: format!("cannot remove {}", lock.display()),
        cause: error.to_string(),
    })
}

/// Returns whether a process may listen on a socket: none does if the socket does not exist, or refuses connections.
fn may_be_listened_on(socket: &Path) -> bool {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let tried = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)
        .and_then(|ours| connect(&ours, &SocketAddrUnix::new(socket)?));
    !matches!(tried, Err(Errno::NOENT | Errno::CONNREFUSED))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::process::{Child, Command};

    use super::*;

    struct Place {
        directory: tempfile::TempDir,
        child: Child,
    }

    impl Place {
        /// Starts a process that runs in a directory of its own.
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let mut command = Command::new("/bin/sleep");
            let child = command.arg("60").current_dir(directory.path()).spawn();
            Self {
                directory,
                child: child.unwrap(),
            }
        }

        /// Returns whether a lock file with the process's ID, written by the server of a directory, is removed.
        fn clears(&self, datadir: &Path) -> bool {
            let lock = self.directory.path().join(".s.PGSQL.5432.lock");
            let text = format!("{}\n{}\n", self.child.id(), datadir.display());
            fs::write(&lock, text).unwrap();
            clear(self.directory.path(), 5432).unwrap();
            !lock.exists()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }

    #[test]
    fn a_lock_file_is_removed_only_if_no_server_can_have_its_process_or_socket() {
        let mut place = Place::new();
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(place.clears(elsewhere.path()));
        // The process runs where the server did.
        assert!(!place.clears(place.directory.path()));
        let listener = UnixListener::bind(place.directory.path().join(".s.PGSQL.5432"));
        assert!(!place.clears(elsewhere.path()));
        // The socket's file remains, and no process listens on it.
        drop(listener);
        assert!(place.clears(elsewhere.path()));
        place.child.kill().unwrap();
        place.child.wait().unwrap();
        // No process has the ID: the server sees that, too.
        assert!(!place.clears(elsewhere.path()));
    }

    #[test]
    fn a_file_that_is_not_a_lock_file_is_left_alone() {
        let place = Place::new();
        let lock = place.directory.path().join(".s.PGSQL.5432.lock");
        clear(place.directory.path(), 5432).unwrap();
        clear("localhost".as_ref(), 5432).unwrap();
        for text in ["", "7\n", "x\n/data\n"] {
            fs::write(&lock, text).unwrap();
            clear(place.directory.path(), 5432).unwrap();
            assert!(lock.exists());
        }
    }
}
