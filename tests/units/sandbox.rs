//! What systemd says of the units, how exposed it finds each service, and which nodes are in reach.

use std::fs;
use std::path::Path;
use std::process::Output;

use support::Trouble;
use support::scratch::Scratch;

use crate::{UNITS, shipped, values, write};

const INSTALLED: &str = "/usr/bin/pgsql-state";

/// Those that run something.
const SERVICES: [&str; 4] = [
    "pgsql-state.service",
    "pgsql-state-answer@.service",
    "pgsql-state-quorum.service",
    "pgsql-state-keeper.service",
];

/// How exposed systemd may find the keeper: it sees the processes and the socket of the server.
const KEEPER: (&str, f32) = ("pgsql-state-keeper.service", 1.4);

/// The drop-ins that open the sandbox of a service, and how exposed each may leave it.
const EXPOSING: [(&str, &str, f32); 4] = [
    (SERVICES[0], "tcp.conf", 1.5),
    (SERVICES[0], "peers.conf", 1.3),
    (SERVICES[0], "requirepeer.conf", 0.8),
    (KEEPER.0, "slots.conf", 1.7),
];

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

#[test]
fn systemd_finds_nothing_wrong() -> Result<(), Trouble> {
    assert_eq!(Copy::new()?.verify(), Ok(()));
    let with_drop_ins = Copy::new()?.drop_in("tcp.conf").drop_in("as-postgres.conf");
    assert_eq!(with_drop_ins.verify(), Ok(()));
    let with_slots = Copy::new()?.drop_in_of(KEEPER.0, "slots.conf");
    assert_eq!(with_slots.verify(), Ok(()));
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
        let most = if unit == KEEPER.0 { KEEPER.1 } else { 1.0 };
        assert!(
            found.as_ref().is_ok_and(|found| *found <= most),
            "{unit}: {found:?}"
        );
    }
    for (unit, drop_in, most) in EXPOSING {
        let found = Copy::new()?.drop_in_of(unit, drop_in).exposure(unit);
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
    let exposing = EXPOSING.iter().map(|(unit, name, _)| {
        let what = format!("`{unit}` with `drop-ins/{name}`");
        (what, *unit, Some(*name))
    });
    for (what, unit, drop_in) in plain.chain(exposing) {
        let copy = Copy::new()?;
        let copy = drop_in
            .into_iter()
            .fold(copy, |copy, name| copy.drop_in_of(unit, name));
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
