//! A server's processes: which there are, their signals, and their end. Knows them by the directory that they
//! work in, which is the data directory of each and of no stranger who has got a dead one's number.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, RawPid, Signal, getuid, kill_process, pidfd_open, pidfd_send_signal,
    test_kill_process,
};

use super::waiting::Pace;
use crate::postgres::PidFile;
use crate::recipes::Deadline;

/// How soon a process is looked at again where the kernel does not tell of its end.
const STEP: Duration = Duration::from_millis(20);

/// A process that was seen to be one of the server's.
#[derive(Debug)]
pub(super) struct Process {
    pid: Pid,
    /// When it began, in the kernel's ticks: with its number that is the one process.
    began: u64,
    /// The process itself; none before Linux 5.3.
    handle: Option<OwnedFd>,
}

/// A postmaster, and what it wrote of itself.
#[derive(Debug)]
pub(super) struct Postmaster {
    pub(super) process: Process,
    pub(super) file: PidFile,
}

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Running,
    /// Stopped by a signal.
    Frozen,
    /// It has ended, and somebody has yet to notice.
    Zombie,
}

/// What the number in a `postmaster.pid` stands for.
#[derive(Debug)]
pub(super) enum Named {
    /// There is no such file, or no such process.
    Nobody,
    /// The server's postmaster.
    Postmaster(Postmaster),
    /// Another process, or one that has ended, of which PostgreSQL would only see the number.
    Other(RawPid),
}

/// The process that the data directory's `postmaster.pid` names.
pub(super) fn named(datadir: &Path) -> Named {
    let text = fs::read_to_string(datadir.join("postmaster.pid"));
    let Some(file) = text.ok().and_then(|text| PidFile::parse(&text)) else {
        return Named::Nobody;
    };
    let Some(pid) = Pid::from_raw(file.pid) else {
        return Named::Nobody;
    };
    let handle = pidfd_open(pid, PidfdFlags::empty()).ok();
    let Some((life, began)) = life(pid) else {
        return match test_kill_process(pid) {
            // Without /proc, all that is known is that somebody has the number.
            Ok(()) if !has_proc() => Named::Postmaster(Postmaster {
                process: Process {
                    pid,
                    began: 0,
                    handle,
                },
                file,
            }),
            Ok(()) | Err(_) => Named::Nobody,
        };
    };
    let works_here = match works_in(pid, datadir) {
        Ok(works_here) => works_here,
        // Of our own user and yet not to be looked at: it says its name, at least.
        Err(ErrorKind::PermissionDenied) => test_kill_process(pid).is_ok() && is_postgres(pid),
        Err(_) => false,
    };
    if life == Life::Zombie || !works_here {
        return Named::Other(file.pid);
    }
    let process = Process { pid, began, handle };
    Named::Postmaster(Postmaster { process, file })
}

/// The server's postmaster, if one runs.
pub(super) fn postmaster(datadir: &Path) -> Option<Postmaster> {
    match named(datadir) {
        Named::Postmaster(postmaster) => Some(postmaster),
        Named::Nobody | Named::Other(_) => None,
    }
}

/// Every process of the server's, its postmaster among them.
pub(super) fn all(datadir: &Path) -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let numbers = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let number: RawPid = entry.file_name().to_str()?.parse().ok()?;
        Pid::from_raw(number)
    });
    let user = getuid().as_raw();
    let ours = |pid: &Pid| {
        works_in(*pid, datadir).is_ok_and(|here| here)
            && fs::metadata(proc(*pid, "")).is_ok_and(|process| process.uid() == user)
            && is_postgres(*pid)
    };
    let opened = numbers.filter_map(|pid| {
        ours(&pid).then_some(())?;
        let handle = pidfd_open(pid, PidfdFlags::empty()).ok();
        // Looked at again behind the handle, which may be another one's by now.
        let (life, began) = life(pid).filter(|_| ours(&pid))?;
        (life != Life::Zombie).then_some(Process { pid, began, handle })
    });
    opened.collect()
}

impl Process {
    /// Its number.
    pub(super) fn pid(&self) -> RawPid {
        self.pid.as_raw_nonzero().get()
    }

    /// Sends it a signal, if it is still there.
    pub(super) fn signal(&self, signal: Signal) {
        let sent = match &self.handle {
            Some(handle) => pidfd_send_signal(handle, signal),
            None if self.has_ended() => return,
            None => kill_process(self.pid, signal),
        };
        match sent {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => {
                let pid = self.pid();
                tracing::warn!("process {pid} of the server takes no signal: {error}");
            }
        }
    }

    /// Lets it go on if it was stopped by a signal: before, it takes none but SIGKILL.
    pub(super) fn thaw(&self) {
        if life(self.pid).is_some_and(|(life, _)| life == Life::Frozen) {
            self.signal(Signal::CONT);
        }
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.wait(Deadline::after(Duration::ZERO)).is_some()
    }

    /// Waits for its end; none if it has not ended at the deadline.
    pub(super) fn wait(&self, deadline: Deadline) -> Option<()> {
        let ended = || Ok(!self.is_there());
        match wait_for_end(self.handle.as_ref(), ended, deadline) {
            Ok(true) => Some(()),
            Ok(false) | Err(_) => None,
        }
    }

    fn is_there(&self) -> bool {
        match life(self.pid) {
            Some((life, began)) => began == self.began && life != Life::Zombie,
            None => !has_proc() && test_kill_process(self.pid).is_ok(),
        }
    }
}

/// Waits for the end of a process, by its handle if there is one, and says whether it has come.
pub(super) fn wait_for_end(
    handle: Option<&OwnedFd>,
    mut has_ended: impl FnMut() -> io::Result<bool>,
    deadline: Deadline,
) -> io::Result<bool> {
    let Some(handle) = handle else {
        let mut pace = Pace::every(STEP);
        while !has_ended()? {
            if pace.pause(deadline).is_none() {
                return Ok(false);
            }
        }
        return Ok(true);
    };
    loop {
        let left = deadline.left();
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        // A process that has ended is readable (pidfd_open(2)).
        match poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&timeout)) {
            Ok(0) if left.is_zero() => return Ok(false),
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Waits for the end of several; none if one has not ended at the deadline.
pub(super) fn wait_all(processes: &[Process], deadline: Deadline) -> Option<()> {
    processes
        .iter()
        .try_for_each(|process| process.wait(deadline))
}

/// The name of a process's program is PostgreSQL's: that of its file, or what it calls itself.
fn is_postgres(pid: Pid) -> bool {
    let is_one = |name: &str| {
        // A package that was renewed meanwhile leaves this behind the name (proc(5)).
        let name = name.trim_end().trim_end_matches(" (deleted)");
        matches!(name, "postgres" | "postmaster")
    };
    let program = fs::read_link(proc(pid, "exe")).ok();
    let name = program.as_deref().and_then(Path::file_name);
    name.and_then(|name| name.to_str()).is_some_and(is_one)
        || fs::read_to_string(proc(pid, "comm")).is_ok_and(|name| is_one(&name))
}

/// Whether a process works in a directory, by whatever path.
fn works_in(pid: Pid, directory: &Path) -> Result<bool, ErrorKind> {
    let identity = |path: &Path| {
        let found = fs::metadata(path).map_err(|error| error.kind())?;
        Ok((found.dev(), found.ino()))
    };
    Ok(identity(Path::new(&proc(pid, "cwd")))? == identity(directory)?)
}

fn life(pid: Pid) -> Option<(Life, u64)> {
    parse_life(&fs::read_to_string(proc(pid, "stat")).ok()?)
}

/// Reads the third and the 22nd field of a process's `stat` (proc(5)).
fn parse_life(stat: &str) -> Option<(Life, u64)> {
    // The command's name before them may itself contain blanks and parentheses.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let life = match fields.next()? {
        "Z" | "X" | "x" => Life::Zombie,
        "T" | "t" => Life::Frozen,
        _ => Life::Running,
    };
    Some((life, fields.nth(18)?.parse().ok()?))
}

fn has_proc() -> bool {
    fs::symlink_metadata("/proc/self").is_ok()
}

fn proc(pid: Pid, name: &str) -> String {
    format!("/proc/{}/{name}", pid.as_raw_nonzero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_by_its_state_and_its_beginning() {
        let stat = |state: &str| {
            format!("7 (post) gres) {state} 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 1 1 1")
        };
        for (state, life) in [
            ("S", Life::Running),
            ("D", Life::Running),
            ("T", Life::Frozen),
            ("Z", Life::Zombie),
        ] {
            assert_eq!(parse_life(&stat(state)), Some((life, 4242)));
        }
        for wrong in ["", "7 (postgres", "7 (postgres) S 1 2"] {
            assert_eq!(parse_life(wrong), None);
        }
    }

    #[test]
    fn a_stranger_with_a_dead_postmasters_number_is_none() {
        let datadir = tempfile::tempdir().unwrap();
        let write = |pid: u32| {
            let text = format!("{pid}\n/data\n1\n5432\n/tmp\n\n1 1\nready\n");
            fs::write(datadir.path().join("postmaster.pid"), text).unwrap();
        };
        assert!(matches!(named(datadir.path()), Named::Nobody));
        // It works elsewhere.
        write(std::process::id());
        assert!(matches!(named(datadir.path()), Named::Other(_)));
        let mut child = std::process::Command::new("/bin/sleep")
            .arg("60")
            .current_dir(datadir.path())
            .spawn()
            .unwrap();
        write(child.id());
        let Named::Postmaster(found) = named(datadir.path()) else {
            panic!("it works there");
        };
        assert!(!found.process.has_ended());
        found.process.signal(Signal::KILL);
        assert_eq!(
            found.process.wait(Deadline::after(Duration::from_secs(10))),
            Some(())
        );
        // Nobody has waited for it yet.
        assert!(matches!(named(datadir.path()), Named::Other(_)));
        child.wait().unwrap();
        assert!(matches!(named(datadir.path()), Named::Nobody));
    }
}
