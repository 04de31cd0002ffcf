//! The postmaster at the other end of a Unix socket: whether it still runs, and what it wrote of itself,
//! the one source, in no human language, that tells the reasons behind SQLSTATE 57P03 apart. Knows nothing
//! of what is said over the socket.

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
    /// The process itself, whoever has its number later; none where the kernel gives no such thing.
    process: Option<OwnedFd>,
}

impl Postmaster {
    /// The process that called `listen` for the other end of `stream` (`SO_PEERCRED` in unix(7)); none
    /// where it lives among other process numbers than ours, as in another container.
    pub fn behind(stream: &UnixStream) -> Option<Self> {
        let pid = stream.peer_cred().ok()?.pid()?;
        let process = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok();
        Some(Self { pid, process })
    }

    /// Its number.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Whether it is known to have ended. Its children may live on for a moment: one that finds its
    /// next question waiting answers it before it looks for its postmaster.
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

    /// The status it wrote, read through its working directory, which is the data directory. None
    /// where the process or its files may not be read, as for a user other than the server's: then
    /// other evidence must do.
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
            process: pidfd_open(pid, PidfdFlags::empty()).ok(),
        };
        assert!(!postmaster.has_ended());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(postmaster.has_ended());
    }
}
