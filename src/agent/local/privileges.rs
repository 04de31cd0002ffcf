//! Runs operations as the server's user, and never as root: whatever that user has put into the server's
//! directories can then do no more than the user. Knows no server.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use rustix::process::{Gid, Uid, geteuid};

use super::credentials;
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
    /// The system's entry for its user ID, once it was looked up.
    user: OnceLock<Option<User>>,
    /// The system's entry for the stated name.
    namesake: OnceLock<Option<User>>,
    /// Its groups, once they were looked up: on Debian the key of a server's certificate belongs to a group.
    groups: OnceLock<Vec<Gid>>,
    /// The environment of its running server, in case the system has no entry.
    seen: OnceLock<UserEnvironment>,
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
    /// Returns the owner of a data directory: the server's user, whatever its name is. No server runs as root: if root
    /// owns the directory, or there is none, the user with the stated name is used.
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
                Ok(work())
            };
            let thread = thread::Builder::new().spawn_scoped(scope, as_user)?;
            let ended = thread.join();
            ended.unwrap_or_else(|_| Err(io::Error::other("a thread has panicked")))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use rustix::fs::Access;

    use super::*;
    use crate::agent::local::programs;
    use crate::base::Deadline;
    use crate::base::system_clock::OnSystemClock;

    /// Returns the server's user on this machine.
    fn postgres() -> Option<Account> {
        let user = Users::default().named("postgres")?;
        Some(Account::of_process(user.uid, user.gid, "postgres"))
    }

    #[test]
    fn a_directory_of_root_has_no_account() {
        assert!(Account::of("/".as_ref(), "no-such-user-here").is_none());
        assert!(Account::of("/nowhere".as_ref(), "no-such-user-here").is_none());
    }

    #[test]
    fn a_name_is_known_to_be_missing_only_if_users_can_be_looked_up() {
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
        // A user ID that does not exist.
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
    fn the_environment_of_a_running_server_replaces_a_missing_user_entry() {
        let unknown = Account::of_process(Uid::from_raw(4_000_000_000), Gid::ROOT, "nobody-here");
        unknown.remember(UserEnvironment {
            groups: vec![Gid::from_raw(7)],
            home: Some("/home".into()),
        });
        assert_eq!(unknown.home(), Some("/home".as_ref()));
    }

    #[test]
    fn an_operation_as_the_current_user_runs_directly() {
        let account = Account::of_process(geteuid(), rustix::process::getegid(), "");
        assert_eq!(account.run(|| 7).unwrap(), 7);
    }

    #[test]
    fn an_operation_as_another_user_runs_without_root_privileges() {
        let (true, Some(account)) = (geteuid().is_root(), postgres()) else {
            return;
        };
        let ours = tempfile::tempdir().unwrap();
        fs::set_permissions(ours.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let look = || fs::read_dir(ours.path()).map(drop).map_err(|e| e.kind());
        let seen = account.run(|| (geteuid(), look())).unwrap();
        assert_eq!(seen, (account.uid, Err(io::ErrorKind::PermissionDenied)));
        // This thread has kept its own.
        assert_eq!(look(), Ok(()));
    }

    /// Runs a program as the server's user, and returns its standard output.
    fn printed(account: &Account, program: &str, arguments: &[&str]) -> String {
        let mut command = programs::program("/bin".as_ref(), program, account);
        command.args(arguments);
        let deadline = Deadline::after(Duration::from_secs(10));
        programs::run(command, "a program", deadline)
            .unwrap()
            .printed
    }

    #[test]
    fn a_program_has_all_rights_of_the_user_and_no_others() {
        let (true, Some(account)) = (geteuid().is_root(), postgres()) else {
            return;
        };
        account.learn_groups();
        let status = account.run(|| printed(&account, "cat", &["/proc/self/status"]));
        let status = status.unwrap();
        let of = |name: &str| -> Vec<u32> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let words = line.unwrap().split_ascii_whitespace();
            words.map(|word| word.parse().unwrap()).collect()
        };
        assert_eq!(of("Uid:"), [account.uid.as_raw(); 4], "{status}");
        assert_eq!(of("Gid:"), [account.gid.as_raw(); 4], "{status}");
        let mut groups: Vec<u32> = account
            .groups
            .get()
            .unwrap()
            .iter()
            .map(|one| one.as_raw())
            .collect();
        groups.sort_unstable();
        groups.dedup();
        assert_eq!(of("Groups:"), groups, "{status}");
        for capabilities in ["CapPrm:", "CapEff:", "CapAmb:"] {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(capabilities));
            assert_eq!(line.unwrap().trim().trim_start_matches('0'), "", "{status}");
        }
    }

    #[test]
    fn the_user_cannot_end_a_thread_that_acts_as_the_user() {
        let (true, Some(account)) = (geteuid().is_root(), postgres()) else {
            return;
        };
        let ended = account.run(|| {
            let thread = rustix::thread::gettid().as_raw_nonzero().to_string();
            let mut command = programs::program("/bin".as_ref(), "kill", &account);
            command.args(["-0", &thread]);
            let deadline = Deadline::after(Duration::from_secs(10));
            programs::run(command, "kill", deadline).unwrap()
        });
        let ended = ended.unwrap();
        assert!(!ended.status.success(), "{ended:?}");
        assert!(ended.complaint.contains("not permitted"), "{ended:?}");
    }

    #[test]
    fn what_a_file_permits_is_what_it_permits_the_user() {
        let (true, Some(account)) = (geteuid().is_root(), postgres()) else {
            return;
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        let may = || credentials::may(file.path(), Access::READ_OK).is_ok();
        assert!(may());
        assert!(!account.run(may).unwrap());
        std::os::unix::fs::chown(file.path(), Some(account.uid.as_raw()), None).unwrap();
        assert!(account.run(may).unwrap());
    }

    #[test]
    fn no_signal_is_sent_to_a_process_of_root() {
        let (true, Some(account)) = (geteuid().is_root(), postgres()) else {
            return;
        };
        let mut child = std::process::Command::new("/bin/sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        let sent = || rustix::process::test_kill_process(pid);
        assert_eq!(sent(), Ok(()));
        let refused = account.run(sent).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(refused, Err(rustix::io::Errno::PERM));
    }
}
