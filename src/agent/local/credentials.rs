//! Gives a thread the rights of the server's user, in a way that this user cannot end the agent, and gives a program them for
//! good. Knows neither a name nor a path.
//!
//! A process may send a signal to any thread whose real or saved user ID is its own (kill(2)), and a signal such as SIGKILL
//! ends the whole agent. So a thread that acts as the user has that ID as its effective one only: files, sockets and
//! signals that it sends are subject to that (credentials(7)). Its saved ID remains 0. Its real ID, with which it could
//! otherwise signal processes of root, is one that no user has.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::thread;

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, getegid, geteuid, getuid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, set_capabilities, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};

/// A user ID that no user has: it is -1 in 16 bits (<https://systemd.io/UIDS-GIDS>).
const NO_USER: u32 = 65535;

/// Has this thread act as a user until it ends.
pub(super) fn enter(uid: Uid, gid: Gid, groups: &[Gid]) -> io::Result<()> {
    set_thread_groups(groups)?;
    set_thread_res_gid(gid, gid, gid)?;
    match set_thread_res_uid(Uid::from_raw(NO_USER), uid, Uid::ROOT) {
        // In a user namespace that does not have that ID the user may end the agent, and gets nothing else by it.
        Err(Errno::INVAL) => Ok(set_thread_res_uid(uid, uid, uid)?),
        set => Ok(set?),
    }
}

/// Starts a program with all rights of this thread's user, and no others: it could take the saved ID back.
pub(super) fn start<T: Send>(
    command: &mut Command,
    start: impl FnOnce(&mut Command) -> T + Send,
) -> io::Result<T> {
    if getuid().as_raw() != NO_USER {
        return Ok(start(command));
    }
    command.uid(geteuid().as_raw()).gid(getegid().as_raw());
    thread::scope(|scope| {
        let as_root = || {
            set_thread_res_uid(Uid::from_raw(NO_USER), Uid::ROOT, Uid::ROOT)?;
            // The standard library takes the program's groups away where it may.
            let to_change_users = CapabilitySets {
                effective: CapabilitySet::SETUID,
                permitted: CapabilitySet::SETUID,
                inheritable: CapabilitySet::empty(),
            };
            set_capabilities(None, to_change_users)?;
            Ok(start(command))
        };
        let thread = thread::Builder::new().spawn_scoped(scope, as_root)?;
        let ended = thread.join();
        ended.unwrap_or_else(|_| Err(io::Error::other("a thread has panicked")))
    })
}

/// Returns whether this thread's user may access a file. Without the flag the real user ID would count (access(2)). Before
/// Linux 5.8 the kernel cannot tell, which is the error `ENOSYS`.
pub(super) fn may(path: &Path, access: Access) -> Result<(), Errno> {
    accessat(CWD, path, access, AtFlags::EACCESS)
}
