//! The postmaster at the other end of a Unix socket: whether it still runs, and the status in its file, the only source
//! independent of human languages that distinguishes the causes of SQLSTATE 57P03. Knows nothing
//! of what is sent over the socket.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::net::UnixStream;

use super::pid_file::{self, PidFile};
use crate::health::PostmasterStatus;

/// A process that listens on a Unix socket.
#[derive(Debug)]
pub struct Postmaster {
    pid: i32,
    user: u32,
    /// The process itself, even if its ID is reused later; `None` if the kernel gives no such descriptor.
    process: Option<OwnedFd>,
}

impl Postmaster {
    /// Returns the process that called `listen` for the other end of `stream` (`SO_PEERCRED` in unix(7)); `None`
    /// if it runs in another PID namespace, as in a container.
    pub fn behind(stream: &UnixStream) -> Option<Self> {
        let peer = stream.peer_cred().ok()?;
        let pid = peer.pid()?;
        let process = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok();
        Some(Self {
            pid,
            user: peer.uid(),
            process,
        })
    }

    /// Returns the process ID.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Returns the ID of the user as whom the process called `listen`.
    pub fn user(&self) -> u32 {
        self.user
    }

    /// Whether the process is known to have ended. Its children may live on for a moment: a backend answers a question
    /// that already waits before it notices that its postmaster has ended.
    pub fn has_ended(&self) -> bool {
        let Some(process) = &self.process else {
            return false;
        };
        // A process that has ended is readable (pidfd_open(2)).
        let mut watched = [PollFd::new(process, PollFlags::IN)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut watched, Some(&at_once)).is_ok_and(|ended| ended > 0)
    }

    /// Returns the status in its file, read through its working directory, which is the data directory. Returns `None`
    /// if the process or its files may not be read, as for a user other than the server's: then
    /// other evidence has to suffice.
    pub fn status(&self) -> Option<PostmasterStatus> {
        let path = format!("/proc/{}/cwd/postmaster.pid", self.pid);
        let file = PidFile::parse(&pid_file::read(Path::new(&path)).ok()?)?;
        (file.pid == self.pid).then_some(file.status)?
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_that_has_ended_is_known_to_have() {
        let mut child = Command::new("/bin/cat")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid::from_child(&child);
        let postmaster = Postmaster {
            pid: pid.as_raw_nonzero().get(),
            user: 0,
            process: pidfd_open(pid, PidfdFlags::empty()).ok(),
        };
        assert!(!postmaster.has_ended());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(postmaster.has_ended());
    }
}
