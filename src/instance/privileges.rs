//! Doing something as the server's user, and never as root: whatever that user has put into the server's
//! directories can then do no more than the user itself. Knows no server.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use uzers::os::unix::UserExt;

/// A user of this system.
#[derive(Clone, Debug)]
pub(super) struct Account {
    name: String,
    uid: Uid,
    gid: Gid,
    /// Also the supplementary ones: on Debian the key of a server's certificate belongs to one of them.
    groups: Vec<Gid>,
    home: PathBuf,
}

impl Account {
    /// The user of that name, if there is one.
    pub(super) fn named(name: &str) -> Option<Self> {
        let user = uzers::get_user_by_name(name)?;
        let gid = user.primary_group_id();
        let groups = uzers::get_user_groups(name, gid).unwrap_or_default();
        Some(Self {
            name: name.into(),
            uid: Uid::from_raw(user.uid()),
            gid: Gid::from_raw(gid),
            groups: groups
                .iter()
                .map(|group| Gid::from_raw(group.gid()))
                .collect(),
            home: user.home_dir().into(),
        })
    }

    /// The owner of a directory, if that is a user of this system and not root, as whom no server runs.
    pub(super) fn owner_of(directory: &Path) -> Option<Self> {
        let uid = fs::metadata(directory).ok()?.uid();
        let user = uzers::get_user_by_uid(uid).filter(|_| uid != 0)?;
        Self::named(user.name().to_str()?)
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its number.
    pub(super) fn uid(&self) -> Uid {
        self.uid
    }

    /// Its directory.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// Does something as this user. On Linux rights belong to a thread (credentials(7)), and programs are
    /// started with those of the thread that starts them, so one that ends afterwards is all it takes.
    pub(super) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        if geteuid() == self.uid {
            return Ok(work());
        }
        thread::scope(|scope| {
            let as_user = || {
                self.enter()?;
                Ok(work())
            };
            let thread = thread::Builder::new().spawn_scoped(scope, as_user)?;
            let ended = thread.join();
            ended.unwrap_or_else(|_| Err(io::Error::other("a thread has panicked")))
        })
    }

    /// Gives up all other rights, for good.
    fn enter(&self) -> io::Result<()> {
        set_thread_groups(&self.groups)?;
        set_thread_res_gid(self.gid, self.gid, self.gid)?;
        set_thread_res_uid(self.uid, self.uid, self.uid)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nobody_by_that_name_is_no_account() {
        assert!(Account::named("no-such-user-here").is_none());
    }

    #[test]
    fn what_is_done_as_ourselves_is_simply_done() {
        let name = uzers::get_current_username().unwrap();
        let account = Account::named(name.to_str().unwrap()).unwrap();
        assert_eq!(account.run(|| 7).unwrap(), 7);
    }

    #[test]
    fn what_is_done_as_another_is_done_without_our_rights() {
        let (true, Some(account)) = (geteuid().is_root(), Account::named("postgres")) else {
            return;
        };
        let ours = tempfile::tempdir().unwrap();
        fs::set_permissions(ours.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let look = || fs::read_dir(ours.path()).map(drop).map_err(|e| e.kind());
        let seen = account.run(|| (geteuid(), look())).unwrap();
        assert_eq!(seen, (account.uid, Err(io::ErrorKind::PermissionDenied)));
        // We have kept ours.
        assert_eq!(look(), Ok(()));
    }
}
