//! Doing something as the server's user, and never as root: whatever that user has put into the server's
//! directories can then do no more than the user itself. Knows no server.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::users::{User, Users};

/// The user of a server. Its numbers are known from the start; its names are asked for when they are needed, and
/// nothing fails for want of them.
#[derive(Debug)]
pub(super) struct Account {
    uid: Uid,
    gid: Gid,
    /// Its name, as the parameter `system_user` has it.
    stated: String,
    users: Users,
    /// What the system says of its number, once it was asked.
    user: OnceLock<Option<User>>,
    /// What the system says of the stated name.
    namesake: OnceLock<Option<User>>,
    /// Its groups, once they were asked for: on Debian the key of a server's certificate belongs to one.
    groups: OnceLock<Vec<Gid>>,
    /// What its running server had, in case that nobody tells.
    seen: OnceLock<UserEnvironment>,
}

/// What a running server has of its user's.
#[derive(Clone, Debug)]
pub(super) struct UserEnvironment {
    /// Its groups.
    pub(super) groups: Vec<Gid>,
    /// The user's directory.
    pub(super) home: Option<PathBuf>,
}

/// What is known of the name that was stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// It is that of a user of this number.
    Of(Uid),
    /// Nobody's here, where others are known.
    Nobodys,
    /// Neither this name nor the number of the account is known here: nobody tells.
    Unknown,
}

impl Account {
    /// The owner of a data directory: the server's user, whatever that is called. Root's is no server's; the user of
    /// the stated name is taken then, or where there is no directory.
    pub(super) fn of(datadir: &Path, stated: &str) -> Option<Self> {
        let users = Users::default();
        let owner = fs::metadata(datadir)
            .ok()
            .filter(|found| found.uid() != 0)
            .map(|found| (Uid::from_raw(found.uid()), Gid::from_raw(found.gid())));
        let (uid, gid) = match owner {
            Some(numbers) => numbers,
            None => users.named(stated).map(|user| (user.uid, user.gid))?,
        };
        Some(Self::numbered(uid, gid, stated, users))
    }

    /// The user of a process, whatever that is called.
    pub(super) fn of_process(uid: Uid, gid: Gid, stated: &str) -> Self {
        Self::numbered(uid, gid, stated, Users::default())
    }

    fn numbered(uid: Uid, gid: Gid, stated: &str, users: Users) -> Self {
        Self {
            uid,
            gid,
            stated: stated.to_owned(),
            users,
            user: OnceLock::new(),
            namesake: OnceLock::new(),
            groups: OnceLock::new(),
            seen: OnceLock::new(),
        }
    }

    /// Its name: the stated one, unless the system knows better.
    pub(super) fn name(&self) -> &str {
        match self.user() {
            Some(user) if self.stated() != Stated::Of(self.uid) => &user.name,
            Some(_) | None => &self.stated,
        }
    }

    /// Its number.
    pub(super) fn uid(&self) -> Uid {
        self.uid
    }

    /// What is known of the name that was stated.
    pub(super) fn stated(&self) -> Stated {
        let user = self.user();
        if user.is_some_and(|user| user.name == self.stated) {
            return Stated::Of(self.uid);
        }
        let namesake = || self.users.named(&self.stated);
        match (self.namesake.get_or_init(namesake), user) {
            (Some(other), _) => Stated::Of(other.uid),
            (None, Some(_)) => Stated::Nobodys,
            (None, None) => Stated::Unknown,
        }
    }

    /// Its directory, if that is known.
    pub(super) fn home(&self) -> Option<&Path> {
        let seen = || self.seen.get()?.home.as_deref();
        self.user().map(|user| user.home.as_path()).or_else(seen)
    }

    /// What the system calls a number, for a sentence.
    pub(super) fn called(&self, uid: Uid) -> String {
        let user = self.users.of(uid);
        user.map_or_else(|| format!("user {}", uid.as_raw()), |user| user.name)
    }

    /// Remembers what its running server has.
    pub(super) fn remember(&self, seen: UserEnvironment) {
        // What was seen first may serve as well.
        self.seen.set(seen).ok();
    }

    /// Finds out its groups, as which things are done from now on.
    pub(super) fn learn_groups(&self) {
        self.groups.get_or_init(|| {
            let known = self.users.groups(self.name(), self.first_group());
            let seen = || Some(self.seen.get()?.groups.clone());
            known.or_else(seen).unwrap_or_default()
        });
    }

    fn user(&self) -> Option<&User> {
        let asked = self.user.get_or_init(|| self.users.of(self.uid));
        asked.as_ref()
    }

    /// The user's own group, where that was asked for, or else that of its files.
    fn first_group(&self) -> Gid {
        let user = self.user.get().and_then(Option::as_ref);
        user.map_or(self.gid, |user| user.gid)
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
        let (gid, groups) = (self.first_group(), self.groups.get());
        set_thread_groups(groups.map_or(&[], Vec::as_slice))?;
        set_thread_res_gid(gid, gid, gid)?;
        set_thread_res_uid(self.uid, self.uid, self.uid)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// The server's user of this machine, by what it owns.
    fn postgres() -> Option<Account> {
        let user = Users::default().named("postgres")?;
        Some(Account::of_process(user.uid, user.gid, "postgres"))
    }

    #[test]
    fn a_directory_of_roots_is_nobodys() {
        assert!(Account::of("/".as_ref(), "no-such-user-here").is_none());
        assert!(Account::of("/nowhere".as_ref(), "no-such-user-here").is_none());
    }

    #[test]
    fn a_name_is_nobodys_only_where_others_are_known() {
        let account = |uid, stated| Account::of_process(Uid::from_raw(uid), Gid::ROOT, stated);
        let root = account(0, "root");
        assert_eq!(
            (root.stated(), root.name()),
            (Stated::Of(Uid::ROOT), "root")
        );
        let mistaken = account(0, "no-such-user-here");
        assert_eq!(
            (mistaken.stated(), mistaken.name()),
            (Stated::Nobodys, "root")
        );
        // A number that nobody has.
        let unknown = account(4_000_000_000, "no-such-user-here");
        assert_eq!(unknown.stated(), Stated::Unknown);
        assert_eq!(
            (unknown.name(), unknown.home()),
            ("no-such-user-here", None)
        );
        let other = account(4_000_000_000, "root");
        assert_eq!(other.stated(), Stated::Of(Uid::ROOT));
    }

    #[test]
    fn what_a_running_server_had_is_taken_where_nobody_tells() {
        let unknown = Account::of_process(Uid::from_raw(4_000_000_000), Gid::ROOT, "nobody-here");
        unknown.remember(UserEnvironment {
            groups: vec![Gid::from_raw(7)],
            home: Some("/home".into()),
        });
        assert_eq!(unknown.home(), Some("/home".as_ref()));
    }

    #[test]
    fn what_is_done_as_ourselves_is_simply_done() {
        let account = Account::of_process(geteuid(), rustix::process::getegid(), "");
        assert_eq!(account.run(|| 7).unwrap(), 7);
    }

    #[test]
    fn what_is_done_as_another_is_done_without_our_rights() {
        let (true, Some(account)) = (geteuid().is_root(), postgres()) else {
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
