//! A data directory as initdb makes it, kept beside the test programs: copying it takes a tenth of
//! the time of making it, and test runners start a process a test.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::fs::{FlockOperation, flock};

use super::install::Install;
use super::{MONITOR, ORDINARY, SUPERUSER};
use crate::running::run;
use crate::scratch::Scratch;
use crate::trouble::Trouble;

/// Options of initdb. Segments of 1 MB are quicker to copy than the usual 16 MB.
const OPTIONS: &[&str] = &[
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--wal-segsize=1",
    "--no-sync",
    "--no-instructions",
];

/// The roles of every server, one statement a line as single-user mode reads them.
fn roles() -> String {
    format!("CREATE ROLE {ORDINARY} LOGIN\nCREATE ROLE {MONITOR} LOGIN IN ROLE pg_monitor\n")
}

/// Copies the template to `target` in `scratch`, and makes it first if there is none.
pub(super) fn copy(install: &Install, scratch: &Scratch, target: &Path) -> Result<(), Trouble> {
    let kept = kept_at(install)?;
    let doing = format!("lock {}", kept.display());
    let lock = File::create(kept.with_extension("lock")).map_err(Trouble::io(&*doing))?;
    flock(&lock, FlockOperation::LockExclusive)
        .map_err(|errno| Trouble::io(doing)(errno.into()))?;
    if !kept.exists() {
        keep(&make(install, scratch)?, &kept, scratch)?;
    }
    drop(lock);
    copy_all(&kept, target, scratch)
}

/// Beside the test programs, in cargo's target directory: a build product like any other.
fn kept_at(install: &Install) -> Result<PathBuf, Trouble> {
    let program = std::env::current_exe().map_err(Trouble::io("find the running program"))?;
    let directory = program
        .ancestors()
        .skip(1)
        .find(|path| !path.ends_with("deps") && !path.ends_with("examples"))
        .ok_or_else(|| Trouble::Unfit("the running program is in no directory".into()))?;
    // A template made in another way has another name.
    let mut hasher = DefaultHasher::new();
    (OPTIONS, roles()).hash(&mut hasher);
    let (label, way) = (install.label(), hasher.finish());
    Ok(directory.join(format!("postgres-template-{label}-{way:x}")))
}

fn make(install: &Install, scratch: &Scratch) -> Result<PathBuf, Trouble> {
    let path = scratch.path().join("template");
    install.make_dir(&path, 0o700)?;
    let mut initdb = install.command(scratch, "initdb");
    initdb
        .arg("--pgdata")
        .arg(&path)
        .args(["--username", SUPERUSER])
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

/// Puts the template in its place in one step: whoever sees it, sees all of it.
fn keep(made: &Path, kept: &Path, scratch: &Scratch) -> Result<(), Trouble> {
    let partial = kept.with_extension("partial");
    if partial.exists() {
        let doing = format!("remove {}", partial.display());
        fs::remove_dir_all(&partial).map_err(Trouble::io(doing))?;
    }
    copy_all(made, &partial, scratch)?;
    fs::rename(&partial, kept).map_err(Trouble::io(format!("keep {}", kept.display())))
}

fn copy_all(from: &Path, to: &Path, scratch: &Scratch) -> Result<(), Trouble> {
    let mut copy = scratch.command("cp");
    copy.args(["--archive", "--reflink=auto", "--no-target-directory"])
        .arg(from)
        .arg(to);
    run(copy).map(drop)
}
