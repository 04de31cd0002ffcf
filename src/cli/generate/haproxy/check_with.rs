//! `generate haproxy --check-with`: has a program of the operator check the configuration; does not know the contents.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};

use crate::base::Deadline;
use crate::base::program::{self, Ended, RunError};
use crate::base::system_clock::OnSystemClock;
use crate::cli::exit::Exit;

/// Longest time for the check: the program may look up the names of many servers.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Fails if `PROGRAM -c -f` refuses the text.
pub(super) fn accepts(program: &Path, text: &str) -> Result<(), Exit> {
    let output = ask(program, text).map_err(|error| {
        let shown = program.display();
        Exit::Failure.saying(&format!("pgsql-state: cannot run {shown}: {error}"))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = output.complaint;
    Err(Exit::Failure.saying(&format!(
        "pgsql-state: {} refuses the configuration, so it is not printed ({}):\n{said}",
        program.display(),
        output.status
    )))
}

/// Passes the text in a memory file and not on disk, because it may contain a secret.
fn ask(program: &Path, text: &str) -> Result<Ended, RunError> {
    let mut file =
        File::from(memfd_create("haproxy.cfg", MemfdFlags::CLOEXEC).map_err(io::Error::from)?);
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    let mut command = Command::new(program);
    command.args(["-c", "-f", "/dev/stdin"]);
    program::run_on(&mut command, file, Deadline::after(TIMEOUT))
}
