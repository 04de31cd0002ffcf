//! Folders that take long to make, kept beside the test programs: copying one takes a tenth of the time,
//! and test runners start a process a test. Knows nothing of what is in them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::running::run;
use crate::scratch::Scratch;
use crate::trouble::Trouble;

/// Where the folder of this name is kept; `make` makes it if there is none. One that is made in another way
/// must have another name.
pub fn kept(
    name: &str,
    scratch: &Scratch,
    make: impl FnOnce() -> Result<PathBuf, Trouble>,
) -> Result<PathBuf, Trouble> {
    let kept = beside_the_program()?.join(name);
    let doing = format!("lock {}", kept.display());
    let lock = File::create(kept.with_extension("lock")).map_err(Trouble::io(&*doing))?;
    flock(&lock, FlockOperation::LockExclusive)
        .map_err(|errno| Trouble::io(doing)(errno.into()))?;
    if !kept.exists() {
        keep(&make()?, &kept, scratch)?;
    }
    Ok(kept)
}

/// Copies a folder, with owners and modes, to where nothing is yet.
pub fn copy_all(from: &Path, to: &Path, scratch: &Scratch) -> Result<(), Trouble> {
    let mut copy = scratch.command("cp");
    copy.args(["--archive", "--reflink=auto", "--no-target-directory"])
        .arg(from)
        .arg(to);
    run(copy).map(drop)
}

/// In cargo's target directory: a build product like any other.
fn beside_the_program() -> Result<PathBuf, Trouble> {
    let program = std::env::current_exe().map_err(Trouble::io("find the running program"))?;
    program
        .ancestors()
        .skip(1)
        .find(|path| !path.ends_with("deps") && !path.ends_with("examples"))
        .map(Path::to_path_buf)
        .ok_or_else(|| Trouble::Unfit("the running program is in no directory".into()))
}

/// Puts the folder in its place in one step: whoever sees it, sees all of it.
fn keep(made: &Path, kept: &Path, scratch: &Scratch) -> Result<(), Trouble> {
    let partial = kept.with_extension("partial");
    if partial.exists() {
        let doing = format!("remove {}", partial.display());
        fs::remove_dir_all(&partial).map_err(Trouble::io(doing))?;
    }
    copy_all(made, &partial, scratch)?;
    fs::rename(&partial, kept).map_err(Trouble::io(format!("keep {}", kept.display())))
}
