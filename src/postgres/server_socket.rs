//! The Unix socket of a postmaster, over which it is asked whether it answers at all. Knows no role, no password, and not what
//! follows from an answer.
//!
//! The socket's file is held by a descriptor, and connections lead through that: whoever removes the file, or puts another one
//! in its place, changes nothing. A socket's file belongs to one listener for as long as it exists.

use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::PathBuf;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};
use thiserror::Error;
use tokio::net::UnixStream;

use super::conninfo::endpoint::socket_name;
use super::pid_file::PidFile;
use super::postmaster::Postmaster;

/// A socket's file, and who has to listen there.
#[derive(Debug)]
pub struct PostmasterSocket {
    held: OwnedFd,
    path: PathBuf,
    pid: i32,
    owner: u32,
}

/// Why a postmaster cannot be asked over its socket.
#[derive(Debug, Error)]
pub enum SocketProblem {
    /// It has no socket, or not yet.
    #[error("postmaster.pid names no Unix socket (unix_socket_directories)")]
    NotNamed,
    /// The socket is not a file.
    #[error("its Unix socket {} is not a file; name a directory first in unix_socket_directories", .0.display())]
    Abstract(PathBuf),
    /// The file cannot be opened.
    #[error("cannot open its Unix socket {}: {source}", path.display())]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// Why it cannot be opened.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is not a Unix socket", .0.display())]
    NotASocket(PathBuf),
    /// A connection fails for a reason that lies with this process.
    #[error("cannot connect to its Unix socket {}: {source}", path.display())]
    NotConnected {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nobody listens any more.
    #[error("nobody listens at its Unix socket {}", .0.display())]
    Refused(PathBuf),
    /// As many connections as are allowed wait until they are accepted (`listen` in listen(2)).
    #[error("as many connections wait at its Unix socket {} as can", .0.display())]
    QueueFull(PathBuf),
    /// Another process listens.
    #[error(
        "{} listens at its Unix socket {}, and not process {} of user {}",
        named(*listener), path.display(), expected.0, expected.1
    )]
    OtherProcess {
        /// The file.
        path: PathBuf,
        /// Which process listens and its user; `None` if it is in another PID namespace.
        listener: Option<(i32, u32)>,
        /// Which one should, and its user.
        expected: (i32, u32),
    },
}

impl PostmasterSocket {
    /// Holds the socket that a postmaster's file names. `owner` is the user to whom the data directory belongs.
    pub fn of(file: &PidFile, owner: u32) -> Result<Self, SocketProblem> {
        let (Some(directory), Some(port)) = (&file.socket_directory, file.port) else {
            return Err(SocketProblem::NotNamed);
        };
        let path = directory.join(socket_name(port));
        if directory.to_string_lossy().starts_with('@') {
            return Err(SocketProblem::Abstract(path));
        }
        // The server's working directory is its data directory.
        let path = match &file.data_directory {
            Some(data) => data.join(path),
            None => path,
        };
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let held = openat(CWD, &path, flags, Mode::empty());
        let found = held.and_then(|held| fstat(&held).map(|found| (held, found)));
        let (held, found) = match found {
            Ok(opened) => opened,
            Err(error) => {
                let source = error.into();
                return Err(SocketProblem::Unreachable { path, source });
            }
        };
        match FileType::from_raw_mode(found.st_mode) {
            FileType::Socket => Ok(Self {
                held,
                path,
                pid: file.pid,
                owner,
            }),
            FileType::RegularFile
            | FileType::Directory
            | FileType::Symlink
            | FileType::Fifo
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => Err(SocketProblem::NotASocket(path)),
        }
    }

    /// Connects and sends an `SSLRequest`, if the postmaster listens. Each server answers this startup packet with a byte,
    /// whatever its state is, before it asks who the client is; it logs nothing of a client that leaves then
    /// (`ProcessStartupPacket` in `src/backend/postmaster/postmaster.c`).
    pub async fn ask(&self) -> Result<PendingAnswer, SocketProblem> {
        let path = || self.path.clone();
        let not_connected = |source| SocketProblem::NotConnected {
            path: path(),
            source,
        };
        let held = format!("/proc/self/fd/{}", self.held.as_raw_fd());
        let stream = match UnixStream::connect(held).await {
            Ok(stream) => stream,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                return Err(SocketProblem::Refused(path()));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Err(SocketProblem::QueueFull(path()));
            }
            Err(error) => return Err(not_connected(error)),
        };
        let listener = Postmaster::behind(&stream);
        let listener = listener.map(|one| (one.pid(), one.user()));
        if listener != Some((self.pid, self.owner)) {
            return Err(SocketProblem::OtherProcess {
                path: path(),
                listener,
                expected: (self.pid, self.owner),
            });
        }
        let mut request = BytesMut::new();
        frontend::ssl_request(&mut request);
        // A few bytes fit into a new socket. One that is closed already is readable.
        stream.try_write(&request).ok();
        Ok(PendingAnswer(stream))
    }
}

/// A connection that was asked, and may be answered.
#[derive(Debug)]
pub struct PendingAnswer(UnixStream);

impl PendingAnswer {
    /// Waits for a byte, or for the end of the connection: somebody has accepted it.
    pub async fn arrival(&self) {
        while self.0.readable().await.is_ok() {
            match self.0.try_read(&mut [0]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Ok(_) | Err(_) => return,
            }
        }
    }
}

fn named(process: Option<(i32, u32)>) -> String {
    process.map_or(
        "a process of another PID namespace".into(),
        |(pid, user)| format!("process {pid} of user {user}"),
    )
}

#[cfg(test)]
mod tests;
