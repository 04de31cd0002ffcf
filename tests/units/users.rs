//! The users and groups that services run as: which are made, what each may read, and what must outlive a service.

use std::fs;
use std::path::Path;

use support::Trouble;
use support::scratch::Scratch;

use crate::{shipped, values, write};

/// With `RemoveIPC=yes` systemd deletes all shared memory of the user that a service ran as: with
/// drop-ins/as-postgres.conf that is the running server's.
#[test]
fn the_end_of_a_service_leaves_the_servers_memory_alone() {
    for unit in ["pgsql-state.service", "pgsql-state-answer@.service"] {
        let removes = values(unit, "Service", "RemoveIPC");
        assert!(removes.iter().all(|value| *value == "no"), "{unit}");
        assert!(values(unit, "Service", "DynamicUser").is_empty(), "{unit}");
    }
    assert_eq!(
        values("pgsql-state.service", "Service", "RemoveIPC"),
        ["no"]
    );
}

/// Whoever Pacemaker listens to is root on every node, so nobody that untrusted clients speak to is among its group.
#[test]
fn of_pacemakers_group_are_those_that_listen_to_nobody() {
    let quorum = "pgsql-state-quorum.service";
    let keeper = "pgsql-state-keeper.service";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd");
    let mut files = vec![folder.clone(), folder.join("drop-ins")];
    let mut members = Vec::new();
    while let Some(path) = files.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && fs::read_to_string(&path).unwrap().contains("=haclient") {
                members.push(path.file_name().unwrap().to_owned());
            }
        }
    }
    members.sort();
    assert_eq!(members, [keeper, quorum]);
    for (key, value) in [
        ("User", "pgsql-state-quorum"),
        ("Type", "notify"),
        ("Restart", "always"),
        ("IPAddressDeny", "any"),
        ("RestrictAddressFamilies", "AF_UNIX"),
        ("CapabilityBoundingSet", ""),
        ("ExecStart", "/usr/bin/pgsql-state quorum"),
        // Its own folder in one that is root's: neither can put a link in the other's way.
        ("RuntimeDirectory", "pgsql-state/pacemaker"),
        // A note must outlive an upgrade, or a primary would be down for its length.
        ("RuntimeDirectoryPreserve", "restart"),
    ] {
        assert_eq!(values(quorum, "Service", key), [value], "{key}");
    }
    for (key, value) in [
        // Pacemaker accepts the report of a failure from this user and from root alone.
        ("User", "hacluster"),
        ("Group", "haclient"),
        ("Type", "notify"),
        ("Restart", "always"),
        ("AmbientCapabilities", "CAP_DAC_READ_SEARCH"),
        ("CapabilityBoundingSet", "CAP_DAC_READ_SEARCH"),
        ("IPAddressDeny", "any"),
        // It asks the server over its socket, which may be in /tmp.
        ("RestrictAddressFamilies", "AF_UNIX"),
        ("PrivateTmp", "no"),
        ("ExecStart", "/usr/bin/pgsql-state keeper"),
        ("RuntimeDirectory", "pgsql-state/keeper"),
    ] {
        assert_eq!(values(keeper, "Service", key), [value], "{key}");
    }
    // Otherwise its end would delete the shared memory of Pacemaker's daemons, which run as the same user.
    assert_eq!(values(keeper, "Service", "RemoveIPC"), ["no"]);
    assert_eq!(values(keeper, "Service", "IPAddressAllow"), [""; 0]);
    // It sees the server's processes.
    assert_eq!(values(keeper, "Service", "ProtectProc"), [""; 0]);
    assert_eq!(
        values("pgsql-state.service", "Service", "RuntimeDirectory"),
        [""; 0]
    );
    assert!(shipped("pgsql-state.sysusers").contains("\nu pgsql-state-quorum "));
}

/// The folder of the configuration is for root and the group of the daemon.
#[test]
fn a_daemon_that_runs_as_the_servers_user_may_read_its_configuration() {
    let drop_in = |key| values("drop-ins/as-postgres.conf", "Service", key);
    assert_eq!(drop_in("User"), ["postgres"]);
    assert_eq!(drop_in("SupplementaryGroups"), ["pgsql-state"]);
}

#[test]
fn both_services_run_as_the_user_that_is_made_for_them() -> Result<(), Trouble> {
    let root = Scratch::new()?;
    for folder in ["etc", "usr/lib/sysusers.d"] {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    let installed = root.path().join("usr/lib/sysusers.d/pgsql-state.conf");
    write(&installed, &shipped("pgsql-state.sysusers"));
    let mut command = root.command("systemd-sysusers");
    command.arg("--root").arg(root.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let users = fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    assert!(users.starts_with("pgsql-state:"), "{users}");
    for unit in ["pgsql-state.service", "pgsql-state-answer@.service"] {
        assert_eq!(values(unit, "Service", "User"), ["pgsql-state"]);
        assert_eq!(values(unit, "Service", "Group"), ["pgsql-state"]);
    }
    Ok(())
}
