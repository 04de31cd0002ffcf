//! Runs operations as the server's user, and never as root: whatever that user has put into the server's
//! directories can then do no more than the user. Knows no server.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use rustix::process::{Gid, Uid, geteuid};

use super::credentials;
use super::owner::{self, Foreign, OwnedDirectory};
use super::users::{User, Users};

/// The user of a server. The numeric IDs are known from the start; the names are looked up when they are needed, and
/// no operation fails because a name is not known.
#[derive(Debug)]
pub(super) struct Account {
    uid: Uid,
    gid: Gid,
    /// The name, as in the parameter `system_user`.
    stated: String,
    users: Users,
    /// The directory whose owner it is, if that is how it was determined.
    directory: Option<OwnedDirectory>,
    /// The system's entry for its user ID, once it was looked up.
    user: OnceLock<Option<User>>,
    /// The system's entry for the stated name.
    namesake: OnceLock<Option<User>>,
    /// Its groups, once they were looked up: on Debian the key of a server's certificate belongs to a group.
    groups: OnceLock<Vec<Gid>>,
    /// The environment of its running server, in case the system has no entry.
    seen: OnceLock<UserEnvironment>,
}

/// As whom a server is handled.
#[derive(Debug)]
pub(super) struct ServerUser {
    /// The user, if one is known.
    pub(super) account: Option<Account>,
    /// Why nothing in the data directory may be touched: it belongs to another user, and a third one leads to it.
    pub(super) foreign: Option<Foreign>,
}

/// What a running server has of its user.
#[derive(Clone, Debug)]
pub(super) struct UserEnvironment {
    /// The groups.
    pub(super) groups: Vec<Gid>,
    /// The home directory.
    pub(super) home: Option<PathBuf>,
}

/// What is known of the stated name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// It belongs to a user with this ID.
    Of(Uid),
    /// No user has it here, although the account's own user is known.
    Nobodys,
    /// Neither this name nor the user ID of the account is known here.
    Unknown,
}

impl Account {
    /// Returns the server's user: the one with the stated name. If the data directory belongs to another one, or the name
    /// cannot be looked up, its owner, provided that nobody but root and the owner leads to it. No server runs as root: if
    /// root owns the directory, the stated name applies.
    pub(super) fn of(datadir: &Path, stated: &str) -> ServerUser {
        let users = Users::default();
        let named = users.named(stated).map(|user| (user.uid, user.gid));
        let is_named = |uid: Uid| named.is_some_and(|(named, _)| named == uid);
        let (owner, foreign) = match owner::of(datadir) {
            Ok(owner) => (owner, None),
            Err(foreign) => (None, Some(foreign)),
        };
        // Whatever the path leads to, this user gets no other rights by it.
        let foreign = foreign.filter(|foreign| !is_named(foreign.owner));
        let owner = owner.filter(|owner| !owner.uid.is_root() && !is_named(owner.uid));
        let numbers = owner.as_ref().map(|owner| (owner.uid, owner.gid));
        let account = numbers.or(named).map(|(uid, gid)| Self {
            directory: owner,
            ..Self::numbered(uid, gid, stated, users)
        });
        ServerUser { account, foreign }
    }

    /// Returns the user of a process, whatever its name is.
    pub(super) fn of_process(uid: Uid, gid: Gid, stated: &str) -> Self {
        Self::numbered(uid, gid, stated, Users::default())
    }

    fn numbered(uid: Uid, gid: Gid, stated: &str, users: Users) -> Self {
        Self {
            uid,
            gid,
            stated: stated.to_owned(),
            users,
            directory: None,
            user: OnceLock::new(),
            namesake: OnceLock::new(),
            groups: OnceLock::new(),
            seen: OnceLock::new(),
        }
    }

    /// Returns the user's name: the stated one, unless the system has another.
    pub(super) fn name(&self) -> &str {
        match self.user() {
            Some(user) if self.stated() != Stated::Of(self.uid) => &user.name,
            Some(_) | None => &self.stated,
        }
    }

    /// Returns the user ID.
    pub(super) fn uid(&self) -> Uid {
        self.uid
    }

    /// Returns what is known of the stated name.
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

    /// Returns the home directory, if that is known.
    pub(super) fn home(&self) -> Option<&Path> {
        let seen = || self.seen.get()?.home.as_deref();
        self.user().map(|user| user.home.as_path()).or_else(seen)
    }

    /// Returns the system's name of a user ID, for a sentence.
    pub(super) fn called(&self, uid: Uid) -> String {
        let user = self.users.of(uid);
        user.map_or_else(|| format!("user {}", uid.as_raw()), |user| user.name)
    }

    /// Remembers the environment of its running server.
    pub(super) fn remember(&self, seen: UserEnvironment) {
        // If one was remembered before, that one is as good.
        self.seen.set(seen).ok();
    }

    /// Looks up its groups; operations have them from now on.
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

    /// Returns the user's own group if the user was looked up, or else that of its files.
    fn first_group(&self) -> Gid {
        let user = self.user.get().and_then(Option::as_ref);
        user.map_or(self.gid, |user| user.gid)
    }

    /// Runs an operation as this user. On Linux credentials belong to a thread (credentials(7)), so a thread that ends
    /// afterwards suffices.
    pub(super) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        if geteuid() == self.uid {
            return Ok(work());
        }
        thread::scope(|scope| {
            let as_user = || {
                let groups = self.groups.get().map_or(&[][..], Vec::as_slice);
                credentials::enter(self.uid, self.first_group(), groups)?;
                if self.directory.as_ref().is_some_and(|one| !one.is_there()) {
                    let what = "the data directory is another one than before";
                    return Err(io::Error::other(what));
                }
                Ok(work())
            };
            let thread = thread::Builder::new().spawn_scoped(scope, as_user)?;
            let ended = thread.join();
            ended.unwrap_or_else(|_| Err(io::Error::other("a thread has panicked")))
        })
    }
}

#[cfg(test)]
mod tests;
