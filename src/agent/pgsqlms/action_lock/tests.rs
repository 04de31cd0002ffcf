//! Which actions hold the lock, on which file, and what of others is found in its place.

use std::fs;

use super::*;
use crate::base::regular_file::traps;

fn variables(directory: &Path) -> BTreeMap<String, String> {
    let set = [
        ("OCF_RESOURCE_INSTANCE", "pgsqld:1"),
        (DIRECTORY_VARIABLE, directory.to_str().unwrap()),
    ];
    set.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[test]
fn only_actions_that_change_what_runs_hold_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    // A directory that is missing is created.
    let directory = folder.path().join("resource-agents");
    for action in Action::ALL {
        let held = hold(action, &variables(&directory));
        let name = action.name();
        let expected = ["start", "stop", "promote", "demote"].contains(&name);
        assert_eq!(held.is_some(), expected, "{name}");
    }
    let file = directory.join("pgsqlms-pgsqld.lock");
    let mode = fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_lock_is_named_after_the_resource_and_not_after_its_instance() {
    let resource: Attributes = "pgsqld:2".parse().unwrap();
    let default = Path::new("/run/resource-agents/pgsqlms-pgsqld.lock");
    assert_eq!(path(None, &resource), default);
    assert_eq!(path(Some(""), &resource), default);
    let elsewhere = path(Some("/tmp"), &resource);
    assert_eq!(elsewhere, Path::new("/tmp/pgsqlms-pgsqld.lock"));
}

#[test]
fn no_link_is_followed_and_nothing_that_is_not_a_file_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    fs::write(&other, "kept").unwrap();
    let lock = folder.path().join("pgsqlms-pgsqld.lock");
    std::os::unix::fs::symlink(&other, &lock).unwrap();
    assert!(activity(&lock).is_err());
    assert!(hold(Action::Stop, &variables(folder.path())).is_some());
    assert!(fs::symlink_metadata(&lock).unwrap().is_file());
    assert_eq!(fs::read_to_string(other).unwrap(), "kept");
    fs::remove_file(&lock).unwrap();
    traps::each(&lock, |trap| {
        let held = hold(Action::Stop, &variables(folder.path()));
        let may = trap != "folder";
        assert_eq!(held.is_some(), may, "{trap}");
    });
    let file = folder.path().join("other").join("impossible");
    assert!(hold(Action::Stop, &variables(&file)).is_none());
}

#[test]
fn before_the_first_action_there_is_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("pgsqlms-pgsqld.lock");
    assert_eq!(activity(&lock).unwrap(), AgentActivity::Idle);
    drop(hold(Action::Start, &variables(folder.path())).unwrap());
    assert_eq!(activity(&lock).unwrap(), AgentActivity::Idle);
}

#[test]
fn a_file_that_others_may_lock_is_replaced_and_their_locks_are_not_the_agents() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("pgsqlms-pgsqld.lock");
    fs::write(&lock, "").unwrap();
    fs::set_permissions(&lock, Permissions::from_mode(0o644)).unwrap();
    let theirs = File::open(&lock).unwrap();
    let held = hold(Action::Stop, &variables(folder.path()));
    assert!(held.is_some());
    let ours = fs::metadata(&lock).unwrap();
    assert_eq!(ours.mode() & 0o777, 0o600);
    assert_ne!(ours.ino(), theirs.metadata().unwrap().ino());
    // The one of the next action is the same.
    drop(held);
    assert!(hold(Action::Stop, &variables(folder.path())).is_some());
    assert_eq!(fs::metadata(&lock).unwrap().ino(), ours.ino());
}

#[test]
fn nothing_is_locked_where_others_may_replace_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = |mode| fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
    open(0o777);
    assert!(hold(Action::Stop, &variables(folder.path())).is_none());
    open(0o1777);
    assert!(hold(Action::Stop, &variables(folder.path())).is_some());
}

#[test]
fn a_file_of_another_user_is_replaced_and_is_no_evidence() {
    if !geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
    let lock = folder.path().join("pgsqlms-pgsqld.lock");
    fs::write(&lock, "").unwrap();
    std::os::unix::fs::chown(&lock, Some(34), Some(34)).unwrap();
    assert!(activity(&lock).is_err());
    assert!(hold(Action::Stop, &variables(folder.path())).is_some());
    assert_eq!(fs::metadata(&lock).unwrap().uid(), 0);
    assert_eq!(activity(&lock).unwrap(), AgentActivity::Idle);
}
