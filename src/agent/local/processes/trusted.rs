//! Decides which of the processes that bear a resource's marks is its server, where no data directory tells. Any user can
//! give a process these marks, so its user and its program count. Signals no process.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::fstat;
use rustix::process::Uid;
use thiserror::Error;

use super::own::{Marks, OwnPostmaster, own};
use super::procfs::{program, program_file};

/// The first user ID of ordinary users (`UID_MIN` in login.defs(5)): a server's user is a system user.
const ORDINARY: u32 = 1000;

/// What the resource's server is expected to be.
#[derive(Clone, Copy, Debug)]
pub(in crate::agent::local) struct Expected<'a> {
    /// The user ID of `system_user`, if that name can be looked up.
    pub(in crate::agent::local) user: Option<Uid>,
    /// The directory of its programs.
    pub(in crate::agent::local) bindir: &'a Path,
}

/// Why it is not known which process is the resource's server.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(in crate::agent::local) enum UnclearServer {
    /// Several processes could be.
    #[error(
        "processes {0} and {1} could both be the server of this resource; stop the one that is not"
    )]
    Several(i32, i32),
    /// The program of a process is not the server's.
    #[error(
        "process {0} could be the server of this resource, but its program is not postgres in bindir; set bindir, or stop it"
    )]
    Program(i32),
    /// The user of a process need not be the server's.
    #[error(
        "process {pid} of user {uid} could be the server of this resource, but that user is not known to be system_user; set pgdata and system_user, or stop it"
    )]
    User {
        /// The process.
        pid: i32,
        /// Its user.
        uid: u32,
    },
    /// No path leads to the data directory of the server.
    #[error(
        "process {0} is the server of this resource, and no path leads to its data directory; stop it"
    )]
    NoPath(i32),
}

/// What is known of a process that bears the marks.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    pid: i32,
    uid: Uid,
    /// Whether its program is `postgres` in `bindir`.
    program: ProgramMatch,
    /// Whether its user owns the directory that it works in.
    owns_directory: bool,
}

/// How the program of a process compares with the file in `bindir`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProgramMatch {
    /// It is the same file, which only root or the process's user can change.
    Same,
    /// It had that path, and was replaced since, as by an upgrade.
    Replaced,
    /// It is another file.
    Other,
}

/// Returns the resource's servers that a user runs in another directory than this one. Where the user is not known, the
/// one that can be trusted to be the resource's.
pub(in crate::agent::local) fn elsewhere(
    marks: &Marks<'_>,
    user: Option<Uid>,
    datadir: &Path,
    bindir: &Path,
) -> Result<Vec<OwnPostmaster>, UnclearServer> {
    let mut found = own(marks, user);
    found.retain(|one| one.runs_elsewhere(datadir));
    if user.is_some() {
        return Ok(found);
    }
    let expected = Expected { user, bindir };
    Ok(chosen(found, expected)?.into_iter().collect())
}

/// Returns the resource's server among those that bear its marks.
fn chosen(
    found: Vec<OwnPostmaster>,
    expected: Expected<'_>,
) -> Result<Option<OwnPostmaster>, UnclearServer> {
    let seen: Vec<Candidate> = found.iter().map(|one| examine(one, expected)).collect();
    let pid = choose(&seen, expected.user)?;
    Ok(found.into_iter().find(|one| Some(one.process.pid()) == pid))
}

/// Returns the data directory of the resource's running server.
pub(in crate::agent::local) fn place(
    marks: &Marks<'_>,
    expected: Expected<'_>,
) -> Result<Option<PathBuf>, UnclearServer> {
    let Some(server) = chosen(own(marks, None), expected)? else {
        return Ok(None);
    };
    let place = server.place();
    place
        .map(Some)
        .ok_or(UnclearServer::NoPath(server.process.pid()))
}

fn examine(one: &OwnPostmaster, expected: Expected<'_>) -> Candidate {
    Candidate {
        pid: one.process.pid(),
        uid: one.uid,
        program: compare(one, expected.bindir),
        owns_directory: fstat(one.opened()).is_ok_and(|found| found.st_uid == one.uid.as_raw()),
    }
}

fn compare(one: &OwnPostmaster, bindir: &Path) -> ProgramMatch {
    let path = bindir.join("postgres");
    let Ok(right) = fs::metadata(&path) else {
        return ProgramMatch::Other;
    };
    let is_guarded = right.uid() == 0 || right.uid() == one.uid.as_raw();
    let runs = program_file(one.process.pid);
    if runs.is_some_and(|runs| runs == (right.dev(), right.ino())) && is_guarded {
        return ProgramMatch::Same;
    }
    let Ok(mut before) = fs::canonicalize(&path).map(PathBuf::into_os_string) else {
        return ProgramMatch::Other;
    };
    before.push(" (deleted)");
    if program(one.process.pid).is_some_and(|name| name == *before) {
        ProgramMatch::Replaced
    } else {
        ProgramMatch::Other
    }
}

/// Returns the process that is the server. One of an ordinary user counts for nothing where the server's user is known:
/// otherwise any user could have a stop fail. One of another system user may be the server, if `system_user` is wrong.
fn choose(found: &[Candidate], user: Option<Uid>) -> Result<Option<i32>, UnclearServer> {
    let is_ordinary = |one: &Candidate| one.uid.as_raw() >= ORDINARY;
    let foreign_user = |one: &Candidate| {
        Err(UnclearServer::User {
            pid: one.pid,
            uid: one.uid.as_raw(),
        })
    };
    let (ours, others): (Vec<Candidate>, Vec<Candidate>) = found
        .iter()
        .partition(|one| user.is_none_or(|user| one.uid == user));
    if let [first, second, ..] = ours[..] {
        return Err(UnclearServer::Several(first.pid, second.pid));
    }
    let Some(one) = ours.first() else {
        for other in &others {
            let pid = other.pid;
            if !is_ordinary(other) {
                return foreign_user(other);
            }
            tracing::warn!(
                "process {pid} claims to be the server of this resource: its user is not system_user"
            );
        }
        return Ok(None);
    };
    match (one.program, user) {
        (ProgramMatch::Same, _) | (ProgramMatch::Replaced, Some(_)) => {}
        (ProgramMatch::Replaced, None) | (ProgramMatch::Other, _) => {
            return Err(UnclearServer::Program(one.pid));
        }
    }
    // Without a name, nothing but this tells a server's user from any other.
    if user.is_none() && (is_ordinary(one) || !one.owns_directory) {
        return foreign_user(one);
    }
    Ok(Some(one.pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTGRES: u32 = 109;
    const BACKUP: u32 = 34;
    const MALLORY: u32 = 1001;

    fn one(pid: i32, uid: u32) -> Candidate {
        Candidate {
            pid,
            uid: Uid::from_raw(uid),
            program: ProgramMatch::Same,
            owns_directory: true,
        }
    }

    fn of(program: ProgramMatch) -> Candidate {
        Candidate {
            program,
            ..one(7, POSTGRES)
        }
    }

    #[test]
    fn only_a_process_of_the_servers_user_is_the_server() {
        let user = Some(Uid::from_raw(POSTGRES));
        let (server, mallory) = (one(7, POSTGRES), one(3, MALLORY));
        assert_eq!(choose(&[mallory, server], user), Ok(Some(7)));
        assert_eq!(choose(&[mallory], user), Ok(None));
        assert_eq!(choose(&[], user), Ok(None));
        let several = Err(UnclearServer::Several(3, 7));
        assert_eq!(choose(&[one(3, POSTGRES), server], user), several);
        // The server may have been started while system_user was another one.
        let doubt = Err(UnclearServer::User { pid: 3, uid: 34 });
        assert_eq!(choose(&[one(3, BACKUP)], user), doubt);
    }

    #[test]
    fn its_program_is_the_one_in_bindir() {
        let user = Some(Uid::from_raw(POSTGRES));
        let wrong = Err(UnclearServer::Program(7));
        assert_eq!(choose(&[of(ProgramMatch::Other)], user), wrong);
        assert_eq!(choose(&[of(ProgramMatch::Replaced)], user), Ok(Some(7)));
        assert_eq!(choose(&[of(ProgramMatch::Replaced)], None), wrong);
    }

    #[test]
    fn where_the_name_cannot_be_looked_up_only_a_lone_system_user_is_believed() {
        assert_eq!(choose(&[one(7, POSTGRES)], None), Ok(Some(7)));
        let doubt = Err(UnclearServer::User { pid: 3, uid: 1001 });
        assert_eq!(choose(&[one(3, MALLORY)], None), doubt);
        let several = Err(UnclearServer::Several(3, 7));
        assert_eq!(choose(&[one(3, MALLORY), one(7, POSTGRES)], None), several);
        let foreign = Candidate {
            owns_directory: false,
            ..one(7, POSTGRES)
        };
        let doubt = Err(UnclearServer::User { pid: 7, uid: 109 });
        assert_eq!(choose(&[foreign], None), doubt);
    }
}
