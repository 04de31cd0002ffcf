//! Looks up names, homes and groups of users. The operating system may ask other hosts for them (LDAP, for example),
//! which may not answer: what has not come after a while is not used. Knows no server.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Gid, Uid};
use uzers::os::unix::UserExt;

/// Longest wait for an answer: a monitor has ten seconds, and a system that works answers in a thousandth of this.
const PATIENCE: Duration = Duration::from_secs(1);

/// The file of the local groups, which needs no other host (group(5)).
const GROUPS: &str = "/etc/group";

/// The users. After the system once did not answer, it is not asked again.
#[derive(Debug, Default)]
pub(super) struct Users {
    is_silent: AtomicBool,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: Uid,
    /// The primary group.
    pub(super) gid: Gid,
    pub(super) home: PathBuf,
}

impl Users {
    /// Returns the user with this name; `None` if there is none, or the system does not answer.
    pub(super) fn named(&self, name: &str) -> Option<User> {
        let name = name.to_owned();
        self.asked(move || uzers::get_user_by_name(&name).and_then(|user| read(&user)))?
    }

    /// Returns the user with this ID; `None` if there is none, or the system does not answer.
    pub(super) fn of(&self, uid: Uid) -> Option<User> {
        self.asked(move || uzers::get_user_by_uid(uid.as_raw()).and_then(|user| read(&user)))?
    }

    /// Returns all groups of a user; those in the local file if the system does not answer.
    pub(super) fn groups(&self, user: &str, gid: Gid) -> Option<Vec<Gid>> {
        let name = user.to_owned();
        let known = self.asked(move || {
            let groups = uzers::get_user_groups(&name, gid.as_raw())?;
            Some(groups.iter().map(|one| Gid::from_raw(one.gid())).collect())
        });
        known.flatten().or_else(|| {
            let text = bounded(|| fs::read_to_string(GROUPS).ok())??;
            Some(listed(&text, user).chain([gid]).collect())
        })
    }

    fn asked<T: Send + 'static>(&self, question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        if self.is_silent.load(Ordering::Relaxed) {
            return None;
        }
        let answer = bounded(question);
        if answer.is_none() {
            tracing::warn!(
                "the operating system does not answer a look-up of users: going on without it"
            );
            self.is_silent.store(true, Ordering::Relaxed);
        }
        answer
    }
}

fn read(user: &uzers::User) -> Option<User> {
    Some(User {
        name: user.name().to_str()?.to_owned(),
        uid: Uid::from_raw(user.uid()),
        gid: Gid::from_raw(user.primary_group_id()),
        home: user.home_dir().to_owned(),
    })
}

/// Returns the groups in which a user is listed.
fn listed<'a>(text: &'a str, user: &'a str) -> impl Iterator<Item = Gid> + 'a {
    text.lines().filter_map(move |line| {
        let mut fields = line.split(':').skip(2);
        let gid = fields.next()?.parse().ok()?;
        let is_member = fields.next()?.split(',').any(|member| member == user);
        is_member.then_some(Gid::from_raw(gid))
    })
}

/// Returns the answer to a question, unless that takes too long. The question then goes on in its thread, and ends with
/// the program.
fn bounded<T: Send + 'static>(question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let ask = move || {
        // The receiver may have stopped waiting.
        sender.send(question()).ok();
    };
    thread::Builder::new().spawn(ask).ok()?;
    receiver.recv_timeout(PATIENCE).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_known_by_name_and_number() {
        let users = Users::default();
        let root = users.named("root").unwrap();
        assert_eq!((root.uid, root.name.as_str()), (Uid::ROOT, "root"));
        assert_eq!(users.of(Uid::ROOT), Some(root));
        assert_eq!(users.named("no-such-user-here"), None);
        assert!(
            users
                .groups("root", Gid::ROOT)
                .unwrap()
                .contains(&Gid::ROOT)
        );
    }

    #[test]
    fn users_are_not_looked_up_again_after_a_timeout() {
        let users = Users::default();
        let (_sender, never) = mpsc::sync_channel::<()>(0);
        assert_eq!(users.asked(move || never.recv().is_ok()), None);
        assert_eq!(users.asked(|| true), None);
        assert_eq!(users.named("root"), None);
    }

    #[test]
    fn a_group_has_the_members_that_its_line_lists() {
        let text = "root:x:0:\nssl-cert:x:110:postgres,www\nbroken:x:\nmail:x:8:postgresql\nadm:x:4:postgres\n";
        let groups: Vec<u32> = listed(text, "postgres").map(Gid::as_raw).collect();
        assert_eq!(groups, [110, 4]);
    }
}
