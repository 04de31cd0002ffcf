//! A data directory as initdb makes it, made once and copied for each server.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::install::Install;
use super::{MONITOR, ORDINARY, SUPERUSER};
use crate::kept::{copy_all, kept};
use crate::running::run;
use crate::scratch::Scratch;
use crate::trouble::Trouble;

/// Options of initdb.
const OPTIONS: &[&str] = &[
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
];

/// The roles of every server, one statement a line as single-user mode reads them.
fn roles() -> String {
    format!("CREATE ROLE {ORDINARY} LOGIN\nCREATE ROLE {MONITOR} LOGIN IN ROLE pg_monitor\n")
}

/// Copies the template with WAL segments of so many megabytes to `target` in `scratch`, and makes it first if there is
/// none.
pub(super) fn copy(
    install: &Install,
    scratch: &Scratch,
    segment: u32,
    target: &Path,
) -> Result<(), Trouble> {
    // A template made in another way has another name.
    let mut hasher = DefaultHasher::new();
    (OPTIONS, roles()).hash(&mut hasher);
    let (label, way) = (install.label(), hasher.finish());
    let name = format!("postgres-template-{label}-{segment}-{way:x}");
    copy_all(
        &kept(&name, scratch, || make(install, scratch, segment))?,
        target,
        scratch,
    )
}

fn make(install: &Install, scratch: &Scratch, segment: u32) -> Result<PathBuf, Trouble> {
    let path = scratch.path().join("template");
    install.make_dir(&path, 0o700)?;
    let mut initdb = install.command(scratch, "initdb");
    initdb
        .arg("--pgdata")
        .arg(&path)
        .args(["--username", SUPERUSER])
        .arg(format!("--wal-segsize={segment}"))
        .args(OPTIONS);
    run(initdb)?;
    add_roles(install, scratch, &path)?;
    Ok(path)
}

fn add_roles(install: &Install, scratch: &Scratch, path: &Path) -> Result<(), Trouble> {
    let mut single = install.command(scratch, "postgres");
    single.arg("--single").arg("-D").arg(path).arg("postgres");
    let doing = "give the template its roles";
    let mut child = single
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Trouble::io(doing))?;
    if let Some(mut stdin) = child.stdin.take() {
        let written = stdin.write_all(roles().as_bytes());
        written.map_err(Trouble::io(doing))?;
    }
    let output = child.wait_with_output().map_err(Trouble::io(doing))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && !said.contains("ERROR") {
        return Ok(());
    }
    Err(Trouble::Program {
        command: format!("{single:?}"),
        status: output.status,
        output: said,
    })
}
