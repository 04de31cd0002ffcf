//! The files in `systemd/`: systemd understands them, they keep the daemon in its sandbox, and the
//! settings that everything else relies on are there.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use pgsql_state::config::ServiceSettings;
use pgsql_state::config::model::LONGEST_TIMEOUT;
use pgsql_state::daemon::serve::sockets::BACKLOG;
use support::Trouble;
use support::scratch::Scratch;

const INSTALLED: &str = "/usr/bin/pgsql-state";
const UNITS: [&str; 7] = [
    "pgsql-state.service",
    "pgsql-state.socket",
    "pgsql-state-agent.socket",
    "pgsql-state-http.socket",
    "pgsql-state-answer@.service",
    "pgsql-state-answer.socket",
    "pgsql-state-quorum.service",
];

/// Those that run something.
const SERVICES: [&str; 3] = [
    "pgsql-state.service",
    "pgsql-state-answer@.service",
    "pgsql-state-quorum.service",
];
/// The drop-ins that open the daemon's sandbox, and how exposed each may leave it.
const EXPOSING: [(&str, f32); 3] = [
    ("tcp.conf", 1.5),
    ("peers.conf", 1.3),
    ("requirepeer.conf", 0.8),
];

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("systemd")
        .join(name);
    fs::read_to_string(&path).unwrap()
}

/// A copy of the units that starts the program built for this test.
struct Copy(Scratch);

impl Copy {
    fn new() -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        for name in UNITS {
            let text = shipped(name).replace(INSTALLED, env!("CARGO_BIN_EXE_pgsql-state"));
            write(&scratch.path().join(name), &text);
        }
        Ok(Self(scratch))
    }

    fn drop_in(self, name: &str) -> Self {
        self.drop_in_of("pgsql-state.service", name)
    }

    fn drop_in_of(self, unit: &str, name: &str) -> Self {
        let folder = self.0.path().join(format!("{unit}.d"));
        fs::create_dir_all(&folder).unwrap();
        let text = shipped(&format!("drop-ins/{name}"));
        write(&folder.join(name), &text);
        self
    }

    /// `systemd-analyze` of these units; of anything else on this machine, only what it needs to know.
    fn analyze(&self, args: &[&str], units: &[&str]) -> Output {
        let mut command = self.0.command("systemd-analyze");
        let paths = units.iter().map(|name| self.0.path().join(name));
        command.arg("--no-pager").args(args).args(paths);
        command.output().unwrap()
    }

    fn verify(&self) -> Result<(), String> {
        // The page is not installed beside a copy.
        let output = self.analyze(&["verify", "--man=no", "--recursive-errors=no"], &UNITS);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success() && said.is_empty())
            .then_some(())
            .ok_or(said)
    }

    /// How exposed systemd finds a service, from 0 to 10; an error is its table without a figure.
    fn exposure(&self, unit: &str) -> Result<f32, String> {
        let output = self.analyze(&["security", "--offline=true"], &[unit]);
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        let figure = table.split_once("Overall exposure level for ");
        let figure = figure.and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok());
        figure.ok_or(table)
    }
}

/// systemd takes no file that others may write for granted, whatever mode new files get here.
fn write(path: &PathBuf, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
}

/// The values of a setting, the last one last.
fn values(unit: &str, section: &str, key: &str) -> Vec<String> {
    let text = shipped(unit);
    let mut within = "";
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            within = name.trim_end_matches(']');
        } else if let Some((name, value)) = line.split_once('=')
            && (within, name) == (section, key)
        {
            found.push(value.to_owned());
        }
    }
    found
}

fn seconds(unit: &str, key: &str) -> Duration {
    let values = values(unit, "Service", key);
    assert_eq!(values.len(), 1, "{unit} {key}");
    Duration::from_secs(values[0].parse().unwrap())
}

#[test]
fn systemd_finds_nothing_wrong() -> Result<(), Trouble> {
    assert_eq!(Copy::new()?.verify(), Ok(()));
    let with_drop_ins = Copy::new()?.drop_in("tcp.conf").drop_in("as-postgres.conf");
    assert_eq!(with_drop_ins.verify(), Ok(()));
    let with_peers = Copy::new()?.drop_in("peers.conf");
    assert_eq!(with_peers.verify(), Ok(()));
    let peers = with_peers.0.path().join("pgsql-state.service.d/peers.conf");
    write(
        &peers,
        &shipped("drop-ins/peers.conf").replace("10.20.30.52", "10.20.30.520"),
    );
    assert!(with_peers.verify().unwrap_err().contains("10.20.30.520"));
    let only_balancers =
        || Copy::new().map(|copy| copy.drop_in_of("pgsql-state.socket", "only-balancers.conf"));
    assert_eq!(only_balancers()?.verify(), Ok(()));
    let copy = only_balancers()?;
    let drop_in = copy
        .0
        .path()
        .join("pgsql-state.socket.d/only-balancers.conf");
    write(
        &drop_in,
        &shipped("drop-ins/only-balancers.conf").replace("10.20.30.52", "10.20.30.520"),
    );
    assert!(copy.verify().unwrap_err().contains("10.20.30.520"));
    // That it would find something.
    let copy = Copy::new()?;
    let unit = copy.0.path().join("pgsql-state.service");
    write(
        &unit,
        &shipped("pgsql-state.service").replace("Restart=always", "Restart=often"),
    );
    assert!(copy.verify().unwrap_err().contains("often"));
    Ok(())
}

#[test]
fn the_sandbox_is_tight() -> Result<(), Trouble> {
    let shipped = Copy::new()?;
    for unit in SERVICES {
        let found = shipped.exposure(unit);
        assert!(
            found.as_ref().is_ok_and(|found| *found <= 1.0),
            "{unit}: {found:?}"
        );
    }
    for (drop_in, most) in EXPOSING {
        let found = Copy::new()?.drop_in(drop_in).exposure(SERVICES[0]);
        assert!(
            found.as_ref().is_ok_and(|found| *found <= most),
            "{found:?}"
        );
        assert!(found.is_ok_and(|found| found > 0.5), "{drop_in}");
    }
    Ok(())
}

/// The manual has the figures of one version of systemd; others weigh things in other ways.
#[test]
fn the_manual_tells_how_exposed_each_service_is() -> Result<(), Trouble> {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/install.md");
    let manual = fs::read_to_string(manual).unwrap();
    let version = Copy::new()?.analyze(&["--version"], &[]).stdout;
    let version = String::from_utf8_lossy(&version).into_owned();
    let version = version.split_whitespace().nth(1).unwrap();
    if !manual.contains(&format!("of systemd {version} ")) {
        return Ok(());
    }
    let plain = SERVICES
        .iter()
        .map(|unit| (format!("`{unit}`"), *unit, None));
    let exposing = EXPOSING.iter().map(|(name, _)| {
        let what = format!("`{}` with `drop-ins/{name}`", SERVICES[0]);
        (what, SERVICES[0], Some(*name))
    });
    for (what, unit, drop_in) in plain.chain(exposing) {
        let copy = Copy::new()?;
        let copy = drop_in.into_iter().fold(copy, Copy::drop_in);
        let row = format!("\n| {what} | {:.1} |", copy.exposure(unit).unwrap());
        assert!(manual.contains(&row), "docs/guide/install.md lacks {row}");
    }
    Ok(())
}

/// What the daemon asks of other nodes it asks over TCP, and nobody else is in its reach.
#[test]
fn only_the_nodes_are_in_reach_of_a_daemon_that_asks_them() {
    let peers = |key| values("drop-ins/peers.conf", "Service", key);
    assert_eq!(peers("PrivateNetwork"), ["no"]);
    assert_eq!(
        peers("RestrictAddressFamilies"),
        ["AF_UNIX AF_INET AF_INET6"]
    );
    assert_eq!(peers("IPAddressAllow").len(), 1);
    assert_eq!(peers("IPAddressDeny"), [""; 0]);
    assert_eq!(
        values("pgsql-state.service", "Service", "IPAddressDeny"),
        ["any"]
    );
}

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

#[test]
fn the_daemon_comes_back_whatever_ends_it() {
    let unit = "pgsql-state.service";
    for (section, key, value) in [
        ("Unit", "Requires", "pgsql-state.socket"),
        ("Unit", "After", "pgsql-state.socket"),
        ("Unit", "StartLimitIntervalSec", "0"),
        ("Service", "Type", "notify"),
        ("Service", "Restart", "always"),
        ("Service", "ExecStart", "/usr/bin/pgsql-state serve"),
    ] {
        assert_eq!(values(unit, section, key), [value], "{key}");
    }
    // A question that takes as long as it may must not look like a daemon that hangs.
    assert!(seconds(unit, "WatchdogSec") >= 3 * LONGEST_TIMEOUT);
    assert!(seconds(unit, "TimeoutStopSec") > ServiceSettings::default().grace);
    let newer = "drop-ins/notify-reload.conf";
    assert_eq!(values(newer, "Service", "Type"), ["notify-reload"]);
    assert_eq!(values(newer, "Service", "ExecReload"), [""]);
}

#[test]
fn the_socket_is_the_state_port_and_never_fails_for_good() {
    is_a_socket_of_the_daemon("pgsql-state.socket", "5431", "state");
}

#[test]
fn every_other_socket_goes_to_the_same_daemon() {
    for (unit, port, name) in [
        ("pgsql-state-agent.socket", "5430", "agent-check"),
        ("pgsql-state-http.socket", "8008", "http"),
    ] {
        is_a_socket_of_the_daemon(unit, port, name);
        assert_eq!(values(unit, "Socket", "Service"), ["pgsql-state.service"]);
    }
}

fn is_a_socket_of_the_daemon(unit: &str, port: &str, name: &str) {
    for (key, value) in [
        ("ListenStream", port),
        ("FileDescriptorName", name),
        ("Accept", "no"),
        ("Backlog", &BACKLOG.to_string()),
        ("TriggerLimitIntervalSec", "0"),
    ] {
        assert_eq!(values(unit, "Socket", key), [value], "{unit} {key}");
    }
    assert_eq!(values(unit, "Install", "WantedBy"), ["sockets.target"]);
}

#[test]
fn a_process_for_each_check_is_an_alternative_that_ends() {
    let (socket, service) = ("pgsql-state-answer.socket", "pgsql-state-answer@.service");
    assert_eq!(values(socket, "Unit", "Conflicts"), ["pgsql-state.socket"]);
    assert_eq!(values("pgsql-state.socket", "Unit", "Conflicts"), [socket]);
    // Without an order the one would bind the port while the other still has it.
    assert_eq!(values(socket, "Unit", "After"), ["pgsql-state.socket"]);
    assert_eq!(values(socket, "Socket", "ListenStream"), ["5431"]);
    assert_eq!(values(socket, "Socket", "Accept"), ["yes"]);
    assert_eq!(values(socket, "Socket", "TriggerLimitIntervalSec"), ["0"]);
    assert_eq!(
        values(service, "Service", "ExecStart"),
        ["/usr/bin/pgsql-state answer"]
    );
    assert!(seconds(service, "RuntimeMaxSec") > LONGEST_TIMEOUT);
}

/// Whoever Pacemaker listens to is root on every node, so nobody that untrusted clients speak to is among its group.
#[test]
fn of_pacemakers_group_is_the_one_that_listens_to_nobody() {
    let quorum = "pgsql-state-quorum.service";
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
    assert_eq!(members, [quorum]);
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
fn no_error_text_is_written_to_a_load_balancer() {
    for unit in UNITS {
        let output = values(unit, "Service", "StandardOutput");
        // Without a setting of its own, errors go where the output goes.
        if output.contains(&"socket".into()) {
            assert_eq!(
                values(unit, "Service", "StandardError"),
                ["journal"],
                "{unit}"
            );
        }
    }
    let answer = "pgsql-state-answer@.service";
    assert_eq!(values(answer, "Service", "StandardOutput"), ["socket"]);
    assert_eq!(values(answer, "Service", "StandardInput"), ["socket"]);
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
