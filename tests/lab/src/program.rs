//! Runs other programs to their end, always with a deadline; knows no host.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};

use crate::error::Error;

/// A program that timeout(1) ends, with all it started, when `limit` is over.
pub(crate) fn within(limit: Duration, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command
        .arg("--kill-after=5")
        .arg(format!("{:.3}", limit.as_secs_f64()))
        .arg(program)
        .stdin(Stdio::null());
    command
}

/// What a program that succeeded wrote to standard output; the error says what it was `doing`.
pub(crate) fn output(command: &mut Command, doing: &str) -> Result<String, Error> {
    let output = finish(command).map_err(Error::io(format!("run {command:?}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Error::Command {
        doing: doing.to_owned(),
        said: complaint(&output),
    })
}

/// How a program ended and what it wrote. A pipe would stay open, and be waited for, as long as
/// something that the program started and left behind; a file does not.
pub(crate) fn finish(command: &mut Command) -> io::Result<Output> {
    let file = || memfd_create("output", MemfdFlags::CLOEXEC).map(File::from);
    let (mut stdout, mut stderr) = (file()?, file()?);
    let status = command
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?)
        .status()?;
    let mut output = Output {
        status,
        stdout: Vec::new(),
        stderr: Vec::new(),
    };
    for (file, text) in [
        (&mut stdout, &mut output.stdout),
        (&mut stderr, &mut output.stderr),
    ] {
        file.rewind()?;
        file.read_to_end(text)?;
    }
    Ok(output)
}

/// Why a program failed, in one line: the end of what it wrote, else how it ended.
pub(crate) fn complaint(output: &Output) -> String {
    if output.status.code() == Some(124) {
        return format!("it took too long; {}", last_lines(output));
    }
    let said = last_lines(output);
    if said.is_empty() {
        output.status.to_string()
    } else {
        said
    }
}

fn last_lines(output: &Output) -> String {
    let text = if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    };
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().rev().take(8).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str) -> Command {
        let mut command = within(Duration::from_secs(10), "sh");
        command.args(["-c", text]);
        command
    }

    #[test]
    fn a_failure_says_what_was_done_and_what_was_written() {
        let said = output(&mut shell("echo no such thing >&2; exit 3"), "looking").unwrap_err();
        assert_eq!(said.to_string(), "looking failed: no such thing");
    }

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for() {
        let began = std::time::Instant::now();
        let said = output(&mut shell("sleep 5 & echo started"), "starting").unwrap();
        assert_eq!(said, "started\n");
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_and_said_so() {
        let mut command = within(Duration::from_millis(50), "sleep");
        let said = output(command.arg("60"), "waiting").unwrap_err();
        assert!(said.to_string().contains("it took too long"), "{said}");
    }
}
