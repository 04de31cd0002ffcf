//! Has a program of the operator's say whether it would take a configuration; knows not what is in it.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::process::{Command, Output};

use rustix::fs::{MemfdFlags, memfd_create};

use super::exit::Exit;

/// Ends the program where `PROGRAM -c -f` refuses the text.
pub(super) fn accepts(program: &Path, text: &str) -> Result<(), Exit> {
    let output = ask(program, text).map_err(|error| {
        let shown = program.display();
        Exit::Failure.saying(&format!("pgsql-state: cannot ask {shown}: {error}"))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Exit::Failure.saying(&format!(
        "pgsql-state: {} refuses the configuration, which is not printed ({}):\n{said}",
        program.display(),
        output.status
    )))
}

/// The text goes through memory: it may hold a secret.
fn ask(program: &Path, text: &str) -> io::Result<Output> {
    let mut file = File::from(memfd_create("haproxy.cfg", MemfdFlags::CLOEXEC)?);
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Command::new(program)
        .args(["-c", "-f", "/dev/stdin"])
        .stdin(file)
        .output()
}
