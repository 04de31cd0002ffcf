//! Runs another program to its end, or kills it at a deadline. Does not know what it prints.
//!
//! The output goes to memory files and not through pipes: a process that the program leaves running, such as a server,
//! could keep the other end of a pipe open for as long as it runs.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use thiserror::Error;

use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;

/// Largest output on each of standard output and standard error, in bytes.
const MOST: u64 = 16 << 20;

/// Most characters of the first line of standard error in an error message.
const MOST_COMPLAINT: usize = 500;

/// Interval of polling a process if the kernel has no pidfd to wait on: before Linux 5.3, as in
/// Red Hat's 8.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output.
    pub printed: String,
    /// Its standard error.
    pub complaint: String,
}

/// A program could not be run to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// It cannot be started.
    #[error("it cannot be started: {0}")]
    Start(io::Error),
    /// It did not end in time.
    #[error("it did not end in time")]
    Late,
    /// Its output exceeds the limit.
    #[error("it printed {} MB or more, which is too much", MOST >> 20)]
    TooMuchOutput,
    /// Its output cannot be captured.
    #[error("its output cannot be captured: {0}")]
    Capture(#[from] io::Error),
}

/// A program ended with an error status.
#[derive(Debug, Error)]
#[error("{program} failed ({status}): {complaint}")]
pub struct Failed {
    program: String,
    status: ExitStatus,
    complaint: String,
}

impl Ended {
    /// Returns its standard output if it succeeded.
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
    /// Whether the error means that the program does not exist.
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Start(error) => error.kind() == ErrorKind::NotFound,
            Self::Late | Self::TooMuchOutput | Self::Capture(_) => false,
        }
    }
}

/// Runs a program without input.
pub fn run(command: &mut Command, deadline: Deadline) -> Result<Ended, RunError> {
    RunningProgram::start(command)?.end(deadline)
}

/// Runs a program with a file as its standard input.
pub fn run_on(command: &mut Command, input: File, deadline: Deadline) -> Result<Ended, RunError> {
    RunningProgram::start_with(command, input)?.end(deadline)
}

/// A program that runs concurrently; it is killed when this is dropped.
#[derive(Debug)]
pub struct RunningProgram {
    child: Child,
    printed: File,
    complaint: File,
}

impl RunningProgram {
    /// Starts a program without input.
    pub fn start(command: &mut Command) -> Result<Self, RunError> {
        Self::start_on(command, Stdio::null())
    }

    /// Starts a program with a file as its standard input, which is open for as long as the program or one that it has
    /// started runs.
    pub fn start_with(command: &mut Command, input: File) -> Result<Self, RunError> {
        Self::start_on(command, input.into())
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

    /// Its process ID.
    #[cfg(test)]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended; true also if its status cannot be determined.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Returns the end of what it has printed on standard error so far, at most so many bytes.
    pub fn last_words(&self, most: u16) -> String {
        let mut bytes = vec![0; usize::from(most)];
        // The offset is shared with the program, so it is the end of the output.
        let mut shared = &self.complaint;
        let end = shared.stream_position().unwrap_or_default();
        let from = end.saturating_sub(u64::from(most));
        let length = self.complaint.read_at(&mut bytes, from).unwrap_or_default();
        let length = length.min(usize::try_from(end.saturating_sub(from)).unwrap_or_default());
        bytes.truncate(length);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits for its end; if the deadline passes first, kills it.
    pub fn end(mut self, deadline: Deadline) -> Result<Ended, RunError> {
        let handle = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()).ok();
        let has_ended = || Ok(self.child.try_wait()?.is_some());
        if !wait_for_end(handle.as_ref(), has_ended, deadline)? {
            return Err(RunError::Late);
        }
        Ok(Ended {
            status: self.child.wait()?,
            printed: output(&mut self.printed)?,
            complaint: output(&mut self.complaint)?,
        })
    }
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        // Neither affects a process that has ended and been waited for.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Waits for the end of a process, with its pidfd if there is one; returns false if the deadline passes first.
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
            deadline.pause(POLL_INTERVAL);
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
    // Writing beyond the limit fails in the program (memfd_create(2)).
    fcntl_add_seals(&memory, SealFlags::GROW)?;
    Ok(memory.into())
}

fn output(file: &mut File) -> Result<String, RunError> {
    let mut bytes = Vec::new();
    // The file offset is shared with the program, so it is the end of the output.
    let length = file.stream_position()?;
    if length >= MOST {
        return Err(RunError::TooMuchOutput);
    }
    file.rewind()?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests;
