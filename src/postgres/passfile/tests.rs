use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use super::*;
use crate::postgres::conninfo::Environment;

/// A home directory, and the targets of a user with this home.
struct HomeDirectory(TempDir);

impl HomeDirectory {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.path(name), text).expect("a file");
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).expect("permissions");
    }

    fn password(&self, conninfo: &str) -> Result<Password, PassfileProblem> {
        let environment = Environment {
            service_file: &|_| crate::postgres::conninfo::ServiceFile::Missing,
            variable: &|_| None,
            user: Some("me".into()),
            home: Some(self.0.path().into()),
        };
        password(&Target::resolve(conninfo, &environment).expect(conninfo))
    }

    fn known(&self, conninfo: &str) -> Option<Secret> {
        match self.password(conninfo).expect(conninfo) {
            Password::Known(secret) => Some(secret),
            Password::Unknown => None,
            Password::FileIgnored(problem) => panic!("{problem}"),
        }
    }

    fn ignored(&self, conninfo: &str) -> PassfileProblem {
        match self.password(conninfo).expect(conninfo) {
            Password::FileIgnored(problem) => problem,
            other @ (Password::Known(_) | Password::Unknown) => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_file_counts_as_it_is_now_and_only_without_a_given_password() {
    let home = HomeDirectory::new();
    assert_eq!(home.known("host=db1"), None);
    home.write(".pgpass", "db1:*:*:*:first\n", 0o600);
    assert_eq!(home.known("host=db1"), Some(Secret::new("first")));
    home.write(".pgpass", "db1:*:*:*:second\n", 0o600);
    assert_eq!(home.known("host=db1"), Some(Secret::new("second")));
    assert_eq!(home.known("host=db2"), None);
    assert_eq!(
        home.known("host=db1 password=given"),
        Some(Secret::new("given"))
    );
}

#[test]
fn a_named_file_replaces_the_default_one_and_may_be_missing() {
    let home = HomeDirectory::new();
    home.write(".pgpass", "*:*:*:*:default", 0o600);
    home.write("named", "*:*:*:*:named", 0o400);
    let named = |name: &str| home.known(&format!("passfile={}", home.path(name).display()));
    assert_eq!(named("named"), Some(Secret::new("named")));
    assert_eq!(named("missing"), None);
    assert_eq!(named("named/missing"), None);
}

#[test]
fn a_file_that_others_can_read_is_ignored_and_the_message_has_the_command_that_repairs_it() {
    let home = HomeDirectory::new();
    for mode in [0o640, 0o604, 0o610, 0o602] {
        home.write(".pgpass", "*:*:*:*:p", mode);
        let problem = home.ignored("").to_string();
        let path = home.path(".pgpass");
        let shown = format!("({mode:04o}); run chmod 0600 {}", path.display());
        assert!(problem.ends_with(&shown), "{problem}");
    }
}

#[test]
fn a_folder_and_a_pipe_are_ignored_without_waiting() {
    let home = HomeDirectory::new();
    fs::create_dir(home.path("folder")).expect("a folder");
    mknodat(CWD, home.path("pipe"), FileType::Fifo, Mode::RUSR, 0).expect("a pipe");
    for name in ["folder", "pipe"] {
        let problem = home.ignored(&format!("passfile={}", home.path(name).display()));
        assert!(
            matches!(problem, PassfileProblem::NotPlain { .. }),
            "{problem}"
        );
    }
}

#[test]
fn an_unreadable_file_is_an_error_only_if_it_was_named() {
    let home = HomeDirectory::new();
    symlink(home.path(".pgpass"), home.path(".pgpass")).expect("a link to itself");
    let problem = home.ignored("");
    assert!(
        matches!(problem, PassfileProblem::Unreadable { .. }),
        "{problem}"
    );
    let path = home.path(".pgpass");
    let error = home
        .password(&format!("passfile={}", path.display()))
        .expect_err("named");
    let start = format!("cannot read the password file {}: ", path.display());
    assert!(error.to_string().starts_with(&start), "{error}");
}
