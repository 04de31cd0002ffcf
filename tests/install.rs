//! `make install`: everything is there, systemd understands it, and `make uninstall` leaves nothing.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::Trouble;
use support::scratch::Scratch;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
/// Where Pacemaker looks for agents.
const AGENT: &str = "usr/lib/ocf/resource.d/pgsql-state/pgsqlms";
const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn make(target: &str, root: &Path, more: &[&str]) -> Output {
    let mut command = Command::new("make");
    command
        .args(["--no-print-directory", "--directory", HERE, target])
        .arg(format!("DESTDIR={}", root.display()))
        .arg(format!("PROGRAM={PROGRAM}"))
        .args(more)
        .output()
        .unwrap()
}

/// The files and folders below one, by their names from there.
fn below(root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.insert(path.strip_prefix(root).unwrap().to_owned());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

fn files(root: &Path) -> BTreeSet<PathBuf> {
    let is_file = |path: &PathBuf| root.join(path).is_file();
    below(root).into_iter().filter(is_file).collect()
}

#[test]
fn what_is_installed_is_whole_and_goes_again() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let root = scratch.path();
    let output = make("install", root, &["PREFIX=/usr"]);
    assert!(output.status.success(), "{output:?}");
    let installed = files(root);
    for name in [
        "usr/bin/pgsql-state",
        AGENT,
        "usr/lib/systemd/system/pgsql-state.socket",
        "usr/lib/sysusers.d/pgsql-state.conf",
        "usr/share/man/man8/pgsql-state.8",
        "usr/share/man/man5/pgsql-state.toml.5",
        "usr/share/doc/pgsql-state/drop-ins/tcp.conf",
        "usr/share/doc/pgsql-state/changelog",
    ] {
        assert!(installed.contains(Path::new(name)), "{name}");
    }
    let version = Command::new(root.join("usr/bin/pgsql-state"))
        .arg("--version")
        .output();
    assert!(version.unwrap().status.success());
    let described = Command::new(root.join(AGENT)).arg("meta-data").output();
    assert!(described.unwrap().stdout.starts_with(b"<?xml"));

    // Somebody else's files in folders that others use too.
    let others = [
        "usr/lib/ocf/resource.d/pacemaker",
        "usr/share/man/man8/psql.8",
    ];
    for other in others {
        fs::write(root.join(other), "").unwrap();
    }
    let output = make("uninstall", root, &["PREFIX=/usr"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(files(root), BTreeSet::from(others.map(PathBuf::from)));
    assert!(!root.join(AGENT).parent().unwrap().exists());
    assert!(!root.join("usr/share/doc/pgsql-state").exists());
    Ok(())
}

#[test]
fn every_file_for_systemd_and_haproxy_is_installed() {
    let listed = fs::read_to_string(Path::new(HERE).join("packaging/files")).unwrap();
    for folder in ["systemd", "systemd/drop-ins"] {
        for name in files(&Path::new(HERE).join(folder)) {
            let source = Path::new(folder).join(name).display().to_string();
            assert!(listed.contains(&format!(" {source} ")), "{source}");
        }
    }
}

#[test]
fn units_start_the_program_where_it_was_put() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let output = make("install", scratch.path(), &["PREFIX=/opt/pgsql-state"]);
    assert!(output.status.success(), "{output:?}");
    let units = scratch.path().join("opt/pgsql-state/lib/systemd/system");
    for name in ["pgsql-state.service", "pgsql-state-answer@.service"] {
        let text = fs::read_to_string(units.join(name)).unwrap();
        assert!(
            text.contains("=/opt/pgsql-state/bin/pgsql-state "),
            "{text}"
        );
        assert!(!text.contains("/usr/bin/"), "{text}");
    }
    Ok(())
}

#[test]
fn the_agent_is_where_pacemaker_looks_whatever_the_prefix() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let prefix = ["PREFIX=/opt/pgsql-state"];
    let output = make("install", scratch.path(), &prefix);
    assert!(output.status.success(), "{output:?}");
    assert!(scratch.path().join(AGENT).is_file());
    let output = make("uninstall", scratch.path(), &prefix);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(files(scratch.path()), BTreeSet::new());
    Ok(())
}

#[test]
fn a_prefix_that_is_no_whole_path_is_refused() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let output = make("install", scratch.path(), &["PREFIX=usr"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("not \"usr\""), "{said}");
    assert_eq!(below(scratch.path()), BTreeSet::new());
    Ok(())
}

/// Where there is the group that is to read it, and where there is no such folder yet.
#[test]
fn the_folder_of_the_configuration_is_for_root_and_the_daemon() -> Result<(), Trouble> {
    let scratch = Scratch::new()?;
    let folder = scratch.path().join("etc/pgsql-state");
    let install = || {
        let output = make("install", scratch.path(), &["PREFIX=/usr"]);
        assert!(output.status.success(), "{output:?}");
    };
    install();
    assert!(!folder.exists());
    // One's own group, which anyone may give a folder to.
    let own = fs::metadata(scratch.path()).unwrap().gid();
    fs::create_dir(scratch.path().join("etc")).unwrap();
    let groups = format!("root:x:0:\npgsql-state:x:{own}:\nother:x:1:\n");
    fs::write(scratch.path().join("etc/group"), groups).unwrap();
    let mode = || {
        let found = fs::metadata(&folder).unwrap();
        (found.mode() & 0o7777, found.gid())
    };
    install();
    assert_eq!(mode(), (0o750, own));
    // Whoever changed it meant it.
    fs::set_permissions(&folder, Permissions::from_mode(0o2770)).unwrap();
    install();
    assert_eq!(mode(), (0o2770, own));
    let file = folder.join("pgsql-state.toml");
    fs::write(&file, "").unwrap();
    for stays in [true, false] {
        let output = make("uninstall", scratch.path(), &["PREFIX=/usr"]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(folder.exists(), stays);
        fs::remove_file(&file).ok();
    }
    Ok(())
}
