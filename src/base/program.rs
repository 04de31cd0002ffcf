//! Another program, run to its end or killed at a deadline. Knows nothing of what it prints.
//!
//! What it prints goes to memory and through no pipe: whatever it leaves running, such as a server, could keep
//! the other end of one for as long as it runs.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use thiserror::Error;

use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// There is room for so much of what a program prints on each of its outputs.
const MOST: u64 = 16 << 20;

/// So many characters of its first complaint go into a sentence.
const MOST_COMPLAINT: usize = 500;

/// Between two looks at a process where the kernel tells nobody that it has ended: before Linux 5.3, as in
/// Red Hat's 8.
const LOOK: Duration = Duration::from_millis(5);

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its status.
    pub status: ExitStatus,
    /// Its standard output.
    pub printed: String,
    /// Its standard error.
    pub complaint: String,
}

/// Why it did not.
#[derive(Debug, Error)]
pub enum RunError {
    /// It cannot be started.
    #[error("it cannot be started: {0}")]
    Start(io::Error),
    /// It did not end in time.
    #[error("it did not end in time")]
    Late,
    /// It printed more than is read.
    #[error("it printed {} MB or more", MOST >> 20)]
    Babble,
    /// It cannot be listened to.
    #[error("it cannot be listened to: {0}")]
    Listen(#[from] io::Error),
}

/// A program that ended otherwise than well.
#[derive(Debug, Error)]
#[error("{program} failed ({status}): {complaint}")]
pub struct Failed {
    program: String,
    status: ExitStatus,
    complaint: String,
}

impl Ended {
    /// Its standard output, where it ended well.
    pub fn well(self, program: &str) -> Result<String, Failed> {
        if self.status.success() {
            return Ok(self.printed);
        }
        let complaint = self.complaint.lines().next().unwrap_or_default();
        Err(Failed {
            program: program.to_owned(),
            status: self.status,
            complaint: complaint.chars().take(MOST_COMPLAINT).collect(),
        })
    }
}

impl RunError {
    /// Whether there is no such program.
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Start(error) => error.kind() == ErrorKind::NotFound,
            Self::Late | Self::Babble | Self::Listen(_) => false,
        }
    }
}

/// Runs it, without input.
pub fn run(command: &mut Command, deadline: Deadline) -> Result<Ended, RunError> {
    RunningProgram::start(command)?.end(deadline)
}

/// Runs it with a file as its input.
pub fn run_on(command: &mut Command, input: File, deadline: Deadline) -> Result<Ended, RunError> {
    RunningProgram::start_on(command, input.into())?.end(deadline)
}

/// A program that runs beside this one, and is killed where nobody waits for its end any more.
#[derive(Debug)]
pub struct RunningProgram {
    child: Child,
    printed: File,
    complaint: File,
}

impl RunningProgram {
    /// Starts it, without input.
    pub fn start(command: &mut Command) -> Result<Self, RunError> {
        Self::start_on(command, Stdio::null())
    }

    fn start_on(command: &mut Command, input: Stdio) -> Result<Self, RunError> {
        let (printed, complaint) = (memory()?, memory()?);
        command
            .stdin(input)
            .stdout(printed.try_clone()?)
            .stderr(complaint.try_clone()?);
        let child = command.spawn().map_err(RunError::Start)?;
        Ok(Self {
            child,
            printed,
            complaint,
        })
    }

    /// The number of its process.
    #[cfg(test)]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended. One that cannot be looked at has.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end.
    pub fn end(mut self, deadline: Deadline) -> Result<Ended, RunError> {
        let handle = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()).ok();
        let has_ended = || Ok(self.child.try_wait()?.is_some());
        if !wait_for_end(handle.as_ref(), has_ended, deadline)? {
            return Err(RunError::Late);
        }
        Ok(Ended {
            status: self.child.wait()?,
            printed: said(&mut self.printed)?,
            complaint: said(&mut self.complaint)?,
        })
    }
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        // One that has ended is left alone by both.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Waits for the end of a process, by its handle if there is one, and says whether it has come.
pub fn wait_for_end(
    handle: Option<&OwnedFd>,
    mut has_ended: impl FnMut() -> io::Result<bool>,
    deadline: Deadline,
) -> io::Result<bool> {
    let Some(handle) = handle else {
        while !has_ended()? {
            if deadline.has_passed() {
                return Ok(false);
            }
            deadline.pause(LOOK);
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

fn memory() -> io::Result<File> {
    let memory = memfd_create("printed", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    ftruncate(&memory, MOST)?;
    // Whoever prints more is told that there is no room (memfd_create(2)).
    fcntl_add_seals(&memory, SealFlags::GROW)?;
    Ok(memory.into())
}

fn said(file: &mut File) -> Result<String, RunError> {
    let mut bytes = Vec::new();
    // The place belongs to whoever prints, too: it is behind what was printed.
    let length = file.stream_position()?;
    if length >= MOST {
        return Err(RunError::Babble);
    }
    file.rewind()?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;
    use std::time::Instant;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn sh(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn everything_that_is_printed_is_read() {
        let script = "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; exit 3";
        let ended = run(&mut sh(script), Deadline::after(LONG)).unwrap();
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!(ended.printed.len(), 300_000);
        assert_eq!(ended.complaint.len(), 300_000);
    }

    #[test]
    fn a_program_that_babbles_takes_bounded_memory_and_is_told() {
        let mut running =
            RunningProgram::start(&mut sh("head -c 1000000000 /dev/zero; exit 0")).unwrap();
        let ended = running.child.wait().unwrap();
        assert!(ended.success());
        let blocks = running.printed.metadata().unwrap().blocks();
        assert!(blocks * 512 <= MOST, "{blocks}");
        let error = running.end(Deadline::after(LONG)).unwrap_err();
        assert!(matches!(error, RunError::Babble), "{error}");
    }

    #[test]
    fn what_does_not_end_is_killed_at_the_deadline() {
        let began = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(50));
        let late = run(&mut sh("exec sleep 60"), deadline).unwrap_err();
        assert!(matches!(late, RunError::Late), "{late}");
        assert!(began.elapsed() < LONG);
    }

    #[test]
    fn what_a_program_leaves_running_is_not_waited_for() {
        let began = Instant::now();
        let ended = run(&mut sh("sleep 60 & echo said"), Deadline::after(LONG)).unwrap();
        assert_eq!(ended.printed, "said\n");
        assert!(began.elapsed() < LONG);
    }

    #[test]
    fn where_the_kernel_does_not_tell_it_is_looked_after() {
        let mut running = RunningProgram::start(&mut sh("sleep 0.05")).unwrap();
        let has_ended = || Ok(running.child.try_wait()?.is_some());
        assert!(wait_for_end(None, has_ended, Deadline::after(LONG)).unwrap());
        let deadline = Deadline::after(Duration::from_millis(20));
        assert!(!wait_for_end(None, || Ok(false), deadline).unwrap());
    }

    #[test]
    fn what_nobody_waits_for_is_killed() {
        let mut running = RunningProgram::start(&mut sh("exec sleep 60")).unwrap();
        let folder = PathBuf::from(format!("/proc/{}", running.id()));
        assert!(folder.exists() && !running.has_ended());
        drop(running);
        assert!(!folder.exists());
    }

    #[test]
    fn a_program_that_is_not_there_is_told() {
        let mut missing = Command::new("/nowhere/crm_node");
        let error = run(&mut missing, Deadline::after(LONG)).unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with("it cannot be started: No such file"),
            "{told}"
        );
    }
}
