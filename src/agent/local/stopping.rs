//! Stops the server, with no more force than necessary, and removes what a dead server has left. Knows nothing of
//! its role.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use super::files;
use super::polling::PollPace;
use super::processes::{self, NamedProcess, OwnPostmaster, Process, wait_all};
use crate::agent::actions::{Force, ServerError, Shutdown};
use crate::base::Deadline;
use crate::base::system_clock::OnSystemClock;
use crate::postgres::control::ClusterState;
use crate::postgres::pid_file;

/// How long an immediate shutdown may take: after five seconds a postmaster kills its processes itself
/// (`SIGKILL_CHILDREN_AFTER_SECS` in `src/backend/postmaster/postmaster.c`).
const IMMEDIATE: Duration = Duration::from_secs(6);
/// How long the kernel may take to end a killed process.
const KILL: Duration = Duration::from_secs(4);
/// How long a server that does not answer gets for an orderly shutdown.
const HASTY: Duration = Duration::from_secs(5);
/// How long orphaned processes get to end by themselves.
const ORPHANS: Duration = Duration::from_secs(2);

/// Stops it, and waits until none of its processes is left. `pg_ctl stop` would send the same signal, to
/// whatever process has the ID, and check ten times a second whether the file is gone.
pub(super) fn stop(
    datadir: &Path,
    shutdown: Shutdown,
    deadline: Deadline,
) -> Result<Force, ServerError> {
    end_launch(datadir, deadline)?;
    let Some(postmaster) = processes::postmaster(datadir) else {
        end_orphans(datadir, deadline)?;
        return Ok(written(datadir));
    };
    let postmaster = postmaster.process;
    postmaster.signal(Signal::INT);
    let patience = match shutdown {
        // It answers, so it is not frozen.
        Shutdown::Orderly => deadline.left(),
        Shutdown::Hasty => {
            thaw(datadir, &postmaster);
            HASTY
        }
    };
    end(&postmaster, datadir, patience, deadline)
}

/// Stops one of the resource's servers that runs in another directory. It was not asked, so it is not known whether it
/// answers.
pub(super) fn stop_elsewhere(
    own: &OwnPostmaster,
    deadline: Deadline,
) -> Result<Force, ServerError> {
    let directory = own.directory();
    if is_replaced(&directory) {
        end_at_once(&own.process, &directory, deadline)?;
        end_orphans(&directory, deadline)?;
        return Ok(Force::Needed);
    }
    own.process.signal(Signal::INT);
    thaw(&directory, &own.process);
    end(&own.process, &directory, deadline.left(), deadline)
}

/// Returns whether the path at which a server was started leads to another directory by now. The server finds its
/// control file by that path (`UpdateControlFile` in `src/backend/access/transam/xlog.c`), so an orderly shutdown would
/// be written into the other directory's.
fn is_replaced(directory: &Path) -> bool {
    let file = pid_file::read(&directory.join("postmaster.pid")).unwrap_or_default();
    let path = file.lines().nth(1).map(Path::new);
    path.is_some_and(|path| files::lead_to_one(path, directory).is_ok_and(|is_same| !is_same))
}

/// Waits for the end of a server that was told to stop, and ends it by force if that takes too long.
fn end(
    postmaster: &Process,
    datadir: &Path,
    patience: Duration,
    deadline: Deadline,
) -> Result<Force, ServerError> {
    // If there is little time, each step gets its share.
    let part = deadline.left() / 5;
    let left = IMMEDIATE.min(part).saturating_add(KILL.min(part));
    let patience = deadline.leaving(left).within(patience);
    let mut orderly = postmaster.wait(patience.within(HASTY));
    if orderly.is_none() && !recovers_from_crash(datadir) {
        orderly = postmaster.wait(patience);
    }
    if orderly.is_none() {
        tracing::warn!("the server does not stop: requesting an immediate shutdown");
        end_at_once(postmaster, datadir, deadline)?;
    }
    end_orphans(datadir, deadline)?;
    Ok(match orderly {
        Some(()) => written(datadir),
        None => Force::Needed,
    })
}

/// Returns whether it still recovers from a crash, and so has accepted no connection. A server of which a process
/// crashed, and that is told to stop while it recovers from that, may wait forever for its checkpointer, which is never
/// told to stop (`PM_WAIT_BACKENDS` in `src/backend/postmaster/postmaster.c`, PostgreSQL 15).
fn recovers_from_crash(datadir: &Path) -> bool {
    files::control(datadir).is_ok_and(|control| control.state == ClusterState::CrashRecovery)
}

/// Ends it without a checkpoint, as a crash would.
fn end_at_once(
    postmaster: &Process,
    datadir: &Path,
    deadline: Deadline,
) -> Result<(), ServerError> {
    let patience = deadline
        .leaving(KILL.min(deadline.left() / 2))
        .within(IMMEDIATE);
    postmaster.signal(Signal::QUIT);
    thaw(datadir, postmaster);
    if postmaster.wait(patience).is_none() {
        tracing::warn!("the server does not end: killing its processes");
        kill_all(datadir, postmaster, deadline)?;
    }
    Ok(())
}

/// Continues processes that were stopped by a signal; otherwise they would not handle the signal that they were sent.
fn thaw(datadir: &Path, postmaster: &Process) {
    postmaster.thaw();
    for process in processes::all(datadir) {
        process.thaw();
    }
}

fn kill_all(datadir: &Path, postmaster: &Process, deadline: Deadline) -> Result<(), ServerError> {
    let others = processes::all(datadir);
    // First, so that it starts no more processes.
    postmaster.signal(Signal::KILL);
    for process in &others {
        process.signal(Signal::KILL);
    }
    let ended = postmaster
        .wait(deadline)
        .and_then(|()| wait_all(&others, deadline));
    ended.ok_or(ServerError::Late("the end of the killed server"))
}

/// Returns how it ended according to its control file.
fn written(datadir: &Path) -> Force {
    match files::control(datadir).map(|control| control.state) {
        Ok(ClusterState::ShutDown | ClusterState::ShutDownInRecovery) => Force::None,
        Ok(
            ClusterState::StartingUp
            | ClusterState::ShuttingDown
            | ClusterState::CrashRecovery
            | ClusterState::ArchiveRecovery
            | ClusterState::Production,
        )
        | Err(_) => Force::Needed,
    }
}

/// Ends the programs that are about to start the server. One that waits for a disk in the kernel cannot be killed: then
/// the server has not been stopped.
fn end_launch(datadir: &Path, deadline: Deadline) -> Result<(), ServerError> {
    let launching = processes::launching(datadir);
    for program in &launching {
        tracing::warn!(
            "killing process {}, which is about to start the server",
            program.pid()
        );
        program.signal(Signal::KILL);
    }
    wait_all(&launching, deadline).ok_or(ServerError::Late(
        "the end of the programs that are about to start the server",
    ))
}

/// Ends what is left of a server that does not run: programs that are about to start it again, and processes of its own.
pub(super) fn sweep(datadir: &Path, deadline: Deadline) -> Result<(), ServerError> {
    end_launch(datadir, deadline)?;
    end_orphans(datadir, deadline)
}

/// Returns whether a process of a server, or a program that is about to start one, is left.
pub(super) fn is_left(datadir: &Path) -> bool {
    !processes::launching(datadir).is_empty() || !processes::all(datadir).is_empty()
}

/// Ends the processes that a dead server has left running: they notice by themselves that their postmaster is gone,
/// unless they are busy or frozen, and the next server cannot start before they end.
fn end_orphans(datadir: &Path, deadline: Deadline) -> Result<(), ServerError> {
    if processes::postmaster(datadir).is_some() {
        return Ok(());
    }
    let orphans = processes::all(datadir);
    for orphan in &orphans {
        orphan.signal(Signal::QUIT);
        orphan.thaw();
    }
    if wait_all(&orphans, deadline.within(ORPHANS)).is_some() {
        return Ok(());
    }
    // One may have been about to start another.
    let mut pace = PollPace::every(Duration::from_millis(20));
    loop {
        let left = processes::all(datadir);
        if left.is_empty() {
            return Ok(());
        }
        for process in &left {
            process.signal(Signal::KILL);
        }
        if wait_all(&left, deadline).is_none() || pace.pause(deadline).is_none() {
            return Err(ServerError::Late(
                "the end of the processes that a dead server has left",
            ));
        }
    }
}

/// Removes a `postmaster.pid` whose process ID now belongs to another process of the same user, or to a zombie, or that
/// is empty: PostgreSQL only checks that the process ID exists, and would not start (`CreateLockFile` in
/// `src/backend/utils/init/miscinit.c`). It removes any other by itself, but waits forever on a FIFO.
pub(super) fn clear_pid_file(datadir: &Path) -> Result<(), ServerError> {
    let path = datadir.join("postmaster.pid");
    let why = match processes::named(datadir) {
        NamedProcess::Other(pid) => format!("process ID {pid} belongs to another process"),
        NamedProcess::Nobody => {
            let why = match fs::metadata(&path) {
                Ok(file) if !file.is_file() => "it is not a regular file",
                Ok(file) if file.len() == 0 => "it is empty",
                Ok(_) | Err(_) => return Ok(()),
            };
            // A server that starts works in its directory before it creates the file.
            if !processes::all(datadir).is_empty() {
                return Ok(());
            }
            why.into()
        }
        NamedProcess::Postmaster(_) => return Ok(()),
    };
    tracing::warn!("removing the stale {}: {why}", path.display());
    fs::remove_file(&path).map_err(|error| ServerError::File {
        what: format!("cannot remove {}", path.display()),
        cause: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::base::regular_file;

    #[test]
    fn a_postmaster_that_ignores_signals_is_killed_in_time() {
        let datadir = tempfile::tempdir().unwrap();
        let heedless = Command::new("/bin/sh")
            .args(["-c", "trap '' INT QUIT; echo; while :; do sleep 1; done"])
            .current_dir(datadir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = heedless.unwrap();
        // From now on it ignores the signals.
        let mut said = [0];
        let stdout = child.stdout.as_mut().unwrap();
        stdout.read_exact(&mut said).unwrap();
        let file = format!("{}\n{}\n", child.id(), datadir.path().display());
        fs::write(datadir.path().join("postmaster.pid"), file).unwrap();
        let deadline = Deadline::after(Duration::from_secs(2));
        let stopped = stop(datadir.path(), Shutdown::Orderly, deadline);
        assert_eq!(stopped.unwrap(), Force::Needed);
        assert!(!deadline.has_passed());
        let signal = child.wait().unwrap().signal();
        assert_eq!(signal, Some(Signal::KILL.as_raw()));
    }

    #[test]
    fn a_pid_file_is_removed_only_if_another_process_has_its_id() {
        let datadir = tempfile::tempdir().unwrap();
        let path = datadir.path().join("postmaster.pid");
        let cleared = |pid: u32| {
            fs::write(&path, format!("{pid}\n{}\n", datadir.path().display())).unwrap();
            clear_pid_file(datadir.path()).unwrap();
            !path.exists()
        };
        clear_pid_file(datadir.path()).unwrap();
        // The process runs in another directory.
        assert!(cleared(std::process::id()));
        let sleep = Command::new("/bin/sleep")
            .arg("60")
            .current_dir(datadir.path())
            .spawn();
        let mut child = sleep.unwrap();
        assert!(!cleared(child.id()));
        child.kill().unwrap();
        let as_zombie = || matches!(processes::named(datadir.path()), NamedProcess::Other(_));
        while !as_zombie() {
            PollPace::every(Duration::from_millis(1))
                .pause(Deadline::after(Duration::from_secs(1)));
        }
        assert!(cleared(child.id()));
        child.wait().unwrap();
        // No process has the ID: the server sees that, too.
        assert!(!cleared(child.id()));
        fs::write(&path, "").unwrap();
        clear_pid_file(datadir.path()).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_pid_file_that_is_not_a_regular_file_is_removed() {
        let datadir = tempfile::tempdir().unwrap();
        let path = datadir.path().join("postmaster.pid");
        regular_file::traps::each(&path, |trap| {
            let cleared = clear_pid_file(datadir.path());
            let gone = fs::symlink_metadata(&path).is_err();
            match trap {
                // A directory in its place is reported.
                "folder" => assert!(cleared.unwrap_err().to_string().contains("cannot remove")),
                // PostgreSQL judges this one.
                "sparse file of 1 GB" => assert!(cleared.is_ok() && !gone),
                _ => assert!(cleared.is_ok() && gone, "{trap}"),
            }
        });
    }
}
