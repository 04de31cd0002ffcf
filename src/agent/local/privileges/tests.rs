use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
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
    for path in ["/", "/nowhere"] {
        let user = Account::of(path.as_ref(), "no-such-user-here");
        assert!(user.account.is_none() && user.foreign.is_none());
    }
}

/// The server's user owns the directory in which the data directory is, as on Debian.
#[test]
fn the_servers_user_does_not_make_the_agent_act_as_another_one() {
    let (true, Some(postgres)) = (geteuid().is_root(), postgres()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, user) in [("pg", postgres.uid.as_raw()), ("victim", 34)] {
        fs::create_dir(path(name)).unwrap();
        chown(path(name), Some(user), None).unwrap();
    }
    let data = path("pg/main");
    symlink(path("victim"), &data).unwrap();
    lchown(&data, Some(postgres.uid.as_raw()), None).unwrap();
    for (stated, uid) in [
        ("postgres", Some(postgres.uid)),
        ("no-such-user-here", None),
    ] {
        let user = Account::of(&data, stated);
        assert_eq!(user.account.map(|account| account.uid), uid, "{stated}");
        assert!(user.foreign.is_some(), "{stated}");
    }
    // A directory of its own may be anywhere, and a link to it anybody's.
    fs::remove_file(&data).unwrap();
    fs::create_dir(path("disk")).unwrap();
    chown(path("disk"), Some(postgres.uid.as_raw()), None).unwrap();
    symlink(path("disk"), &data).unwrap();
    for (link, stated) in [
        (0, "postgres"),
        (34, "postgres"),
        (0, "no-such-user-here"),
        (postgres.uid.as_raw(), "no-such-user-here"),
    ] {
        lchown(&data, Some(link), None).unwrap();
        let user = Account::of(&data, stated);
        let account = user.account.unwrap();
        assert_eq!((account.uid, user.foreign), (postgres.uid, None));
        assert_eq!(account.run(geteuid).unwrap(), postgres.uid);
    }
    // The owner is known by the directory alone, so it has to remain the same one.
    let account = Account::of(&data, "no-such-user-here").account.unwrap();
    fs::remove_file(&data).unwrap();
    symlink(path("victim"), &data).unwrap();
    let error = account.run(geteuid).unwrap_err().to_string();
    assert!(error.contains("another one"), "{error}");
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
    chown(file.path(), Some(account.uid.as_raw()), None).unwrap();
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
