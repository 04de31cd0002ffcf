//! Names, homes and groups of users, as the system knows them. It asks others (LDAP, say), which may not answer: what
//! has not come after a while is done without. Knows no server.

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

/// Where the groups are that are nobody else's to tell (group(5)).
const GROUPS: &str = "/etc/group";

/// The users. A system that did not answer once is not asked again.
#[derive(Debug, Default)]
pub(super) struct Users {
    is_silent: AtomicBool,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: Uid,
    /// Its first group.
    pub(super) gid: Gid,
    pub(super) home: PathBuf,
}

impl Users {
    /// The user of a name; none where nobody has it, or nobody could be asked.
    pub(super) fn named(&self, name: &str) -> Option<User> {
        let name = name.to_owned();
        self.asked(move || uzers::get_user_by_name(&name).and_then(|user| read(&user)))?
    }

    /// The user of a number; none likewise.
    pub(super) fn of(&self, uid: Uid) -> Option<User> {
        self.asked(move || uzers::get_user_by_uid(uid.as_raw()).and_then(|user| read(&user)))?
    }

    /// All groups of a user. Where nobody answers, those that this host itself tells.
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
            tracing::warn!("the system does not answer who a user is: it is done without");
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

/// The groups in which a user is listed.
fn listed<'a>(text: &'a str, user: &'a str) -> impl Iterator<Item = Gid> + 'a {
    text.lines().filter_map(move |line| {
        let mut fields = line.split(':').skip(2);
        let gid = fields.next()?.parse().ok()?;
        let is_member = fields.next()?.split(',').any(|member| member == user);
        is_member.then_some(Gid::from_raw(gid))
    })
}

/// What a question comes to, unless that takes too long. It goes on by itself then, and ends with the program.
fn bounded<T: Send + 'static>(question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let ask = move || {
        // Nobody may be waiting any more.
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
    fn who_does_not_answer_is_asked_once() {
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
