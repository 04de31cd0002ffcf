//! What `/proc` tells of processes: who works in a directory, under which title, in which state, and
//! how many sockets (proc(5)); knows no server.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, RawPid};

/// A process as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: Pid,
    /// Its command line, which PostgreSQL's processes use as a title: `postgres: walreceiver …`.
    pub title: String,
}

/// The processes whose working directory is `directory` or below it.
pub fn working_in(directory: &Path) -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let pid: RawPid = path.file_name()?.to_str()?.parse().ok()?;
            let cwd = fs::read_link(path.join("cwd")).ok()?;
            cwd.starts_with(directory).then_some(())?;
            Some(Process {
                pid: Pid::from_raw(pid)?,
                title: title(&path),
            })
        })
        .collect()
}

fn title(process: &Path) -> String {
    let bytes = fs::read(process.join("cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes)
        .replace('\0', " ")
        .trim_end()
        .to_owned()
}

/// Whether a process is stopped by a signal, or gone.
pub fn is_still(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    // The state follows the command's name, which may itself contain spaces and parentheses.
    stat.map_or(true, |stat| {
        stat.rsplit_once(") ")
            .is_none_or(|(_, rest)| rest.starts_with(['T', 'Z', 'X']))
    })
}

/// How many TCP sockets a process has open: those it listens on, and the connections it took or made.
/// A connection that waits in the kernel's queue is nobody's yet. (`/proc/net/tcp` knows more, but is
/// slow and torn while thousands of others come and go.)
pub fn tcp_sockets(pid: Pid) -> usize {
    let Ok(entries) = fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())) else {
        return 0;
    };
    let is_tcp = |path: &Path| {
        let mut name = [0; 16];
        // `net/socket.c` of Linux tells a socket's protocol by this attribute: TCP, TCPv6, UNIX-STREAM.
        rustix::fs::getxattr(path, "system.sockprotoname", &mut name)
            .is_ok_and(|_| name.starts_with(b"TCP"))
    };
    entries
        .filter(|entry| entry.as_ref().is_ok_and(|entry| is_tcp(&entry.path())))
        .count()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    use std::process::Command;
    use std::time::Duration;

    use rustix::process::{Signal, kill_process};

    use super::*;
    use crate::scratch::Scratch;
    use crate::wait::until;

    #[test]
    fn a_process_is_found_by_its_directory_and_seen_to_stop() {
        let scratch = Scratch::new().unwrap();
        assert_eq!(working_in(scratch.path()), []);
        let mut sleeper = scratch.command("/bin/sleep").arg("60").spawn().unwrap();
        let found = working_in(scratch.path());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].pid, Pid::from_child(&sleeper));
        let patience = Duration::from_secs(30);
        until(patience, "the new program", || {
            working_in(scratch.path())[0].title == "/bin/sleep 60"
        })
        .unwrap();
        assert!(!is_still(found[0].pid));
        kill_process(found[0].pid, Signal::STOP).unwrap();
        until(patience, "the stop", || is_still(found[0].pid)).unwrap();
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        let other = Command::new("/bin/true").current_dir("/").spawn();
        other.unwrap().wait().unwrap();
        assert_eq!(working_in(scratch.path()), []);
    }

    #[test]
    fn tcp_sockets_are_told_from_others_and_from_queued_connections() {
        // Of a process of our own, since other tests run in this one.
        let scratch = Scratch::new().unwrap();
        let listener = TcpListener::bind(crate::ports::free().unwrap()).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (pair, _other) = UnixStream::pair().unwrap();
        let mut sleeper = scratch
            .command("/bin/sleep")
            .arg("60")
            .stdin(OwnedFd::from(listener))
            .stdout(OwnedFd::from(client))
            .stderr(OwnedFd::from(pair))
            .spawn()
            .unwrap();
        let pid = Pid::from_child(&sleeper);
        until(Duration::from_secs(1), "its two sockets", || {
            tcp_sockets(pid) == 2
        })
        .unwrap();
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
        assert_eq!(tcp_sockets(pid), 0);
    }
}
